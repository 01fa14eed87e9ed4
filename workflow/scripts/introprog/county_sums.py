"""County sums by sets of cohorts beside the municipality panel: which of them would tell what the panel hides.

A county less its municipalities that are shown is the sum of its hidden cells. So is the country in a single year, and
a municipality or a county in the years that displays compare. Each may hold enough persons by itself and yet all
together leave a hidden cell too little room; how much is left is what ``introprog.release.bounds`` finds for the audit,
and here for these sums of men and women together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

SEED = 20191028
FIRST = 1
SET = ["level", "first_exit_year", "last_exit_year", "horizon"]
NEAR = 1e-6


@dataclass(frozen=True)
class HiddenCells:
    """What the municipality panel hides, and what is told of it besides.

    ``cells``: ``municipality, level`` (its county)``, exit_year, horizon, success, failure`` (persons). ``sums``: pairs
    of arrays, number of a sum that is known with and without success, and position of a cell in it. ``protection``: the
    room, in persons, that each hidden number must keep.
    """

    cells: pd.DataFrame
    sums: Sequence[tuple[np.ndarray, np.ndarray]]
    protection: int

    def pinned(self, *told: tuple[pd.DataFrame, bool]) -> np.ndarray:
        """Whether each cell (those with success, without, or both) can be told within less than the protection.

        ``told``: rows shown (``SET``), and whether those with success are shown too or only how many there are.
        """
        from introprog.release.bounds import bounds

        count = len(self.cells)
        known = [(*pair, True) for pair in self.sums] + [(*self.within(rows), whole) for rows, whole in told]
        matrix = sparse.vstack([_equations(*pair, count) for pair in known]).tocsr()
        one = sparse.identity(count)
        asked = sparse.vstack([sparse.identity(2 * count), sparse.hstack([one, one])]).tocsr()
        true = self.cells[["success", "failure"]].to_numpy(dtype="float64").T.ravel()
        low, high, _ = bounds(matrix, matrix @ true, asked, self.protection, SEED)
        return (high - low < self.protection - NEAR).reshape(3, count).any(axis=0)

    def within(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """The number of each row of ``rows`` (``SET``) and the position of each cell in it."""
        cells = self.cells[["level", "horizon", "exit_year"]].reset_index(names="at")
        both = rows[SET].reset_index(drop=True).reset_index(names="row").merge(cells, on=["level", "horizon"])
        both = both[both["exit_year"].between(both["first_exit_year"], both["last_exit_year"])]
        return both["row"].to_numpy(), both["at"].to_numpy()

    def protect(
        self,
        sum_up: Callable[[pd.DataFrame], pd.DataFrame],
        told: pd.DataFrame,
        whole: bool,
        *beside: tuple[pd.DataFrame, bool],
    ) -> pd.DataFrame:
        """The table that ``sum_up`` makes when it hides the rows ``told`` (``SET``) and as many more as it takes.

        ``whole``: those with success, as the panel counts them, are shown; ``beside``: rows that are shown elsewhere.
        Cells that can be told without the table are not of its making.
        """
        before = None
        while True:
            table = sum_up(told)
            shown = table[~table["suppressed"] & table["level"].isin(self.cells["level"])]
            if shown.empty:
                return table
            tight = self.pinned((shown, whole), *beside)
            if tight.any() and before is None:
                before = self.pinned(*beside)
            more = self._about(shown, tight & ~before) if tight.any() else shown.iloc[:0]
            if more.empty:
                return table
            told = pd.concat([told[SET], more[SET]], ignore_index=True)

    def _about(self, rows: pd.DataFrame, tight: np.ndarray) -> pd.DataFrame:
        """At each horizon the row with most tight cells; without any, the rows of their counties, or else all."""
        row, at = self.within(rows)
        held = np.bincount(row, weights=tight[at], minlength=len(rows))
        if held.any():
            own = rows.assign(held=held)[held > 0].sort_values(
                ["held", "level"], ascending=[False, True], kind="stable"
            )
            return own.drop_duplicates("horizon")
        about = self.cells[tight]
        near = rows[rows["horizon"].isin(about["horizon"])]
        own = near[near["level"].isin(about["level"])]
        return own if len(own) else near


def _equations(number: np.ndarray, at: np.ndarray, whole: bool, count: int) -> sparse.csr_matrix:
    """Sums over ``count`` cells with success and as many without: apart (``whole``), or only both together."""
    size = int(number.max()) + 1 if len(number) else 0
    sums = sparse.csr_matrix((np.ones(len(at)), (number, at)), (size, count))
    return sparse.block_diag([sums, sums]) if whole else sparse.hstack([sums, sums])


def hidden_cells(
    public: pd.DataFrame, panel: pd.DataFrame, compared: Sequence[int], threshold: int, protection: int
) -> HiddenCells | None:
    """What ``public`` hides; nothing when it hides nothing, or when somebody else has hidden it (a StatBank file).

    ``public`` and ``panel``: the municipality panel after and before disclosure control, of one definition and both
    sexes. Known of the hidden cells are their sums over the country in a single year, one year after and in the latest
    November; over a municipality in the years ``compared`` (first and last); and over a county in these years, one year
    after. Pooled figures are known where they have ``threshold`` persons with and without success.
    """
    at = ["municipality", "exit_year", "horizon"]
    closed = public.loc[public["suppressed"].astype(bool), at]
    true = panel[[*at, "n", "successes"]].assign(level=panel["municipality"].str[:2])
    cells = closed.merge(true, on=at).sort_values(at, ignore_index=True)
    if cells.empty or cells[["n", "successes"]].isna().any(axis=None):
        return None
    cells = cells.assign(success=cells["successes"], failure=cells["n"] - cells["successes"])
    november = (panel["exit_year"] + panel["horizon"]).max()
    single = (cells["horizon"] == FIRST) | (cells["exit_year"] + cells["horizon"] == november)
    inside, first = cells["exit_year"].between(*compared), cells["horizon"] == FIRST
    pooled = true[true["exit_year"].between(*compared)]
    towns, counties = ["municipality", "horizon"], ["level", "horizon"]
    sums = [
        _sums(cells, single, ["exit_year", "horizon"]),
        _sums(cells, inside & _enough(cells, pooled, towns, threshold), towns),
        _sums(cells, inside & first & _enough(cells, pooled, counties, threshold), counties),
    ]
    return HiddenCells(cells[[*at, "level", "success", "failure"]], sums, protection)


def _sums(cells: pd.DataFrame, kept: pd.Series, by: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    return cells[kept].groupby(list(by)).ngroup().to_numpy(), np.flatnonzero(kept)


def _enough(cells: pd.DataFrame, pooled: pd.DataFrame, by: Sequence[str], threshold: int) -> pd.Series:
    """Whether the pooled figure that a cell is part of has enough persons with and without success."""
    sums = pooled.groupby(list(by))[["n", "successes"]].sum()
    shown = sums.index[(sums["successes"] >= threshold) & (sums["n"] - sums["successes"] >= threshold)]
    return pd.Series(pd.MultiIndex.from_frame(cells[list(by)]).isin(shown), cells.index)
