"""Work month by month from monthly rows of jobs: what all jobs of a person come to in each month of a year.

Rows come in any order and in parts. A row that is there twice (person, job and month) is looked for among the rows of
doubtful persons only: those whose rows stand in two places, or not in the order of month and job, nor of job and month;
rows in strict order are all different. Hours are added up in hundredths.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.job_faults import YearRows
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import DUPLICATED, first_day, last_day
from introprog.errors import SHOWN
from introprog.readers.origin import Origin
from introprog.readers.typed import Encoded
from introprog.readers.words import SPREAD, big_words, mixed, text_numbers

MONTHS = 12
HUNDREDTHS = 100
UNSTATED = -1
EXAMPLES = 200
NOWHERE = np.array([], dtype="int64")
# A job counts as this many hundredths, more than the stated hours of all jobs of a month together.
JOB = np.int64(1 << 40)


@dataclass(frozen=True)
class Rows:
    """Monthly rows of one part: cell (person and month), hours and job of each, and their places among the rows of
    known persons of a part that begins at the place ``start``; None = all.

    ``begins`` are the rows at which the rows of a person begin, and ``odd`` the persons whose rows are in no order.
    """

    cell: np.ndarray
    hours: Encoded
    job: pa.Array
    begins: np.ndarray
    odd: np.ndarray
    places: np.ndarray | None
    start: int = 0

    def at(self, rows: np.ndarray) -> np.ndarray:
        """Places in the files of the year of the rows at the positions ``rows``."""
        return self.start + (rows if self.places is None else self.places[rows])

    def rows_of(self, persons: np.ndarray) -> np.ndarray:
        """Positions of the rows of the marked persons (bool, by person)."""
        runs = np.flatnonzero(persons[self.cell[self.begins] // MONTHS])
        first, several = self.begins[runs], np.diff(self.begins, append=len(self.cell))[runs]
        before = np.cumsum(several) - several
        return np.repeat(first - before, several) + np.arange(several.sum())


@dataclass(frozen=True)
class PartOfYear:
    """Monthly rows of one part that are of one year, and what those of each of ``cells`` that follow each other come
    to. Rows of another year are only counted: their places (``stray``), and some of their months (``told``).
    """

    rows: Rows
    cells: np.ndarray
    sums: np.ndarray
    stray: np.ndarray
    told: list[str]

    @classmethod
    def of(
        cls,
        year: int,
        person: np.ndarray,
        period: Encoded,
        hours: Encoded,
        job: pa.Array,
        places: np.ndarray | None = None,
    ) -> "PartOfYear":
        """Rows of known persons: the code of each row's person, and its month, hours and job; ``places`` are theirs
        among the rows of the part, None = all of them.
        """
        month, within = _months_of(period, year)
        stray, told = NOWHERE, []
        if not within:
            kept = (month >= 0) & (month < MONTHS)
            rows, stray = np.flatnonzero(kept), np.flatnonzero(~kept)
            told = period.take(stray[:EXAMPLES]).series().astype(str).tolist()
            person, month, hours, job = person[rows], month[rows], hours.take(rows), job.take(pa.array(rows))
            stray = stray if places is None else places[stray]
            places = rows if places is None else places[rows]
        cell = person * np.int32(MONTHS) + month
        later, same = cell[1:] > cell[:-1], cell[1:] == cell[:-1]
        steps = np.append(0, np.flatnonzero(~same) + 1)[: len(cell)]
        cells = cell[steps]
        turns = np.append(0, np.flatnonzero(np.diff(cells // MONTHS)) + 1)[: len(cell)]
        begins = steps[turns]
        odd = _in_no_order(cell, job, begins, later, same)
        sums = np.add.reduceat(_amounts(hours), steps) if len(cell) else NOWHERE
        return cls(Rows(cell, _narrow(hours), job, begins, odd, places), cells, sums, stray, told)


@dataclass
class YearOfWork:
    """The monthly rows of one year, gathered part by part.

    ``months`` (persons, 12) is what each month of a person comes to, and ``runs`` in how many places rows of a person
    stand, more than one where they are in no order.
    """

    year: int
    months: np.ndarray
    runs: np.ndarray
    parts: list[Rows] = field(default_factory=list)
    stray: list[np.ndarray] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, year: int, persons: int) -> "YearOfWork":
        """No rows of so many persons."""
        return cls(year, np.zeros((persons, MONTHS), dtype="int64"), np.zeros(persons, dtype="int32"))

    def join(self, part: PartOfYear, start: int) -> None:
        """Further rows, of a part whose first row of a known person has the place ``start``."""
        rows = part.rows
        np.add.at(self.months.reshape(-1), part.cells, part.sums)
        np.add.at(self.runs, rows.cell[rows.begins] // MONTHS, 1)
        self.runs[rows.odd] += 2
        self.parts.append(replace(rows, start=rows.start + start))
        self.stray.append(part.stray + start)
        self.told += part.told

    def with_rows_of(self, other: "YearOfWork") -> "YearOfWork":
        """The rows of two files of the same year; each knows the places of its own."""
        lists = (mine + theirs for mine, theirs in ((self.parts, other.parts), (self.stray, other.stray)))
        return YearOfWork(self.year, self.months + other.months, self.runs + other.runs, *lists, self.told + other.told)

    def spells(self, log: QualityLog, origin: Origin) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Person code, first and last day (days since 1970) and hours a week (NaN = none stated) of the spells of
        months in which a person's jobs come to the same hours, by person and day. Takes the rows; faults go to ``log``.
        """
        rows = YearRows(origin, self.year)
        stray = np.concatenate([NOWHERE, *self.stray])
        total = len(stray) + sum(len(part.cell) for part in self.parts)
        shown = list(dict.fromkeys(self.told))
        rows.count(log, "E2", stray, total, "periode", f"months of {self.year}", shown=shown[:SHOWN])
        doubtful = self.runs > 1
        cell, amount = _there_again(self.parts, [part.rows_of(doubtful) for part in self.parts], rows, log)
        np.subtract.at(self.months.reshape(-1), cell, amount)
        self.parts.clear()
        return _spells(self.months, self.year)


