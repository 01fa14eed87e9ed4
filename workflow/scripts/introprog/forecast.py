"""Does an early result say anything about the late one? Slopes of the late on the early rate of the same cohorts.

The slope between observed rates is too small, because the early rate holds noise, and too large, because the same
persons' luck is in both. The corrected slope takes the whole noise covariance off first: it is the slope between true
rates, and a slope of one says that a municipality's lead at the early moment is kept (the forecast test of Angrist,
Hull, Pathak and Walters 2017, Quarterly Journal of Economics 132, 871-919). Which mix of early months says most of the
late one is asked by ``introprog.surrogate``.
"""

import numpy as np
import pandas as pd

from introprog.correlation import FEW, NO_SIGNAL, method_of
from introprog.noise import Rates

_COLUMNS = ["model", "definition", "horizon", "horizon_other", "term", "estimate", "std_error", "ci_low", "ci_high",
            "p_value", "n", "clusters", "dof", "method"]  # fmt: skip
MODEL = "one_moment"


def forecast_table(rates: Rates, draws: np.ndarray | None, confidence: float = 0.95) -> pd.DataFrame:
    """Slopes of the last measure on each earlier one: contract section 6 with keys ``model`` (``one_moment``),
    ``definition, horizon, horizon_other, term``.

    Terms: ``slope`` and ``intercept`` of least squares between observed rates, ``slope_corrected``,
    ``intercept_corrected`` and ``r_squared_corrected`` between true rates. ``draws``: from
    ``correlation.resampled_rates``. ``p_value`` of the slopes is for a slope of one; ``std_error`` is half
    the central 68 per cent of the resampling, since ratios have long tails. ``n`` counts municipalities.
    """
    rows = []
    late = len(rates.measures) - 1
    for early in range(late):
        keys = (MODEL, rates.measures[early][0], rates.measures[early][1], rates.measures[late][1])
        if len(rates.municipalities) < FEW:
            rows.append([*keys, "slope_corrected", *[np.nan] * 5, len(rates.municipalities), np.nan, np.nan,
                         f"not estimable: fewer than {FEW} municipalities"])  # fmt: skip
            continue
        noise = rates.noise[:, [early, late]][:, :, [early, late]].mean(axis=0)
        estimate = _slopes(rates.rates[None][:, :, [early, late]], noise)
        sample = _slopes(draws[:, :, [early, late]], noise)
        rows += [[*keys, *_summary(t, estimate[t][0], sample[t], confidence, rates)] for t in estimate]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _slopes(rates: np.ndarray, noise: np.ndarray) -> dict[str, np.ndarray]:
    """Slopes and intercepts for each draw; ``rates``: draws x municipalities x (early, late)."""
    mean = rates.mean(axis=1)
    centred = rates - mean[:, None, :]
    observed = np.einsum("bmh,bmk->bhk", centred, centred, optimize=True) / (rates.shape[1] - 1)
    true = observed - noise
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = observed[:, 0, 1] / observed[:, 0, 0]
        corrected = np.where(true[:, 0, 0] > 0, true[:, 0, 1] / true[:, 0, 0], np.nan)
        explained = np.where(true[:, 1, 1] > 0, corrected * true[:, 0, 1] / true[:, 1, 1], np.nan)
    return {
        "intercept": mean[:, 1] - raw * mean[:, 0],
        "slope": raw,
        "intercept_corrected": mean[:, 1] - corrected * mean[:, 0],
        "slope_corrected": corrected,
        "r_squared_corrected": np.clip(explained, 0, 1),
    }


def _summary(term: str, estimate: float, sample: np.ndarray, confidence: float, rates: Rates) -> list:
    k = len(rates.municipalities)
    if not np.isfinite(estimate):
        return [term, *[np.nan] * 5, k, k, np.nan, NO_SIGNAL]
    how = method_of(rates, term.endswith("corrected"))
    if how.startswith("upper limit"):
        return [term, estimate, *[np.nan] * 4, k, k, np.nan, how]
    good, tail = sample[np.isfinite(sample)], (1 - confidence) / 2
    low, high = np.quantile(good, [tail, 1 - tail])
    error = np.ptp(np.quantile(good, [0.1587, 0.8413])) / 2
    smaller = min(np.mean(good >= 1), np.mean(good <= 1))
    p = min(1.0, 2 * (smaller * len(good) + 1) / (len(good) + 1)) if term.startswith("slope") else np.nan
    return [term, estimate, error, low, high, p, k, k, np.nan, how]
