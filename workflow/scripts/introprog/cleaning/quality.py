"""The log of everything that reading and cleaning drop, correct or flag, and the judgement of when it is too much.

A fault up to the tolerated share of its rule (data/codebook/rules.yaml) is counted and dealt with as the rule says.
Above it the input is taken to be another file than the codebook describes, and the run stops. Five stray values in a
small file never stop a run, unless they are more than half of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from introprog.codebook import Rule
from introprog.errors import SHOWN, Problem, nearest

COLUMNS = ["table", "rule", "year", "reason", "action", "n"]
ALWAYS_TOLERATED = 5


def too_many(count: int, total: int, tolerated: float) -> bool:
    """Whether ``count`` bad rows of ``total`` exceed the tolerated share (and are more than a few stray ones)."""
    return count > tolerated * total and (count > ALWAYS_TOLERATED or 2 * count > total)


@dataclass
class QualityLog:
    """Collects counts by rule and year, and problems that must stop the run; passed explicitly to each cleaner.

    ``counts`` has the columns of the table but the last as key, and the number of rows; ``examples`` has by table,
    rule and reason the first few rows touched, as file and row number.
    """

    rules: Mapping[str, Rule]
    counts: dict[tuple, int] = field(default_factory=dict)
    examples: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    tolerated: list[Problem] = field(default_factory=list)

    def found(self, fault: Problem, stops: bool) -> None:
        """Enter a fault with its examples: as a problem when it must stop the run, else as a tolerated one."""
        (self.problems if stops else self.tolerated).append(fault)

    def note(
        self,
        table: str,
        rule: str,
        years: pd.Series | np.ndarray | None = None,
        n: int | None = None,
        what: str = "",
        rows: Sequence[str] = (),
    ):
        """Count rows touched by ``rule``: ``years`` gives one year a touched row, or ``n`` rows without a year.

        ``what`` (a column, say) is put before the reason; ``rows`` are the first of them, each as file and row number.
        Raises ``ValueError`` for a rule the codebook lacks.
        """
        if rule not in self.rules:
            raise ValueError(f"no rule {rule!r} in data/codebook/rules.yaml: {nearest(rule, list(self.rules))}")
        reason = ": ".join(filter(None, (what, self.rules[rule].reason["en"])))
        if len(rows):
            known = self.examples.setdefault((table, rule, reason), [])
            known += list(rows)[: SHOWN - len(known)]
        if years is None:
            tally = {None: int(n or 0)}
        else:
            year = np.asarray(years, dtype="float64")
            known, rows = np.unique(year[~np.isnan(year)], return_counts=True)
            tally = dict(zip(known.astype("int64").tolist(), rows.tolist())) | {None: int(np.isnan(year).sum())}
        for year, rows in tally.items():
            if rows:
                entry = (table, rule, year, reason, self.rules[rule].action)
                self.counts[entry] = self.counts.get(entry, 0) + rows

    def judge(
        self,
        where: str,
        rule: str,
        bad: np.ndarray,
        values: pd.Series | None = None,
        expected: str = "",
        hint: str = "",
        rows: Sequence[int | str] | np.ndarray = (),
    ):
        """Add a problem when the rows marked in ``bad`` are more than the rule tolerates.

        ``values`` are those of all rows, told in the order of their index, and ``rows`` the row numbers of the first.
        """
        bad = np.asarray(bad, dtype=bool)
        shown = [] if values is None else list(values[bad].sort_index().dropna().astype(str).unique()[:SHOWN])
        self.judge_count(where, rule, int(bad.sum()), len(bad), shown, expected, hint, rows)

    def judge_count(
        self,
        where: str,
        rule: str,
        count: int,
        total: int,
        shown: Sequence[str] = (),
        expected: str = "",
        hint: str = "",
        rows: Sequence[int | str] | np.ndarray = (),
    ):
        """Add a problem when ``count`` rows of ``total``, with the values ``shown``, are more than is tolerated."""
        if not count:
            return
        share = f"{count / total:.1%} of the rows, {self.rules[rule].tolerated:.1%} are tolerated"
        what = f"{self.rules[rule].reason['en']}: {share}"
        fault = Problem(where, rule, what, expected, hint, count, list(rows[:SHOWN]), list(shown))
        self.found(fault, too_many(count, total, self.rules[rule].tolerated))

    def join(self, other: "QualityLog") -> None:
        """Enter all that stands in ``other``, after what stands here."""
        for entry, rows in other.counts.items():
            self.counts[entry] = self.counts.get(entry, 0) + rows
        for what, rows in other.examples.items():
            known = self.examples.setdefault(what, [])
            known += rows[: SHOWN - len(known)]
        self.problems += other.problems
        self.tolerated += other.tolerated

    def frame(self) -> pd.DataFrame:
        """The log as a table, sorted, one row a table, rule, year and reason."""
        if not self.counts:
            return pd.DataFrame(columns=COLUMNS).astype({"year": "Int32", "n": "int64"})
        order = sorted(self.counts, key=lambda e: (e[0], e[1], e[2] is None, e[2] or 0, e[3], e[4]))
        rows = pd.DataFrame([(*entry, self.counts[entry]) for entry in order], columns=COLUMNS)
        return rows.astype({"year": "Int32", "n": "int64"})
