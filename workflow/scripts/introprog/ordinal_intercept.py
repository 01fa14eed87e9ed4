"""Ordered logit with a random intercept for municipalities: the same model as clmm(nAGQ) of R's package ordinal.

Maximum likelihood by adaptive Gauss-Hermite quadrature (Pinheiro & Bates 1995, doi 10.1080/10618600.1995.10474663).
With a standard normal intercept z, an answer's chance is P(y <= j | x, z) = logistic(threshold_j - x b - sd z). The
score is analytic by Fisher's identity, the information by Louis (1982, doi 10.1111/j.2517-6161.1982.tb01203.x): both
are means over the posterior of z, so that Newton's method needs few steps and the errors need no differences.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, stdtr, stdtrit

from introprog.clustered import Inference
from introprog.estimable import NotEstimable, require_rank, require_units

NODES = 9
MODE_STEPS, STEPS = 30, 60
FIRST_SD, NO_SD = 0.3, 1e-4
METHOD = "ordered logit, random intercept, adaptive quadrature"


@dataclass(frozen=True)
class OrdinalIntercept:
    """Slopes (log odds of a better answer), thresholds (J - 1,), their joint errors (k + J - 1,), the intercepts'
    standard deviation and the log-likelihood."""

    fixed: Inference
    thresholds: np.ndarray
    std_error: np.ndarray
    sd_between: float
    log_likelihood: float


def fit_ordinal_intercept(outcome, design, clusters, level: float = 0.95, nodes: int = NODES) -> OrdinalIntercept:
    """Fit the ordered logit of ``outcome`` (n,) on ``design`` (n, k; no constant) with an intercept for each of
    ``clusters`` (n,).

    t on between-within degrees of freedom, as in ``multilevel.random_intercept``: terms constant within clusters have
    the clusters less their number and one. Raises ``NotEstimable``.
    """
    x, codes = np.asarray(design, float), np.unique(np.asarray(clusters), return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    levels, steps = np.unique(np.asarray(outcome)[order], return_inverse=True)
    require_units(len(levels), 2, "answer steps in use")
    require_rank(np.column_stack([np.ones(len(x)), x]))
    problem = _Likelihood(steps, x[order], codes[order], nodes)
    dof = _degrees(problem.x, problem.code, problem.starts)
    params = _maximise(problem)
    value, _, information, _ = problem.evaluate(params)
    free = len(params) - (params[-1] < NO_SD)
    error = np.sqrt(np.diag(_inverse(information[:free, :free])))
    k = x.shape[1]
    estimate, own = params[:k], error[:k]
    half = stdtrit(dof, 0.5 + level / 2) * own
    p_value = 2 * stdtr(dof, -np.abs(estimate / own))
    fixed = Inference(estimate, own, dof, p_value, estimate - half, estimate + half, f"{METHOD}, between-within t")
    sd = float(params[-1]) if free == len(params) else 0.0
    return OrdinalIntercept(fixed, params[k:-1], error[: len(params) - 1], sd, value)


def _degrees(x: np.ndarray, code: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Degrees of freedom (k,) of the slopes; the constant, which the thresholds stand for, counts between clusters."""
    sizes = np.diff(np.r_[starts, len(x)])
    means = np.add.reduceat(x, starts, axis=0) / sizes[:, None]
    varies = ((x - means[code]) ** 2).sum(axis=0) > 1e-9
    groups, between = len(starts), 1 + (~varies).sum()
    require_units(groups, 3, "municipalities")
    if groups <= between or len(x) - groups <= varies.sum():
        raise NotEstimable("too few municipalities, or answers in them, for the terms")
    return np.where(varies, len(x) - groups - varies.sum(), groups - between).astype(float)


def _inverse(information: np.ndarray) -> np.ndarray:
    """Inverse of a positive definite matrix. Raises ``NotEstimable`` where it is not."""
    try:
        factor = np.linalg.inv(np.linalg.cholesky(information))
    except np.linalg.LinAlgError as error:
        raise NotEstimable("the ordered logit with random intercepts has no unique maximum") from error
    return factor.T @ factor


