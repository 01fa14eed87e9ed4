"""T-E10: how well the scales measure: reliability of answers and of municipal means, and what the design costs."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.waves import INSTRUMENTS, by_wave, reason, wave_name
from introprog.tables import Column, Row, Table

VALUES = ["items", "n", "municipalities", "mean", "sd", "top_box", "alpha", "omega", "icc1", "icc2",
          "design_effect_weights", "design_effect", "effective_n"]  # fmt: skip
HEADS = (
    ("items", 0, {"nb": "Spørsmål", "en": "Items"}),
    ("n", 0, {"nb": "Svar", "en": "Answers"}),
    ("municipalities", 0, {"nb": "Kommuner", "en": "Municipalities"}),
    ("mean", 1, {"nb": "Snitt", "en": "Mean"}),
    ("sd", 1, {"nb": "Standardavvik", "en": "SD"}),
    ("top_box", None, {"nb": "Beste svar, prosent", "en": "Best answer, per cent"}),
    ("alpha", 2, {"nb": "Alfa", "en": "Alpha"}),
    ("omega", 2, {"nb": "Omega", "en": "Omega"}),
    ("icc1", 3, {"nb": "ICC(1)", "en": "ICC(1)"}),
    ("icc2", 2, {"nb": "ICC(2)", "en": "ICC(2)"}),
    ("design_effect", 2, {"nb": "Designeffekt", "en": "Design effect"}),
    ("effective_n", 0, {"nb": "Effektivt antall", "en": "Effective n"}),
)
GROUPS = (
    (("items", "n", "municipalities", "mean", "sd", "top_box"), {"nb": "Skår 0–100", "en": "Score 0–100"}),
    (("alpha", "omega"), {"nb": "Svar fra samme person", "en": "Answers of one person"}),
    (("icc1", "icc2"), {"nb": "Kommuner", "en": "Municipalities"}),
    (("design_effect", "effective_n"), {"nb": "Presisjon", "en": "Precision"}),
)
KINDS = ("construct", "dimension", "index")
KIND_HEADS = {"construct": {"nb": "Mål", "en": "Constructs"}, "dimension": {"nb": "Dimensjoner", "en": "Dimensions"},
              "index": {"nb": "Indeks", "en": "Index"}}  # fmt: skip
INDEX = {"nb": "Alle dimensjonene", "en": "All dimensions"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``measurement.csv`` with ``kind`` (construct, dimension, index) and names from the codebooks."""
    books = {inputs[name]["instrument"]: inputs[name] for name in INSTRUMENTS}
    rows = inputs["measurement"].copy()
    few = rows["n"] < settings["disclosure"]["threshold"]
    rows[VALUES] = rows[VALUES].astype(float).mask(few, axis=0)
    rows["suppressed"] = few
    pairs = list(zip(rows["instrument"], rows["construct"], strict=True))
    rows["kind"] = [_kind(books[i], c) for i, c in pairs]
    for language in ("nb", "en"):
        rows[f"name_{language}"] = [_name(books[i], c, language) for i, c in pairs]
    order = [c for book in books.values() for kind in ("constructs", "dimensions") for c in book[kind]]
    places = {"kind": KINDS, "construct": [*dict.fromkeys(order), "index"]}
    names = ["wave", "instrument", "kind", "construct", "name_nb", "name_en", *VALUES, "method", "suppressed"]
    return by_wave(rows, settings, ["kind", "construct"], places)[names]


def _kind(book: Mapping, construct: str) -> str:
    return "construct" if construct in book["constructs"] else "index" if construct == "index" else "dimension"


def _name(book: Mapping, construct: str, language: str) -> str:
    known = {**book["dimensions"], **book["constructs"]}
    return known[construct][language] if construct in known else INDEX[language]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A line a scale under its wave; what cannot be estimated is explained below."""
    pick, labels = context.labels.pick, context.labels
    group = {name: pick(words) for names, words in GROUPS for name in names}
    columns = [Column(pick(head), group[name]) for name, _, head in HEADS]
    rows = []
    for wave, part in numbers.groupby("wave", sort=False):
        rows.append(Row(wave_name(wave, context), kind="head"))
        for kind, scales in part.groupby("kind", sort=False):
            rows.append(Row(pick(KIND_HEADS[kind]), [""] * len(columns), 1))
            for _, line in scales.iterrows():
                rows.append(Row(line[f"name_{context.language}"], [_cell(line, n, d, context) for n, d, _ in HEADS], 2))
    notes = {
        "nb": "Alfa og omega: hvor enige spørsmålene i en skala er hos samme person. ICC(1): andelen av variasjonen i "
        "ett "
        "svar som ligger mellom kommuner. ICC(2): reliabiliteten til kommunens gjennomsnitt. Designeffekt: vekter "
        "ganger "
        "klynging; effektivt antall er svarene delt på den. Snitt og andeler er vektet.",
        "en": "Alpha and omega: how far the items of a scale agree within a person. ICC(1): the share of the "
        "variation of "
        "one answer that lies between municipalities. ICC(2): the reliability of a municipality's mean. Design effect: "
        "weights times clustering; effective n is the answers divided by it. Means and shares are weighted.",
    }
    told = numbers.groupby("wave", sort=False)["n"].max()
    n = ", ".join(f"{labels.number(v)} ({wave_name(w, context)})" for w, v in told.items())
    counted = {"nb": f"svar, på det meste {n}", "en": f"answers, at most {n}"}
    definition = {
        "nb": "skår 0–100 der 100 er best, minst halvparten av spørsmålene besvart",
        "en": "score 0–100 where 100 is best, at least half of the items answered",
    }
    footer = context.footer(numbers, pick(counted), pick(definition), [pick(notes), *_reasons(numbers, context)])
    stub = pick({"nb": "Undersøkelse og skala", "en": "Survey and scale"})
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _cell(line: pd.Series, name: str, decimals: int | None, context: Context) -> str:
    if line["suppressed"]:
        return ":"
    return context.labels.share(line[name]) if decimals is None else context.labels.number(line[name], decimals)


def _reasons(numbers: pd.DataFrame, context: Context) -> list[str]:
    """What is not estimable and why, once a statistic and reason; a share of best answers needs a lead item."""
    labels, found = context.labels, {}
    for method in numbers["method"]:
        for part in str(method).split("; "):
            if "not estimable: " in part:
                what, _, why = part.partition(" not estimable: ")
                found.setdefault((what, why), None)
    names = {"alpha": "alfa"} if context.language == "nb" else {}
    words = [f"{names.get(what, what)} ({_why(why, context)})" for what, why in sorted(found)]
    head = labels.pick({"nb": "«.» = ikke beregnbar", "en": "“.” = not estimable"})
    best = {
        "nb": "beste svar oppgis for mål, ikke for dimensjoner",
        "en": "best answers are given for constructs, not dimensions",
    }
    return [f"{head}: {'; '.join([*words, labels.pick(best)])}."]


def _why(why: str, context: Context) -> str:
    count, _, rest = why.partition(": ")
    if context.language == "nb" and count in ("items", "complete answers", "municipalities") and "at least" in rest:
        noun = {"items": "spørsmål", "complete answers": "fullstendige svar", "municipalities": "kommuner"}[count]
        given, _, least = rest.partition(", at least ")
        return f"{noun}: {given}, minst {least.removesuffix(' needed')} trengs"
    return reason(why, context)
