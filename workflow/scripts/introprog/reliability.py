"""How well a scale measures: alpha, omega, and the two intraclass correlations of municipality means."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.estimable import NotEstimable, require_units, require_variation


def cronbach_alpha(items: pd.DataFrame) -> float:
    """Cronbach's alpha of complete answers (n, k), k at least 2."""
    complete = complete_items(items, 2)
    k = complete.shape[1]
    return float(k / (k - 1) * (1 - complete.var(ddof=1).sum() / complete.sum(axis=1).var(ddof=1)))


def omega_total(items: pd.DataFrame, iterations: int = 2000) -> float:
    """McDonald's omega of one common factor fitted by maximum likelihood (Rubin & Thayer 1982, doi 10.1007/BF02293851).

    Complete answers (n, k), k at least 3: with two items one factor is not identified. Raises ``NotEstimable``.
    """
    complete = complete_items(items, 3)
    covariance = np.cov(complete.to_numpy(), rowvar=False)
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    loading = vectors[:, -1] * np.sqrt(values[-1]) * np.sign(vectors[:, -1].sum() or 1)
    unique = np.clip(1 - loading**2, 0.005, None)
    for _ in range(iterations):
        weight = (loading / unique) / (1 + (loading**2 / unique).sum())
        second = correlation @ weight
        new = second / (1 - weight @ loading + weight @ second)
        unique = np.clip(1 - new * second, 1e-4, None)
        change, loading = np.abs(new - loading).max(), new
        if change < 1e-9:
            break
    common = (loading * scale).sum() ** 2
    return float(common / (common + (unique * scale**2).sum()))


def complete_items(items: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Rows of ``items`` (n, k) without gaps. Raises ``NotEstimable`` under ``minimum`` items, under k + 2 such rows,
    and for an item that does not vary."""
    complete = items.dropna()
    if items.shape[1] < minimum:
        raise NotEstimable(f"items: {items.shape[1]}, at least {minimum} needed")
    require_units(len(complete), items.shape[1] + 2, "complete answers")
    for name in complete:
        require_variation(complete[name].to_numpy(float), f"item {name}")
    return complete


@dataclass(frozen=True)
class Intraclass:
    """ICC(1) of one answer, ICC(2) of a municipality's mean, pooled within variance, and the mean size used."""

    icc1: float
    icc2: float
    within_variance: float
    size: float
    groups: int


def intraclass(values: np.ndarray, groups: np.ndarray) -> Intraclass:
    """One-way random-effects ICCs by analysis of variance for unequal groups (Bliese 2000; size n0 of Snedecor).

    A negative variance between municipalities is printed as ICC 0. Raises ``NotEstimable`` with one municipality, or
    when nobody shares a municipality with anyone.
    """
    values, codes = np.asarray(values, float), np.unique(np.asarray(groups), return_inverse=True)[1]
    require_variation(values, "the score")
    sizes = np.bincount(codes)
    k, n = len(sizes), len(values)
    require_units(k, 2, "municipalities")
    if n <= k:
        raise NotEstimable("one answer in each municipality")
    means = np.bincount(codes, values) / sizes
    within = ((values - means[codes]) ** 2).sum() / (n - k)
    between = (sizes * (means - values.mean()) ** 2).sum() / (k - 1)
    size = (n - (sizes**2).sum() / n) / (k - 1)
    icc1 = max(0.0, (between - within) / (between + (size - 1) * within))
    return Intraclass(float(icc1), float(size * icc1 / (1 + (size - 1) * icc1)), float(within), float(size), k)
