"""Satisfaction on result: every model of the table T-F2, for one combination of wave, score, definition and horizon.

The person models ask how an answer goes together with the result of the municipality (of other persons: the two cannot
be linked); the municipality models ask the same of means. Nothing here is about what leads to what.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from introprog import clustered, multilevel
from introprog.clustered import Inference
from introprog.estimable import PREFIX, NotEstimable, require_units, require_variation
from introprog.ordinal import fit_ordered_logit

RESULT, SCORE = "result_per_10_points", "score_per_10_points"
FEW = 10
COLUMNS = ["estimate", "std_error", "ci_low", "ci_high", "p_value", "n", "clusters", "dof", "method"]


def dummies(frame: pd.DataFrame, covariates: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Indicator columns (n, k) and names ``covariate: category``; the most common category is the reference.

    Not stated is a category of its own, ``unknown``: no answer is dropped for it. A category with fewer than ten
    answers is counted with the reference: it says nothing of its own and would tell an answer step apart completely.
    """
    columns, names = [np.empty((len(frame), 0))], []
    for covariate in covariates:
        values = frame[covariate].astype("str").fillna("unknown")
        counts = values.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        others = sorted(counts.index[1:][counts.iloc[1:] >= FEW])
        columns.append((values.to_numpy()[:, None] == np.array(others, dtype=object)).astype(float))
        names += [f"{covariate}: {category}" for category in others]
    return np.column_stack(columns), names


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
    model: str,
    people: pd.DataFrame,
    covariates: Sequence[str],
    weighted: bool,
    level: float,
    seed: int,
    replicates: int,
) -> list[dict]:
    """Rows of the linear model of the score on the municipality's result.

    CR2 for all terms; CRV1, CRV3 and the wild bootstrap for the result. ``people``: score (0-100), result (per 10
    points), municipality, weight and covariates, one row an answer.
    """
    extra, names = dummies(people, covariates)
    names = ["intercept", RESULT, *names]
    n, towns = len(people), people["municipality"].nunique()
    weights = people["weight"].to_numpy(float) if weighted else None

    def estimate() -> list[dict]:
        require_variation(people["score"].to_numpy(float), "the score")
        require_variation(people["result"].to_numpy(float), "the result between municipalities")
        design = np.column_stack([np.ones(n), people["result"], extra])
        fit = clustered.fit_clustered(people["score"], design, people["municipality"], weights)
        rows = _rows(model, clustered.cr2(fit, level), names, n, towns)
        usual = _rows(model, clustered.crv1(fit, level), names, n, towns, RESULT)
        jackknife = clustered.crv3(fit, level)
        rows += usual + _attempt(model, RESULT, n, towns, lambda: _rows(model, jackknife, names, n, towns, RESULT))
        rows.append(_wild_row(usual[0], clustered.wild_bootstrap(fit, 1, seed, replicates, level)))
        told = [r for r in rows if not r["method"].startswith(PREFIX)]
        for row in told:
            row["method"] = f"least squares{', weighted' if weighted else ''}, {row['method']}"
        return rows

    return _attempt(model, RESULT, n, towns, estimate)


def _wild_row(usual: dict, wild: clustered.WildBootstrap) -> dict:
    """The CRV1 row with the bootstrap's p-value and interval; a bound that does not exist is null and said so."""
    bounds = {"ci_low": wild.ci_low, "ci_high": wild.ci_high}
    label = f"wild cluster bootstrap, {wild.weights}, {wild.replicates}"
    if not np.isfinite(list(bounds.values())).all():
        label += ", unbounded interval"
    finite = {name: value if np.isfinite(value) else np.nan for name, value in bounds.items()}
    return usual | finite | {"p_value": wild.p_value, "dof": np.nan, "method": label}


def person_ordered(
    model: str, people: pd.DataFrame, covariates: Sequence[str], weighted: bool, level: float
) -> list[dict]:
    """Rows of the ordered logit of the lead item (``level``) on the result: log odds of a better answer.

    Cluster jackknife for all terms; CRV1, which is too small for few municipalities, for the result.
    """
    people = people[people["level"].notna()]
    extra, names = dummies(people, covariates)
    names = [RESULT, *names]
    n, towns = len(people), people["municipality"].nunique()
    weights = people["weight"].to_numpy(float) if weighted else None

    def estimate() -> list[dict]:
        require_units(towns, 3, "municipalities")
        require_units(towns, len(names) + 1, f"municipalities for {len(names)} terms")
        require_variation(people["result"].to_numpy(float), "the result between municipalities")
        design = np.column_stack([people["result"], extra])
        fit = fit_ordered_logit(people["level"].to_numpy(int), design, names, weights, people["municipality"])
        beta, usual = fit.params.to_numpy()[: len(names)], fit.bse.to_numpy()[: len(names)]
        dof, head = np.full(len(beta), towns - 1.0), f"ordered logit{', weighted' if weighted else ''}"
        used = people["municipality"] if weights is None else people.loc[weights > 0, "municipality"]
        jackknife = np.sqrt(fit.model.cluster_jackknife(fit.params, used))
        first = _t_inference(beta, jackknife, dof, level, f"{head}, cluster jackknife")
        usual = _t_inference(beta, usual, dof, level, f"{head}, CRV1")
        return _rows(model, first, names, n, towns) + _rows(model, usual, names, n, towns, RESULT)

    return _attempt(model, RESULT, n, towns, estimate)


