"""Inference for a weighted linear model with few and unequal clusters.

CR2 with Satterthwaite degrees of freedom (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, doi
10.1080/07350015.2016.1247004), CRV1, CRV3 with leave-one-cluster-out estimates (MacKinnon, Nielsen & Webb 2023, doi
10.1002/jae.2969), and the restricted wild cluster bootstrap with intervals by test inversion (Roodman, MacKinnon,
Nielsen & Webb 2019, doi 10.1177/1536867X19830877).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from introprog.estimable import require_rank, require_units

WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))
# Statistics this near each other are the same one: a draw of one sign for all clusters gives the sample's own, but for
# the last digits, which another processor rounds in another way.
SAME = 1e-9
# A spread that is so small a share (squared) of what it is made of is none.
NO_SPREAD = 1e-14


@dataclass(frozen=True)
class ClusteredFit:
    """A weighted least squares fit with its per-cluster sums; ``estimate`` (k,), ``groups`` (n,) are 0..G-1, sorted
    rows."""

    estimate: np.ndarray
    design: np.ndarray
    outcome: np.ndarray
    weights: np.ndarray
    groups: np.ndarray
    bread: np.ndarray
    starts: np.ndarray

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.starts)

    @property
    def residuals(self) -> np.ndarray:
        """Residuals (n,)."""
        return self.outcome - self.design @ self.estimate

    def sums(self, rows: np.ndarray) -> np.ndarray:
        """Sums of ``rows`` (n, ...) by cluster (G, ...)."""
        return np.add.reduceat(rows, self.starts, axis=0)

    def grams(self) -> np.ndarray:
        """X'WX by cluster (G, k, k)."""
        weighted = self.design * self.weights[:, None]
        return self.sums(weighted[:, :, None] * self.design[:, None, :])


@dataclass(frozen=True)
class Inference:
    """Estimates with standard errors, degrees of freedom, two-sided p-values and intervals, each (k,)."""

    estimate: np.ndarray
    std_error: np.ndarray
    dof: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    method: str


def fit_clustered(outcome, design, clusters, weights=None) -> ClusteredFit:
    """Weighted least squares of ``outcome`` (n,) on ``design`` (n, k), rows grouped by ``clusters`` (n,).

    Raises ``NotEstimable`` for collinear terms, fewer than three clusters or fewer clusters than terms.
    """
    outcome, design = np.asarray(outcome, float), np.asarray(design, float)
    weights = np.ones(len(outcome)) if weights is None else np.asarray(weights, float)
    kept = weights > 0
    groups = np.unique(np.asarray(clusters)[kept], return_inverse=True)[1]
    require_units(groups.max(initial=-1) + 1, 3, "municipalities")
    require_units(groups.max() + 1, design.shape[1], f"municipalities for {design.shape[1]} terms")
    require_rank(design[kept])
    order = np.argsort(groups, kind="stable")
    outcome, design, weights = (a[kept][order] for a in (outcome, design, weights))
    groups = groups[order]
    weighted = design * weights[:, None]
    bread = np.linalg.inv(weighted.T @ design)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    return ClusteredFit(bread @ (weighted.T @ outcome), design, outcome, weights, groups, bread, starts)


