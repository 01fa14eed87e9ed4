"""How well municipal results at one moment agree with those at another, raw and without the noise.

The same leavers are measured twice, so their luck is partly shared: subtracting the noise from the variances alone
would leave it in the covariance. Here the full noise covariance, from the persons, is taken off the covariance of the
rates; what is left is the covariance of the true rates. Intervals: noise is drawn by resampling persons within
municipality and cohort and added to rates that have the estimated true covariance, so that noise is not counted twice
as it is when the observed rates themselves are resampled.
"""

import numpy as np
import pandas as pd

from introprog.noise import Rates, noise_draws

DRAWS = 1000
FEW = 5
NO_SIGNAL = "not estimable: no variance between municipalities beyond noise"


def signal_covariance(rates: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Covariance of true rates (measures x measures): that of the observed rates minus the mean noise covariance."""
    return np.atleast_2d(np.cov(rates, rowvar=False)) - noise.mean(axis=0)


def resampled_rates(rates: Rates, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """Rates as they could have come out, draws x municipalities x measures.

    The observed rates are mapped linearly so that their covariance becomes the estimated covariance of true rates
    (made non-negative definite), and resampled noise is added. Where persons are not followed municipalities are
    resampled instead, which gives intervals for what is observed, not for the true rates.
    """
    if not rates.paired:
        count = len(rates.municipalities)
        return rates.rates[np.random.default_rng(seed).integers(0, count, (draws, count))]
    centre = rates.rates.mean(axis=0)
    observed = np.atleast_2d(np.cov(rates.rates, rowvar=False))
    transform = _root(signal_covariance(rates.rates, rates.noise)) @ np.linalg.pinv(_root(observed), hermitian=True)
    true = centre + (rates.rates - centre) @ transform.T
    return true + noise_draws(rates, draws, seed)


def rank_correlations(rates: Rates, definition: str, draws: np.ndarray, confidence: float = 0.95) -> pd.DataFrame:
    """Spearman correlations between all pairs of measures, raw and reliability-corrected, with percentile intervals.

    ``draws``: from ``resampled_rates``. The corrected one is the correlation of true rates as a rank correlation,
    (6/pi) asin(r/2). Returns contract section 6 with keys ``definition, horizon, horizon_other`` and ``term``
    (``raw``, ``corrected``); ``n`` is the number of municipalities. From counts alone the corrected one is an upper
    limit without interval.
    """
    horizons = [h for _, h in rates.measures]
    k = len(rates.municipalities)
    if k < FEW:
        return _frame(
            [
                _row(definition, a, b, t, method=f"not estimable: fewer than {FEW} municipalities")
                for i, a in enumerate(horizons)
                for b in horizons[i + 1 :]
                for t in ("raw", "corrected")
            ]
        )
    raw, raw_draws = _spearman(rates.rates[None])[0], _spearman(draws)
    corrected = _corrected(rates.rates[None], rates.noise)[0]
    corrected_draws = _corrected(draws, rates.noise)
    rows = []
    for i, a in enumerate(horizons):
        for j, b in list(enumerate(horizons))[i + 1 :]:
            sample = raw_draws[:, i, j]
            rows.append(_row(definition, a, b, "raw", raw[i, j], sample, confidence, k, method_of(rates, False)))
            sample = corrected_draws[:, i, j] if rates.paired else None
            told = np.isfinite(corrected[i, j])
            method = (
                method_of(rates, True) if told else "not estimable: no variance between municipalities beyond noise"
            )
            sample = sample if told else None
            rows.append(_row(definition, a, b, "corrected", corrected[i, j], sample, confidence, k, method))
    return _frame(rows)


def method_of(rates: Rates, corrected: bool) -> str:
    """How an estimate and its interval came about, for the column ``method``."""
    if rates.paired:
        return "persons resampled within municipality and cohort"
    if corrected:
        return "upper limit: counts only, so luck that persons keep between horizons is not taken off"
    return "municipalities resampled"


def _row(definition, horizon, other, term, estimate=np.nan, sample=None, confidence=0.95, n=0, method="") -> dict:
    tail = (1 - confidence) / 2
    good = np.array([]) if sample is None else sample[np.isfinite(sample)]
    low, high = np.quantile(good, [tail, 1 - tail]) if len(good) else (np.nan, np.nan)
    return {
        "definition": definition, "horizon": horizon, "horizon_other": other, "term": term, "estimate": estimate,
        "std_error": np.std(good, ddof=1) if len(good) > 1 else np.nan, "ci_low": low, "ci_high": high,
        "p_value": np.nan, "n": n, "clusters": n, "dof": np.nan, "method": method,
    }  # fmt: skip


def _frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_row("", 0, 0, "")))


def _root(matrix: np.ndarray) -> np.ndarray:
    """Symmetric square root; negative eigenvalues, which sampling error can give, count as zero."""
    value, vector = np.linalg.eigh(matrix)
    return (vector * np.sqrt(np.maximum(value, 0))) @ vector.T


def _spearman(rates: np.ndarray) -> np.ndarray:
    """Spearman correlation matrices, draws x measures x measures; ties share their mean rank."""
    draws, municipalities, measures = rates.shape
    flat = rates.transpose(1, 0, 2).reshape(municipalities, -1)
    ranks = pd.DataFrame(flat).rank().to_numpy().reshape(municipalities, draws, measures)
    return _pearson(ranks.transpose(1, 0, 2))


def _pearson(values: np.ndarray) -> np.ndarray:
    centred = values - values.mean(axis=1, keepdims=True)
    covariance = np.einsum("bmh,bmk->bhk", centred, centred, optimize=True)
    return _scaled(covariance)


def _corrected(rates: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Rank correlations of true rates, draws x measures x measures; NaN where a variance is not above noise."""
    centred = rates - rates.mean(axis=1, keepdims=True)
    covariance = np.einsum("bmh,bmk->bhk", centred, centred, optimize=True) / (rates.shape[1] - 1)
    return 6 / np.pi * np.arcsin(np.clip(_scaled(covariance - noise.mean(axis=0)), -1, 1) / 2)


def _scaled(covariance: np.ndarray) -> np.ndarray:
    variance = np.einsum("bhh->bh", covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt(np.where(variance > 0, variance, np.nan))
        return covariance / (sd[:, :, None] * sd[:, None, :])
