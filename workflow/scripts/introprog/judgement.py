"""Correlations and verdicts of every combination: T-F4, influence of single municipalities, items and definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from introprog import disattenuation, verdict
from introprog.errors import Problem, raise_if
from introprog.estimable import NotEstimable
from introprog.link import KEY, LINKED

EMPTY = [
    "r",
    "ci95_low",
    "ci95_high",
    "ci90_low",
    "ci90_high",
    "p_value",
    "p_tost",
    "mde",
    "reliability_survey",
    "reliability_result",
    "r_disattenuated",
    "r_disattenuated_low",
    "r_disattenuated_high",
    "r_leave_one_out_low",
    "r_leave_one_out_high",
]
YEARS = ("first_exit_year", "last_exit_year")
ORDER = [*KEY, "alignment", *YEARS, "municipalities", "survey_only", "results_only"]
LAST = ["primary", "p_holm", "p_bh", "verdict", "verdict_raw", "verdict_disattenuated", "sentence_nb", "sentence_en"]


@dataclass(frozen=True)
class Plan:
    """What is asked: smallest correlation of interest, alpha, the primary contrast, covariates, labels, bootstrap,
    and the models by name (``model_blocks``), reported in full for the definitions ``full``."""

    smallest_effect: float
    alpha: float
    primary: Mapping[str, object]
    covariates: Sequence[str]
    labels: Mapping[str, Mapping[str, Mapping]]
    seed: int = 20191028
    replicates: int = 999
    models: Mapping[str, Mapping] = field(default_factory=dict)
    full: Sequence[str] = ()
    level: float = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "level", 1 - self.alpha)


def verdict_table(link: pd.DataFrame, counts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Table T-F4: one row a combination, with correlations, equivalence test, verdict and sentences.

    The primary contrast stands uncorrected; ``p_holm`` corrects within its family (same score and definition, all
    waves and horizons), ``p_bh`` over all the other rows. Raises ``InputError`` when the primary contrast is not among
    the rows.
    """
    groups = {key: part[part["status"] == LINKED] for key, part in link.groupby(KEY)}
    rows = []
    for fixed in counts.to_dict("records"):
        key = tuple(fixed[k] for k in KEY)
        towns = groups.get(key, link.iloc[:0])
        rows.append(
            fixed
            | {"municipalities": len(towns), "smallest_effect": plan.smallest_effect}
            | _judge(towns, plan, fixed["first_exit_year"])
        )
    table = pd.DataFrame(rows)
    table["primary"] = np.logical_and.reduce([table[k] == plan.primary[k] for k in KEY])
    hint = "association: primary must be one of the waves, constructs, definitions and horizons that are analysed"
    what = ", ".join(f"{k} {plan.primary[k]}" for k in KEY)
    absent = (
        []
        if table["primary"].any()
        else [Problem("config.yaml, association: primary", "S9", f"not analysed: {what}", hint=hint)]
    )
    raise_if(absent)
    family = (table["construct"] == plan.primary["construct"]) & (table["definition"] == plan.primary["definition"])
    table["p_holm"], table["p_bh"] = np.nan, np.nan
    for name, chosen, function in (("p_holm", family, verdict.holm), ("p_bh", ~family, verdict.benjamini_hochberg)):
        tested = chosen & table["p_value"].notna()
        table.loc[tested, name] = function(table.loc[tested, "p_value"].to_numpy(float))
    for language in ("nb", "en"):
        table[f"sentence_{language}"] = [_sentence(row, plan, language) for row in table.to_dict("records")]
    table = table.astype(dict.fromkeys(YEARS, "Int64"))
    return table[[*ORDER, "smallest_effect", *EMPTY, *LAST]].sort_values(KEY, ignore_index=True)


