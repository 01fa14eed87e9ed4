"""T-B8: what a missing end cause could hide: the direct-exit share with its worst and best case, by year of leaving."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.labels import HIDDEN
from introprog.tables import Column, Row, Table

DEFINITION = "direct_exit"
COLUMNS = (
    ("n", {"nb": "", "en": ""}, {"nb": "Sluttet, personer", "en": "Left, persons"}),
    ("share_unknown", {"nb": "", "en": ""}, {"nb": "Årsak mangler, prosent", "en": "Cause missing, per cent"}),
    (
        "bound_low",
        {"nb": "Direkte overgang, prosent", "en": "Direct exit, per cent"},
        {"nb": "Ingen av dem", "en": "None of them"},
    ),
    (
        "share_known",
        {"nb": "Direkte overgang, prosent", "en": "Direct exit, per cent"},
        {"nb": "Bare kjente", "en": "Known only"},
    ),
    (
        "bound_high",
        {"nb": "Direkte overgang, prosent", "en": "Direct exit, per cent"},
        {"nb": "Alle av dem", "en": "All of them"},
    ),
    ("interval", {"nb": "", "en": ""}, {"nb": "{confidence} for begge grenser", "en": "{confidence} of both bounds"}),
)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``end_cause_bounds``: exit_year, sex, n, unknown, successes, shares and bounds (0-1), suppressed."""
    table = inputs["end_cause_bounds"]
    return table.assign(suppressed=table["suppressed"].astype(bool), exit_year=table["exit_year"].astype("int64"))


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """One line a year of leaving, both sexes; men and women are in the numbers."""
    labels, pick = context.labels, context.labels.pick
    rows = [Row(str(row["exit_year"]), _cells(row, context)) for _, row in numbers[numbers["sex"] == "both"].iterrows()]
    columns = [Column(pick(head).format(confidence=context.confidence), pick(group)) for _, group, head in COLUMNS]
    both = numbers[numbers["sex"] == "both"]
    n = {
        "nb": f"{labels.number(both['n'].sum())} som sluttet, {labels.number(both['unknown'].sum())} uten registrert "
        "årsak",
        "en": f"{labels.number(both['n'].sum())} leavers, {labels.number(both['unknown'].sum())} without a "
        "registered cause",
    }
    note = {
        "nb": "«Ingen av dem» er slik målet publiseres: manglende årsak og automatisk avslutning teller som ikke "
        "oppnådd.",
        "en": "“None of them” is how the measure is published: a missing cause and automatic closing count as not "
        "achieved.",
    }
    footer = context.footer(numbers, pick(n), context.definition(DEFINITION), [pick(note)])
    return Table(
        context.language, context.title, labels.term("word.leaving_year"), columns, rows, footer, context.stamp
    )


def _cells(row: pd.Series, context: Context) -> list[str]:
    if row["suppressed"]:
        return [HIDDEN] * len(COLUMNS)
    shares = [context.labels.share(row[name], 1) for name, *_ in COLUMNS[1:-1]]
    interval = context.labels.interval(100 * row["ci_low"], 100 * row["ci_high"], 1)
    return [context.labels.number(row["n"]), *shares, interval]
