"""Registers built from the monthly states: jobs, courses, schooling, NAV states, and the year's income."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.simulate import careers as states
from introprog.simulate.careers import Careers
from introprog.simulate.months import FIRST_YEAR, MONTHS, first_day, last_day, new_year, period_codes, stream, year_of
from introprog.simulate.writing import dates, decimals, lookup, numbers, write_extract

FIRST_MONTHLY, FIRST_REGISTER = 2015, 2004
JOB_CHANGE, SECOND_JOB, NO_HOURS = 0.018, 0.10, 0.03
NAV_STATES = {
    states.JOBLESS: "HELT_LEDIG",
    states.MEASURE: "TILTAK",
    states.REDUCED: "NEDSATT_TILTAK",
    states.AAP: "AAP",
    states.HEALTH: "HELSE",
    states.CASH: "KONTANT_OVERGANG",
}
NUS_BY_LEVEL = {1: ["101101", "201199"], 3: ["301107", "341101", "371103", "381104"], 4: ["469904", "459912"],
                6: ["619902", "651107", "661112"], 7: ["719901", "755201"]}  # fmt: skip
SCHOOLING_NUS = [
    ["001199", "101101", "201199"],
    ["401102", "359999", "461902"],
    ["619902", "655101", "761104"],
    ["999999"],
]


def job_months(careers: Careers, persons: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row a person, month and job, sorted so: person, month, job (number), hours (0 = not stated), main (bool)."""
    rng = stream(seed, "jobs")
    flat = np.flatnonzero(careers.employed)
    person, month = np.divmod(flat, MONTHS)
    begins = np.ones(len(flat), bool)
    begins[1:] = (np.diff(flat) != 1) | (np.diff(person) != 0) | (rng.random(len(flat) - 1) < JOB_CHANGE)
    job = np.cumsum(begins) - 1
    holder = person[begins]
    n = len(holder)
    ability = careers.work_index[60::48].mean(axis=0)
    latent = 0.55 * ability[holder] - 0.35 * persons["sex"].to_numpy()[holder] + 0.85 * rng.standard_normal(n)
    hours = _hours(latent, rng)
    hours[rng.random(n) < NO_HOURS] = 0
    second = rng.random(n) < SECOND_JOB
    copies = 1 + second[job]
    main = np.concatenate(
        [[True], np.repeat(np.arange(len(flat)), copies)[1:] != np.repeat(np.arange(len(flat)), copies)[:-1]]
    )[: copies.sum()]
    side_hours = np.round(2 + rng.gamma(2.0, 3.0, n), 1)
    number = np.repeat(job, copies)
    return pd.DataFrame(
        {
            "person": np.repeat(person, copies).astype(np.int32),
            "month": np.repeat(month, copies).astype(np.int16),
            "job": (2 * number + ~main).astype(np.int32),
            "hours": np.where(main, hours[number], side_hours[number]).astype(np.float32),
            "main": main,
        }
    )