def person_random_intercept(people: pd.DataFrame, covariates: Sequence[str], level: float) -> list[dict]:
    """Rows of the linear model with a random municipality intercept, unweighted, and its two standard deviations."""
    model = "person_random_intercept"
    extra, names = dummies(people, covariates)
    n, towns = len(people), people["municipality"].nunique()

    def estimate() -> list[dict]:
        require_variation(people["score"].to_numpy(float), "the score")
        design = np.column_stack([np.ones(n), people["result"], extra])
        fit = multilevel.random_intercept(people["score"], design, people["municipality"], level)
        spread = {"sd_between_municipalities": fit.sd_between, "sd_within_municipalities": fit.sd_within}
        fixed = {"model": model, "n": n, "clusters": towns, "method": "random intercept, REML"}
        rows = _rows(model, fit.fixed, ["intercept", RESULT, *names], n, towns)
        return rows + [fixed | {"term": term, "estimate": value} for term, value in spread.items()]

    return _attempt(model, RESULT, n, towns, estimate)


def municipality_models(towns: pd.DataFrame, level: float) -> list[dict]:
    """Rows of the models of means: least squares as in the report, meta-regression, and the binomial model of the
    counts.

    ``towns``: linked rows of ``municipal_link``. The first two regress the mean score on the result, the third the
    counts on the mean score. Least squares comes with classical and HC3 errors.
    """
    count = len(towns)
    rate, mean = towns["y_rate"].to_numpy(float) * 10, towns["s_mean"].to_numpy(float)
    names, design = ["intercept", RESULT], np.column_stack([np.ones(count), rate])

    def checked() -> None:
        require_units(count, 5, "municipalities")
        require_variation(rate, "the result between municipalities")
        require_variation(mean, "the score between municipalities")

    def least_squares() -> list[dict]:
        checked()
        found = _least_squares(mean, design, level)
        return [row for one in found for row in _rows("municipality_ols", one, names, count, count)]

    def meta() -> list[dict]:
        checked()
        variances = towns["s_se"].to_numpy(float) ** 2
        if not np.isfinite(variances).all():
            raise NotEstimable("no municipality has two answers, so the sampling variance is unknown")
        fit = multilevel.meta_regression(mean, variances, design, level)
        return _rows("municipality_meta", fit.fixed, names, count, count)

    def binomial() -> list[dict]:
        checked()
        counts = towns[["y_successes", "y_n"]].astype(float).to_numpy()
        fit = multilevel.binomial_random_intercept(*counts.T, np.column_stack([np.ones(count), mean / 10]), level)
        return _rows("municipality_binomial", fit.fixed, ["intercept", SCORE], int(counts[:, 1].sum()), count)

    return (
        _attempt("municipality_ols", RESULT, count, count, least_squares)
        + _attempt("municipality_meta", RESULT, count, count, meta)
        + _attempt("municipality_binomial", SCORE, count, count, binomial)
    )


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


def all_models(
    people: pd.DataFrame, towns: pd.DataFrame, covariates: Sequence[str], level: float, seed: int, replicates: int
) -> pd.DataFrame:
    """Every model for one combination: model, term and the columns of the contract.

    ``people``: score, level (null where the score has no lead item), result, municipality, weight, covariates;
    ``towns``: linked rows of ``municipal_link``.
    """
    rows = person_linear("person_linear", people, (), False, level, seed, replicates)
    rows += person_linear("person_linear_adjusted", people, covariates, True, level, seed, replicates)
    rows += person_ordered("person_ordered", people, (), False, level)
    rows += person_ordered("person_ordered_adjusted", people, covariates, True, level)
    rows += person_random_intercept(people, covariates, level)
    rows += municipality_models(towns, level)
    return pd.DataFrame(rows, columns=["model", "term", *COLUMNS])


def unavailable(reason: str) -> pd.DataFrame:
    """One not-estimable row a model, where there is nothing to fit any of them to."""
    people = [
        "person_linear",
        "person_linear_adjusted",
        "person_ordered",
        "person_ordered_adjusted",
        "person_random_intercept",
    ]
    terms = dict.fromkeys([*people, "municipality_ols", "municipality_meta"], RESULT) | {"municipality_binomial": SCORE}
    rows = [
        {"model": m, "term": t, "n": 0, "clusters": 0, "method": NotEstimable(reason).method} for m, t in terms.items()
    ]
    return pd.DataFrame(rows, columns=["model", "term", *COLUMNS])
