"""Reliability of a scale whose items are answered in steps: polychoric correlations and categorical omega.

An answer is taken as a cut of a normal disposition. Omega then says how much of the variance of the summed answers, not
of the dispositions, one common factor accounts for (Green & Yang 2009, doi 10.1007/s11336-008-9099-3; Flora 2020, doi
10.1177/2515245920951747).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import least_squares, minimize_scalar
from scipy.special import ndtr, ndtri

from introprog.estimable import NotEstimable
from introprog.reliability import complete_items

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
EDGE = 0.999


@dataclass(frozen=True)
class Steps:
    """An item in steps: position of each answer (n,), cuts between the steps (J - 1,), and the rise of the score at
    each."""

    codes: np.ndarray
    cuts: np.ndarray
    rises: np.ndarray


def steps_of(values: np.ndarray) -> Steps:
    """The steps in use of one item (n,) and the standard normal cuts that give their shares."""
    levels, codes = np.unique(values, return_inverse=True)
    shares = np.bincount(codes).cumsum() / len(codes)
    return Steps(codes, ndtri(shares[:-1]), np.diff(levels))


def bivariate_normal(x: np.ndarray, y: np.ndarray, rho: float) -> np.ndarray:
    """P(X <= x, Y <= y) for standard normal X and Y with correlation ``rho``; x and y broadcast.

    Gauss-Legendre over the angle whose sine is the correlation (Owen's form of Plackett's identity); at 1 in size the
    limit.
    """
    x, y = np.broadcast_arrays(np.clip(x, -12, 12), np.clip(y, -12, 12))
    if abs(rho) >= 1 - 1e-12:
        return np.minimum(ndtr(x), ndtr(y)) if rho > 0 else np.maximum(ndtr(x) + ndtr(y) - 1, 0)
    half = np.arcsin(rho) / 2
    sine = np.sin(half * (NODES + 1))
    square, product = (x**2 + y**2)[..., None], (x * y)[..., None]
    inner = np.exp(-(square / 2 - product * sine) / (1 - sine**2)) @ WEIGHTS
    return ndtr(x) * ndtr(y) + half * inner / (2 * np.pi)


def polychoric(first: Steps, second: Steps) -> float:
    """Maximum-likelihood correlation of the dispositions behind two items, cuts from the margins (Olsson 1979, doi
    10.1007/BF02296207)."""
    shape = len(first.cuts) + 1, len(second.cuts) + 1
    counts = np.bincount(first.codes * shape[1] + second.codes, minlength=shape[0] * shape[1]).reshape(shape)
    x, y = (np.r_[-np.inf, item.cuts, np.inf] for item in (first, second))

    def loss(rho: float) -> float:
        cells = np.diff(np.diff(bivariate_normal(x[:, None], y[None, :], rho), axis=0), axis=1)
        return -float((counts * np.log(np.maximum(cells, 1e-15))).sum())

    return float(minimize_scalar(loss, bounds=(-EDGE, EDGE), method="bounded", options={"xatol": 1e-7}).x)


def polychoric_matrix(items: list[Steps]) -> np.ndarray:
    """Polychoric correlations (k, k) of all pairs."""
    matrix = np.eye(len(items))
    for i in range(len(items)):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = polychoric(items[i], items[j])
    return matrix


def one_factor(correlation: np.ndarray) -> np.ndarray:
    """Loadings (k,) of one factor by unweighted least squares on the correlations off the diagonal, k at least 3.

    Raises ``NotEstimable`` when a loading exceeds one.
    """
    below = np.tril_indices(len(correlation), -1)
    values, vectors = np.linalg.eigh(correlation)
    start = np.clip(vectors[:, -1] * np.sqrt(values[-1]) * np.sign(vectors[:, -1].sum() or 1), -0.95, 0.95)
    fit = least_squares(
        lambda loading: correlation[below] - np.outer(loading, loading)[below],
        start,
        xtol=1e-12,
        ftol=1e-12,
        gtol=1e-12,
    )
    loading = fit.x * np.sign(fit.x.sum() or 1)
    if np.abs(loading).max() > 1:
        raise NotEstimable("a loading exceeds one")
    return loading


def omega_categorical(items: pd.DataFrame) -> float:
    """Categorical omega (formula 21 of Green & Yang) of the sum of complete answers (n, k), k at least 3.

    Steps need not be equally wide or equally many. Raises ``NotEstimable``.
    """
    complete = complete_items(items, 3).to_numpy(float)
    steps = [steps_of(column) for column in complete.T]
    observed = polychoric_matrix(steps)
    loading = one_factor(observed)
    common = _summed(steps, np.outer(loading, loading))
    return float(common / _summed(steps, observed))


def _summed(items: list[Steps], correlation: np.ndarray) -> float:
    """Variance of the sum of the items whose dispositions have these correlations, the diagonal included."""
    total = 0.0
    for i, first in enumerate(items):
        for j, second in enumerate(items[: i + 1]):
            joint = bivariate_normal(first.cuts[:, None], second.cuts[None, :], correlation[i, j])
            shared = joint - np.outer(ndtr(first.cuts), ndtr(second.cuts))
            total += (1 if i == j else 2) * float(first.rises @ shared @ second.rises)
    return total
