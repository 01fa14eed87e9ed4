"""Month by month after the programme: one state a person and month, from the month of leaving on.

The state of a calendar month is that of its reference week, Monday to Sunday around the reference day, so that a
November here is the November of the official status. Work goes before education, and education before benefits, as in
the precedence of StatBank 10824. A spell adds one where it begins and takes one away after its end in a grid of some
thousand persons and their months, which is summed along the months in the end.

Social assistance is known by calendar year only: a month without anything earlier in the precedence counts as social
assistance when the person received any in that year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.careers import Careers, blocks, gather, included
from introprog.horizons import DayPlaces, data_end, to_dates, to_days
from introprog.readers.streamed import in_turn
from introprog.registers import DIED as DEAD
from introprog.registers import HUNDREDTHS, Source, Spells, Years, keep

STATES = (
    "work_longer",
    "work_shorter",
    "education",
    "unemployed",
    "health_benefit",
    "social_assistance",
    "none",
    "emigrated",
    "died",
)
WORK_LONGER, WORK_SHORTER, EDUCATION, UNEMPLOYED, HEALTH, ASSISTANCE, NONE, EMIGRATED, DIED = range(len(STATES))
UNOBSERVED = -1
WELFARE_STATE = {"21": UNEMPLOYED, "22": UNEMPLOYED, "32": HEALTH, "31": HEALTH, "33": HEALTH, "34": NONE}
NEVER = np.iinfo(np.int16).max
# Persons at a time: their grids then stay in the processor's cache.
PERSONS = 1 << 14


@dataclass(frozen=True)
class Calendar:
    """The months 0..``last`` after leaving of N persons, laid over the calendar.

    ``origin`` (N,) is the column of each person's month of leaving; ``year``, ``day``, ``monday`` and ``sunday`` give
    the calendar year, reference day and reference week of every calendar month (days since 1970-01-01).
    """

    origin: np.ndarray
    last: int
    year: np.ndarray
    day: np.ndarray
    monday: np.ndarray
    sunday: np.ndarray

    @classmethod
    def of(cls, end_days: np.ndarray, last: int, reference_day: int = 16) -> "Calendar":
        """The calendar of persons who left on ``end_days`` (days since 1970-01-01)."""
        month = to_dates(end_days).astype("datetime64[M]")
        months = np.arange(month.min(), month.max() + last + 1)
        first = months.astype("datetime64[D]").astype(np.int64)
        length = (months + 1).astype("datetime64[D]").astype(np.int64) - first
        day = first + np.minimum(reference_day, length) - 1
        monday = day - (day + 3) % 7
        year = months.astype("datetime64[Y]").astype(np.int64) + 1970
        return cls((month - month.min()).astype(np.int32), last, year, day, monday, monday + 6)

    @cached_property
    def touched(self) -> dict[bool, tuple[DayPlaces, DayPlaces]]:
        """How many months lie before a spell's first day and how many begin by its last, by reference week or day."""
        ends = {True: (self.sunday, self.monday), False: (self.day, self.day)}
        return {week: (DayPlaces(low, "left"), DayPlaces(high, "right")) for week, (low, high) in ends.items()}

    @property
    def columns(self) -> np.ndarray:
        """Calendar column of every person and month, (N, last + 1)."""
        return self.origin[:, None] + np.arange(self.last + 1, dtype=np.int32)


class Grid:
    """Sums over persons and months of amounts that hold through spells; (N, last + 1) once summed."""

    def __init__(self, calendar: Calendar):
        self.calendar = calendar
        self.width = calendar.last + 2
        self.steps = np.zeros(len(calendar.origin) * self.width, dtype=np.int32)

    def add(self, person: np.ndarray, low: np.ndarray, high: np.ndarray, amount: np.ndarray | None = None) -> None:
        """Add ``amount`` (whole numbers, by default 1) to the months ``low``-``high`` of each person."""
        first = person * np.int64(self.width)
        amount = np.int32(1) if amount is None else amount.astype(np.int32)
        np.add.at(self.steps, first + low, amount)
        np.subtract.at(self.steps, first + high + 1, amount)

    def total(self) -> np.ndarray:
        """The sums, (N, last + 1) int32."""
        return np.cumsum(self.steps.reshape(-1, self.width)[:, :-1], axis=1, dtype=np.int32)


