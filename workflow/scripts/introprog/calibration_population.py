"""The municipalities and persons that the calibration study draws from, with the truth known.

In the plain population participants are alike everywhere, and only answers hang on what they are. In the composed one
municipalities differ in who takes part, and both answers and results hang on it, so that score and result go together
where quality and climate do not: what the models adjusted on both sides are for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from introprog.association import RESULT, SCORE

CONSTRUCT = "satisfaction"
COUNTY = 10


@dataclass(frozen=True)
class Margin:
    """A characteristic: share of participants, chance of an answer relative to others, and shift of the answer.

    ``lean``: log share by a standard deviation of what municipalities differ in; ``result``: shift of the probit of
    being in work or education. Empty: none.
    """

    categories: tuple[str, ...]
    shares: tuple[float, ...]
    response: tuple[float, ...]
    shift: tuple[float, ...]
    lean: tuple[float, ...] = ()
    result: tuple[float, ...] = ()

    def shares_at(self, lean: np.ndarray) -> np.ndarray:
        """Shares (m, categories) among participants of municipalities that lean (m,) standard deviations."""
        if not self.lean:
            return np.broadcast_to(self.shares, (len(lean), len(self.shares)))
        raised = np.multiply(self.shares, np.exp(np.multiply.outer(lean, self.lean)))
        return raised / raised.sum(axis=1, keepdims=True)

    def moments(self) -> tuple[float, float]:
        """Mean and variance of the answer's shift."""
        mean = float(np.dot(self.shares, self.shift))
        return mean, float(np.dot(self.shares, np.square(self.shift))) - mean**2


AGES, GROUPS = (
    ("18-25", "26-35", "36-45", "46-55"),
    ("africa_horn", "africa_other", "syria", "asia_other", "europe_other"),
)
OLD, FROM = (0.27, 0.39, 0.24, 0.10), (0.30, 0.12, 0.33, 0.20, 0.05)
MARGINS = {
    "sex": Margin(("men", "women"), (0.45, 0.55), (0.9, 1.1), (0.0, 0.05)),
    "age_group": Margin(AGES, OLD, (0.9, 1.1, 1.0, 0.8), (0.05, 0.0, 0.0, -0.1)),
    "country_group": Margin(GROUPS, FROM, (1.1, 1.0, 0.9, 1.0, 1.0), (0.1, 0.05, 0.0, -0.1, -0.15)),
}
COMPOSED = {
    "sex": Margin(("men", "women"), (0.45, 0.55), (0.9, 1.1), (0.0, 0.05), (0.1, -0.1), (0.2, -0.16)),
    "age_group": Margin(
        *(AGES, OLD, (0.9, 1.1, 1.0, 0.8), (0.1, 0.0, 0.0, -0.2)),
        *((0.15, 0.05, -0.1, -0.2), (0.15, 0.05, -0.1, -0.35)),
    ),
    "country_group": Margin(
        *(GROUPS, FROM, (1.1, 1.0, 0.9, 1.0, 1.0), (0.25, 0.1, 0.0, -0.2, -0.3)),
        *((0.8, 0.3, -0.8, -0.1, 0.1), (0.10, 0.05, -0.20, 0.10, 0.25)),
    ),
}


@dataclass(frozen=True)
class Population:
    """Municipalities and persons that studies are drawn from.

    Sizes are log-normal and go together: answers of a wave, and leavers of the years pooled with it (never under
    ``least_leavers``, which such a comparison needs). Result: ``result_level`` on average, standard deviation
    ``result_sd``, both on the probit scale (0.16 is 6 percentage points). Answers: ordered cuts, by ``steps``, of the
    municipality's climate (``climate_sd``), the person's characteristics and a standard normal part. ``margins``: the
    characteristics.
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
    margins: Mapping[str, Margin] = field(default_factory=lambda: MARGINS)

    @property
    def composed(self) -> bool:
        """Whether municipalities differ in who takes part."""
        return any(margin.lean for margin in self.margins.values())

    @property
    def cuts(self) -> np.ndarray:
        """Bounds between the answer steps on the latent scale, climate and characteristics at their means."""
        mean, variance = np.sum([m.moments() for m in self.margins.values()], axis=0)
        return ndtri(np.cumsum(self.steps)[:-1]) * np.sqrt(1 + self.climate_sd**2 + variance) + mean

    def result_line(self, quality: np.ndarray) -> np.ndarray:
        """Probit of the share in work or education at this standardised quality, characteristics at their means."""
        return ndtri(self.result_level) * np.sqrt(1 + self.result_sd**2) + self.result_sd * quality

    def _mixture(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Every combination of characteristics: sum of the shifts ``name``, and share of participants."""
        shift, share = np.zeros(1), np.ones(1)
        for margin in self.margins.values():
            own = getattr(margin, name) or np.zeros(len(margin.shares))
            shift, share = np.add.outer(shift, own).ravel(), np.multiply.outer(share, margin.shares).ravel()
        return shift, share

    def true_result(self, quality: np.ndarray) -> np.ndarray:
        """Share in work or education that a municipality of this standardised quality has in the long run, with the
        participants of all municipalities."""
        line = self.result_line(np.asarray(quality))
        if not self.composed:
            return ndtr(line)
        shift, share = self._mixture("result")
        return ndtr(line[..., None] + shift) @ share

    def true_score(self, climate: np.ndarray) -> np.ndarray:
        """Mean score (0-100) in a municipality of this standardised climate, with the participants of all."""
        shift, share = self._mixture("shift")
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


