"""T-E10: how well the scales measure: reliability of answers and of municipal means, what the design costs, and whether
the scales mean the same in every language (the tests behind that column are in T-E13)."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.waves import INSTRUMENTS, by_wave, reason, wave_name
from introprog.invariance import STEPS
from introprog.proportional_odds import OMNIBUS
from introprog.tables import Column, Row, Table

VALUES = ["items", "n", "municipalities", "mean", "sd", "top_box", "alpha", "omega", "omega_categorical",
          "icc1", "icc2", "languages", "one_slope_p_value", "design_effect_weights", "design_effect",
          "effective_n"]  # fmt: skip
HEADS = (
    ("items", 0, {"nb": "Spørsmål", "en": "Items"}),
    ("n", 0, {"nb": "Svar", "en": "Answers"}),
    ("municipalities", 0, {"nb": "Kommuner", "en": "Municipalities"}),
    ("mean", 1, {"nb": "Snitt", "en": "Mean"}),
    ("sd", 1, {"nb": "Standardavvik", "en": "SD"}),
    ("top_box", None, {"nb": "Beste svar, prosent", "en": "Best answer, per cent"}),
    ("alpha", 2, {"nb": "Alfa", "en": "Alpha"}),
    ("omega", 2, {"nb": "Omega", "en": "Omega"}),
    ("omega_categorical", 2, {"nb": "Omega, kategorisk", "en": "Omega, categorical"}),
    ("languages", 0, {"nb": "Antall", "en": "Number"}),
    ("invariance", None, {"nb": "Holder til og med", "en": "Holds up to"}),
    ("one_slope_p_value", None, {"nb": "Én helning, p", "en": "One slope, p"}),
    ("icc1", 3, {"nb": "ICC(1)", "en": "ICC(1)"}),
    ("icc2", 2, {"nb": "ICC(2)", "en": "ICC(2)"}),
    ("design_effect", 2, {"nb": "Designeffekt", "en": "Design effect"}),
    ("effective_n", 0, {"nb": "Effektivt antall", "en": "Effective n"}),
)
GROUPS = (
    (("items", "n", "municipalities", "mean", "sd", "top_box"), {"nb": "Skår 0–100", "en": "Score 0–100"}),
    (("alpha", "omega", "omega_categorical"), {"nb": "Svar fra samme person", "en": "Answers of one person"}),
    (("languages", "invariance"), {"nb": "Samme mål på alle språk", "en": "Same measure in all languages"}),
    (("one_slope_p_value",), {"nb": "Ordnet logit", "en": "Ordered logit"}),
    (("icc1", "icc2"), {"nb": "Kommuner", "en": "Municipalities"}),
    (("design_effect", "effective_n"), {"nb": "Presisjon", "en": "Precision"}),
)
KINDS = ("construct", "dimension", "index")
KIND_HEADS = {"construct": {"nb": "Mål", "en": "Constructs"}, "dimension": {"nb": "Dimensjoner", "en": "Dimensions"},
              "index": {"nb": "Indeks", "en": "Index"}}  # fmt: skip
STEP_WORDS = {"configural": {"nb": "konfigural", "en": "configural"}, "metric": {"nb": "metrisk", "en": "metric"},
              "scalar": {"nb": "skalar", "en": "scalar"}, "none": {"nb": "ingen", "en": "none"}}  # fmt: skip
INDEX = {"nb": "Alle dimensjonene", "en": "All dimensions"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``measurement.csv`` with ``kind`` (construct, dimension, index) and names from the codebooks."""
    books = {inputs[name]["instrument"]: inputs[name] for name in INSTRUMENTS}
    rows = _with_tests(inputs["measurement"], inputs["invariance"], inputs["proportional_odds"])
    few = rows["n"] < settings["disclosure"]["threshold"]
    rows[VALUES] = rows[VALUES].astype(float).mask(few, axis=0)
    rows["invariance"] = rows["invariance"].mask(few, "")
    rows["suppressed"] = few
    pairs = list(zip(rows["instrument"], rows["construct"], strict=True))
    rows["kind"] = [_kind(books[i], c) for i, c in pairs]
    for language in ("nb", "en"):
        rows[f"name_{language}"] = [scale_name(books[i], c, language) for i, c in pairs]
    places = {"kind": KINDS, "construct": scale_order(books)}
    names = [
        "wave",
        "instrument",
        "kind",
        "construct",
        "name_nb",
        "name_en",
        *VALUES,
        "invariance",
        "method",
        "suppressed",
    ]
    return by_wave(rows, settings, ["kind", "construct"], places)[names]


