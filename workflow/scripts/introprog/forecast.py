"""Does an early result say anything about the late one? Slopes of the late on the early rate of the same cohorts.

The slope between observed rates is too small, because the early rate holds noise, and too large, because the same
persons' luck is in both. The corrected slope takes the whole noise covariance off first: it is the slope between true
rates, and a slope of one says that a municipality's lead at the early moment is kept (the forecast test of Angrist,
Hull, Pathak and Walters 2017, Quarterly Journal of Economics 132, 871-919). The surrogate index is the mix of early
outcomes that best predicts the late one (Athey, Chetty, Imbens and Kang, NBER working paper 26463).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from introprog.correlation import FEW, NO_SIGNAL, method_of, resampled_rates
from introprog.noise import Rates, rates_from_persons
from introprog.pooling import Measure, Persons

_COLUMNS = ["model", "definition", "horizon", "horizon_other", "term", "estimate", "std_error", "ci_low", "ci_high",
            "p_value", "n", "clusters", "dof", "method"]  # fmt: skip
INDEX = ("surrogate_index", 0)


def forecast_table(
    rates: Rates, draws: np.ndarray, confidence: float = 0.95, model: str = "one_moment"
) -> pd.DataFrame:
    """Slopes of the last measure on each earlier one: contract section 6 with keys ``model, definition, horizon,
    horizon_other, term``.

    Terms: ``slope`` and ``intercept`` of least squares between observed rates, ``slope_corrected``,
    ``intercept_corrected`` and ``r_squared_corrected`` between true rates. ``draws``: from
    ``correlation.resampled_rates``. ``p_value`` of the slopes is for a slope of one; ``std_error`` is half
    the central 68 per cent of the resampling, since ratios have long tails. ``n`` counts municipalities.
    """
    rows = []
    late = len(rates.measures) - 1
    for early in range(late):
        keys = (model, rates.measures[early][0], rates.measures[early][1], rates.measures[late][1])
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


def surrogate_table(
    persons: Persons, measures: Sequence[Measure], confidence: float = 0.95, seed: int = 0, draws: int = 500
) -> pd.DataFrame:
    """Weights of the surrogate index and what it forecasts, beside each early outcome by itself.

    ``measures``: the early ones and, last, the late one; only persons counted at all of them enter. The index is fitted
    on every other cohort and applied to the rest, and the other way round, so it never forecasts what it was fitted to.
    Rows: model ``surrogate_weights`` (linear probability, standard errors clustered on municipality, terms
    ``<horizon>``) and ``surrogate`` (as ``forecast_table``; the index has definition ``surrogate_index``).
    """
    complete = _complete(persons)
    early, late = complete.outcomes[:, :-1], complete.outcomes[:, -1]
    odd = complete.cohort % 2 == 1
    if min(odd.sum(), (~odd).sum()) < 10 * len(measures) or len(complete.municipalities) < FEW:
        return pd.DataFrame(columns=_COLUMNS)
    design = np.column_stack([np.ones(len(late)), early])
    index = np.empty(len(late))
    for side in (odd, ~odd):
        index[~side] = design[~side] @ np.linalg.lstsq(design[side], late[side], rcond=None)[0]
    weights = _weights(design, late, complete.municipality, measures, confidence)
    extended = Persons(complete.municipalities, complete.municipality, complete.cohort, complete.stratum,
                       np.column_stack([early, index, late]))  # fmt: skip
    rates = rates_from_persons(extended, [*measures[:-1], INDEX, measures[-1]])
    table = forecast_table(rates, resampled_rates(rates, draws, seed), confidence, "surrogate")
    return pd.concat([weights, table], ignore_index=True)


def _weights(
    design: np.ndarray, late: np.ndarray, cluster: np.ndarray, measures: Sequence[Measure], confidence: float
) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ design.T @ late
    sums = np.zeros((cluster.max() + 1, design.shape[1]))
    np.add.at(sums, cluster, design * (late - design @ beta)[:, None])
    groups = len(np.unique(cluster))
    se = np.sqrt(np.diag(bread @ sums.T @ sums @ bread) * groups / (groups - 1))
    half = stdtrit(groups - 1, (1 + confidence) / 2) * se
    frame = pd.DataFrame({"term": ["constant", *(str(h) for _, h in measures[:-1])], "estimate": beta, "std_error": se})
    frame["ci_low"], frame["ci_high"] = beta - half, beta + half
    frame["p_value"] = 2 * stdtr(groups - 1, -np.abs(beta / np.where(se > 0, se, np.nan)))
    frame["model"], frame["definition"] = "surrogate_weights", measures[-1][0]
    frame["horizon"], frame["horizon_other"] = np.nan, measures[-1][1]
    frame["n"], frame["clusters"], frame["dof"] = len(late), groups, groups - 1
    frame["method"] = "linear probability, clustered on municipality"
    return frame[_COLUMNS]


def _complete(persons: Persons) -> Persons:
    """The persons counted at every measure, with municipalities and strata numbered anew."""
    keep = ~np.isnan(persons.outcomes).any(axis=1)
    used, municipality = np.unique(persons.municipality[keep], return_inverse=True)
    stratum = np.unique(persons.stratum[keep], return_inverse=True)[1]
    return Persons(persons.municipalities[used], municipality, persons.cohort[keep], stratum, persons.outcomes[keep])