def months_touched(
    calendar: Calendar, person: np.ndarray, first: np.ndarray, last: np.ndarray, week: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers of the spells that touch a reference week (or, without ``week``, hold a reference day) of the
    person's months, with the first and last month touched."""
    before, begun = calendar.touched[week]
    origin = calendar.origin.take(person)
    low, high = before(first) - origin, begun(last) - 1 - origin
    low, high = np.maximum(low, 0), np.minimum(high, calendar.last)
    rows = np.flatnonzero(low <= high)
    return rows, low.take(rows), high.take(rows)


def trace_months(
    leavers: pd.DataFrame,
    employment: Source,
    education: Source,
    welfare: Source,
    income: pd.DataFrame,
    residence: pd.DataFrame,
    study: Mapping,
    months: Mapping,
) -> pd.DataFrame:
    """State of every included leaver in the months 0..``months['last']`` after leaving: person_id, m0, m1, ...

    Values (int8) are positions in ``STATES``, -1 after the end of the data. Month 0 is the calendar month of leaving.
    ``months['longer_hours']`` is the number of stated weekly hours, all jobs together, that makes longer work; a job
    without stated hours is work but adds none. Registers are the pipeline's clean tables; employment, education and
    welfare may be data frames, Parquet paths or iterables of Arrow batches. Sorted by person_id.
    """
    cohort, people = included(leavers)
    careers = gather(people, (employment, education, welfare, income, residence), list(WELFARE_STATE))
    trace, state = Trace(cohort, study, months), np.empty((len(cohort), months["last"] + 1), dtype=np.int8)
    persons = list(blocks(len(cohort), PERSONS))
    made = in_turn(lambda block: trace.states(careers.of(*block), *block), persons)
    for (low, high), part in zip(persons, made):
        state[low:high] = part
    return wide(people, state)


class Trace:
    """The months after leaving, to be asked of some persons of a sorted cohort at a time."""

    def __init__(self, cohort: pd.DataFrame, study: Mapping, months: Mapping):
        self.end_days, self.last, self.longer = to_days(cohort["end_date"]), months["last"], months["longer_hours"]
        self.day, self.end = study.get("reference_day", 16), data_end(study["last_observed_year"])

    def states(self, careers: Careers, low: int, high: int) -> np.ndarray:
        """States (persons, last + 1) of the persons ``low`` to ``high`` - 1, whose ``careers`` are given."""
        state = np.full((high - low, self.last + 1), NONE, dtype=np.int8)
        if high == low:
            return state
        calendar = Calendar.of(self.end_days[low:high], self.last, self.day)
        state[_assisted(careers.income, calendar)] = ASSISTANCE
        for benefit in (HEALTH, UNEMPLOYED):
            state[_on_benefit(careers, calendar, benefit)] = benefit
        state[_in_course(careers.education, calendar)] = EDUCATION
        job, hours = _at_work(careers.employment, calendar)
        state[job] = WORK_SHORTER
        state[job & (hours >= HUNDREDTHS * self.longer)] = WORK_LONGER
        resident, dead = _living_here(careers.residence, calendar)
        state[~resident] = EMIGRATED
        state[~resident & dead] = DIED
        state[calendar.day.take(calendar.columns) > self.end] = UNOBSERVED
        return state


def wide(people: pa.Array, state: np.ndarray) -> pd.DataFrame:
    """The states (persons, months) of the persons with the ids ``people`` as the table of ``trace_months``."""
    frame = pd.DataFrame(state, columns=[f"m{k}" for k in range(state.shape[1])])
    frame.insert(0, "person_id", pd.Series(people.to_pandas(), dtype="str"))
    return frame


def to_arrow(states: pd.DataFrame) -> pa.Table:
    """The states as an Arrow table without pandas metadata."""
    return pa.Table.from_pandas(states, preserve_index=False).replace_schema_metadata(None)


def state_grid(states: pd.DataFrame) -> np.ndarray:
    """The states as an int8 array (persons, months), in the order of the rows."""
    return states[[name for name in states if name != "person_id"]].to_numpy(dtype=np.int8)


def _add(grid: Grid, spells: Spells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, low, high = months_touched(grid.calendar, spells.person, spells.first, spells.last)
    grid.add(spells.person[rows], low, high)
    return rows, low, high


def _at_work(spells: Spells, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """Any job (bool), and stated weekly hours of all jobs together, in hundredths of an hour."""
    jobs, hours = Grid(calendar), Grid(calendar)
    rows, low, high = _add(jobs, spells)
    hours.add(spells.person[rows], low, high, spells.more["hours"][rows])
    return jobs.total() > 0, hours.total()


def _in_course(spells: Spells, calendar: Calendar) -> np.ndarray:
    courses = Grid(calendar)
    _add(courses, spells)
    return courses.total() > 0


def _on_benefit(careers: Careers, calendar: Calendar, benefit: int) -> np.ndarray:
    """Persons and months that a benefit of the state ``benefit`` touches (bool)."""
    spells, grid = careers.welfare, Grid(calendar)
    wanted = np.array([WELFARE_STATE.get(state) == benefit for state in careers.states] + [False])
    _add(grid, keep(spells, np.flatnonzero(wanted[spells.more["state"]])))
    return grid.total() > 0


def _assisted(income: Years, calendar: Calendar) -> np.ndarray:
    """Whether the person received social assistance in the calendar year of the month."""
    first, last = int(calendar.year[0]), int(calendar.year[-1])
    rows = np.flatnonzero(income.more["assisted"] & (income.year >= first) & (income.year <= last))
    received = np.zeros((len(calendar.origin), last - first + 1), dtype=bool)
    received[income.person[rows], income.year[rows] - first] = True
    own = np.arange(len(calendar.origin))[:, None] * received.shape[1]
    return received.take(own + (calendar.year - first).take(calendar.columns))


def _living_here(homes: Spells, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """Whether a residence spell holds the month's reference day, and whether the person has died by that day (bool)."""
    grid = Grid(calendar)
    rows, low, high = months_touched(calendar, homes.person, homes.first, homes.last, week=False)
    grid.add(homes.person[rows], low, high)
    died = homes.more["why"] == DEAD
    column = np.searchsorted(calendar.day, homes.last[died], side="right")
    since = np.full(len(calendar.origin), NEVER, dtype=np.int64)
    np.minimum.at(since, homes.person[died], column)
    return grid.total() > 0, calendar.columns >= since[:, None]
