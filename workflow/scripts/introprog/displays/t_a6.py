"""T-A6: data quality on reading: how many rows each rule corrected, dropped or flagged, and why."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.tables import Column, Row, Table

LOGS = ("quality_log", "employment_quality_log")
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
    log = pd.concat([inputs[name] for name in LOGS if name in inputs], ignore_index=True)
    year = pd.to_numeric(log["year"], errors="coerce")
    grouped = log.assign(year=year).groupby(KEYS, sort=True, dropna=False)
    rows = grouped.agg(n=("n", "sum"), first_year=("year", "min"), last_year=("year", "max")).reset_index()
    hidden = rows["n"].between(1, settings["disclosure"]["threshold"] - 1)
    for column in ("n", "first_year", "last_year"):
        rows[column] = rows[column].astype("Int64").mask(hidden)
    rows.insert(3, "reason_nb", _norwegian(rows, inputs["rules"]["rules"]))
    return rows.assign(suppressed=hidden)


def _norwegian(rows: pd.DataFrame, rules: Mapping) -> list[str]:
    """The reasons in Norwegian by rule id; a field named before the reason stays before it."""
    texts = []
    for rule, reason in zip(rows["rule"], rows["reason"], strict=True):
        words = rules.get(rule, {}).get("reason", {"nb": "", "en": ""})
        known = bool(words["en"]) and reason.endswith(words["en"])
        texts.append(reason.removesuffix(words["en"]) + words["nb"] if known else reason)
    return texts


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Rules under the table they concern."""
    pick = context.labels.pick
    heads = ({"nb": "Regel", "en": "Rule"}, {"nb": "Behandling", "en": "Action"})
    columns = [
        *(Column(pick(h), text=True) for h in heads),
        Column(pick({"nb": "Rader", "en": "Rows"})),
        Column(pick({"nb": "År", "en": "Years"})),
    ]
    rows = []
    for name, part in numbers.groupby("table", sort=True):
        rows.append(Row(context.labels.term(f"table.{name}", default=str(name)), kind="head"))
        rows += [_row(line, context) for _, line in part.iterrows()]
    definition = {
        "nb": "rettet = verdien er endret etter en navngitt regel; forkastet = raden er tatt ut; merket = raden er "
        "beholdt som den er",
        "en": "corrected = the value was changed by a named rule; dropped = the row was taken out; flagged = the row "
        "was kept as it is",
    }
    total = numbers.groupby("action")["n"].sum()
    counts = [
        f"{pick(words).lower()} {context.labels.number(total[action])}"
        for action, words in ACTIONS.items()
        if action in total
    ]
    n = pick({"nb": "rader ", "en": "rows "}) + ", ".join(counts)
    stub = pick({"nb": "Fil og grunn", "en": "File and reason"})
    footer = context.footer(numbers, n, pick(definition))
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _row(line: pd.Series, context: Context) -> Row:
    labels = context.labels
    reason = str(line["reason_nb"] if context.language == "nb" else line["reason"])
    if line["suppressed"]:
        count = years = ":"
    else:
        count = labels.number(line["n"])
        years = "." if pd.isna(line["first_year"]) else labels.years(int(line["first_year"]), int(line["last_year"]))
    cells = [str(line["rule"]), labels.pick(ACTIONS[line["action"]]), count, years]
    return Row(reason[:1].upper() + reason[1:] if ": " not in reason else reason, cells, 1)
