"""T-D2: what goes together with work or education one year after: three nested logits, side by side.

Average marginal effects in percentage points with standard errors, and odds ratios with intervals, clustered on the
municipality; below them what the covariates do to the variance between municipalities.
"""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
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
SPREAD = ("municipality_variance", "icc")
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
    pick, number = context.labels.pick, context.labels.number
    heads = [
        {"nb": "AME, prosentpoeng (SE)", "en": "AME, percentage points (SE)"},
        {"nb": "Oddsratio", "en": "Odds ratio"},
    ]
    columns = [Column(pick(h), pick(group)) for group in MODELS.values() for h in heads]
    cells = numbers.set_index(["model", "term"])
    terms = [
        t
        for t in dict.fromkeys(numbers["term"])
        if t not in (*SPREAD, "constant", "persons_left_out") and not t.startswith("exit_year")
    ]
    rows, last = [], None
    for term in terms:
        variable, _, level = term.partition("=")
        if level and variable != last:
            rows.append(Row(_word(VARIABLES, variable, context), kind="head"))
        last = variable
        label = _level(variable, level, context) if level else _word(VARIABLES, term, context)
        rows.append(
            Row(label, [text for model in MODELS for text in _cells(cells, model, term, context)], 1 if level else 0)
        )
    rows += _bottom(cells, context)
    used = numbers.loc[numbers["model"].isin(MODELS), ["n", "clusters"]].max()
    left = numbers.loc[numbers["term"] == "persons_left_out", "estimate"]
    n = {
        "nb": f"{number(used['n'])} tidligere deltakere i {number(used['clusters'])} kommuner; "
        f"{_left(left, context)} utelatt fordi et kjennetegn er ukjent",
        "en": f"{number(used['n'])} former participants in {number(used['clusters'])} municipalities; "
        f"{_left(left, context)} left out, a covariate unknown",
    }
    notes = {
        "nb": f"Logit med standardfeil klynget på kommune; {context.confidence} i hakeparentes. AME = "
        f"gjennomsnittlig marginal sammenheng. "
        "Avslutningsår er med i alle modellene. Sammenhenger, ikke virkninger.",
        "en": f"Logit with standard errors clustered on the municipality; {context.confidence} in brackets. AME = "
        f"average marginal association. "
        "Year of leaving is in every model. Associations only.",
    }
    footer = context.footer(numbers, pick(n), context.definition(numbers["definition"].iloc[0]), [pick(notes)])
    return Table(
        context.language, context.title, context.labels.term("word.term"), columns, rows, footer, context.stamp
    )


def _left(left: pd.Series, context: Context) -> str:
    threshold = context.settings["disclosure"]["threshold"]
    count = int(left.iloc[0]) if len(left) else 0
    return (
        {"nb": f"under {threshold}", "en": f"under {threshold}"}[context.language]
        if 0 < count < threshold
        else context.labels.number(count)
    )


def _word(words: Mapping, key: str, context: Context) -> str:
    return context.labels.pick(words[key]) if key in words else key.replace("_", " ")


def _level(variable: str, level: str, context: Context) -> str:
    return context.labels.term(f"{variable}.{level}", default=level.removesuffix(".0"))


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


def _bottom(cells: pd.DataFrame, context: Context) -> list[Row]:
    labels, pick = context.labels, context.labels.pick
    words = {
        "municipality_variance": {
            "nb": "Varians mellom kommuner (logit)",
            "en": "Variance between municipalities (logit)",
        },
        "icc": {
            "nb": "Andel av variansen mellom kommuner (ICC)",
            "en": "Share of variance between municipalities (ICC)",
        },
    }
    rows = [Row(pick({"nb": "Forskjeller mellom kommuner", "en": "Differences between municipalities"}), kind="head")]
    for term, label in words.items():
        printed = []
        for model in MODELS:
            row = cells.loc[(model, term)] if (model, term) in cells.index else None
            printed += (
                ["", ""]
                if row is None
                else [labels.number(row["estimate"], 3), labels.interval(row["ci_low"], row["ci_high"], 3)]
            )
        base = cells.loc[("none", term), "estimate"] if ("none", term) in cells.index else None
        without = {
            "nb": f"{pick(label)}; uten kjennetegn {labels.number(base, 3)}",
            "en": f"{pick(label)}; without covariates {labels.number(base, 3)}",
        }
        rows.append(Row(pick(without), printed, 1))
    for column, label in (
        ("n", {"nb": "Personer", "en": "Persons"}),
        ("clusters", {"nb": "Kommuner (klynger)", "en": "Municipalities (clusters)"}),
    ):
        values = [
            labels.number(cells.loc[model, column].max()) if model in cells.index.get_level_values(0) else ""
            for model in MODELS
        ]
        rows.append(Row(pick(label), [text for v in values for text in (v, "")], 1))
    return rows
