"""Who is employed, by county and in chosen municipalities: the same leavers followed as long as the registers go.

Another definition of the result is shown beside the official one, so that two more things could be told: the few by
whom the two differ, and, since both count the same persons, how many there are in what the panel hides.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.county_sums import SET, hidden_cells
from introprog.followup import ALL, COLUMNS, COUNTS, PERIOD, cohort_sets, of_both, summing
from introprog.region_counts import successes

CELL = ["municipality", "exit_year", "horizon"]


def employed_by_place(
    region_status: pd.DataFrame,
    public_panel: pd.DataFrame,
    panel: pd.DataFrame,
    official: pd.DataFrame,
    definition: str,
    horizons: Sequence[int],
    followup: Mapping,
    confidence: float,
    threshold: int,
    compared: Sequence[int],
    protection: int,
) -> pd.DataFrame:
    """Shares by county (and ``all``) and by municipality, set of cohorts and horizon: ``introprog.followup.COLUMNS``.

    ``official``: ``introprog.followup.status_by_group``, whose municipalities are shown here too; ``panel``: the
    municipality panel before disclosure control, with ``definition``; the other arguments as there. A municipality's
    set is shown where every cell of it is shown in ``public_panel``. Empty when the panel has no such definition.
    """
    if not (region_status["definition"] == definition).any():
        return pd.DataFrame(columns=COLUMNS)
    counts = _counted(region_status, definition)
    country = counts[counts["level"] == ALL]
    sets = cohort_sets(country, horizons, followup["cohort_years"], followup["balanced"])
    if sets.empty:
        return pd.DataFrame(columns=COLUMNS)
    sum_up, name = summing(sets, confidence, threshold), str(official["definition"].iloc[0])
    shown = of_both(public_panel, name)
    chosen = official.loc[official["group"] == "municipality", "level"].unique()
    towns = _towns(of_both(panel, definition), shown, chosen)
    known = of_both(panel, name)
    few = _few_between(towns, _leveled(known), sets, threshold)
    places = sum_up("municipality", towns, few, tree=False)
    told = _few_between(counts, _counted(region_status, name), sets, threshold)
    by_county = official[official["group"] == "county"]
    beside = by_county[~by_county["suppressed"]]
    told = [told, _rest(counts, places, sets, threshold), by_county.loc[by_county["suppressed"], SET]]
    told = pd.concat(told, ignore_index=True)
    hidden = hidden_cells(shown, known, compared, threshold, protection)
    counties = sum_up("county", counts, told)
    if hidden is not None:
        counties = hidden.protect(lambda more: sum_up("county", counts, more), told, False, (beside, True))
    table = pd.concat([counties, places], ignore_index=True).assign(definition=definition)
    return table.sort_values(["group", "level", *PERIOD, "horizon"], ignore_index=True)[COLUMNS]


def _counted(region_status: pd.DataFrame, definition: str) -> pd.DataFrame:
    """Counts of both sexes by county and of the country (``level`` ``all``), cohort and horizon."""
    counts = successes(region_status, [definition], ("country", "county"))
    counts = counts[(counts["sex"] == "both") & (counts["n"].isna() | (counts["n"] > 0))]
    return counts.assign(level=counts["region"].astype(object).mask(counts["region_level"] == "country", ALL))


def _leveled(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(level=panel["municipality"])


def _towns(panel: pd.DataFrame, shown: pd.DataFrame, chosen: Sequence[str]) -> pd.DataFrame:
    """Panel rows of the chosen municipalities, without the counts of cells that the released panel does not show."""
    rows = _leveled(panel[panel["municipality"].isin(list(chosen))])
    open_ = pd.MultiIndex.from_frame(shown.loc[~shown["suppressed"].astype(bool), CELL])
    closed = ~pd.MultiIndex.from_frame(rows[CELL]).isin(open_)
    return rows.assign(**{count: rows[count].astype("Int64").mask(closed) for count in COUNTS})


def _few_between(own: pd.DataFrame, official: pd.DataFrame, sets: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Rows (``SET``) that differ from the official result of the same leavers by too few persons.

    Those who are successful by the official definition alone are a group of the table like any other: ``threshold`` or
    more, or the row is hidden; so are those who are counted by one of the two only, if there are any.
    """
    sums = [rows.merge(sets, on=["exit_year", "horizon"]).groupby(SET)[COUNTS].sum() for rows in (own, official)]
    less = (sums[1] - sums[0]).loc[lambda d: d.notna().all(axis=1)].abs().astype("int64")
    few = (less["successes"] < threshold) | less["n"].between(1, threshold - 1)
    return few[few].index.to_frame(index=False)


def _rest(counts: pd.DataFrame, places: pd.DataFrame, sets: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Counties (``SET``) that are more than their municipalities shown here by too few persons."""
    county = counts[counts["level"] != ALL].merge(sets, on=["exit_year", "horizon"]).groupby(SET)[COUNTS].sum()
    shown = places[~places["suppressed"]]
    shown = shown.assign(level=shown["level"].str[:2]).groupby(SET)[COUNTS].sum()
    rest = county.sub(shown).dropna().astype("int64")
    least = pd.concat([rest["successes"], rest["n"] - rest["successes"]], axis=1).min(axis=1)
    few = (rest["n"] > 0) & (least < threshold)
    return few[few].index.to_frame(index=False)
