"""Logit with an effect for every municipality: associations between persons of the same municipality.

Coefficients so estimated are free of what municipalities as wholes differ in, so a case mix that goes together with
municipal quality is not over-adjusted (Raudenbush and Willms 1995, Journal of Educational and Behavioral Statistics
20, 307-335). The effects are eliminated from each Newton step, so their number costs nothing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

STEPS = 50


@dataclass(frozen=True)
class WithinFit:
    """``coefficients`` and their cluster-robust ``covariance`` (NaN where a column does not vary within groups);
    ``groups``: number of effects; ``clusters``; ``converged``."""

    coefficients: np.ndarray
    covariance: np.ndarray
    groups: int
    clusters: int
    converged: bool


def effect_groups(
    municipality: pd.Series, county: pd.Series, success: np.ndarray, minimum: int, trials: np.ndarray | None = None
) -> np.ndarray:
    """Group codes for the effects: municipalities with ``minimum`` persons and both outcomes; the others share one
    effect a county, and counties without both outcomes one effect together.

    One row a person, or ``trials`` of them with ``success`` successes.
    """
    size = np.ones(len(success)) if trials is None else np.asarray(trials, float)
    place, places = pd.factorize(municipality.astype(str), sort=True)
    region, regions = pd.factorize(county.astype(str), sort=True)
    own = _varied(place, len(places), success, size) & (np.bincount(place, size, len(places)) >= minimum)
    label = np.where(own[place], place, len(places) + region)
    told = _varied(label, len(places) + len(regions), success, size)
    return np.unique(np.where(told[label], label, -1), return_inverse=True)[1]


def _varied(label: np.ndarray, count: int, success: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Which labels 0..``count`` - 1 have both outcomes."""
    reached = np.bincount(label, success, count)
    return (reached > 0) & (reached < np.bincount(label, size, count))


def fit_within_logit(
    matrix: np.ndarray,
    success: np.ndarray,
    groups: np.ndarray,
    clusters: np.ndarray,
    trials: np.ndarray | None = None,
) -> WithinFit:
    """Maximum likelihood of success on ``matrix`` (persons x covariates, no constant) with an effect per group.

    ``groups`` and ``clusters``: integer codes from 0. A row may stand for ``trials`` alike persons with ``success``
    successes. The covariance is the sandwich clustered on ``clusters``, times G / (G - 1).
    """
    y, size = success.astype(float), np.ones(len(success)) if trials is None else trials.astype(float)
    count, width = int(groups.max()) + 1, matrix.shape[1]
    beta, effects = np.zeros(width), np.zeros(count)
    converged = False
    for _ in range(STEPS):
        chance = expit(matrix @ beta + effects[groups])
        w = np.maximum(size * chance * (1 - chance), 1e-12)
        miss = y - size * chance
        weight = np.bincount(groups, w, count)
        means = _sums(matrix * w[:, None], groups, count) / weight[:, None]
        centred = matrix - means[groups]
        varying = (w @ centred**2) > 1e-8 * np.maximum(w @ matrix**2, 1e-300)
        bread = np.zeros((width, width))
        inner = centred[:, varying]
        bread[np.ix_(varying, varying)] = np.linalg.pinv(inner.T @ (inner * w[:, None]), hermitian=True)
        step = bread @ (centred.T @ miss)
        beta = beta + step
        effects = effects + np.bincount(groups, miss, count) / weight - means @ step
        converged = bool(np.abs(step).max(initial=0) < 1e-7)
        if converged:
            break
    miss = y - size * expit(matrix @ beta + effects[groups])
    number = int(clusters.max()) + 1
    scores = _sums(centred * miss[:, None], clusters, number)
    covariance = bread @ scores.T @ scores @ bread * number / max(number - 1, 1)
    still = np.where(varying, 1.0, np.nan)
    return WithinFit(beta * still, covariance * np.outer(still, still), count, number, converged)


def set_level(line: np.ndarray, success: np.ndarray, trials: np.ndarray | None = None) -> np.ndarray:
    """Probabilities (n,) of log odds ``line`` (n,), moved so that they add up to the successes observed.

    Rows as in ``fit_within_logit``. All or none of them successes: probabilities of 1 or 0.
    """
    size, total = np.ones(len(line)) if trials is None else trials, success.sum()
    if not 0 < total < size.sum():
        return np.full(len(line), total / size.sum())
    level = -line.mean()
    for _ in range(50):
        p = expit(line + level)
        step = (total - size @ p) / (size @ (p * (1 - p)))
        level += np.clip(step, -2, 2)
        if abs(step) < 1e-10:
            break
    return p


def _sums(values: np.ndarray, codes: np.ndarray, count: int) -> np.ndarray:
    return np.column_stack([np.bincount(codes, values[:, j], count) for j in range(values.shape[1])])
