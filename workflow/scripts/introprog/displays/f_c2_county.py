"""F-C2-county: share employed by years since leaving, a panel a county, a line a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.cohort_lines import rows_of
from introprog.displays.f_c1_county import county_names, draw

__all__ = ["draw", "numbers"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a county (or ``all``, the whole country), set of cohorts and horizon, one to ten years."""
    return rows_of(inputs, "county", county_names(inputs.get("municipalities")), "employed_by_place")
