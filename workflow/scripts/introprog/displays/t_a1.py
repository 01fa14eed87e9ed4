"""T-A1: participants by age and sex, as Statistics Norway's yearly table has them."""

from collections.abc import Mapping

import pandas as pd

from introprog.cohort import AGE_GROUPS
from introprog.displays.context import Context
from introprog.displays.participant_tables import grouped, last_year, sex_table, with_shares
from introprog.participants import TOTAL
from introprog.tables import Table


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a year of the study, age group (``total``, ``18-25``...) and sex: n, share, sex_share, suppressed."""
    last = last_year(inputs["programmes"], settings)
    years = range(min(settings["study"]["first_exit_year"], last), last + 1)
    return with_shares(grouped(inputs, settings, "age_group", years), settings)


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Age groups of the last year; the years before are in the numbers."""
    pick = context.labels.pick
    present = set(numbers.loc[numbers["year"] == numbers["year"].max(), "group"])
    unknown = {"unknown": pick({"nb": "Uoppgitt", "en": "Unknown"})}
    words = {TOTAL: context.labels.term("word.total")}
    words |= {g: _age(g, context) for g in AGE_GROUPS if g in present} | {
        k: v for k, v in unknown.items() if k in present
    }
    note = {
        "nb": "Den yngste gruppen omfatter også dem under 18 år. Alle år i studien står i tallfilen.",
        "en": "The youngest group includes those under 18. All years of the study are in the file of numbers.",
    }
    return sex_table(numbers, words, context, pick({"nb": "Alder", "en": "Age"}), [pick(note)])


def _age(group: str, context: Context) -> str:
    text = group.replace("-", "–").replace("56+", {"nb": "56 år og over", "en": "56 and over"}[context.language])
    return text if group == "56+" else context.labels.pick({"nb": f"{text} år", "en": text})
