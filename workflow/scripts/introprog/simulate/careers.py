"""The latent monthly process behind every register: in work, in education, or which kind of neither.

Each person has a work index (covariates, municipality quality, local unemployment, a lasting person part and two
autoregressive parts of unit variance together), an education index that changes with the half-year, and a slow index
for the kind of non-work. A state is held when the index exceeds a threshold. Thresholds are set each November, by sex
and year of leaving among residents, at the quantile that gives the target share, and run in straight lines between
Novembers; so levels are tuned, while persistence, differences between persons and places, and all months outside
November follow from the process.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.simulate.countries import COUNTRIES
from introprog.simulate.months import FIRST_YEAR, MONTHS, month_of, november, stream, year_of
from introprog.simulate.places import CONTEXT_YEARS, Places
from introprog.simulate.targets import LAST_HORIZON, Targets

NONE, JOBLESS, MEASURE, SOCIAL, OTHER, UNKNOWN, CASH, REDUCED, AAP, HEALTH = range(10)
KINDS = (JOBLESS, MEASURE, SOCIAL, OTHER, UNKNOWN, CASH, REDUCED, AAP, HEALTH)
REST_SHARES = np.array(
    [[0.35, 0.15, 0.20, 0.01, 0.09, 0.12, 0.08], [0.25, 0.20, 0.15, 0.18, 0.07, 0.09, 0.06]]
)  # men, women: the kinds from SOCIAL on, within other and unknown
HALF_YEARS = MONTHS // 6
WORK_IN_PROGRAMME, STUDY_IN_PROGRAMME, WORK_BEFORE = 0.07, 0.02, 0.01


@dataclass(frozen=True)
class Careers:
    """Person x month arrays: ``employed`` and ``studying`` (bool), ``kind`` (of ``KINDS``, 0 when none applies)."""

    employed: np.ndarray
    studying: np.ndarray
    kind: np.ndarray
    work_index: np.ndarray
    study_index: np.ndarray


@dataclass(frozen=True)
class Latent:
    """Indices, month (or half-year) first: work and kind are months x persons, study half-years x persons."""

    work: np.ndarray
    study: np.ndarray
    kind: np.ndarray


def simulate_latent(persons: pd.DataFrame, places: Places, seed: int) -> Latent:
    """Draw the three indices for every person."""
    rng = stream(seed, "careers")
    n = len(persons)
    unit = persons["unit"].to_numpy()
    age = (2012 - year_of(persons["birth"].to_numpy("datetime64[D]"))).astype(np.float32)
    schooling = persons["schooling"].to_numpy()
    shift = COUNTRIES["work_shift"].to_numpy()[persons["country"]]
    fixed_work = shift + np.array([-0.12, 0.10, 0.18, -0.05])[schooling] + 0.10 * (persons["ground"] == 1).to_numpy()
    fixed_study = 0.5 * shift + np.array([0.0, 0.10, 0.15, -0.10])[schooling]
    quality = places.units["quality"].to_numpy()[unit]
    lean = places.units["work_first"].to_numpy()[unit]
    lasting = (fixed_work + quality + np.sqrt(0.45) * rng.standard_normal(n)).astype(np.float32)
    jobless = places.unemployment - places.unemployment.mean(axis=0)
    left = np.minimum(month_of(persons["exit"].to_numpy("datetime64[D]")), MONTHS).astype(np.float32)
    work = np.empty((MONTHS, n), np.float32)
    slow, fast = rng.standard_normal((2, n), dtype=np.float32)
    for month in range(MONTHS):
        year = FIRST_YEAR + month // 12
        local = (-0.06 * jobless[:, CONTEXT_YEARS.index(year)]).astype(np.float32)[unit]
        fading = lean * np.clip(1 - (month - left) / 30, -0.6, 1)
        slow = np.float32(0.985) * slow + np.float32(np.sqrt(1 - 0.985**2)) * rng.standard_normal(n, dtype=np.float32)
        fast = np.float32(0.6) * fast + np.float32(0.8) * rng.standard_normal(n, dtype=np.float32)
        work[month] = lasting + local + fading + _ageing(age + (year - 2012)) + 0.632 * slow + 0.387 * fast
    study = _autoregressive(rng, HALF_YEARS, n, 0.72, np.sqrt(0.5))
    study += (fixed_study + 0.6 * quality - 0.8 * lean + np.sqrt(0.5) * rng.standard_normal(n)).astype(np.float32)
    years = FIRST_YEAR + np.arange(HALF_YEARS) // 2
    now = age + (years - 2012)[:, None]
    study += (0.55 * (now < 26) - 0.045 * np.clip(now - 22, 0, 40)).astype(np.float32)
    kind = np.repeat(_autoregressive(rng, MONTHS // 3, n, 0.9, 0.8), 3, axis=0)
    kind -= (0.02 * (age - 35) + 0.6 * rng.standard_normal(n)).astype(np.float32)
    return Latent(work, study, kind)


def _ageing(age: np.ndarray) -> np.ndarray:
    return -0.010 * np.clip(age - 30, 0, None) - 0.022 * np.clip(age - 48, 0, None)


def _autoregressive(rng: np.random.Generator, steps: int, n: int, rho: float, sd: float) -> np.ndarray:
    noise = rng.standard_normal((steps, n), dtype=np.float32)
    noise[1:] *= np.float32(np.sqrt(1 - rho**2))
    for step in range(1, steps):
        noise[step] += np.float32(rho) * noise[step - 1]
    noise *= np.float32(sd)
    return noise


def realise(latent: Latent, persons: pd.DataFrame, gone: np.ndarray, targets: Targets) -> Careers:
    """Turn the indices into states; ``gone`` is the month of emigration or death (after the last month if neither)."""
    left = month_of(persons["exit"].to_numpy("datetime64[D]"))
    begun = month_of(persons["start"].to_numpy("datetime64[D]"))
    arrived = month_of(persons["settled"].to_numpy("datetime64[D]"))
    never = persons["start"].isna().to_numpy()
    left, begun = np.where(never, arrived + 24, left), np.where(never, arrived, begun)
    exit_year = np.clip(FIRST_YEAR + left // 12, targets.first_exit_year, None)
    last_cohort = targets.first_exit_year + len(targets.status) - 1
    cell = (np.minimum(exit_year, last_cohort) - targets.first_exit_year) * 2 + persons["sex"].to_numpy()
    tuned = ~never & (FIRST_YEAR + left // 12 >= targets.first_exit_year) & (left < MONTHS)
    thresholds = _thresholds(latent, targets, cell, left, gone, np.flatnonzero(tuned))
    employed = np.zeros((len(persons), MONTHS), bool)
    studying = np.zeros((len(persons), MONTHS), bool)
    kind = np.zeros((len(persons), MONTHS), np.uint8)
    base = _programme_levels(latent)
    novembers = november(np.arange(len(targets.status)) + targets.first_exit_year)[cell // 2]
    for month in range(MONTHS):
        line = np.clip((month - novembers) / 12, 0, LAST_HORIZON)
        low = line.astype(int)
        part = (line - low).astype(np.float32)
        high = np.minimum(low + 1, LAST_HORIZON)
        level = thresholds[:, cell, low] * (1 - part) + thresholds[:, cell, high] * part
        free = month > left
        present = (month >= arrived) & (month < gone)
        work_level = np.where(free, level[0], np.where(month >= begun, base[0], base[2]))
        works = (latent.work[month] > work_level) & present
        half = latent.study[month // 6]
        study_level = np.where(free | (month + 3 > left), np.where(works, level[1], level[2]), base[1])
        studies = (half > study_level) & present & (month >= begun)
        employed[:, month], studying[:, month] = works, studies
        steps = (latent.kind[month] < level[3:]).sum(axis=0)
        kind[:, month] = np.where(free & present & ~works & ~studies, np.array(KINDS, np.uint8)[steps], NONE)
    _steady_studies(studying)
    at = np.arange(MONTHS)
    studying &= (at >= arrived[:, None]) & (at < gone[:, None])
    kind[studying] = NONE
    return Careers(employed, studying, kind, latent.work, latent.study)


def _programme_levels(latent: Latent) -> tuple[float, float, float]:
    sample = latent.work[::24].ravel()
    work = np.quantile(sample, [1 - WORK_IN_PROGRAMME, 1 - WORK_BEFORE])
    return float(work[0]), float(np.quantile(latent.study[::4], 1 - STUDY_IN_PROGRAMME)), float(work[1])


def _steady_studies(studying: np.ndarray) -> None:
    """Hold the state of March and of November for the whole half-year, so that courses follow the school year."""
    halves = studying.reshape(len(studying), HALF_YEARS, 6)
    halves[:, 0::2] = halves[:, 0::2, 2:3]
    halves[:, 1::2] = halves[:, 1::2, 4:5]


def _thresholds(
    latent: Latent, targets: Targets, cell: np.ndarray, left: np.ndarray, gone: np.ndarray, leavers: np.ndarray
) -> np.ndarray:
    """Levels x cells x horizons, set among ``leavers``: work, study beside work, study without, eight steps of kind."""
    cells = len(targets.status) * 2
    levels = np.full((3 + len(KINDS) - 1, cells, LAST_HORIZON + 1), np.nan, np.float32)
    members = leavers[np.argsort(cell[leavers], kind="stable")]
    bounds = np.searchsorted(cell[members], np.arange(cells + 1))
    measured = float(targets.rates["unemployed_not_on_measure"])
    for number in range(cells):
        inside = members[bounds[number] : bounds[number + 1]]
        cohort = number // 2
        for horizon in range(LAST_HORIZON + 1):
            month = november(targets.first_exit_year + cohort + horizon)
            if month >= MONTHS:
                levels[:, number, horizon] = levels[:, number, horizon - 1]
                continue
            who = inside[(left[inside] < month) & (gone[inside] > month)]
            if len(who) < 8:
                who = inside if len(inside) >= 8 else leavers
            target = targets.status[cohort, number % 2, horizon]
            levels[:, number, horizon] = _levels_of(latent, who, month, target, number % 2, measured)
    return levels


def _levels_of(
    latent: Latent, who: np.ndarray, month: int, target: np.ndarray, sex: int, measured: float
) -> np.ndarray:
    only, both, study_only, jobless = target
    work = latent.work[month][who]
    level = _upper(work, only + both)
    works = work > level
    study = latent.study[month // 6][who]
    with_work = _upper(study[works], both / max(only + both, 1e-9))
    without = _upper(study[~works], study_only / max(1 - only - both, 1e-9))
    idle = ~works & (study <= without)
    rest = max(1 - only - both - study_only, 1e-9)
    shares = np.concatenate([jobless * np.array([measured, 1 - measured]), (rest - jobless) * REST_SHARES[sex]]) / rest
    kind = latent.kind[month][who][idle]
    steps = [_upper(kind, share) for share in np.cumsum(shares)[:-1]]
    return np.array([level, with_work, without, *steps], np.float32)


def _upper(values: np.ndarray, share: float) -> float:
    """A level that the given share of the values (to the nearest whole number) lies above."""
    n = len(values)
    above = int(np.clip(round(share * n), 0, n))
    if n == 0:
        return 0.0
    ordered = np.sort(values)
    if above == 0:
        return float(ordered[-1]) + 0.3
    if above == n:
        return float(ordered[0]) - 0.3
    return float(ordered[n - above] + ordered[n - above - 1]) / 2
