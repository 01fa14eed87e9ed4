"""How much municipalities differ in a score: shrunken means with intervals, and the intraclass correlation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtri, ndtri

from introprog.estimable import NotEstimable, require_units, require_variation
from introprog.multilevel import random_intercept


@dataclass(frozen=True)
class Spread:
    """``means``: municipality, n, mean, estimate, ci_low, ci_high; overall mean, both standard deviations, the share
    of the variance between municipalities (``icc``, REML) and the limits of ICC(1) by analysis of variance."""

    means: pd.DataFrame
    centre: float
    sd_between: float
    sd_within: float
    icc: float
    icc_low: float
    icc_high: float


def spread_of_means(values: np.ndarray, towns: np.ndarray, level: float = 0.95) -> Spread:
    """Random-intercept predictions of municipality means from answers ``values`` (n,) in ``towns`` (n,), unweighted.

    The prediction is the overall mean plus the municipality's deviation times its reliability, and the interval is the
    conditional normal one given the variances (Robinson 1991, doi 10.1214/ss/1177011926). Raises ``NotEstimable`` under
    three municipalities or without variation.
    """
    values = np.asarray(values, float)
    require_variation(values, "the score")
    codes, names = pd.factorize(pd.Series(towns), sort=True)
    require_units(len(names), 3, "municipalities")
    if len(values) <= len(names):
        raise NotEstimable("one answer in each municipality")
    fit = random_intercept(values, np.ones((len(values), 1)), codes, level)
    number = np.bincount(codes)
    mean = np.bincount(codes, values) / number
    between, within, centre = fit.sd_between**2, fit.sd_within**2, float(fit.fixed.estimate[0])
    reliability = between / (between + within / number)
    estimate = centre + reliability * (mean - centre)
    half = ndtri(0.5 + level / 2) * np.sqrt(between * (1 - reliability))
    table = pd.DataFrame(
        {"municipality": np.asarray(names, dtype=object), "n": number, "mean": mean, "estimate": estimate}
    )
    low, high = icc_limits(values, codes, level)
    share = between / (between + within)
    return Spread(
        table.assign(ci_low=estimate - half, ci_high=estimate + half),
        centre,
        fit.sd_between,
        fit.sd_within,
        share,
        low,
        high,
    )


def showable(values: pd.Series, towns: pd.Series, least: int) -> pd.Index:
    """Municipalities whose mean may be shown by itself: ``least`` answers or more, and not all of them the same, which
    would tell what each person answered. ``values`` and ``towns`` (n,), answered only."""
    told = values.groupby(towns.to_numpy()).agg(["size", "min", "max"])
    return told.index[(told["size"] >= least) & (told["max"] > told["min"])]


def icc_limits(values: np.ndarray, codes: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Limits of ICC(1) from the F ratio of one-way analysis of variance (Searle 1971), exact for equal sizes, from 0.

    ``codes`` are 0..k-1. For unequal sizes Snedecor's mean size stands in.
    """
    sizes = np.bincount(codes)
    k, n = len(sizes), len(values)
    means = np.bincount(codes, values) / sizes
    within = ((values - means[codes]) ** 2).sum() / (n - k)
    between = (sizes * (means - values.mean()) ** 2).sum() / (k - 1)
    size = (n - (sizes**2).sum() / n) / (k - 1)
    if within <= 0:
        return 1.0, 1.0
    ratio = between / within
    tail = (1 - level) / 2
    bounds = [ratio / fdtri(k - 1, n - k, p) for p in (1 - tail, tail)]
    low, high = (max(0.0, (f - 1) / (f + size - 1)) for f in bounds)
    return float(low), float(high)
