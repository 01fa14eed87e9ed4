"""T-F2: satisfaction on result, every model of the config: persons and municipalities, each horizon and definition."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.waves import by_wave, reason, wave_name
from introprog.forms import PERSON
from introprog.tables import Column, Row, Table

TERMS = ("result_per_10_points", "score_per_10_points")


UNITS = {"ordered": "ordered", "ordered_intercept": "ordered", "binomial": "binomial"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``association.csv`` for the construct of the config, every definition; of the official one all terms,
    covariates too. Models stand in the order of the config."""
    rows, asked = inputs["association"], settings["association"]
    rows = rows[rows["construct"] == asked["construct"]]
    definitions = [asked["definition"], *(d for d in settings["definitions"] if d != asked["definition"])]
    orders = {"model": list(asked["models"]), "definition": definitions}
    rows = rows.assign(other=rows["definition"] != asked["definition"])
    return by_wave(rows, settings, ["other", "definition", "horizon", "model"], orders).drop(columns="other")


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """The official definition in full, by wave, horizon and unit; then the standing model of the other definitions.

    A model that cannot be estimated says why.
    """
    pick, labels, asked = context.labels.pick, context.labels, context.settings["association"]
    shown = numbers[numbers["term"].isin(TERMS)]
    level = labels.percent_sign(1 - asked["alpha"])
    heads = (
        {"nb": "Estimat (SE)", "en": "Estimate (SE)"},
        {"nb": f"{level} KI", "en": f"{level} CI"},
        {"nb": "p", "en": "p"},
        {"nb": "n", "en": "n"},
        {"nb": "Kommuner", "en": "Municipalities"},
        {"nb": "Frihetsgrader", "en": "Degrees of freedom"},
    )
    columns = [*(Column(pick(h)) for h in heads), Column(pick({"nb": "Metode", "en": "Method"}), text=True)]
    official = shown["definition"] == asked["definition"]
    rows = []
    for (wave, horizon), part in shown[official].groupby(["wave", "horizon"], sort=False):
        moment = labels.term(f"horizon.{int(horizon)}", default=str(horizon))
        after = pick({"nb": f"{moment} etter", "en": f"{moment} after"}) if horizon else moment
        head = f"{wave_name(wave, context)}, {after.lower()}{_years(part, context)}"
        rows.append(Row(head, kind="head"))
        rows += _rows(part, context)
    rows += _other(shown[~official & (shown["model"] == asked["standing"])], context)
    footer = context.footer(
        numbers, _answers(shown, context), context.definition(asked["definition"]), [_note(context)]
    )
    stub = pick({"nb": "Modell", "en": "Model"})
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _other(rows: pd.DataFrame, context: Context) -> list[Row]:
    """A block a wave: under each definition a line a horizon, with the model that stands for all."""
    labels, lines = context.labels, []
    label = labels.pick(context.settings["association"]["models"][context.settings["association"]["standing"]]["label"])
    for wave, part in rows.groupby("wave", sort=False):
        head = {"nb": "andre definisjoner", "en": "other definitions"}
        lines.append(Row(f"{wave_name(wave, context)}, {labels.pick(head)}: {label}", kind="head"))
        for definition, own in part.groupby("definition", sort=False):
            lines.append(Row(context.definition(definition), kind="head", indent=1))
            months = context.settings["definitions"].get(definition, {}).get("moment") == "anniversary"
            told = own[~own["method"].astype(str).str.startswith("not estimable")]
            for _, line in told.iterrows():
                years = int(line["horizon"]) // 12 if months else int(line["horizon"])
                lines.append(Row(labels.term(f"horizon.{years}", default=str(years)), _cells(line, context), 2))
            if len(told) < len(own):
                lines.append(_untold(own.drop(told.index), months, context))
    return lines


def _untold(rows: pd.DataFrame, months: bool, context: Context) -> Row:
    """One line for the horizons of a definition that cannot be estimated, with the reasons."""
    years = [int(h) // 12 if months else int(h) for h in rows["horizon"]]
    reasons = dict.fromkeys(_reason(str(m), context) for m in rows["method"])
    names = ", ".join(context.labels.term(f"horizon.{y}", default=str(y)) for y in years)
    return Row(names, ["."] * 6 + ["; ".join(reasons)], 2)


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
        "estimat. Andre definisjoner: én modell; alle modellene står i CSV-fila. Sammenhenger, ikke virkninger.",
        "en": f"{construct} (0–100) on the municipality's result; the unit stands above each group of models. Errors "
        "clustered on the municipality. CR2, CRV1, CRV3, wild cluster bootstrap and HC3 are different measures of the "
        "uncertainty of one estimate. Other definitions: one model; all models are in the CSV file. Associations only.",
    }
    return context.labels.pick(notes)


def _answers(shown: pd.DataFrame, context: Context) -> str:
    labels, models = context.labels, context.settings["association"]["models"]
    person = shown["model"].map({name: block["form"] in PERSON for name, block in models.items()}).eq(True)
    people = shown[person].groupby("wave", sort=False)["n"].max()
    n = ", ".join(f"{labels.number(v)} ({wave_name(w, context)})" for w, v in people.items())
    text = {
        "nb": f"{n} svar i kommuner med resultat, på det meste",
        "en": f"{n} answers in municipalities with a result, at most",
    }
    return labels.pick(text)


def _rows(part: pd.DataFrame, context: Context) -> list[Row]:
    reasons = part["method"].astype(str)
    if reasons.str.startswith("not estimable").all() and (reasons == reasons.iloc[0]).all():
        label = context.labels.pick({"nb": "Ingen modell kan beregnes", "en": "No model can be estimated"})
        return [Row(label, ["."] * 6 + [_reason(reasons.iloc[0], context)], 1)]
    models, rows = context.settings["association"]["models"], []
    units = part["model"].map({name: UNITS.get(block["form"]) for name, block in models.items()}).fillna("score")
    for unit, same in part.groupby(units, sort=False):
        rows.append(Row(context.labels.term(f"unit.{unit}"), kind="head", indent=1))
        for _, line in same.iterrows():
            rows.append(Row(context.labels.pick(models[line["model"]]["label"]), _cells(line, context), 2))
    return rows


def _reason(text: str, context: Context) -> str:
    return reason(text, context)


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
