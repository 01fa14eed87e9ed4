"""Intervals for one share: Wilson for display, Clopper-Pearson where a stated error rate must hold at every n."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc, bdtrik, betaincinv, ndtri


def wilson(successes: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper Wilson score limits of a share (0-1), elementwise; NaN where ``n`` is 0 or missing.

    Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    x, n = _counts(successes, n)
    z = ndtri(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.where(x == 0, 0.0, centre - half), np.where(x == n, 1.0, centre + half)


def clopper_pearson(successes: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Exact limits of a share (0-1): each side misses in at most ``(1 - confidence) / 2`` of samples, at every n.

    Clopper and Pearson (1934), Biometrika 26, 404-413. NaN where ``n`` is 0 or missing.
    """
    x, n = _counts(successes, n)
    tail = (1 - confidence) / 2
    low = np.where(x > 0, betaincinv(np.maximum(x, 1), n - x + 1, tail), 0.0)
    high = np.where(x < n, betaincinv(x + 1, np.maximum(n - x, 1), 1 - tail), 1.0)
    return np.where(np.isnan(n), np.nan, low), np.where(np.isnan(n), np.nan, high)


def exact_p_value(successes: ArrayLike, n: ArrayLike, share: float) -> np.ndarray:
    """Two-sided p-value of ``share``: twice the smaller exact binomial tail, at most 1; the test that Clopper-Pearson
    limits invert."""
    x, n = _counts(successes, n)
    known = ~np.isnan(n)
    k, size = np.where(known, x, 0).astype(int), np.where(known, n, 1).astype(int)
    at_least = np.where(k > 0, bdtrc(np.maximum(k - 1, 0), size, share), 1.0)
    at_most = bdtr(k, size, share)
    return np.where(known, np.minimum(1.0, 2 * np.minimum(at_least, at_most)), np.nan)


def binomial_quantile(p: float, n: ArrayLike, share: float) -> np.ndarray:
    """Smallest count whose binomial distribution function is at least ``p``, elementwise."""
    n = np.asarray(n, dtype=float)
    guess = np.clip(np.ceil(np.nan_to_num(bdtrik(p, n, share), nan=0.0) - 1e-6), 0, n)
    one_less = np.maximum(guess - 1, 0)
    guess = np.where(bdtr(one_less, n.astype(int), share) >= p, one_less, guess)
    return np.where(bdtr(guess, n.astype(int), share) >= p, guess, np.minimum(guess + 1, n))


def _counts(successes: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Counts as broadcast floats, NaN where n is 0 or missing."""
    x, n = np.broadcast_arrays(_float(successes), _float(n))
    known = (n > 0) & ~np.isnan(x)
    if (x[known] > n[known]).any() or (x[known] < 0).any():
        raise ValueError("successes must lie between 0 and n")
    return np.where(known, x, np.nan), np.where(known, n, np.nan)


def _float(values: ArrayLike) -> np.ndarray:
    if hasattr(values, "to_numpy"):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(values, dtype=float)
