"""F-C1-county: status by years since leaving, a panel a county, a line a set of leaving cohorts."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.cohort_lines import draw_by_level, rows_of
from introprog.displays.context import Context
from introprog.followup import ALL


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a county (or ``all``, the whole country), set of cohorts and horizon; names where the source has them."""
    return rows_of(inputs, "county", county_names(inputs.get("municipalities")))


def county_names(municipalities: pd.DataFrame | None) -> dict[str, str]:
    """County number -> name in the latest year; nothing where the source has no names (StatBank)."""
    if municipalities is None:
        return {}
    latest = municipalities.sort_values("year").drop_duplicates("county", keep="last")
    return dict(latest.set_index("county")["county_name"])


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """The country first, then the counties by number."""
    return draw_by_level(numbers, context, [ALL, *sorted(set(numbers["level"]) - {ALL})])
