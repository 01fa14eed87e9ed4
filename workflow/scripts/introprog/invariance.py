"""Do the items of a scale mean the same in every language? One factor in several groups, made equal step by step.

Configural: the same items, loadings of each language its own. Metric: equal loadings. Scalar: equal loadings and
intercepts, without which means of languages do not compare. Normal maximum likelihood of the answers as numbers, with
the scaled statistics of Satorra & Bentler (1994) since answers in few steps are not normal; robust CFI and RMSEA
(Brosseau-Liard & Savalei 2014, doi 10.1080/00273171.2014.933697), differences by Satorra & Bentler (2001, doi
10.1007/BF02296192).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from introprog.estimable import NotEstimable

STEPS = ("configural", "metric", "scalar")
CFI_DROP, RMSEA_RISE = 0.010, 0.015
LEAST_CFI, MOST_RMSEA = 0.90, 0.10


@dataclass(frozen=True)
class Group:
    """Sufficient statistics of one language: answers, mean (p,), covariance (p, p), and the covariance (p + p*, p + p*)
    of means and moments that makes no assumption of normality."""

    n: int
    mean: np.ndarray
    covariance: np.ndarray
    gamma: np.ndarray


@dataclass(frozen=True)
class Fit:
    """A fitted step: chi-square with its degrees of freedom and scaling factor."""

    chisq: float
    df: int
    scaling: float


def group_of(values: np.ndarray) -> Group:
    """``Group`` of complete answers (n, p)."""
    centred = values - values.mean(axis=0)
    rows, columns = np.tril_indices(values.shape[1])
    moments = np.column_stack([values, centred[:, rows] * centred[:, columns]])
    return Group(len(values), values.mean(axis=0), centred.T @ centred / len(values), np.cov(moments.T, bias=True))


@dataclass(frozen=True)
class _Moments:
    """Implied mean (p,) and covariance (p, p) of a group, and their derivative (p + p*, q)."""

    mean: np.ndarray
    covariance: np.ndarray
    slope: np.ndarray


class _Layout:
    """Where the parameters of a step stand: ``factor`` and ``item`` parameters of every group, shared or not."""

    def __init__(self, step: str, groups: int, items: int):
        self.step, self.groups, self.items = step, groups, items
        size = items * (groups if step == "configural" else 1)
        self.loading = [
            slice(g * items, (g + 1) * items) if step == "configural" else slice(0, items) for g in range(groups)
        ]
        self.scale = [None if step == "configural" or g == 0 else size + g - 1 for g in range(groups)]
        size += 0 if step == "configural" else groups - 1
        self.unique = [slice(size + g * items, size + (g + 1) * items) for g in range(groups)]
        size += groups * items
        self.intercept = slice(size, size + items) if step == "scalar" else None
        size += items if step == "scalar" else 0
        self.shift = [size + g - 1 if step == "scalar" and g else None for g in range(groups)]
        self.size = size + (groups - 1 if step == "scalar" else 0)

    @property
    def df(self) -> int:
        """Degrees of freedom; means that are free in every group count on neither side."""
        p = self.items
        told = p * (p + 1) // 2 + (p if self.step == "scalar" else 0)
        return self.groups * told - self.size

    def start(self, groups: Sequence[Group]) -> np.ndarray:
        """Loadings from the first principal component, shared ones averaged; scales 1, shifts 0."""
        params = np.zeros(self.size)
        loadings = []
        for g, group in enumerate(groups):
            values, vectors = np.linalg.eigh(group.covariance)
            load = 0.8 * vectors[:, -1] * np.sqrt(values[-1]) * np.sign(vectors[:, -1].sum() or 1)
            loadings.append(load)
            params[self.unique[g]] = np.maximum(np.diag(group.covariance) - load**2, 0.2 * np.diag(group.covariance))
        for g, load in enumerate(loadings):
            params[self.loading[g]] = load if self.step == "configural" else np.mean(loadings, axis=0)
            if self.scale[g] is not None:
                params[self.scale[g]] = 1
        if self.intercept is not None:
            params[self.intercept] = groups[0].mean
        return params

    def implied(self, params: np.ndarray, g: int, group: Group) -> _Moments:
        """Moments of group ``g``; its own mean where the means are free."""
        p = self.items
        load, scale = params[self.loading[g]], 1.0 if self.scale[g] is None else params[self.scale[g]]
        rows, columns = np.tril_indices(p)
        pull = load * scale
        eye = np.eye(p)
        bend = eye[rows] * pull[columns, None] + eye[columns] * pull[rows, None]
        slope = np.zeros((p + len(rows), self.size))
        slope[p:, self.loading[g]] = scale * bend
        slope[p:, self.unique[g]] = eye[rows] * (rows == columns)[:, None]
        if self.scale[g] is not None:
            slope[p:, self.scale[g]] = bend @ load
        mean = group.mean
        if self.intercept is not None:
            shift = 0.0 if self.shift[g] is None else params[self.shift[g]]
            mean = params[self.intercept] + load * shift
            slope[:p, self.intercept] = eye
            slope[:p, self.loading[g]] += shift * eye
            if self.shift[g] is not None:
                slope[:p, self.shift[g]] = load
        return _Moments(mean, np.outer(pull, pull) + np.diag(params[self.unique[g]]), slope)


def _discrepancy(group: Group, moments: _Moments) -> float:
    inverse, gap = np.linalg.inv(moments.covariance), group.mean - moments.mean
    logarithm, own = (np.linalg.slogdet(matrix)[1] for matrix in (moments.covariance, group.covariance))
    return float(logarithm - own + np.trace(group.covariance @ inverse) - len(gap) + gap @ inverse @ gap)


def _information(covariance: np.ndarray) -> np.ndarray:
    """Normal-theory information (p + p*, p + p*) of one answer on means and lower-triangular moments."""
    p = len(covariance)
    inverse = np.linalg.inv(covariance)
    rows, columns = np.tril_indices(p)
    pairs = inverse[np.ix_(rows, rows)] * inverse[np.ix_(columns, columns)]
    pairs = pairs + inverse[np.ix_(rows, columns)] * inverse[np.ix_(columns, rows)]
    times = np.where(rows == columns, 1, 2)
    whole = np.zeros((p + len(rows), p + len(rows)))
    whole[:p, :p] = inverse
    whole[p:, p:] = pairs * np.outer(times, times) / 4
    return whole


def _residual(group: Group, moments: _Moments) -> np.ndarray:
    """Observed less implied means and moments (p + p*,), the moments taken about the implied mean."""
    gap = group.mean - moments.mean
    rows, columns = np.tril_indices(len(gap))
    return np.r_[gap, (group.covariance + np.outer(gap, gap) - moments.covariance)[rows, columns]]


def _minimise(groups: Sequence[Group], layout: _Layout, turns: int = 200) -> tuple[np.ndarray, float]:
    """Fisher scoring with step halving: parameters and the discrepancy summed over answers."""
    shares = np.array([g.n for g in groups]) / sum(g.n for g in groups)

    def value(params: np.ndarray) -> float:
        if any((params[part] <= 0).any() for part in layout.unique):
            return np.inf
        return sum(
            s * _discrepancy(g, layout.implied(params, i, g))
            for i, (s, g) in enumerate(zip(shares, groups, strict=True))
        )

    params = layout.start(groups)
    now = value(params)
    for _ in range(turns):
        push, bend = np.zeros(layout.size), np.zeros((layout.size, layout.size))
        for i, (share, group) in enumerate(zip(shares, groups, strict=True)):
            moments = layout.implied(params, i, group)
            weighted = share * moments.slope.T @ _information(moments.covariance)
            push += weighted @ _residual(group, moments)
            bend += weighted @ moments.slope
        try:
            step = np.linalg.solve(bend, push)
        except np.linalg.LinAlgError as error:
            raise NotEstimable("the factor model has no unique solution") from error
        size = 1.0
        while (new := value(params + size * step)) > now + 1e-14 and size > 1e-10:
            size /= 2
        params, gained, now = params + size * step, now - new, new
        if abs(gained) < 1e-13 and np.abs(push @ step) < 1e-12:
            return params, now
    raise NotEstimable("the factor model did not settle")


def _scaling(groups: Sequence[Group], implied: Sequence[_Moments], df: int, means: bool) -> float:
    """Satorra and Bentler's factor: the mean of what the statistic tends to, over its degrees of freedom."""
    if df == 0:
        return float("nan")
    total, bend, meat = sum(g.n for g in groups), 0.0, 0.0
    trace = 0.0
    for group, moments in zip(groups, implied, strict=True):
        first = 0 if means else len(group.mean)
        weight, gamma = _information(moments.covariance)[first:, first:], group.gamma[first:, first:]
        slope = moments.slope[first:]
        trace += np.trace(weight @ gamma)
        weighted = slope.T @ weight
        bend = bend + group.n / total * weighted @ slope
        meat = meat + group.n / total * weighted @ gamma @ weighted.T
    return float((trace - np.trace(np.linalg.solve(bend, meat))) / df)


