"""Reconciliation: equal cells give no difference, noise is told from deviation, own quantities are counted right."""

from pathlib import Path

import pandas as pd
import pytest
from introprog.published import read_published
from introprog.reconcile import COLUMNS, participants, reconcile
from introprog.statbank import read_statbank

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = read_published(ROOT / "data/published/figures.csv", ROOT / "data/published/sources.csv")
COUNTY = ROOT / ".." / "shared" / "real" / "intro_status_arbutd-fylke-2011_2013.csv"
MEN = {"00": 2706, "1": 1932, "11": 1055, "15": 424, "05": 453, "2": 254, "21": 129, "22": 125, "3": 520}
WOMEN = {"00": 2084, "1": 1048, "11": 445, "15": 221, "05": 382, "2": 228, "21": 128, "22": 100, "3": 808}
NO_ONE = pd.DataFrame(
    {"person_id": [], "sex": [], "exit_year": [], "end_cause": [], "included": pd.array([], dtype=bool)}
)


def country(counts, definition="ssb_november", horizon=1, exit_year=2016):
    """National rows of region_status from counts by sex and status."""
    rows = [(sex, status, n) for sex, part in counts.items() for status, n in part.items()]
    table = pd.DataFrame(rows, columns=["sex", "status", "n"])
    return table.assign(region_level="country", region="0", exit_year=exit_year, horizon=horizon, definition=definition,
                        geography="programme", suppressed=False)  # fmt: skip


def both(men, women):
    return {"men": men, "women": women, "both": {k: men[k] + women[k] for k in men}}


def test_the_published_table_reconciles_with_itself():
    table = reconcile(country(both(MEN, WOMEN)), PUBLISHED, leavers=NO_ONE)
    assert list(table) == COLUMNS and table["id"].is_unique and (table["unit"] == "share").all()
    assert len(table) == 24, "eight groups for both sexes, men and women"
    assert table["difference"].abs().max() < 1e-12 and table["within_tolerance"].all() and table["within_noise"].all()
    row = table[(table["sex"] == "women") & (table["quantity_en"] == "In work or education, 1 year after")].iloc[0]
    assert (row["own_n"], row["published_n"]) == (2084, 2084) and round(100 * row["own_value"]) == 50
    assert row["quantity_nb"] == "I arbeid eller utdanning, 1 år etter" and "SSB (2018)" in row["source"]


