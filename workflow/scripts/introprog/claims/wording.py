"""A judged claim in words: estimate, criterion and verdict, the same in table T-G1 and in the report."""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.claims.rules import FAILS, HOLDS, OPEN, UNTESTABLE
from introprog.labels import NOT_AVAILABLE, Labels

WORDS = {HOLDS: "holds", FAILS: "fails", OPEN: "open", UNTESTABLE: "untestable"}
SIMULATED = "synthetic"


def estimate_words(row: Mapping, labels: Labels) -> str:
    """The estimate with its unit: ``61,9 %``, ``16,2 pp``, ``0,36``; ``.`` where there is none."""
    return _with_unit(row["estimate"], row["unit"], labels)


def interval_words(row: Mapping, labels: Labels) -> str:
    """The 95 per cent interval in the unit of the estimate, without the unit."""
    factor, decimals = (1, 2) if row["unit"] == "correlation" else (100, 1)
    if pd.isna(row["ci_low"]):
        return NOT_AVAILABLE
    return labels.interval(factor * row["ci_low"], factor * row["ci_high"], decimals)


def criterion_words(row: Mapping, labels: Labels) -> str:
    """When the claim holds: ``over 5,0 pp``, ``75,0 % til 85,0 %``, ``henger sammen``."""
    low, high = (_with_unit(row[side], row["unit"], labels) for side in ("region_low", "region_high"))
    if pd.isna(row["region_low"]) and pd.isna(row["region_high"]):
        key = str(row["criterion"])
        return labels.term(f"claim.criterion.{key}") if key and key != "nan" else NOT_AVAILABLE
    if pd.isna(row["region_high"]):
        return labels.term("claim.over", limit=low)
    if pd.isna(row["region_low"]):
        return labels.term("claim.under", limit=high)
    return labels.term("claim.within", low=low, high=high)


def verdict_words(row: Mapping, labels: Labels) -> str:
    """The verdict; from simulated data it is one about the simulated data, never about Norway."""
    word = WORDS[row["verdict"]]
    simulated = row["data"] == SIMULATED and word in ("holds", "fails")
    text = labels.term(f"claim.simulated.{word}" if simulated else f"claim.verdict.{word}")
    why = row[f"reason_{labels.language}"]
    return f"{text}: {why}" if isinstance(why, str) and why else text


def evidence_words(row: Mapping, labels: Labels) -> str:
    """Which numbers: ``Denne kjøringen (simulerte data)``, ``Publiserte tall``."""
    return labels.term(f"claim.evidence.{row['data']}")


def line_words(row: Mapping, labels: Labels) -> str:
    """One line for the report: evidence, verdict, and where there are numbers estimate, interval and criterion."""
    head = f"{evidence_words(row, labels)}: {verdict_words(row, labels)}"
    if pd.isna(row["ci_low"]):
        return f"{head}."
    known = "" if pd.isna(row["estimate"]) else f"{estimate_words(row, labels)} "
    numbers = f"{known}{interval_words(row, labels)}"
    criterion = criterion_words(row, labels)
    if criterion == NOT_AVAILABLE:
        return f"{head} {numbers}."
    return f"{head} ({numbers}; {labels.term('claim.holds_where', criterion=criterion)})."


def untestable_alike(rows: Sequence[Mapping]) -> bool:
    """Whether neither the run nor published figures can test a claim, for one and the same reason: one line says it."""
    return (
        len(rows) == 2 and {row["verdict"] for row in rows} == {UNTESTABLE} and len({r["reason_en"] for r in rows}) == 1
    )


def counts_words(rows: pd.DataFrame, labels: Labels) -> str:
    """How the verdicts of one kind of evidence fall: ``Publiserte tall: 9 påstander holder, ...``."""
    counts = {key: int((rows["verdict"] == name).sum()) for name, key in WORDS.items()}
    text = labels.term("claim.counts", evidence=evidence_words(rows.iloc[0], labels), **counts)
    return text + labels.term("claim.simulated.note") if rows["data"].iloc[0] == SIMULATED else text


def _with_unit(value: float, unit: str, labels: Labels) -> str:
    if pd.isna(value):
        return NOT_AVAILABLE
    if unit == "correlation":
        return labels.number(value, 2)
    if unit == "points":
        return f"{labels.number(100 * value, 1)}\N{NO-BREAK SPACE}{labels.term('claim.points')}"
    return labels.percent_sign(value, 1)
