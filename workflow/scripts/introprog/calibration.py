"""How often intervals and verdicts are right: studies with a known truth, through the pipeline's own code.

A replicate is drawn in the form that the survey and register steps hand over and is then a wave like any other: it goes
through the same link, models, correlations and verdict as real data. Municipalities are a sample from a population, so
the truth is that population's, not the sample's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from introprog.association import RESULT, SCORE
from introprog.disattenuation import fisher_interval
from introprog.judgement import Plan, verdict_table
from introprog.link import Thresholds, link_surveys
from introprog.satisfaction import coefficient_table
from introprog.verdict import decide

CONSTRUCT, DEFINITION, HORIZON = "satisfaction", "simulated", 1
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
    "between-within t": "between-within t",
    "quadrature": "t",
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
BLOCKS = {
    name: {"form": form, "weighted": weighted, "adjust": adjust, "definitions": "official"}
    for name, (form, weighted, adjust) in STUDIED.items()
}
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


@dataclass(frozen=True)
class Margin:
    """A characteristic: share of participants, chance of an answer relative to others, and shift of the answer."""

    categories: tuple[str, ...]
    shares: tuple[float, ...]
    response: tuple[float, ...]
    shift: tuple[float, ...]


MARGINS = {
    "sex": Margin(("men", "women"), (0.45, 0.55), (0.9, 1.1), (0.0, 0.05)),
    "age_group": Margin(
        ("18-25", "26-35", "36-45", "46-55"), (0.27, 0.39, 0.24, 0.10), (0.9, 1.1, 1.0, 0.8), (0.05, 0.0, 0.0, -0.1)
    ),
    "country_group": Margin(
        *(("africa_horn", "africa_other", "syria", "asia_other", "europe_other"), (0.30, 0.12, 0.33, 0.20, 0.05)),
        *((1.1, 1.0, 0.9, 1.0, 1.0), (0.1, 0.05, 0.0, -0.1, -0.15)),
    ),
}


@dataclass(frozen=True)
class Population:
    """Municipalities and persons that studies are drawn from.

    Sizes are log-normal and go together: answers of a wave, and leavers of the years pooled with it (never under
    ``least_leavers``, which such a comparison needs). Result: ``result_level`` on average, standard deviation
    ``result_sd``, both on the probit scale (0.16 is 6 percentage points). Answers: ordered cuts, by ``steps``, of the
    municipality's climate (``climate_sd``), the person's characteristics and a standard normal part.
    """

    answers_median: float = 18
    answers_log_sd: float = 0.75
    leavers_median: float = 32
    leavers_log_sd: float = 0.90
    size_correlation: float = 0.8
    least_leavers: int = 5
    result_level: float = 0.62
    result_sd: float = 0.16
    climate_sd: float = 0.26
    steps: tuple[float, ...] = (0.03, 0.10, 0.35, 0.52)

    @property
    def cuts(self) -> np.ndarray:
        """Bounds between the answer steps on the latent scale, climate and characteristics at their means."""
        spread = 1 + self.climate_sd**2 + sum(_moments(m)[1] for m in MARGINS.values())
        return ndtri(np.cumsum(self.steps)[:-1]) * np.sqrt(spread) + sum(_moments(m)[0] for m in MARGINS.values())

    def true_result(self, quality: np.ndarray) -> np.ndarray:
        """Share in work or education that a municipality of this standardised quality has in the long run."""
        return ndtr(ndtri(self.result_level) * np.sqrt(1 + self.result_sd**2) + self.result_sd * quality)

    def true_score(self, climate: np.ndarray) -> np.ndarray:
        """Mean score (0-100) over all participants of a municipality of this standardised climate."""
        shift, share = np.zeros(1), np.ones(1)
        for margin in MARGINS.values():
            shift = np.add.outer(shift, margin.shift).ravel()
            share = np.multiply.outer(share, margin.shares).ravel()
        view = self.climate_sd * np.asarray(climate)[..., None, None] + shift[:, None]
        return 100 / len(self.cuts) * (ndtr(view - self.cuts).sum(axis=-1) @ share)

    def truth(self, correlation: float) -> dict[str, float]:
        """Correlation of true means, slope of score on result and log odds of the result on score, by quadrature.

        Slopes: points of score per 10 percentage points, and log odds per 10 points of score.
        """
        node, weight = np.polynomial.hermite_e.hermegauss(40)
        weight = np.multiply.outer(weight, weight) / weight.sum() ** 2
        quality, other = np.meshgrid(node, node, indexing="ij")
        result = self.true_result(quality)
        score = self.true_score(correlation * quality + np.sqrt(1 - correlation**2) * other)
        odds = np.log(result / (1 - result))

        def covariance(a: np.ndarray, b: np.ndarray) -> float:
            return float((weight * a * b).sum() - (weight * a).sum() * (weight * b).sum())

        spread = covariance(score, score), covariance(result, result)
        return {
            "correlation": covariance(score, result) / np.sqrt(spread[0] * spread[1]),
            RESULT: covariance(score, result) / spread[1] / 10,
            SCORE: covariance(score, odds) / spread[0] * 10,
        }


def _moments(margin: Margin) -> tuple[float, float]:
    mean = float(np.dot(margin.shares, margin.shift))
    return mean, float(np.dot(margin.shares, np.square(margin.shift))) - mean**2


def draw_study(
    rng: np.random.Generator, municipalities: int, true_correlation: float, population: Population
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One study: answers as in ``scales.parquet`` (the columns that the estimators read) and a municipality panel.

    Quality and climate of the municipalities are standard normal with ``true_correlation``. Answers come from
    respondents, who differ from participants; their weights say how.
    """
    quality, other, size, own = rng.standard_normal((4, municipalities))
    climate = true_correlation * quality + np.sqrt(1 - true_correlation**2) * other
    together = population.size_correlation
    second = together * size + np.sqrt(1 - together**2) * own
    answers = np.rint(population.answers_median * np.exp(population.answers_log_sd * size)).astype(int).clip(1)
    leavers = np.rint(population.leavers_median * np.exp(population.leavers_log_sd * second)).astype(int)
    leavers = leavers.clip(population.least_leavers)
    codes = np.array([f"{1000 + code}" for code in range(municipalities)])
    panel = pd.DataFrame({"municipality": codes, "n": leavers})
    panel["successes"] = rng.binomial(leavers, population.true_result(quality))
    place = np.repeat(np.arange(municipalities), answers)
    view = population.climate_sd * climate[place] + rng.standard_normal(len(place))
    scores = {"municipality": pd.Categorical.from_codes(place, codes)}
    weight = np.ones(len(place))
    for name, margin in MARGINS.items():
        shares = np.multiply(margin.shares, margin.response)
        drawn = rng.choice(len(shares), len(place), p=shares / shares.sum())
        scores[name] = pd.Categorical.from_codes(drawn, margin.categories)
        view += np.take(margin.shift, drawn)
        weight /= np.take(margin.response, drawn)
    step = np.searchsorted(population.cuts, view)
    scores |= {"weight": weight / weight.mean(), CONSTRUCT: step * (100 / len(population.cuts))}
    return pd.DataFrame(scores | {f"{CONSTRUCT}_level": step + 1}), panel


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
) -> pd.DataFrame:
    """One row a replicate and estimator (``COLUMNS``), from the pipeline's own link, models and verdict.

    ``replicates`` are their numbers: each has a random stream of its own, so that any division into jobs gives the same
    rows. Without ``models`` only the correlations and the verdict. ``used``: municipalities that entered. What could
    not be estimated has no row, but for the verdict, which says so.
    """
    population, numbers, parts = population or Population(), list(replicates), []
    for start in range(0, len(numbers), batch):
        chosen = numbers[start : start + batch]
        key = (seed, round(1000 * (1 + true_correlation)), municipalities)
        studies = {
            number: draw_study(np.random.default_rng((*key, number)), municipalities, true_correlation, population)
            for number in chosen
        }
        parts.append(_estimate(studies, smallest_effect, alpha, thresholds, models))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(true_correlation=true_correlation, municipalities=municipalities)[COLUMNS]


