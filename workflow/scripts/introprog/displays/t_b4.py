"""T-B4: results on leaving by county, in the form of IMDi's yearly table: who left, to work, to education."""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.disclosure import blank, protect
from introprog.displays.context import Context
from introprog.displays.f_b3 import county_names
from introprog.labels import HIDDEN
from introprog.tables import Column, Row, Table

COUNTRY, NO_COUNTY = "0", "none"
PARTS = ("work", "education", "other")
REACHED = "work_or_education"
KEYS = ["region", "destination"]
COLUMNS = (
    {"nb": "Avsluttet, personer", "en": "Left, persons"},
    {"nb": "Til arbeid eller utdanning, prosent", "en": "To work or education, per cent"},
    {"nb": "Til arbeid, personer", "en": "To work, persons"},
    {"nb": "Til utdanning, personer", "en": "To education, persons"},
)
NOWHERE = {
    "nb": "Uten kommune i registeret (blant dem adressesperre)",
    "en": "No municipality in the register (protected addresses among them)",
}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a region (``0`` = country, counties, ``none`` = not known) and destination (``all``,
    ``work_or_education``, ``work``, ``education``, ``other``): exit_year, region_name, n, share of all who left there,
    suppressed; the last year."""
    people = inputs["leavers"]
    people = people[people["included"].astype(bool)]
    year = int(people["exit_year"].max())
    people = people[people["exit_year"] == year]
    cause = people["end_cause"].astype("object")
    where = people["county"].astype("object")
    region = where.where(where.notna() & (where != "nan"), NO_COUNTY)
    table = pd.DataFrame({"region": region, "destination": cause.where(cause.isin(PARTS[:2]), PARTS[2])})
    wide = table.groupby(KEYS).size().unstack("destination", fill_value=0).reindex(columns=PARTS, fill_value=0)
    wide.loc[COUNTRY] = wide.sum()
    wide[REACHED] = wide[list(PARTS[:2])].sum(axis=1)
    wide["all"] = wide[list(PARTS)].sum(axis=1)
    long = wide.reset_index().melt("region", var_name="destination", value_name="n")
    regions = tuple(r for r in wide.index if r != COUNTRY)
    trees = {"destination": {"all": (REACHED, PARTS[2]), REACHED: PARTS[:2]}, "region": {COUNTRY: regions}}
    hidden = protect(long, "n", KEYS, trees, settings["disclosure"]["threshold"])
    known = blank(long, hidden, ["n"])
    names = county_names(inputs["municipalities"])
    known["region_name"] = known["region"].map(names).astype("object").fillna("")
    return finished(known.assign(exit_year=year))


def finished(table: pd.DataFrame) -> pd.DataFrame:
    """Counts with ``share`` = n over all who left the region, counties before the rest and the country last."""
    whole = table[table["destination"] == "all"].set_index("region")["n"].astype("Float64")
    total = table["region"].map(whole)
    table = table.assign(share=table["n"].astype("Float64") / total.mask(total == 0))
    last = {NO_COUNTY: 1, COUNTRY: 2}
    place = {name: at for at, name in enumerate(("all", REACHED, *PARTS))}
    order = table.assign(a=table["region"].map(last).fillna(0), b=table["destination"].map(place))
    order = order.sort_values(["a", "region", "b"], ignore_index=True)
    names = ["exit_year", "region", "region_name", "destination", "n", "share", "suppressed"]
    return order[[*names, *(c for c in order if c not in (*names, "a", "b"))]]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Counties in the order of their numbers, then who has none, then the country."""
    definition = {
        "nb": "arbeid eller utdanning utover grunnskole som registrert årsak til at programmet ble avsluttet; "
        "manglende årsak og automatisk avslutning teller som ikke oppnådd",
        "en": "work or education beyond compulsory school as the registered reason why the programme ended; "
        "a missing reason and automatic closing count as not achieved",
    }
    return county_table(numbers, context, context.labels.pick(definition), ())


def county_table(
    numbers: pd.DataFrame, context: Context, definition: str, notes: Sequence[str], origin: str | None = None
) -> Table:
    """The printed table that own and published figures share."""
    labels, pick = context.labels, context.labels.pick
    year = int(numbers["exit_year"].max())
    rows = []
    for region, own in numbers.groupby("region", sort=False):
        parts = own.set_index("destination")
        if region == COUNTRY:
            rows.append(Row(labels.term("word.country"), _cells(parts, context), kind="total"))
        else:
            name = pick(NOWHERE) if region == NO_COUNTY else own["region_name"].iloc[0] or region
            rows.append(Row(name, _cells(parts, context)))
    whole = numbers[(numbers["region"] == COUNTRY) & (numbers["destination"] == "all")]["n"].iloc[0]
    n = {
        "nb": f"{labels.number(whole)} som sluttet i programmet i {year}",
        "en": f"{labels.number(whole)} who left the programme in {year}",
    }
    footer = context.footer(numbers, pick(n), definition, notes, origin)
    stub = pick({"nb": f"Fylke, {year}", "en": f"County, {year}"})
    columns = [Column(pick(head)) for head in COLUMNS]
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _cells(parts: pd.DataFrame, context: Context) -> list[str]:
    count = {name: _count(parts["n"].get(name), context) for name in ("all", "work", "education")}
    share = parts.loc[REACHED, "share"]
    share = HIDDEN if pd.isna(share) else context.labels.share(share)
    return [count["all"], share, count["work"], count["education"]]


def _count(value: object, context: Context) -> str:
    if value is None or pd.isna(value):
        return HIDDEN
    return context.labels.number(value) if value else "-"
