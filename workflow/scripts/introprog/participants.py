"""Who takes part in the programme in a year: the population of Statistics Norway's tables of participants.

A participant of a year is a person with a programme that was open on any day of it. Age is that at the end of the year,
the municipality is that of the programme which began last.
"""

from collections.abc import Iterable

import pandas as pd

from introprog.cohort import age_group

TRAITS = ["person_id", "sex", "birth_year", "birth_country", "country_group"]
COLUMNS = ["year", "person_id", "sex", "age", "age_group", "birth_country", "country_group", "municipality"]
TOTAL = "total"


def participants(programmes: pd.DataFrame, persons: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Persons in the programme at any time of each year: ``COLUMNS``, one row a person and year.

    ``programmes`` and ``persons`` are clean tables (docs/contracts.md, section 2); who is not in ``persons`` is left
    out, as nothing is known of age and sex.
    """
    columns = ["person_id", "start_date", "end_date", *(["municipality"] if "municipality" in programmes else [])]
    traits = persons[[name for name in TRAITS if name in persons]]
    spells = programmes[columns].merge(traits, on="person_id", validate="many_to_one")
    spells = spells.sort_values(["person_id", "start_date"], kind="stable")
    first, last = spells["start_date"].dt.year, spells["end_date"].dt.year
    found = [
        spells[(first <= year) & (last.isna() | (last >= year))]
        .drop_duplicates("person_id", keep="last")
        .assign(year=year)
        for year in years
    ]
    table = pd.concat(found, ignore_index=True)
    age = table["year"] - table["birth_year"]
    return table.assign(age=age, age_group=age_group(age)).reindex(columns=COLUMNS)


def counts(people: pd.DataFrame, group: str) -> pd.DataFrame:
    """Persons by year, ``group`` (``total`` = all of them) and sex (``both``, ``men``, ``women``): n, nil included.

    Persons without a known sex are in no row, those without a known group under ``unknown``.
    """
    known = people[people["sex"].isin(["men", "women"])]
    level = known[group].astype("object").fillna("unknown").rename("group")
    size = known.groupby([known["year"], level, known["sex"].astype("object")]).size().unstack("sex", fill_value=0)
    size = size.reindex(columns=["men", "women"], fill_value=0)
    total = size.groupby(level="year").sum()
    total.index = pd.MultiIndex.from_product([total.index, [TOTAL]], names=["year", "group"])
    wide = pd.concat([total, size])
    wide["both"] = wide["men"] + wide["women"]
    long = wide.reset_index().melt(["year", "group"], var_name="sex", value_name="n")
    return long.astype({"n": "int64", "year": "int64"})
