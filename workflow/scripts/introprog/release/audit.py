"""The audit: what somebody with every released table could work out of what is hidden, and whether that is too much.

Three faults stop a run: a count hidden in one output and shown in another; a count under the threshold that is shown or
that follows from shown ones; and a hidden count that the released ones pin to less than the protection interval. Each
is told with the outputs and cells concerned, never with the count itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from introprog.errors import SHOWN, Problem
from introprog.release.bounds import TOLERANCE, Contradiction, bounds, reduce
from introprog.release.cells import NAME, conflicts, names
from introprog.release.sums import UNPLACED, System, system

SEED = 20191028
NAMED = 6
LEAKS = [NAME, "fault", "width", "outputs"]
HINT = (
    "raise disclosure.threshold, leave one of the displays out (displays), or declare an exception with its reason "
    "(disclosure.exceptions)"
)


@dataclass(frozen=True)
class Audit:
    """``widths``: one row a hidden cell (``cell, width``, at most the protection interval); ``leaks``: ``LEAKS``."""

    widths: pd.DataFrame
    leaks: pd.DataFrame


def audit(cells: pd.DataFrame, universes: Mapping, threshold: int, protection: int) -> Audit:
    """Bounds of all hidden cells of ``introprog.release.cells.collect``, universe by universe."""
    mixed, wrong = conflicts(cells[cells["hidden"] | cells["value"].notna()])
    both = mixed["hidden_in"] + ", " + mixed["shown_in"] if len(mixed) else pd.Series(dtype=str)
    leaks = [
        pd.DataFrame({NAME: mixed[NAME], "fault": "shown elsewhere", "width": 0.0, "outputs": both}),
        pd.DataFrame({NAME: wrong[NAME], "fault": "contradiction", "width": np.nan, "outputs": wrong["shown_in"]}),
    ]
    small = cells[cells["value"].between(1, threshold - 1)]
    by_cell = small.groupby(NAME, sort=True)["output"].agg(lambda o: ", ".join(sorted(set(o))))
    leaks.append(
        pd.DataFrame({NAME: by_cell.index, "fault": "small and shown", "width": 0.0, "outputs": by_cell.values})
    )
    widths = []
    for name, universe in universes.items():
        rows = cells[cells["universe"] == name]
        if len(rows):
            width, leak = _universe(name, rows, list(universe["dimensions"]), universe, threshold, protection)
            widths.append(width)
            leaks.append(leak)
    told = pd.concat([part for part in leaks if len(part)] or leaks[:1], ignore_index=True)
    told = told.drop_duplicates(NAME).sort_values([NAME, "fault"], kind="stable", ignore_index=True)
    return Audit(pd.concat(widths, ignore_index=True) if widths else pd.DataFrame(columns=[NAME, "width"]), told[LEAKS])


def _universe(
    name: str, rows: pd.DataFrame, dimensions: Sequence[str], universe: Mapping, threshold: int, protection: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    at, labels = pd.factorize(rows[NAME])
    first = np.unique(at, return_index=True)[1]
    tied = system(rows[dimensions].iloc[first], universe)
    released = _Released(rows, at, len(tied.keys))
    unplaced = np.asarray(tied.keys["region"] == UNPLACED) if "region" in tied.keys else np.zeros(len(tied.keys), bool)
    value, closed = released.value, released.closed
    try:
        try:
            # who has no municipality is counted in the country: nobody, unless the numbers themselves say otherwise
            found = _worked_out(tied, np.where(unplaced, 0.0, value), closed, protection)
        except Contradiction:
            found = _worked_out(tied, value, closed, protection)
    except Contradiction as error:
        return _contradicted(released, error)
    low, high, single = found
    hidden = np.flatnonzero(closed)
    width = np.minimum(high - low, protection)
    derived = (single > 1 - TOLERANCE) & (single < threshold - TOLERANCE) & np.isnan(value) & ~closed & ~unplaced
    pinned = width < protection - TOLERANCE
    if universe.get("nil_shown", False):
        pinned &= high > TOLERANCE
    faults = [(at, "can be told", span) for at, span in zip(hidden[pinned], width[pinned], strict=True)]
    faults += [(at, "small and left over", 0.0) for at in np.flatnonzero(derived)]
    told = names(tied.keys.iloc[[at for at, _, _ in faults]], name, dimensions)
    leaks = [
        {NAME: label, "fault": fault, "width": float(span), "outputs": released.outputs_near(tied, at)}
        for label, (at, fault, span) in zip(told, faults, strict=True)
    ]
    return pd.DataFrame({NAME: labels[hidden], "width": width}), pd.DataFrame(leaks, columns=LEAKS)


class _Released:
    """What the outputs say of the cells of one universe: ``value``, missing where nobody shows it, and ``closed``,
    where it is hidden. ``at``: the place among the cells of each of ``rows``; cells without an output come last."""

    def __init__(self, rows: pd.DataFrame, at: np.ndarray, cells: int):
        self.rows, self.at = rows, at
        hidden, value = rows["hidden"].to_numpy(dtype=bool), rows["value"].to_numpy(dtype="float64")
        self.value, self.closed = np.full(cells, np.nan), np.zeros(cells, dtype=bool)
        shown = ~hidden & ~np.isnan(value)
        # of several that show a cell the first counts
        self.value[at[shown][::-1]] = value[shown][::-1]
        self.closed[at[hidden]] = True
        self.closed &= np.isnan(self.value)

    def outputs_of(self, cells: np.ndarray) -> str:
        """The outputs that show or hide one of these cells."""
        found = sorted(set(self.rows["output"][np.isin(self.at, cells)]))
        return ", ".join(found[:NAMED]) + (" ..." if len(found) > NAMED else "")

    def outputs_near(self, tied: System, cell: int) -> str:
        """Those that show or hide this cell, or show a number with atoms of it."""
        atoms = np.unique(tied.sums[[cell]].indices)
        touching = np.asarray((tied.sums[:, atoms] != 0).sum(axis=1)).ravel() > 0
        return self.outputs_of(np.append(np.flatnonzero(touching & ~np.isnan(self.value)), cell))


def _worked_out(
    tied: System, value: np.ndarray, closed: np.ndarray, protection: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounds of the hidden cells, and of every cell its value where single equations give it."""
    known = ~np.isnan(value)
    matrix = sparse.vstack([tied.sums[known], tied.zero]).tocsr()
    right = np.concatenate([value[known], np.zeros(tied.zero.shape[0])])
    fixed = reduce(matrix, right).fixed
    unknown = np.asarray(tied.sums @ np.isnan(fixed).astype(float)).ravel() > 0
    values = np.where(unknown, np.nan, np.asarray(tied.sums @ np.nan_to_num(fixed)).ravel())
    low, high, _ = bounds(matrix, right, tied.sums[closed], protection, SEED)
    return low, high, values


