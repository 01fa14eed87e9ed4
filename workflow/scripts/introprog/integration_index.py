"""An index of municipalities: the result beside what participants answer, weighted by config, with its sampling error.

NIBR 2019:4 made such an index, but its formula is not public; components and weights here are ours. Components are
standardised over the municipalities of the index, so that a weight means the same for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from introprog.disclosure import protect_shares
from introprog.estimable import PREFIX, NotEstimable, require_units
from introprog.link import LINKED, SUPPRESSED, survey_means
from introprog.municipal_means import showable

OUTCOME = "outcome"
CENTRE, SPREAD = 50.0, 10.0
FEWEST = 5
FEW_ANSWERS, ALIKE, NOT_ASKED, STILL = "few_answers", "all_answers_alike", "not asked", "does not vary"
COLUMNS = ["kind", "municipality", "component", "weight", "rank", "value", "ci_low", "ci_high", "std_error", "score",
           "n", "municipalities", "reliability", "method"]  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What the index needs: answers to every dimension, the disclosure threshold, the level of the intervals."""

    answers: int
    threshold: int
    level: float


def index_table(
    people: pd.DataFrame, results: pd.DataFrame, weights: Mapping[str, float], rules: Rules
) -> pd.DataFrame:
    """Rows (``COLUMNS``) of kind ``index`` (a municipality: value with limits, rank), ``component`` (a municipality and
    component: ``value`` on its own scale 0-100, standard error, standardised ``score``, n), ``summary``, and
    ``left_out`` (a municipality, or a component, with the reason in ``method``).

    ``people``: one wave of ``scales.parquet``; ``results``: its rows of ``municipal_link`` for one definition and
    horizon, a row a municipality with answers. The index has mean 50; a point is a tenth of a weighted standard
    deviation of the components. Limits are normal and carry the sampling error of all components; errors of dimensions
    go together, since the same persons answer, and the means and spreads that standardise are taken as known.
    """
    asked = [name for name in weights if name == OUTCOME or (name in people and people[name].notna().any())]
    dropped = [_left_out("component", name, NOT_ASKED) for name in weights if name not in asked]
    dimensions = [name for name in asked if name != OUTCOME]
    reasons = _reasons(people, results, dimensions, OUTCOME in asked, rules)
    dropped += [_left_out("municipality", town, why) for town, why in sorted(reasons.items()) if why]
    towns = [town for town, why in sorted(reasons.items()) if not why]
    summary = {"kind": "summary", "municipalities": len(towns)}
    try:
        require_units(len(towns), FEWEST, "municipalities")
        means, covariances, numbers = _components(people, results, asked, towns)
        spread = means.std(axis=0, ddof=1)
        still = [name for name, sd in zip(asked, spread, strict=True) if not sd > 1e-9]
        dropped += [_left_out("component", name, STILL) for name in still]
        kept = np.array([name not in still for name in asked])
        require_units(int(kept.sum()), 1, "components that vary")
    except NotEstimable as reason:
        return pd.DataFrame([summary | {"method": reason.method}, *dropped]).reindex(columns=COLUMNS)
    names = [name for name, own in zip(asked, kept, strict=True) if own]
    share = np.array([weights[name] for name in names], float)
    share /= share.sum()
    score = (means[:, kept] - means[:, kept].mean(axis=0)) / spread[kept]
    pull = share / spread[kept]
    error = SPREAD * np.sqrt(np.einsum("i,tij,j->t", pull, covariances[:, kept][:, :, kept], pull))
    value = CENTRE + SPREAD * score @ share
    half = float(ndtri(0.5 + rules.level / 2)) * error
    rank = pd.Series(value).round(8).rank(ascending=False, method="min").astype(int)
    index = pd.DataFrame({"municipality": towns, "rank": rank, "value": value, "std_error": error})
    index = index.assign(kind="index", ci_low=value - half, ci_high=value + half, n=numbers[:, kept].min(axis=1))
    parts = [
        pd.DataFrame({"municipality": towns, "value": means[:, i], "std_error": np.sqrt(covariances[:, i, i])}).assign(
            kind="component", component=name, weight=share[at], score=score[:, at], n=numbers[:, i], rank=rank
        )
        for at, (i, name) in enumerate(zip(np.flatnonzero(kept), names, strict=True))
    ]
    told = max(0.0, 1 - float(np.mean(error**2) / np.var(value, ddof=1)))
    summary |= {"reliability": told, "value": CENTRE, "method": "weighted mean of standardised components"}
    table = pd.concat([index, *parts, pd.DataFrame([summary, *dropped])], ignore_index=True)
    return table.reindex(columns=COLUMNS)