def _estimate(
    studies: Mapping[int, tuple], smallest: float, alpha: float, thresholds: Thresholds, models: bool
) -> pd.DataFrame:
    """The pipeline on a batch of studies, each of them a wave of its own with leavers of a year of its own."""
    waves = {f"r{number:06d}": {"year": number, "drawn": (0, 0)} for number in studies}
    drawn = list(zip(waves, studies.items(), strict=True))
    scores = pd.concat([answers.assign(wave=wave) for wave, (_, (answers, _)) in drawn], ignore_index=True)
    scores = scores.astype({"municipality": "str", **dict.fromkeys(MARGINS, "str")})
    panel = pd.concat([panel.assign(exit_year=number) for _, (number, (_, panel)) in drawn], ignore_index=True)
    panel = panel.assign(definition=DEFINITION, horizon=HORIZON, geography="programme", sex="both", suppressed=False)
    asked = {wave: [CONSTRUCT] for wave in waves}
    where = {DEFINITION: "programme"}
    link, counts = link_surveys(scores, panel, waves, "drawn", asked, where, [HORIZON], thresholds)
    plan = _plan(smallest, alpha, list(waves))
    verdicts = verdict_table(link, counts, plan)
    fitted = [_model_rows(coefficient_table(scores, link, counts, plan))] if models else []
    rows = pd.concat([*fitted, *_correlation_rows(verdicts), _fisher_rows(verdicts, plan)])
    number = dict(zip(waves, studies, strict=True))
    rows = rows.assign(replicate=rows["wave"].map(number).astype(int))
    return rows.sort_values(["replicate", *ESTIMATOR], ignore_index=True)


def _plan(smallest: float, alpha: float, names: list[str]) -> Plan:
    primary = {"wave": names[0], "construct": CONSTRUCT, "definition": DEFINITION, "horizon": HORIZON}
    words = {"survey": {n: n for n in names}, "construct": {n: {} for n in names}, "definition": {DEFINITION: ""}}
    labels = dict.fromkeys(("nb", "en"), words)
    return Plan(smallest, alpha, primary, list(MARGINS), labels, models=BLOCKS, full=(DEFINITION,))


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
