"""From the municipality panel and the persons to what municipal comparison needs: pooled counts, rates and their noise.

Cohorts are pooled within the years that the study compares, so that every horizon describes the same leavers. Cells
that are suppressed are left out and counted, never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Measure = tuple[str, int]


def pool_panel(panel: pd.DataFrame, exit_years: Sequence[int]) -> pd.DataFrame:
    """Counts by definition, horizon and municipality, both sexes, over ``exit_years`` (first and last).

    ``panel``: contract section 5. Returns ``definition, horizon, municipality, n, successes, cells_left_out,
    first_exit_year, last_exit_year``; only cells with known n and successes are pooled, ``cells_left_out`` counts the
    others. A definition held by several geographies is taken by programme municipality.
    """
    first, last = exit_years
    rows = panel[(panel["sex"] == "both") & panel["exit_year"].between(first, last)]
    by_programme = set(rows.loc[rows["geography"] == "programme", "definition"])
    rows = rows[(rows["geography"] == "programme") | ~rows["definition"].isin(by_programme)]
    known = rows["n"].notna() & rows["successes"].notna()
    keys = ["definition", "horizon", "municipality"]
    left_out = (~known).groupby([rows[k] for k in keys], sort=True).sum().rename("cells_left_out")
    used = rows[known & (rows["n"].fillna(0) > 0)].astype({"n": "int64", "successes": "int64"})
    pooled = used.groupby(keys, sort=True).agg(
        n=("n", "sum"),
        successes=("successes", "sum"),
        first_exit_year=("exit_year", "min"),
        last_exit_year=("exit_year", "max"),
    )
    pooled = pooled.join(left_out).reset_index()
    return pooled[[*keys, "n", "successes", "cells_left_out", "first_exit_year", "last_exit_year"]]


@dataclass(frozen=True)
class Persons:
    """One row a person: municipality and stratum (municipality and cohort) as sorted integer codes, and outcomes.

    ``outcomes``: persons x measures, 1 success, 0 none, NaN when not in the denominator. Rows are sorted by stratum.
    """

    municipalities: np.ndarray
    municipality: np.ndarray
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
    return Persons(names, place[order], stratum, values[order])


@dataclass(frozen=True)
class Rates:
    """Rates of the same municipalities at several measures, with their noise.

    ``rates`` and ``sizes``: municipalities x measures; ``noise``: municipalities x measures x measures, the sampling
    covariance of a municipality's rates; ``paired`` says whether its off-diagonal is known (persons followed) or taken
    as zero (only counts known). ``persons`` feed the resampling when they are there.
    """

    municipalities: np.ndarray
    measures: tuple[Measure, ...]
    rates: np.ndarray
    sizes: np.ndarray
    noise: np.ndarray
    paired: bool
    persons: Persons | None = None


def comparable(pooled: pd.DataFrame, measures: Sequence[Measure], minimum: int) -> tuple[list[Measure], pd.DataFrame]:
    """The measures that have data, and the counts of municipalities with ``minimum`` leavers at each of them.

    Returns the measures kept, in the order asked for, and a frame with columns ``measure`` (index into them),
    ``municipality, n, successes``: the same municipalities at every measure, so that moves are moves.
    """
    key = pd.MultiIndex.from_frame(pooled[["definition", "horizon"]])
    kept = [m for m in measures if (key == m).any()]
    number = {m: j for j, m in enumerate(kept)}
    rows = pooled.assign(measure=[number.get(k, -1) for k in key])
    rows = rows[(rows["measure"] >= 0) & (rows["n"] >= minimum)]
    everywhere = rows.groupby("municipality")["measure"].transform("nunique") == len(kept)
    return kept, rows.loc[everywhere, ["measure", "municipality", "n", "successes"]].sort_values(
        ["measure", "municipality"], ignore_index=True
    )


def rates_of(counts: pd.DataFrame, measures: Sequence[Measure], persons: Persons | None = None) -> Rates:
    """Rates and noise from the frame of ``comparable``.

    With persons the noise covariance between measures is that of the same persons' outcomes within municipality and
    cohort, pooled over municipalities; without, p(1-p)/n at each measure and zero between them.
    """
    names = np.array(sorted(counts["municipality"].unique()), dtype=object)
    shape = (len(measures), len(names))
    n = counts["n"].to_numpy(dtype=float).reshape(shape).T
    x = counts["successes"].to_numpy(dtype=float).reshape(shape).T
    if persons is None:
        p = (x + 1) / (n + 2)
        noise = np.einsum("mh,hk->mhk", p * (1 - p) / n, np.eye(len(measures)))
    else:
        noise = _paired_noise(persons, len(names))
    return Rates(names, tuple(measures), x / n, n, noise, persons is not None, persons)


def _paired_noise(persons: Persons, municipalities: int) -> np.ndarray:
    """Sampling covariance of the rates, municipalities x measures x measures, from residuals within strata."""
    y, there = np.nan_to_num(persons.outcomes), ~np.isnan(persons.outcomes)
    starts = np.flatnonzero(np.r_[True, np.diff(persons.stratum) > 0])
    size = np.add.reduceat(there.astype(float), starts)
    mean = np.add.reduceat(y, starts) / np.maximum(size, 1)
    residual = np.where(there, y - mean[persons.stratum], 0.0)
    place = np.eye(municipalities)[persons.municipality]
    both = np.einsum("im,ih,ik->mhk", place, there, there, optimize=True)
    strata = size > 0
    freedom = np.einsum("ih,ik->hk", there.astype(float), there.astype(float)) - strata.T.astype(float) @ strata
    covariance = residual.T @ residual / np.maximum(freedom, 1)
    n = np.einsum("mhh->mh", both)
    return covariance * both / np.maximum(n[:, :, None] * n[:, None, :], 1)


def noise_draws(rates: Rates, draws: int, seed: int) -> np.ndarray:
    """Sampling noise of the rates, draws x municipalities x measures, mean zero.

    Persons are resampled with replacement within municipality and cohort, all their outcomes together; the deviation
    is scaled by sqrt(n / (n - strata)), which undoes the shrinkage of the variance in small strata. Without persons
    the draws are normal with the variances in ``rates.noise``.
    """
    rng = np.random.default_rng(seed)
    if rates.persons is None:
        sd = np.sqrt(np.einsum("mhh->mh", rates.noise))
        return rng.standard_normal((draws, *sd.shape)) * sd
    persons = rates.persons
    there = (~np.isnan(persons.outcomes)).astype(np.float32)
    data = np.hstack([np.nan_to_num(persons.outcomes).astype(np.float32), there])
    starts = np.flatnonzero(np.r_[True, np.diff(persons.stratum) > 0])
    size = np.diff(np.r_[starts, len(data)])
    begin, length = starts[persons.stratum], size[persons.stratum].astype(np.float32)
    places = np.flatnonzero(np.r_[True, np.diff(persons.municipality) > 0])
    observed = _shares(data, places)
    strata = np.bincount(persons.municipality[starts])
    people = np.bincount(persons.municipality)
    scale = np.sqrt(people / np.maximum(people - strata, 1))[:, None]
    result = np.empty((draws, *observed.shape), dtype=np.float32)
    for b in range(draws):
        pick = begin + np.minimum(rng.random(len(data), dtype=np.float32) * length, length - 1).astype(np.int64)
        result[b] = (_shares(data[pick], places) - observed) * scale
    return result


def _shares(data: np.ndarray, places: np.ndarray) -> np.ndarray:
    sums = np.add.reduceat(data, places)
    half = sums.shape[1] // 2
    return sums[:, :half] / np.maximum(sums[:, half:], 1)
