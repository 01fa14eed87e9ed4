"""T-C11: which early measurement says most about year five, judged on municipalities that were left out."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.labels import NOT_AVAILABLE
from introprog.surrogate import OFFICIAL
from introprog.tables import Column, Row, Table

TARGETS = {
    "work_or_education": {"nb": "Arbeid eller utdanning etter 60 måneder", "en": "Work or education after 60 months"},
    "work_longer": {"nb": "Lengre arbeidstid etter 60 måneder", "en": "Longer working hours after 60 months"},
}
CODINGS = {
    "success": {"nb": "i arbeid eller utdanning", "en": "in work or education"},
    "state": {"nb": "fem tilstander", "en": "five states"},
    "share": {"nb": "andel av månedene i arbeid eller utdanning", "en": "share of the months in work or education"},
}
COLUMNS = (
    ("r2_out", {"nb": "", "en": ""}, {"nb": "Forklart, prosent", "en": "Explained, per cent"}),
    (
        "brier_gain",
        {"nb": "Mindre feil enn offisielt mål", "en": "Less error than official"},
        {"nb": "× 100", "en": "× 100"},
    ),
    ("interval", {"nb": "Mindre feil enn offisielt mål", "en": "Less error than official"}, {"nb": "{c}", "en": "{c}"}),
    (
        "municipal_rmse",
        {"nb": "Feil for en kommune, prosentpoeng", "en": "Error of a municipality, percentage points"},
        {"nb": "Feil", "en": "Error"},
    ),
    (
        "municipal_noise",
        {"nb": "Feil for en kommune, prosentpoeng", "en": "Error of a municipality, percentage points"},
        {"nb": "Av tilfeldighet alene", "en": "By chance alone"},
    ),
)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``surrogate``: target, predictors, coding, term, estimate, limits, n, clusters, best, method."""
    return inputs["surrogate"].assign(best=inputs["surrogate"]["best"].astype(bool))


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A block a late outcome, a line a mix of months; the mix with the least error is marked."""
    labels, pick = context.labels, context.labels.pick
    rows = []
    for target, head in TARGETS.items():
        own = numbers[numbers["target"] == target]
        rows.append(Row(pick(head), kind="head"))
        for (predictors, coding), mix in own.groupby(["predictors", "coding"], sort=False):
            mark = " *" if mix["best"].any() else ""
            rows.append(
                Row(_words(str(predictors), str(coding), context) + mark, _cells(mix.set_index("term"), context), 1)
            )
    columns = [Column(pick(head).format(c=context.confidence), pick(group)) for _, group, head in COLUMNS]
    n = {
        "nb": f"{labels.number(numbers['n'].max())} tidligere deltakere i {labels.number(numbers['clusters'].max())} "
        "kommuner",
        "en": f"{labels.number(numbers['n'].max())} former participants in "
        f"{labels.number(numbers['clusters'].max())} municipalities",
    }
    note = {
        "nb": "* minst feil. Hver kommune er forutsagt av en lineær modell tilpasset alle de andre; feil er "
        "gjennomsnittlig kvadrert "
        "avvik. Kommuner med minst {least} i de to siste kolonnene.",
        "en": "* least error. Each municipality is predicted from a linear model fitted to all the others; error is "
        "the mean squared "
        "deviation. Municipalities with at least {least} in the last two columns.",
    }
    least = labels.number(context.settings["comparison"]["minimum_leavers"])
    definition = {
        "nb": "tilstand i uka rundt den 16. i måneden, bosatte",
        "en": "state in the week around the 16th of the month, residents",
    }
    footer = context.footer(numbers, pick(n), pick(definition), [pick(note).format(least=least)])
    stub = {"nb": "Tidlig måling", "en": "Early measurement"}
    return Table(context.language, context.title, pick(stub), columns, rows, footer, context.stamp)


def _words(predictors: str, coding: str, context: Context) -> str:
    if predictors == OFFICIAL:
        return context.definition(context.settings["official_definition"])
    months = predictors.replace("-", "\N{EN DASH}").replace("+", ", ")
    head = {"nb": f"Måned {months}", "en": f"Month {months}"}
    return f"{context.labels.pick(head)}: {context.labels.pick(CODINGS[coding])}"


def _cells(mix: pd.DataFrame, context: Context) -> list[str]:
    labels = context.labels
    value = mix["estimate"].to_dict()
    gain = 100 * value.get("brier_gain", float("nan"))
    interval = NOT_AVAILABLE
    if "brier_gain" in mix.index:
        row = mix.loc["brier_gain"]
        interval = labels.interval(100 * row["ci_low"], 100 * row["ci_high"], 1)
    points = [labels.number(100 * value.get(name, float("nan")), 1) for name in ("municipal_rmse", "municipal_noise")]
    return [labels.share(value.get("r2_out"), 1), labels.signed(gain, 1), interval, *points]
