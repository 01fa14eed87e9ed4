"""Hidden counts cannot be worked out from what is shown; checked by the range of values that fit the shown ones."""

import numpy as np
import pandas as pd
import pytest
from introprog.disclosure import SEX_TREE, STATUS_TREE, blank, derivable, lines_of, protect, protect_shares
from scipy.optimize import linprog

TREES = {"sex": SEX_TREE, "status": {"all": ("a", "b", "c")}}


def table_of(men, women):
    cells = {"men": list(men), "women": list(women)}
    cells["both"] = [m + w for m, w in zip(men, women, strict=True)]
    rows = [(s, st, n) for s, v in cells.items() for st, n in zip(("a", "b", "c", "all"), [*v, sum(v)], strict=True)]
    return pd.DataFrame(rows, columns=["sex", "status", "n"])


def width(frame, hidden, row):
    """Range of values that a hidden cell of a 2 x 3 table can have given the shown ones (bounds are whole: the
    constraints of a two-way table are totally unimodular)."""
    keys = list(frame[["sex", "status"]].itertuples(index=False, name=None))
    equalities = []
    for total, parts in lines_of(frame, ["sex", "status"], TREES):
        line = np.zeros(len(frame))
        line[total], line[parts] = 1, -1
        equalities.append((line, 0.0))
    for at in np.flatnonzero(~hidden.to_numpy()):
        equalities.append((np.eye(len(frame))[at], float(frame["n"].iloc[at])))
    aim = np.eye(len(frame))[keys.index(row)]
    matrix, right = np.array([e[0] for e in equalities]), [e[1] for e in equalities]
    low, high = (linprog(sign * aim, A_eq=matrix, b_eq=right) for sign in (1, -1))
    return np.inf if high.status == 3 else -high.fun - low.fun


@pytest.mark.parametrize(
    "men, women",
    [
        ((30, 3, 20), (20, 9, 15)),
        ((12, 1, 2), (9, 8, 30)),
        ((30, 3, 20), (20, 9, 15)),
        ((50, 3, 40), (30, 20, 60)),
        ((4, 3, 9), (8, 2, 7)),
        ((6, 2, 2), (5, 5, 4)),
    ],
)
def test_no_hidden_count_of_persons_can_be_worked_out(men, women):
    frame = table_of(men, women)
    hidden = protect(frame, "n", ["sex", "status"], TREES, 5)
    small = frame["n"].between(1, 4)
    assert hidden[small].all()
    # each hidden small count keeps at least two possible values
    for row in frame.loc[small, ["sex", "status"]].itertuples(index=False, name=None):
        assert width(frame, hidden, row) >= 1
    # the check can fail: with primary suppression alone a lone small cell is known exactly
    if small.sum() == 1:
        assert width(frame, small, row) == 0


def test_a_single_small_cell_takes_the_smallest_neighbours_with_it_and_no_more_than_a_rectangle():
    frame = table_of((50, 3, 40), (30, 20, 60))
    hidden = protect(frame, "n", ["sex", "status"], TREES, 5)
    closed = set(frame.loc[hidden, ["sex", "status"]].itertuples(index=False, name=None))
    assert closed == {("men", "b"), ("men", "c"), ("women", "b"), ("women", "c")}


def test_two_hidden_cells_that_stand_for_fewer_than_the_threshold_take_a_third():
    frame = pd.DataFrame({"part": ["all", "a", "b", "c"], "n": [54, 2, 2, 50]})
    hidden = protect(frame, "n", ["part"], {"part": {"all": ("a", "b", "c")}}, 5)
    assert hidden.tolist() == [False, True, True, True]


def test_nothing_is_hidden_where_nothing_is_small_and_nil_is_no_person():
    assert not protect(table_of((5, 10, 20), (0, 7, 9)), "n", ["sex", "status"], TREES, 5).any()


def test_published_table_of_2016_needs_no_suppression():
    men, women = (
        {"11": 1055, "15": 424, "05": 453, "21": 129, "22": 125},
        {"11": 445, "15": 221, "05": 382, "21": 128, "22": 100},
    )
    rows = [(s, k, n) for s, d in (("men", men), ("women", women)) for k, n in d.items()]
    frame = pd.DataFrame(rows, columns=["sex", "status", "n"])
    both = frame.groupby("status", as_index=False)["n"].sum().assign(sex="both")
    frame = pd.concat([frame, both], ignore_index=True)
    assert not protect(frame, "n", ["sex", "status"], {"sex": SEX_TREE, "status": STATUS_TREE}, 5).any()


def test_counts_that_come_hidden_stay_hidden_and_do_not_open_others():
    frame = pd.DataFrame({"sex": ["both", "men", "women"], "n": pd.array([20, None, None], dtype="Int64")})
    assert protect(frame, "n", ["sex"], {"sex": SEX_TREE}, 5).tolist() == [False, True, True]


def test_linear_algebra_finds_a_count_that_only_several_lines_together_give_away():
    # x1 + x2 = a, x2 + x3 = b, x1 + x3 = c: each line has two hidden, yet all three are determined
    lines = [(3, np.array([0, 1])), (4, np.array([1, 2])), (5, np.array([0, 2]))]
    hidden = np.array([True, True, True, False, False, False])
    assert derivable(hidden, lines).tolist() == [0, 1, 2]
    assert derivable(np.array([True, True, False, False, False, False]), lines[:1]).tolist() == []


def test_shares_hide_when_those_with_or_without_the_trait_are_few_or_none():
    frame = pd.DataFrame(
        {"municipality": list("abcdef"), "n": [40, 40, 40, 40, 40, 4], "successes": [20, 3, 38, 0, 40, 2]}
    )
    hidden = protect_shares(frame, ["municipality"], {}, 5)
    assert hidden.tolist() == [False, True, True, True, True, True]


def test_a_hidden_share_of_women_takes_that_of_men_with_it():
    frame = pd.DataFrame({"sex": ["both", "men", "women"], "n": [90, 50, 40], "successes": [43, 41, 2]})
    assert protect_shares(frame, ["sex"], {"sex": SEX_TREE}, 5).tolist() == [False, True, True]


def test_blank_empties_all_columns_and_keeps_whole_numbers_whole():
    frame = pd.DataFrame({"n": [10, 3], "share": [0.5, 0.3]})
    result = blank(frame, pd.Series([False, True]), ["n", "share"])
    assert result["n"].isna().tolist() == [False, True]
    assert str(result["n"].dtype) == "Int64"
    assert result["suppressed"].tolist() == [False, True]
    assert frame["n"].tolist() == [10, 3]


def test_lines_leave_out_totals_that_are_not_in_the_table():
    frame = table_of((1, 2, 3), (4, 5, 6))
    assert len(lines_of(frame, ["sex", "status"], TREES)) == 7
    assert len(lines_of(frame[frame["sex"] == "men"], ["sex", "status"], TREES)) == 1


def test_keys_that_do_not_name_a_row_are_a_fault():
    with pytest.raises(ValueError, match="keys"):
        protect(pd.concat([table_of((1, 2, 3), (4, 5, 6))] * 2), "n", ["sex", "status"], TREES, 5)
