"""T-A3: municipalities with at least 100 participants, by sex, the others together, and all."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
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

MINIMUM = 100


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a municipality (``total``, ``rest``, ``unknown``) and sex in the last year: name, n, groups
    (municipalities the row stands for), share, sex_share, suppressed; the largest first, then by code those whose
    number is hidden."""
    year = last_year(inputs["programmes"], settings)
    table = grouped(inputs, settings, "municipality", [year])
    both = table[(table["sex"] == "both") & ~table["group"].isin([TOTAL, "unknown"])]
    large = both[both["n"] >= MINIMUM].sort_values(["n", "group"], ascending=[False, True])["group"].tolist()
    found = with_shares(keep_largest(table, [*large, "unknown"]), settings)
    found["name"] = found["group"].map(names_of(inputs["municipalities"])).astype("object").fillna(found["group"])
    found = in_order(found, large)
    found = found.rename(columns={"group": "municipality"})
    return found[["year", "municipality", "name", "sex", "n", "groups", "share", "sex_share", "suppressed"]]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """The municipalities of the last year by their number of participants."""
    pick = context.labels.pick
    rows = numbers.drop_duplicates("municipality").set_index("municipality")
    few = context.labels.number(rows["groups"].get(REST, 0))
    own = {
        TOTAL: context.labels.term("word.total"),
        REST: pick({"nb": f"Andre kommuner ({few})", "en": f"Other municipalities ({few})"}),
        "unknown": pick({"nb": "Uoppgitt", "en": "Unknown"}),
    }
    words = {m: own.get(m, f"{m} {name}") for m, name in rows["name"].items()}
    large = len([m for m in words if m not in own])
    note = {
        "nb": f"{large} kommuner har minst {MINIMUM} deltakere; koder og navn fra den siste kommunelisten.",
        "en": f"{large} municipalities have at least {MINIMUM} participants; codes and names of the latest list.",
    }
    stub = context.labels.term("word.municipality")
    shown = numbers.rename(columns={"municipality": "group"})
    return sex_table(shown, words, context, stub, [pick(note)])
