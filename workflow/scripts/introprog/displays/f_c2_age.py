"""F-C2-age: share employed by years since leaving, by age on leaving, a panel a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.cohort_lines import rows_of
from introprog.displays.f_c1_age import draw

__all__ = ["draw", "numbers"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row an age group (or ``all``), set of cohorts and horizon, one to ten years."""
    return rows_of(inputs, "age_group", {}, "employed_by_trait")
