"""Municipality rows of a StatBank file whose figures belong to another municipality from some horizon on.

A cohort keeps its size from one November to the next, but for the few who emigrate or die. In IMDi's file of 2011-2013
the rows of the last quarter of the municipalities are shifted by one from the third year on and by two from the fourth:
the leavers of Trondheim are found under its neighbours in the list. Such rows are found by the sizes, told and, unless
the config keeps them as they stand, withdrawn; they are never moved back by guess.
"""

import numpy as np
import pandas as pd

from introprog.errors import Problem
from introprog.status import TOTAL

COMPARABLE, KEPT = 10, 0.5
FEWEST, MOSTLY, SELDOM = 5, 0.5, 0.05
CELL = ["region", "geography", "cohort"]


def withdraw(cells: pd.DataFrame, where: str, notes: list[Problem]) -> pd.DataFrame:
    """``cells`` (of ``statbank.read_cells``) with displaced municipality cells marked suppressed, and a note of each.

    Rows are displaced between a horizon and the next when, from some municipality on in the order of the list, most
    cohorts of ten or more have lost or gained half their size, and before it hardly any: then all figures of these
    municipalities at the later horizon and after it are withdrawn.
    """
    town = cells["region"].str.len() == 4
    totals = cells[town & (cells["status"] == TOTAL) & (cells["sex"] == "both")]
    totals = totals.assign(cohort=totals["year"] - totals["horizon"]).dropna(subset="n")
    gone = pd.Series(False, index=cells.index)
    for (geography, later), first in _displaced(totals).items():
        lost = town & (cells["region"] >= first) & (cells["horizon"] >= later) & (cells["geography"] == geography)
        lost &= ~gone
        if lost.any():
            what = f"figures {later} years after and later belong to other municipalities from {first} on in the list"
            hint = "statbank.displaced_rows in config.yaml withdraws or keeps them; a fetched table has them right"
            expected = "a cohort keeps its size from one November to the next"
            notes.append(Problem(where, "T9", what, expected, hint, count=int(lost.sum())))
        gone |= lost
    return cells.assign(n=cells["n"].mask(gone), suppressed=cells["suppressed"] | gone)


def _displaced(totals: pd.DataFrame) -> dict[tuple[str, int], str]:
    """Geography and horizon at which rows are displaced -> the first municipality of which it is so."""
    after = totals.assign(horizon=totals["horizon"] - 1)
    pairs = totals.merge(after, on=[*CELL, "horizon"], suffixes=("", "_later"))
    size = pairs[["n", "n_later"]].astype("float64")
    pairs["broken"] = size.min(axis=1) < KEPT * size.max(axis=1)
    pairs = pairs[size.max(axis=1) >= COMPARABLE].sort_values("region")
    found = {}
    for (geography, horizon), own in pairs.groupby(["geography", "horizon"], sort=True):
        first = _start(own["region"].to_numpy(), own["broken"].to_numpy())
        if first is not None:
            # small municipalities before the first one seen may be displaced too: begin after the last sound one
            sound = own.loc[~own["broken"] & (own["region"] < first), "region"].max()
            regions = np.sort(totals["region"].unique())
            found[str(geography), int(horizon) + 1] = str(
                regions[regions > sound][0] if pd.notna(sound) else regions[0]
            )
    return found


def _start(regions: np.ndarray, broken: np.ndarray) -> str | None:
    """The region from which most are broken and before which hardly any is, where there is one."""
    before = np.r_[0, np.cumsum(broken)]
    after_sound = (~broken).sum() - np.r_[0, np.cumsum(~broken)]
    cut = int(np.argmin(before + after_sound))
    tail, head = broken[cut:], broken[:cut]
    towns = len(np.unique(regions[cut:][tail]))
    clear = towns >= FEWEST and tail.mean() >= MOSTLY and (not len(head) or head.mean() <= SELDOM)
    return str(regions[cut]) if clear else None
