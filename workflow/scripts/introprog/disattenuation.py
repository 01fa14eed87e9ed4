"""Correlation between municipal means of two surveys or registers: raw, and freed of the sampling error of both sides.

The raw one is Pearson's on Fisher's z, with the jackknife over municipalities for its error (Hinkley 1978, doi
10.1093/biomet/65.1.13): small municipalities have uncertain means on both sides, so deviations are large together, and
Fisher's own error, 1 / sqrt(n - 3), is too small even where nothing goes together. The other is the correlation of the
true means in a bivariate random-effects model with known sampling variances, fitted by REML; its interval is by profile
likelihood, so that it widens, to the whole range if need be, where the reliabilities themselves are hardly known
(dividing an interval by estimated reliabilities does not: Moss 2019, doi 10.48550/arXiv.1911.01576).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import ndtri, stdtr, stdtrit

from introprog.estimable import NotEstimable, require_units, require_variation
from introprog.maxima import placed

EDGE = 0.9999
STILL = 1e-12


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with intervals at two levels (low, high), two-sided p-value of no correlation, pairs, and the error
    of Fisher's z."""

    r: float
    ci95: tuple[float, float]
    ci90: tuple[float, float]
    p_value: float
    n: int
    z_error: float


def fisher_interval(r: float, n: int, level: float) -> tuple[float, float]:
    """Fisher's interval of a correlation from ``n`` pairs that are normal and equally precise."""
    return _around(r, ndtri(0.5 + level / 2) / np.sqrt(n - 3))


def _around(r: float, half: float) -> tuple[float, float]:
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def leave_one_out(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Pearson correlations (m,) without each municipality in turn, weighted by ``weights`` (m,) if given; null where
    the others do not vary."""
    if any(np.ptp(side) <= STILL * max(1.0, np.abs(side).max()) for side in (x, y)):
        return np.full(len(x), np.nan)
    w = np.ones(len(x)) if weights is None else weights
    x, y = x - np.average(x, weights=w), y - np.average(y, weights=w)
    rest = w.sum() - w
    sxx, syy, sxy = ((w * a * b).sum() - w * a * b for a, b in ((x, x), (y, y), (x, y)))
    spread = (sxx - (w * x) ** 2 / rest) * (syy - (w * y) ** 2 / rest)
    known = spread > 1e-12 * (w * x**2).sum() * (w * y**2).sum()
    return np.where(known, (sxy - w**2 * x * y / rest) / np.sqrt(np.where(known, spread, 1)), np.nan)


def jackknife_error(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Standard error of Fisher's z of (m,) pairs from leaving each out. Raises ``NotEstimable`` when one pair alone
    makes a side vary."""
    without = leave_one_out(x, y, weights)
    if np.isnan(without).any():
        raise NotEstimable("only one municipality differs from the others")
    z = np.arctanh(np.clip(without, -1 + 1e-12, 1 - 1e-12))
    return float(np.sqrt((len(x) - 1) / len(x) * ((z - z.mean()) ** 2).sum()))


def pearson(x, y, level: float = 0.95, weights: np.ndarray | None = None) -> Correlation:
    """Pearson's correlation of (m,) pairs; jackknife intervals (t on m - 2) at ``level`` and 1 - 2(1 - level).

    ``weights`` (m,): how much each pair counts, alike when not given. Raises ``NotEstimable`` under 5 pairs.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    require_units(len(x), 5, "municipalities")
    require_variation(x, "the score between municipalities")
    require_variation(y, "the result between municipalities")
    covariance = np.cov(x, y, aweights=weights)
    r = float(np.clip(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), -1 + 1e-12, 1 - 1e-12))
    error, dof = jackknife_error(x, y, weights), len(x) - 2
    ci95, ci90 = (_around(r, error * stdtrit(dof, 0.5 + share / 2)) for share in (level, 2 * level - 1))
    with np.errstate(divide="ignore"):
        p_value = 2 * stdtr(dof, -np.abs(np.arctanh(r)) / np.float64(error))
    return Correlation(r, ci95, ci90, float(p_value), len(x), error)


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
    profile, best, reliabilities, count = _fitted(x, x_variances, y, y_variances)
    edges = {side: profile(side * EDGE) for side in (-1, 1)}
    intervals = [
        tuple(_bound(profile, best, edges[side], side, stdtrit(count - 2, 0.5 + share / 2) ** 2) for side in (-1, 1))
        for share in (level, 2 * level - 1)
    ]
    return TrueCorrelation(best[0] if abs(best[0]) < EDGE else float(np.sign(best[0])), *intervals, *reliabilities)


def certainly_small(x, x_variances, y, y_variances, smallest: float, level: float = 0.95) -> bool:
    """Whether the 1 - 2(1 - level) interval of ``disattenuated`` lies within ``-smallest`` and ``smallest``.

    Two or four profiled fits tell, where the interval's own bounds take many. Raises ``NotEstimable`` as there.
    """
    profile, best, _, count = _fitted(x, x_variances, y, y_variances)
    limit = stdtrit(count - 2, level) ** 2
    if abs(best[0]) >= smallest:
        return False
    return all(profile(at) - best[1] > limit for at in (-smallest, smallest, -EDGE, EDGE))


def _fitted(x, x_variances, y, y_variances):
    """The profile deviance by correlation, the best fit (correlation, deviance, log sds), both reliabilities and the
    number of municipalities."""
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
    place = _polished(first.x, data, box)
    best = [float(np.tanh(place[2])), _free_deviance(place, data)[0], place[:2]]

    @cache
    def profile(rho: float) -> float:
        # always from the best fit: from a fit whose standard deviations are near nil there is no way back
        found = minimize(_profiled, best[2], (rho, data), "L-BFGS-B", jac=True, bounds=box[:2], options=options)
        if found.fun < best[1]:
            best[:] = [rho, found.fun, found.x]
        return found.fun

    return profile, best, reliabilities, len(x)


def _polished(near: np.ndarray, data: tuple, box: list[tuple[float, float]]) -> np.ndarray:
    """The maximum, placed where its slopes are nil; at the edge of the box they need not be."""
    inside = all(low + 0.1 < value < high - 0.1 for value, (low, high) in zip(near, box))
    return placed(lambda params: _free_deviance(params, data)[1], near, 1e-3) if inside else near


def _bound(profile, best: list, at_edge: float, side: int, limit: float) -> float:
    """Where the profile has risen by ``limit``; its root is nearly straight in Fisher's z, so few steps are needed."""
    centre, lowest = best[0], best[1]
    if at_edge - lowest <= limit or (abs(centre) >= EDGE and np.sign(centre) == side):
        return float(side)

    def gap(z: float) -> float:
        rho = side * EDGE if z == end else float(np.tanh(z))
        risen = 0.0 if z == start else max(profile(rho) - lowest, 0.0)
        return float(np.sqrt(risen) - np.sqrt(limit))

    start, end = float(np.arctanh(centre)), float(np.arctanh(side * EDGE))
    return float(np.tanh(brentq(gap, start, end, xtol=1e-8)))


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
