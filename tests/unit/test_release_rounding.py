"""Counts rounded to a base: the same everywhere, shares from rounded counts, totals by themselves."""

import pandas as pd
import pytest
from introprog.intervals import wilson
from introprog.release.outputs import rounding_of
from introprog.release.rounding import round_display, round_panel, rounded, unrounded

RULE = {
    "counts": ["n", "successes"],
    "shares": {"share": {"of": "successes", "in": "n", "low": "ci_low", "high": "ci_high"}},
}


def display(*rows):
    frame = pd.DataFrame(rows, columns=["n", "successes"]).astype("Int64")
    share = frame["successes"].astype("Float64") / frame["n"].astype("Float64")
    return frame.assign(share=share, ci_low=0.0, ci_high=1.0)


def test_to_the_nearest_a_half_upwards():
    counts = pd.Series([0, 1, 2, 3, 4, 5, 7, 8, None], dtype="Int64")
    assert rounded(counts, 5).tolist()[:-1] == [0, 0, 0, 5, 5, 5, 5, 10]
    assert rounded(counts, 5).isna().tolist() == [False] * 8 + [True]
    assert rounded(pd.Series([1, 2, 3, 5], dtype="Int64"), 2).tolist() == [2, 2, 4, 6]


def test_shares_and_intervals_come_from_rounded_counts():
    result = round_display(display((43, 22), (8, 8)), RULE, 5)
    assert result["n"].tolist() == [45, 10] and result["successes"].tolist() == [20, 10]
    assert result["share"].tolist() == pytest.approx([20 / 45, 1])
    low, high = wilson(pd.Series([20, 10]), pd.Series([45, 10]), 0.95)
    assert result["ci_low"].tolist() == pytest.approx(list(low)) and result["ci_high"].tolist() == pytest.approx(
        list(high)
    )


def test_hidden_stays_hidden_and_a_share_of_nobody_is_missing():
    result = round_display(display((None, None), (2, 1)), RULE, 5)
    assert result["share"].isna().all() and result["n"].isna().tolist() == [True, False]


def test_published_rows_are_left_alone():
    numbers = display((43, 22), (43, 22)).assign(kind=["survey", "published"])
    assert round_display(numbers, RULE, 5)["n"].tolist() == [45, 43]


def test_a_total_in_another_row():
    numbers = pd.DataFrame({"sex": ["men", "men"], "status": ["00", "1"], "n": [43, 22], "share": [1.0, 22 / 43]})
    rule = {
        "counts": ["n"],
        "shares": {"share": {"of": "n", "in": "n", "total": {"where": {"status": "00"}, "by": ["sex"]}}},
    }
    assert round_display(numbers, rule, 5)["share"].tolist() == pytest.approx([1, 20 / 45])


def test_the_panel_is_rounded_and_nobody_succeeds_who_is_not_there():
    panel = pd.DataFrame(
        {
            "municipality": ["0301", "0301"],
            "exit_year": 2015,
            "horizon": 1,
            "definition": ["official", "other"],
            "geography": "programme",
            "sex": "both",
            "n": [7, 7],
            "successes": [3, 3],
            "suppressed": False,
        }
    )
    result = round_panel(panel, ["official"], 5)
    assert result[["n", "successes"]].to_numpy().tolist() == [[5, 5]] and not result["suppressed"].any()


def test_only_displays_with_a_rule_are_rounded():
    block = {"method": "round", "base": 5, "threshold": 5}
    registry = {"outputs": {"F-A1": {"round": RULE}, "F-A2": {}}}
    assert rounding_of("F-A1", block, registry)["threshold"] == 1
    assert rounding_of("F-A1", block, registry)["rounding"]["base"] == 5
    assert rounding_of("F-A2", block, registry) == block
    assert rounding_of("F-A1", {**block, "method": "suppress"}, registry) == {**block, "method": "suppress"}


def test_a_count_that_was_not_rounded_is_found():
    table = pd.DataFrame({"n": ["45", "43", ""], "successes": ["20", "20", ""]})
    assert unrounded({"F-A1": table}, {"outputs": {"F-A1": {"round": RULE}}}, 5) == {"F-A1": 1}
