"""T-C6: different criteria, different results: every definition of the study at every moment, for the same cohorts."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.shares import pooled, shown, successes
from introprog.tables import Column, Row, Table

MONTHS = (0, 6, 12, 24, 36, 48, 60)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a definition and moment (``months`` after leaving; November n counts as 12 n): n, share and interval."""
    known = settings["definitions"]
    counts = successes(inputs["region_status"], list(known))
    counts = counts[(counts["sex"] == "both") & (counts["n"].fillna(0) > 0)]
    monthly = (
        counts["definition"].map({name: block["moment"] == "anniversary" for name, block in known.items()}).astype(bool)
    )
    counts["months"] = counts["horizon"].where(monthly, 12 * counts["horizon"].astype("int64"))
    counts = counts[counts["months"].isin(MONTHS)]
    rows = shown(
        pooled(counts, settings["comparison"]["exit_years"], ["definition", "months"]),
        ["definition", "months"],
        settings,
        {},
    )
    order = {name: i for i, name in enumerate(known)}
    rows = rows.sort_values(
        ["definition", "months"], key=lambda s: s.map(order) if s.name == "definition" else s, ignore_index=True
    )
    names = [
        "definition",
        "months",
        "first_exit_year",
        "last_exit_year",
        "n",
        "successes",
        "share",
        "ci_low",
        "ci_high",
        "suppressed",
    ]
    return rows[names]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Shares in per cent with the interval below each definition's row of shares."""
    pick = context.labels.pick
    months = [m for m in MONTHS if m in set(numbers["months"])]
    cells = numbers.set_index(["definition", "months"])
    rows = []
    for name in numbers["definition"].unique():
        rows.append(Row(context.definition(name), [_share(cells, name, m, context) for m in months], 0, "total"))
        rows.append(Row(context.confidence, [_interval(cells, name, m, context) for m in months], 1))
    years = context.labels.years(int(numbers["first_exit_year"].min()), int(numbers["last_exit_year"].max()))
    note = {
        "nb": f"Prosent av dem som sluttet {years}. «.» = ikke definert ved dette tidspunktet. Novembermålene står "
        f"under antall hele år; "
        "november ligger 10½ til 22½ måneder etter avslutning for «1 år».",
        "en": f"Per cent of those who left in {years}. “.” = not defined at this moment. November measures stand "
        f"under whole years; "
        "November lies 10½ to 22½ months after leaving for “1 year”.",
    }
    span = context.labels.span(numbers["n"].min(), numbers["n"].max())
    n = {
        "nb": f"{span} tidligere deltakere bak hver andel",
        "en": f"{span} former participants behind each share",
    }
    definition = {
        "nb": "som i første kolonne; alle er valg i config.yaml",
        "en": "as in the first column; all are choices in config.yaml",
    }
    columns = [
        Column(_moment(m, context), pick({"nb": "Etter avsluttet program", "en": "After leaving the programme"}))
        for m in months
    ]
    footer = context.footer(numbers, pick(n), pick(definition), [pick(note)])
    return Table(
        context.language, context.title, context.labels.term("word.definition"), columns, rows, footer, context.stamp
    )


def _moment(months: int, context: Context) -> str:
    if months % 12 == 0:
        return context.labels.term(f"horizon.{months // 12}")
    return context.labels.pick({"nb": f"{months} md.", "en": f"{months} months"})


def _share(cells: pd.DataFrame, name: str, months: int, context: Context) -> str:
    if (name, months) not in cells.index:
        return "."
    row = cells.loc[(name, months)]
    return ":" if row["suppressed"] else context.labels.share(row["share"], 1)


def _interval(cells: pd.DataFrame, name: str, months: int, context: Context) -> str:
    if (name, months) not in cells.index:
        return "."
    row = cells.loc[(name, months)]
    return ":" if row["suppressed"] else context.labels.interval(100 * row["ci_low"], 100 * row["ci_high"], 1)
