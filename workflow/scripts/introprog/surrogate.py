"""Which early months say most about year five: mixes of status at 6, 12 and 24 months, judged out of sample.

Every mix is a linear probability model of the state at month 60. The error is honest: a municipality's leavers are
predicted from all other municipalities, so what is learnt about a place never helps to predict it. The idea of an early
index for a late outcome is Athey, Chetty, Imbens and Kang's (NBER working paper 26463); here it is used as a forecast,
and no claim rests on it beyond that.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from introprog.clustered import crv1, fit_clustered, leave_one_out
from introprog.estimable import NotEstimable
from introprog.months import EDUCATION, EMIGRATED, UNEMPLOYED, WORK_LONGER, WORK_SHORTER

MONTHS = (6, 12, 24)
LATE = 60
WORK = (WORK_LONGER, WORK_SHORTER)
TARGETS = {"work_or_education": (*WORK, EDUCATION), "work_longer": (WORK_LONGER,)}
CODED = {"work_longer": WORK_LONGER, "work_shorter": WORK_SHORTER, "education": EDUCATION, "unemployed": UNEMPLOYED}
OFFICIAL = "official"
COLUMNS = [
    "target",
    "predictors",
    "coding",
    "term",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "p_value",
    "n",
    "clusters",
    "dof",
    "best",
    "method",
]
METHOD = "linear probability, each municipality predicted from the others"


def mixes(grid: np.ndarray, official: np.ndarray) -> dict[tuple[str, str], pd.DataFrame]:
    """Predictors (persons x columns) by (months, coding).

    Codings: ``success`` (work or education, one column a month), ``state`` (four states against all others), ``share``
    (share of the months 1-24 in work or education), and the official measure one year after by itself.
    """
    good = np.isin(grid, TARGETS["work_or_education"])
    found = {
        (OFFICIAL, "success"): pd.DataFrame({OFFICIAL: official.astype(float)}),
        (f"1-{max(MONTHS)}", "share"): pd.DataFrame({"share": good[:, 1 : max(MONTHS) + 1].mean(axis=1)}),
    }
    for size in range(1, len(MONTHS) + 1):
        for chosen in combinations(MONTHS, size):
            name = "+".join(map(str, chosen))
            found[name, "success"] = pd.DataFrame({f"m{m}": good[:, m].astype(float) for m in chosen})
            columns = {f"m{m}:{s}": (grid[:, m] == code).astype(float) for m in chosen for s, code in CODED.items()}
            found[name, "state"] = pd.DataFrame(columns)
    return found


def surrogate_table(
    states: pd.DataFrame,
    leavers: pd.DataFrame,
    outcomes: pd.DataFrame,
    exit_years: Sequence[int],
    minimum: int,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Out-of-sample fit of every mix, and the weights: ``COLUMNS``.

    ``states``: from ``months.trace_months`` with 60 months or more; ``outcomes``: official rows at one year. Counted
    are leavers of ``exit_years`` who live in Norway in the months 6, 12, 24 and 60. Terms: ``r2`` (in sample),
    ``r2_out``, ``brier`` (mean squared error), ``brier_gain`` (less than the official measure's, clustered on
    municipality), ``municipal_rmse`` (of predicted against real shares of municipalities with ``minimum`` leavers),
    ``municipal_noise`` (what chance alone would give), ``municipal_correlation``, and ``weight:<column>``. ``best``:
    the mix with the least error for that target.
    """
    grid, official, place = _sample(states, leavers, outcomes, exit_years)
    parts = []
    for target, codes in TARGETS.items():
        late = np.isin(grid[:, LATE], codes).astype(float) if grid.shape[1] > LATE else np.empty(0)
        tables, errors = [], {}
        reference = None
        for (name, coding), predictors in mixes(grid, official).items():
            key = {"target": target, "predictors": name, "coding": coding}
            try:
                found = _assess(late, predictors, place, minimum, confidence, reference)
            except NotEstimable as error:
                tables.append(pd.DataFrame([{**key, "term": "r2_out", "n": len(late), "method": error.method}]))
                continue
            reference = found.pop("errors") if reference is None else reference
            errors[name, coding] = found["table"].set_index("term").loc["brier", "estimate"]
            tables.append(found["table"].assign(**key))
        best = min(errors, key=errors.get) if errors else None
        table = pd.concat(tables, ignore_index=True)
        parts.append(
            table.assign(best=[pair == best for pair in zip(table["predictors"], table["coding"], strict=True)])
        )
    return pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)


