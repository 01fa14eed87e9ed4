"""Satisfaction on result under every specification: one correlation a combination of reasonable choices.

Specification curve (Simonsohn, Simmons and Nelson 2020, doi 10.1038/s41562-020-0912-z): survey wave, score, definition
and horizon of the result, time order, adjustment for composition and weighting are all combined, and none is chosen.
Estimates are correlations between municipalities, so they are standardised; intervals leave out municipalities in turn.
The verdict is that of the table of verdicts, for every specification.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from introprog import verdict
from introprog.disattenuation import Correlation, certainly_small, pearson
from introprog.estimable import NotEstimable
from introprog.link import KEY, LINKED, Thresholds, link_surveys, survey_means
from introprog.multilevel import residual_variance
from introprog.scales import members
from introprog.standardisation import add_adjusted, adjusted_means, cells_of

CHOICES = ["alignment", "adjustment", "weighting"]
COLUMNS = [*KEY, *CHOICES, "years_after", "first_exit_year", "last_exit_year", "estimate", "std_error", "ci_low",
           "ci_high", "p_value", "n", "clusters", "dof", "verdict", "verdict_raw", "primary", "method"]  # fmt: skip
METHOD = "Pearson, municipality jackknife"
SCORES = {
    (False, False): "s_mean",
    (False, True): "s_adjusted",
    (True, False): "s_plain",
    (True, True): "s_plain_adjusted",
}
VALUES = [*SCORES.values(), "s_se", "s_plain_se", "s_n", "y_n", "y_successes", "y_rate", "y_adjusted"]
PLACES = 6
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "p_value", "dof"]


def association_specifications(
    scores: pd.DataFrame,
    panel: pd.DataFrame,
    standard: pd.DataFrame,
    instruments: Mapping[str, Mapping],
    surveys: Mapping,
    association: Mapping,
    definitions: Mapping[str, Mapping],
) -> pd.DataFrame:
    """One row a specification (``COLUMNS``), sorted by wave and choices; inputs as in ``satisfaction.analyse``.

    ``estimate``: correlation; ``std_error``: that of Fisher's z; ``n``: answers, where there is an estimate;
    ``clusters``: municipalities; ``years_after``: horizon in years; ``verdict``: ``associated``, ``equivalent`` (the
    correlation freed of sampling error is too small as well), ``undecided``, or ``not estimable: <reason>``;
    ``verdict_raw``: from the correlation as measured alone. ``primary`` marks the primary contrast as the config
    states it.
    """
    choices = association["specifications"]
    columns = {w: list(members(instruments[e["instrument"]], "construct")) for w, e in surveys["waves"].items()}
    horizons: dict[str, list[int]] = {name: [] for name in definitions}
    for name, horizon in cells_of(definitions, association["horizons"]):
        horizons[name].append(horizon)
    places = {name: entry["geography"] for name, entry in definitions.items()}
    thresholds = Thresholds(surveys["minimum_answers"], surveys["minimum_municipal_leavers"])
    scores = scores.sort_values(["wave", "response_id"], ignore_index=True)
    plain = _plain_means(scores, columns, association["covariates"])
    rows: list[dict] = []
    for alignment in choices["alignments"]:
        link, counts = link_surveys(scores, panel, surveys["waves"], alignment, columns, places, horizons, thresholds)
        link = add_adjusted(link, scores, standard, alignment, association["covariates"])
        link = link[link["status"] == LINKED].merge(plain, on=["wave", "construct", "municipality"], how="left")
        rows += _specify(link, counts, choices, association)
    table = pd.DataFrame(rows)
    yearly = table["definition"].map({name: entry["moment"] for name, entry in definitions.items()}) == "anniversary"
    table["years_after"] = table["horizon"].where(~yearly, table["horizon"] // 12)
    table["primary"] = np.logical_and.reduce(
        [table[k] == association["primary"][k] for k in KEY]
        + [table["alignment"] == surveys["alignment"], table["adjustment"] == "none", table["weighting"] == "raked"]
    )
    table = table.astype(dict.fromkeys(["first_exit_year", "last_exit_year", "n"], "Int64")).round(
        dict.fromkeys(NUMBERS, PLACES)
    )
    return table[COLUMNS].sort_values([*KEY, *CHOICES], ignore_index=True)


def _plain_means(scores: pd.DataFrame, columns: Mapping[str, list[str]], covariates: Iterable[str]) -> pd.DataFrame:
    """Means with every answer alike, as they are and adjusted: wave, construct, municipality, s_plain, s_plain_se,
    s_plain_adjusted."""
    parts = []
    for wave, names in columns.items():
        own = scores[scores["wave"] == wave].assign(weight=1.0)
        for name in names:
            means = survey_means(own, name)[["municipality", "s_mean", "s_se"]]
            means = means.rename(columns={"s_mean": "s_plain", "s_se": "s_plain_se"})
            adjusted = means["municipality"].map(adjusted_means(own, name, covariates)) if len(means) else np.nan
            parts.append(means.assign(wave=wave, construct=name, s_plain_adjusted=adjusted))
    return pd.concat(parts, ignore_index=True)


def _specify(link: pd.DataFrame, counts: pd.DataFrame, choices: Mapping, association: Mapping) -> Iterator[dict]:
    """Rows of one alignment: every adjustment and weighting for every combination in ``counts``."""
    groups, columns = link.groupby(KEY).indices, {name: link[name].to_numpy(float) for name in VALUES}
    level, smallest = 1 - association["alpha"], association["smallest_effect"]
    for fixed in counts.sort_values(KEY).to_dict("records"):
        at = groups.get(tuple(fixed[k] for k in KEY), np.array([], dtype=int))
        towns = {name: values[at] for name, values in columns.items()}
        keys = {k: fixed[k] for k in (*KEY, "alignment", "first_exit_year", "last_exit_year")}
        keys |= {"n": int(towns["s_n"].sum()), "clusters": len(at)} | dict.fromkeys(NUMBERS, np.nan)
        for adjustment in choices["adjustments"]:
            for weighting in choices["weightings"]:
                row = keys | {"adjustment": adjustment, "weighting": weighting}
                try:
                    if pd.isna(fixed["first_exit_year"]):
                        raise NotEstimable(verdict.NOT_OBSERVED)
                    yield row | _estimate(towns, adjustment, weighting, level, smallest)
                except NotEstimable as reason:
                    verdicts = dict.fromkeys(("verdict", "verdict_raw"), reason.method)
                    yield row | verdicts | {"n": pd.NA, "method": reason.method}


def _estimate(towns: Mapping[str, np.ndarray], adjustment: str, weighting: str, level: float, smallest: float) -> dict:
    """The correlation of one specification with its interval and verdict. Raises ``NotEstimable``."""
    mean = towns[SCORES[weighting == "plain", adjustment != "none"]]
    rate = towns["y_adjusted" if adjustment == "both" else "y_rate"]
    if np.isnan(rate).any():
        raise NotEstimable(verdict.FORETOLD)
    weights = _precision(mean, towns["s_se"]) if weighting == "precise" else None
    found = pearson(mean, rate, level, weights)
    raw = verdict.decide(found.ci95, found.ci90, smallest)
    return {
        "estimate": found.r, "std_error": found.z_error, "ci_low": found.ci95[0], "ci_high": found.ci95[1],
        "p_value": found.p_value, "dof": found.n - 2, "method": METHOD,
        "verdict": _verdict(raw, found, mean, rate, towns, weighting, level, smallest), "verdict_raw": raw,
    }  # fmt: skip


def _verdict(
    raw: str, found: Correlation, mean: np.ndarray, rate: np.ndarray, towns: Mapping[str, np.ndarray], weighting: str,
    level: float, smallest: float,
) -> str:  # fmt: skip
    """The verdict that noise cannot bring about: too small to matter only if the true correlation is so too.

    Sampling variances as in the table of verdicts; an adjusted result has those of the share times the square of what
    adjusting multiplies it by.
    """
    if raw != "equivalent":
        return raw
    error = towns["s_plain_se" if weighting == "plain" else "s_se"]
    if not np.isfinite(error).all():
        return verdict.decide(found.ci95, found.ci90, smallest, (-1, 1))
    pooled = towns["y_successes"].sum() / towns["y_n"].sum()
    factor = np.divide(rate, towns["y_rate"], out=np.ones(len(rate)), where=towns["y_rate"] > 0)
    noise = pooled * (1 - pooled) / towns["y_n"] * factor**2
    if certainly_small(mean, error**2, rate, noise, smallest, level):
        return raw
    return verdict.decide(found.ci95, found.ci90, smallest, (-1, 1))


def _precision(mean: np.ndarray, error: np.ndarray) -> np.ndarray | None:
    """Weights of a random-effects mean: one over the variance between municipalities and that of sampling."""
    if len(mean) < 5:
        return None
    if not np.isfinite(error).all():
        raise NotEstimable("no municipality has two answers")
    return 1 / (error**2 + residual_variance(mean, error**2, np.ones((len(mean), 1))))
