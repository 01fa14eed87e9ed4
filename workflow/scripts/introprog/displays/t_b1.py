"""T-B1: status in November one year after, by sex: the table that Statistics Norway prints each year.

Sixteen rows of StatBank 10824 with counts and per cent; a StatBank file gives the four headline rows.
"""

from collections.abc import Mapping

import pandas as pd

from introprog.disclosure import SEX_TREE, STATUS_TREE, blank, protect
from introprog.displays.context import Context
from introprog.displays.shares import SEXES
from introprog.tables import Column, Row, Table

ORDER = [code for head, parts in STATUS_TREE.items() for code in ((head,) if head == "00" else (head, *parts))]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a status and sex of the latest cohort with a known result: ``n`` and ``share`` of the sex's total."""
    rows = inputs["region_status"]
    official = settings["official_definition"]
    rows = rows[(rows["region_level"] == "country") & (rows["definition"] == official) & (rows["horizon"] == 1)]
    geography = "programme" if (rows["geography"] == "programme").any() else rows["geography"].max()
    rows = rows[(rows["geography"] == geography) & rows["status"].isin(ORDER)]
    year = rows.loc[(rows["status"] == "00") & (rows["n"].fillna(0) > 0), "exit_year"].max()
    rows = (
        rows.loc[rows["exit_year"] == year, ["exit_year", "sex", "status", "n"]]
        .astype({"n": "Int64"})
        .reset_index(drop=True)
    )
    totals = rows[rows["status"] == "00"].set_index("sex")["n"].astype("Float64")
    total = rows["sex"].map(totals)
    rows["share"] = rows["n"].astype("Float64") / total.mask(total == 0)
    trees = {"status": STATUS_TREE, "sex": SEX_TREE}
    hidden = protect(rows, "n", ["sex", "status"], trees, settings["disclosure"]["threshold"])
    rows = blank(rows, hidden, ["n", "share"]).assign(definition=official, status_year=rows["exit_year"] + 1)
    position = {**{s: i for i, s in enumerate(SEXES)}, **{s: i for i, s in enumerate(ORDER)}}
    rows = rows.sort_values(["status", "sex"], key=lambda s: s.map(position), ignore_index=True)
    return rows[["exit_year", "status_year", "definition", "status", "sex", "n", "share", "suppressed"]]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Persons and per cent by sex; the parts of a heading stand indented under it."""
    term, pick = context.labels.term, context.labels.pick
    cells = numbers.set_index(["status", "sex"])
    columns = [Column(term(f"sex.{sex}"), term(f"word.{unit}")) for unit in ("persons", "percent") for sex in SEXES]
    rows = []
    for status in [s for s in ORDER if s in set(numbers["status"])]:
        printed = [_cell(cells, status, sex, unit, context) for unit in ("n", "share") for sex in SEXES]
        rows.append(
            Row(
                term(f"status.{status}"),
                printed,
                0 if status in STATUS_TREE else 1,
                "total" if status in STATUS_TREE else "body",
            )
        )
    exit_year = int(numbers["exit_year"].iloc[0])
    note = {
        "nb": f"Avsluttet eller avbrøt programmet i {exit_year}; status i november {exit_year + 1}.",
        "en": f"Left the programme in {exit_year}; status in November {exit_year + 1}.",
    }
    n = {"nb": "tidligere deltakere", "en": "former participants"}
    total = context.labels.number(cells.loc[("00", "both"), "n"])
    footer = context.footer(
        numbers, f"{total} {pick(n)}", context.definition(numbers["definition"].iloc[0]), [pick(note)]
    )
    return Table(
        context.language, context.title, pick({"nb": "Status", "en": "Status"}), columns, rows, footer, context.stamp
    )


def _cell(cells: pd.DataFrame, status: str, sex: str, unit: str, context: Context) -> str:
    row = cells.loc[(status, sex)]
    if row["suppressed"]:
        return ":"
    if row["n"] == 0:
        return "-"
    return context.labels.number(row["n"]) if unit == "n" else context.labels.share(row["share"])
