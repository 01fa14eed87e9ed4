"""Shares in every state, month by month, for one fixed group of leavers: the numbers of the chronogram.

Only leavers whose last month is observed are counted, so that every month describes the same people. Counts under the
disclosure threshold are hidden, and with them what would give them away within the month.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from introprog.disclosure import protect
from introprog.months import DIED, EMIGRATED, STATES, UNOBSERVED, state_grid

SHOWN = (*STATES[:EMIGRATED], "gone")
TOTAL = "all"
ALL_STATES = "total"
COVER = ("gone", "none")
COLUMNS = ["group", "level", "month", "state", "n", "count", "share", "suppressed"]


def followed(states: pd.DataFrame, leavers: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """States (int8, persons x months) and traits of the leavers whose every month is observed, by person_id."""
    grid = state_grid(states)
    whole = (grid != UNOBSERVED).all(axis=1)
    traits = leavers.set_index("person_id").reindex(states["person_id"][whole])
    return grid[whole], traits.reset_index()


def chronogram(
    states: pd.DataFrame, leavers: pd.DataFrame, by: Sequence[str] = ("sex",), threshold: int = 5
) -> pd.DataFrame:
    """``group, level, month, state, n, count, share, suppressed``: how many of the n leavers are in each state.

    ``states``: from ``months.trace_months``; ``group`` is ``all`` or a column of ``leavers`` named in ``by``. Emigrated
    and dead are one state, ``gone``. Hidden counts and shares are missing.
    """
    grid, traits = followed(states, leavers)
    grid = np.where(grid == DIED, EMIGRATED, grid)
    parts = [_counts(grid, pd.Series(TOTAL, index=traits.index), TOTAL)]
    for name in by:
        parts.append(_counts(grid, traits[name].astype("object").fillna("unknown"), name))
    table = pd.concat(parts, ignore_index=True)
    table["share"] = table["count"] / table["n"]
    table["suppressed"] = _hidden(table, by, threshold)
    table["count"] = table["count"].astype("Int64").mask(table["suppressed"])
    table["share"] = table["share"].mask(table["suppressed"])
    return table[COLUMNS]


def _counts(grid: np.ndarray, level: pd.Series, group: str) -> pd.DataFrame:
    codes, levels = pd.factorize(level, sort=True)
    months, states = grid.shape[1], len(SHOWN)
    cell = (codes[:, None] * months + np.arange(months)) * states + grid
    counts = np.bincount(cell.ravel(), minlength=len(levels) * months * states)
    index = pd.MultiIndex.from_product([levels, range(months), SHOWN], names=["level", "month", "state"])
    frame = pd.DataFrame({"count": counts}, index=index).reset_index()
    return frame.assign(group=group, n=frame["level"].map(pd.Series(np.bincount(codes, minlength=len(levels)), levels)))


def _hidden(table: pd.DataFrame, by: Sequence[str], threshold: int) -> pd.Series:
    """Which rows to hide, month by month, until the whole and every grouping agree.

    Few are gone in the first months: they are then covered by ``none``, in every group, so that the sum of the two is
    known.
    """
    small = table["count"].between(1, threshold - 1)
    rows = table[table["month"].isin(table.loc[small, "month"].unique())]
    sums = rows.groupby(["group", "level", "month"], sort=False, as_index=False)["count"].sum()
    long = pd.concat([rows, sums.assign(state=ALL_STATES)], ignore_index=True)
    hidden = pd.Series(False, index=long.index)
    for _, month in long.groupby("month"):
        gone = month.loc[month["state"] == "gone", "count"]
        if gone.between(1, threshold - 1).any():
            hidden[month.index[month["state"].isin(COVER)]] = True
        settled = False
        while not settled:
            before = hidden[month.index].copy()
            for name in by or [TOTAL]:
                part = month[month["group"].isin([TOTAL, name])]
                levels = part.loc[part["group"] != TOTAL, "level"].unique()
                trees = {"level": {TOTAL: tuple(levels)}, "state": {ALL_STATES: SHOWN}}
                hidden[part.index] = protect(part, "count", ["level", "state"], trees, threshold, hidden[part.index])
            settled = hidden[month.index].equals(before)
    return pd.Series(hidden.to_numpy()[: len(rows)], index=rows.index).reindex(table.index, fill_value=False)
