"""F-B3-published: published direct transitions (IMDi) against published status one year later (Statistics Norway)."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.f_b3 import COLUMNS, draw_pairs
from introprog.displays.published import SOURCE, national_shares, single_years, sources_text, with_sources
from introprog.displays.shares import in_order
from introprog.intervals import wilson


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a leaving year, region, sex and measure; nationally only where both measures are published."""
    published = inputs["published"]
    later = national_shares(published, settings)
    later = later[later["horizon"] == 1].assign(measure="one_year")
    exits = published[(published["table_group"] == "direct_exit") & (published["category"] == "work_or_education")]
    national = pd.concat([_direct(single_years(exits), settings), later], ignore_index=True)
    national = national[national.groupby(["exit_year", "sex"])["measure"].transform("nunique") == 2]
    county = exits[exits["municipality_code"] != ""]
    county = county.assign(
        exit_year=county["exit_year"].astype("int64"), persons=pd.to_numeric(county["n"]).astype("Int64")
    )
    county = _direct(county, settings).assign(group="county", region=county["municipality_code"].to_numpy())
    county["region_name"] = (
        exits.loc[exits["municipality_code"] != "", "municipality_name"].str.replace(" (county)", "").to_numpy()
    )
    rows = pd.concat([national.assign(group="national", region="0", region_name=""), county], ignore_index=True)
    rows = rows.assign(first_exit_year=rows["exit_year"], last_exit_year=rows["exit_year"])
    names = [*COLUMNS, "n", "share", "ci_low", "ci_high", *SOURCE]
    rows = with_sources(rows, inputs["published_sources"])
    return in_order(rows, ["group", "first_exit_year", "region", "sex", "measure"])[names]


def _direct(rows: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    rows = rows.assign(measure="direct_exit", n=rows["persons"], share=rows["value"] / 100)
    low, high = wilson(rows["share"] * rows["n"].astype("Float64"), rows["n"], settings["study"]["confidence"])
    return rows.assign(ci_low=low, ci_high=high)[
        ["exit_year", "sex", "measure", "n", "share", "ci_low", "ci_high", "source_key"]
    ]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Pairs of dots by leaving year and sex; counties of 2016, for which only the direct measure is published."""
    pick, number = context.labels.pick, context.labels.number
    pair = numbers[(numbers["first_exit_year"] == 2016) & (numbers["sex"] == "both") & (numbers["group"] == "national")]
    n = pair.set_index("measure")["n"]
    text = {
        "nb": f"for dem som sluttet i 2016: {number(n['direct_exit'])} (IMDi) og {number(n['one_year'])} (Statistisk "
        f"sentralbyrå)",
        "en": f"for the leavers of 2016: {number(n['direct_exit'])} (IMDi) and {number(n['one_year'])} (Statistics "
        f"Norway)",
    }
    definition = {
        "nb": "direkte: registrert hovedaktivitet ved avslutning, arbeid eller utdanning utover grunnskole; "
        "november: minst én times "
        "arbeid eller under utdanning",
        "en": "direct: registered main activity on leaving, work or education beyond compulsory school; November: at "
        "least one hour "
        "of work, or in education",
    }
    note = {
        "nb": f"Streker: {context.confidence} (Wilson), der antallet er publisert. De to kildene teller ulike "
        f"personer. For fylkene er "
        "bare det direkte målet publisert.",
        "en": f"Lines: {context.confidence} (Wilson), where the number is published. The two sources count different "
        f"persons. For "
        "counties only the direct measure is published.",
    }
    origin = sources_text(numbers, context)
    return draw_pairs(numbers, context, context.footer(numbers, pick(text), pick(definition), [pick(note)], origin))
