"""T-B4-published: IMDi's table of results on leaving in 2016 by county, with those of protected address in the total
only."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.published import SOURCE, sources_text, with_sources
from introprog.displays.t_b4 import COUNTRY, county_table, finished
from introprog.tables import Table

YEAR = "2016"
CATEGORIES = {"total": "all", "work": "work", "education": "education", "work_or_education": "work_or_education"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a county (or ``0``) and destination (``all``, ``work``, ``education``, ``work_or_education``): n persons,
    share (as printed for ``work_or_education``, else recomputed), with the source."""
    rows = inputs["published"]
    rows = rows[(rows["table_group"] == "direct_exit") & (rows["exit_year"] == YEAR) & (rows["sex"] == "both")]
    country = rows["municipality_name"] == "Norway"
    rows = rows[(country | (rows["municipality_code"] != "")) & rows["category"].isin(list(CATEGORIES))]
    code = rows["municipality_code"].mask(rows["municipality_name"] == "Norway", COUNTRY)
    told = rows["unit"] == "percent"
    table = pd.DataFrame(
        {
            "exit_year": int(YEAR),
            "region": code,
            "region_name": rows["municipality_name"].str.replace(" (county)", "").mask(code == COUNTRY, ""),
            "destination": rows["category"].map(CATEGORIES),
            "n": rows["value"].where(~told).astype("Int64"),
            "suppressed": False,
            "source_key": rows["source_key"],
        }
    )
    done = finished(table.assign(printed=(rows["value"] / 100).where(told)))
    done["share"] = done["printed"].fillna(done["share"].astype("float64"))
    return with_sources(done.drop(columns="printed"), inputs["published_sources"])[
        ["exit_year", "region", "region_name", "destination", "n", "share", *SOURCE]
    ]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """As the table of own figures, with who is counted in the total only."""
    all_of = numbers[numbers["destination"] == "all"].set_index("region")["n"]
    protected = context.labels.number(all_of[COUNTRY] - all_of.drop(COUNTRY).sum())
    note = {
        "nb": f"{protected} personer med adressesperre er med i tallet for hele landet, men ikke i noe fylke.",
        "en": f"{protected} persons of protected address are in the figure for the country but in no county.",
    }
    definition = {
        "nb": "registrert hovedaktivitet ved avslutning er arbeid eller utdanning utover grunnskole",
        "en": "the registered main activity on leaving is work or education beyond compulsory school",
    }
    pick = context.labels.pick
    shown = numbers.assign(suppressed=False)
    return county_table(shown, context, pick(definition), [pick(note)], sources_text(numbers, context))
