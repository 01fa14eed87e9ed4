"""Month by month after the programme: one state a person and month, from the month of leaving on.

The state of a calendar month is that of its reference week, Monday to Sunday around the reference day, so that a
November here is the November of the official status. Work goes before education, and education before benefits, as in
the precedence of StatBank 10824. Registers are read once, in batches: a spell adds one where it begins and takes one
away after its end in a grid of persons and months, which is summed along the months in the end; memory follows the
number of persons and not the number of rows.

Social assistance is known by calendar year only: a month without anything earlier in the precedence counts as social
assistance when the person received any in that year.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.horizons import data_end, to_dates, to_days
from introprog.registers import HUNDREDTHS, Source, Spells, in_hundredths, persons_of, read_spells

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
    begins, ends = (calendar.sunday, calendar.monday) if week else (calendar.day, calendar.day)
    low = np.searchsorted(begins, first, side="left") - calendar.origin[person]
    high = np.searchsorted(ends, last, side="right") - 1 - calendar.origin[person]
    low, high = np.maximum(low, 0), np.minimum(high, calendar.last)
    rows = np.flatnonzero(low <= high)
    return rows, low[rows], high[rows]


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
    cohort = leavers[leavers["included"].astype(bool)].sort_values("person_id", ignore_index=True)
    people = pd.Index(cohort["person_id"].astype(object))
    if cohort.empty:
        return _wide(people, np.empty((0, months["last"] + 1), dtype=np.int8))
    calendar = Calendar.of(to_days(cohort["end_date"]), months["last"], study.get("reference_day", 16))
    state = np.full((len(people), months["last"] + 1), NONE, dtype=np.int8)
    state[_assisted(income, people, calendar)] = ASSISTANCE
    for benefit, months_on in _on_benefits(welfare, people, calendar, (HEALTH, UNEMPLOYED)):
        state[months_on] = benefit
    state[_in_course(education, people, calendar)] = EDUCATION
    job, hours = _at_work(employment, people, calendar)
    state[job] = WORK_SHORTER
    state[job & (hours >= HUNDREDTHS * months["longer_hours"])] = WORK_LONGER
    resident, dead = _living_here(residence, people, calendar)
    state[~resident] = EMIGRATED
    state[~resident & dead] = DIED
    state[calendar.day[calendar.columns] > data_end(study["last_observed_year"])] = UNOBSERVED
    return _wide(people, state)


def _wide(people: pd.Index, state: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(state, columns=[f"m{k}" for k in range(state.shape[1])])
    frame.insert(0, "person_id", people.astype("str"))
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


def _at_work(source: Source, people: pd.Index, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """Any job (bool), and stated weekly hours of all jobs together, in hundredths of an hour."""
    jobs, hours = Grid(calendar), Grid(calendar)
    for spells in read_spells(source, people, {}, ["weekly_hours"]):
        rows, low, high = _add(jobs, spells)
        hours.add(spells.person[rows], low, high, in_hundredths(spells.more["weekly_hours"][rows]))
    return jobs.total() > 0, hours.total()


def _in_course(source: Source, people: pd.Index, calendar: Calendar) -> np.ndarray:
    courses = Grid(calendar)
    for spells in read_spells(source, people, {}, []):
        _add(courses, spells)
    return courses.total() > 0


def _on_benefits(
    source: Source, people: pd.Index, calendar: Calendar, benefits: Sequence[int]
) -> Iterator[tuple[int, np.ndarray]]:
    """Each state of ``benefits`` with the persons and months that a benefit of it touches (bool), read in one scan."""
    codes = [code for code, state in WELFARE_STATE.items() if state in benefits]
    state = np.array([WELFARE_STATE[code] for code in codes])
    grids = {benefit: Grid(calendar) for benefit in benefits}
    for spells in read_spells(source, people, {"state": pd.Index(codes, dtype=object)}, []):
        for benefit, grid in grids.items():
            wanted = np.flatnonzero((spells.more["state"] >= 0) & (state[spells.more["state"]] == benefit))
            _add(grid, Spells(spells.person[wanted], spells.first[wanted], spells.last[wanted], {}))
    for benefit, grid in grids.items():
        yield benefit, grid.total() > 0


def _assisted(income: pd.DataFrame, people: pd.Index, calendar: Calendar) -> np.ndarray:
    """Whether the person received social assistance in the calendar year of the month."""
    first, last = int(calendar.year[0]), int(calendar.year[-1])
    months = income["social_assistance_months"].to_numpy(dtype=np.float64, na_value=np.nan)
    rows = income[(months > 0) & income["year"].between(first, last).to_numpy(dtype=bool)]
    person = persons_of(rows, people)
    year = rows["year"].to_numpy(dtype=np.int64)[person >= 0] - first
    received = np.zeros((len(people), last - first + 1), dtype=bool)
    received[person[person >= 0], year] = True
    return received[np.arange(len(people))[:, None], calendar.year[calendar.columns] - first]


def _living_here(residence: pd.DataFrame, people: pd.Index, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """Whether a residence spell holds the month's reference day, and whether the person has died by that day (bool)."""
    person = persons_of(residence, people)
    known = np.flatnonzero(person >= 0)
    person = person[known].astype(np.int32)
    first, last = (to_days(residence[name])[known] for name in ("first_date", "last_date"))
    grid = Grid(calendar)
    rows, low, high = months_touched(calendar, person, first, last, week=False)
    grid.add(person[rows], low, high)
    died = (residence["end_reason"] == "died").to_numpy(dtype=bool)[known]
    column = np.searchsorted(calendar.day, last[died], side="right")
    since = np.full(len(people), NEVER, dtype=np.int64)
    np.minimum.at(since, person[died], column)
    return grid.total() > 0, calendar.columns >= since[:, None]
