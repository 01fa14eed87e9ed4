"""T-D2: what goes together with work or education one year after: three nested logits, side by side.

Average marginal effects in percentage points with standard errors, and odds ratios with intervals, clustered on the
municipality; below them what the covariates do to the variance between municipalities.
"""

import re
from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.labels import EN_DASH
from introprog.tables import Column, Row, Table

MODELS = {
    "person": {"nb": "1 Person", "en": "1 Person"},
    "programme": {"nb": "2 + program", "en": "2 + programme"},
    "local": {"nb": "3 + organisering og arbeidsmarked", "en": "3 + organisation and labour market"},
}
VARIABLES = {
    "sex": {"nb": "Kjønn", "en": "Sex"},
    "age_group": {"nb": "Alder ved avslutning", "en": "Age at leaving"},
    "country_group": {"nb": "Landbakgrunn", "en": "Country background"},
    "schooling": {"nb": "Utdanning ved start", "en": "Schooling at the start"},
    "immigration_ground": {"nb": "Innvandringsgrunn", "en": "Immigration ground"},
    "centrality": {
        "nb": "Kommunens sentralitet (1 = mest sentral)",
        "en": "Centrality of the municipality (1 = most central)",
    },
    "programme_months": {"nb": "Måneder i programmet", "en": "Months in the programme"},
    "benefit_months": {"nb": "Måneder med introduksjonsstønad", "en": "Months with introduction benefit"},
    "measure_work": {"nb": "Arbeidsrettet tiltak", "en": "Work-oriented measure"},
    "measure_school": {"nb": "Grunnskole eller videregående i programmet", "en": "School within the programme"},
    "unemployment": {"nb": "Arbeidsledighet i kommunen, prosent", "en": "Unemployment in the municipality, per cent"},
    "in_nav": {"nb": "Programmet organisert i NAV", "en": "Programme organised in NAV"},
}
SPREAD = {
    "municipality_share": {
        "nb": "Andel av variasjonen, prosent",
        "en": "Share of the variation, per cent",
    },
    "municipality_variance": {"nb": "Varians (logit)", "en": "Variance (logit)"},
    "icc": {"nb": "ICC (logit)", "en": "ICC (logit)"},
}
COLUMNS = [
    "model",
    "definition",
    "horizon",
    "term",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "p_value",
    "n",
    "clusters",
    "dof",
    "odds_ratio",
    "or_low",
    "or_high",
    "ame",
    "ame_std_error",
    "ame_low",
    "ame_high",
    "method",
]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``casemix.csv`` of the three nested models and of the model without covariates."""
    rows = inputs["casemix"]
    return rows.loc[rows["model"].isin(["none", *MODELS]), COLUMNS].reset_index(drop=True)


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Terms under their variable; three column groups, one a model."""
    pick = context.labels.pick
    heads = [
        {"nb": "AME, prosentpoeng (SE)", "en": "AME, percentage points (SE)"},
        {"nb": "Oddsratio", "en": "Odds ratio"},
    ]
    columns = [Column(pick(h), pick(group)) for group in MODELS.values() for h in heads]
    cells = numbers.set_index(["model", "term"])
    rows = [*_terms(numbers, cells, context), *_spread(cells, context), *_sizes(cells, context)]
    footer = context.footer(
        numbers, _number(numbers, context), context.definition(numbers["definition"].iloc[0]), _notes(context)
    )
    return Table(
        context.language, context.title, context.labels.term("word.term"), columns, rows, footer, context.stamp
    )


def _terms(numbers: pd.DataFrame, cells: pd.DataFrame, context: Context) -> list[Row]:
    """The covariates: levels under the name of their variable, in the order of the terms."""
    silent = {*SPREAD, "constant", "persons_left_out"}
    terms = [t for t in dict.fromkeys(numbers["term"]) if t not in silent and not t.startswith("exit_year")]
    split = pd.DataFrame([t.partition("=") for t in terms], columns=["variable", "_", "level"])
    rows = []
    for variable, part in split.groupby("variable", sort=False):
        known = context.labels.codes(variable)
        levels = sorted(part["level"], key=lambda x, k=known: (k.index(x) if x in k else len(k), x))
        name = context.labels.pick(VARIABLES[variable]) if variable in VARIABLES else variable.replace("_", " ")
        if levels == [""]:
            rows.append(Row(name, _printed(cells, variable, context)))
            continue
        rows.append(Row(name, kind="head"))
        rows += [
            Row(_level(variable, level, context), _printed(cells, f"{variable}={level}", context), 1)
            for level in levels
        ]
    return rows


