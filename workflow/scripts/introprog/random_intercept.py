"""Logit with a random intercept for municipalities: how much they differ, given who their participants were.

Maximum likelihood by adaptive Gauss-Hermite quadrature (Pinheiro and Bates 1995, Journal of Computational and
Graphical Statistics 4, 12-35), the gradient by Fisher's identity; the same model as glmer(nAGQ) of lme4.
"""

from dataclasses import dataclass

import numpy as np

from introprog.maxima import placed

NODES = 9
MODE_STEPS = 30
# A standard deviation that is none.
NO_SD = 1e-4


@dataclass(frozen=True)
class InterceptFit:
    """``coefficients`` of the matrix; ``variance`` of the intercepts (log-odds squared) with likelihood limits, the
    coefficients held; ``log_likelihood``; ``clusters``; ``converged``."""

    coefficients: np.ndarray
    variance: float
    variance_low: float
    variance_high: float
    log_likelihood: float
    clusters: int
    converged: bool


def latent_share(variance: float) -> float:
    """Intra-class correlation on the latent scale, where persons have variance pi squared / 3."""
    return variance / (variance + np.pi**2 / 3)


def fit_random_intercept(
    matrix: np.ndarray,
    success: np.ndarray,
    clusters: np.ndarray,
    offset: np.ndarray | None = None,
    confidence: float = 0.95,
) -> InterceptFit:
    """Fit success on ``matrix`` (persons x covariates, with the constant) and a normal intercept for each cluster.

    ``clusters``: integer codes from 0; ``offset``: known part of the linear predictor.
    """
    from scipy.optimize import minimize

    order = np.argsort(clusters, kind="stable")
    x, y, code = matrix[order], success[order].astype(float), clusters[order]
    known = np.zeros(len(y)) if offset is None else offset[order]
    problem = _Likelihood(y, code)
    start, scale = _start(x, y, known)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, score, slope = problem.evaluate(known + x @ (start + scale @ theta[:-1]), theta[-1])
        return -value, -np.r_[scale.T @ (x.T @ score), slope]

    bounds = [(None, None)] * x.shape[1] + [(0.0, None)]
    first = np.r_[np.zeros(x.shape[1]), 0.3]
    fit = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-11, "gtol": 1e-4})
    theta = placed(lambda theta: loss(theta)[1], fit.x, 0.1, 1e-11) if fit.x[-1] > NO_SD else fit.x
    beta = start + scale @ theta[:-1]
    eta, sd = known + x @ beta, float(theta[-1])
    best = problem.value(eta, sd)
    low, high = (_limit(problem, eta, sd, best, confidence, side) for side in ("low", "high"))
    return InterceptFit(beta, sd**2, low**2, high**2, best, problem.count, bool(fit.success))


class _Likelihood:
    """Marginal log-likelihood of clusters of persons sorted by cluster."""

    def __init__(self, y: np.ndarray, code: np.ndarray):
        self.y, self.code = y, code
        self.starts = np.flatnonzero(np.r_[True, np.diff(code) != 0])
        self.local = np.cumsum(np.r_[0, np.diff(code) != 0])
        self.count = len(self.starts)
        self.nodes, weights = np.polynomial.hermite.hermgauss(NODES)
        self.log_weights = np.log(weights) + self.nodes**2
        self.mode = np.zeros(self.count)
        self.successes = np.add.reduceat(y, self.starts)

    def evaluate(self, eta: np.ndarray, sd: float) -> tuple[float, np.ndarray, float]:
        """Log-likelihood, its derivative by linear predictor (persons) and by the intercepts' standard deviation."""
        spots, logs, chances = self._at_nodes(eta, sd)
        top = logs.max(axis=1, keepdims=True)
        total = np.exp(logs - top).sum(axis=1, keepdims=True)
        share = np.exp(logs - top) / total
        score, slope = self.y.copy(), 0.0
        for q in range(NODES):
            score -= share[:, q][self.local] * chances[q]
            slope += share[:, q] * spots[:, q] @ (self.successes - np.add.reduceat(chances[q], self.starts))
        return float((top + np.log(total)).sum()), score, float(slope)

    def value(self, eta: np.ndarray, sd: float) -> float:
        """The log-likelihood alone."""
        logs = self._at_nodes(eta, sd)[1]
        top = logs.max(axis=1, keepdims=True)
        return float((top + np.log(np.exp(logs - top).sum(axis=1, keepdims=True))).sum())

    def _at_nodes(self, eta: np.ndarray, sd: float) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
        """Intercepts (clusters x nodes), their joint log-likelihoods, and each person's chance at every node."""
        width = self._find_mode(eta, sd)
        spots = self.mode[:, None] + np.sqrt(2) * width[:, None] * self.nodes
        logs, chances = np.empty_like(spots), []
        for q in range(NODES):
            line = eta + (sd * spots[:, q])[self.local]
            p = 1 / (1 + np.exp(-line))
            # log(1 - p) = log(p) - line, so that one exponential and one logarithm a person do
            logs[:, q] = np.add.reduceat(np.log(p) - (1 - self.y) * line, self.starts) - spots[:, q] ** 2 / 2
            chances.append(p)
        logs += self.log_weights + np.log(width / np.sqrt(np.pi))[:, None]
        return spots, logs, chances

    def _find_mode(self, eta: np.ndarray, sd: float) -> np.ndarray:
        """Newton to the posterior mode of each standardised intercept; returns the posterior width there."""
        for _ in range(MODE_STEPS):
            p = 1 / (1 + np.exp(-(eta + sd * self.mode[self.local])))
            curve = 1 + sd**2 * np.add.reduceat(p * (1 - p), self.starts)
            step = (sd * (self.successes - np.add.reduceat(p, self.starts)) - self.mode) / curve
            self.mode = self.mode + np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-10:
                break
        return 1 / np.sqrt(curve)


def _start(x: np.ndarray, y: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients without intercepts, and a scaling in which they are about independent with unit variance."""
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-(known + x @ beta)))
        information = x.T @ (x * np.maximum(p * (1 - p), 1e-12)[:, None])
        step = np.linalg.lstsq(information, x.T @ (y - p), rcond=1e-12)[0]
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    value, vector = np.linalg.eigh(information)
    return beta, vector / np.sqrt(np.maximum(value, 1e-6 * value.max()))


def _limit(problem: _Likelihood, eta: np.ndarray, sd: float, best: float, confidence: float, side: str) -> float:
    """Standard deviation at which twice the log-likelihood has fallen by the chi-square quantile."""
    from scipy.special import chdtri

    drop = chdtri(1, 1 - confidence) / 2

    def beyond(value: float) -> bool:
        return best - problem.value(eta, value) > drop

    if side == "low":
        inside, outside = sd, 0.0
        if not beyond(outside):
            return 0.0
    else:
        inside, outside = sd, max(2 * sd, 0.1)
        while not beyond(outside) and outside < 50:
            outside *= 2
    for _ in range(25):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if beyond(middle) else (middle, outside)
    return (inside + outside) / 2