def _infer(fit: ClusteredFit, variance: np.ndarray, dof, level: float, method: str) -> Inference:
    error = np.sqrt(np.clip(variance, 0, None))
    dof = np.broadcast_to(np.asarray(dof, float), error.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stdtr(dof, -np.abs(fit.estimate / error))
    half = stdtrit(dof, 0.5 + level / 2) * error
    return Inference(fit.estimate, error, dof, p_value, fit.estimate - half, fit.estimate + half, method)


def crv1(fit: ClusteredFit, level: float = 0.95) -> Inference:
    """The usual clustered covariance, factor G/(G-1) x (n-1)/(n-k), with t on G-1 degrees of freedom."""
    g, (n, k) = fit.clusters, fit.design.shape
    scores = fit.sums(fit.design * (fit.weights * fit.residuals)[:, None]) @ fit.bread
    variance = g / (g - 1) * (n - 1) / (n - k) * (scores**2).sum(axis=0)
    return _infer(fit, variance, g - 1, level, "CRV1")


def leave_one_out(fit: ClusteredFit) -> np.ndarray:
    """Estimates (G, k) without each cluster in turn; a term that the rest does not identify is null there."""
    grams = fit.grams()
    cross = fit.sums(fit.design * (fit.weights * fit.outcome)[:, None])
    return solve_without_each(grams, cross.sum(axis=0) - cross)


def solve_without_each(grams: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Solutions (G, k) of (sum of ``grams`` - own) b = ``pull``, one a cluster; null where not identified.

    ``grams`` (G, k, k) positive semi-definite, ``pull`` (G, k).
    """
    rest = grams.sum(axis=0) - grams
    scale = np.sqrt(np.diag(grams.sum(axis=0)))
    values, vectors = np.linalg.eigh(rest / np.outer(scale, scale))
    lost = values < 1e-10 * values[:, -1:]
    inverse = np.where(lost, 0, 1 / np.where(lost, 1, values))
    turned = np.einsum("gkj,gk->gj", vectors, pull / scale) * inverse
    estimates = np.einsum("gkj,gj->gk", vectors, turned) / scale
    unknown = np.einsum("gkj,gj->gk", vectors**2, lost) > 1e-10
    return np.where(unknown, np.nan, estimates)


def crv3(fit: ClusteredFit, level: float = 0.95) -> Inference:
    """Cluster jackknife around the estimate, (G-1)/G x sum of squares, with t on G-1 degrees of freedom.

    A term that one cluster alone identifies has no standard error (null).
    """
    g = fit.clusters
    variance = (g - 1) / g * ((leave_one_out(fit) - fit.estimate) ** 2).sum(axis=0)
    return _infer(fit, variance, g - 1, level, "CRV3")


def _adjusted(fit: ClusteredFit) -> tuple[np.ndarray, np.ndarray]:
    """CR2-adjusted W X M by row (n, k), and X'W'WX (k, k); working model: equal variances, no correlation."""
    weighted = fit.design * fit.weights[:, None]
    squares = weighted.T @ weighted
    projection = fit.design @ fit.bread
    inner = fit.bread @ squares @ fit.bread
    adjusted = np.empty_like(weighted)
    for start, stop in zip(fit.starts, np.r_[fit.starts[1:], len(fit.outcome)], strict=True):
        x, w = fit.design[start:stop], weighted[start:stop]
        hat = projection[start:stop] @ w.T
        block = np.eye(stop - start) - hat - hat.T + x @ inner @ x.T
        values, vectors = np.linalg.eigh(block)
        root = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-10)), 0)
        adjusted[start:stop] = vectors @ (root[:, None] * (vectors.T @ (w @ fit.bread)))
    return adjusted, squares


def cr2(fit: ClusteredFit, level: float = 0.95, terms: Sequence[int] | None = None) -> Inference:
    """Bias-reduced linearisation with Satterthwaite degrees of freedom, each term its own (as clubSandwich, target
    identity).

    Only ``terms`` (all when not given) get degrees of freedom, and with them limits and p-value.
    """
    adjusted, squares = _adjusted(fit)
    scores = fit.sums(adjusted * fit.residuals[:, None])
    own = fit.sums(adjusted**2)
    to_design = fit.sums(fit.design[:, :, None] * adjusted[:, None, :])
    to_weighted = fit.sums((fit.design * fit.weights[:, None])[:, :, None] * adjusted[:, None, :])
    middle = fit.bread @ squares @ fit.bread
    dof = np.full(len(fit.estimate), np.nan)
    for term in range(len(dof)) if terms is None else terms:
        u, w = to_design[:, :, term], to_weighted[:, :, term]
        cross = w @ fit.bread @ u.T
        inner = np.diag(own[:, term]) - cross - cross.T + u @ middle @ u.T
        dof[term] = np.trace(inner) ** 2 / (inner**2).sum()
    return _infer(fit, (scores**2).sum(axis=0), dof, level, "CR2, Satterthwaite")


@dataclass(frozen=True)
class WildBootstrap:
    """p-value of no association and interval by inversion for one term; bounds are infinite where no bound exists."""

    p_value: float
    ci_low: float
    ci_high: float
    replicates: int
    weights: str


def _draws(clusters: int, replicates: int, seed: int) -> tuple[np.ndarray, str]:
    generator = np.random.default_rng(seed)
    if clusters < 12:
        return generator.choice(np.r_[-WEBB, WEBB], size=(clusters, replicates)), "Webb"
    return generator.choice(np.array([-1.0, 1.0]), size=(clusters, replicates)), "Rademacher"


def wild_bootstrap(
    fit: ClusteredFit, term: int, seed: int, replicates: int = 999, level: float = 0.95
) -> WildBootstrap:
    """Restricted wild cluster bootstrap of term number ``term``: Webb weights under 12 clusters, else Rademacher.

    The null is imposed; t statistics use CRV1. All parts are linear in the hypothesised value, so the test is inverted
    exactly and cheaply: p(b) is the share of |t*(b)| at least |t(b)|, the sample itself counted among the draws, and
    the interval holds every b with p above 1 - level. Choose replicates so that (1 - level)(replicates + 1) is whole.
    """
    draws, kind = _draws(fit.clusters, replicates, seed)
    others = np.delete(np.arange(fit.design.shape[1]), term)
    contrast = fit.bread[:, term]
    grams = fit.grams()
    slopes = grams @ contrast

    def parts(outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rest = fit.design[:, others]
        weighted = rest * fit.weights[:, None]
        restricted = (
            outcome - rest @ np.linalg.solve(weighted.T @ rest, weighted.T @ outcome) if len(others) else outcome
        )
        scores = fit.sums(fit.design * (fit.weights * restricted)[:, None])
        own = (scores @ contrast)[:, None] * draws
        return own - slopes @ (fit.bread @ (scores.T @ draws)), own.sum(axis=0)

    deviation_y, numerator_y = parts(fit.outcome)
    deviation_x, numerator_x = parts(fit.design[:, term])
    yy, xy, xx = (
        (a * b).sum(axis=0) for a, b in ((deviation_y, deviation_y), (deviation_x, deviation_y), (deviation_x,) * 2)
    )
    scores = fit.sums(fit.design * (fit.weights * fit.residuals)[:, None]) @ contrast
    error = np.sqrt((scores**2).sum())
    centre = fit.estimate[term]

    def p_value(value: float) -> float:
        whole = yy + value**2 * xx
        spread = np.sqrt(np.maximum(whole - 2 * value * xy, NO_SPREAD * whole + 1e-300))
        own = abs(centre - value) / error
        extreme = np.abs(numerator_y - value * numerator_x) / spread >= own - SAME * max(own, 1)
        return float((1 + extreme.sum()) / (1 + replicates))

    low, high = (_invert(p_value, centre, side * error, 1 - level + 1e-12) for side in (-1, 1))
    return WildBootstrap(p_value(0.0), low, high, replicates, kind)


def _invert(p_value, centre: float, step: float, alpha: float) -> float:
    """The bound where ``p_value`` falls to ``alpha`` going from ``centre`` by multiples of ``step``; infinite if
    nowhere."""
    inside, outside = centre, None
    for multiple in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 9.0, 15.0, 30.0, 100.0, 1000.0):
        if p_value(centre + multiple * step) <= alpha:
            outside = centre + multiple * step
            break
        inside = centre + multiple * step
    if outside is None:
        return float(np.copysign(np.inf, step))
    for _ in range(40):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if p_value(middle) <= alpha else (middle, outside)
    return outside
