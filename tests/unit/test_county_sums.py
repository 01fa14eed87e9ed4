"""County sums beside the panel: together with what else is shown they leave every hidden cell its room."""

import numpy as np
import pandas as pd
import pytest
from introprog.county_sums import SET, HiddenCells, hidden_cells

SETS = [(2009, 2011), (2012, 2014)]


def panel(numbers):
    """``numbers``: n and successes by municipality and year, at horizon 1."""
    rows = [(town, year, 1, *counts) for (town, year), counts in numbers.items()]
    frame = pd.DataFrame(rows, columns=["municipality", "exit_year", "horizon", "n", "successes"])
    return frame.assign(suppressed=False)


def closed(frame, cells):
    hidden = pd.MultiIndex.from_frame(frame[["municipality", "exit_year"]]).isin(cells)
    return frame.assign(suppressed=hidden)


def counties(frame):
    """A function from the rows to hide to the county table, as ``introprog.followup.summing`` makes one."""

    def sum_up(told):
        parts = []
        for first, last in SETS:
            rows = frame[frame["exit_year"].between(first, last)].assign(level=lambda d: d["municipality"].str[:2])
            sums = rows.groupby("level")[["n", "successes"]].sum().reset_index()
            parts.append(sums.assign(first_exit_year=first, last_exit_year=last, horizon=1))
        table = pd.concat(parts, ignore_index=True)
        given = pd.MultiIndex.from_frame(told[SET].astype(table[SET].dtypes))
        return table.assign(suppressed=pd.MultiIndex.from_frame(table[SET]).isin(given))

    return sum_up


def shown_of(table):
    return table[~table["suppressed"]]


NOTHING = pd.DataFrame(columns=SET)
TOWNS = {(town, year): (40, 20) for town in ("6101", "6102", "6201", "6202") for year in range(2009, 2015)}
# 2009-2011 holds one cell of each of a county's two municipalities, 2012-2014 two of each
HIDDEN = [(town, year) for town in ("6101", "6102", "6201", "6202") for year in (2012, 2013)]
HIDDEN += [("6101", 2011), ("6102", 2009), ("6201", 2011), ("6202", 2009)]


@pytest.fixture
def frame():
    return panel(TOWNS | {cell: (30, 12) for cell in HIDDEN})


def test_two_cells_in_a_set_hold_enough_until_the_years_compared_part_them(frame):
    """Compared are 2011-2014: less 2012-2014 that leaves 2011 of one municipality alone."""
    public = closed(frame, HIDDEN)
    apart = hidden_cells(public, frame, (2012, 2014), 5, 5)
    table = apart.protect(counties(frame), NOTHING, True)
    assert not table["suppressed"].any() and not apart.pinned((table, True)).any()
    joined = hidden_cells(public, frame, (2011, 2014), 5, 5)
    everything = counties(frame)(NOTHING)
    tight = joined.cells[joined.pinned((everything, True))]
    assert set(zip(tight["municipality"], tight["exit_year"], strict=True)) >= {("6101", 2011), ("6201", 2011)}
    kept = joined.protect(counties(frame), NOTHING, True)
    assert kept["suppressed"].any()
    assert not joined.pinned((shown_of(kept), True)).any()


def test_sums_of_persons_alone_count_too(frame):
    """Where only n is shown, n of the cell that is left over is what can be told."""
    joined = hidden_cells(closed(frame, HIDDEN), frame, (2011, 2014), 5, 5)
    everything = counties(frame)(NOTHING)
    assert joined.pinned((everything, False)).any()
    kept = joined.protect(counties(frame), NOTHING, False)
    assert not joined.pinned((shown_of(kept), False)).any()


def test_rows_of_another_table_are_known_as_well(frame):
    hidden = hidden_cells(closed(frame, HIDDEN), frame, (2012, 2014), 5, 5)
    other = pd.DataFrame([("61", 2010, 2011, 1)], columns=SET)
    assert not hidden.pinned((other.iloc[:0], True)).any() and hidden.pinned((other, True)).any()
    # what is told without the counties is not of their making
    kept = hidden.protect(counties(frame), NOTHING, True, (other, True))
    before, after = hidden.pinned((other, True)), hidden.pinned((shown_of(kept), True), (other, True))
    assert not (after & ~before).any()


def test_nothing_hidden_or_hidden_by_others_asks_for_nothing(frame):
    assert hidden_cells(frame, frame, (2012, 2014), 5, 5) is None
    unknown = frame.assign(n=frame["n"].astype(float).where(frame["municipality"] != "6101", np.nan))
    assert hidden_cells(closed(frame, HIDDEN), unknown, (2012, 2014), 5, 5) is None


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_panel_nothing_is_pinned_by_the_counties_that_stay(seed):
    random = np.random.default_rng(seed)
    numbers = {cell: (int(n), int(random.integers(0, n + 1))) for cell in TOWNS for n in [random.integers(1, 30)]}
    frame = panel(numbers)
    cells = [cell for cell in TOWNS if random.random() < 0.5] or HIDDEN
    hidden = hidden_cells(closed(frame, cells), frame, (2011, 2013), 5, 5)
    kept = hidden.protect(counties(frame), NOTHING, True)
    assert not (hidden.pinned((shown_of(kept), True)) & ~hidden.pinned()).any()


def test_cells_are_held_by_the_rows_of_their_county_and_years():
    cells = pd.DataFrame({"level": ["61", "61", "62"], "exit_year": [2010, 2013, 2010], "horizon": 1})
    rows = pd.DataFrame([("61", 2009, 2011, 1), ("62", 2009, 2011, 1), ("61", 2009, 2011, 2)], columns=SET)
    row, at = HiddenCells(cells, [], 5).within(rows)
    assert sorted(zip(row.tolist(), at.tolist(), strict=True)) == [(0, 0), (1, 2)]
