"""Satisfaction on result: the forms of model that the blocks of the config choose from (table T-F2).

The person models ask how an answer goes together with the result of the municipality (of other persons: the two cannot
be linked); the municipality models ask the same of means. Nothing here is about what leads to what.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from introprog import clustered, multilevel
from introprog.clustered import Inference
from introprog.design import dummies
from introprog.estimable import PREFIX, NotEstimable, require_units, require_variation
from introprog.ordinal import fit_ordered_logit
from introprog.ordinal_intercept import fit_ordinal_intercept
from introprog.verdict import FORETOLD

RESULT, SCORE = "result_per_10_points", "score_per_10_points"
BETWEEN = "between-within t"
COLUMNS = ["estimate", "std_error", "ci_low", "ci_high", "p_value", "n", "clusters", "dof", "method"]


@dataclass(frozen=True)
class Ask:
    """How a model is reported: level of the intervals, seed and replicates of the bootstrap; ``full`` with all terms
    and every inference, else the term of interest with the first."""

    level: float
    seed: int
    replicates: int
    full: bool = True


@dataclass(frozen=True)
class Part:
    """Answers with the columns of their covariates (n, k), these columns' names, and the municipality as a number."""

    people: pd.DataFrame
    extra: np.ndarray
    names: list[str]
    town: np.ndarray
    towns: pd.Index

    def values(self, result: pd.Series) -> np.ndarray:
        """The result (by municipality) that each answer stands against."""
        return result.reindex(self.towns).to_numpy(float)[self.town]


class Answers:
    """Answers to one score in given municipalities, with the indicators of their covariates, which all models and
    definitions share.

    ``people``: score (0-100), level (ordered step, null without lead item), municipality, weight and covariates, one
    row an answer.
    """

    def __init__(self, people: pd.DataFrame, covariates: Sequence[str]):
        self.people, self.covariates, self._made = people, covariates, {}

    def part(self, adjusted: bool, levelled: bool = False) -> Part:
        """The answers (with a lead item if ``levelled``), with covariates if ``adjusted``."""
        key = adjusted, levelled
        if key not in self._made:
            rows = self.people[self.people["level"].notna()] if levelled else self.people
            town, towns = pd.factorize(rows["municipality"], sort=True)
            extra, names = dummies(rows, self.covariates if adjusted else ())
            self._made[key] = Part(rows, extra, names, town, pd.Index(towns))
        return self._made[key]


def _rows(
    model: str, inference: Inference, names: Sequence[str], n: int, clusters: int, only: str | None = None
) -> list[dict]:
    numbers = zip(
        names,
        *(getattr(inference, c) for c in ("estimate", "std_error", "ci_low", "ci_high", "p_value", "dof")),
        strict=True,
    )
    return [
        {"model": model, "term": t, "estimate": e, "std_error": s, "ci_low": lo, "ci_high": hi, "p_value": p, "dof": d}
        | {"n": n, "clusters": clusters, "method": inference.method}
        for t, e, s, lo, hi, p, d in numbers
        if only in (None, t)
    ]


def _attempt(model: str, term: str, n: int, clusters: int, function: Callable[[], list[dict]]) -> list[dict]:
    try:
        rows = function()
    except NotEstimable as reason:
        return [{"model": model, "term": term, "n": n, "clusters": clusters, "method": reason.method}]
    broken = [r for r in rows if "estimate" in r and not np.isfinite([r["estimate"], r.get("std_error", 0.0)]).all()]
    for row in broken:
        for name in ("estimate", "std_error", "ci_low", "ci_high", "p_value", "dof"):
            row[name] = np.nan
        row["method"] = "not estimable: no finite standard error"
    return rows


