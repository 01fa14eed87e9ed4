"""T-A2: participants by country of birth and sex: the largest countries, the others together, and all."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.participant_tables import (
    REST,
    grouped,
    in_order,
    keep_largest,
    last_year,
    sex_table,
    with_shares,
)
from introprog.participants import TOTAL
from introprog.tables import Table

LARGEST = 20


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a country of birth (three digits; ``total``, ``rest``, ``unknown``) and sex in the last year: name_nb,
    name_en, n, groups (countries the row stands for), share, sex_share, suppressed; the largest first, then by code
    those whose number is hidden."""
    year = last_year(inputs["programmes"], settings)
    table = grouped(inputs, settings, "birth_country", [year])
    both = table[(table["sex"] == "both") & ~table["group"].isin([TOTAL, "unknown"])]
    order = both.sort_values(["n", "group"], ascending=[False, True])["group"].head(LARGEST).tolist()
    found = with_shares(keep_largest(table, [*order, "unknown"]), settings)
    names = inputs["countries"].set_index("code")
    for language in ("nb", "en"):
        words = names[f"label_{language}"].astype("object")
        found[f"name_{language}"] = found["group"].map(words).fillna(found["group"])
    found = in_order(found, order)
    return found[["year", "group", "name_nb", "name_en", "sex", "n", "groups", "share", "sex_share", "suppressed"]]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """The countries of the last year by their number of participants."""
    pick = context.labels.pick
    rows = numbers.drop_duplicates("group").set_index("group")
    words = rows[f"name_{context.language}"].to_dict()
    few = int(rows["groups"].get(REST, 0))
    own = {
        TOTAL: context.labels.term("word.total"),
        REST: pick({"nb": f"Andre land ({few})", "en": f"Other countries ({few})"}),
        "unknown": pick({"nb": "Uoppgitt", "en": "Unknown"}),
    }
    words = {group: own.get(group, name) for group, name in words.items()}
    note = {
        "nb": f"De {LARGEST} landene med flest deltakere; land uten navn i landlisten står med koden sin.",
        "en": f"The {LARGEST} countries with most participants; a country that the list lacks stands with its code.",
    }
    stub = {"nb": "Fødeland", "en": "Country of birth"}
    return sex_table(numbers, words, context, pick(stub), [pick(note)])
