"""Ordered logit that uses its weights: an ``OrderedModel`` with analytic score and Hessian.

statsmodels' ``OrderedModel`` accepts weights without a word and leaves them out, and takes its derivatives
numerically. Here the log-likelihood is weighted, and Newton's method runs in the plain thresholds, where it is concave
(Pratt 1981, doi 10.1080/01621459.1981.10477613); statsmodels then reports the fit as usual. Covariances by cluster are
its own.
"""

import numpy as np
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from introprog.clustered import solve_without_each
from introprog.estimable import NotEstimable, require_rank, require_units


class WeightedOrderedLogit(OrderedModel):
    """Proportional-odds model, P(y <= j | x) = logistic(threshold_j - x b), with one weight an observation.

    ``endog`` (n,) ordered values or ordered categorical, ``exog`` (n, k) without a constant, ``weights`` (n,)
    non-negative, taken as sampling weights: use a clustered covariance with them (``cov_type="cluster"``). Weights of
    1 give ``OrderedModel``.
    """

    def __init__(self, endog, exog, weights=None, **kwds):
        super().__init__(endog, exog, distr="logit", **kwds)
        self.weights = np.ones(len(self.endog)) if weights is None else np.asarray(weights, dtype=float)
        if self.weights.shape != (len(self.endog),) or not (self.weights >= 0).all():
            raise ValueError("weights must be one non-negative number an observation")

    def _pieces(self, slopes, thresholds):
        eta = self.exog @ slopes
        bounds = np.concatenate(([-np.inf], thresholds, [np.inf]))
        upper, lower = bounds[self.endog + 1] - eta, bounds[self.endog] - eta
        with np.errstate(invalid="ignore"):
            width = np.where(np.isinf(lower) | np.isinf(upper), np.inf, upper - lower)
        probability = expit(upper) * expit(-lower) * -np.expm1(-width)
        return upper, lower, np.maximum(probability, 1e-300)

    def _gradients(self, upper, lower):
        """Densities and the derivatives (n, k + J - 1) of both bounds in (slopes, thresholds)."""
        n, levels = len(self.endog), self.k_levels
        steps = np.zeros((n, levels + 1))
        steps[np.arange(n), self.endog + 1] = 1
        below = np.zeros((n, levels + 1))
        below[np.arange(n), self.endog] = 1
        to_upper = np.hstack([-self.exog, steps[:, 1:levels]])
        to_lower = np.hstack([-self.exog, below[:, 1:levels]])
        return expit(upper) * expit(-upper), expit(lower) * expit(-lower), to_upper, to_lower

    def _by_observation(self, slopes, thresholds):
        """Score (n, q) and information (n, q, q) an observation, unweighted, in the plain thresholds."""
        upper, lower, probability = self._pieces(slopes, thresholds)
        density_u, density_l, to_upper, to_lower = self._gradients(upper, lower)
        score = (density_u / probability)[:, None] * to_upper - (density_l / probability)[:, None] * to_lower
        bends = [(d * (1 - 2 * expit(e)) / probability, t) for d, e, t in
                 ((density_u, upper, to_upper), (density_l, lower, to_lower))]  # fmt: skip
        first, second = (np.einsum("n,ni,nj->nij", b, t, t) for b, t in bends)
        return score, np.einsum("ni,nj->nij", score, score) - first + second

    def _plain(self, slopes, thresholds):
        """Score (n, q) an observation, unweighted, and Hessian (q, q), weighted, in the plain thresholds."""
        upper, lower, probability = self._pieces(slopes, thresholds)
        density_u, density_l, to_upper, to_lower = self._gradients(upper, lower)
        score = (density_u / probability)[:, None] * to_upper - (density_l / probability)[:, None] * to_lower
        bend_u = self.weights * density_u * (1 - 2 * expit(upper)) / probability
        bend_l = self.weights * density_l * (1 - 2 * expit(lower)) / probability
        hessian = to_upper.T @ (bend_u[:, None] * to_upper) - to_lower.T @ (bend_l[:, None] * to_lower)
        return score, hessian - score.T @ (self.weights[:, None] * score)

    def _split(self, params):
        return params[: self.k_vars], self.transform_threshold_params(params)[1:-1]

    def threshold_jacobian(self, params):
        """Derivative (q, q) of (slopes, thresholds) in statsmodels' parameters (slopes, first, log increments)."""
        q, increments = len(params), np.exp(params[self.k_vars + 1 :])
        jacobian = np.eye(q)
        block = np.tril(np.ones((self.k_levels - 1, self.k_levels - 1)))
        block[:, 1:] *= increments
        jacobian[self.k_vars :, self.k_vars :] = block
        return jacobian

    def cluster_jackknife(self, params, groups):
        """Variances (k,) of the slopes by leaving out each cluster of ``groups`` (n,) in turn.

        One Newton step from the fit stands for the refit (CV3L of MacKinnon, Nielsen & Webb, arXiv 2406.00650). Null
        where a slope rests on one cluster alone.
        """
        codes = np.unique(np.asarray(groups), return_inverse=True)[1]
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        score, information = self._by_observation(*self._split(np.asarray(params)))
        own = np.add.reduceat((self.weights[:, None] * score)[order], starts, axis=0)
        bend = np.add.reduceat((self.weights[:, None, None] * information)[order], starts, axis=0)
        moved = solve_without_each(bend, -own)[:, : self.k_vars]
        return (len(starts) - 1) / len(starts) * (moved**2).sum(axis=0)

    def loglikeobs(self, params):
        """Weighted log-likelihood (n,)."""
        return self.weights * np.log(self._pieces(*self._split(np.asarray(params)))[2])

    def score_obs(self, params):
        """Weighted analytic score (n, q) in statsmodels' parameters."""
        params = np.asarray(params)
        return self.weights[:, None] * (self._plain(*self._split(params))[0] @ self.threshold_jacobian(params))

    def score(self, params):
        """Sum of the weighted score (q,)."""
        return self.score_obs(params).sum(axis=0)

    def hessian(self, params):
        """Analytic Hessian (q, q) in statsmodels' parameters."""
        params = np.asarray(params)
        score, plain = self._plain(*self._split(params))
        jacobian = self.threshold_jacobian(params)
        hessian = jacobian.T @ plain @ jacobian
        tail = (self.weights @ score)[self.k_vars :][::-1].cumsum()[::-1]
        curve = np.r_[np.zeros(self.k_vars + 1), np.exp(params[self.k_vars + 1 :]) * tail[1:]]
        return hessian + np.diag(curve)

    @property
    def start_params(self):
        """Weighted thresholds of the model without regressors, slopes 0."""
        share = np.bincount(self.endog, self.weights, self.k_levels).cumsum() / self.weights.sum()
        thresholds = np.log(share[:-1] / (1 - share[:-1]))
        return np.r_[np.zeros(self.k_vars), thresholds[:1], np.log(np.diff(thresholds))]

    def fit(self, maxiter=50, **kwargs):
        """Newton with step halving; raises ``NotEstimable`` for separation or collinearity. Takes ``cov_type`` and so
        on."""
        solution = self._newton(maxiter)
        return super().fit(start_params=solution, method="newton", maxiter=2, disp=0, **kwargs)

    def _newton(self, maxiter):
        slopes, thresholds = self._split(self.start_params)
        value = self.weights @ np.log(self._pieces(slopes, thresholds)[2])
        for _ in range(maxiter):
            score, hessian = self._plain(slopes, thresholds)
            try:
                step = np.linalg.solve(hessian, -(self.weights @ score))
            except np.linalg.LinAlgError as error:
                raise NotEstimable("the ordered logit has no unique maximum") from error
            size, best = 1.0, -np.inf
            while size > 1e-8:
                new = slopes + size * step[: self.k_vars], thresholds + size * step[self.k_vars :]
                best = self.weights @ np.log(self._pieces(*new)[2]) if (np.diff(new[1]) > 0).all() else -np.inf
                if best >= value - 1e-12 * abs(value):
                    break
                size /= 2
            slopes, thresholds = new
            if np.abs(size * step).max() < 1e-9 * (1 + np.abs(thresholds).max()):
                return np.r_[slopes, thresholds[:1], np.log(np.diff(thresholds))]
            value = best
        raise NotEstimable("the ordered logit did not converge: an answer step is told apart completely by the terms")