def _hours(latent: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Agreed hours a week: a few of one to three, part time, and a peak at the normal 37.5."""
    u = rng.random(len(latent))
    classes = np.searchsorted([-1.75, -0.62, -0.18], latent)
    drawn = np.select(
        [classes == 0, classes == 1, classes == 2], [1 + 2.5 * u, 4 + 15.9 * u, 20 + 9.9 * u],
        np.where(u < 0.72, 37.5, 30 + 10 * (u - 0.72) / 0.28),
    )  # fmt: skip
    return np.round(drawn * 2) / 2


def write_employment(directory: Path, jobs: pd.DataFrame, ids: np.ndarray, seed: int) -> int:
    """Yearly spells to 2014 and monthly rows from 2015; returns the number of rows."""
    rows = 0
    year = FIRST_YEAR + jobs["month"].to_numpy() // 12
    names = pa.array(
        [f"A{number:07d}" for number in range(int(jobs["job"].max()) + 1)] if len(jobs) else [], pa.string()
    )
    periods = period_codes(np.arange(MONTHS)).astype(str)
    for y in range(FIRST_MONTHLY, FIRST_YEAR + MONTHS // 12):
        part = jobs[year == y]
        columns = {
            "lopenr": lookup(ids, part["person"]),
            "periode": lookup(periods, part["month"]),
            "arbforhold": names.take(pa.array(part["job"].to_numpy())),
            "arb_arbeidstid": decimals(part["hours"], valid=part["hours"].to_numpy() > 0),
            "arb_hovedarbeid": numbers(part["main"].to_numpy().astype(np.int8)),
        }
        rows += write_extract(directory / f"ameld_{y}.csv", columns)
    spells = _yearly_spells(jobs[year < FIRST_MONTHLY], seed)
    for y in range(FIRST_REGISTER, FIRST_MONTHLY):
        part = spells[spells["year"] == y]
        columns = {
            "lopenr": lookup(ids, part["person"]),
            "arbforhold": names.take(pa.array(part["job"].to_numpy())),
            "startdato": dates(part["from"]),
            "stoppdato": dates(part["to"]),
            "timer_uke": decimals(part["hours"], valid=part["hours"].to_numpy() > 0),
        }
        rows += write_extract(directory / f"atmlto_{y}.csv", columns, "latin-1")
    return rows


def _yearly_spells(jobs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Job spells cut at the year's ends; begun by the tenth and ended after the twentieth, as a month of work asks."""
    rng = stream(seed, "atmlto")
    jobs = jobs.assign(year=FIRST_YEAR + jobs["month"] // 12).sort_values(["job", "month"], kind="stable")
    spells = jobs.groupby(["job", "year"], sort=True, as_index=False).agg(
        person=("person", "first"), low=("month", "min"), high=("month", "max"), hours=("hours", "first")
    )
    job = spells["job"].to_numpy()
    first, last = np.ones((2, len(spells)), bool)
    first[1:], last[:-1] = job[1:] != job[:-1], job[1:] != job[:-1]
    last &= spells["high"].to_numpy() < (FIRST_MONTHLY - FIRST_YEAR) * 12 - 1
    start, stop = first_day(spells["low"]), last_day(spells["high"])
    late = np.where(rng.random(len(spells)) < 0.5, 0, rng.integers(0, 10, len(spells)))
    soon = np.where(rng.random(len(spells)) < 0.5, 0, rng.integers(0, 8, len(spells)))
    spells["from"] = start + np.where(first, late, 0)
    spells["to"] = stop - np.where(last, soon, 0)
    return spells.sort_values(["person", "from", "job"], kind="stable")


def course_spells(careers: Careers, persons: pd.DataFrame, gone: np.ndarray, seed: int) -> pd.DataFrame:
    """Courses, one a run of half-years: person, nus, from, to (not a time where the register has none)."""
    rng = stream(seed, "courses")
    halves = careers.studying[:, 4::6] | careers.studying[:, 2::6]
    padded = np.pad(halves, ((0, 0), (1, 1)))
    person, begin = np.nonzero(padded[:, 1:-1] & ~padded[:, :-2])
    _, end = np.nonzero(padded[:, 1:-1] & ~padded[:, 2:])
    start = first_day(begin * 6 + np.where(begin % 2 == 1, 1, 0)) + rng.integers(9, 20, len(begin))
    stop = first_day(end * 6 + 5) + np.where(end % 2 == 1, 19, 17)
    start = np.maximum(start, persons["settled"].to_numpy("datetime64[D]")[person] + 10)
    stop = np.minimum(stop, last_day(gone - 1)[person])
    schooling = persons["schooling"].to_numpy()[person]
    draw = rng.random(len(person))
    odds = np.array(
        [[0.52, 0.46, 0.01, 0.01], [0.22, 0.55, 0.05, 0.17], [0.12, 0.38, 0.08, 0.34], [0.40, 0.50, 0.03, 0.06]]
    )
    level = np.array([1, 3, 4, 6, 7])[(draw[:, None] > np.cumsum(odds, axis=1)[schooling]).sum(axis=1)]
    pick = rng.random(len(person))
    nus = np.empty(len(person), "U6")
    for value, codes in NUS_BY_LEVEL.items():
        here = level == value
        nus[here] = np.array(codes)[(pick[here] * len(codes)).astype(int)]
    open_end = (end == halves.shape[1] - 1) | (rng.random(len(person)) < 0.02)
    stop = np.where(open_end & (end >= halves.shape[1] - 2), np.datetime64("NaT", "D"), stop)
    return pd.DataFrame({"person": person, "nus": nus, "from": start, "to": stop})


def schooling_rows(persons: pd.DataFrame, courses: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Highest education: what was registered at settlement, then what courses of two years or more have added."""
    rng = stream(seed, "schooling")
    n = len(persons)
    which = (rng.random(n) * np.array([len(c) for c in SCHOOLING_NUS])[persons["schooling"]]).astype(int)
    table = np.array([codes + [codes[-1]] * (3 - len(codes)) for codes in SCHOOLING_NUS])
    first = pd.DataFrame(
        {
            "person": np.arange(n),
            "bu": table[persons["schooling"], which],
            "from": persons["settled"].to_numpy("datetime64[D]") + rng.integers(0, 45, n),
        }
    )
    done = courses[(courses["to"] - courses["from"]).dt.days > 640]
    added = pd.DataFrame({"person": done["person"], "bu": done["nus"], "from": done["to"]})
    rows = pd.concat([first, added[added["bu"].str[0] >= "2"]], ignore_index=True)
    rows = rows.sort_values(["person", "from"], kind="stable", ignore_index=True)
    rank = rows["bu"].str[0].astype(int).where(rows["bu"] != "999999", -1)
    highest = rank.groupby(rows["person"]).cummax().groupby(rows["person"]).shift(fill_value=-2)
    return rows[rank > highest].reset_index(drop=True)


def write_nav(directory: Path, careers: Careers, ids: np.ndarray, seed: int) -> int:
    """Monthly NAV states by year, some of them beside a small job, which the precedence must sort out."""
    rng = stream(seed, "nav")
    kind = careers.kind.copy()
    beside = careers.employed & (rng.random(careers.employed.shape, dtype=np.float32) < 0.012)
    kind[beside] = np.where(rng.random(int(beside.sum())) < 0.5, states.JOBLESS, states.AAP)
    words = np.array([NAV_STATES.get(k, "") for k in range(len(states.KINDS) + 1)])
    rows = 0
    registered = np.isin(kind, list(NAV_STATES))
    for year in range(FIRST_REGISTER, FIRST_YEAR + MONTHS // 12):
        low = (year - FIRST_YEAR) * 12
        person, month = np.nonzero(registered[:, low : low + 12])
        columns = {
            "lopenr": lookup(ids, person),
            "periode": lookup(period_codes(np.arange(low, low + 12)).astype(str), month),
            "tilstand": lookup(words, kind[person, month + low]),
        }
        rows += write_extract(directory / f"nav_{year}.csv", columns)
    return rows


def yearly_income(
    careers: Careers, jobs: pd.DataFrame, persons: pd.DataFrame, gone: np.ndarray, seed: int
) -> pd.DataFrame:
    """Person-years of residence: work income (kroner), months and kroner of social assistance.

    Who is of unknown status in November and has no sum to report that year has no row.
    """
    rng = stream(seed, "income")
    n, years = len(persons), MONTHS // 12
    wage = np.exp(rng.normal(0, 0.14, n))
    hours = np.where(jobs["hours"].to_numpy() > 0, jobs["hours"].to_numpy(), 25)
    column = jobs["month"].to_numpy() // 12
    cell = jobs["person"].to_numpy().astype(np.int64) * years + column
    pay = np.bincount(cell, hours * 4.333 * 132 * 1.033**column, minlength=n * years).reshape(n, years) * wage[:, None]
    kind = careers.kind.reshape(n, years, 12)
    assisted = (kind == states.SOCIAL).sum(axis=2)
    assisted += rng.binomial((kind == states.JOBLESS).sum(axis=2) + (kind == states.MEASURE).sum(axis=2), 0.15)
    poor = (pay > 0) & (pay < 60_000) & (assisted == 0)
    assisted += np.where(poor, rng.binomial(6, 0.25, (n, years)), 0)
    assisted = np.minimum(assisted, 12)
    amount = assisted * np.round(rng.normal(8_900, 1_900, (n, years)).clip(2_500), -1) * 1.025 ** np.arange(years)
    unknown = (kind[:, :, 10] == states.UNKNOWN) & (pay == 0) & (assisted == 0)
    settled_year = year_of(persons["settled"].to_numpy("datetime64[D]"))
    calendar = FIRST_YEAR + np.arange(years)
    here = (
        (calendar >= settled_year[:, None])
        & (calendar * 12 - FIRST_YEAR * 12 < gone[:, None])
        & (calendar >= FIRST_REGISTER)
        & ~unknown
    )
    person, column = np.nonzero(here)
    return pd.DataFrame(
        {
            "person": person,
            "year": calendar[column],
            "pay": np.round(pay[person, column] / 100).astype(np.int64) * 100,
            "months": assisted[person, column],
            "amount": np.round(amount[person, column]).astype(np.int64),
        }
    )


def registered_death(died: np.ndarray) -> np.ndarray:
    """Dates of death up to the end of the data."""
    return np.where(died < new_year(2024), died, np.datetime64("NaT", "D"))
