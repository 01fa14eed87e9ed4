"""Faults of employment rows, told with the row numbers of the files although only columns of codes are at hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import DUPLICATED, two_dates
from introprog.errors import SHOWN
from introprog.readers.origin import Origin


@dataclass
class YearRows:
    """The rows of one year: ``chosen`` are their places in ``origin``, ``None`` = all that was read, in its order."""

    origin: Origin
    year: int
    chosen: np.ndarray | None = None

    def judge(
        self,
        log: QualityLog,
        rule: str,
        bad: np.ndarray,
        part: str = "",
        expected: str = "",
        hint: str = "",
        values: pd.Series | None = None,
        spells: tuple[np.ndarray, np.ndarray] | None = None,
        rows: np.ndarray | None = None,
    ) -> None:
        """Judge and count the rows marked in ``bad``.

        ``values`` are those of all rows, or ``spells`` their first and last days since 1970; ``rows`` are the positions
        of the rows among those of the year, where some have been left out or moved.
        """
        at = np.flatnonzero(bad)
        if len(at) and spells is not None:
            values = two_dates(
                *(pd.Series(days.astype("datetime64[D]").astype("datetime64[s]")) for days in spells), bad
            )
        at = at if rows is None else rows[at]
        at = at if self.chosen is None else self.chosen[at]
        shown = [] if values is None else list(values[bad].sort_index().dropna().astype(str).unique()[:SHOWN])
        self.count(log, rule, at, len(bad), part, expected, hint, shown)

    def count(
        self,
        log: QualityLog,
        rule: str,
        at: np.ndarray,
        total: int,
        part: str = "",
        expected: str = "",
        hint: str = "",
        shown: Sequence[str] = (),
    ) -> None:
        """Judge and count the rows at the places ``at`` of the origin, of ``total``; ``shown`` are values of theirs."""
        where = ", ".join(filter(None, (self.origin.name(f"employment of {self.year}"), part)))
        log.judge_count(where, rule, len(at), total, shown, expected, hint, self.origin.rows(at))
        log.note("employment", rule, np.full(len(at), self.year), rows=self.origin.examples(at))

    def judge_twice(self, log: QualityLog, same: np.ndarray, like: np.ndarray, rows: np.ndarray | None = None) -> None:
        """Judge and count rows of the ``same`` key as one before, D1 where the content is ``like`` it, else D2."""
        for rule, bad in (("D1", like), ("D2", same & ~like)):
            self.judge(log, rule, bad, hint=DUPLICATED, rows=rows)
