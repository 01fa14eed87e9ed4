"""Persons: when they start and leave the programme, who they are, and where they are settled."""

import numpy as np
import pandas as pd

from introprog.simulate.countries import COUNTRIES, country_shares
from introprog.simulate.months import PROGRAMME_END, new_year, quota, stream, year_of
from introprog.simulate.places import Places
from introprog.simulate.targets import AGE_GROUPS, SEXES, Targets

EXIT_MONTH_WEIGHTS = np.array([7, 6, 7, 7, 7, 17, 7, 8, 7, 7, 7, 13])
AGE_EDGES = np.array([18.6, 26, 36, 46, 56, 62])
MEAN_LAG = 1.5
SHORTEST = 120


def simulate_persons(targets: Targets, places: Places, scale: float, seed: int) -> pd.DataFrame:
    """One row a person, participants first, then others in the registers who never took part (``start`` not a time).

    Columns: sex (0 man, 1 woman), start, exit (not a time = still in), birth (month), country (row of ``COUNTRIES``),
    unit and atom of the programme, schooling (0 compulsory, 1 upper secondary, 2 higher, 3 unknown), ground
    (0 refuge, 1 family, 2 other), settled, work (fixed person part of the work index, about unit variance with noise).
    """
    rng = stream(seed, "population")
    persons = pd.concat([_spells(targets, sex, scale, rng) for sex in range(2)], ignore_index=True)
    others = _others(persons, float(targets.rates["others_per_participant"]), rng)
    persons = pd.concat([persons, others], ignore_index=True)
    anchor = persons["start"].fillna(persons["settled"]).to_numpy("datetime64[D]")
    year = year_of(anchor)
    persons["country"] = _countries(targets, persons["sex"].to_numpy(), year, rng)
    age = _ages(targets, persons["sex"].to_numpy(), year, rng)
    persons["birth"] = (anchor - (age * 365.25).astype("timedelta64[D]")).astype("datetime64[M]")
    persons["schooling"] = _schooling(persons["country"].to_numpy(), age, rng)
    family = (
        0.12
        + 0.12 * persons["sex"]
        + 0.35 * COUNTRIES["name"].isin(["Thailand", "Filippinene"])[persons["country"]].to_numpy()
    )
    draw = rng.random(len(persons))
    persons["ground"] = np.select([draw < family, draw > 0.99], [1, 2], 0)
    persons["unit"] = _settle(places, year, rng)
    persons["atom"] = atoms_within(places, persons["unit"].to_numpy(), rng)
    lag = np.minimum(20 + rng.gamma(2.0, 45, len(persons)), 540).astype("timedelta64[D]")
    persons["settled"] = np.where(persons["start"].isna(), persons["settled"], anchor - lag)
    return persons


def _spells(targets: Targets, sex: int, scale: float, rng: np.random.Generator) -> pd.DataFrame:
    """Starts and exits drawn by year from the flows, matched so that who started first mostly leaves first."""
    flows = targets.flows.xs(SEXES[sex], level="sex") * scale
    starts = np.sort(np.concatenate([_days(y, n, np.ones(12), rng) for y, n in _whole(flows["starts"])]))
    exits = np.sort(np.concatenate([_days(y, n, EXIT_MONTH_WEIGHTS, rng) for y, n in _whole(flows["leavers"])]))
    turn = np.argsort(starts.astype(np.int64) + rng.normal(0, 130, len(starts)), kind="stable")
    exit_date = np.full(len(starts), np.datetime64("NaT", "D"))
    exit_date[turn[: len(exits)]] = exits
    early = ~np.isnat(exit_date) & (exit_date < starts + SHORTEST)
    moved_up = exit_date - SHORTEST - rng.integers(0, 240, len(starts)).astype("timedelta64[D]")
    starts = np.where(early, moved_up, starts)
    frame = pd.DataFrame({"sex": sex, "start": starts, "exit": exit_date})
    return frame.sort_values(["start", "exit"], ignore_index=True)


def _whole(counts: pd.Series) -> list[tuple[int, int]]:
    """Whole numbers a year whose running sum never strays more than a half from the exact one."""
    running = np.floor(counts.sort_index().cumsum() + 0.5).astype(int)
    return list(zip(counts.sort_index().index, np.diff(running, prepend=0), strict=True))