def test_a_quarter_of_the_persons_is_noise_and_ten_points_are_not():
    small = {k: v // 4 for k, v in MEN.items()}
    low = small | {"1": small["1"] - 60, "3": small["3"] + 60}
    for counts, expected in ((small, True), (low, False)):
        table = reconcile(country({"men": counts}), PUBLISHED, leavers=NO_ONE)
        row = table[table["quantity_en"].str.startswith("In work or education")].iloc[0]
        assert bool(row["within_noise"]) is expected and row["own_ci_low"] < row["own_value"] < row["own_ci_high"]
        assert bool(row["within_tolerance"]) is expected


def test_small_counts_are_withheld():
    counts = {"men": MEN | {"22": 3, "1": 2703}}
    table = reconcile(country(counts), PUBLISHED, leavers=NO_ONE).set_index("quantity_en")
    for name in ("Job seekers on measures, 1 year after", "In work or education, 1 year after"):
        assert table.loc[name, ["own_value", "own_ci_low", "difference", "within_noise"]].isna().all()
    assert table.loc["Employed only, 1 year after", "own_value"] == 1055 / 2706


def test_five_are_enough_to_show_and_a_printed_percentage_keeps_its_rounding():
    table = reconcile(country({"men": MEN | {"22": 5}}), PUBLISHED, leavers=NO_ONE).set_index("quantity_en")
    assert table.loc["Job seekers on measures, 1 year after", "own_value"] == 5 / 2706
    near = reconcile(country({"both": {"00": 1_000_000, "1": 606_000}}, exit_year=2015), PUBLISHED, leavers=NO_ONE)
    far = reconcile(country({"both": {"00": 1_000_000, "1": 603_000}}, exit_year=2015), PUBLISHED, leavers=NO_ONE)
    assert (near["published_value"].tolist(), near["within_noise"].tolist()) == ([0.61], [True])
    assert far["within_noise"].tolist() == [False] and far["within_tolerance"].tolist() == [True]


def test_direct_exit_and_pooled_cohorts():
    exits = country({"both": {"00": 4469, "1": 2048, "11": 1087, "05": 961}}, "direct_exit", 0)
    pooled = [country({"both": {"00": 100 + y, "1": 60 + y}}, exit_year=2007 + y) for y in range(5)]
    table = reconcile(pd.concat([exits, *pooled]), PUBLISHED, leavers=NO_ONE)
    direct = table[table["id"].str.startswith("direct_exit")].set_index("quantity_en")
    assert direct.loc["Directly to work", "difference"] == direct.loc["Directly to education", "difference"] == 0
    assert direct.loc["Directly to work or education", "within_tolerance"]
    several = table[(table["exit_year"] == "2007-2011")].iloc[0]
    assert (several["own_n"], several["own_value"], several["published_value"]) == (510, 310 / 510, 0.629)
    fewer = reconcile(pd.concat(pooled[:4]), PUBLISHED, leavers=NO_ONE)
    assert "2007-2011" not in set(fewer["exit_year"]), "a pooled figure needs every cohort"


def test_participants_of_a_year_are_persons_in_the_programme_at_any_time():
    spells = [("A", "2014-05-01", "2016-01-01"), ("A", "2016-09-01", None), ("B", "2016-12-31", None),
              ("C", "2014-01-01", "2015-12-31"), ("D", "2017-01-01", None),
              ("E", "2015-02-01", "2016-06-01")]  # fmt: skip
    programmes = pd.DataFrame(spells, columns=["person_id", "start_date", "end_date"])
    programmes[["start_date", "end_date"]] = programmes[["start_date", "end_date"]].apply(pd.to_datetime)
    persons = pd.DataFrame({"person_id": list("ABCDE"), "sex": "women", "birth_year": 1990})
    persons["country_group"] = "syria"
    found = participants(programmes, persons, [2016])
    assert found["person_id"].tolist() == ["A", "B", "E"] and found["age"].tolist() == [26] * 3
    table = reconcile(country({"men": MEN}), PUBLISHED, NO_ONE, persons, programmes, threshold=1).set_index("id")
    assert table.loc["participants-2016-women", ["own_n", "own_value"]].tolist() == [3, 1.0]
    ended = reconcile(country({"men": MEN}), PUBLISHED, NO_ONE, persons, programmes, study={"last_observed_year": 2015})
    assert "participants-2018-women" in table.index and set(ended["id"].str[:17]) & {"participants-2016"} == set()
    assert table.loc["participants-2016-women", "published_value"] == 9259 / 23961
    assert table.loc["participants-2016-26-35", "published_value"] == 11001 / 23961
    assert table.loc["participants-2016-syria", "published_value"] == 7504 / 23961
    assert table.loc["participants-2016-africa_horn", "published_value"] == (1125 + 7057 + 3430 + 1404) / 23961


def test_who_stays_who_is_a_woman_and_what_the_register_closed():
    people = [f"{i:02d}" for i in range(40)]
    sex, years = ["women"] * 22 + ["men"] * 18, [2017] * 20 + [2021] * 20
    leavers = pd.DataFrame({"person_id": people, "sex": sex, "exit_year": years, "included": True})
    leavers["end_cause"] = ["auto_closed"] * 8 + ["work"] * 32
    home = pd.DataFrame({"person_id": people[:12], "first_date": pd.Timestamp(2010, 1, 1), "last_date": pd.NaT})
    home.loc[:5, "last_date"] = pd.Timestamp(2020, 11, 16)
    home.loc[6:6, "last_date"] = pd.Timestamp(2020, 11, 15)
    table = reconcile(country({"men": MEN}), PUBLISHED, leavers, residence=home).set_index("quantity_en")
    assert table.loc["Still resident in 2020", ["own_n", "own_value", "published_value"]].tolist() == [
        20,
        11 / 20,
        0.95,
    ]
    assert table.loc["Closed by the register", ["own_n", "own_value", "published_value"]].tolist() == [
        20,
        0.4,
        250 / 6300,
    ]
    women = table.loc["Women among leavers"]
    assert women["own_n"] == 20 and pd.isna(women["own_value"]), "two of twenty women are too few to show"


@pytest.mark.skipif(not COUNTY.is_file(), reason="the real public extracts are not beside the project")
def test_statbank_sums_equal_the_published_ones():
    table = reconcile(read_statbank(COUNTY)[0], PUBLISHED)
    own = table[table["source_key"] == "ssb_statbank_10824"]
    assert len(own) > 250 and set(own["unit"]) == {"share", "persons"}
    assert own["difference"].abs().max() < 1e-12 and own["within_tolerance"].all() and own["within_noise"].all()


def test_nothing_to_compare_gives_an_empty_table_with_all_columns():
    table = reconcile(country({"men": MEN}, exit_year=1999), PUBLISHED)
    assert table.empty and list(table) == COLUMNS
