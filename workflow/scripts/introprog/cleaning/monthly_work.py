"""Work month by month from monthly rows of jobs: what all jobs of a person come to in each month of a year.

Rows come in any order and in parts. A row that is there twice (person, job and month) is found by a number of 64 bits
made of the three; only rows that share one are looked at by their texts. Hours are added up in hundredths.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from introprog.cleaning.job_faults import YearRows
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import DUPLICATED, first_day, last_day
from introprog.errors import SHOWN
from introprog.readers.origin import Origin
from introprog.readers.streamed import letters
from introprog.readers.typed import Encoded

MONTHS = 12
HUNDREDTHS = 100
UNSTATED = -1
EXAMPLES = 200
NOWHERE = np.array([], dtype="int64")
# A job counts as this many hundredths, more than the stated hours of all jobs of a month together.
JOB = np.int64(1 << 40)
SPREAD = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)))


@dataclass(frozen=True)
class Rows:
    """Monthly rows: cell (person and month), hours in hundredths (-1 = not stated), job, a number of the three, and
    their places among the ``size`` rows of known persons of a part that begins at the place ``start``; None = all.
    """

    cell: np.ndarray
    hours: np.ndarray
    job: pa.Array
    key: np.ndarray
    places: np.ndarray | None
    start: int = 0

    def at(self, rows: np.ndarray) -> np.ndarray:
        """Places in the files of the year of the rows at the positions ``rows``."""
        return self.start + (rows if self.places is None else self.places[rows])


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
        month = _months_of(period, self.year)
        kept = (month >= 0) & (month < MONTHS)
        if not kept.all():
            rows, stray = np.flatnonzero(kept), np.flatnonzero(~kept)
            self.told += period.take(stray[:EXAMPLES]).series().astype(str).tolist()
            person, month, hours, job = person[rows], month[rows], hours.take(rows), job.take(pa.array(rows))
            self.stray.append(stray if places is None else places[stray])
            places = rows if places is None else places[rows]
        cell = person * np.int32(MONTHS) + month
        self.parts.append(Rows(cell, _in_hundredths(hours), job, _spread(text_numbers(job), cell), places))

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
        for part in self.parts:
            np.add.at(months, part.cell, JOB + np.maximum(part.hours, 0))
        cell, hours = _there_again(self.parts, rows, log)
        np.subtract.at(months, cell, JOB + np.maximum(hours, 0))
        self.parts.clear()
        return _spells(months.reshape(-1, MONTHS), self.year)


def _months_of(period: Encoded, year: int) -> np.ndarray:
    """The month of each row, 0 is January of ``year`` (int32)."""
    month = period.values.to_numpy(dtype="float64", na_value=0).astype("int64")
    return (month // 100 * MONTHS + month % 100 - 1 - year * MONTHS).astype("int32")[period.codes]


def _in_hundredths(hours: Encoded) -> np.ndarray:
    """Hours of each row in hundredths (int64), -1 where they are not stated."""
    amounts = hours.values.to_numpy(dtype="float64", na_value=np.nan) * HUNDREDTHS
    whole = np.where(np.isnan(amounts), UNSTATED, np.rint(np.nan_to_num(amounts))).astype("int32")
    return np.append(whole, np.int32(UNSTATED))[hours.codes]


def text_numbers(texts: pa.Array) -> np.ndarray:
    """A number (uint64) for each text, the same for equal texts and hardly ever for others; for up to 8 bytes never."""
    if not len(texts):
        return np.array([], dtype="uint64")
    lengths = pc.min_max(pc.binary_length(texts)).as_py()
    width = lengths["max"]
    if lengths["min"] != width:
        texts = pc.ascii_rpad(texts, width, padding="\0")
    words = np.zeros((len(texts), -(-width // 8) * 8), dtype="uint8")
    words[:, :width] = letters(texts).reshape(-1, width)
    number = np.zeros(len(texts), dtype="uint64")
    for word in words.view("uint64").T:
        number = _mixed(number) ^ word if width > 8 else word
    return number


def _mixed(number: np.ndarray) -> np.ndarray:
    """The numbers dealt evenly over all of 64 bits, one to one (the finalizer of SplitMix64)."""
    mixed = number + SPREAD[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * SPREAD[1]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * SPREAD[2]
    return mixed ^ (mixed >> np.uint64(31))


def _spread(number: np.ndarray, cell: np.ndarray) -> np.ndarray:
    return _mixed(number) + cell.astype("uint64") * SPREAD[0]


def _there_again(parts: Sequence[Rows], told: YearRows, log: QualityLog) -> tuple[np.ndarray, np.ndarray]:
    """Cell and hours of the rows to leave out: of rows with the same person, job and month all but the first.

    Each is like the one before it (D1) or has other hours (D2); both are counted.
    """
    keys = np.concatenate([np.array([], "uint64"), *(part.key for part in parts)])
    keys.sort()
    total, shared = len(keys), np.unique(keys[1:][keys[1:] == keys[:-1]])
    del keys
    rows = [np.flatnonzero(_among(part.key, shared)) if len(shared) else NOWHERE for part in parts]
    places = np.concatenate([NOWHERE, *(part.at(found) for part, found in zip(parts, rows))])
    cell, hours = (
        np.concatenate([np.array([], "int32"), *(getattr(part, name)[found] for part, found in zip(parts, rows))])
        for name in ("cell", "hours")
    )
    texts = [part.job.take(pa.array(found)) for part, found in zip(parts, rows)]
    job = pa.chunked_array(texts, pa.string()).combine_chunks().dictionary_encode()
    pair = cell.astype("int64") * (len(job.dictionary) + 1) + job.indices.to_numpy()
    order = np.argsort(pair, kind="stable")
    pair, cell, hours = pair[order], cell[order], hours[order]
    same, like = np.zeros(len(pair), dtype=bool), np.zeros(len(pair), dtype=bool)
    same[1:] = pair[1:] == pair[:-1]
    like[1:] = same[1:] & (hours[1:] == hours[:-1])
    for rule, found in (("D1", like), ("D2", same & ~like)):
        told.count(log, rule, places[order][found], total, hint=DUPLICATED)
    return cell[same], hours[same]


def _among(keys: np.ndarray, shared: np.ndarray) -> np.ndarray:
    return shared[np.minimum(np.searchsorted(shared, keys), len(shared) - 1)] == keys


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
