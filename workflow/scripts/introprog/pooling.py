"""From the municipality panel and the outcomes to what municipal comparison needs: pooled counts and persons.

Cohorts are pooled within the years that the study compares, so that every horizon describes the same leavers. Cells
that are suppressed are left out and counted, never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Measure = tuple[str, int]
SELECTIVE = 20
FEWEST = 3


def pool_panel(panel: pd.DataFrame, exit_years: Sequence[int], floor: int = SELECTIVE) -> pd.DataFrame:
    """Counts by definition, horizon and municipality, both sexes, over ``exit_years`` (first and last).

    ``panel``: contract section 5. Returns ``definition, horizon, municipality, n, successes, cells_left_out,
    first_exit_year, last_exit_year``; only cells with known n and successes are pooled, ``cells_left_out`` counts the
    others (n is 0 where nothing is left). Where cells are suppressed, a small one is known because of its outcome (0 of
    5 is shown, 2 of 5 is not), so all cells under ``floor`` leavers of that definition and horizon are left out with
    them. A definition held by several geographies is taken by programme municipality.
    """
    first, last = exit_years
    rows = panel[(panel["sex"] == "both") & panel["exit_year"].between(first, last)]
    by_programme = set(rows.loc[rows["geography"] == "programme", "definition"])
    rows = rows[(rows["geography"] == "programme") | ~rows["definition"].isin(by_programme)]
    known = rows["n"].notna() & rows["successes"].notna()
    selective = (~known).groupby([rows["definition"], rows["horizon"]]).transform("any")
    nobody = known & (rows["n"] == 0).fillna(False).astype(bool)
    known &= ~(selective & (rows["n"].fillna(0) < floor))
    keys = ["definition", "horizon", "municipality"]
    left_out = (~known & ~nobody).groupby([rows[k] for k in keys], sort=True).sum().rename("cells_left_out")
    used = rows[known & ~nobody].astype({"n": "int64", "successes": "int64", "exit_year": "Int64"})
    pooled = used.groupby(keys, sort=True).agg(
        n=("n", "sum"),
        successes=("successes", "sum"),
        first_exit_year=("exit_year", "min"),
        last_exit_year=("exit_year", "max"),
    )
    pooled = left_out.to_frame().join(pooled).reset_index()
    pooled[["n", "successes"]] = pooled[["n", "successes"]].fillna(0).astype("int64")
    return pooled[[*keys, "n", "successes", "cells_left_out", "first_exit_year", "last_exit_year"]]


def shared_cohorts(
    panel: pd.DataFrame, measures: Sequence[Measure], exit_years: Sequence[int]
) -> tuple[list[Measure], list[int]]:
    """The measures that some cohorts have in common, and those cohorts (exit years), so that nobody is compared with
    other leavers.

    Measures are taken in the order given; one that shares no cohort with those before it is dropped.
    """
    known = panel[panel["exit_year"].between(*exit_years) & (panel["n"].fillna(0) > 0) & panel["successes"].notna()]
    years = known.groupby(["definition", "horizon"])["exit_year"].agg(set).to_dict()
    kept: list[Measure] = []
    common: set[int] = set()
    for measure in measures:
        both = years.get(measure, set()) & common if kept else years.get(measure, set())
        if both:
            kept, common = [*kept, measure], both
    return kept, sorted(int(year) for year in common)


@dataclass(frozen=True)
class Persons:
    """One row a person, sorted by stratum.

    ``municipalities``: the sorted names; ``municipality``: index into them; ``cohort``: exit year; ``stratum``: running
    number of municipality and cohort; ``outcomes``: persons x measures, 1 success, 0 none, NaN outside the denominator.
    """

    municipalities: np.ndarray
    municipality: np.ndarray
    cohort: np.ndarray
    stratum: np.ndarray
    outcomes: np.ndarray


def person_outcomes(
    outcomes: pd.DataFrame, measures: Sequence[Measure], exit_years: Sequence[int], municipalities: Sequence[str]
) -> Persons:
    """Outcomes (contract section 4) of persons who left ``municipalities`` in ``exit_years``, one column a measure.

    A measure is (definition, horizon). The municipality is that of the first measure a person has.
    """
    rows = outcomes[outcomes["exit_year"].between(*exit_years) & outcomes["municipality"].isin(list(municipalities))]
    column = pd.Series(-1, index=rows.index, dtype="int64")
    for j, (definition, horizon) in enumerate(measures):
        column[(rows["definition"] == definition) & (rows["horizon"] == horizon)] = j
    rows, column = rows[column >= 0], column[column >= 0].to_numpy()
    code, ids = pd.factorize(rows["person_id"], sort=True)
    values = np.full((len(ids), len(measures)), np.nan)
    counted = (rows["in_denominator"].fillna(False) & rows["success"].notna()).to_numpy(dtype=bool)
    values[code[counted], column[counted]] = rows["success"].to_numpy(dtype=float, na_value=np.nan)[counted]
    first = rows.assign(code=code, column=column).sort_values(["code", "column"], kind="stable").drop_duplicates("code")
    names = np.array(sorted(municipalities), dtype=object)
    place = np.searchsorted(names.astype(str), first["municipality"].to_numpy().astype(str))
    cohort = first["exit_year"].to_numpy(dtype=int)
    order = np.lexsort((cohort, place))
    step = np.flatnonzero(np.diff(place[order]) | np.diff(cohort[order]))
    stratum = np.searchsorted(step, np.arange(len(order)))
    return Persons(names, place[order], cohort[order], stratum, values[order])


def least_ranked(comparison: Mapping) -> int:
    """Leavers that a municipality needs at every moment to be ranked, never more than ``minimum_leavers``."""
    minimum = comparison["minimum_leavers"]
    return min(minimum, comparison.get("ranked_leavers", minimum))


def large_everywhere(rows: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Those rows (``municipality, n``, one a moment) whose municipality has ``minimum`` leavers at every moment."""
    return rows[rows.groupby("municipality")["n"].transform("min") >= minimum]


def comparable(pooled: pd.DataFrame, measures: Sequence[Measure], minimum: int) -> tuple[list[Measure], pd.DataFrame]:
    """The measures that have data, and the counts of municipalities with ``minimum`` leavers at each of them.

    A measure has data when at least three municipalities have ``minimum`` leavers at it. Returns the measures kept, in
    the order asked for, and a frame with columns ``measure`` (index into them), ``municipality, n, successes``: the
    same municipalities at every measure, so that moves are moves.
    """
    large = pooled[pooled["n"] >= max(minimum, 1)]
    held = large.groupby(["definition", "horizon"]).size()
    kept = [m for m in measures if held.get(m, 0) >= FEWEST]
    number = {m: j for j, m in enumerate(kept)}
    rows = large.assign(measure=[number.get(k, -1) for k in zip(large["definition"], large["horizon"])])
    rows = rows[rows["measure"] >= 0]
    everywhere = rows.groupby("municipality")["measure"].transform("nunique") == len(kept)
    return kept, rows.loc[everywhere, ["measure", "municipality", "n", "successes"]].sort_values(
        ["measure", "municipality"], ignore_index=True
    )
