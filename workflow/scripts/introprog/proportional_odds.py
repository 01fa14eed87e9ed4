"""Is one slope enough for every step of an answer? Brant's test of the ordered logit's assumption."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from introprog.association import RESULT
from introprog.design import dummies
from introprog.estimable import NotEstimable, require_rank, require_units, require_variation
from introprog.link import KEY, LINKED

OMNIBUS = "all terms"
FEWEST = 5
COLUMNS = [*KEY, "term", "steps", "n", "municipalities", "chisq", "dof", "p_value", "slope_low", "slope_high", "method"]
METHOD = "Brant's test, unweighted, answers taken as independent"


def brant(outcome: np.ndarray, design: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Wald tests that the slopes of the binary logits of every cut are the same (Brant 1990, doi 10.2307/2532457).

    ``outcome`` (n,) whole steps, ``design`` (n, k) without constant. One row for all terms and one a term: ``term,
    chisq, dof, p_value`` and the lowest and highest slope over the cuts, in log odds. Raises ``NotEstimable``.
    """
    steps = np.unique(outcome)
    require_units(len(steps), 3, "answer steps in use")
    full = np.column_stack([np.ones(len(outcome)), design])
    require_rank(full)
    above = outcome[:, None] > steps[:-1]
    slopes = np.array([_binary_logit(column, full) for column in above.T.astype(float)])
    chance = 1 / (1 + np.exp(-full @ slopes.T))
    covariance = _joint(full, chance)
    k, cuts = len(names), len(steps) - 1
    beta = slopes[:, 1:]
    first = np.kron(np.column_stack([np.ones((cuts - 1, 1)), -np.eye(cuts - 1)]), np.eye(k))
    rows = [(OMNIBUS, first)] + [(name, first[i::k]) for i, name in enumerate(names)]
    found = [{"term": name} | _wald(contrast, beta.ravel(), covariance) for name, contrast in rows]
    table = pd.DataFrame(found)
    table["slope_low"], table["slope_high"] = np.r_[np.nan, beta.min(axis=0)], np.r_[np.nan, beta.max(axis=0)]
    return table


def _binary_logit(above: np.ndarray, full: np.ndarray) -> np.ndarray:
    import warnings

    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = Logit(above, full).fit(disp=0, maxiter=100, tol=1e-12)
        except (PerfectSeparationError, np.linalg.LinAlgError) as error:
            raise NotEstimable("an answer step is told apart completely by the terms") from error
    if not fit.mle_retvals["converged"] or np.abs(full @ fit.params).max() > 30:
        raise NotEstimable("an answer step is told apart completely by the terms")
    return fit.params


def _joint(full: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Covariance (cuts x k, cuts x k) of the slopes of all cuts, constants left out."""
    cuts = range(chance.shape[1])
    inverse = [np.linalg.inv(full.T @ (full * (chance[:, j] * (1 - chance[:, j]))[:, None])) for j in cuts]

    def block(j: int, k: int) -> np.ndarray:
        shared = chance[:, max(j, k)] - chance[:, j] * chance[:, k]
        return (inverse[j] @ (full.T @ (full * shared[:, None])) @ inverse[k])[1:, 1:]

    return np.block([[block(j, k) for k in cuts] for j in cuts])


def _wald(contrast: np.ndarray, slopes: np.ndarray, covariance: np.ndarray) -> dict:
    gap = contrast @ slopes
    value = float(gap @ np.linalg.solve(contrast @ covariance @ contrast.T, gap))
    return {"chisq": value, "dof": len(gap), "p_value": float(chdtrc(len(gap), value))}


def proportional_odds_table(
    scores: pd.DataFrame, link: pd.DataFrame, definition: str, horizon: int, covariates: Sequence[str]
) -> pd.DataFrame:
    """The test for the adjusted ordered logit of every wave and construct at one definition and horizon (``COLUMNS``).

    ``scores`` and ``link`` as in ``scales.parquet`` and ``municipal_link.parquet``. Rows: all terms together, and the
    municipality's result. A category with fewer than five answers on one side of a cut is counted with the
    reference. Not estimable: no numbers, and the reason in ``method``.
    """
    chosen = link[(link["definition"] == definition) & (link["horizon"] == horizon)]
    rows = []
    for key, towns in chosen.groupby(KEY, sort=True):
        wave, construct = key[:2]
        rates = towns[towns["status"] == LINKED].set_index("municipality")["y_rate"] * 10
        own = scores[(scores["wave"] == wave) & scores["municipality"].isin(rates.index)]
        own = own[own[f"{construct}_level"].notna()]
        table = _tested(own.assign(result=own["municipality"].map(rates)), f"{construct}_level", covariates)
        rows.append(table.assign(**dict(zip(KEY, key, strict=True))))
    table = pd.concat(rows, ignore_index=True)[COLUMNS] if rows else pd.DataFrame(columns=COLUMNS)
    return table.astype({"dof": "Int64"})


def _spread(outcome: np.ndarray, extra: np.ndarray) -> np.ndarray:
    """Which indicator columns have five answers or more on both sides of every cut.

    With fewer the binary logits of that cut separate, or nearly so, and the Wald test says far too much.
    """
    above = (outcome[:, None] > np.unique(outcome)[:-1]).astype(float)
    hits = extra.T @ above
    other = extra.sum(axis=0)[:, None] - hits
    return (np.minimum(hits, other) >= FEWEST).all(axis=1)


def _tested(people: pd.DataFrame, level: str, covariates: Sequence[str]) -> pd.DataFrame:
    extra, names = dummies(people, covariates)
    outcome = people[level].to_numpy(int)
    counts = {"steps": len(np.unique(outcome)), "n": len(people), "municipalities": people["municipality"].nunique()}
    try:
        require_variation(people["result"].to_numpy(float), "the result between municipalities")
        kept = _spread(outcome, extra)
        terms = [RESULT, *(name for name, own in zip(names, kept, strict=True) if own)]
        table = brant(outcome, np.column_stack([people["result"], extra[:, kept]]), terms)
        return table[table["term"].isin([OMNIBUS, RESULT])].assign(**counts, method=METHOD)
    except NotEstimable as reason:
        empty = pd.DataFrame({"term": [OMNIBUS, RESULT]}).assign(**counts, method=reason.method)
        return empty.reindex(columns=[*COLUMNS[len(KEY) :]])
