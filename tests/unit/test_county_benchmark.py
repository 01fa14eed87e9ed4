"""Statistics Norway's real county figures: signal, noise and ranks as the dossier of the field reports them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.correlation import rank_correlations, resampled_rates
from introprog.noise import rates_from_counts
from introprog.pooling import comparable, pool_panel
from introprog.signal import reliability, signal_of, signal_table

FILE = Path(__file__).parents[2] / ".." / "shared" / "real" / "intro_status_arbutd-fylke-2011_2013.csv"
HORIZONS = {"ett": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the real extracts are not beside the project")


def _panel(level=FILE):
    wide = pd.read_csv(level, sep=";", dtype=str)
    region = wide.columns[0]
    long = wide[wide[region].astype(int) > 0].melt(region)
    pattern = r"avslutta\.(\w+)aar_kjonn\.alle_avslutning\.status\.4\.(alle|arbutd)_aar\.(\d+)_enhet\.personer"
    long[["horizon", "status", "year"]] = long["variable"].str.extract(pattern)
    long = long.dropna(subset="horizon").assign(value=lambda f: pd.to_numeric(f["value"], errors="coerce"))
    keys = [region, "horizon", "year"]
    cells = long.pivot_table(index=keys, columns="status", values="value", dropna=False).reset_index()
    panel = pd.DataFrame({"municipality": cells[region].str.zfill(2), "horizon": cells["horizon"].map(HORIZONS)})
    panel["exit_year"] = cells["year"].astype(int) - panel["horizon"]
    panel["n"], panel["successes"] = cells["alle"].astype("Int64"), cells["arbutd"].astype("Int64")
    return panel.assign(definition="ssb_november", geography="programme", sex="both", suppressed=False)


def _of_year(panel, year):
    return panel[panel["exit_year"] + panel["horizon"] == year]


@pytest.mark.parametrize("year", [2012, 2013])
def test_counties_differ_by_two_to_seven_points_beyond_noise(year):
    table = signal_table(pool_panel(_of_year(_panel(), year), [2000, 2013]))
    assert (table["municipalities"] == 19).all()
    assert table["sd_between"].between(0.02, 0.07).all()
    assert table["median_reliability"].between(0.2, 0.8).all()
    assert table["leavers_for_07"].between(100, 1100).all()


def test_the_spread_is_what_a_hand_calculation_gives():
    """One year after, status 2012: variance of the rates less the mean binomial variance, counties alike in weight."""
    counts = _of_year(_panel(), 2012).query("horizon == 1")
    x, n = counts["successes"].astype(float), counts["n"].astype(float)
    rate = x / n
    by_hand = rate.var() - (rate * (1 - rate) / (n - 1)).mean()
    signal = signal_of(x, n)
    assert np.sqrt(signal.variance) == pytest.approx(np.sqrt(by_hand), rel=0.15)
    assert signal.variance_low <= by_hand <= signal.variance_high
    assert np.median(reliability(n, signal)) == pytest.approx(0.67, abs=0.03)


def test_the_same_cohort_ranks_counties_alike_at_one_two_and_three_years():
    panel = _panel()
    measures, counts = comparable(
        pool_panel(panel[panel["exit_year"] == 2010], [2010, 2010]), [("ssb_november", h) for h in (1, 2, 3)], 20
    )
    rates = rates_from_counts(counts, measures)
    table = rank_correlations(rates, "ssb_november", resampled_rates(rates, 200, 1))
    raw = table[table["term"] == "raw"].set_index(["horizon", "horizon_other"])["estimate"]
    assert raw.round(2).to_dict() == {(1, 2): 0.65, (1, 3): 0.73, (2, 3): 0.86}


def test_small_municipal_cells_are_left_out_of_a_suppressed_table():
    municipal = FILE.with_name("intro_status_arbutd-kommune-2011_2013.csv")
    panel = _of_year(_panel(municipal), 2013)
    kept, naive = (signal_table(pool_panel(panel, [2000, 2013], floor)).set_index("horizon") for floor in (20, 0))
    assert (kept["cells_left_out"] > naive["cells_left_out"]).all()
    assert kept.loc[1, "sd_between"] < 0.65 * naive.loc[1, "sd_between"]
    assert kept["sd_between"].between(0.03, 0.09).all()
