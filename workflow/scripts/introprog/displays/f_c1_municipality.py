"""F-C1-municipality: status by years since leaving, a panel a municipality, a line a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.cohort_lines import draw_by_level, rows_of
from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a municipality, set of cohorts and horizon: those that the config names, or the largest."""
    return rows_of(inputs, "municipality", names_of(inputs.get("municipalities")))


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """The municipalities by number."""
    return draw_by_level(numbers, context, sorted(set(numbers["level"])))