def _sample(states: pd.DataFrame, leavers: pd.DataFrame, outcomes: pd.DataFrame, exit_years: Sequence[int]):
    """Grid, official success and municipality of the persons who can be judged at every month."""
    traits = leavers.set_index("person_id").reindex(states["person_id"])
    first = pd.Series(outcomes["success"].astype("Float64").to_numpy(), outcomes["person_id"].astype(str))
    official = first.reindex(states["person_id"]).to_numpy(dtype=float, na_value=np.nan)
    grid = states.drop(columns="person_id").to_numpy(dtype=np.int8)
    if grid.shape[1] <= LATE:
        return grid[:0], official[:0], traits["municipality"].to_numpy()[:0]
    seen = grid[:, [*MONTHS, LATE]]
    use = ((seen >= 0) & (seen < EMIGRATED)).all(axis=1) & ~np.isnan(official)
    use &= traits["exit_year"].between(*exit_years).to_numpy() & traits["municipality"].notna().to_numpy()
    return grid[use], official[use], traits["municipality"].to_numpy()[use].astype(str)


def _assess(late, predictors: pd.DataFrame, place, minimum: int, confidence: float, reference) -> dict:
    order = np.argsort(place, kind="stable")
    y, groups = late[order], np.unique(place[order], return_inverse=True)[1] if len(place) else place
    design = np.column_stack([np.ones(len(y)), predictors.to_numpy()[order]])
    fit = fit_clustered(y, design, groups)
    predicted = np.einsum("ik,ik->i", design, leave_one_out(fit)[groups])
    if np.isnan(predicted).any():
        raise NotEstimable("one municipality alone identifies a term")
    sums = np.bincount(groups, y), np.bincount(groups)
    others = ((sums[0].sum() - sums[0]) / (len(y) - sums[1]))[groups]
    error, empty = (y - predicted) ** 2, (y - others) ** 2
    rows = {
        "r2": 1 - (fit.residuals**2).mean() / y.var(),
        "r2_out": 1 - error.mean() / empty.mean(),
        "brier": error.mean(),
        **_municipal(y, predicted, groups, minimum),
    }
    table = pd.DataFrame({"term": list(rows), "estimate": list(rows.values())})
    if reference is not None:
        table = pd.concat([table, _gain(reference - error, groups, confidence)], ignore_index=True)
    weights = crv1(fit, confidence)
    names = ("estimate", "std_error", "ci_low", "ci_high", "p_value", "dof")
    terms = ["constant", *predictors.columns]
    own = pd.DataFrame({"term": [f"weight:{t}" for t in terms], **{n: getattr(weights, n) for n in names}})
    table = pd.concat([table, own], ignore_index=True).assign(n=len(y), clusters=fit.clusters, method=METHOD)
    return {"table": table, "errors": error}


def _gain(difference: np.ndarray, groups: np.ndarray, confidence: float) -> pd.DataFrame:
    """Mean of ``difference`` with errors clustered on ``groups``."""
    clusters = groups.max() + 1
    mean = difference.mean()
    sums = np.bincount(groups, difference - mean)
    error = np.sqrt((sums**2).sum() * clusters / (clusters - 1)) / len(difference)
    half = stdtrit(clusters - 1, 0.5 + confidence / 2) * error
    row: Mapping = {
        "term": "brier_gain",
        "estimate": mean,
        "std_error": error,
        "ci_low": mean - half,
        "ci_high": mean + half,
    }
    return pd.DataFrame([{**row, "dof": clusters - 1}])


def _municipal(y: np.ndarray, predicted: np.ndarray, groups: np.ndarray, minimum: int) -> dict[str, float]:
    n = np.bincount(groups)
    real, told = np.bincount(groups, y) / n, np.bincount(groups, predicted) / n
    use = n >= minimum
    if use.sum() < 3:
        return dict.fromkeys(("municipal_rmse", "municipal_noise", "municipal_correlation"), np.nan)
    chance = np.bincount(groups, predicted.clip(0, 1) * (1 - predicted.clip(0, 1))) / n**2
    return {
        "municipal_rmse": float(np.sqrt(np.average((real - told)[use] ** 2, weights=n[use]))),
        "municipal_noise": float(np.sqrt(np.average(chance[use], weights=n[use]))),
        "municipal_correlation": float(np.corrcoef(real[use], told[use])[0, 1]),
    }
