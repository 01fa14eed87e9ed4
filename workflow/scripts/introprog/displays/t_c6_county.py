"""T-C6-county: different criteria, different results, county by county, for the same cohorts.

Which provider somebody went to is in none of the sources; the county of the municipality is.
"""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.f_c1_county import county_names
from introprog.displays.shares import shown
from introprog.displays.t_c6 import by_moment, moment_name, reading_note
from introprog.tables import Column, Row, Table

KEYS = ["county", "definition", "months"]
COLUMNS = ["county", "name", "definition", "months", "first_exit_year", "last_exit_year", "n", "successes", "share",
           "ci_low", "ci_high", "suppressed"]  # fmt: skip


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a county, definition and moment, as in ``t_c6.numbers``: n, share and interval; whole years only."""
    counts = by_moment(inputs["region_status"], settings, ["region"], ("county",))
    counts = counts[counts["months"] % 12 == 0].rename(columns={"region": "county"})
    rows = shown(counts, KEYS, settings, {})
    order = {name: i for i, name in enumerate(settings["definitions"])}
    rows = rows.sort_values(KEYS, key=lambda s: s.map(order) if s.name == "definition" else s, ignore_index=True)
    names = county_names(inputs.get("municipalities"))
    rows["name"] = [names.get(code, code) for code in rows["county"]]
    return rows[COLUMNS]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A block a county, a line a definition: per cent with the interval in brackets."""
    pick, labels = context.labels.pick, context.labels
    months = sorted(int(m) for m in numbers["months"].unique())
    cells = numbers.set_index(KEYS)
    rows = []
    for county, part in numbers.groupby("county", sort=True):
        rows.append(Row(str(part["name"].iloc[0]), kind="head"))
        for name in part["definition"].unique():
            rows.append(Row(context.definition(name), [_cell(cells, (county, name, m), context) for m in months], 1))
    n = {
        "nb": f"{labels.span(numbers['n'].min(), numbers['n'].max())} tidligere deltakere bak hver andel",
        "en": f"{labels.span(numbers['n'].min(), numbers['n'].max())} former participants behind each share",
    }
    definition = {
        "nb": "som i første kolonne; fylket er programkommunens (eller bostedskommunens, der den teller)",
        "en": "as in the first column; the county is that of the programme municipality (or of the present one, where "
        "that counts)",
    }
    note = {
        "nb": f"I klammer: {context.confidence} (Wilson). Hele landet står i T-C6. Hvem som holdt programmet for "
        "en deltaker, står ikke i registrene, så tilbydere kan ikke skilles.",
        "en": f"In brackets: {context.confidence} (Wilson). The whole country is in T-C6. Who provided the programme "
        "for a participant is not in the registers, so providers cannot be told apart.",
    }
    columns = [
        Column(moment_name(m, context), pick({"nb": "Etter avsluttet program", "en": "After leaving the programme"}))
        for m in months
    ]
    footer = context.footer(numbers, pick(n), pick(definition), [reading_note(numbers, context), pick(note)])
    return Table(context.language, context.title, labels.term("word.definition"), columns, rows, footer, context.stamp)


def _cell(cells: pd.DataFrame, key: tuple, context: Context) -> str:
    if key not in cells.index:
        return "."
    row = cells.loc[key]
    if row["suppressed"]:
        return ":"
    interval = context.labels.interval(100 * row["ci_low"], 100 * row["ci_high"], 0)
    return f"{context.labels.share(row['share'])} {interval}"