def fit_step(groups: Sequence[Group], step: str) -> Fit:
    """Fit ``configural``, ``metric`` or ``scalar`` to the groups. Raises ``NotEstimable``."""
    layout = _Layout(step, len(groups), len(groups[0].mean))
    params, loss = _minimise(groups, layout)
    implied = [layout.implied(params, i, group) for i, group in enumerate(groups)]
    chisq = sum(g.n for g in groups) * loss if layout.df else 0.0
    return Fit(float(chisq), layout.df, _scaling(groups, implied, layout.df, step == "scalar"))


def fit_independence(groups: Sequence[Group]) -> Fit:
    """The model without any factor, which CFI compares with."""
    p = len(groups[0].mean)
    rows, columns = np.tril_indices(p)
    implied, chisq = [], 0.0
    for i, group in enumerate(groups):
        slope = np.zeros((p + len(rows), p * len(groups)))
        slope[p:, i * p : (i + 1) * p] = np.eye(p)[rows] * (rows == columns)[:, None]
        moments = _Moments(group.mean, np.diag(np.diag(group.covariance)), slope)
        implied.append(moments)
        chisq += group.n * _discrepancy(group, moments)
    df = len(groups) * p * (p - 1) // 2
    return Fit(float(chisq), df, _scaling(groups, implied, df, means=False))


def robust_indices(fit: Fit, base: Fit, n: int, groups: int) -> tuple[float, float]:
    """Robust CFI and RMSEA; a model that leaves no degree of freedom fits perfectly."""
    if fit.df == 0:
        return 1.0, 0.0
    excess = max(0.0, fit.chisq - fit.scaling * fit.df)
    most = max(excess, base.chisq - base.scaling * base.df)
    cfi = 1 - excess / most if most > 0 else 1.0
    return cfi, float(np.sqrt(excess / (fit.df * n)) * np.sqrt(groups))


def scaled_difference(looser: Fit, stricter: Fit) -> tuple[float, int, float]:
    """Scaled difference of chi-square, its degrees of freedom and p-value; null for a negative factor."""
    df = stricter.df - looser.df
    loose = 0.0 if looser.df == 0 else looser.df * looser.scaling
    factor = (stricter.df * stricter.scaling - loose) / df
    if factor <= 0:
        return float("nan"), df, float("nan")
    value = max(0.0, stricter.chisq - looser.chisq) / factor
    return value, df, float(chdtrc(df, value))
