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
        "nb": "Kommuner, binomisk",
        "en": "Municipalities, binomial",
    },
}
UNITS = {"person_ordered": "ordered", "person_ordered_adjusted": "ordered", "municipality_binomial": "binomial"}
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
    """The term of interest under wave and horizon and then the unit; a model that cannot be estimated says why."""
    pick, labels = context.labels.pick, context.labels
    shown = numbers[numbers["term"].isin(TERMS)]
    level = labels.percent_sign(1 - context.settings["association"]["alpha"])
    heads = (
        {"nb": "Estimat (SE)", "en": "Estimate (SE)"},
        {"nb": f"{level} KI", "en": f"{level} CI"},
        {"nb": "p", "en": "p"},
        {"nb": "n", "en": "n"},
        {"nb": "Kommuner", "en": "Municipalities"},
        {"nb": "Frihetsgrader", "en": "Degrees of freedom"},
    )
    columns = [*(Column(pick(h)) for h in heads), Column(pick({"nb": "Metode", "en": "Method"}), text=True)]
    rows = []
    for (wave, horizon), part in shown.groupby(["wave", "horizon"], sort=False):
        moment = labels.term(f"horizon.{int(horizon)}", default=str(horizon))
        after = pick({"nb": f"{moment} etter", "en": f"{moment} after"}) if horizon else moment
        head = f"{labels.term(f'wave.{wave}', default=wave)}, {after.lower()}{_years(part, context)}"
        rows.append(Row(head, kind="head"))
        rows += _rows(part, context)
    footer = context.footer(
        numbers, _answers(shown, context), context.definition(numbers["definition"].iloc[0]), [_note(context)]
    )
    stub = pick({"nb": "Modell", "en": "Model"})
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _years(part: pd.DataFrame, context: Context) -> str:
    if "first_exit_year" not in part or part["first_exit_year"].isna().all():
        return ""
    years = context.labels.years(int(part["first_exit_year"].min()), int(part["last_exit_year"].max()))
    return context.labels.pick({"nb": f", sluttet {years}", "en": f", left {years}"})


def _note(context: Context) -> str:
    construct = context.labels.term(f"construct.{context.settings['association']['construct']}", default="")
    notes = {
        "nb": f"{construct} (0–100) på kommunens resultat; enheten står over hver gruppe av modeller. Standardfeil "
        "klynget på kommune. CR2, CRV1, CRV3, vill klynge-bootstrap og HC3 er ulike mål på usikkerheten i samme "
        "estimat. Sammenhenger, ikke virkninger.",
        "en": f"{construct} (0–100) on the municipality's result; the unit stands above each group of models. Errors "
        "clustered on the municipality. CR2, CRV1, CRV3, wild cluster bootstrap and HC3 are different measures of the "
        "uncertainty of one estimate. Associations only.",
    }
    return context.labels.pick(notes)


def _answers(shown: pd.DataFrame, context: Context) -> str:
    labels = context.labels
    people = shown[shown["model"].str.startswith("person")].groupby("wave", sort=False)["n"].max()
    n = ", ".join(f"{labels.number(v)} ({labels.term(f'wave.{w}', default=w)})" for w, v in people.items())
    text = {
        "nb": f"{n} svar i kommuner med resultat, på det meste",
        "en": f"{n} answers in municipalities with a result, at most",
    }
    return labels.pick(text)


def _rows(part: pd.DataFrame, context: Context) -> list[Row]:
    reasons = part["method"].astype(str)
    if reasons.str.startswith("not estimable").all() and (reasons == reasons.iloc[0]).all():
        text = reasons.iloc[0].removeprefix("not estimable: ")
        label = context.labels.pick({"nb": "Ingen modell kan beregnes", "en": "No model can be estimated"})
        return [Row(label, ["."] * 6 + [_reason(text, context)], 1)]
    rows = []
    units = part["model"].map(UNITS).fillna("score")
    for unit, same in part.groupby(units, sort=False):
        rows.append(Row(context.labels.term(f"unit.{unit}"), kind="head", indent=1))
        rows += [Row(_name(line["model"], context), _cells(line, context), 2) for _, line in same.iterrows()]
    return rows


def _name(model: str, context: Context) -> str:
    return context.labels.pick(MODELS[model]) if model in MODELS else model


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
        labels.method(method),
    ]
