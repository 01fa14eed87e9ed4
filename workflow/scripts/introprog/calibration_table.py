"""What a calibration study found, as one table: bias, coverage, error rate, power and verdicts of every estimator."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.calibration import CELL, ESTIMATOR
from introprog.errors import Problem, raise_if

VERDICTS = ("associated", "equivalent", "undecided")
COVERED = (0.93, 0.97)
WRONG = 0.06
JUDGED = ("correlation", "correlation of true means", "verdict", "reliability")
UNITS = {
    "correlation": "correlation",
    "correlation of true means": "correlation",
    "verdict": "",
    "reliability": "share of variance",
    "municipality_binomial": "log odds of the result per 10 points of score",
    "municipality_binomial_both": "log odds of the result per 10 points of score",
    "person_ordinal_intercept": "log odds of a better answer per 10 percentage points",
    "person_ordered": "log odds of a better answer per 10 percentage points",
    "person_ordered_adjusted": "log odds of a better answer per 10 percentage points",
}
SLOPE = "points of score per 10 percentage points"
COLUMNS = [*CELL, *ESTIMATOR, "unit", "target", "true_value", "replicates", "estimable", "municipalities_used"]
COLUMNS += ["mean_estimate", "bias", "bias_from_true", "sd", "mean_std_error", "median_width"]
COLUMNS += [
    "coverage",
    "coverage_error",
    "rejected",
    "rejected_error",
    *VERDICTS,
    "coverage_met",
    "verdict_met",
    "seed",
]


def summarise(
    rows: pd.DataFrame,
    reference: pd.DataFrame,
    truths: Mapping[float, Mapping],
    smallest: float,
    alpha: float,
    seed: int,
    with_models: int | None = None,
) -> pd.DataFrame:
    """One row a cell and estimator from ``run_cell``'s rows (columns ``COLUMNS``).

    ``target`` is what the estimator tends to with unlimited municipalities of these sizes, the mean over ``reference``
    (``run_cell`` with very many municipalities); for the correlation of true means and the verdict it is the true value
    itself. Coverage, bias and ``rejected`` (of zero) refer to it; ``bias_from_true`` to the value between true means,
    where the estimator has one (``truths``, by true correlation). Replicates numbered ``with_models`` and above went
    through the correlations and the verdict alone. An open bound counts as infinite. The Monte Carlo
    error of a share p is sqrt(p (1 - p) / replicates). Raises ``InputError`` when a true correlation has no reference.
    """
    absent = sorted(set(rows["true_correlation"]) - set(reference["true_correlation"]))
    what = "true correlations without a reference study"
    raise_if([Problem("calibration", "K1", what, values=absent)] if absent else [])
    tended = reference.groupby(["true_correlation", *ESTIMATOR])["estimate"].mean()
    counts = rows.groupby(CELL)["replicate"].nunique()
    modelled = rows[rows["replicate"] < (np.inf if with_models is None else with_models)]
    fewer = modelled.groupby(CELL)["replicate"].nunique()
    found = []
    for key, part in rows.groupby([*CELL, *ESTIMATOR], sort=True):
        correlation, municipalities, model, inference = key
        true = truth_of(model, truths[correlation])
        exact = model in ("correlation of true means", "verdict")
        target = true if exact else float(tended.get((correlation, model, inference), np.nan))
        row = dict(zip([*CELL, *ESTIMATOR], key, strict=True)) | {"unit": UNITS.get(model, SLOPE)}
        drawn = counts if model in JUDGED else fewer
        row |= {"target": target, "true_value": true, "replicates": int(drawn[correlation, municipalities])}
        row |= _numbers(part, target, true, alpha, row["replicates"])
        found.append(row | _verdicts(part, correlation, smallest, row["replicates"]))
    table = pd.DataFrame(found, columns=COLUMNS[:-1])
    inside = table["coverage"].between(*COVERED)
    table["coverage_met"] = np.where(table["coverage"].isna(), "", np.where(inside, "yes", "no"))
    return table.assign(seed=seed)


def truth_of(model: str, truth: Mapping[str, float]) -> float:
    """The value between true means that ``model`` is after; null where it has none."""
    if model.startswith("correlation") or model == "verdict":
        return truth["correlation"]
    if model.startswith("municipality_binomial"):
        return truth["score_per_10_points"]
    return np.nan if model.startswith(("person_ord", "reliability")) else truth["result_per_10_points"]


def _numbers(part: pd.DataFrame, target: float, true: float, alpha: float, replicates: int) -> dict:
    estimate = part["estimate"].dropna()
    row = {"estimable": len(estimate) / replicates, "municipalities_used": part["used"].mean()}
    if estimate.empty:
        return row | {"estimable": (~part["verdict"].astype(str).str.startswith("not")).sum() / replicates}
    row |= {"mean_estimate": estimate.mean(), "bias": estimate.mean() - target, "sd": estimate.std()}
    row |= {"bias_from_true": estimate.mean() - true, "mean_std_error": part["std_error"].mean()}
    has_interval = part[["ci_low", "ci_high", "p_value"]].notna().any(axis=None)
    if not has_interval:
        return row
    low, high = part["ci_low"].fillna(-np.inf), part["ci_high"].fillna(np.inf)
    excluded = (low > 0) | (high < 0)
    rejected = (part["p_value"] < alpha).where(part["p_value"].notna(), excluded).mean()
    coverage = ((low <= target) & (target <= high)).mean()
    row |= {"median_width": (high - low).median(), "coverage": coverage, "rejected": rejected}
    return row | {f"{k}_error": np.sqrt(row[k] * (1 - row[k]) / len(part)) for k in ("coverage", "rejected")}


def _verdicts(part: pd.DataFrame, correlation: float, smallest: float, replicates: int) -> dict:
    """Share of each verdict, and whether the wrong one is rare: for no association, or for one that matters."""
    if not part["verdict"].isin(VERDICTS).any():
        return {"verdict_met": ""}
    shares = {name: (part["verdict"] == name).sum() / replicates for name in VERDICTS}
    if 0 < abs(correlation) < smallest:
        return shares | {"verdict_met": ""}
    return shares | {"verdict_met": "yes" if shares["equivalent" if correlation else "associated"] <= WRONG else "no"}


def best_determined(table: pd.DataFrame, further: pd.DataFrame) -> pd.DataFrame:
    """``table`` with the rows of ``further`` for the same cell and estimator in the place of its own, where they rest
    on more replicates. Numbers that ``further`` lacks (shares of verdicts) stay; rows that only it has are left out.
    """
    key = [*CELL, *ESTIMATOR]
    own, more = table.set_index(key), further.set_index(key)
    shared = own.index.intersection(more.index)
    better = shared[(more.loc[shared, "replicates"] > own.loc[shared, "replicates"]).to_numpy()]
    for column in own:
        told = more.loc[better, column].dropna()
        own.loc[told.index, column] = told
    return own.reset_index()[list(table.columns)]


def overview(table: pd.DataFrame) -> str:
    """Three tables in Markdown for the documentation, in per cent: coverage, rejection of zero, verdicts.

    Columns are numbers of municipalities and, within them, true correlations; coverage stands with its Monte Carlo
    error. A star marks what misses its mark.
    """
    error = " ± " + (100 * table["coverage_error"]).map("{:.1f}".format)
    missed = table.assign(mark=error + np.where(table["coverage_met"] == "no", "*", ""))
    parts = [_markdown(missed, "coverage"), _markdown(table.assign(mark=""), "rejected")]
    judged = table[table["associated"].notna()]
    if judged.empty:
        return "\n".join(parts)
    for name in ("associated", "equivalent"):
        wrong = judged["true_correlation"].eq(0) if name == "associated" else judged["true_correlation"].ne(0)
        marked = judged.assign(mark=np.where(wrong & (judged["verdict_met"] == "no"), "*", ""))
        parts.append(_markdown(marked, name))
    return "\n".join(parts)


def _markdown(table: pd.DataFrame, value: str) -> str:
    shown = table[table[value].notna()]
    cell = (shown[value] * 100).map("{:.1f}".format) + shown["mark"]
    columns = ["municipalities", "true_correlation"]
    wide = shown.assign(cell=cell).pivot(index=ESTIMATOR, columns=columns, values="cell").sort_index(axis=1).fillna("")
    heads = [value, *(f"{municipalities}: {correlation:g}" for municipalities, correlation in wide.columns)]
    lines = [heads, ["---", *["---:"] * len(wide.columns)]]
    lines += [[", ".join(names), *cells] for names, cells in zip(wide.index, wide.to_numpy(), strict=True)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
