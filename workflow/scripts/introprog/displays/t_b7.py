"""T-B7: own figures beside the published ones, with the part of the difference that chance alone could make."""

import re
from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.shares import SEXES
from introprog.labels import EN_DASH
from introprog.reconcile import NAMES
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
    "source",
    "note",
]
FIRST = "first-published"
POINTS = (0.01, 0.02)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The reconciliation, one row a published figure; own values that were withheld are ``suppressed``.

    The status of the year after comes first, then later horizons, the parts of a status, and the rest.
    """
    rows = inputs["reconciliation"].reindex(columns=COLUMNS)
    rows["suppressed"] = rows["own_value"].isna()
    # 1 and 0 for yes and no, whatever the reader made of the text
    for column in ("within_tolerance", "within_noise"):
        rows[column] = rows[column].map({True: 1, False: 0, "True": 1, "False": 0}).astype("Int64")
    names = [english for _, english in NAMES.values()]
    name = rows["quantity_en"].str.replace(r", \d+ years? after$", "", regex=True)
    rows["place"] = name.map({n: i for i, n in enumerate(names)}).fillna(len(names))
    rows["position"] = rows["sex"].map({sex: i for i, sex in enumerate(SEXES)})
    order = ["place", "horizon", "quantity_en", "exit_year", "position", "id"]
    return rows.sort_values(order, kind="stable", ignore_index=True).drop(columns=["place", "position"])


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Groups by quantity under a line that sums up; shares in per cent, differences in percentage points."""
    pick = context.labels.pick
    columns = _columns(context)
    cited = _citations(numbers["source"], context)
    rows, head = [], None
    for _, line in numbers.iterrows():
        group, stub = _words(line, context)
        if group != head:
            head = group
            rows.append(Row(group, kind="head"))
        rows.append(Row(stub, [*_cells(line, context), cited[line["source"]]], 1))
    definition = {
        "nb": "differanse = egne tall minus publiserte, i prosentpoeng for andeler; innenfor tilfeldighet = det "
        "publiserte tallet, med avrunding, ligger i konfidensintervallet (Wilson) for den egne andelen",
        "en": "difference = own minus published, in percentage points for shares; within chance = the published "
        "figure, give or take its rounding, lies in the confidence interval (Wilson) of the own share",
    }
    n = {"nb": f"{len(numbers)} publiserte tall", "en": f"{len(numbers)} published figures"}
    footer = context.footer(numbers, pick(n), pick(definition), _notes(numbers, context))
    stub = pick({"nb": "Størrelse og avslutningsår", "en": "Quantity and year of leaving"})
    sources = sorted({f"{short}: {str(long).partition('): ')[2]}" for long, short in cited.items()}, key=str.casefold)
    return Table(
        context.language,
        context.title,
        stub,
        columns,
        rows,
        footer,
        context.stamp,
        lead=_lead(numbers, context),
        details=sources,
        details_head=pick({"nb": "Kildene", "en": "The sources"}),
    )


def _columns(context: Context) -> list[Column]:
    pick = context.labels.pick
    return [
        Column(pick({"nb": "Egne tall", "en": "Own"})),
        Column(context.confidence),
        Column(pick({"nb": "Publisert", "en": "Published"})),
        Column(pick({"nb": "Differanse", "en": "Difference"})),
        Column(pick({"nb": "Egen n", "en": "Own n"})),
        Column(pick({"nb": "Innenfor tilfeldighet", "en": "Within chance"})),
        Column(context.labels.term("word.source"), text=True),
    ]


def _citations(sources: pd.Series, context: Context) -> dict[str, str]:
    """``Publisher (year): title`` -> ``Publisher (year)``, with a letter where one publisher has several of a year."""
    undated = context.labels.pick({"nb": "u.å.", "en": "n.d."})
    parts = sources.drop_duplicates().to_frame("long")
    parts["short"] = parts["long"].str.partition("): ")[0]
    parts["short"] = parts["short"].str.replace(r"^(Statistics Norway|.*\bSSB\b).*\((.+)$", r"SSB (\2", regex=True)
    parts["short"] = parts["short"].str.replace("(n.d.", f"({undated}", regex=False)
    parts = parts.sort_values(["short", "long"])
    place, many = parts.groupby("short").cumcount(), parts.groupby("short")["long"].transform("size") > 1
    letter = place.map(lambda i: chr(ord("a") + i)).where(many, "")
    return dict(zip(parts["long"], parts["short"] + letter + ")", strict=True))


def _lead(numbers: pd.DataFrame, context: Context) -> list[str]:
    """How many of how many lie near, and within chance; and what that is worth."""
    number = context.labels.number
    shares = numbers.loc[(numbers["unit"] == "share") & ~numbers["suppressed"], "difference"].abs()
    one, two = (number((shares <= points + 1e-9).sum()) for points in POINTS)
    judged = numbers["within_noise"].dropna()
    text = {
        "nb": f"Av {number(len(shares))} publiserte andeler ligger {one} innenfor ett prosentpoeng av egne tall og "
        f"{two} innenfor to. {number(judged.sum())} av {number(len(judged))} publiserte tall ligger innenfor det "
        "tilfeldighet alene kan gi.",
        "en": f"Of {number(len(shares))} published shares {one} lie within one percentage point of the own figures and "
        f"{two} within two. {number(judged.sum())} of {number(len(judged))} published figures lie within what chance "
        "alone could make.",
    }
    same = {
        "nb": "Egne tall er her lest fra statistikkbanken: rader med tabell 10824 som kilde prøver innlesingen, ikke "
        "resultatet.",
        "en": "Own figures are here read from the StatBank: rows with table 10824 as source check the reading, not the "
        "result.",
    }
    return [context.labels.pick(t) for t in ([text, same] if context.data == "statbank" else [text])]


def _notes(numbers: pd.DataFrame, context: Context) -> list[str]:
    published = {
        "nb": "Kolonnen «Publisert» er virkelige tall; adressene til kildene står i data/published/sources.csv.",
        "en": "The column “Published” holds real figures; the addresses of the sources are in "
        "data/published/sources.csv.",
    }
    early = {
        "nb": "* = tallet slik det først ble publisert, før Statistisk sentralbyrå i 2014 reviderte tallene for dem "
        "som sluttet 2007–2010; det kan derfor avvike.",
        "en": "* = the figure as first published, before Statistics Norway in 2014 revised those of the leavers of "
        "2007–2010; it may differ for that reason.",
    }
    first = numbers["note"].astype(str).str.startswith(FIRST).any()
    texts = [published, *([early] if first else [])]
    return [context.labels.pick(text) for text in texts]


def _words(line: pd.Series, context: Context) -> tuple[str, str]:
    """Group and stub of a line: ``Participants 2016: women`` goes with the other participants."""
    quantity = str(line[f"quantity_{context.language}"])
    year = "" if pd.isna(line["exit_year"]) else str(line["exit_year"]).removesuffix(".0")
    sex = context.labels.term(f"sex.{line['sex']}")
    parts = re.fullmatch(r"(\D+) (\d{4}): (.+)", quantity)
    group, stub = (parts[1], [parts[2], parts[3]]) if parts else (quantity, [sex, year])
    if line["unit"] != "share":
        stub.append(context.labels.pick({"nb": "antall", "en": "number"}))
    mark = "*" if str(line["note"]).startswith(FIRST) else ""
    return group, re.sub(r"(?<=\d)-(?=\d)", EN_DASH, ", ".join(x for x in stub if x)) + mark


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
    return [*values, labels.number(line["own_n"]), noise]
