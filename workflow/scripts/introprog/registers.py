"""What the registers say of each person at each moment: work, education, welfare, income and residence.

Every register is read once, in batches of the columns it needs, and brought to small numbers (``careers``); what it
says is then asked of some persons at a time. All arrays have the shape (moments, persons) of ``Moments``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from introprog.horizons import FAR, Moments

Source = pd.DataFrame | pa.Table | str | Path | Iterable[pa.RecordBatch]

REASONS = ("resident", "emigrated", "died", "not_yet", "no_residence", "not_applicable")
RESIDENT, EMIGRATED, DIED, NOT_YET, NO_RESIDENCE, NOT_APPLICABLE = range(len(REASONS))
BEYOND_COMPULSORY = (3, 8)
BATCH = 1 << 20
HUNDREDTHS = 100


@dataclass(frozen=True)
class Spells:
    """Register rows of known persons: person position, first and last day (int32), other columns."""

    person: np.ndarray
    first: np.ndarray
    last: np.ndarray
    more: dict[str, np.ndarray]


@dataclass(frozen=True)
class Years:
    """Rows of known persons and calendar years: person position, year (int32), other columns."""

    person: np.ndarray
    year: np.ndarray
    more: dict[str, np.ndarray]


def record_batches(source: Source, columns: Sequence[str], text: Sequence[str] = ("person_id",)) -> Iterator:
    """Arrow batches of the named columns of a data frame, an Arrow table, a Parquet path or an iterable of batches."""
    if isinstance(source, str | Path):
        with pq.ParquetFile(source, read_dictionary=list(text)) as file:
            yield from file.iter_batches(batch_size=BATCH, columns=list(columns))
        return
    if isinstance(source, pd.DataFrame):
        source = pa.Table.from_pandas(source[list(columns)], preserve_index=False)
    batches = source.to_batches() if isinstance(source, pa.Table) else source
    for batch in batches:
        yield batch.select(list(columns))


def positions(column: pa.Array, known: pa.Array) -> np.ndarray:
    """Position in the texts ``known`` of each text of an Arrow column, int32; -1 where it is not known or missing."""
    if not pa.types.is_dictionary(column.type):
        runs = pc.run_end_encode(column.cast(pa.string()))
        place = pc.index_in(runs.values, value_set=known).fill_null(-1).to_numpy(zero_copy_only=False)
        return np.repeat(place, np.diff(runs.run_ends.to_numpy(), prepend=0))
    place = pc.index_in(column.dictionary.cast(pa.string()), value_set=known).fill_null(-1).to_numpy()
    codes = column.indices.fill_null(len(place)) if column.null_count else column.indices
    return np.append(place, np.int32(-1))[codes.to_numpy(zero_copy_only=False)]


def as_texts(values: pd.Index | pd.Series | pa.Array) -> pa.Array:
    """Texts as one Arrow array."""
    texts = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _days(column: pa.Array, missing: int = FAR) -> np.ndarray:
    dates = column if pa.types.is_date32(column.type) else column.cast(pa.date32())
    return dates.cast(pa.int32()).fill_null(missing).to_numpy(zero_copy_only=False)


def read_spells(
    source: Source, people: pd.Index | pa.Array, texts: dict[str, pd.Index], numbers: Sequence[str]
) -> Iterator[Spells]:
    """Batches of spells of the people; ``texts`` are coded columns (position in the index), ``numbers`` float ones."""
    known, codes = as_texts(people), {name: as_texts(index) for name, index in texts.items()}
    columns = ["person_id", "first_date", "last_date", *texts, *numbers]
    for batch in record_batches(source, columns, ["person_id", *texts]):
        person = positions(batch.column("person_id"), known)
        more = {name: positions(batch.column(name), index) for name, index in codes.items()}
        more |= {n: batch.column(n).cast(pa.float32()).to_numpy(zero_copy_only=False) for n in numbers}
        spells = Spells(person, _days(batch.column("first_date")), _days(batch.column("last_date")), more)
        yield spells if (person >= 0).all() else keep(spells, np.flatnonzero(person >= 0))


def keep(spells: Spells, rows: np.ndarray) -> Spells:
    """The given rows of a batch."""
    return Spells(
        *(a.take(rows) for a in (spells.person, spells.first, spells.last)),
        {name: a.take(rows) for name, a in spells.more.items()},
    )


def touching(spells: Spells, moments: Moments) -> Iterator[tuple[int | np.ndarray, Spells]]:
    """The rows of a batch that touch each moment's reference window, with the moment (or the moment of each row).

    Windows that many persons share (a week in November) are found by a search among the distinct weeks, all at once.
    """
    if moments.weeks is not None:
        yield _in_weeks(spells, moments)
    for moment in moments.own:
        day = moments.day[moment].take(spells.person)
        inside = spells.first <= day
        inside &= spells.last >= day
        yield moment, keep(spells, np.flatnonzero(inside))


def _in_weeks(spells: Spells, moments: Moments) -> tuple[np.ndarray, Spells]:
    weeks = moments.weeks
    low, high = weeks.ended(spells.first), weeks.begun(spells.last)
    rows = np.flatnonzero(high > low)
    several = (high - low)[rows]
    week = low[rows]
    if (several > 1).any():
        rows, week = np.repeat(rows, several), np.repeat(week - np.cumsum(several) + several, several)
        week += np.arange(len(rows))
    found = keep(spells, rows)
    moment = weeks.moment[weeks.group[found.person], week]
    used = np.flatnonzero(moment >= 0)
    return moment.take(used), keep(found, used)


def _mark(grid: np.ndarray, moment: int | np.ndarray, person: np.ndarray, which: np.ndarray) -> None:
    grid[moment[which] if isinstance(moment, np.ndarray) else moment, person[which]] = True


def observe_employment(spells: Spells, moments: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Whether a job spell touches the window (bool), and the stated hours of all such rows, in hundredths (int32).

    ``spells`` have ``hours`` in hundredths, 0 = not stated: such a row counts as a job but adds no hours. Two
    successive spells in one week both count.
    """
    job = np.zeros(moments.day.shape, dtype=bool)
    hours = np.zeros(moments.day.shape, dtype=np.int32)
    for moment, rows in touching(spells, moments):
        job[moment, rows.person] = True
        np.add.at(hours.reshape(-1), np.int64(job.shape[1]) * moment + rows.person, rows.more["hours"])
    return job, hours


