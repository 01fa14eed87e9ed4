"""Funnel plot: exact binomial limits around an expected share, and how far the spread exceeds them.

Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202, with two changes. Limits are the binomial quantiles
themselves, without interpolation, so that at every n no more than the stated share lies beyond them by chance (with
interpolation two thirds of municipalities with one leaver do). The over-dispersion factor from winsorised z-scores is
divided by its value under noise alone, so that 1 means noise.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

from introprog.intervals import binomial_quantile

LEVELS = (0.95, 0.998)


def funnel_limits(
    n: ArrayLike, share: float, levels: Sequence[float] = LEVELS, overdispersion: float = 1.0
) -> pd.DataFrame:
    """Limits for drawing: ``n, level, low, high`` (shares 0-1), sorted, one row for each n and level.

    ``overdispersion`` (phi, at least 1) widens the distance from ``share`` by its square root.
    """
    sizes = np.unique(np.asarray(n, dtype=int))
    frames = []
    for level in levels:
        tail = (1 - level) / 2
        wide = np.sqrt(max(overdispersion, 1.0))
        low = share + wide * (binomial_quantile(tail, sizes, share) / sizes - share)
        high = share + wide * (binomial_quantile(1 - tail, sizes, share) / sizes - share)
        frames.append(pd.DataFrame({"n": sizes, "level": level, "low": low.clip(0, 1), "high": high.clip(0, 1)}))
    return pd.concat(frames, ignore_index=True).sort_values(["n", "level"], ignore_index=True)


def funnel_points(counts: pd.DataFrame, share: float | None = None, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """One row a municipality: ``municipality, n, rate, mean, overdispersion, z, outside, outside_overdispersed``.

    ``counts``: ``municipality, n, successes``. ``share``: the line, the pooled share if not given. ``outside`` is the
    widest level whose exact limits the rate lies outside, as per cent, 0 when inside all.
    """
    frame = counts[counts["n"] > 0].sort_values("municipality", ignore_index=True)
    n, x = frame["n"].to_numpy(dtype=int), frame["successes"].to_numpy(dtype=float)
    mean = float(x.sum() / n.sum()) if share is None else share
    z = z_scores(x, n, mean)
    phi = overdispersion(z)
    result = pd.DataFrame({"municipality": frame["municipality"], "n": n, "rate": x / n, "mean": mean})
    result["overdispersion"], result["z"] = phi, z
    for name, factor in (("outside", 1.0), ("outside_overdispersed", phi)):
        limits = funnel_limits(n, mean, levels, factor)
        result[name] = 0.0
        for level in sorted(levels):
            at = limits[limits["level"] == level].set_index("n").loc[n]
            out = (result["rate"].to_numpy() < at["low"].to_numpy()) | (
                result["rate"].to_numpy() > at["high"].to_numpy()
            )
            result.loc[out, name] = 100 * level
    return result


def z_scores(successes: ArrayLike, n: ArrayLike, share: float) -> np.ndarray:
    """Standardised distance of each rate from ``share`` under binomial noise alone."""
    x, n = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    return (x / n - share) / np.sqrt(share * (1 - share) / n) if 0 < share < 1 else np.zeros(len(n))


def overdispersion(z: ArrayLike, winsorise: float = 0.1) -> float:
    """Mean squared z-score after pulling the ``winsorise`` share at each end to its quantile; 1 = noise alone.

    ``winsorise=0`` gives Pearson's statistic over the number of municipalities. NaN for fewer than two.
    """
    z = np.asarray(z, dtype=float)
    if len(z) < 2:
        return float("nan")
    c = -ndtri(winsorise) if winsorise > 0 else np.inf
    tails = 2 * winsorise * c**2 - 2 * c * np.exp(-(c**2) / 2) / np.sqrt(2 * np.pi) if winsorise > 0 else 0.0
    noise_alone = 1 - 2 * winsorise + tails
    return float(np.mean(np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise])) ** 2) / noise_alone)
