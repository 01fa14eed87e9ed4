"""Logit with an effect for every municipality: associations between persons of the same municipality.

Coefficients so estimated are free of what municipalities as wholes differ in, so a case mix that goes together with
municipal quality is not over-adjusted (Raudenbush and Willms 1995, Journal of Educational and Behavioral Statistics
20, 307-335). The effects are eliminated from each Newton step, so their number costs nothing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

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


def effect_groups(municipality: pd.Series, county: pd.Series, success: np.ndarray, minimum: int) -> np.ndarray:
    """Group codes for the effects: municipalities with ``minimum`` persons and both outcomes; the others share one
    effect a county, and counties without both outcomes one effect together."""
    place, region = municipality.astype(str), "county " + county.astype(str)
    label = place.where(_varied(place, success) & (place.groupby(place).transform("size") >= minimum), region)
    return pd.factorize(label.where(_varied(label, success), "elsewhere"), sort=True)[0]


def _varied(label: pd.Series, success: np.ndarray) -> pd.Series:
    share = pd.Series(success, index=label.index).groupby(label).transform("mean")
    return (share > 0) & (share < 1)


def fit_within_logit(matrix: np.ndarray, success: np.ndarray, groups: np.ndarray, clusters: np.ndarray) -> WithinFit:
    """Maximum likelihood of success on ``matrix`` (persons x covariates, no constant) with an effect per group.

    ``groups`` and ``clusters``: integer codes from 0. The covariance is the sandwich clustered on ``clusters``, times
    G / (G - 1).
    """
    y = success.astype(float)
    count, width = int(groups.max()) + 1, matrix.shape[1]
    beta, effects = np.zeros(width), np.zeros(count)
    converged = False
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(matrix @ beta + effects[groups])))
        w = np.maximum(p * (1 - p), 1e-12)
        weight = np.bincount(groups, w, count)
        means = _sums(matrix * w[:, None], groups, count) / weight[:, None]
        centred = matrix - means[groups]
        varying = (w @ centred**2) > 1e-8 * np.maximum(w @ matrix**2, 1e-300)
        bread = np.zeros((width, width))
        inner = centred[:, varying]
        bread[np.ix_(varying, varying)] = np.linalg.pinv(inner.T @ (inner * w[:, None]), hermitian=True)
        step = bread @ (centred.T @ (y - p))
        beta = beta + step
        effects = effects + np.bincount(groups, y - p, count) / weight - means @ step
        converged = bool(np.abs(step).max(initial=0) < 1e-9)
        if converged:
            break
    p = 1 / (1 + np.exp(-(matrix @ beta + effects[groups])))
    number = int(clusters.max()) + 1
    scores = _sums(centred * (y - p)[:, None], clusters, number)
    covariance = bread @ scores.T @ scores @ bread * number / max(number - 1, 1)
    still = np.where(varying, 1.0, np.nan)
    return WithinFit(beta * still, covariance * np.outer(still, still), count, number, converged)


def _sums(values: np.ndarray, codes: np.ndarray, count: int) -> np.ndarray:
    return np.column_stack([np.bincount(codes, values[:, j], count) for j in range(values.shape[1])])
