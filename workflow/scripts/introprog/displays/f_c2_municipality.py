"""F-C2-municipality: share employed by years since leaving, a panel a municipality, a line a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.cohort_lines import rows_of
from introprog.displays.f_c1_municipality import draw
from introprog.displays.f_c4 import names_of

__all__ = ["draw", "numbers"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a municipality of F-C1-municipality, set of cohorts and horizon, one to ten years."""
    return rows_of(inputs, "municipality", names_of(inputs.get("municipalities")), "employed_by_place")
