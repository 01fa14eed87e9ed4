"""What the tables of participants share: counts by a trait and sex with shares, disclosure control, and the columns."""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.disclosure import SEX_TREE, blank, protect
from introprog.displays.context import Context
from introprog.displays.shares import SEXES
from introprog.labels import HIDDEN
from introprog.participants import TOTAL, counts, participants
from introprog.tables import Column, Row, Table

KEYS = ["year", "group", "sex"]
REST = "rest"


def last_year(programmes: pd.DataFrame, settings: Mapping) -> int:
    """The last year of the study in which anybody begins: after it open programmes say nothing."""
    starts = programmes["start_date"].dt.year
    return int(min(settings["study"]["last_exit_year"], starts.max()))


def grouped(inputs: Mapping, settings: Mapping, group: str, years: Sequence[int]) -> pd.DataFrame:
    """Counts by year, group and sex of the participants of ``years``: year, group, sex, n (before any hiding)."""
    return counts(participants(inputs["programmes"], inputs["persons"], years), group)


def keep_largest(table: pd.DataFrame, keep: Sequence[str]) -> pd.DataFrame:
    """``table`` with all groups but ``keep`` and the total summed as ``rest``; ``groups``: how many are."""
    named = table["group"].where(table["group"].isin([TOTAL, *keep]), REST)
    sums = table.assign(group=named).groupby(KEYS, sort=False)["n"].agg(n="sum", groups="size").reset_index()
    return sums.assign(groups=sums["groups"].where(sums["group"] == REST, 1))


def with_shares(table: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """Adds ``share`` (of all of the same sex) and ``sex_share`` (of both sexes of the group), 0-1, after disclosure
    control: what is hidden is null and ``suppressed``."""
    groups = tuple(g for g in table["group"].unique() if g != TOTAL)
    trees = {"sex": SEX_TREE, "group": {TOTAL: groups}}
    hidden = protect(table, "n", KEYS, trees, settings["disclosure"]["threshold"])
    known = blank(table, hidden, ["n"])
    n = known["n"].astype("Float64")
    total = known[known["group"] == TOTAL].set_index(["year", "sex"])["n"].astype("Float64")
    both = known[known["sex"] == "both"].set_index(["year", "group"])["n"].astype("Float64")
    of = {
        "share": total.reindex(pd.MultiIndex.from_frame(known[["year", "sex"]])),
        "sex_share": both.reindex(pd.MultiIndex.from_frame(known[["year", "group"]])),
    }
    for name, whole in of.items():
        values = whole.set_axis(known.index)
        known[name] = n / values.mask(values == 0)
    return known


def in_order(table: pd.DataFrame, largest: Sequence[str]) -> pd.DataFrame:
    """``table`` with all first, the groups of ``largest`` in that order, then the rest and the unknown.

    Groups whose number is hidden stand behind the others by their code: a place between two numbers tells a third.
    """
    closed = set(table.loc[(table["sex"] == "both") & table["suppressed"], "group"])
    named = [*(g for g in largest if g not in closed), *sorted(closed.intersection(largest))]
    at = {g: i for i, g in enumerate([TOTAL, *named, REST, "unknown"])}
    return table.sort_values(["group", "sex"], key=lambda s: s.map(at) if s.name == "group" else s, ignore_index=True)


def sex_table(
    numbers: pd.DataFrame, names: Mapping[str, str], context: Context, stub: str, notes: Sequence[str]
) -> Table:
    """One line a group of the last year in the order of ``names`` (group -> words): persons and shares by sex."""
    labels, pick = context.labels, context.labels.pick
    year = int(numbers["year"].max())
    cells = numbers[numbers["year"] == year].set_index(["group", "sex"])
    persons = pick({"nb": f"Personer, {year}", "en": f"Persons, {year}"})
    share = pick({"nb": "Prosent av alle", "en": "Per cent of all"})
    of_both = pick({"nb": "Prosent av begge kjønn", "en": "Per cent of both sexes"})
    columns = [Column(labels.term(f"sex.{s}"), head) for head in (persons, share) for s in SEXES]
    columns += [Column(labels.term(f"sex.{s}"), of_both) for s in ("men", "women")]
    rows = []
    for group, words in names.items():
        own = cells.loc[group]
        line = [_cell(own.loc[s], "n", context) for s in SEXES] + [_cell(own.loc[s], "share", context) for s in SEXES]
        line += [_cell(own.loc[s], "sex_share", context) for s in ("men", "women")]
        rows.append(Row(words, line, kind="total" if group == TOTAL else "body"))
    whole = cells.loc[(TOTAL, "both"), "n"]
    n = {
        "nb": f"{labels.number(whole)} deltakere i {year}",
        "en": f"{labels.number(whole)} participants in {year}",
    }
    definition = {
        "nb": "deltaker = i introduksjonsprogrammet minst én dag i året; alder ved utgangen av året, kommunen er den "
        "siste programkommunen i året",
        "en": "participant = in the introduction programme on at least one day of the year; age at the end of the "
        "year, the municipality is the last programme municipality of the year",
    }
    footer = context.footer(numbers, pick(n), pick(definition), notes)
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _cell(row: pd.Series, column: str, context: Context) -> str:
    if row["suppressed"] or (pd.isna(row[column]) and row["n"] != 0):
        return HIDDEN
    if row["n"] == 0:
        return "-"
    return context.labels.number(row["n"]) if column == "n" else context.labels.share(row[column], 1)
