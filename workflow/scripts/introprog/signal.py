"""Signal against noise in municipal rates: variance between municipalities, reliability, shrinkage for display.

A municipality's true rate is drawn with mean pi and variance tau2; given it, successes are binomial. Then a rate on n
leavers has variance tau2 + (pi(1-pi) - tau2)/n exactly, whatever the shape of the distribution of true rates; a
beta distribution gives the beta-binomial. Reliability is the share of that variance which is not noise, n / (n + M)
with M = pi(1-pi)/tau2 - 1, so M also says how many leavers a wished-for reliability takes.
Sources: Kleinman (1973), JASA 68, 46-54 (moments); DerSimonian and Kacker (2007), Contemporary Clinical Trials 28,
105-114 (Paule-Mandel); Viechtbauer (2007), Statistics in Medicine 26, 37-52 (Q-profile interval).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import betaincinv, betaln, chdtri, digamma, xlogy

from introprog.funnel import overdispersion, z_scores
from introprog.maxima import placed

WISHED = 0.7
STEPS = 80
# Likelihoods this near each other are the same: with hardly any variance the search ends anywhere.
FLAT = 1e-6
# The logarithm of a beta distribution's size that leaves no variance to speak of (a standard deviation of 0.1 points).
LARGEST = 12.0
_COLUMNS = ["definition", "horizon", "first_exit_year", "last_exit_year", "municipalities", "cells_left_out", "leavers",
            "mean", "sd_between", "sd_low", "sd_high", "sd_beta_binomial", "median_reliability", "leavers_for_07",
            "share_over_07", "overdispersion", "method"]  # fmt: skip


@dataclass(frozen=True)
class Signal:
    """Mean and between-municipality variance of true rates (shares), with the limits of the variance.

    ``spread``: variance of one person's outcome, pi(1-pi) at the pooled share.
    """

    mean: float
    spread: float
    variance: float
    variance_low: float
    variance_high: float
    municipalities: int

    @property
    def leavers_at_half(self) -> float:
        """Leavers at which half of a rate's variance is signal (M above); infinite without signal."""
        return self.spread / self.variance - 1 if self.variance > 0 else float("inf")


def between_variance(
    estimates: ArrayLike, variances: ArrayLike, confidence: float = 0.95
) -> tuple[float, float, float, float]:
    """Paule-Mandel variance between units whose estimates have known sampling variances, with its Q-profile limits.

    Returns mean, variance, lower and upper limit of the variance (all in squared units of ``estimates``).
    """
    y, v = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    top = 10 * (np.ptp(y) ** 2 + v.max())
    return _profile(y, lambda t: v + t, top, confidence)


