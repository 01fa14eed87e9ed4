"""How often intervals and verdicts are right: studies with a known truth, through the pipeline's own code.

A replicate is drawn in the form that the survey and register steps hand over and is then a wave like any other: it goes
through the same link, models, correlations and verdict as real data. Municipalities are a sample from a population, so
the truth is that population's, not the sample's.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtr

from introprog.association import RESULT, SCORE
from introprog.calibration_population import CONSTRUCT, Population, Study, draw_study
from introprog.disattenuation import fisher_interval
from introprog.judgement import Plan, verdict_table
from introprog.link import Thresholds, link_surveys
from introprog.satisfaction import coefficient_table
from introprog.standardisation import add_adjusted, standardise_results
from introprog.verdict import decide

DEFINITION, HORIZON = "simulated", 1
CELL = ["true_correlation", "municipalities"]
ESTIMATOR = ["model", "inference"]
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "p_value"]
COLUMNS = [*CELL, "replicate", *ESTIMATOR, "used", *NUMBERS, "verdict"]
INFERENCES = {
    "CR2": "CR2",
    "CRV1": "CRV1",
    "CRV3": "CRV3",
    "cluster jackknife": "cluster jackknife",
    "wild cluster bootstrap": "wild bootstrap",
    "HC3": "HC3",
    "classical": "classical",
    "Knapp-Hartung": "Knapp-Hartung",
    "quadrature": "t",
    "between-within t": "between-within t",
}
STUDIED = {
    "person_linear": ("linear", False, "none"),
    "person_linear_adjusted": ("linear", True, "survey"),
    "person_ordered": ("ordered", False, "none"),
    "person_ordered_adjusted": ("ordered", True, "survey"),
    "person_random_intercept": ("random_intercept", False, "survey"),
    "municipality_ols": ("least_squares", True, "none"),
    "municipality_meta": ("meta", True, "none"),
    "municipality_binomial": ("binomial", True, "none"),
}
STUDIED_COMPOSED = {
    "person_linear_both": ("linear", True, "both"),
    "person_ordinal_intercept": ("ordered_intercept", False, "survey"),
    "municipality_ols_survey": ("least_squares", True, "survey"),
    "municipality_ols_both": ("least_squares", True, "both"),
    "municipality_meta_both": ("meta", True, "both"),
    "municipality_binomial_both": ("binomial", True, "both"),
}
BLOCKS, BLOCKS_COMPOSED = (
    {
        name: {"form": form, "weighted": weighted, "adjust": adjust, "definitions": "official"}
        for name, (form, weighted, adjust) in studied.items()
    }
    for studied in (STUDIED, STUDIED_COMPOSED)
)
CORRELATIONS = {
    ("correlation", "jackknife"): ("r", "ci95_low", "ci95_high", "p_value", "verdict_raw"),
    ("correlation of true means", "profile likelihood"): (
        *("r_disattenuated", "r_disattenuated_low", "r_disattenuated_high"),
        *(None, "verdict_disattenuated"),
    ),
    ("verdict", "both"): (None, None, None, None, "verdict"),
    ("reliability", "survey"): ("reliability_survey", None, None, None, None),
    ("reliability", "result"): ("reliability_result", None, None, None, None),
}


def run_cell(
    seed: int,
    municipalities: int,
    true_correlation: float,
    replicates: Iterable[int],
    smallest_effect: float,
    alpha: float,
    thresholds: Thresholds,
    population: Population | None = None,
    batch: int = 20,
    models: bool = True,
    own_effect: int = 100,
) -> pd.DataFrame:
    """One row a replicate and estimator (``COLUMNS``), from the pipeline's own link, models and verdict.

    ``replicates`` are their numbers: each has a random stream of its own, so that any division into jobs gives the same
    rows. Without ``models`` only the correlations and the verdict. A composed ``population`` goes through the models
    that adjust both sides, and the ordered random intercept, alone; ``own_effect``: leavers a municipality needs there
    for an effect of its own. ``used``: municipalities that entered. What could not be estimated has no row, but for
    the verdict, which says so.
    """
    population, numbers, parts = population or Population(), list(replicates), []
    for start in range(0, len(numbers), batch):
        chosen = numbers[start : start + batch]
        key = (seed, round(1000 * (1 + true_correlation)), municipalities)
        studies = {
            number: draw_study(np.random.default_rng((*key, number)), municipalities, true_correlation, population)
            for number in chosen
        }
        parts.append(_estimate(studies, population, smallest_effect, alpha, thresholds, models, own_effect))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(true_correlation=true_correlation, municipalities=municipalities)[COLUMNS]


def _estimate(
    studies: Mapping[int, Study],
    population: Population,
    smallest: float,
    alpha: float,
    thresholds: Thresholds,
    models: bool,
    own_effect: int,
) -> pd.DataFrame:
    """The pipeline on a batch of studies, each of them a wave of its own with leavers of a year of its own."""
    # of the other alignment there is nobody: no study has leavers of the year before the first
    waves = {f"r{number:06d}": {"year": number, "concurrent": (0, 0), "published": (-1, -2)} for number in studies}
    drawn = list(zip(waves, studies.items(), strict=True))
    scores = pd.concat([study.answers.assign(wave=wave) for wave, (_, study) in drawn], ignore_index=True)
    covariates = list(population.margins)
    scores = scores.astype({"municipality": "str", **dict.fromkeys(covariates, "str")})
    panel = pd.concat([study.panel.assign(exit_year=number) for _, (number, study) in drawn], ignore_index=True)
    panel = panel.assign(definition=DEFINITION, horizon=HORIZON, geography="programme", sex="both", suppressed=False)
    asked = {wave: [CONSTRUCT] for wave in waves}
    where = {DEFINITION: "programme"}
    link, counts = link_surveys(scores, panel, waves, "concurrent", asked, where, [HORIZON], thresholds)
    plan = _plan(smallest, alpha, list(waves), covariates, BLOCKS_COMPOSED if population.composed else BLOCKS)
    if population.composed:
        standard = _standardised(studies, waves, covariates, own_effect)
        link = add_adjusted(link, scores, standard, "concurrent", covariates)
        rows = _model_rows(coefficient_table(scores, link, counts, plan))
    else:
        verdicts = verdict_table(link, counts, plan)
        fitted = [_model_rows(coefficient_table(scores, link, counts, plan))] if models else []
        rows = pd.concat([*fitted, *_correlation_rows(verdicts), _fisher_rows(verdicts, plan)])
    number = dict(zip(waves, studies, strict=True))
    rows = rows.assign(replicate=rows["wave"].map(number).astype(int))
    return rows.sort_values(["replicate", *ESTIMATOR], ignore_index=True)


def _standardised(
    studies: Mapping[int, Study], waves: Mapping[str, Mapping], covariates: list[str], own_effect: int
) -> pd.DataFrame:
    """Results as with the average leaver, by the step that the pipeline takes them from."""
    people = pd.concat([study.leavers.assign(exit_year=number) for number, study in studies.items()])
    people = people.assign(person_id=[f"{row:010d}" for row in range(len(people))], included=True)
    people = people.astype(dict.fromkeys(["municipality", "county", *covariates], "str")).reset_index(drop=True)
    outcomes = people[["person_id", "municipality", "success"]].astype({"success": "boolean"})
    outcomes = outcomes.assign(definition=DEFINITION, horizon=HORIZON, in_denominator=True)
    return standardise_results(people, outcomes, waves, [(DEFINITION, HORIZON)], covariates, own_effect)


def _plan(smallest: float, alpha: float, names: list[str], covariates: list[str], blocks: Mapping) -> Plan:
    primary = {"wave": names[0], "construct": CONSTRUCT, "definition": DEFINITION, "horizon": HORIZON}
    words = {"survey": {n: n for n in names}, "construct": {n: {} for n in names}, "definition": {DEFINITION: ""}}
    labels = dict.fromkeys(("nb", "en"), words)
    return Plan(smallest, alpha, primary, covariates, labels, models=blocks, full=(DEFINITION,))


def _model_rows(models: pd.DataFrame) -> pd.DataFrame:
    rows = models[models["term"].isin([RESULT, SCORE]) & models["estimate"].notna()]
    rows = rows.rename(columns={"clusters": "used"}).assign(inference="", verdict="")
    for text, name in INFERENCES.items():
        rows.loc[rows["method"].str.contains(text, regex=False), "inference"] = name
    return rows


def _correlation_rows(verdicts: pd.DataFrame) -> list[pd.DataFrame]:
    fixed = {"wave": verdicts["wave"], "used": verdicts["municipalities"]}
    rows = []
    for (model, inference), columns in CORRELATIONS.items():
        pairs = zip([*("estimate", "ci_low", "ci_high", "p_value"), "verdict"], columns, strict=True)
        part = pd.DataFrame(fixed | {name: verdicts[column] for name, column in pairs if column})
        part = part.assign(model=model, inference=inference)
        kept = part["estimate"].notna() if "estimate" in part else slice(None)
        rows.append(part.reindex(columns=[*fixed, *ESTIMATOR, *NUMBERS, "verdict"]).loc[kept])
    return rows


def _fisher_rows(verdicts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """The textbook interval of the same correlation, which takes all means for equally precise."""
    known = verdicts[verdicts["r"].notna()]
    pairs = list(zip(known["r"], known["municipalities"], strict=True))
    wide = [fisher_interval(r, n, plan.level) for r, n in pairs]
    narrow = [fisher_interval(r, n, 2 * plan.level - 1) for r, n in pairs]
    judged = [decide(*both, plan.smallest_effect) for both in zip(wide, narrow, strict=True)]
    low, high = np.array(wide).reshape(-1, 2).T
    z = np.arctanh(known["r"]) * np.sqrt(known["municipalities"] - 3)
    return pd.DataFrame(
        {"wave": known["wave"], "used": known["municipalities"], "model": "correlation", "inference": "Fisher"}
        | {"estimate": known["r"], "ci_low": low, "ci_high": high, "p_value": 2 * ndtr(-z.abs()), "verdict": judged}
    )
