"""T-A6: data quality on reading: how many rows each rule corrected, dropped or flagged, and why."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.tables import Column, Row, Table

ACTIONS = {
    "corrected": {"nb": "Rettet", "en": "Corrected"},
    "dropped": {"nb": "Forkastet", "en": "Dropped"},
    "flagged": {"nb": "Merket", "en": "Flagged"},
}
KEYS = ["table", "rule", "reason", "action"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a table, rule, reason and action, summed over years: ``n`` rows and the years it occurs in.

    Counts under the threshold are hidden: a rule that struck once may point at one person.
    """
    log = inputs["quality_log"]
    year = pd.to_numeric(log["year"], errors="coerce")
    grouped = log.assign(year=year).groupby(KEYS, sort=True, dropna=False)
    rows = grouped.agg(n=("n", "sum"), first_year=("year", "min"), last_year=("year", "max")).reset_index()
    hidden = rows["n"].between(1, settings["disclosure"]["threshold"] - 1)
    rows["n"] = rows["n"].astype("Int64").mask(hidden)
    for column in ("first_year", "last_year"):
        rows[column] = rows[column].astype("Int64").mask(hidden)
    return rows.assign(suppressed=hidden)


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Rules under the table they concern."""
    pick, number = context.labels.pick, context.labels.number
    heads = ({"nb": "Regel", "en": "Rule"}, {"nb": "Behandling", "en": "Action"})
    columns = [
        *(Column(pick(h), text=True) for h in heads),
        Column(pick({"nb": "Rader", "en": "Rows"})),
        Column(pick({"nb": "År", "en": "Years"})),
    ]
    rows = []
    for name, part in numbers.groupby("table", sort=True):
        rows.append(Row(str(name), kind="head"))
        for _, line in part.iterrows():
            years = (
                "."
                if pd.isna(line["first_year"])
                else context.labels.years(int(line["first_year"]), int(line["last_year"]))
            )
            count = ":" if line["suppressed"] else number(line["n"])
            rows.append(Row(str(line["reason"]), [str(line["rule"]), pick(ACTIONS[line["action"]]), count, years], 1))
    definition = {
        "nb": "rettet = verdien er endret etter en navngitt regel; forkastet = raden er tatt ut; merket = raden er "
        "beholdt som den er",
        "en": "corrected = the value was changed by a named rule; dropped = the row was taken out; flagged = the row "
        "was kept as it is",
    }
    total = numbers.groupby("action")["n"].sum()
    n = ", ".join(
        f"{pick(words).lower()} {number(total[action])}" for action, words in ACTIONS.items() if action in total
    )
    footer = context.footer(numbers, pick({"nb": f"rader {n}", "en": f"rows {n}"}), pick(definition))
    return Table(
        context.language,
        context.title,
        pick({"nb": "Fil og grunn", "en": "File and reason"}),
        columns,
        rows,
        footer,
        context.stamp,
    )
