"""Monthly rows of jobs of one part of a file, brought down to months of persons and the rows that may be there twice.

Rows in strict order are all different. Of a part only the rows of its doubtful persons are kept, and those of its first
and last one, who may go on in the next part. Hours are in hundredths.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.readers.typed import Encoded
from introprog.readers.words import big_words

MONTHS = 12
HUNDREDTHS = 100
UNSTATED = -1
EXAMPLES = 200
NOWHERE = np.array([], dtype="int64")
# A job counts as this many hundredths, more than the stated hours of all jobs of a month together.
JOB = np.int64(1 << 40)


@dataclass(frozen=True)
class Rows:
    """Monthly rows kept of one part: cell (person and month), hours and job of each, and their places among the rows
    of known persons of a part that begins at the place ``start``.

    ``begins`` are the rows at which the rows of a person begin.
    """

    cell: np.ndarray
    hours: Encoded
    job: pa.Array
    begins: np.ndarray
    places: np.ndarray
    start: int = 0

    def at(self, rows: np.ndarray) -> np.ndarray:
        """Places in the files of the year of the rows at the positions ``rows``."""
        return self.start + self.places[rows]

    def rows_of(self, persons: np.ndarray) -> np.ndarray:
        """Positions of the rows of the marked persons (bool, by person)."""
        runs = np.flatnonzero(persons[self.cell[self.begins] // MONTHS])
        return _rows_of_runs(self.begins, runs, len(self.cell))[0]


def _rows_of_runs(begins: np.ndarray, runs: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows of some runs, of so many rows in all, and where among these each run begins."""
    several = np.diff(begins, append=rows)[runs]
    before = np.cumsum(several) - several
    return np.repeat(begins[runs] - before, several) + np.arange(several.sum()), before


@dataclass(frozen=True)
class PartOfYear:
    """Monthly rows of one part that are of one year: so many ``rows``, and what those of each of ``cells`` that follow
    each other come to.

    ``persons`` are those whose rows begin in the part, one after the other, ``settled`` those whose rows are not kept,
    and ``odd`` those whose rows are in no order. Rows of another year are only counted: their places (``stray``), and
    some of their months (``told``).
    """

    rows: int
    kept: Rows
    cells: np.ndarray
    sums: np.ndarray
    persons: np.ndarray
    settled: np.ndarray
    odd: np.ndarray
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
        keep_all: bool = False,
    ) -> "PartOfYear":
        """Rows of known persons: the code of each row's person, and its month, hours and job; ``places`` are theirs
        among the rows of the part, None = all of them.
        """
        month, within = _months_of(period, year)
        stray, told = NOWHERE, []
        if not within:
            inside = (month >= 0) & (month < MONTHS)
            rows, stray = np.flatnonzero(inside), np.flatnonzero(~inside)
            told = period.take(stray[:EXAMPLES]).series().astype(str).tolist()
            person, month, hours, job = person[rows], month[rows], hours.take(rows), job.take(pa.array(rows))
            stray = stray if places is None else places[stray]
            places = rows if places is None else places[rows]
        cell = person * np.int32(MONTHS) + month
        later, same = cell[1:] > cell[:-1], cell[1:] == cell[:-1]
        steps = np.append(0, np.flatnonzero(~same) + 1)[: len(cell)]
        cells = cell[steps]
        begins = steps[np.append(0, np.flatnonzero(np.diff(cells // MONTHS)) + 1)[: len(cell)]]
        persons = cell[begins] // MONTHS
        odd = _in_no_order(cell, job, begins, later, same)
        sums = np.add.reduceat(_amounts(hours), steps) if len(cell) else NOWHERE
        runs = np.ones(len(persons), dtype=bool) if keep_all else _perhaps_doubtful(persons, odd)
        chosen, starts = _rows_of_runs(begins, np.flatnonzero(runs), len(cell))
        places = chosen if places is None else places[chosen]
        kept = Rows(cell[chosen], _narrow(hours.take(chosen)), job.take(pa.array(chosen)), starts, places)
        return cls(len(cell), kept, cells, sums, persons, persons[~runs], odd, stray, told)


def _perhaps_doubtful(persons: np.ndarray, odd: np.ndarray) -> np.ndarray:
    """Of the runs of ``persons`` in a part those of ``odd`` persons and of persons with several, the first and the
    last.
    """
    runs = np.zeros(len(persons), dtype=bool)
    runs[:1] = runs[-1:] = True
    if len(odd):
        runs |= np.isin(persons, odd)
    if not (persons[1:] > persons[:-1]).all():
        found, times = np.unique(persons, return_counts=True)
        runs |= np.isin(persons, found[times > 1])
    return runs


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
    return JOB + np.maximum(in_hundredths(hours.values), 0)[hours.codes]


def in_hundredths(values: pd.Series) -> np.ndarray:
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
    first = persons.min()
    wrong = np.zeros(persons.max() - first + 1, dtype=bool)
    wrong[persons - first] = True
    also = cell[np.flatnonzero(within[1:] & ~(more | (equal & later)))] // MONTHS - first
    also = also[(also >= 0) & (also < len(wrong))]
    return np.unique(also[wrong[also]]) + first


def _compared(words: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Whether each text of some words is more than the one before it, and whether it is the same."""
    more, equal = False, True
    for word in reversed(words):
        here = word[1:] == word[:-1]
        more, equal = (word[1:] > word[:-1]) | (here & more), here & equal
    return more, equal