class _Likelihood:
    """Marginal likelihood of answers sorted by cluster: ``steps`` (n,) from 0, ``x`` (n, k), ``code`` (n,) from 0.

    The log chance of an answer is log F(u) + log F(-l) + log(1 - exp(-w)) with u and l the distances to the thresholds
    above and below it and w = u - l, which does not depend on z. Parameters: slopes, thresholds, standard deviation.
    """

    def __init__(self, steps: np.ndarray, x: np.ndarray, code: np.ndarray, nodes: int):
        self.steps, self.x, self.code = steps, x, code
        self.cuts = int(steps.max())
        self.starts = np.flatnonzero(np.diff(code, prepend=-1))
        self.mode = np.zeros(len(self.starts))
        self.nodes, weights = np.polynomial.hermite.hermgauss(nodes)
        self.log_weights = np.log(weights) + self.nodes**2
        place = np.eye(self.cuts + 2)
        self.to_upper = np.hstack([-x, place[steps + 1][:, 1:-1], np.zeros((len(x), 1))])
        self.to_lower = np.hstack([-x, place[steps][:, 1:-1], np.zeros((len(x), 1))])

    def start(self) -> np.ndarray:
        """Thresholds of the answers alone, no slopes, and a small standard deviation."""
        share = np.bincount(self.steps).cumsum()[:-1] / len(self.steps)
        return np.r_[np.zeros(self.x.shape[1]), np.log(share / (1 - share)), FIRST_SD]

    def value(self, params: np.ndarray) -> float:
        """The log-likelihood; minus infinity where thresholds are out of order."""
        if not (np.diff(params[-1 - self.cuts : -1]) > 0).all():
            return -np.inf
        return self._posterior(params)[0]

    def _bounds(self, params: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distances to the thresholds above and below without the intercept, and their gap (n,)."""
        k = self.x.shape[1]
        edges = np.concatenate(([-np.inf], params[k:-1], [np.inf]))
        eta = self.x @ params[:k]
        upper, lower = edges[self.steps + 1], edges[self.steps]
        inner = np.isfinite(upper) & np.isfinite(lower)
        gap = np.where(inner, np.where(inner, upper, 0) - np.where(inner, lower, 0), np.inf)
        return upper - eta, lower - eta, gap

    def _posterior(self, params: np.ndarray):
        """Log-likelihood, posterior weights of the nodes and the nodes (clusters, Q), F(u) and F(l) there (n, Q)."""
        upper, lower, gap = self._bounds(params)
        width = self._find_mode(upper, lower, params[-1])
        z = self.mode[:, None] + np.sqrt(2) * width[:, None] * self.nodes
        shift = (params[-1] * z)[self.code]
        u, low = upper[:, None] - shift, lower[:, None] - shift
        own = np.log(-np.expm1(-gap))
        logs = np.add.reduceat(log_expit(u) + log_expit(-low) + own[:, None], self.starts)
        logs += self.log_weights - z**2 / 2 + np.log(width / np.sqrt(np.pi))[:, None]
        top = logs.max(axis=1, keepdims=True)
        total = np.exp(logs - top).sum(axis=1, keepdims=True)
        value = float((top + np.log(total)).sum())
        return value, np.exp(logs - top) / total, z, expit(u), expit(low)

    def _find_mode(self, upper: np.ndarray, lower: np.ndarray, sd: float) -> np.ndarray:
        """Newton to the posterior mode of each intercept; returns the posterior width there."""
        for _ in range(MODE_STEPS):
            shift = sd * self.mode[self.code]
            above, below = expit(upper - shift), expit(lower - shift)
            curve = 1 + sd**2 * np.add.reduceat(above * (1 - above) + below * (1 - below), self.starts)
            step = (sd * np.add.reduceat(above + below - 1, self.starts) - self.mode) / curve
            self.mode = self.mode + np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-10:
                break
        return 1 / np.sqrt(curve)

    def evaluate(self, params: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Log-likelihood, score (q,), observed information (q, q), and the information were the intercepts known."""
        value, share, z, above, below = self._posterior(params)
        gap = self._bounds(params)[2]
        odds = 1 / np.expm1(gap)
        weight, height = share[self.code], z[self.code]
        rise, fall = 1 - above, below
        # the score of every cluster at every node (clusters, Q, q); the intercept's column is -z at both bounds
        own = odds[:, None] * (self.to_upper - self.to_lower)
        person = rise[:, :, None] * self.to_upper[:, None] - fall[:, :, None] * self.to_lower[:, None] + own[:, None]
        score = np.add.reduceat(person, self.starts, axis=0)
        score[:, :, -1] = -z * np.add.reduceat(rise - fall, self.starts)
        mean = np.einsum("gq,gqp->gp", share, score)
        spread = np.einsum("gq,gqp,gqr->pr", share, score, score) - mean.T @ mean
        known = (self.to_upper - self.to_lower).T @ ((odds * (1 + odds))[:, None] * (self.to_upper - self.to_lower))
        for row, density in ((self.to_upper, above * (1 - above)), (self.to_lower, below * (1 - below))):
            bend = weight * density
            known += row.T @ (bend.sum(axis=1)[:, None] * row)
            cross = -row.T @ (bend * height).sum(axis=1)
            known[-1] += cross
            known[:, -1] += cross
            known[-1, -1] += (bend * height**2).sum()
        return value, mean.sum(axis=0), known - spread, known


def _maximise(problem: _Likelihood) -> np.ndarray:
    """Newton with step halving; where the likelihood bends the wrong way, the step of known intercepts (upwards)."""
    params = problem.start()
    for _ in range(STEPS):
        value, score, observed, known = problem.evaluate(params)
        step = _ascent(score, observed, known)
        size = 1.0
        while size > 1e-8:
            new = params + size * step
            new[-1] = abs(new[-1])
            if problem.value(new) >= value - 1e-12 * abs(value):
                break
            size /= 2
        done = np.abs(new - params).max() < 1e-8 * (1 + np.abs(params).max())
        params = new
        if np.abs(params[:-1]).max() > 50:
            break
        if done:
            return params
    raise NotEstimable("the ordered logit did not converge: an answer step is told apart completely by the terms")


def _ascent(score: np.ndarray, observed: np.ndarray, known: np.ndarray) -> np.ndarray:
    for matrix in (observed, known + 1e-8 * np.eye(len(score)) * np.trace(known)):
        try:
            np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            continue
        return np.linalg.solve(matrix, score)
    raise NotEstimable("the ordered logit has no unique maximum")
