"""Models with a random municipality: person level, municipal means with known error, and municipal counts."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import expit, logsumexp, stdtr, stdtrit

from introprog.clustered import Inference
from introprog.estimable import NotEstimable, require_rank, require_units

GRID = 40
# Logarithms of the ratios of variances between and within municipalities that are looked through.
RATIOS = (-14, 6)
# Deviances and likelihoods this near each other are the same.
FLAT = 1e-9
# The logarithm of a standard deviation that stands for none.
NO_DEVIATION = -9
POLISH = 5


def _wald(estimate: np.ndarray, error: np.ndarray, dof, level: float, method: str) -> Inference:
    dof = np.broadcast_to(np.asarray(dof, float), estimate.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stdtr(dof, -np.abs(estimate / error))
    half = stdtrit(dof, 0.5 + level / 2) * error
    return Inference(estimate, error, dof, p_value, estimate - half, estimate + half, method)


@dataclass(frozen=True)
class RandomIntercept:
    """Fixed part, standard deviations between and within municipalities, and the restricted log-likelihood."""

    fixed: Inference
    sd_between: float
    sd_within: float
    log_likelihood: float


def random_intercept(outcome, design, clusters, level: float = 0.95) -> RandomIntercept:
    """Linear model with a normal municipality intercept by REML, profiled to the variance ratio (as lme4's ``lmer``).

    ``design`` (n, k) has the constant. Degrees of freedom are between-within: terms constant within municipalities have
    G less their number, the others n - G less theirs. Raises ``NotEstimable``.
    """
    y, x = np.asarray(outcome, float), np.asarray(design, float)
    require_rank(x)
    codes = np.unique(np.asarray(clusters), return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    y, x, codes = y[order], x[order], codes[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    sizes = np.diff(np.r_[starts, len(y)])
    (n, k), groups = x.shape, len(starts)
    require_units(groups, 3, "municipalities")
    own = np.column_stack([x, y])
    cross, sums = own.T @ own, np.add.reduceat(own, starts, axis=0)
    varies = np.add.reduceat((x - (sums[:, :k] / sizes[:, None])[codes]) ** 2, starts, axis=0).sum(axis=0) > 1e-9
    if groups <= (~varies).sum() or n - groups <= varies.sum():
        raise NotEstimable("too few municipalities, or answers in them, for the terms")

    def profile(ratio: float):
        shrink = ratio / (1 + sizes * ratio)
        total = cross - (sums * shrink[:, None]).T @ sums
        gram = total[:k, :k]
        beta = np.linalg.solve(gram, total[:k, k])
        variance = (total[k, k] - total[:k, k] @ beta) / (n - k)
        value = (
            (n - k) * (np.log(2 * np.pi * variance) + 1) + np.log1p(sizes * ratio).sum() + np.linalg.slogdet(gram)[1]
        )
        return value, beta, variance, gram

    def slope(ratio: float) -> float:
        """Derivative of the restricted deviance by the ratio, coefficients and variance profiled out."""
        _, beta, variance, gram = profile(ratio)
        change = (sums / (1 + sizes * ratio)[:, None] ** 2).T @ sums
        residual = np.r_[-beta, 1.0]
        ends = residual @ change @ residual / variance + np.trace(np.linalg.solve(gram, change[:k, :k]))
        return float((sizes / (1 + sizes * ratio)).sum() - ends)

    ratio = _least(lambda ratio: profile(ratio)[0], slope)
    value, beta, variance, gram = profile(ratio)
    error = np.sqrt(np.diag(np.linalg.inv(gram)) * variance)
    dof = np.where(varies, n - groups - varies.sum(), groups - (~varies).sum())
    fixed = _wald(beta, error, dof, level, "random intercept, REML, between-within t")
    return RandomIntercept(fixed, float(np.sqrt(ratio * variance)), float(np.sqrt(variance)), -value / 2)


def _least(deviance, slope) -> float:
    """The variance ratio, zero or more, with the least ``deviance``: found by its value, placed by its ``slope``.

    Values alone tell the place of a minimum to half their digits only, and another processor's last digits then move
    the estimates in the sixth.
    """
    found = minimize_scalar(lambda u: deviance(np.exp(u)), bounds=RATIOS, method="bounded", options={"xatol": 1e-3})
    if slope(0.0) >= 0 and found.fun > deviance(0.0) - FLAT:
        return 0.0
    low = high = float(np.exp(found.x))
    step = 1.01
    while slope(low) > 0 and low > 0:
        low, step = (low / step if step < 1e6 else 0.0), step**2
    if low == 0 and slope(0.0) >= 0:
        return 0.0
    step = 1.01
    while slope(high) < 0:
        if step > 1e6:
            return high
        high, step = high * step, step**2
    return float(brentq(slope, low, high, xtol=1e-15, rtol=1e-13)) if low < high else low


@dataclass(frozen=True)
class MetaRegression:
    """Fixed part and the variance between municipalities that neither terms nor sampling error account for."""

    fixed: Inference
    tau2: float


def meta_regression(means, variances, design, level: float = 0.95) -> MetaRegression:
    """Random-effects regression of means (m,) with known sampling variances (m,), REML, Knapp-Hartung t (as metafor's
    ``rma``).

    Residual variance as in ``residual_variance``. Raises ``NotEstimable``.
    """
    y, v, x = np.asarray(means, float), np.asarray(variances, float), np.asarray(design, float)
    require_rank(x)
    if not (v > 0).all():
        raise NotEstimable("a municipality's mean has no sampling variance")
    tau2 = residual_variance(y, v, x)
    w = 1 / (v + tau2)
    cov = np.linalg.inv((x * w[:, None]).T @ x)
    beta = cov @ (x.T @ (w * y))
    dof = len(y) - x.shape[1]
    spread = (w * (y - x @ beta) ** 2).sum() / dof
    error = np.sqrt(np.diag(cov) * spread)
    return MetaRegression(_wald(beta, error, dof, level, "random-effects meta-regression, REML, Knapp-Hartung"), tau2)


def residual_variance(y: np.ndarray, v: np.ndarray, x: np.ndarray) -> float:
    """REML variance between means (m,) beyond sampling variances ``v`` (m,) and terms ``x`` (m, k), zero or more.

    The highest of the restricted likelihood's maxima: a grid from zero finds it, the root of its score between the
    neighbours places it. Fisher scoring (Viechtbauer 2005, doi 10.3102/10769986030003261) goes to and fro around the
    maximum for ever where one municipality is far more precise than the others, and may end in a lower one.
    """
    largest = np.log(10 * (np.var(y, ddof=1) + v.max()))
    grid = np.r_[0, np.exp(np.linspace(np.log(v.min() / 100), largest, GRID))]
    best = int(np.argmin(_restricted_deviance(y, v, x, grid)))
    data = y, v, x
    rising = _score(grid[best], *data) > 0
    low, high = max(best - (not rising), 0), min(best + rising, GRID)
    if _score(grid[low], *data) <= 0 or _score(grid[high], *data) >= 0:
        return float(grid[best])
    return float(brentq(_score, grid[low], grid[high], data, xtol=1e-12, rtol=1e-12))


def _restricted_deviance(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """-2 restricted log-likelihood (g,), up to a constant, at each of ``tau2`` (g,)."""
    w = 1 / (v + tau2[:, None])
    gram = np.einsum("mi,gm,mj->gij", x, w, x)
    pull = (w * y) @ x
    beta = np.linalg.solve(gram, pull[:, :, None])[:, :, 0]
    residual = (w * (y - beta @ x.T) ** 2).sum(axis=1)
    return -np.log(w).sum(axis=1) + np.linalg.slogdet(gram)[1] + residual


def _score(tau2: float, y: np.ndarray, v: np.ndarray, x: np.ndarray) -> float:
    """Twice the derivative of the restricted log-likelihood at ``tau2``."""
    w = 1 / (v + tau2)
    weighted = x * w[:, None]
    cov = np.linalg.inv(weighted.T @ x)
    py = w * y - weighted @ (cov @ (weighted.T @ y))
    return float(py @ py - w.sum() + np.einsum("mi,ij,mj->", weighted, cov, weighted))


@dataclass(frozen=True)
class CountModel:
    """Fixed part on the log odds scale and the standard deviation of the municipality intercepts."""

    fixed: Inference
    sd_between: float


def binomial_random_intercept(
    successes, trials, design, level: float = 0.95, nodes: int = 15, offset=None
) -> CountModel:
    """Logit model of counts with a normal municipality intercept, adaptive Gauss-Hermite (as lme4's ``glmer``).

    ``successes`` and ``trials`` (m,), ``design`` (m, k) with the constant, ``offset`` (m,) known log odds. t on
    m - k - 1 degrees of freedom, which is more careful than the normal. Pinheiro & Bates 1995, doi
    10.1080/10618600.1995.10474663. Raises ``NotEstimable``.
    """
    s, n, x = np.asarray(successes, float), np.asarray(trials, float), np.asarray(design, float)
    require_rank(x)
    require_units(len(s), x.shape[1] + 2, "municipalities")
    if s.sum() == 0 or s.sum() == n.sum():
        raise NotEstimable("all leavers, or none, reached the result")
    known = np.zeros(len(s)) if offset is None else np.asarray(offset, float)
    given = s, n, x, known, np.polynomial.hermite.hermgauss(nodes)
    params, hessian, free = _count_maximum(*given)
    try:
        error = np.sqrt(np.diag(np.linalg.inv(hessian[:free, :free])))[: x.shape[1]]
    except np.linalg.LinAlgError as fault:
        raise NotEstimable("the binomial model has no unique maximum") from fault
    if not np.isfinite(error).all():
        raise NotEstimable("the binomial model has no unique maximum")
    fixed = _wald(params[:-1], error, len(s) - x.shape[1] - 1, level, "binomial, random intercept, adaptive quadrature")
    return CountModel(fixed, float(np.exp(params[-1])) if free == len(params) else 0.0)


def _count_maximum(s, n, x, known, quadrature) -> tuple[np.ndarray, np.ndarray, int]:
    """Coefficients and log standard deviation at the maximum, minus the second derivatives there, and how many of the
    parameters are free: not the deviation where the likelihood falls from zero on.
    """
    given = s, n, x, known, quadrature
    start = np.r_[np.linalg.lstsq(x, np.log((s + 0.5) / (n - s + 0.5)) - known, rcond=None)[0], -1.5]
    bounds = [(None, None)] * x.shape[1] + [(NO_DEVIATION, 3)]
    options = {"ftol": 1e-15, "gtol": 1e-9}
    found = minimize(_count_likelihood, start, given, "L-BFGS-B", jac=True, bounds=bounds, options=options)
    # at zero and next to it the slope says nothing of where the maximum is, and the search ends anywhere
    none, bent = _polished(given, np.r_[found.x[:-1], NO_DEVIATION], x.shape[1])
    value, slopes = _count_likelihood(none, *given)
    if slopes[-1] >= 0 and found.fun > value - FLAT:
        return none, bent, x.shape[1]
    return *_polished(given, found.x, len(start)), len(start)


def _polished(given: tuple, at: np.ndarray, free: int) -> tuple[np.ndarray, np.ndarray]:
    """The parameters after Newton's steps in the first ``free`` of them, and the second derivatives (q, q).

    A search by values ends half way to the last digit; what it leaves is another processor's.
    """
    for _ in range(POLISH):
        hessian = _slopes(lambda p: _count_likelihood(p, *given)[1], at)
        try:
            step = np.linalg.solve(hessian[:free, :free], _count_likelihood(at, *given)[1][:free])
        except np.linalg.LinAlgError:
            break
        if not np.abs(step).max() < 0.1:
            break
        at = np.r_[at[:free] - step, at[free:]]
        if np.abs(step).max() < 1e-11:
            break
    return at, hessian


def _count_likelihood(
    params: np.ndarray, s: np.ndarray, n: np.ndarray, x: np.ndarray, known: np.ndarray, quadrature
) -> tuple[float, np.ndarray]:
    """Minus the log-likelihood, up to a constant, and its gradient, for coefficients and the log standard deviation."""
    eta, sigma = known + x @ params[:-1], np.exp(params[-1])
    mode = np.zeros(len(s))
    for _ in range(50):
        p = expit(eta + sigma * mode)
        step = (sigma * (s - n * p) - mode) / (n * p * (1 - p) * sigma**2 + 1)
        mode = mode + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-12:
            break
    p = expit(eta + sigma * mode)
    scale = 1 / np.sqrt(n * p * (1 - p) * sigma**2 + 1)
    points, weight = quadrature
    z = mode[:, None] + np.sqrt(2) * scale[:, None] * points
    linear = eta[:, None] + sigma * z
    terms = s[:, None] * linear - n[:, None] * np.logaddexp(0, linear) - z**2 / 2 + points**2 + np.log(weight)
    total = logsumexp(terms, axis=1)
    miss = (s[:, None] - n[:, None] * expit(linear)) * np.exp(terms - total[:, None])
    gradient = np.r_[x.T @ miss.sum(axis=1), sigma * (miss * z).sum()]
    return -float((total + np.log(scale)).sum()), -gradient


def _slopes(gradient, at: np.ndarray) -> np.ndarray:
    """Hessian (q, q) by differences of a gradient, five points a column."""
    steps = 1e-3 * np.maximum(np.abs(at), 0.1)
    columns = [
        (8 * (gradient(at + d) - gradient(at - d)) - gradient(at + 2 * d) + gradient(at - 2 * d)) / (12 * d.sum())
        for d in np.diag(steps)
    ]
    return (np.array(columns) + np.array(columns).T) / 2
