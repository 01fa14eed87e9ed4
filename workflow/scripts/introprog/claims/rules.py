"""Decision rules: an estimate with its interval, held against a region that was written down before the numbers.

A claim holds where the whole interval lies in its region, does not hold where none of it does, and otherwise cannot be
told. «Cannot be told» is a result. Every rule ends in one ``Finding``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.intervals import wilson
from introprog.verdict import half_width

HOLDS, FAILS, OPEN, UNTESTABLE = "holds", "does not hold", "cannot be told", "not testable"
REASONS = {
    "lacking": {"nb": "tallene som trengs, finnes ikke her", "en": "the numbers it takes are not here"},
    "hidden": {"nb": "for få personer til å vises", "en": "too few persons to be shown"},
    "no_interval": {"nb": "lar seg ikke beregne", "en": "cannot be estimated"},
    "unprinted": {
        "nb": "korrelasjonen er ikke publisert; intervallet er det så mange kommuner gir rundt null",
        "en": "the correlation is not published; the interval is what so many municipalities give around zero",
    },
}
NOTHING = {"nb": "", "en": ""}


@dataclass(frozen=True)
class Finding:
    """What a rule found: estimate, 95 per cent limits, number of units, verdict, and why where there is no estimate."""

    verdict: str
    estimate: float = np.nan
    low: float = np.nan
    high: float = np.nan
    n: float = np.nan
    reason: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Evidence:
    """Tables by name; confidence of the intervals; counts under ``threshold`` are not shown (0: published figures)."""

    tables: Mapping[str, pd.DataFrame]
    confidence: float
    threshold: int


class Lacking(Exception):
    """The evidence has no such number; carries the key of the reason."""


def held_against(low: float, high: float, region: Sequence[float | None]) -> str:
    """``holds``, ``does not hold`` or ``cannot be told`` for an interval and a region (None = no limit).

    Raises ``ValueError`` for limits that are missing or the wrong way round.
    """
    if not low <= high:
        raise ValueError(f"no interval: {low} to {high}")
    least = -np.inf if region[0] is None else region[0]
    most = np.inf if region[1] is None else region[1]
    if least <= low and high <= most:
        return HOLDS
    return FAILS if high < least or low > most else OPEN


def chosen(evidence: Evidence, table: str, where: Mapping[str, object]) -> pd.DataFrame:
    """The rows of a table with these values (a list means any of them); raises ``Lacking`` where there are none."""
    rows = evidence.tables.get(table)
    for column, value in where.items():
        if rows is None or column not in rows:
            raise Lacking("lacking")
        rows = rows[rows[column].isin(value if isinstance(value, list) else [value])]
    if rows is None or rows.empty:
        raise Lacking("lacking")
    return rows


def one(evidence: Evidence, table: str, where: Mapping[str, object]) -> pd.Series:
    """The only row with these values; ``Lacking`` where it is hidden or there is none, ``ValueError`` for several."""
    rows = chosen(evidence, table, where)
    if len(rows) > 1:
        raise ValueError(f"{table}: {len(rows)} rows for {dict(where)}")
    if "suppressed" in rows and str(rows.iloc[0]["suppressed"]) == "True":
        raise Lacking("hidden")
    return rows.iloc[0]


def share_limits(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """``share, low, high, n, rounding`` of shares: Wilson's limits at n (``n_effective`` where a survey has it).

    Without an n the limits are the share itself; ``rounding`` is half the last digit of a printed figure, 0 else.
    Raises ``Lacking`` where a count of persons, or what is left of it, is under the threshold.
    """
    share = rows["share"].astype(float)
    n = rows["n"].astype(float) if "n" in rows else pd.Series(np.nan, index=rows.index)
    persons = rows["of"].ne("municipalities") if "of" in rows else pd.Series(True, index=rows.index)
    few = np.minimum(share, 1 - share) * n < evidence.threshold - 1e-9
    if evidence.threshold and (few & persons).any():
        raise Lacking("hidden")
    size = rows["n_effective"].astype(float) if "n_effective" in rows else n
    low, high = wilson(share * size, size, evidence.confidence)
    rounding = rows["rounding"].astype(float) if "rounding" in rows else 0.0
    limits = {"low": np.fmin(low, share), "high": np.fmax(high, share)}
    return pd.DataFrame({"share": share, **limits, "n": n, "rounding": rounding})


def from_interval(rule: Mapping, evidence: Evidence) -> Finding:
    """One estimate with its own interval; ``columns`` names estimate, lower limit, upper limit and number."""
    row = one(evidence, rule["table"], rule["where"])
    estimate, low, high, n = (float(row[column]) for column in rule["columns"])
    if np.isnan([estimate, low, high]).any():
        raise Lacking("no_interval")
    return Finding(held_against(low, high, rule["region"]), estimate, low, high, n)


def from_shares(rule: Mapping, evidence: Evidence) -> Finding:
    """A weighted sum of shares, such as a difference or a change of a difference.

    Limits by recovering the variance of each share from its own limits (Zou and Donner 2008, doi 10.1002/sim.3095),
    shares taken as independent: too wide where the same persons stand in several, never too narrow for a difference.
    What rounding can hide is added whole.
    """
    parts = pd.concat([one(evidence, t["table"], t["where"]).to_frame().T for t in rule["terms"]], ignore_index=True)
    limits = share_limits(parts, evidence)
    weight = np.array([float(t["weight"]) for t in rule["terms"]])
    middle = weight * limits["share"].to_numpy()
    ends = weight[:, None] * limits[["low", "high"]].to_numpy()
    estimate, hidden = float(middle.sum()), float((np.abs(weight) * limits["rounding"]).sum())
    low = estimate - float(np.sqrt(((middle - ends.min(axis=1)) ** 2).sum())) - hidden
    high = estimate + float(np.sqrt(((ends.max(axis=1) - middle) ** 2).sum())) + hidden
    n = float(limits["n"].min()) if limits["n"].notna().all() else np.nan
    return Finding(held_against(low, high, rule["region"]), estimate, low, high, n)


def from_every(rule: Mapping, evidence: Evidence) -> Finding:
    """All of several shares must lie in the region: holds if every interval does, does not hold if one lies outside.

    Shown is the share that lies furthest from holding. The limits are each row's own, not joint ones.
    """
    limits = share_limits(chosen(evidence, rule["table"], rule["where"]), evidence)
    limits = limits.assign(low=limits["low"] - limits["rounding"], high=limits["high"] + limits["rounding"])
    verdicts = np.array([held_against(low, high, rule["region"]) for low, high in zip(limits["low"], limits["high"])])
    least, most = rule["region"]
    beyond = limits["high"] if least is None else -limits["low"]
    worst = limits.loc[beyond.idxmax()] if most is None or least is None else limits.iloc[0]
    verdict = FAILS if (verdicts == FAILS).any() else HOLDS if (verdicts == HOLDS).all() else OPEN
    return Finding(verdict, worst["share"], worst["low"], worst["high"], worst["n"])


def from_verdict(rule: Mapping, evidence: Evidence) -> Finding:
    """The verdict of the association model itself; ``holds`` and ``fails`` say which of its words mean what."""
    row = one(evidence, "verdict", rule["where"])
    if pd.isna(row["r"]):
        raise Lacking("no_interval")
    word = str(row["verdict"])
    wrong_side = rule.get("sign", 0) * float(row["r"]) < 0
    if word == rule["holds"] and not wrong_side:
        verdict = HOLDS
    else:
        verdict = FAILS if word == rule["fails"] or (word == rule["holds"] and wrong_side) else OPEN
    return Finding(verdict, row["r"], row["ci95_low"], row["ci95_high"], row["municipalities"])


def from_noise(rule: Mapping, evidence: Evidence) -> Finding:
    """The share of municipalities that change, beyond what chance and a common shift move.

    Holds if even the most that chance moves leaves some over; does not hold if the least leaves under ``smallest``.
    """
    row = one(evidence, "target_changes", rule["where"])
    size = float(row["municipalities"])
    beyond = [float(row["changed"] - row[c]) / size for c in ("noise_and_shift", "noise_and_shift_high")]
    most = float(row["changed"] - row["noise_and_shift_low"]) / size
    verdict = HOLDS if beyond[1] > 0 else FAILS if most < rule["smallest"] else OPEN
    return Finding(verdict, beyond[0], beyond[1], most, size)


def from_size(rule: Mapping, evidence: Evidence) -> Finding:
    """A correlation that was claimed but not printed: only what so many municipalities could have told at zero."""
    count = int(one(evidence, "published", rule["where"])["value"])
    half = half_width(count, 1 - evidence.confidence)
    return Finding(OPEN, np.nan, -half, half, count, REASONS["unprinted"])


def from_nothing(rule: Mapping, evidence: Evidence) -> Finding:
    """A claim that this kind of evidence says nothing of; the ledger gives the reason."""
    return Finding(UNTESTABLE, reason=rule["reason"])


RULES: dict[str, Callable[[Mapping, Evidence], Finding]] = {
    "interval": from_interval,
    "shares": from_shares,
    "every": from_every,
    "verdict": from_verdict,
    "beyond_noise": from_noise,
    "number_of_municipalities": from_size,
    "not_testable": from_nothing,
}


def evaluate(rule: Mapping, evidence: Evidence) -> Finding:
    """The finding of one rule; ``not testable`` or ``cannot be told`` with a reason where the numbers are not there."""
    try:
        return RULES[rule["rule"]](rule, evidence)
    except Lacking as lacking:
        key = str(lacking)
        return Finding(UNTESTABLE if key == "lacking" else OPEN, reason=REASONS[key])