def _left_out(what: str, name: str, why: str) -> dict:
    return {"kind": "left_out", what: name, "method": f"{PREFIX}{why}"}


def _reasons(people: pd.DataFrame, results: pd.DataFrame, dimensions: list[str], outcome: bool, rules: Rules) -> dict:
    """Every municipality of the wave with the first reason why it is not in the index, or an empty text."""
    towns = pd.Index(sorted(set(people["municipality"].dropna()) | set(results["municipality"])))
    why = pd.Series("", index=towns, dtype="str")

    def tell(those: pd.Index | np.ndarray, reason: str | pd.Series) -> None:
        why[why.eq("") & towns.isin(those)] = reason

    for name in dimensions:
        told = people[people[name].notna() & people["municipality"].notna()]
        counts = told.groupby("municipality").size().reindex(towns, fill_value=0)
        tell(counts.index[counts < rules.answers], FEW_ANSWERS)
        tell(towns.difference(showable(told[name], told["municipality"], rules.answers)), ALIKE)
    if outcome:
        status = results.set_index("municipality")["status"].reindex(towns).fillna("no_result")
        for reason in sorted(set(status) - {LINKED}):
            tell(status.index[status == reason], reason)
        linked = results[results["status"] == LINKED].reset_index(drop=True)
        counts = pd.DataFrame(
            {"municipality": linked["municipality"], "n": linked["y_n"], "successes": linked["y_successes"]}
        )
        hidden = protect_shares(counts, ["municipality"], {}, rules.threshold) if len(counts) else []
        tell(pd.Index(counts.loc[hidden, "municipality"]) if len(counts) else pd.Index([]), SUPPRESSED)
    return why.to_dict()


def _components(
    people: pd.DataFrame, results: pd.DataFrame, asked: list[str], towns: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means (t, k) on 0-100, their sampling covariance (t, k, k), and numbers (t, k) of answers or leavers."""
    k = len(asked)
    means, numbers, covariances = (
        np.zeros((len(towns), k)),
        np.zeros((len(towns), k), int),
        np.zeros((len(towns), k, k)),
    )
    for i, name in enumerate(asked):
        if name == OUTCOME:
            own = results.set_index("municipality").loc[towns]
            means[:, i], numbers[:, i] = 100 * own["y_rate"].to_numpy(float), own["y_n"].to_numpy(int)
            pooled = own["y_successes"].sum() / own["y_n"].sum()
            covariances[:, i, i] = 100**2 * pooled * (1 - pooled) / own["y_n"].to_numpy(float)
            continue
        own = survey_means(people, name).set_index("municipality").loc[towns]
        means[:, i], numbers[:, i] = own["s_mean"], own["s_n"]
        covariances[:, i, i] = own["s_se"] ** 2
        for j in range(i):
            if asked[j] != OUTCOME:
                covariances[:, i, j] = covariances[:, j, i] = _shared(people, name, asked[j], towns)
    return means, covariances, numbers


def _shared(people: pd.DataFrame, first: str, second: str, towns: list[str]) -> np.ndarray:
    """Sampling covariance (t,) of two weighted means of the same persons: the covariance within municipalities, common
    to all, times the weight that both means give the same answers."""
    placed = people[people["municipality"].notna()]
    both = placed[placed[first].notna() & placed[second].notna()]
    codes, known = pd.factorize(both["municipality"], sort=True)
    count = np.bincount(codes)
    gaps = [both[name].to_numpy(float) - (np.bincount(codes, both[name]) / count)[codes] for name in (first, second)]
    within = (gaps[0] * gaps[1]).sum() / (len(both) - len(known))
    square = pd.Series(np.bincount(codes, both["weight"] ** 2), index=known).reindex(towns).fillna(0.0)
    totals = [
        placed[placed[name].notna()].groupby("municipality")["weight"].sum().reindex(towns) for name in (first, second)
    ]
    return (within * square / (totals[0] * totals[1])).to_numpy(float)
