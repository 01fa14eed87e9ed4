"""F-C1-country: status by years since leaving, by country background, a panel a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.cohort_lines import draw_by_period, rows_of
from introprog.displays.context import Context
from introprog.followup import ALL


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a country group (or ``all``), set of cohorts and horizon."""
    return rows_of(inputs, "country_group", {})


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a set of cohorts, a line a country group."""
    groups = context.labels.codes("country_group")
    words = {group: context.labels.term(f"country_group.{group}") for group in groups}
    words[ALL] = context.labels.pick({"nb": "Alle", "en": "All"})
    return draw_by_period(numbers, context, [ALL, *groups], words)