def _contradicted(released: _Released, error: Contradiction) -> tuple[pd.DataFrame, pd.DataFrame]:
    known = np.flatnonzero(~np.isnan(released.value))
    about = known[error.equations[error.equations < len(known)]]
    rows = released.rows
    name = min(rows[NAME][np.isin(released.at, about)], default=str(rows["universe"].iloc[0]))
    leak = {NAME: name, "fault": "contradiction", "width": np.nan, "outputs": released.outputs_of(about)}
    return pd.DataFrame(columns=[NAME, "width"]), pd.DataFrame([leak], columns=LEAKS)


def excepted(leaks: pd.DataFrame, exceptions: Sequence[Mapping]) -> pd.Series:
    """The reason for which each leak is let through, ``""`` where there is none.

    An exception names an output and, if it likes, the beginning of its cells' names.
    """
    reasons = pd.Series("", index=leaks.index, dtype="object")
    for exception in exceptions:
        about = leaks["outputs"].map(lambda o, e=exception: e["output"] in o.split(", ")).astype(bool)
        about &= leaks[NAME].str.startswith(exception.get("cells", ""))
        reasons = reasons.mask(about & (reasons == ""), exception["reason"])
    return reasons


WHAT = {
    "shown elsewhere": "counts hidden in one output are shown in another",
    "small and shown": "counts of fewer persons than the threshold are shown",
    "small and left over": "counts of fewer persons than the threshold follow from those shown",
    "can be told": "hidden counts can be told too closely from all outputs together",
    "contradiction": "released numbers contradict one another, or workflow/release.yaml says wrongly what they mean",
}


def problems(leaks: pd.DataFrame, threshold: int, protection: int) -> list[Problem]:
    """One problem a fault and set of outputs, with the names of up to five cells; no count is told."""
    expected = {
        "can be told": f"room for {protection} persons or more",
        "small and shown": f"{threshold} persons or more, or hidden",
        "small and left over": f"{threshold} persons or more, or covered by another hidden count",
        "contradiction": "the same number for the same cell",
    }
    found = []
    for (fault, outputs), rows in leaks.groupby(["fault", "outputs"], sort=True):
        cells = ", ".join(rows[NAME].iloc[:SHOWN]) + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")
        hint = "see docs/disclosure.md" if fault == "contradiction" else HINT
        what = f"{WHAT[fault]}: {cells}"
        told = expected.get(fault, "hidden everywhere")
        found.append(Problem(f"results, {outputs}", "R1", what, told, hint))
    return found
