"""Two versions of one table, cell by cell: which numbers agree, which agree within a tolerance, and which do not.

Rows belong together by what they are about, not by where they stand: a row more or less in the middle of a table is one
finding, not a difference in every row below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

DETAILS = ["row", "column", "expected", "found", "difference", "kind"]
AGREE, WITHIN, DIFFER, MISSING, NEW = "agree", "within tolerance", "differ", "missing", "new"
OCCURRENCE = "occurrence in file"


@dataclass(frozen=True)
class Tolerance:
    """Numbers agree within ``absolute + relative * |expected|``; what is smaller still is another build's rounding."""

    absolute: float
    relative: float

    def holds(self, expected: np.ndarray, found: np.ndarray) -> np.ndarray:
        return np.abs(found - expected) <= self.absolute + self.relative * np.abs(expected)


@dataclass(frozen=True)
class Compared:
    """Cells of one table by ``agree``, ``within``, ``differ``, ``missing`` and ``new``, and a row for each that is not
    the same: ``row`` (what it is about), ``column, expected, found, difference, kind``."""

    agree: int
    within: int
    differ: int
    missing: int
    new: int
    details: pd.DataFrame

    @property
    def status(self) -> str:
        """``missing`` and ``new`` are tables as a whole; a row or a column more or less makes a table differ."""
        if not self.agree + self.within + self.differ:
            return MISSING if self.missing else NEW if self.new else AGREE
        if self.differ + self.missing + self.new:
            return DIFFER
        return WITHIN if self.within else AGREE


def compare_tables(expected: pd.DataFrame, found: pd.DataFrame, tolerance: Tolerance) -> Compared:
    """Compare two tables read as text (empty = missing).

    A cell that is a number on both sides is compared as a number, any other as text. Rows are matched by the leading
    columns that tell them apart, columns by name.
    """
    shared = [c for c in expected if c in found]
    key = row_key(expected[shared], found[shared])
    left, right = (_keyed(frame, key) for frame in (expected, found))
    both = left.index.intersection(right.index, sort=False)
    gone, extra = left.index.difference(right.index, sort=False), right.index.difference(left.index, sort=False)
    values = [c for c in shared if c not in key]
    counts, rows = _cells(left.loc[both, values], right.loc[both, values], tolerance)
    rows += _whole_rows(left.loc[gone, values], MISSING) + _whole_rows(right.loc[extra, values], NEW)
    lost, added = [c for c in expected if c not in found], [c for c in found if c not in expected]
    rows += [("every row", c, f"{len(expected)} cells", "", "", MISSING) for c in lost]
    rows += [("every row", c, "", f"{len(found)} cells", "", NEW) for c in added]
    return Compared(
        agree=counts[AGREE] + len(both) * len(key),
        within=counts[WITHIN],
        differ=counts[DIFFER],
        missing=len(gone) * len(shared) + len(expected) * len(lost),
        new=len(extra) * len(shared) + len(found) * len(added),
        details=pd.DataFrame(rows, columns=DETAILS),
    )


def row_key(expected: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """The first columns, in file order, that tell all rows apart in both tables; columns with fractions never serve.

    Where no columns do, all that may serve are used, and rows alike are told apart by their order.
    """
    key: list[str] = []
    for column in expected:
        if _measured(expected[column]) or _measured(found[column]):
            continue
        key.append(column)
        if not expected.duplicated(key).any() and not found.duplicated(key).any():
            return key
    return key


def _measured(values: pd.Series) -> bool:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    return bool((numbers != np.round(numbers)).any())


def _keyed(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """``frame`` indexed by its key and, last, by the occurrence of that key."""
    occurrence = frame.groupby(list(key), sort=False).cumcount() if key else pd.Series(range(len(frame)))
    return frame.assign(**{OCCURRENCE: occurrence.to_numpy()}).set_index([*key, OCCURRENCE])


def _cells(left: pd.DataFrame, right: pd.DataFrame, tolerance: Tolerance) -> tuple[dict[str, int], list[tuple]]:
    """Counts by kind, and a row for each cell that is not the same."""
    counts, rows = dict.fromkeys((AGREE, WITHIN, DIFFER), 0), []
    for column in left:
        old, new = left[column].to_numpy(dtype=object), right[column].to_numpy(dtype=object)
        same = old == new
        numbers = [pd.to_numeric(pd.Series(side), errors="coerce").to_numpy(dtype=float) for side in (old, new)]
        near = ~same & tolerance.holds(*numbers)
        counts[AGREE] += int(same.sum())
        counts[WITHIN] += int(near.sum())
        counts[DIFFER] += int((~same & ~near).sum())
        for at in np.flatnonzero(~same):
            gap = numbers[1][at] - numbers[0][at]
            difference = f"{gap:+.6g}" if np.isfinite(gap) else ""
            kind = WITHIN if near[at] else DIFFER
            rows.append((_about(left.index, at), column, old[at], new[at], difference, kind))
    return counts, rows


def _whole_rows(frame: pd.DataFrame, kind: str) -> list[tuple]:
    text = ["; ".join(f"{c} {v}" for c, v in zip(frame.columns, row) if v) for row in frame.itertuples(index=False)]
    sides = [(t, "") if kind == MISSING else ("", t) for t in text]
    return [(_about(frame.index, at), "whole row", *side, "", kind) for at, side in enumerate(sides)]


def _about(index: pd.MultiIndex, at: int) -> str:
    """``wave ks_2015, horizon 1``: what a row is about, in the words of its file."""
    entry = index[at] if isinstance(index[at], tuple) else (index[at],)
    parts = [f"{name} {value}" for name, value in zip(index.names[:-1], entry) if value != ""]
    parts += [f"{OCCURRENCE} {entry[-1] + 1}"] if entry[-1] or not parts else []
    return ", ".join(parts)