def population_of(composed: bool) -> Population:
    """The composed population, or the plain one."""
    return Population(margins=COMPOSED) if composed else Population()


@dataclass(frozen=True)
class Study:
    """``answers`` as in ``scales.parquet`` (the columns that the estimators read), a municipality ``panel``, and the
    ``leavers`` behind it with their characteristics and result (none in a plain population)."""

    answers: pd.DataFrame
    panel: pd.DataFrame
    leavers: pd.DataFrame | None


def draw_study(rng: np.random.Generator, municipalities: int, true_correlation: float, population: Population) -> Study:
    """One study. Quality and climate of the municipalities are standard normal with ``true_correlation``.

    Answers come from respondents, who differ from participants; their weights say how.
    """
    quality, other, size, own = rng.standard_normal((4, municipalities))
    climate = true_correlation * quality + np.sqrt(1 - true_correlation**2) * other
    together = population.size_correlation
    second = together * size + np.sqrt(1 - together**2) * own
    answers = np.rint(population.answers_median * np.exp(population.answers_log_sd * size)).astype(int).clip(1)
    leavers = np.rint(population.leavers_median * np.exp(population.leavers_log_sd * second)).astype(int)
    leavers = leavers.clip(population.least_leavers)
    codes = np.array([f"{1000 + code}" for code in range(municipalities)])
    panel, people, lean = pd.DataFrame({"municipality": codes, "n": leavers}), None, np.zeros(municipalities)
    if population.composed:
        lean = rng.standard_normal(municipalities)
        people = _draw_leavers(rng, codes, leavers, population.result_line(quality), lean, population)
        panel["successes"] = np.bincount(people["municipality"].cat.codes, people["success"], municipalities).astype(
            int
        )
    else:
        panel["successes"] = rng.binomial(leavers, population.true_result(quality))
    return Study(_draw_answers(rng, codes, answers, climate, lean, population), panel, people)


def _draw_answers(
    rng: np.random.Generator, codes: np.ndarray, sizes: np.ndarray, climate: np.ndarray, lean: np.ndarray,
    population: Population,
) -> pd.DataFrame:  # fmt: skip
    place = np.repeat(np.arange(len(codes)), sizes)
    view = population.climate_sd * climate[place] + rng.standard_normal(len(place))
    scores = {"municipality": pd.Categorical.from_codes(place, codes)}
    weight = np.ones(len(place))
    for name, margin in population.margins.items():
        drawn = _drawn(rng, margin.shares_at(lean) * margin.response, place)
        scores[name] = pd.Categorical.from_codes(drawn, margin.categories)
        view += np.take(margin.shift, drawn)
        weight /= np.take(margin.response, drawn)
    step = np.searchsorted(population.cuts, view)
    scores |= {"weight": weight / weight.mean(), CONSTRUCT: step * (100 / len(population.cuts))}
    return pd.DataFrame(scores | {f"{CONSTRUCT}_level": step + 1})


def _draw_leavers(
    rng: np.random.Generator, codes: np.ndarray, sizes: np.ndarray, line: np.ndarray, lean: np.ndarray,
    population: Population,
) -> pd.DataFrame:  # fmt: skip
    """Leavers of one study: municipality, county (of ten municipalities), characteristics, success."""
    place = np.repeat(np.arange(len(codes)), sizes)
    probit, columns = line[place], {"municipality": pd.Categorical.from_codes(place, codes)}
    for name, margin in population.margins.items():
        drawn = _drawn(rng, margin.shares_at(lean), place)
        columns[name] = pd.Categorical.from_codes(drawn, margin.categories)
        probit = probit + np.take(margin.result, drawn)
    success = rng.random(len(place)) < ndtr(probit)
    return pd.DataFrame(columns | {"county": place // COUNTY, "success": success})


def _drawn(rng: np.random.Generator, shares: np.ndarray, place: np.ndarray) -> np.ndarray:
    """A category for each person, by the shares (m, categories, up to a factor) of their municipality."""
    bounds = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    bounds /= bounds[:, -1:]
    return (rng.random(len(place))[:, None] >= bounds[place]).sum(axis=1)
