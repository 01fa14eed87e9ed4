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

    ``begins`` are the rows at which the rows of a person begin, ``odd`` the persons whose rows are in no order, and
    ``sums`` what the rows from ``steps`` on, all of the same cell, come to.
    """

    cell: np.ndarray
    hours: Encoded
    job: pa.Array
    begins: np.ndarray
    odd: np.ndarray
    steps: np.ndarray
    sums: np.ndarray
    places: np.ndarray | None
    start: int = 0

    @classmethod
    def of(cls, cell: np.ndarray, hours: Encoded, job: pa.Array, places: np.ndarray | None) -> "Rows":
        """The rows of a part."""
        later, same = cell[1:] > cell[:-1], cell[1:] == cell[:-1]
        steps = np.append(0, np.flatnonzero(~same) + 1)[: len(cell)]
        person = cell[steps] // MONTHS
        turns = np.append(0, np.flatnonzero(person[1:] != person[:-1]) + 1)[: len(cell)]
        begins = steps[turns]
        more, equal = _compared(big_words(job))
        kept = np.ones(len(cell), dtype=bool)
        kept[begins] = False
        wrong = np.flatnonzero(kept[1:] & ~(later | (same & more)))
        odd = NOWHERE
        if len(wrong):
            also = np.flatnonzero(kept[1:] & ~(more | (equal & later)))
            odd = np.intersect1d(*(cell[rows] // MONTHS for rows in (wrong, also)))
        sums = np.add.reduceat(_amounts(hours), steps) if len(cell) else NOWHERE
        return cls(cell, hours, job, begins, odd, steps, sums, places)

    def at(self, rows: np.ndarray) -> np.ndarray:
        """Places in the files of the year of the rows at the positions ``rows``."""
        return self.start + (rows if self.places is None else self.places[rows])

    def rows_of(self, persons: np.ndarray) -> np.ndarray:
        """Positions of the rows of the marked persons (bool, by person)."""
        runs = np.flatnonzero(persons[self.cell[self.begins] // MONTHS])
        first, several = self.begins[runs], np.diff(self.begins, append=len(self.cell))[runs]
        before = np.cumsum(several) - several
        return np.repeat(first - before, several) + np.arange(several.sum())


@dataclass
class YearOfWork:
    """The monthly rows of one year, gathered part by part; rows of another year are only counted."""

    year: int
    parts: list[Rows] = field(default_factory=list)
    stray: list[np.ndarray] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def add(
        self, person: np.ndarray, period: Encoded, hours: Encoded, job: pa.Array, places: np.ndarray | None = None
    ) -> None:
        """Rows of known persons: the code of each row's person, and its month, hours and job; ``places`` are theirs
        among the rows of a part, None = all of them.
        """
        month, within = _months_of(period, self.year)
        if not within:
            kept = (month >= 0) & (month < MONTHS)
            rows, stray = np.flatnonzero(kept), np.flatnonzero(~kept)
            self.told += period.take(stray[:EXAMPLES]).series().astype(str).tolist()
            person, month, hours, job = person[rows], month[rows], hours.take(rows), job.take(pa.array(rows))
            self.stray.append(stray if places is None else places[stray])
            places = rows if places is None else places[rows]
        self.parts.append(Rows.of(person * np.int32(MONTHS) + month, hours, job, places))

    def join(self, other: "YearOfWork", start: int) -> None:
        """Further rows of the same year, of a part whose first row of a known person has the place ``start``."""
        self.parts += [replace(part, start=part.start + start) for part in other.parts]
        self.stray += [places + start for places in other.stray]
        self.told += other.told

    def spells(
        self, persons: int, log: QualityLog, origin: Origin
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Person code, first and last day (days since 1970) and hours a week (NaN = none stated) of the spells of
        months in which a person's jobs come to the same hours, by person and day, of so many ``persons``. Takes the
        rows; faults go to ``log``.
        """
        rows = YearRows(origin, self.year)
        stray = np.concatenate([NOWHERE, *self.stray])
        total = len(stray) + sum(len(part.cell) for part in self.parts)
        shown = list(dict.fromkeys(self.told))
        rows.count(log, "E2", stray, total, "periode", f"months of {self.year}", shown=shown[:SHOWN])
        months = np.zeros(persons * MONTHS, dtype="int64")
        runs = np.zeros(persons, dtype="int32")
        for part in self.parts:
            np.add.at(months, part.cell[part.steps], part.sums)
            np.add.at(runs, part.cell[part.begins] // MONTHS, 1)
            runs[part.odd] = 2
        cell, amount = _there_again(self.parts, [part.rows_of(runs > 1) for part in self.parts], rows, log)
        np.subtract.at(months, cell, amount)
        self.parts.clear()
        return _spells(months.reshape(-1, MONTHS), self.year)


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
    amount = np.where(worked, months % JOB, UNSTATED)
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
