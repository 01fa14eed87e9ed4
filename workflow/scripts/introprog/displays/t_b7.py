"""T-B7: own figures beside the published ones, with the part of the difference that chance alone could make."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.shares import SEXES
from introprog.tables import Column, Row, Table

COLUMNS = [
    "id",
    "quantity_nb",
    "quantity_en",
    "sex",
    "exit_year",
    "horizon",
    "unit",
    "own_value",
    "own_n",
    "own_ci_low",
    "own_ci_high",
    "published_value",
    "published_n",
    "difference",
    "within_tolerance",
    "within_noise",
    "source_key",
]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The reconciliation as it comes, one row a published figure; own values that were withheld are ``suppressed``."""
    rows = inputs["reconciliation"].reindex(columns=COLUMNS)
    rows["suppressed"] = rows["own_value"].isna()
    # 1 and 0 for yes and no, whatever the reader made of the text
    for column in ("within_tolerance", "within_noise"):
        rows[column] = rows[column].map({True: 1, False: 0, "True": 1, "False": 0}).astype("Int64")
    return rows.sort_values(["quantity_en", "exit_year", "sex", "id"], kind="stable", ignore_index=True)


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Groups by quantity; shares in per cent, differences in percentage points."""
    pick, number = context.labels.pick, context.labels.number
    columns = [
        Column(pick({"nb": "Egne tall", "en": "Own"})),
        Column(context.confidence),
        Column(pick({"nb": "Publisert", "en": "Published"})),
        Column(pick({"nb": "Differanse", "en": "Difference"})),
        Column(pick({"nb": "Egen n", "en": "Own n"})),
        Column(pick({"nb": "Innenfor tilfeldighet", "en": "Within chance"})),
        Column(context.labels.term("word.source"), text=True),
    ]
    rows = []
    name = f"quantity_{context.language}"
    for quantity, part in numbers.groupby(name, sort=False):
        rows.append(Row(quantity, kind="head"))
        part = part.sort_values(
            ["exit_year", "sex"], key=lambda s: s.map(SEXES.index) if s.name == "sex" else s.astype(str), kind="stable"
        )
        rows += [Row(_stub(line, context), _cells(line, context), 1) for _, line in part.iterrows()]
    judged = numbers["within_noise"].dropna()
    share = {
        "nb": f"Innenfor det tilfeldighet alene kan gi: {number(judged.sum())} av {number(len(judged))} publiserte "
        f"tall.",
        "en": f"Within what chance alone could make: {number(judged.sum())} of {number(len(judged))} published "
        f"figures.",
    }
    definition = {
        "nb": "differanse = egne tall minus publiserte, i prosentpoeng for andeler; innenfor tilfeldighet = det "
        "publiserte tallet, med "
        "avrunding, ligger i konfidensintervallet (Wilson) for den egne andelen",
        "en": "difference = own minus published, in percentage points for shares; within chance = the published "
        "figure, give or take its "
        "rounding, lies in the confidence interval (Wilson) of the own share",
    }
    n = {"nb": f"{number(len(numbers))} publiserte tall", "en": f"{number(len(numbers))} published figures"}
    footer = context.footer(numbers, pick(n), pick(definition), [pick(share), _published_note(context)])
    return Table(
        context.language,
        context.title,
        pick({"nb": "Størrelse", "en": "Quantity"}),
        columns,
        rows,
        footer,
        context.stamp,
    )


def _published_note(context: Context) -> str:
    text = {
        "nb": "Kolonnen «Publisert» er virkelige tall fra kildene i data/published/sources.csv.",
        "en": "The column “Published” holds real figures from the sources in data/published/sources.csv.",
    }
    return context.labels.pick(text)


def _stub(line: pd.Series, context: Context) -> str:
    year = "" if pd.isna(line["exit_year"]) else str(line["exit_year"]).removesuffix(".0")
    return ", ".join(x for x in (context.labels.term(f"sex.{line['sex']}"), year) if x)


def _cells(line: pd.Series, context: Context) -> list[str]:
    labels = context.labels
    if line["unit"] == "share":
        values = [
            labels.share(line["own_value"], 1),
            labels.interval(100 * line["own_ci_low"], 100 * line["own_ci_high"], 1),
        ]
        values += [labels.share(line["published_value"], 1), labels.signed(100 * line["difference"], 1)]
    else:
        values = [
            labels.number(line["own_value"]),
            ".",
            labels.number(line["published_value"]),
            labels.signed(line["difference"]),
        ]
    if line["suppressed"]:
        values[0] = values[1] = values[3] = ":"
    noise = "." if pd.isna(line["within_noise"]) else labels.term("word.yes" if line["within_noise"] else "word.no")
    return [*values, labels.number(line["own_n"]), noise, str(line["source_key"])]
