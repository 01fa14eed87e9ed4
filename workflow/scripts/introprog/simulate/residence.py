"""Where persons live: settlement, moves between municipalities, emigration and death."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.simulate.months import DATA_END, FIRST_YEAR, MONTHS, month_of, november, stream, year_of
from introprog.simulate.places import Places
from introprog.simulate.population import atoms_within

YEARS = range(FIRST_YEAR, 2024)
EMIGRATION, DEATH = 0.0058, 0.0009


@dataclass(frozen=True)
class Residence:
    """``spells``: person, atom, from, to (not a time = open), reason (0 open, 1 moved, 2 emigrated, 3 died); ``gone``:
    month of emigration or death by person; ``died``: date by person, not a time if alive."""

    spells: pd.DataFrame
    gone: np.ndarray
    died: np.ndarray


def simulate_departures(persons: pd.DataFrame, work: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Dates of emigration and death (not a time if neither); who is far from work leaves the country more often."""
    rng = stream(seed, "departures")
    n = len(persons)
    emigrated, died = np.full((2, n), np.datetime64("NaT", "D"))
    free_from = persons["exit"].fillna(persons["settled"] + pd.Timedelta(days=900)).to_numpy("datetime64[D]")
    birth_year = year_of(persons["birth"].to_numpy("datetime64[D]"))
    for year in YEARS:
        here = np.isnat(emigrated) & np.isnat(died)
        free = year_of(free_from) < year
        index = work[november(year)]
        chance = EMIGRATION * np.exp(-0.55 * index) * np.where(free, 1, 0)
        dies = (
            DEATH
            * np.exp(0.06 * (year - birth_year - 35))
            * (year_of(persons["settled"].to_numpy("datetime64[D]")) < year)
        )
        draw, day = rng.random((2, n)), _day(year, rng, n)
        emigrated[here & (draw[0] < chance)] = day[here & (draw[0] < chance)]
        gone = here & (draw[0] >= chance) & (draw[1] < dies) & free
        died[gone] = day[gone]
    return emigrated, died


def _day(year: int, rng: np.random.Generator, n: int) -> np.ndarray:
    """A day of the year; in November one of the first ten, so that the month and the reference week agree."""
    month = rng.integers(0, 12, n)
    day = rng.integers(0, np.where(month == 10, 10, 28), n)
    return (np.datetime64(f"{year}-01") + month).astype("datetime64[D]") + day


def simulate_residence(
    persons: pd.DataFrame, places: Places, departures: tuple[np.ndarray, np.ndarray], transfers: pd.DataFrame, seed: int
) -> Residence:
    """Spells from settlement on; ``transfers`` (person, date, atom before it) are moves within the programme."""
    rng = stream(seed, "residence")
    n = len(persons)
    emigrated, died = departures
    end = np.where(np.isnat(emigrated), died, emigrated)
    atom = persons["atom"].to_numpy().copy()
    atom[transfers["person"]] = transfers["atom_before"]
    events = [
        pd.DataFrame({"person": np.arange(n), "date": persons["settled"].to_numpy("datetime64[D]"), "atom": atom})
    ]
    events.append(
        pd.DataFrame(
            {
                "person": transfers["person"],
                "date": transfers["date"].to_numpy("datetime64[D]"),
                "atom": persons["atom"].to_numpy()[transfers["person"]],
            }
        )
    )
    events += _moves(persons, places, end, rng)
    spells = pd.concat(events, ignore_index=True).sort_values(["person", "date"], kind="stable", ignore_index=True)
    same = (spells["person"] == spells["person"].shift()) & (
        (spells["atom"] == spells["atom"].shift()) | (spells["date"] == spells["date"].shift())
    )
    spells = spells[~same].reset_index(drop=True)
    following = spells["date"].shift(-1).where(spells["person"] == spells["person"].shift(-1))
    last = following.isna().to_numpy()
    stop = np.where(last, end[spells["person"]], following.to_numpy("datetime64[D]") - np.timedelta64(1, "D"))
    reason = np.where(~last, 1, np.where(np.isnat(stop), 0, np.where(np.isnat(emigrated[spells["person"]]), 3, 2)))
    spells = spells.rename(columns={"date": "from"}).assign(to=stop, reason=reason)
    return Residence(spells, np.minimum(month_of(end), MONTHS + 1), died)


def _moves(persons: pd.DataFrame, places: Places, end: np.ndarray, rng: np.random.Generator) -> list[pd.DataFrame]:
    left = persons["exit"].to_numpy("datetime64[D]")
    never = persons["start"].isna().to_numpy()
    left = np.where(never, persons["settled"].to_numpy("datetime64[D]") + 900, left)
    central = places.units["centrality"].to_numpy()[persons["unit"]]
    pull = (
        places.units["population"].to_numpy() * np.array([2.2, 1.5, 1.2, 0.8, 0.5, 0.3])[places.units["centrality"] - 1]
    )
    chosen = []
    for year in YEARS:
        since = year - year_of(left)
        rate = np.select([since < 0, since == 0, since == 1, since == 2], [0.0, 0.085, 0.100, 0.075], 0.045)
        rate = np.where(np.isnat(left), 0, rate) * np.array([0.3, 0.7, 0.8, 1.1, 1.3, 1.5])[central - 1]
        day = _day(year, rng, len(persons))
        moves = (
            (rng.random(len(persons)) < rate)
            & (day > left + 14)
            & (np.isnat(end) | (day < end - 30))
            & (day <= DATA_END)
        )
        who = np.flatnonzero(moves)
        unit = rng.choice(len(pull), len(who), p=pull / pull.sum())
        chosen.append(pd.DataFrame({"person": who, "date": day[who], "atom": atoms_within(places, unit, rng)}))
    return chosen
