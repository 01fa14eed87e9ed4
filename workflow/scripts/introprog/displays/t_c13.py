"""T-C13: how many verdicts against the target change between two moments, and how many chance alone would change."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.moments import empty_table, exit_note, moment, years_of
from introprog.tables import Column, Row, Table

RULES = {
    "point": {
        "nb": "Andelen tatt for gitt: på den andre siden av målet",
        "en": "The share taken as it stands: on the other side of the target",
    },
    "tested": {
        "nb": "Tre dommer: over, under, kan ikke sies",
        "en": "Three verdicts: above, below, cannot be told",
    },
}
NUMBERS = ["municipalities", "changed", "reversed", "noise", "noise_low", "noise_high", "noise_and_shift",
           "noise_and_shift_low", "noise_and_shift_high", "beyond", "p_value"]  # fmt: skip
YEARS = ["first_exit_year", "last_exit_year"]
COLUMNS = ["rule", "definition", "horizon", "horizon_other", *YEARS, *NUMBERS, "method"]
COUNTS = "counts only"


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``target_changes``, by rule and pair of moments, with the cohorts that are followed."""
    rows = inputs["target_changes"]
    ranks = inputs["ranks"]
    for name in YEARS:
        rows = rows.assign(**{name: int(ranks[name].iloc[0]) if len(ranks) else pd.NA})
    return rows.sort_values(["rule", "horizon", "horizon_other"], ignore_index=True)[COLUMNS]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A block a rule, a line a pair of moments."""
    pick = context.labels.pick
    stub = {"nb": "Mellom tidspunktene", "en": "Between the moments"}
    changed = {"nb": "Endret dom", "en": "Verdict changed"}
    if numbers.empty:
        return empty_table(context, pick(stub), pick(changed))
    rows = []
    for rule, head in RULES.items():
        rows.append(Row(pick(head), kind="head"))
        rows += [
            Row(_pair(row, context), _cells(row, context), 1) for _, row in numbers[numbers["rule"] == rule].iterrows()
        ]
    groups = {
        "seen": {"nb": "Observert", "en": "Observed"},
        "expected": {"nb": "Ventet endring", "en": "Change to expect"},
        "beyond": {"nb": "Ut over det", "en": "Beyond that"},
    }
    heads = [
        ("seen", changed),
        ("seen", {"nb": "Av dette snudd helt", "en": "Of which reversed"}),
        ("expected", {"nb": "Tilfeldighet alene", "en": "Noise alone"}),
        ("expected", {"nb": "Tilfeldighet og felles nivåendring", "en": "Noise and a common shift"}),
        ("beyond", {"nb": "Resten", "en": "The rest"}),
        ("beyond", {"nb": "p-verdi", "en": "p-value"}),
    ]
    columns = [Column(pick(head), pick(groups[group])) for group, head in heads]
    return Table(context.language, context.title, pick(stub), columns, rows, _footer(numbers, context), context.stamp)


def _pair(row: pd.Series, context: Context) -> str:
    early, late = (moment(int(row[name]), context) for name in ("horizon", "horizon_other"))
    return context.labels.pick({"nb": f"{early} og {late.lower()}", "en": f"{early} and {late.lower()}"})


def _cells(row: pd.Series, context: Context) -> list[str]:
    labels = context.labels

    def expected(name: str) -> str:
        limits = labels.interval(row[f"{name}_low"], row[f"{name}_high"], 0)
        return f"{labels.number(row[name], 1)} {limits}"

    seen = [labels.number(row["changed"]), labels.number(row["reversed"])]
    rest = [labels.signed(row["beyond"], 1), labels.p_value(row["p_value"])]
    return [*seen, expected("noise"), expected("noise_and_shift"), *rest]


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    least = labels.number(context.settings["comparison"]["minimum_leavers"])
    count = labels.number(numbers["municipalities"].max()) if len(numbers) else "0"
    when = years_of(numbers, context) if len(numbers) else ""
    n = {
        "nb": f"{count} kommuner med minst {least} tidligere deltakere på alle tidspunkter, sluttet {when}",
        "en": f"{count} municipalities with at least {least} former participants at all moments, left in {when}",
    }
    level = labels.percent_sign(context.settings["study"]["confidence"])
    notes = [
        {
            "nb": "Antall kommuner. Ventet endring er regnet av modellen for sanne andeler (parametrisk bootstrap) der "
            "ingen kommune endrer seg, eller der alle flytter seg med landet; i klammer de midterste "
            f"{level} av trekningene. Resten er endret minus tilfeldighet og felles nivåendring; p-verdien er "
            "sannsynligheten for minst så mange endringer uten noe mer.",
            "en": "Numbers of municipalities. The change to expect is computed from the model of true shares "
            "(parametric "
            "bootstrap) where no municipality changes, or where all move with the country; in brackets the middle "
            f"{level} of the draws. The rest is changed less noise and common shift; the p-value is the probability "
            "of at least so many changes with nothing more.",
        }
    ]
    if numbers["method"].str.startswith(COUNTS).any():
        notes.append(
            {
                "nb": "Bare antall er kjent, ikke hvem som er de samme: tilfeldighet er regnet som uavhengig mellom "
                "tidspunktene, så dens del er for stor og resten for liten.",
                "en": "Only counts are known, not who is the same: noise is taken as independent between the "
                "moments, so "
                "its part is too large and the rest too small.",
            }
        )
    definition = context.definition(context.settings["official_definition"])
    lines = [*(pick(note) for note in notes), *exit_note(numbers["horizon"], context)]
    return context.footer(numbers, pick(n), definition, lines)