def _days(year: int, n: int, month_weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    month = quota(month_weights, n, rng)
    first = (np.datetime64(f"{year}-01") + month).astype("datetime64[D]")
    latest = (np.datetime64(f"{year}-01") + month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    day = np.where(rng.random(n) < 0.35, 0, rng.integers(0, 28, n))
    return np.minimum(first + day, np.minimum(latest, PROGRAMME_END))


def _others(participants: pd.DataFrame, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    n = round(rate * len(participants))
    like = participants["start"].to_numpy("datetime64[D]")[rng.integers(0, len(participants), n)]
    nothing = np.full(n, np.datetime64("NaT", "D"))
    return pd.DataFrame({"sex": rng.integers(0, 2, n), "start": nothing, "exit": nothing, "settled": like})


def _countries(targets: Targets, sex: np.ndarray, year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    country = np.zeros(len(sex), int)
    for y in np.unique(year):
        series = targets.countries.loc[int(np.clip(y, targets.countries.index.min(), targets.countries.index.max()))]
        here = year == y
        women = sex[here].mean() if here.any() else 0.5
        joint = raked(country_shares(series), COUNTRIES["male_tilt"].to_numpy(), 1 - women)
        for s in range(2):
            cell = np.flatnonzero(here & (sex == s))
            if len(cell):
                country[cell] = quota(joint[s], len(cell), rng)
    return country


def raked(shares: np.ndarray, tilt: np.ndarray, men: float) -> np.ndarray:
    """2 x categories joint shares with the given margins, the odds of being a man raised by ``exp(tilt)``."""
    table = np.stack([np.exp(tilt), np.exp(-tilt)]) * shares
    for _ in range(60):
        table *= (np.array([men, 1 - men]) / np.maximum(table.sum(axis=1), 1e-12))[:, None]
        table *= shares / np.maximum(table.sum(axis=0), 1e-12)
    return table


def _ages(targets: Targets, sex: np.ndarray, year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Age at start: group drawn at about the middle of the programme, then taken back by the mean lag."""
    age = np.zeros(len(sex))
    for y in np.unique(year):
        for s in range(2):
            cell = np.flatnonzero((year == y) & (sex == s))
            shares = targets.ages.loc[(int(np.clip(y, 2003, 2022)), SEXES[s])].to_numpy()
            group = quota(shares, len(cell), rng) if len(cell) else cell
            inside = rng.random(len(cell)) ** np.where(np.isin(group, [3, 4]), 1.7, np.where(group == 0, 0.75, 1.1))
            age[cell] = AGE_EDGES[group] + inside * np.diff(AGE_EDGES)[group] - MEAN_LAG
    return np.maximum(age, 17.5)


def _schooling(country: np.ndarray, age: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    latent = COUNTRIES["school_shift"].to_numpy()[country] + 0.15 * (age < 35) + rng.standard_normal(len(country))
    level = np.searchsorted([0.25, 0.95], latent)
    return np.where(rng.random(len(country)) < 0.16, 3, level)


def _settle(places: Places, year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    unit = np.zeros(len(year), int)
    weight, active_from = places.units["size_weight"].to_numpy(), places.units["active_from"].to_numpy()
    for y in np.unique(year):
        cell = np.flatnonzero(year == y)
        pull = weight * (active_from <= max(y, 2003))
        unit[cell] = rng.choice(len(pull), len(cell), p=pull / pull.sum())
    return unit


def atoms_within(places: Places, unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An atom of each unit, drawn by population share; atoms of a unit lie side by side."""
    share = places.atoms["share"].to_numpy()
    of_unit = places.atoms["unit"].to_numpy()
    first = np.searchsorted(of_unit, np.arange(of_unit.max() + 1))
    running = np.cumsum(share)
    before = (running - share)[first]
    return np.minimum(
        np.searchsorted(running, before[unit] + rng.random(len(unit)) * 0.999999, side="right"), len(share) - 1
    )


def participants_by(persons: pd.DataFrame, year: int) -> pd.DataFrame:
    """Persons in the programme at some time of the year, with age group (at the end of the year) and country group."""
    start, exit_date = persons["start"].to_numpy("datetime64[D]"), persons["exit"].to_numpy("datetime64[D]")
    inside = (start < new_year(year + 1)) & (np.isnat(exit_date) | (exit_date >= new_year(year)))
    rows = persons[inside]
    age = year - year_of(rows["birth"].to_numpy("datetime64[D]"))
    group = np.clip(np.searchsorted([26, 36, 46, 56], age, side="right"), 0, 4)
    return rows.assign(
        age_group=np.array(AGE_GROUPS)[group], country_group=COUNTRIES["group"].to_numpy()[rows["country"]]
    )
