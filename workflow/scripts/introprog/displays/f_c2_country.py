"""F-C2-country: share employed by years since leaving, by country background, a panel a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.cohort_lines import rows_of
from introprog.displays.f_c1_country import draw

__all__ = ["draw", "numbers"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a country group (or ``all``), set of cohorts and horizon, one to ten years."""
    return rows_of(inputs, "country_group", {}, "employed_by_trait")