def _judge(towns: pd.DataFrame, plan: Plan, observed) -> dict:
    mean, rate = towns["s_mean"].to_numpy(float), towns["y_rate"].to_numpy(float)
    row = dict.fromkeys(EMPTY, np.nan)
    try:
        if pd.isna(observed):
            raise NotEstimable(verdict.NOT_OBSERVED)
        raw = disattenuation.pearson(mean, rate, plan.level)
    except NotEstimable as reason:
        return row | dict.fromkeys(("verdict", "verdict_raw", "verdict_disattenuated"), reason.method)
    row |= {
        "r": raw.r,
        "ci95_low": raw.ci95[0],
        "ci95_high": raw.ci95[1],
        "ci90_low": raw.ci90[0],
        "ci90_high": raw.ci90[1],
    }
    row |= {"p_value": raw.p_value, "p_tost": verdict.tost_p(raw.r, raw.n, plan.smallest_effect, raw.z_error)}
    row |= {"mde": verdict.smallest_detectable(raw.n, plan.alpha, z_error=raw.z_error)}
    without = disattenuation.leave_one_out(mean, rate)
    row |= {"r_leave_one_out_low": np.nanmin(without), "r_leave_one_out_high": np.nanmax(without)}
    row["verdict_raw"] = verdict.decide(raw.ci95, raw.ci90, plan.smallest_effect)
    if not towns["s_se"].notna().all():
        row["verdict"] = verdict.decide(raw.ci95, raw.ci90, plan.smallest_effect, (-1, 1))
        return row | {"verdict_disattenuated": "not estimable: no municipality has two answers"}
    pooled = towns["y_successes"].sum() / towns["y_n"].sum()
    noise = pooled * (1 - pooled) / towns["y_n"].to_numpy(float)
    true = disattenuation.disattenuated(mean, towns["s_se"].to_numpy(float) ** 2, rate, noise, plan.level)
    row |= {
        "reliability_survey": true.reliability_x,
        "reliability_result": true.reliability_y,
        "r_disattenuated": true.rho,
    }
    row |= {"r_disattenuated_low": true.ci95[0], "r_disattenuated_high": true.ci95[1]}
    row["verdict"] = verdict.decide(raw.ci95, raw.ci90, plan.smallest_effect, true.ci90)
    return row | {"verdict_disattenuated": verdict.decide(true.ci95, true.ci90, plan.smallest_effect)}


def add_influence(link: pd.DataFrame) -> pd.DataFrame:
    """``municipal_link`` with ``r_without``: the correlation of its group when that municipality is left out."""
    table = link.assign(r_without=np.nan)
    for _, part in link[link["status"] == LINKED].groupby(KEY):
        if len(part) > 5:
            table.loc[part.index, "r_without"] = disattenuation.leave_one_out(
                part["s_mean"].to_numpy(float), part["y_rate"].to_numpy()
            )
    return table


def _sentence(row: Mapping, plan: Plan, language: str) -> str:
    labels = plan.labels[language]
    words = {
        "survey": labels["survey"][row["wave"]],
        "construct": labels["construct"][row["wave"]].get(row["construct"], row["construct"]),
        "definition": labels["definition"][row["definition"]],
        "reason": verdict.reason(str(row["verdict"]), language),
    }
    return verdict.sentence(row, words, language)


def correlation_map(link: pd.DataFrame, level: float, family: Sequence[str]) -> pd.DataFrame:
    """Pearson's correlation of municipal mean and result for every group of ``link``, one row each.

    ``p_bh`` is corrected by Benjamini and Hochberg over the rows that share the columns ``family``.
    """
    rows = []
    for key, towns in link.groupby(KEY, sort=True):
        towns = towns[towns["status"] == LINKED]
        row = dict(zip(KEY, key, strict=True)) | {"municipalities": len(towns)}
        try:
            found = disattenuation.pearson(towns["s_mean"], towns["y_rate"], level)
            row |= {"r": found.r, "ci_low": found.ci95[0], "ci_high": found.ci95[1], "p_value": found.p_value}
            row["method"] = "Pearson, Fisher's z, municipality jackknife"
        except NotEstimable as reason:
            row |= dict.fromkeys(("r", "ci_low", "ci_high", "p_value"), np.nan) | {"method": reason.method}
        rows.append(row)
    table = pd.DataFrame(rows)
    table["p_bh"] = np.nan
    for _, part in table[table["p_value"].notna()].groupby(list(family)):
        table.loc[part.index, "p_bh"] = verdict.benjamini_hochberg(part["p_value"].to_numpy(float))
    return table


def item_map(link: pd.DataFrame, level: float) -> pd.DataFrame:
    """``correlation_map`` of items (scores ``item_<name>``), corrected over the items of a wave, definition and
    horizon."""
    table = correlation_map(link, level, ["wave", "definition", "horizon"]).rename(columns={"construct": "item"})
    return table.assign(item=table["item"].str.removeprefix("item_"))
