"""T-E13: what comparing and modelling the answers assumes: one measure in all languages, one slope for all steps."""

from collections.abc import Mapping

import pandas as pd

from introprog.association import RESULT
from introprog.displays.context import Context
from introprog.displays.t_e10 import STEP_WORDS, scale_name, scale_order
from introprog.displays.waves import INSTRUMENTS, by_wave, reason, wave_name
from introprog.proportional_odds import OMNIBUS
from introprog.tables import Column, Row, Table

PARTS = ("invariance", "one_slope")
PART_WORDS = {"invariance": {"nb": "Samme mål på alle språk", "en": "The same measure in all languages"},
              "one_slope": {"nb": "Én helning for alle svartrinn (ordnet logit)",
                            "en": "One slope for all answer steps (ordered logit)"}}  # fmt: skip
TEST_WORDS = {**STEP_WORDS, OMNIBUS: {"nb": "alle variablene", "en": "all terms"},
              RESULT: {"nb": "kommunens resultat", "en": "the municipality’s result"}}  # fmt: skip
HOLDS = {
    "": {"nb": "–", "en": "–"},
    "yes": {"nb": "holder", "en": "holds"},
    "no": {"nb": "holder ikke", "en": "does not hold"},
    "not reached": {"nb": "ikke nådd", "en": "not reached"},
    "rejected": {"nb": "forkastet", "en": "rejected"},
    "not rejected": {"nb": "ikke forkastet", "en": "not rejected"},
}
HEADS = (
    ("n", 0, {"nb": "Svar", "en": "Answers"}),
    ("groups", 0, {"nb": "Språk eller kommuner", "en": "Languages or municipalities"}),
    ("chisq", 1, {"nb": "Kjikvadrat", "en": "Chi-square"}),
    ("dof", 0, {"nb": "Frihetsgrader", "en": "Degrees of freedom"}),
    ("p_value", None, {"nb": "p", "en": "p"}),
    ("cfi", 3, {"nb": "CFI", "en": "CFI"}),
    ("cfi_change", 3, {"nb": "Endring i CFI", "en": "Change in CFI"}),
    ("rmsea", 3, {"nb": "RMSEA", "en": "RMSEA"}),
    ("rmsea_change", 3, {"nb": "Endring i RMSEA", "en": "Change in RMSEA"}),
    ("holds", None, {"nb": "Utfall", "en": "Outcome"}),
)
VALUES = ["n", "groups", "chisq", "dof", "p_value", "cfi", "cfi_change", "rmsea", "rmsea_change"]
LEFT_OUT = ["languages_left_out", "answers_left_out", "slope_low", "slope_high"]
COLUMNS = ["wave", "part", "construct", "name_nb", "name_en", "test", *VALUES, *LEFT_OUT, "holds", "method"]
FEWEST_ITEMS = 3


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a test. ``invariance``: chi-square is the scaled difference from the step before; scales of one or two
    items are left out, since one factor says nothing of them. ``one_slope``: Brant's test, and the lowest and highest
    log odds over the cuts for the municipality's result."""
    books = {inputs[name]["instrument"]: inputs[name] for name in INSTRUMENTS}
    own = {wave: books[block["instrument"]] for wave, block in settings["surveys"]["waves"].items()}
    steps = inputs["invariance"]
    steps = steps[steps["items"] >= FEWEST_ITEMS].assign(part="invariance", groups=lambda t: t["languages"])
    steps = steps.drop(columns=["chisq", "dof"]).rename(columns={"chisq_difference": "chisq", "dof_difference": "dof"})
    steps = steps.rename(columns={"step": "test"}).assign(holds=lambda t: t["holds"].astype("object").fillna(""))
    slopes = inputs["proportional_odds"].rename(columns={"term": "test", "municipalities": "groups"})
    alpha = settings["association"]["alpha"]
    told = (
        slopes["p_value"].ge(alpha).map({True: "not rejected", False: "rejected"}).where(slopes["p_value"].notna(), "")
    )
    rows = pd.concat([steps, slopes.assign(part="one_slope", holds=told)], ignore_index=True)
    for language in ("nb", "en"):
        pairs = zip(rows["wave"], rows["construct"], strict=True)
        rows[f"name_{language}"] = [scale_name(own[wave], name, language) for wave, name in pairs]
    orders = {"part": PARTS, "construct": scale_order(books), "test": tuple(TEST_WORDS)}
    few = rows["n"] < settings["disclosure"]["threshold"]
    rows[[*VALUES, *LEFT_OUT]] = rows.reindex(columns=[*VALUES, *LEFT_OUT]).astype(float)
    rows[VALUES] = rows[VALUES].mask(few & rows["n"].gt(0), axis=0)
    rows = by_wave(rows, settings, ["part", "construct", "test"], orders)
    return rows[COLUMNS].assign(suppressed=few.to_numpy() & rows["n"].isna().to_numpy())


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Wave, kind of assumption, and under each scale its tests."""
    pick = context.labels.pick
    columns = [Column(pick(head), text=name == "holds") for name, _, head in HEADS]
    rows = []
    for wave, own in numbers.groupby("wave", sort=False):
        rows.append(Row(wave_name(wave, context), kind="head"))
        for part, tests in own.groupby("part", sort=False):
            rows.append(Row(pick(PART_WORDS[part]), kind="head", indent=1))
            for _, line in tests.iterrows():
                label = f"{line[f'name_{context.language}']}: {pick(TEST_WORDS[line['test']])}"
                rows.append(Row(label, [_cell(line, name, digits, context) for name, digits, _ in HEADS], 2))
    return Table(context.language, context.title, pick({"nb": "Skala og prøve", "en": "Scale and test"}), columns, rows,
                 _footer(numbers, context), context.stamp)  # fmt: skip


def _cell(line: pd.Series, name: str, decimals: int | None, context: Context) -> str:
    if line["suppressed"] and name != "holds":
        return ":"
    if name == "holds":
        missing = str(line["method"]).startswith("not estimable")
        return "." if missing else context.labels.pick(HOLDS[line[name]])
    value = line[name]
    if name == "p_value":
        return context.labels.p_value(value)
    sign = "+" if name.endswith("_change") and pd.notna(value) and round(value, decimals) > 0 else ""
    return sign + context.labels.number(value, decimals)


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    pick, labels = context.labels.pick, context.labels
    least = labels.number(context.settings["surveys"]["minimum_language_answers"])
    alpha = labels.number(context.settings["association"]["alpha"], 2)
    notes = {
        "nb": "Språk: en felles faktor, målt på svarene som tall, gjøres lik på tvers av språk trinn for trinn: "
        "konfigural (samme spørsmål), metrisk (samme ladninger), skalar (samme konstantledd også). Det første trinnet "
        "holder når CFI er minst 0,90 og RMSEA høyst 0,10 (en mild regel; tre spørsmål gir ikke noe å prøve), de neste "
        "når CFI faller med høyst 0,010 og RMSEA stiger med høyst 0,015 (Chen 2007); fra et trinn uten frihetsgrader "
        "er det ingen RMSEA å stige fra. Kjikvadratet er forskjellen fra trinnet før, skalert (Satorra og Bentler). "
        f"Med er språk med minst {least} fullstendige svar. Én helning: Brants test av den justerte "
        f"modellen ved primærhorisonten, forkastet når p < {alpha}; å ikke være forkastet er ikke å være bevist. "
        "Svar i samme kommune er tatt som uavhengige, så p er heller for liten enn for stor.",
        "en": "Languages: one common factor, of the answers as numbers, is made equal across languages step by step: "
        "configural (same items), metric (same loadings), scalar (same intercepts too). The first step holds with CFI "
        "at least 0.90 and RMSEA at most 0.10 (a lenient rule; three items leave nothing to try), the next if CFI "
        "falls by at most 0.010 and RMSEA rises by at most 0.015 (Chen 2007); a step without degrees of freedom has "
        "no RMSEA to rise from. Chi-square is the difference from the step before, "
        f"scaled (Satorra and Bentler). Languages with at least {least} complete answers enter. One slope: Brant’s "
        f"test of the adjusted model at the primary horizon, rejected when p < {alpha}; not rejected is not proven. "
        "Answers of a municipality are taken as independent, so p is too small rather than too large.",
    }
    steps = numbers[numbers["part"] == "invariance"]
    most = numbers.groupby("wave", sort=False)["n"].max()
    n = ", ".join(f"{labels.number(v)} ({wave_name(w, context)})" for w, v in most.items())
    counted = {"nb": f"svar, på det meste {n}", "en": f"answers, at most {n}"}
    definition = {
        "nb": "skalaer med minst tre spørsmål; ordnet svar på hovedspørsmålet i hvert mål",
        "en": "scales of at least three items; the ordered answer to the lead item of each construct",
    }
    lines = [pick(notes), *_left_out(steps, context), *_reasons(numbers, context)]
    return context.footer(numbers, pick(counted), pick(definition), lines)


def _left_out(steps: pd.DataFrame, context: Context) -> list[str]:
    """Languages with too few answers, the range over the scales of a wave."""
    labels, told = context.labels, []
    for wave, own in steps.groupby("wave", sort=False):
        spans = [labels.span(own[name].min(), own[name].max()) for name in ("languages_left_out", "answers_left_out")]
        words = {"nb": f"{spans[0]} språk med {spans[1]} svar", "en": f"{spans[0]} languages with {spans[1]} answers"}
        told.append(f"{wave_name(wave, context)}: {labels.pick(words)}")
    head = labels.pick({"nb": "For få svar til å være med", "en": "Too few answers to enter"})
    return [f"{head} ({'; '.join(told)})."] if told else []


def _reasons(numbers: pd.DataFrame, context: Context) -> list[str]:
    missing = numbers[numbers["method"].astype(str).str.startswith("not estimable")]
    lines = []
    for method, part in missing.groupby("method", sort=True):
        pairs = part.drop_duplicates(["wave", "construct"])
        where = [
            f"{wave_name(r['wave'], context)}, {r[f'name_{context.language}'].lower()}" for _, r in pairs.iterrows()
        ]
        head = context.labels.pick({"nb": "«.» = ikke beregnbar", "en": "“.” = not estimable"})
        lines.append(f"{head}, {reason(method, context)} ({'; '.join(where)}).")
    return lines