def _with_tests(measurement: pd.DataFrame, invariance: pd.DataFrame, slopes: pd.DataFrame) -> pd.DataFrame:
    """``measurement`` with the number of languages, the last step that holds for them, and the p-value of one slope."""
    key = ["wave", "construct"]
    steps = invariance[invariance["cfi"].notna()]
    steps = steps.sort_values("step", key=lambda step: step.map(STEPS.index), kind="stable")
    fitted = steps[steps["holds"].astype("object").fillna("").isin(["", "yes"])]
    last = fitted.drop_duplicates(key, keep="last").set_index(key)["step"]
    held = steps.drop_duplicates(key).set_index(key)[["languages"]].join(last).fillna({"step": "none"})
    whole = slopes[slopes["term"] == OMNIBUS].set_index(key)["p_value"].rename("one_slope_p_value")
    rows = measurement.join(held.rename(columns={"step": "invariance"}), on=key).join(whole, on=key)
    return rows.assign(invariance=rows["invariance"].astype("str").fillna(""))


def _kind(book: Mapping, construct: str) -> str:
    return "construct" if construct in book["constructs"] else "index" if construct == "index" else "dimension"


def scale_order(books: Mapping[str, Mapping]) -> list[str]:
    """Constructs, dimensions and the index in the codebooks' order."""
    order = [c for book in books.values() for kind in ("constructs", "dimensions") for c in book[kind]]
    return [*dict.fromkeys(order), "index"]


def scale_name(book: Mapping, construct: str, language: str) -> str:
    """What a scale of ``book`` is called."""
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
        "klynging; effektivt antall er svarene delt på den. Snitt og andeler er vektet. Kategorisk omega: "
        "av svar i trinn (Green og Yang 2009). Samme mål: det siste av trinnene konfigural, metrisk og skalar som "
        "holder (T-E13); bare skalar gjør at snitt kan sammenlignes mellom språk. Én helning: forutsetningen i "
        "ordnet logit (Brant); en liten p taler mot den.",
        "en": "Alpha and omega: how far the items of a scale agree within a person. ICC(1): the share of the "
        "variation of "
        "one answer that lies between municipalities. ICC(2): the reliability of a municipality's mean. Design "
        "effect: "
        "weights times clustering; effective n is the answers divided by it. Means and shares are weighted. "
        "Categorical omega: of answers in steps (Green and Yang 2009). Same measure: the last of the steps configural, "
        "metric and scalar that holds (T-E13); only scalar lets the means of languages compare. One slope: the "
        "ordered logit's assumption (Brant); a small p speaks against it.",
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
    if name == "invariance":
        return context.labels.pick(STEP_WORDS[line[name]]) if line[name] else "."
    if name == "one_slope_p_value":
        return context.labels.p_value(line[name])
    return context.labels.share(line[name]) if decimals is None else context.labels.number(line[name], decimals)


def _reasons(numbers: pd.DataFrame, context: Context) -> list[str]:
    """What is not estimable and why, once a statistic and reason; a share of best answers needs a lead item."""
    labels, found = context.labels, {}
    for method in numbers["method"]:
        for part in str(method).split("; "):
            if "not estimable: " in part:
                what, _, why = part.partition(" not estimable: ")
                found.setdefault((what, why), None)
    names = {"alpha": "alfa", "categorical omega": "kategorisk omega"} if context.language == "nb" else {}
    words = [f"{names.get(what, what)} ({reason(why, context)})" for what, why in sorted(found)]
    head = labels.pick({"nb": "«.» = ikke beregnbar", "en": "“.” = not estimable"})
    best = {
        "nb": "beste svar og én helning oppgis for mål, ikke for dimensjoner; hvorfor språk ikke lar seg sammenligne, "
        "står i T-E13",
        "en": "best answers and one slope are given for constructs, not dimensions; why languages cannot be compared "
        "is told in T-E13",
    }
    return [f"{head}: {'; '.join([*words, labels.pick(best)])}."]
