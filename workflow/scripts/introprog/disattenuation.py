"""Correlation between municipal means of two surveys or registers: raw, and freed of the sampling error of both sides.

The raw one is Pearson's with Fisher's interval. The other is the correlation of the true means in a bivariate
random-effects model with known sampling variances, fitted by REML; its interval is by profile likelihood, so that it
widens, to the whole range if need be, where the reliabilities themselves are hardly known (dividing an interval by
estimated reliabilities does not: Charles 2005, doi 10.1037/1082-989X.10.2.206).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import ndtr, ndtri, stdtrit

from introprog.estimable import require_units, require_variation

EDGE = 0.9999


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with intervals at two levels (low, high) and the two-sided p-value of no correlation."""

    r: float
    ci95: tuple[float, float]
    ci90: tuple[float, float]
    p_value: float
    n: int


def fisher_interval(r: float, n: int, level: float) -> tuple[float, float]:
    """Fisher's interval of a correlation from ``n`` pairs."""
    half = ndtri(0.5 + level / 2) / np.sqrt(n - 3)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def pearson(x, y, level: float = 0.95) -> Correlation:
    """Pearson's correlation of (m,) pairs; intervals at ``level`` and 1 - 2(1 - level). Raises ``NotEstimable`` under
    5 pairs."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    require_units(len(x), 5, "municipalities")
    require_variation(x, "the score between municipalities")
    require_variation(y, "the result between municipalities")
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1 + 1e-12, 1 - 1e-12))
    p_value = 2 * ndtr(-abs(np.arctanh(r)) * np.sqrt(len(x) - 3))
    return Correlation(
        r, fisher_interval(r, len(x), level), fisher_interval(r, len(x), 2 * level - 1), float(p_value), len(x)
    )


def reliability(means, variances) -> float:
    """Share of the variance between (m,) observed means that is not sampling error, 0 when error accounts for all of
    it."""
    return float(max(0.0, 1 - np.mean(variances) / np.var(np.asarray(means, float), ddof=1)))


@dataclass(frozen=True)
class TrueCorrelation:
    """Correlation of true means with intervals at two levels, and the reliability of both observed means."""

    rho: float
    ci95: tuple[float, float]
    ci90: tuple[float, float]
    reliability_x: float
    reliability_y: float


def disattenuated(x, x_variances, y, y_variances, level: float = 0.95) -> TrueCorrelation:
    """Correlation of the true means behind ``x`` and ``y`` (m,), sampling variances known and errors independent.

    REML over means, both true standard deviations and the correlation; profile-likelihood interval against t^2 on m - 2
    degrees of freedom. Raises ``NotEstimable`` under 5 municipalities.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    require_units(len(x), 5, "municipalities")
    require_variation(x, "the score between municipalities")
    require_variation(y, "the result between municipalities")
    sds = np.std(x, ddof=1), np.std(y, ddof=1)
    data = x / sds[0], np.asarray(x_variances) / sds[0] ** 2, y / sds[1], np.asarray(y_variances) / sds[1] ** 2
    reliabilities = reliability(x, x_variances), reliability(y, y_variances)
    start = np.log(np.sqrt(np.maximum(reliabilities, 0.05)))
    options = {"ftol": 1e-14, "gtol": 1e-8}
    box = [*[(-7, 2)] * 2, (-5, 5)]
    first = minimize(_free_deviance, np.r_[start, 0.1], (data,), "L-BFGS-B", jac=True, bounds=box, options=options)
    best = [float(np.tanh(first.x[2])), first.fun, first.x[:2]]

    def profile(rho: float) -> float:
        found = minimize(_profiled, best[2], (rho, data), "L-BFGS-B", jac=True, bounds=box[:2], options=options)
        if found.fun < best[1]:
            best[:] = [rho, found.fun, found.x]
        return found.fun

    edges = {side: profile(side * EDGE) for side in (-1, 1)}
    intervals = [
        tuple(_bound(profile, best, edges[side], side, stdtrit(len(x) - 2, 0.5 + share / 2) ** 2) for side in (-1, 1))
        for share in (level, 2 * level - 1)
    ]
    return TrueCorrelation(best[0] if abs(best[0]) < EDGE else float(np.sign(best[0])), *intervals, *reliabilities)


def _bound(profile, best: list, at_edge: float, side: int, limit: float) -> float:
    centre, lowest = best[0], best[1]
    if at_edge - lowest <= limit or (abs(centre) >= EDGE and np.sign(centre) == side):
        return float(side)
    return float(brentq(lambda rho: profile(rho) - lowest - limit, centre, side * EDGE, xtol=1e-8))


def _profiled(logs: np.ndarray, rho: float, data: tuple) -> tuple[float, np.ndarray]:
    value, gradient = _deviance(logs, rho, data)
    return value, gradient[:2]


def _free_deviance(params: np.ndarray, data: tuple) -> tuple[float, np.ndarray]:
    rho = np.tanh(params[2])
    value, gradient = _deviance(params[:2], rho, data)
    return value, gradient * np.array([1, 1, 1 - rho**2])


def _deviance(logs: np.ndarray, rho: float, data: tuple) -> tuple[float, np.ndarray]:
    """-2 restricted log-likelihood of the bivariate model, up to a constant, and its gradient in log sds and
    correlation."""
    x, vx, y, vy = data
    sx, sy = np.exp(logs)
    a, b, c = sx**2 + vx, sy**2 + vy, rho * sx * sy
    det = a * b - c**2
    weight = np.array([[b / det, -c / det], [-c / det, a / det]])
    gram = weight.sum(axis=2)
    pull = np.array([(weight[i, 0] * x + weight[i, 1] * y).sum() for i in (0, 1)])
    mean = np.linalg.solve(gram, pull)
    residual = np.array([x - mean[0], y - mean[1]])
    scaled = np.einsum("ijm,jm->im", weight, residual)
    value = np.log(det).sum() + (residual * scaled).sum() + np.log(np.linalg.det(gram))
    both = np.einsum("ijm,klm->ijkl", weight, weight)
    inverse = np.linalg.inv(gram)
    slope = gram - np.einsum("jikl,li->jk", both, inverse) - scaled @ scaled.T
    bends = np.array([[[2 * sx**2, c], [c, 0]], [[0, c], [c, 2 * sy**2]], [[0, sx * sy], [sx * sy, 0]]])
    return float(value), np.einsum("pjk,kj->p", bends, slope)
