"""F-C1-age: status by years since leaving, by age on leaving, a panel a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.cohort_lines import draw_by_period, rows_of
from introprog.displays.context import Context
from introprog.followup import ALL
from introprog.labels import EN_DASH


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row an age group (or ``all``), set of cohorts and horizon."""
    return rows_of(inputs, "age_group", {})


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a set of cohorts, a line an age group."""
    ages = sorted(set(numbers["level"]) - {ALL})
    unit = {"nb": "{x} år", "en": "{x} years"}
    words = {age: context.labels.pick(unit).format(x=age.replace("-", EN_DASH)) for age in ages}
    words[ALL] = context.labels.pick({"nb": "Alle", "en": "All"})
    return draw_by_period(numbers, context, [ALL, *ages], words)
