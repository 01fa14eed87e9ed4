"""Everything of one panel in one pass: complete, consistent, and calm where there is little."""

import numpy as np
import pandas as pd
import pytest
from introprog.comparison import compare
from introprog.errors import InputError
from municipal_simulation import AT_EXIT, OFFICIAL, panel_of, simulate

CHOICES = {"exit_years": [2012, 2015], "minimum_leavers": 30, "horizons": [1, 2, 3, 5]}


@pytest.fixture(scope="module")
def outcomes():
    frame, _ = simulate(1, municipalities=40, leavers=4000)
    at_exit, _ = simulate(1, municipalities=40, leavers=4000, levels=(0.46,))
    return pd.concat([frame, at_exit.assign(horizon=0, definition=AT_EXIT)], ignore_index=True)


@pytest.fixture(scope="module")
def tables(outcomes):
    return compare(panel_of(outcomes), CHOICES, OFFICIAL, 0.7, seed=1, outcomes=outcomes)


def test_ranks_are_of_the_same_municipalities_at_exit_and_every_horizon(tables):
    ranks = tables["ranks"]
    assert sorted(ranks["horizon"].unique()) == [0, 1, 2, 3, 5]
    assert (ranks.groupby("municipality").size() == 5).all()
    assert (ranks["n"] >= 30).all()


def test_tables_agree_with_each_other(tables):
    keys = ["municipality", "horizon"]
    joined = tables["ranks"].merge(tables["funnel"], on=keys, suffixes=("", "_funnel"))
    joined = joined.merge(tables["target_verdicts"], on=keys, suffixes=("", "_verdict"))
    assert len(joined) == len(tables["ranks"])
    for other in ("rate_funnel", "rate_verdict"):
        np.testing.assert_allclose(joined["rate"], joined[other])
    signal = tables["signal"].set_index(["definition", "horizon"])
    assert signal.loc[(OFFICIAL, 1), "leavers"] == tables["funnel"].query("horizon == 1")["n"].sum()


def test_cohorts_not_yet_seen_at_the_last_horizon_leave_the_comparison_but_not_the_verdicts(outcomes):
    unseen = (outcomes["horizon"] == 5) & (outcomes["exit_year"] == 2015)
    frame = outcomes.assign(in_denominator=outcomes["in_denominator"] & ~unseen)
    tables = compare(panel_of(frame), CHOICES, OFFICIAL, 0.7, seed=1, outcomes=frame)
    ranks = tables["ranks"]
    assert set(ranks["last_exit_year"]) == {2014}
    first = ranks.query("horizon == 1").set_index("municipality")["n"]
    whole = tables["target_verdicts"].query("horizon == 1").set_index("municipality")["n"]
    assert (first < whole[first.index]).all()


def test_every_pair_of_moments_is_compared_once(tables):
    pairs = tables["rank_correlation"].query("term == 'raw'")[["horizon", "horizon_other"]]
    assert len(pairs) == 10 and (pairs["horizon"] < pairs["horizon_other"]).all()
    assert len(tables["target_changes"]) == 20
    assert tables["forecast"].query("term == 'slope'")["horizon"].tolist() == [0, 1, 2, 3]


def test_two_runs_give_the_same_numbers_whatever_the_order_of_rows(outcomes, tables):
    shuffled = outcomes.sample(frac=1, random_state=3)
    again = compare(panel_of(shuffled), CHOICES, OFFICIAL, 0.7, seed=1, outcomes=shuffled)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(again[name], table)


def test_counts_alone_are_enough(outcomes, tables):
    counted = compare(panel_of(outcomes), CHOICES, OFFICIAL, 0.7, seed=1)
    for name in ("signal", "ranks", "funnel", "target_verdicts"):
        pd.testing.assert_frame_equal(counted[name], tables[name])
    raw = counted["rank_correlation"].query("term == 'raw'")
    assert raw["estimate"].between(raw["ci_low"], raw["ci_high"]).all()
    corrected = counted["rank_correlation"].query("term == 'corrected'")
    assert corrected["ci_low"].isna().all() and not corrected["method"].str.startswith("persons").any()
    slopes = counted["forecast"].set_index("term")
    assert slopes.loc["slope", "ci_low"].notna().all() and slopes.loc["slope_corrected", "ci_low"].isna().all()


def test_suppressed_cells_are_left_out_and_counted(outcomes):
    panel = panel_of(outcomes)
    hidden = panel["n"] < 20
    panel.loc[hidden, ["n", "successes"]] = pd.NA
    tables = compare(panel, CHOICES, OFFICIAL, 0.7, seed=1)
    official = (panel["definition"] == OFFICIAL) & (panel["horizon"] == 1)
    signal = tables["signal"].set_index(["definition", "horizon"])
    assert signal.loc[(OFFICIAL, 1), "cells_left_out"] == (hidden & official).sum() > 0


@pytest.mark.parametrize(
    "change", [{"minimum_leavers": 4000}, {"horizons": [1]}, {"horizons": [1, 2, 9]}, {"exit_years": [2012, 2012]}]
)
def test_little_to_compare_gives_short_tables_not_faults(outcomes, change):
    tables = compare(panel_of(outcomes), {**CHOICES, **change}, OFFICIAL, 0.7, seed=1, outcomes=outcomes)
    assert not tables["target_verdicts"].empty
    assert list(tables["ranks"].columns[:4]) == ["municipality", "horizon", "n", "rate"]


def test_cohorts_outside_the_source_end_in_a_message(outcomes):
    with pytest.raises(InputError, match="no leavers of ssb_november in 1990-1991"):
        compare(panel_of(outcomes), {**CHOICES, "exit_years": [1990, 1991]}, OFFICIAL, 0.7)