def in_hundredths(hours: np.ndarray) -> np.ndarray:
    """Hours (float32, NaN = not stated) in whole hundredths (int32), so that they add up without loss."""
    return np.rint(np.nan_to_num(hours).astype(np.float64) * HUNDREDTHS).astype(np.int32)


def observe_education(spells: Spells, moments: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Whether a course touches the window, and whether one beyond compulsory school (NUS2000 level 3-8) does (bool).

    ``spells`` have ``level``.
    """
    course = np.zeros(moments.day.shape, dtype=bool)
    beyond = np.zeros(moments.day.shape, dtype=bool)
    for moment, rows in touching(spells, moments):
        course[moment, rows.person] = True
        level = rows.more["level"]
        _mark(beyond, moment, rows.person, (level >= BEYOND_COMPULSORY[0]) & (level <= BEYOND_COMPULSORY[1]))
    return course, beyond


def observe_welfare(spells: Spells, moments: Moments, states: Sequence[str]) -> dict[str, np.ndarray]:
    """For each NAV state (a status code): whether a spell of it touches the window (bool).

    ``spells`` have ``state``, a position in ``states``. Raises ``ValueError`` for a state that is none of them.
    """
    found = {state: np.zeros(moments.day.shape, dtype=bool) for state in states}
    if (spells.more["state"] < 0).any():
        raise ValueError(f"welfare: a state outside the status codes {list(states)}")
    for moment, rows in touching(spells, moments):
        for place, state in enumerate(states):
            _mark(found[state], moment, rows.person, rows.more["state"] == place)
    return found


def observe_income(income: Years, moments: Moments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the calendar year of the moment: earnings (NOK, float64), any social assistance, and any income row (bool).

    ``income`` has ``earnings`` (0 = none or not known) and ``assisted`` (bool).
    """
    low, high = int(moments.year.min(initial=9999)), int(moments.year.max(initial=0))
    rows = np.flatnonzero((income.year >= low) & (income.year <= high))
    cell = (income.person[rows], income.year[rows] - low)
    shape = (moments.day.shape[1], max(high - low + 1, 1))
    earnings, assisted, known = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    earnings[cell] = income.more["earnings"][rows]
    assisted[cell] = income.more["assisted"][rows]
    known[cell] = True
    at = np.arange(shape[0], dtype=np.int64) * shape[1] + (moments.year - np.int16(low))
    return earnings.take(at), assisted.take(at), known.take(at)


def observe_residence(homes: Spells, moments: Moments, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Reason (int8, position in ``REASONS``) and municipality (int32, as ``homes`` number it, -1 = none).

    A person is resident when a residence spell covers the reference date; the latest begun of several gives the
    municipality. Otherwise the end reason of the spell that ended last says why not. ``homes`` have ``place`` (-1 =
    none) and ``why`` (position in ``REASONS``); ``end`` is the data end in days.
    """
    by_start, by_end = (
        np.lexsort(keys) for keys in ((homes.more["place"], homes.first), (homes.more["why"], homes.last))
    )
    begun, ended = (keep(homes, order) for order in (by_start, by_end))
    reason = np.full(moments.day.shape, NO_RESIDENCE, dtype=np.int8)
    place = np.full(moments.day.shape, -1, dtype=np.int32)
    for moment, day in enumerate(moments.day):
        before = ended.last < day.take(ended.person)
        reason[moment][ended.person[before]] = ended.more["why"][before]
        at = day.take(begun.person)
        covers = (begun.first <= at) & (begun.last >= at)
        reason[moment][begun.person[covers]] = RESIDENT
        place[moment][begun.person[covers]] = begun.more["place"][covers]
    late = moments.day > end
    reason[late], place[late] = NOT_YET, -1
    return reason, place