def signal_of(successes: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Signal:
    """Mean, variance between municipalities net of binomial noise, and Q-profile limits of that variance.

    Municipalities without leavers are left out; fewer than three give NaN.
    """
    x, n = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    x, n = x[n > 0], n[n > 0]
    k = len(n)
    pooled = x.sum() / n.sum() if k else np.nan
    if k < 3 or n.max() <= 1 or not 0 < pooled < 1:
        return Signal(float(pooled), float(pooled * (1 - pooled)), np.nan, np.nan, np.nan, k)
    scale = pooled * (1 - pooled)
    _, share, low, high = _profile(x / n, lambda s: scale * (s + (1 - s) / n), 1.0, confidence)
    weight = 1 / (share + (1 - share) / n)
    mean = float(np.sum(weight * x / n) / weight.sum())
    return Signal(mean, scale, share * scale, low * scale, high * scale, k)


def _profile(y: np.ndarray, variance, top: float, confidence: float) -> tuple[float, float, float, float]:
    """Solve Q(t) = k - 1 and Q(t) = chi-square quantiles by bisection; Q falls in t."""

    def q(t: float) -> tuple[float, float]:
        w = 1 / variance(t)
        mean = np.sum(w * y) / w.sum()
        return float(np.sum(w * (y - mean) ** 2)), float(mean)

    def solve(target: float) -> float:
        low, high = 0.0, top
        if q(low)[0] <= target:
            return 0.0
        for _ in range(STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if q(middle)[0] > target else (low, middle)
        return (low + high) / 2

    freedom, tail = len(y) - 1, (1 - confidence) / 2
    estimate = solve(freedom)
    return q(estimate)[1], estimate, solve(chdtri(freedom, tail)), solve(chdtri(freedom, 1 - tail))


def beta_binomial(successes: ArrayLike, n: ArrayLike) -> tuple[float, float]:
    """Maximum-likelihood mean and variance of a beta distribution of true rates; variance 0 when noise suffices."""
    from scipy.optimize import minimize

    x, n = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    x, n = x[n > 0], n[n > 0]
    pooled = x.sum() / n.sum()
    start = np.clip(pooled, 0.01, 0.99)

    def shapes(theta: np.ndarray) -> tuple[float, float, float]:
        mean, size = 1 / (1 + np.exp(-theta[0])), np.exp(min(theta[1], LARGEST))
        return mean, mean * size, (1 - mean) * size

    def loss(theta: np.ndarray) -> float:
        _, a, b = shapes(theta)
        return -float(np.sum(betaln(x + a, n - x + b) - betaln(a, b)))

    def slopes(theta: np.ndarray) -> np.ndarray:
        mean, a, b = shapes(theta)
        both = np.sum(digamma(n + a + b) - digamma(a + b))
        by_a, by_b = np.sum(digamma(x + a) - digamma(a)) - both, np.sum(digamma(n - x + b) - digamma(b)) - both
        return np.array([(1 - mean) * a * by_a - mean * b * by_b, a * by_a + b * by_b])

    starts = [np.array([np.log(start / (1 - start)), s]) for s in (2.0, 4.0, 6.0)]
    fits = [minimize(loss, s, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-9}) for s in starts]
    best = min(fits, key=lambda f: f.fun)
    alike = -float(np.sum(xlogy(x, pooled) + xlogy(n - x, 1 - pooled)))
    if alike <= best.fun + FLAT:
        return float(pooled), 0.0
    place = placed(slopes, best.x, 1e-2)
    mean = 1 / (1 + np.exp(-place[0]))
    return float(mean), float(mean * (1 - mean) / (1 + np.exp(place[1])))


def reliability(n: ArrayLike, signal: Signal) -> np.ndarray:
    """Share of the variance of a rate on ``n`` leavers that is signal, 0-1."""
    n = np.asarray(n, dtype=float)
    if np.isnan(signal.variance):
        return np.full(n.shape, np.nan)
    return n / (n + signal.leavers_at_half) if signal.variance > 0 else np.zeros(n.shape)


def leavers_for(wished: float, signal: Signal) -> float:
    """Leavers that give a rate the wished reliability; infinite without signal, NaN when that cannot be told."""
    return wished / (1 - wished) * signal.leavers_at_half if not np.isnan(signal.variance) else float("nan")


def shrink(successes: ArrayLike, n: ArrayLike, signal: Signal, confidence: float = 0.95) -> pd.DataFrame:
    """Empirical-Bayes rates for display: ``shrunken, low, high, reliability``.

    The rate is pulled to the mean by one minus its reliability (beta-binomial posterior mean, equal-tailed limits).
    Never an outcome of another regression: its errors are not independent of its size.
    """
    x, n = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    rel = reliability(n, signal)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(n > 0, x / n, signal.mean)
    shrunken = signal.mean + rel * (rate - signal.mean)
    frame = pd.DataFrame({"shrunken": shrunken, "low": shrunken, "high": shrunken, "reliability": rel})
    if signal.variance > 0:
        a, b = signal.mean * signal.leavers_at_half + x, (1 - signal.mean) * signal.leavers_at_half + n - x
        frame["low"], frame["high"] = (betaincinv(a, b, q) for q in ((1 - confidence) / 2, (1 + confidence) / 2))
    return frame


def signal_table(pooled: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Signal and noise for every definition and horizon of ``pool_panel``; all municipalities with leavers count.

    Columns: ``definition, horizon, first_exit_year, last_exit_year, municipalities, cells_left_out, leavers, mean,
    sd_between, sd_low, sd_high, sd_beta_binomial, median_reliability, leavers_for_07, share_over_07, overdispersion,
    method``; rates and standard deviations are shares (0-1). Not estimable is empty, with the reason in ``method``.
    """
    rows = [
        {"definition": definition, "horizon": horizon, **_one(group, confidence)}
        for (definition, horizon), group in pooled.groupby(["definition", "horizon"], sort=True)
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _one(group: pd.DataFrame, confidence: float) -> dict:
    used = group[group["n"] > 0]
    n, x = used["n"].to_numpy(dtype=float), used["successes"].to_numpy(dtype=float)
    signal = signal_of(x, n, confidence)
    known = not np.isnan(signal.variance)
    rel = reliability(n, signal)
    needed = leavers_for(WISHED, signal)
    return {
        "first_exit_year": used["first_exit_year"].min(),
        "last_exit_year": used["last_exit_year"].max(),
        "municipalities": len(n),
        "cells_left_out": int(group["cells_left_out"].sum()),
        "leavers": int(n.sum()),
        "mean": signal.mean,
        "sd_between": np.sqrt(signal.variance),
        "sd_low": np.sqrt(signal.variance_low),
        "sd_high": np.sqrt(signal.variance_high),
        "sd_beta_binomial": np.sqrt(beta_binomial(x, n)[1]) if known else np.nan,
        "median_reliability": float(np.median(rel)) if known else np.nan,
        "leavers_for_07": needed if np.isfinite(needed) else np.nan,
        "share_over_07": float(np.mean(rel >= WISHED)) if known else np.nan,
        "overdispersion": overdispersion(z_scores(x, n, x.sum() / n.sum()), 0.0) if known else np.nan,
        "method": "beta-binomial moments, Q-profile" if known else "not estimable: fewer than three municipalities",
    }
