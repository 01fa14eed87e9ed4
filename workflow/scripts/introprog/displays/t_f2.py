"""T-F2: satisfaction on result, every model side by side: persons and municipalities, one line a model and horizon."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.tables import Column, Row, Table

MODELS = {
    "person_linear": {"nb": "Personer, lineær", "en": "Persons, linear"},
    "person_linear_adjusted": {
        "nb": "Personer, lineær, med kjennetegn og vekter",
        "en": "Persons, linear, with covariates and weights",
    },
    "person_ordered": {"nb": "Personer, ordnet logit", "en": "Persons, ordered logit"},
    "person_ordered_adjusted": {
        "nb": "Personer, ordnet logit, med kjennetegn og vekter",
        "en": "Persons, ordered logit, with covariates and weights",
    },
    "person_random_intercept": {"nb": "Personer, tilfeldig konstantledd", "en": "Persons, random intercept"},
    "municipality_ols": {"nb": "Kommuner, minste kvadrater", "en": "Municipalities, least squares"},
    "municipality_meta": {"nb": "Kommuner, metaregresjon", "en": "Municipalities, meta-regression"},
    "municipality_binomial": {
        "nb": "Kommuner, binomisk (resultat på tilfredshet)",
        "en": "Municipalities, binomial (result on satisfaction)",
    },
}
TERMS = ("result_per_10_points", "score_per_10_points")


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``association.csv`` for the construct of the config; all terms, covariates too."""
    rows = inputs["association"]
    rows = rows[rows["construct"] == settings["association"]["construct"]]
    waves = sorted(settings["surveys"]["waves"], key=lambda w: (settings["surveys"]["waves"][w]["year"], w))
    order = {**{w: i for i, w in enumerate(waves)}, **{m: i for i, m in enumerate(MODELS)}}
    keyed = rows.assign(_wave=rows["wave"].map(order), _model=rows["model"].map(order).fillna(len(MODELS)))
    keyed = keyed.sort_values(["_wave", "definition", "horizon", "_model"], kind="stable", ignore_index=True)
    return keyed.drop(columns=["_wave", "_model"])


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """The term of interest only; a model that cannot be estimated says why."""
    pick, labels = context.labels.pick, context.labels
    shown = numbers[numbers["term"].isin(TERMS)]
    heads = (
        {"nb": "Estimat (SE)", "en": "Estimate (SE)"},
        {"nb": "95 % KI", "en": "95% CI"},
        {"nb": "p", "en": "p"},
        {"nb": "n", "en": "n"},
        {"nb": "Kommuner", "en": "Municipalities"},
        {"nb": "Frihetsgrader", "en": "Degrees of freedom"},
    )
    columns = [*(Column(pick(h)) for h in heads), Column(pick({"nb": "Metode", "en": "Method"}), text=True)]
    rows = []
    for (wave, horizon), part in shown.groupby(["wave", "horizon"], sort=False):
        head = f"{labels.term(f'wave.{wave}', default=wave)}, "
        f"{labels.term(f'horizon.{int(horizon)}', default=str(horizon))}"
        rows.append(Row(head, kind="head"))
        rows += _rows(part, context)
    construct = labels.term(f"construct.{context.settings['association']['construct']}", default="")
    notes = {
        "nb": f"{construct} (0–100) på kommunens resultat, per 10 prosentpoeng; i ordnet logit log-odds for et "
        f"høyere svar, i den binomiske "
        "modellen log-odds for resultat per 10 poeng tilfredshet. Standardfeil klynget på kommune. Sammenhenger, "
        "ikke virkninger.",
        "en": f"{construct} (0–100) on the municipality's result, per 10 percentage points; in the ordered logit the "
        f"log-odds of a higher "
        "answer, in the binomial model the log-odds of the result per 10 points of satisfaction. Errors clustered on "
        "the municipality. "
        "Associations only.",
    }
    people = shown[shown["model"].str.startswith("person")].groupby("wave", sort=False)["n"].max()
    n = ", ".join(f"{labels.number(v)} ({labels.term(f'wave.{w}', default=w)})" for w, v in people.items())
    answers = {
        "nb": f"{n} svar i kommuner med resultat, på det meste",
        "en": f"{n} answers in municipalities with a result, at most",
    }
    footer = context.footer(numbers, pick(answers), context.definition(numbers["definition"].iloc[0]), [pick(notes)])
    return Table(
        context.language, context.title, pick({"nb": "Modell", "en": "Model"}), columns, rows, footer, context.stamp
    )


def _rows(part: pd.DataFrame, context: Context) -> list[Row]:
    reasons = part["method"].astype(str)
    if reasons.str.startswith("not estimable").all() and (reasons == reasons.iloc[0]).all():
        text = reasons.iloc[0].removeprefix("not estimable: ")
        label = context.labels.pick({"nb": "Ingen modell kan beregnes", "en": "No model can be estimated"})
        return [Row(label, ["."] * 6 + [_reason(text, context)], 1)]
    return [
        Row(
            context.labels.pick(MODELS[line["model"]]) if line["model"] in MODELS else str(line["model"]),
            _cells(line, context),
            1,
        )
        for _, line in part.iterrows()
    ]


def _reason(text: str, context: Context) -> str:
    from introprog.verdict import reason

    return reason(text, context.language)


def _cells(line: pd.Series, context: Context) -> list[str]:
    labels, method = context.labels, str(line["method"])
    size = [labels.number(line["n"]), labels.number(line["clusters"]), labels.number(line["dof"], 1)]
    if method.startswith("not estimable"):
        return [".", ".", ".", *size, _reason(method, context)]
    estimate = f"{labels.number(line['estimate'], 2)} ({labels.number(line['std_error'], 2)})"
    return [
        estimate,
        labels.interval(line["ci_low"], line["ci_high"], 2),
        labels.p_value(line["p_value"]),
        *size,
        method,
    ]