def _narrow(column: Encoded) -> Encoded:
    """The column with codes of two bytes where these will do."""
    return Encoded(column.values, column.codes.astype("int16")) if len(column.values) < 1 << 15 else column


def _months_of(period: Encoded, year: int) -> tuple[np.ndarray, bool]:
    """The month of each row, 0 is January of ``year`` (int32), and whether all are of that year."""
    month = period.values.to_numpy(dtype="float64", na_value=0).astype("int64")
    month = (month // 100 * MONTHS + month % 100 - 1 - year * MONTHS).astype("int32")
    found = month[period.codes]
    if month.min(initial=0) >= 0 and month.max(initial=0) < MONTHS:
        return found, True
    return found, bool(found.min(initial=0) >= 0 and found.max(initial=0) < MONTHS)


def _amounts(hours: Encoded) -> np.ndarray:
    """A job and its hours in hundredths, for each row (int64)."""
    return JOB + np.maximum(_in_hundredths(hours.values), 0)[hours.codes]


def _in_hundredths(values: pd.Series) -> np.ndarray:
    """Hours in hundredths (int64), -1 where they are not stated; the last stands for rows without a value."""
    amounts = values.to_numpy(dtype="float64", na_value=np.nan) * HUNDREDTHS
    whole = np.where(np.isnan(amounts), UNSTATED, np.rint(np.nan_to_num(amounts))).astype("int64")
    return np.append(whole, UNSTATED)


def _in_no_order(cell: np.ndarray, job: pa.Array, begins: np.ndarray, later: np.ndarray, same: np.ndarray):
    """The persons whose rows stand neither in the order of month and job nor in that of job and month.

    ``later`` and ``same`` compare each cell with the one before it.
    """
    more, equal = _compared(big_words(job))
    within = np.ones(len(cell), dtype=bool)
    within[begins] = False
    persons = cell[np.flatnonzero(within[1:] & ~(later | (same & more)))] // MONTHS
    if not len(persons):
        return NOWHERE
    wrong = np.zeros(int(cell.max()) // MONTHS + 1, dtype=bool)
    wrong[persons] = True
    also = cell[np.flatnonzero(within[1:] & ~(more | (equal & later)))] // MONTHS
    return np.unique(also[wrong[also]])


def _compared(words: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Whether each text of some words is more than the one before it, and whether it is the same."""
    more, equal = False, True
    for word in reversed(words):
        here = word[1:] == word[:-1]
        more, equal = (word[1:] > word[:-1]) | (here & more), here & equal
    return more, equal


def _there_again(
    parts: Sequence[Rows], rows: Sequence[np.ndarray], told: YearRows, log: QualityLog
) -> tuple[np.ndarray, np.ndarray]:
    """Cell and amount of the rows to leave out: of rows with the same person, job and month all but the first.

    Each is like the one before it (D1) or has other hours (D2); both are counted. Only ``rows`` of each part are
    looked at.
    """
    total = sum(len(part.cell) for part in parts)
    cell = np.concatenate([np.array([], "int32"), *(part.cell[found] for part, found in zip(parts, rows))])
    job = pa.chunked_array([part.job.take(pa.array(found)) for part, found in zip(parts, rows)], pa.string())
    job = pa.concat_arrays(job.chunks) if job.num_chunks else pa.array([], pa.string())
    twins = _perhaps_twice(mixed(text_numbers(job)) + cell.astype("uint64") * SPREAD[0])
    hours = np.concatenate([NOWHERE, *(_in_hundredths(p.hours.values)[p.hours.codes[r]] for p, r in zip(parts, rows))])
    places = np.concatenate([NOWHERE, *(part.at(found) for part, found in zip(parts, rows))])
    cell, hours, places = cell[twins], hours[twins], places[twins]
    job = job.take(pa.array(twins)).dictionary_encode()
    pair = cell.astype("int64") * (len(job.dictionary) + 1) + job.indices.to_numpy()
    order = np.argsort(pair, kind="stable")
    pair, cell, hours = pair[order], cell[order], hours[order]
    same, like = np.zeros(len(pair), dtype=bool), np.zeros(len(pair), dtype=bool)
    same[1:] = pair[1:] == pair[:-1]
    like[1:] = same[1:] & (hours[1:] == hours[:-1])
    for rule, found in (("D1", like), ("D2", same & ~like)):
        told.count(log, rule, places[order][found], total, hint=DUPLICATED)
    return cell[same], JOB + np.maximum(hours[same], 0)


def _perhaps_twice(keys: np.ndarray) -> np.ndarray:
    """Positions of the keys that are there more than once."""
    known = np.sort(keys)
    shared = np.unique(known[1:][known[1:] == known[:-1]])
    if not len(shared):
        return NOWHERE
    return np.flatnonzero(shared[np.minimum(np.searchsorted(shared, keys), len(shared) - 1)] == keys)


def _spells(months: np.ndarray, year: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Spells of ``months`` (persons, 12): the hours of all jobs in hundredths, and ``JOB`` for each job."""
    worked = months >= JOB
    amount = np.where(worked, months & (JOB - 1), UNSTATED)
    other = amount[:, 1:] != amount[:, :-1]
    starts, ends = worked.copy(), worked
    starts[:, 1:] &= other
    ends[:, :-1] &= other
    starts, ends = np.flatnonzero(starts), np.flatnonzero(ends)
    person, begin = np.divmod(starts, MONTHS)
    calendar = np.arange(MONTHS) + year * MONTHS
    first, last = (day(calendar).astype("datetime64[D]").astype("int32") for day in (first_day, last_day))
    hours = (amount.ravel()[starts] / HUNDREDTHS).astype("float32")
    return person.astype("int32"), first[begin], last[ends % MONTHS], np.where(hours > 0, hours, np.float32(np.nan))
