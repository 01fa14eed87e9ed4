"""T-D9: before and after the efficiency network: shares, changes, and the difference between the changes."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.labels import HIDDEN, NOT_AVAILABLE
from introprog.tables import Column, Row, Table

GROUPS = {
    "network": {"nb": "Kommuner i nettverket", "en": "Municipalities in the network"},
    "other": {"nb": "Andre kommuner", "en": "Other municipalities"},
}
MODELS = {
    "difference_in_differences": {"nb": "Forskjell mellom endringene", "en": "Difference between the changes"},
    "adjusted": {
        "nb": "Forskjell mellom endringene, justert for deltakerne",
        "en": "Difference between the changes, adjusted for participants",
    },
}
COLUMNS = (
    {"nb": "Prosent eller prosentpoeng", "en": "Per cent or percentage points"},
    {"nb": "{confidence}", "en": "{confidence}"},
    {"nb": "p", "en": "p"},
    {"nb": "Personer", "en": "Persons"},
    {"nb": "Kommuner", "en": "Municipalities"},
)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``network`` without the event plot's, with the two periods."""
    table = inputs["network"]
    rows = table[table["model"] != "event"].drop(columns="exit_year")
    periods = {
        f"{name}_{end}": settings["network"][name][i]
        for name in ("before", "after")
        for i, end in enumerate(("first", "last"))
    }
    return rows.assign(suppressed=rows["suppressed"].astype(bool), **periods).reset_index(drop=True)


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Both groups before and after, then the difference between the changes, raw and adjusted."""
    labels, pick = context.labels, context.labels.pick
    first = numbers.iloc[0]
    spans = {
        name: labels.years(int(first[f"{name}_first"]), int(first[f"{name}_last"])) for name in ("before", "after")
    }
    words = {
        "before": {"nb": f"Sluttet {spans['before']}", "en": f"Left {spans['before']}"},
        "after": {"nb": f"Sluttet {spans['after']}", "en": f"Left {spans['after']}"},
        "change": {"nb": "Endring", "en": "Change"},
    }
    rates = numbers[numbers["model"] == "rates"].set_index("term")
    rows = []
    for group, head in GROUPS.items():
        rows.append(Row(pick(head), kind="head"))
        for part in ("before", "after", "change"):
            row = rates.loc[f"{group}_{part}"]
            rows.append(Row(pick(words[part]), _cells(row, context, signed=part == "change"), indent=1))
    methods = {
        "CR2": {"nb": "CR2, Satterthwaite", "en": "CR2, Satterthwaite"},
        "bootstrap": {"nb": "wild cluster bootstrap", "en": "wild cluster bootstrap"},
    }
    for model, head in MODELS.items():
        own = numbers[(numbers["model"] == model) & (numbers["term"] == "network_after")]
        if own.empty:
            continue
        rows.append(Row(pick(head), kind="head"))
        for mark, text in methods.items():
            rows += [
                Row(pick(text), _cells(row, context, True), 1)
                for _, row in own[own["method"].str.contains(mark)].iterrows()
            ]
        silent = own[own["method"].str.startswith("not estimable")]
        rows += [Row(row["method"], _cells(row, context, True), 1) for _, row in silent.iterrows()]
    columns = [Column(pick(c).format(confidence=context.confidence)) for c in COLUMNS]
    stub = {"nb": "Gruppe og periode", "en": "Group and period"}
    return Table(context.language, context.title, pick(stub), columns, rows, _footer(numbers, context), context.stamp)


def _cells(row: pd.Series, context: Context, signed: bool = False) -> list[str]:
    labels = context.labels
    if row["suppressed"]:
        return [HIDDEN, HIDDEN, NOT_AVAILABLE, labels.number(row["n"]), labels.number(row["clusters"])]
    value = labels.signed(100 * row["estimate"], 1) if signed else labels.share(row["estimate"], 1)
    interval = labels.interval(100 * row["ci_low"], 100 * row["ci_high"], 1)
    return [value, interval, labels.p_value(row["p_value"]), labels.number(row["n"]), labels.number(row["clusters"])]


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    count = labels.number(numbers.loc[numbers["term"].isin(["network_change", "other_change"]), "n"].sum())
    n = {"nb": f"{count} tidligere deltakere", "en": f"{count} former participants"}
    needed = numbers.loc[
        (numbers["term"] == "smallest_detectable") & (numbers["model"] == "difference_in_differences"), "estimate"
    ]
    points = labels.number(100 * needed.iloc[0], 1) if len(needed) else NOT_AVAILABLE
    notes = [
        {
            "nb": "Kommunene i nettverket har valgt seg selv; tallene beskriver og er ikke virkninger. Intervallene "
            "for andelene er Wilson, "
            "forskjellen mellom endringene har kommuner som klynger.",
            "en": "The municipalities in the network chose themselves; the figures describe and say nothing about "
            "cause. Intervals of shares are "
            "Wilson's; the difference between the changes has municipalities as clusters.",
        },
        {
            "nb": f"Minste forskjell som ville blitt funnet fire av fem ganger: {points} prosentpoeng.",
            "en": f"Smallest difference that would be found four times in five: {points} percentage points.",
        },
    ]
    return context.footer(
        numbers, pick(n), context.definition(str(numbers["definition"].iloc[0])), [pick(t) for t in notes]
    )
