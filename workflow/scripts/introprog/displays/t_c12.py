"""T-C12: the verdict against the national target at every moment: above, below, or cannot be told."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.moments import exit_note, moment, years_of
from introprog.tables import Column, Row, Table
from introprog.target import VERDICTS

HEADS = {
    "above": {"nb": "Over", "en": "Above"},
    "below": {"nb": "Under", "en": "Below"},
    "cannot be told": {"nb": "Kan ikke sies", "en": "Cannot be told"},
}
YEARS = ["first_exit_year", "last_exit_year"]
COUNTS = ["municipalities", "leavers", "reached", "above", "below", "cannot_be_told"]
COLUMNS = ["definition", "group", "horizon", *YEARS, *COUNTS, "share_told", "error_rate", "cells_left_out"]
GROUPS = {
    "all": {"nb": "Alle kommuner med tidligere deltakere", "en": "All municipalities with former participants"},
    "large": {
        "nb": "Kommuner med minst {least} tidligere deltakere",
        "en": "Municipalities with at least {least} former participants",
    },
}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a group of municipalities (``all``, ``large``) and horizon: how many are given each verdict.

    ``reached``: how many reach the target if the share is taken as it stands; ``share_told``: of the municipalities,
    those with a verdict; ``cells_left_out``: suppressed or small cells of a municipality and cohort that could not be
    counted. Only numbers of municipalities: nothing of a single one is told.
    """
    rows = inputs["target_verdicts"]
    large = rows["n"] >= settings["comparison"]["minimum_leavers"]
    parts = {"all": rows} if large.all() else {"all": rows, "large": rows[large]}
    table = pd.concat([_counts(part).assign(group=group) for group, part in parts.items()], ignore_index=True)
    told = inputs["signal"]
    told = told[(told["definition"] == settings["official_definition"]) | (told["horizon"] == 0)]
    years = told.drop_duplicates("horizon")[["horizon", "definition", "cells_left_out", *YEARS]].astype(
        dict.fromkeys(YEARS, "Int64")
    )
    return table.merge(years, on="horizon", how="left")[COLUMNS]


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    grouped = rows.groupby("horizon", sort=True)
    table = grouped.agg(
        municipalities=("municipality", "size"),
        leavers=("n", "sum"),
        reached=("reached", "sum"),
        error_rate=("error_rate", "first"),
    )
    for verdict in VERDICTS:
        table[verdict.replace(" ", "_")] = (rows["verdict"] == verdict).groupby(rows["horizon"]).sum()
    table["share_told"] = 1 - table["cannot_be_told"] / table["municipalities"]
    return table.reset_index()


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A block a group of municipalities, a line a moment."""
    labels, pick = context.labels, context.labels.pick
    least = labels.number(context.settings["comparison"]["minimum_leavers"])
    rows = []
    for group, head in GROUPS.items():
        own = numbers[numbers["group"] == group]
        if own.empty:
            continue
        rows.append(Row(pick(head).format(least=least), kind="head"))
        rows += [Row(moment(int(row["horizon"]), context), _cells(row, context), 1) for _, row in own.iterrows()]
    target = labels.percent_sign(context.settings["study"]["target_share"])
    verdict = {"nb": f"Dom mot målet på {target}", "en": f"Verdict against the target of {target}"}
    count = {"nb": "Antall", "en": "Number"}
    alone = {"nb": "Nådd, om andelen tas for gitt", "en": "Reached, if the share is taken as it stands"}
    columns = [
        Column(labels.term("word.municipalities"), pick(count)),
        Column(labels.term("word.leavers"), pick(count)),
        *(Column(pick(head), pick(verdict)) for head in HEADS.values()),
        Column(pick({"nb": "Med dom, prosent", "en": "With a verdict, per cent"}), pick(verdict)),
        Column(pick(alone), pick(count)),
    ]
    stub = {"nb": "Måletidspunkt", "en": "Moment of measuring"}
    return Table(context.language, context.title, pick(stub), columns, rows, _footer(numbers, context), context.stamp)


def _cells(row: pd.Series, context: Context) -> list[str]:
    number = context.labels.number
    counts = [number(row[verdict.replace(" ", "_")]) for verdict in HEADS]
    share = context.labels.share(row["share_told"])
    return [number(row["municipalities"]), number(row["leavers"]), *counts, share, number(row["reached"])]


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    error = labels.percent_sign(numbers["error_rate"].max(), 1)
    first = numbers[(numbers["group"] == "all") & (numbers["horizon"] == numbers["horizon"].min())]
    count, people = labels.number(first["municipalities"].sum()), labels.number(first["leavers"].sum())
    n = {
        "nb": f"{people} tidligere deltakere i {count} kommuner ved det første tidspunktet, sluttet "
        f"{years_of(numbers, context)}",
        "en": f"{people} former participants in {count} municipalities at the first moment, left in "
        f"{years_of(numbers, context)}",
    }
    notes = {
        "nb": f"En kommune får en dom når det eksakte konfidensintervallet ({context.confidence}, Clopper–Pearson) for "
        f"andelen ikke dekker målet: sjansen for en feil dom er høyst {error} for hver kommune. «Kan ikke sies» er et "
        "resultat: tallene skiller ikke kommunen fra målet.",
        "en": f"A municipality is given a verdict when the exact interval ({context.confidence}, Clopper–Pearson) of "
        "its "
        f"share does not cover the target: the chance of a wrong one is at most {error} for each municipality. “Cannot "
        "be told” is a result: the figures do not tell the municipality from the target.",
    }
    lines = [pick(notes)]
    if numbers["cells_left_out"].max() > 0:
        lost = labels.number(numbers["cells_left_out"].max())
        left = {
            "nb": f"Inntil {lost} celler (kommune og årgang) er skjult eller for små til å telle med, og er utelatt.",
            "en": f"Up to {lost} cells (municipality and cohort) are suppressed or too small to count, and are left "
            "out.",
        }
        lines.append(pick(left))
    definition = context.definition(context.settings["official_definition"])
    return context.footer(numbers, pick(n), definition, [*lines, *exit_note(numbers["horizon"], context)])
