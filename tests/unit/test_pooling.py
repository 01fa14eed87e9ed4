"""Pooling cohorts: what is known, what is left out, and the same municipalities at every measure."""

import numpy as np
import pandas as pd
import pytest
from introprog.funnel import z_scores
from introprog.pooling import comparable, person_outcomes, pool_panel, shared_cohorts
from municipal_simulation import OFFICIAL, panel_of, simulate


def _panel(cells):
    frame = pd.DataFrame(cells, columns=["municipality", "exit_year", "horizon", "n", "successes"])
    frame = frame.astype({"n": "Int64", "successes": "Int64"})
    return frame.assign(definition=OFFICIAL, geography="programme", sex="both", suppressed=frame["successes"].isna())


def test_only_known_cells_are_pooled_and_the_others_counted():
    panel = _panel([("0301", 2012, 1, 30, 20), ("0301", 2013, 1, 40, None), ("0302", 2012, 1, 25, 15),
                    ("0303", 2012, 1, None, None), ("0304", 2012, 1, 0, 0), ("0301", 2019, 1, 99, 9)])  # fmt: skip
    pooled = pool_panel(panel, [2012, 2018]).set_index("municipality")
    assert pooled.loc["0301", ["n", "successes", "cells_left_out"]].tolist() == [30, 20, 1]
    assert pooled.loc["0303", ["n", "successes", "cells_left_out"]].tolist() == [0, 0, 1]
    assert pooled.loc["0304", "cells_left_out"] == 0
    assert pooled.loc["0301", "last_exit_year"] == 2012


def test_small_cells_that_survive_suppression_do_not_bias_the_mean():
    """Cells with 1-3 successes or failures hidden: those that remain of the small ones are all 0 or 100 per cent."""
    rng = np.random.default_rng(1)
    n = rng.integers(3, 60, 600)
    x = rng.binomial(n, 0.62)
    hidden = ((x > 0) & (x < 4)) | ((n - x > 0) & (n - x < 4))
    shown = np.where(hidden, None, x)
    panel = _panel([(f"{m:04d}", 2012, 1, a, b) for m, (a, b) in enumerate(zip(n, shown))])
    pooled = pool_panel(panel, [2012, 2012])
    naive = pool_panel(panel, [2012, 2012], floor=0)
    large = pooled[pooled["n"] > 0]
    assert large["n"].min() >= 20
    assert pooled["cells_left_out"].sum() == len(n) - len(large)
    small = naive[naive["n"].between(1, 7)]
    assert small["successes"].isin([0]).sum() + (small["successes"] == small["n"]).sum() == len(small) > 0
    squares = [np.mean(z_scores(f["successes"], f["n"], 0.62) ** 2) for f in (small, large)]
    assert squares[0] > 2
    assert squares[1] == pytest.approx(1, abs=0.15)


def test_a_panel_without_suppression_keeps_its_small_cells():
    assert pool_panel(_panel([("0301", 2012, 1, 3, 1)]), [2012, 2012])["n"].tolist() == [3]


def test_programme_municipality_is_taken_where_both_are_there_and_the_other_where_it_is_alone():
    panel = _panel([("0301", 2012, 1, 30, 20)])
    present = panel.assign(geography="present", n=pd.array([50], dtype="Int64"))
    other = present.assign(definition="present_municipality")
    pooled = pool_panel(pd.concat([panel, present, other]), [2012, 2012]).set_index("definition")
    assert pooled["n"].to_dict() == {OFFICIAL: 30, "present_municipality": 50}


def test_comparable_keeps_the_same_municipalities_and_drops_horizons_without_data():
    outcomes, _ = simulate(2, levels=(0.6, 0.6, 0.6))
    late = (outcomes["horizon"] == 3) & (outcomes["municipality"] > "0302")
    pooled = pool_panel(panel_of(outcomes[~late]), [2012, 2015])
    measures, counts = comparable(pooled, [(OFFICIAL, h) for h in (1, 2, 3, 7)], 30)
    assert measures == [(OFFICIAL, 1), (OFFICIAL, 2)]
    assert (counts.groupby("municipality").size() == 2).all()
    assert counts["n"].min() >= 30


def test_only_cohorts_seen_at_every_horizon_are_compared_and_horizons_that_share_none_dropped():
    """As in a table by year of status: 2011-2013 hold the leavers of 2010 at one to three years, of 2008 at five."""
    cells = [("0301", status - h, h, 30, 20) for status in (2011, 2012, 2013) for h in (1, 2, 3, 5)]
    panel = _panel([*cells, ("0301", 2012, 5, None, None)])
    measures, cohorts = shared_cohorts(panel, [(OFFICIAL, h) for h in (1, 2, 3, 5, 9)], [2005, 2018])
    assert measures == [(OFFICIAL, 1), (OFFICIAL, 2), (OFFICIAL, 3)]
    assert cohorts == [2010]
    assert shared_cohorts(panel, [(OFFICIAL, 1)], [2011, 2018])[1] == [2011, 2012]
    assert shared_cohorts(panel, [(OFFICIAL, 9)], [2005, 2018]) == ([], [])


def test_persons_outside_the_denominator_are_unknown_there_and_stay_at_other_horizons():
    outcomes, _ = simulate(3, municipalities=4, leavers=200, levels=(0.6, 0.6))
    gone = (outcomes["horizon"] == 2) & (outcomes["person_id"] < "p000050")
    outcomes.loc[gone, ["in_denominator", "success"]] = [False, pd.NA]
    names = sorted(outcomes["municipality"].unique())
    persons = person_outcomes(outcomes, [(OFFICIAL, 1), (OFFICIAL, 2)], [2012, 2015], names)
    assert np.isnan(persons.outcomes).sum(axis=0).tolist() == [0, 50]
    pooled = pool_panel(panel_of(outcomes), [2012, 2015]).sort_values(["horizon", "municipality"])
    sums = [np.bincount(persons.municipality, np.nan_to_num(persons.outcomes[:, h])) for h in (0, 1)]
    np.testing.assert_array_equal(np.concatenate(sums), pooled["successes"])
    assert (np.diff(persons.stratum) >= 0).all()
    assert len(np.unique(persons.stratum)) == outcomes.groupby(["municipality", "exit_year"]).ngroups