def fit_ordered_logit(
    outcome: np.ndarray, design: np.ndarray, names: list[str], weights: np.ndarray | None = None, clusters=None
):
    """Fit the weighted ordered logit with a covariance clustered on ``clusters`` (n,), if given, else from the Hessian.

    ``outcome`` (n,) whole steps, ``design`` (n, k) without constant, ``names`` (k,). Returns statsmodels' results, with
    standard errors by statsmodels' small-sample factor G/(G-1) x (n-1)/(n-q). Raises ``NotEstimable``.
    """
    import pandas as pd

    kept = np.ones(len(outcome), bool) if weights is None else np.asarray(weights) > 0
    levels, steps = np.unique(np.asarray(outcome)[kept], return_inverse=True)
    require_units(len(levels), 2, "answer steps in use")
    require_rank(np.column_stack([np.ones(kept.sum()), np.asarray(design)[kept]]))
    frame = pd.DataFrame(np.asarray(design, dtype=float)[kept], columns=names)
    endog = pd.Series(pd.Categorical.from_codes(steps, levels, ordered=True), name="level")
    model = WeightedOrderedLogit(endog, frame, None if weights is None else np.asarray(weights)[kept])
    if clusters is None:
        return model.fit()
    groups = np.unique(np.asarray(clusters)[kept], return_inverse=True)[1]
    require_units(groups.max() + 1, 3, "municipalities")
    return model.fit(cov_type="cluster", cov_kwds={"groups": groups})
