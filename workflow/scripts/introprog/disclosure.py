"""Disclosure control of counts: what may be shown, and what else must be hidden so that it cannot be worked out.

Primary: a count of 1 to ``threshold`` - 1 persons is hidden. Secondary: in every line of a table (a total and its
parts) hidden counts must be at least two and stand for at least ``threshold`` persons, or a hidden one could be found
by subtraction; and no hidden count may follow from several lines together, which is checked by linear algebra. Counts
that come hidden (a StatBank extract) stay hidden. Nil is shown in tables of counts, never in shares: a share is shown
only when both those who have the trait and those who have not are ``threshold`` or more, or the whole group would be
given away. Method: cell suppression as in Hundepool et al. (2012), Statistical Disclosure Control, ch. 4, greedy form.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

Tree = Mapping[str, Sequence[str]]
Line = tuple[int, np.ndarray]

SEX_TREE: Tree = {"both": ("men", "women")}
STATUS_TREE: Tree = {
    "00": ("1", "2", "3"),
    "1": ("11", "15", "05"),
    "2": ("21", "22"),
    "3": ("32", "31", "33", "34", "35", "80", "08"),
}
PART_TREE: Tree = {"all": ("success", "failure")}


def protect(
    frame: pd.DataFrame,
    count: str,
    keys: Sequence[str],
    trees: Mapping[str, Tree],
    threshold: int,
    also: pd.Series | None = None,
) -> pd.Series:
    """Which rows of a long table of counts to hide.

    ``keys`` name a row; ``trees`` say for a key column which codes are the sum of which others; ``also`` marks rows
    to hide whatever their count. Returns a boolean series on the index of ``frame``.
    Raises ``ValueError`` when the keys are not unique.
    """
    if frame.duplicated(list(keys)).any():
        raise ValueError(f"the keys {list(keys)} do not name a row each")
    counts = frame[count].to_numpy(dtype="float64", na_value=np.nan)
    primary = np.zeros(len(frame), dtype=bool) if also is None else also.to_numpy(dtype=bool)
    hidden = hide(counts, lines_of(frame, keys, trees), threshold, primary)
    return pd.Series(hidden, index=frame.index, name="suppressed")


def lines_of(frame: pd.DataFrame, keys: Sequence[str], trees: Mapping[str, Tree]) -> list[Line]:
    """All lines (position of the total, positions of its parts) of a long table; codes not present count as nil."""
    lines = []
    plain = frame[list(keys)].reset_index(drop=True)
    for column, tree in trees.items():
        others = [k for k in keys if k != column]
        for total, parts in tree.items():
            rows = plain[plain[column].isin([total, *parts])]
            groups = (
                rows.groupby(others, sort=True, dropna=False).indices.values() if others else [np.arange(len(rows))]
            )
            for group in groups:
                at = rows.index.to_numpy()[group]
                is_total = (plain[column].to_numpy()[at]) == total
                if is_total.any() and (~is_total).any():
                    lines.append((int(at[is_total][0]), at[~is_total]))
    return lines


def hide(counts: np.ndarray, lines: Sequence[Line], threshold: int, also: np.ndarray) -> np.ndarray:
    """Primary and secondary suppression of ``counts`` (float, NaN = already hidden) under additive ``lines``."""
    hidden = np.isnan(counts) | ((counts > 0) & (counts < threshold)) | also
    cells = [np.append(parts, total) for total, parts in lines]
    of_cell: list[list[np.ndarray]] = [[] for _ in counts]
    for line in cells:
        for cell in line:
            of_cell[cell].append(line)
    while True:
        changed = False
        for total, parts in lines:
            choice = _next_to_hide(counts, hidden, total, parts, threshold, of_cell)
            if choice is not None:
                hidden[choice] = changed = True
        if not changed:
            choice = _to_break(counts, hidden, lines, of_cell)
            if choice is None:
                return hidden
            hidden[choice] = True


def _cheapest(
    counts: np.ndarray, hidden: np.ndarray, cells: np.ndarray, of_cell: Sequence[Sequence[np.ndarray]]
) -> int | None:
    """The shown count above nil that opens fewest lines without a hidden count, and of those the smallest."""
    open_cells = cells[~hidden[cells] & (counts[cells] > 0)]
    fresh = [sum(not hidden[line].any() for line in of_cell[cell]) for cell in open_cells]
    return int(min(zip(fresh, counts[open_cells], open_cells, strict=True))[2]) if len(open_cells) else None


def _next_to_hide(
    counts: np.ndarray,
    hidden: np.ndarray,
    total: int,
    parts: np.ndarray,
    threshold: int,
    of_cell: Sequence[Sequence[np.ndarray]],
) -> int | None:
    closed = parts[hidden[parts]]
    if not len(closed):
        known = hidden[total] and not np.isnan(counts[total])
        return _cheapest(counts, hidden, parts, of_cell) if known else None
    if hidden[total] or np.isnan(counts[closed]).any():
        return None
    if len(closed) >= 2 and counts[closed].sum() >= threshold:
        return None
    cell = _cheapest(counts, hidden, parts, of_cell)
    return total if cell is None else cell


def derivable(hidden: np.ndarray, lines: Sequence[Line]) -> np.ndarray:
    """Positions of hidden counts that the shown ones determine exactly."""
    cells = np.flatnonzero(hidden)
    matrix = np.zeros((len(lines), len(hidden)))
    for row, (total, parts) in enumerate(lines):
        matrix[row, total] = 1
        matrix[row, parts] = -1
    if not len(cells) or not len(lines):
        return cells[:0]
    _, singular, basis = np.linalg.svd(matrix[:, cells], full_matrices=True)
    rank = int((singular > 1e-9).sum())
    return cells[np.abs(basis[rank:]).sum(axis=0) < 1e-9]


def _to_break(
    counts: np.ndarray, hidden: np.ndarray, lines: Sequence[Line], of_cell: Sequence[Sequence[np.ndarray]]
) -> int | None:
    for cell in derivable(hidden, lines):
        if not np.isnan(counts[cell]):
            choice = _cheapest(counts, hidden, np.unique(np.concatenate(of_cell[cell])), of_cell)
            if choice is not None:
                return choice
    return None


def protect_shares(
    frame: pd.DataFrame,
    keys: Sequence[str],
    trees: Mapping[str, Tree],
    threshold: int,
    also: pd.Series | None = None,
) -> pd.Series:
    """Which shares to hide: rows with ``n`` and ``successes`` under ``keys``, with sums as in ``trees``.

    A share is hidden when the persons with, without or in all are fewer than ``threshold`` (nil included), or when
    one of the three follows from other rows. ``also`` marks rows to hide whatever their counts.
    """
    parts = {
        "all": frame["n"].astype("Float64"),
        "success": frame["successes"].astype("Float64"),
        "failure": (frame["n"] - frame["successes"]).astype("Float64"),
    }
    long = pd.concat([frame[list(keys)].assign(part=part, count=count) for part, count in parts.items()])
    long = long.reset_index(names="row")
    nil = ((long["count"] == 0) & (long["row"].map(frame["n"]) > 0)).fillna(False)
    if also is not None:
        nil |= long["row"].map(also).astype(bool)
    hidden = protect(long, "count", [*keys, "part"], {**trees, "part": PART_TREE}, threshold, also=nil)
    return hidden.groupby(long["row"]).any().reindex(frame.index).rename("suppressed")


def blank(frame: pd.DataFrame, hidden: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    """A copy with ``columns`` null in the hidden rows and a boolean column ``suppressed``."""
    result = frame.copy()
    for column in columns:
        values = result[column]
        if pd.api.types.is_integer_dtype(values.dtype):
            values = values.astype("Int64")
        elif pd.api.types.is_bool_dtype(values.dtype):
            values = values.astype("boolean")
        result[column] = values.mask(hidden)
    return result.assign(suppressed=hidden.astype(bool))