def person_linear(
    model: str, answers: Answers, result: pd.Series, adjusted: bool, weighted: bool, ask: Ask
) -> list[dict]:
    """Rows of the linear model of the score on the municipality's ``result`` (per 10 points, by municipality).

    CR2; in full also CRV1, CRV3 and the wild bootstrap for the result.
    """
    part = answers.part(adjusted)
    names, n, towns = ["intercept", RESULT, *part.names], len(part.people), len(part.towns)
    score, value = part.people["score"].to_numpy(float), part.values(result)
    weights = part.people["weight"].to_numpy(float) if weighted else None

    def estimate() -> list[dict]:
        require_variation(score, "the score")
        _require_results(value)
        design = np.column_stack([np.ones(n), value, part.extra])
        fit = clustered.fit_clustered(score, design, part.town, weights)
        if ask.full:
            rows = _rows(model, clustered.cr2(fit, ask.level), names, n, towns) + inferences(fit)
        else:
            rows = _rows(model, clustered.cr2(fit, ask.level, [1]), names, n, towns, RESULT)
        for row in (r for r in rows if not r["method"].startswith(PREFIX)):
            row["method"] = f"least squares{', weighted' if weighted else ''}, {row['method']}"
        return rows

    def inferences(fit: clustered.ClusteredFit) -> list[dict]:
        usual = _rows(model, clustered.crv1(fit, ask.level), names, n, towns, RESULT)
        jackknife = clustered.crv3(fit, ask.level)
        left_out = _attempt(model, RESULT, n, towns, lambda: _rows(model, jackknife, names, n, towns, RESULT))
        wild = clustered.wild_bootstrap(fit, 1, ask.seed, ask.replicates, ask.level)
        return [*usual, *left_out, _wild_row(usual[0], wild)]

    return _attempt(model, RESULT, n, towns, estimate)


def _require_results(value: np.ndarray) -> None:
    """Raise ``NotEstimable`` where results are unknown or do not vary."""
    if len(value) and np.isnan(value).any():
        raise NotEstimable(FORETOLD)
    require_variation(value, "the result between municipalities")


def _wild_row(usual: dict, wild: clustered.WildBootstrap) -> dict:
    """The CRV1 row with the bootstrap's p-value and interval; a bound that does not exist is null and said so."""
    bounds = {"ci_low": wild.ci_low, "ci_high": wild.ci_high}
    label = f"wild cluster bootstrap, {wild.weights}, {wild.replicates}"
    if not np.isfinite(list(bounds.values())).all():
        label += ", unbounded interval"
    finite = {name: value if np.isfinite(value) else np.nan for name, value in bounds.items()}
    return usual | finite | {"p_value": wild.p_value, "dof": np.nan, "method": label}


def person_ordered(
    model: str, answers: Answers, result: pd.Series, adjusted: bool, weighted: bool, ask: Ask
) -> list[dict]:
    """Rows of the ordered logit of the lead item on the result: log odds of a better answer.

    Cluster jackknife; in full also CRV1, which is too small for few municipalities, for the result.
    """
    part = answers.part(adjusted, levelled=True)
    names, n, towns = [RESULT, *part.names], len(part.people), len(part.towns)
    weights = part.people["weight"].to_numpy(float) if weighted else None
    value = part.values(result)

    def estimate() -> list[dict]:
        require_units(towns, 3, "municipalities")
        require_units(towns, len(names) + 1, f"municipalities for {len(names)} terms")
        _require_results(value)
        design = np.column_stack([value, part.extra])
        fit = fit_ordered_logit(part.people["level"].to_numpy(int), design, names, weights, part.town)
        beta, usual = fit.params.to_numpy()[: len(names)], fit.bse.to_numpy()[: len(names)]
        dof, head = np.full(len(beta), towns - 1.0), f"ordered logit{', weighted' if weighted else ''}"
        used = part.town if weights is None else part.town[weights > 0]
        jackknife = np.sqrt(fit.model.cluster_jackknife(fit.params, used))
        first = _t_inference(beta, jackknife, dof, ask.level, f"{head}, cluster jackknife")
        if not ask.full:
            return _rows(model, first, names, n, towns, RESULT)
        usual = _t_inference(beta, usual, dof, ask.level, f"{head}, CRV1")
        return _rows(model, first, names, n, towns) + _rows(model, usual, names, n, towns, RESULT)

    return _attempt(model, RESULT, n, towns, estimate)


def person_random_intercept(
    model: str, answers: Answers, result: pd.Series, adjusted: bool, ask: Ask, ordered: bool = False
) -> list[dict]:
    """Rows of the linear model with a random municipality intercept, or of the ordered logit of the lead item with one,
    unweighted; in full also the standard deviations, between municipalities on the scale of the model."""
    part = answers.part(adjusted, levelled=ordered)
    n, towns, head = len(part.people), len(part.towns), [] if ordered else ["intercept"]
    value = part.values(result)

    def estimate() -> list[dict]:
        _require_results(value)
        if ordered:
            require_units(towns, 3, "municipalities")
            design = np.column_stack([value, part.extra])
            fit = fit_ordinal_intercept(part.people["level"].to_numpy(int), design, part.town, ask.level)
            spread = {"sd_between_municipalities": fit.sd_between}
        else:
            score = part.people["score"].to_numpy(float)
            require_variation(score, "the score")
            fit = multilevel.random_intercept(
                score, np.column_stack([np.ones(n), value, part.extra]), part.town, ask.level
            )
            spread = {"sd_between_municipalities": fit.sd_between, "sd_within_municipalities": fit.sd_within}
        rows = _rows(model, fit.fixed, [*head, RESULT, *part.names], n, towns, None if ask.full else RESULT)
        fixed = {"model": model, "n": n, "clusters": towns, "method": fit.fixed.method.removesuffix(f", {BETWEEN}")}
        return rows + [fixed | {"term": term, "estimate": value} for term, value in spread.items() if ask.full]

    return _attempt(model, RESULT, n, towns, estimate)


