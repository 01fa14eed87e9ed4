"""Work month by month from monthly rows of jobs: what all jobs of a person come to in each month of a year.

Rows come in any order and in parts. A row that is there twice (person, job and month) is looked for among the rows of
doubtful persons only: those whose rows stand in two places, or not in the order of month and job, nor of job and month.
Where a person whose rows were not kept stands in a second part, the year is read anew and all rows are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from introprog.cleaning.job_faults import YearRows
from introprog.cleaning.monthly_parts import (
    HUNDREDTHS,
    JOB,
    MONTHS,
    NOWHERE,
    UNSTATED,
    PartOfYear,
    Rows,
    in_hundredths,
)
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import DUPLICATED, first_day, last_day
from introprog.errors import SHOWN
from introprog.readers.origin import Origin
from introprog.readers.words import SPREAD, mixed, text_numbers


class Scattered(Exception):
    """Rows of a person stand in several parts; the year is to be read anew and all rows kept."""


@dataclass
class YearOfWork:
    """The monthly rows of one year, gathered part by part.

    ``months`` (persons, 12) is what each month of a person comes to, ``runs`` in how many places rows of a person
    stand, more than one where they are in no order, and ``settled`` says whose rows have not been kept.
    """

    year: int
    months: np.ndarray
    runs: np.ndarray
    settled: np.ndarray
    rows: int = 0
    kept: list[Rows] = field(default_factory=list)
    stray: list[np.ndarray] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, year: int, persons: int) -> "YearOfWork":
        """No rows of so many persons."""
        months = np.zeros((persons, MONTHS), dtype="int64")
        return cls(year, months, np.zeros(persons, dtype="int32"), np.zeros(persons, dtype=bool))

    def join(self, part: PartOfYear, start: int) -> None:
        """Further rows, of a part whose first row of a known person has the place ``start``; raises ``Scattered``."""
        if self.settled[part.persons].any() or self.runs[part.settled].any():
            raise Scattered
        self.settled[part.settled] = True
        np.add.at(self.months.reshape(-1), part.cells, part.sums)
        np.add.at(self.runs, part.persons, 1)
        self.runs[part.odd] += 2
        self.rows += part.rows + len(part.stray)
        self.kept.append(replace(part.kept, start=start))
        self.stray.append(part.stray + start)
        self.told += part.told

    def with_rows_of(self, other: "YearOfWork") -> "YearOfWork":
        """The rows of two files of the same year; each knows the places of its own. Raises ``Scattered``."""
        if (self.settled & (other.runs > 0)).any() or (other.settled & (self.runs > 0)).any():
            raise Scattered
        months, runs, settled = self.months + other.months, self.runs + other.runs, self.settled | other.settled
        lists = (mine + theirs for mine, theirs in ((self.kept, other.kept), (self.stray, other.stray)))
        return YearOfWork(self.year, months, runs, settled, self.rows + other.rows, *lists, self.told + other.told)

    def spells(self, log: QualityLog, origin: Origin) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Person code, first and last day (days since 1970) and hours a week (NaN = none stated) of the spells of
        months in which a person's jobs come to the same hours, by person and day. Takes the rows; faults go to ``log``.
        """
        rows = YearRows(origin, self.year)
        stray = np.concatenate([NOWHERE, *self.stray])
        shown = list(dict.fromkeys(self.told))
        rows.count(log, "E2", stray, self.rows, "periode", f"months of {self.year}", shown=shown[:SHOWN])
        doubtful, total = self.runs > 1, self.rows - len(stray)
        cell, amount = _there_again(self.kept, [part.rows_of(doubtful) for part in self.kept], total, rows, log)
        np.subtract.at(self.months.reshape(-1), cell, amount)
        self.kept.clear()
        return _spells(self.months, self.year)


def _there_again(
    parts: Sequence[Rows], rows: Sequence[np.ndarray], total: int, told: YearRows, log: QualityLog
) -> tuple[np.ndarray, np.ndarray]:
    """Cell and amount of the rows to leave out: of rows with the same person, job and month all but the first.

    Each is like the one before it (D1) or has other hours (D2); both are counted, of ``total`` rows. Only ``rows`` of
    each part are looked at.
    """
    cell = np.concatenate([np.array([], "int32"), *(part.cell[found] for part, found in zip(parts, rows))])
    job = pa.chunked_array([part.job.take(pa.array(found)) for part, found in zip(parts, rows)], pa.string())
    job = pa.concat_arrays(job.chunks) if job.num_chunks else pa.array([], pa.string())
    twins = _perhaps_twice(mixed(text_numbers(job)) + cell.astype("uint64") * SPREAD[0])
    hours = np.concatenate([NOWHERE, *(in_hundredths(p.hours.values)[p.hours.codes[r]] for p, r in zip(parts, rows))])
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
