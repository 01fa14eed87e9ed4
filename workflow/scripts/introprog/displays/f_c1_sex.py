"""F-C1-sex: status by years since leaving, by sex, a panel a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.cohort_lines import draw_by_period, rows_of
from introprog.displays.context import Context
from introprog.followup import ALL

LEVELS = (ALL, "men", "women")


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a level (``all``, ``men``, ``women``), set of cohorts and horizon."""
    return rows_of(inputs, "sex", {})


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a set of cohorts, a line a sex."""
    words = {level: context.labels.term(f"sex.{'both' if level == ALL else level}") for level in LEVELS}
    return draw_by_period(numbers, context, LEVELS, words)
