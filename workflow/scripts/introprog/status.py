"""Labour market status by StatBank 10824's code list, decided by one table of precedence.

The table (data/codelists/status.csv) is the only place where the precedence is written: the first code, in order of
``precedence``, whose ``requires`` flags all hold is the status. The code list is Statistics Norway's; the precedence is
inferred from it and from Statistics Norway's prioritised status (employment before education before unemployment before
measures before benefits), since the agency does not print it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from introprog.errors import Problem, raise_if
from introprog.tabular import read_csv

STATUS_FILE = Path(__file__).parents[3] / "data" / "codelists" / "status.csv"
GROUPS = {"success": "1", "unemployed": "2", "other": "3"}
TOTAL = "00"


@dataclass(frozen=True)
class StatusRule:
    """The precedence compiled: ``codes`` in order of precedence, ``flags`` that decide, and ``lookup`` from the bits of
    the flags (flag i has value 2**i) to the position of the code, int8; ``group`` is the group of each code."""

    codes: tuple[str, ...]
    group: tuple[str, ...]
    flags: tuple[str, ...]
    lookup: np.ndarray

    def in_group(self, name: str) -> np.ndarray:
        """Boolean array by position of the code: whether it is in ``success``, ``unemployed`` or ``other``."""
        return np.array([g == name for g in self.group])


def read_statuses(path: str | Path = STATUS_FILE) -> pd.DataFrame:
    """The code list: code, parent, group, precedence (Int64, missing for totals), requires, label_nb, label_en.

    Raises ``InputError`` when a code occurs twice, a precedence is missing or doubled, or the last code has a
    condition.
    """
    names = ["code", "parent", "group", "precedence", "requires", "label_nb", "label_en"]
    table = read_csv(path, text=names)
    where = Path(path).name
    lacking = [n for n in names if n not in table]
    raise_if([Problem(where, "S1", f"missing columns {lacking}", expected=", ".join(names))] if lacking else [])
    table["precedence"] = pd.to_numeric(table["precedence"], errors="coerce").astype("Int64")
    ranked = table.dropna(subset="precedence").sort_values("precedence")
    details = table[~table["code"].isin([TOTAL, *GROUPS.values()])]
    problems = []
    for column, rows in (("code", table), ("precedence", ranked)):
        twice = rows.loc[rows[column].duplicated(), column]
        if len(twice):
            problems.append(Problem(f"{where}, {column}", "S2", "occurs more than once", values=twice.tolist()))
    if details["precedence"].isna().any():
        codes = details.loc[details["precedence"].isna(), "code"].tolist()
        problems.append(Problem(f"{where}, precedence", "S3", "a status without a rank", values=codes))
    if ranked.empty or ranked["requires"].iloc[-1] or (ranked["requires"].iloc[:-1] == "").any():
        what = "exactly the last status in precedence has an empty condition, so that everybody gets one"
        problems.append(Problem(f"{where}, requires", "S4", "conditions do not decide", expected=what))
    unknown = sorted(set(ranked["group"]) - set(GROUPS))
    if unknown:
        problems.append(Problem(f"{where}, group", "S5", "unknown group", expected=", ".join(GROUPS), values=unknown))
    raise_if(problems)
    return table


def compile_rule(statuses: pd.DataFrame) -> StatusRule:
    """Turn the precedence table into a look-up over all combinations of flags (2**flags entries)."""
    ranked = statuses.dropna(subset="precedence").sort_values("precedence")
    conditions = [frozenset(text.split("+")) - {""} for text in ranked["requires"]]
    flags = tuple(sorted(frozenset().union(*conditions)))
    bits = np.arange(2 ** len(flags))
    lookup = np.full(len(bits), -1, dtype=np.int8)
    for position, condition in enumerate(conditions):
        mask = sum(1 << flags.index(flag) for flag in condition)
        lookup[(lookup < 0) & (bits & mask == mask)] = position
    return StatusRule(tuple(ranked["code"]), tuple(ranked["group"]), flags, lookup)


def flag_bits(rule: StatusRule, flags: Mapping[str, np.ndarray]) -> np.ndarray:
    """The bits of the given ``flags`` that the table asks for, of one shape; those of several calls are put together
    with ``|``.
    """
    bits = np.zeros(np.shape(next(iter(flags.values()))), dtype=np.min_scalar_type(len(rule.lookup) - 1))
    for place, flag in enumerate(rule.flags):
        if flag in flags:
            bits |= np.left_shift(np.asarray(flags[flag], dtype=bits.dtype), bits.dtype.type(place))
    return bits


def decide(rule: StatusRule, flags: Mapping[str, np.ndarray]) -> np.ndarray:
    """Position (int8) of the status in ``rule.codes`` for arrays of flags of one shape, all at once.

    Raises ``KeyError`` when a flag that the table requires is not given.
    """
    return rule.lookup[flag_bits(rule, {flag: flags[flag] for flag in rule.flags})]