def sided(towns: pd.DataFrame, adjust: str) -> pd.DataFrame:
    """Linked rows of ``municipal_link`` with ``s_mean`` and ``y_rate`` adjusted on no side, that of the ``survey``, or
    ``both``, and ``known``, the log odds of the result that the leavers' characteristics account for."""
    if adjust == "none":
        return towns.assign(known=0.0)
    if adjust == "survey":
        return towns.assign(s_mean=towns["s_adjusted"], known=0.0)
    expected = towns["y_expected"].to_numpy(float)
    with np.errstate(divide="ignore"):
        known = np.log(expected) - np.log1p(-expected)
    return towns.assign(s_mean=towns["s_adjusted"], y_rate=towns["y_adjusted"], known=known)


def municipality_model(model: str, form: str, towns: pd.DataFrame, ask: Ask) -> list[dict]:
    """Rows of a model of municipal means (``towns``: from ``sided``).

    ``least_squares`` (classical and HC3 errors) and ``meta`` regress the mean score on the result, ``binomial`` the
    counts on the mean score.
    """
    count = len(towns)
    rate, mean = towns["y_rate"].to_numpy(float) * 10, towns["s_mean"].to_numpy(float)
    names, design = ["intercept", RESULT], np.column_stack([np.ones(count), rate])
    only = None if ask.full else (SCORE if form == "binomial" else RESULT)

    def checked() -> None:
        require_units(count, 5, "municipalities")
        _require_results(rate)
        require_variation(mean, "the score between municipalities")

    def least_squares() -> list[dict]:
        checked()
        found = _least_squares(mean, design, ask.level)
        return [row for one in found for row in _rows(model, one, names, count, count, only)]

    def meta() -> list[dict]:
        checked()
        variances = towns["s_se"].to_numpy(float) ** 2
        if not np.isfinite(variances).all():
            raise NotEstimable("no municipality has two answers, so the sampling variance is unknown")
        fit = multilevel.meta_regression(mean, variances, design, ask.level)
        return _rows(model, fit.fixed, names, count, count, only)

    def binomial() -> list[dict]:
        checked()
        counts = towns[["y_successes", "y_n"]].astype(float).to_numpy()
        known = towns["known"].to_numpy(float)
        if not np.isfinite(known).all():
            raise NotEstimable(FORETOLD)
        terms = np.column_stack([np.ones(count), mean / 10])
        fit = multilevel.binomial_random_intercept(*counts.T, terms, ask.level, offset=known)
        return _rows(model, fit.fixed, ["intercept", SCORE], int(counts[:, 1].sum()), count, only)

    forms = {"least_squares": least_squares, "meta": meta, "binomial": binomial}
    return _attempt(model, SCORE if form == "binomial" else RESULT, count, count, forms[form])


def _least_squares(outcome: np.ndarray, design: np.ndarray, level: float) -> list[Inference]:
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ (design.T @ outcome)
    residual, dof = outcome - design @ beta, np.full(2, len(outcome) - 2.0)
    leverage = np.einsum("ij,jk,ik->i", design, bread, design)
    scores = design * (residual / (1 - leverage))[:, None]
    variances = {
        "least squares, classical": np.diag(bread) * (residual @ residual) / dof[0],
        "least squares, HC3": np.diag(bread @ (scores.T @ scores) @ bread),
    }
    found = []
    for method, variance in variances.items():
        found.append(_t_inference(beta, np.sqrt(variance), dof, level, method))
    return found


def _t_inference(beta: np.ndarray, error: np.ndarray, dof: np.ndarray, level: float, method: str) -> Inference:
    half = stdtrit(dof, 0.5 + level / 2) * error
    return Inference(beta, error, dof, 2 * stdtr(dof, -np.abs(beta / error)), beta - half, beta + half, method)