def _printed(cells: pd.DataFrame, term: str, context: Context) -> list[str]:
    return [text for model in MODELS for text in _cells(cells, model, term, context)]


def _number(numbers: pd.DataFrame, context: Context) -> str:
    number = context.labels.number
    used = numbers.loc[numbers["model"].isin(MODELS), ["n", "clusters"]].max()
    left = _left(numbers.loc[numbers["term"] == "persons_left_out", "estimate"], context)
    n = {
        "nb": f"{number(used['n'])} tidligere deltakere i {number(used['clusters'])} kommuner; {left} utelatt fordi et "
        "kjennetegn er ukjent",
        "en": f"{number(used['n'])} former participants in {number(used['clusters'])} municipalities; {left} left out, "
        "a covariate unknown",
    }
    return context.labels.pick(n)


def _notes(context: Context) -> list[str]:
    notes = {
        "nb": f"Logit med standardfeil klynget på kommune; {context.confidence} i hakeparentes. AME = gjennomsnittlig "
        "marginal sammenheng. Avslutningsår er med i alle modellene. Sammenhenger, ikke virkninger.",
        "en": f"Logit with standard errors clustered on the municipality; {context.confidence} in brackets. AME = "
        "average marginal association. Year of leaving is in every model. Associations only.",
    }
    scale = {
        "nb": "Andelen av variasjonen mellom kommuner kan sammenlignes mellom modellene. Varians og ICC på "
        "logitskalaen kan ikke: skalaen strekkes når kjennetegn legges til.",
        "en": "The share of the variation between municipalities compares between the models. Variance and ICC on the "
        "logit scale do not: covariates stretch the scale.",
    }
    return [context.labels.pick(text) for text in (notes, scale)]


def _left(left: pd.Series, context: Context) -> str:
    threshold = context.settings["disclosure"]["threshold"]
    count = int(left.iloc[0]) if len(left) else 0
    return (
        {"nb": f"under {threshold}", "en": f"under {threshold}"}[context.language]
        if 0 < count < threshold
        else context.labels.number(count)
    )


def _level(variable: str, level: str, context: Context) -> str:
    text = context.labels.term(f"{variable}.{level}", default=level.removesuffix(".0"))
    return re.sub(r"(?<=\d)-(?=\d)", EN_DASH, text)


def _cells(cells: pd.DataFrame, model: str, term: str, context: Context) -> list[str]:
    labels = context.labels
    if (model, term) not in cells.index:
        return ["", ""]
    row = cells.loc[(model, term)]
    if row["method"] == "reference":
        return [labels.term("word.reference"), labels.number(1, 2)]
    if str(row["method"]).startswith("not estimable"):
        return [".", "."]
    ame = f"{labels.signed(100 * row['ame'], 1)} ({labels.number(100 * row['ame_std_error'], 1)})"
    return [ame, f"{labels.number(row['odds_ratio'], 2)} {labels.interval(row['or_low'], row['or_high'], 2)}"]


def _spread(cells: pd.DataFrame, context: Context) -> list[Row]:
    """What is left between municipalities, with its value in the model without covariates in the stub."""
    labels, pick = context.labels, context.labels.pick
    rows = [Row(pick({"nb": "Forskjeller mellom kommuner", "en": "Differences between municipalities"}), kind="head")]
    for term, label in SPREAD.items():
        if term not in cells.index.get_level_values("term"):
            continue
        scale, decimals = (100, 1) if term == "municipality_share" else (1, 3)
        printed = []
        for model in MODELS:
            if (model, term) not in cells.index:
                printed += ["", ""]
                continue
            middle, low, high = scale * cells.loc[(model, term), ["estimate", "ci_low", "ci_high"]].astype(float)
            printed += [labels.number(middle, decimals), labels.interval(low, high, decimals)]
        base = scale * cells.loc[("none", term), "estimate"] if ("none", term) in cells.index else None
        without = {"nb": "uten kjennetegn", "en": "without covariates"}
        rows.append(Row(f"{pick(label)} ({pick(without)}: {labels.number(base, decimals)})", printed, 1))
    return rows


def _sizes(cells: pd.DataFrame, context: Context) -> list[Row]:
    words = {"n": {"nb": "Personer", "en": "Persons"},
             "clusters": {"nb": "Kommuner (klynger)", "en": "Municipalities (clusters)"}}  # fmt: skip
    known = cells.index.get_level_values("model")
    rows = []
    for column, label in words.items():
        values = [context.labels.number(cells.loc[m, column].max()) if m in known else "" for m in MODELS]
        rows.append(Row(context.labels.pick(label), [text for v in values for text in (v, "")], 1))
    return rows
