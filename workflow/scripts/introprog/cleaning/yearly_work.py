"""Job spells of the yearly employment files to 2014, cut at the year's ends."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from introprog.cleaning.job_faults import YearRows
from introprog.cleaning.quality import QualityLog
from introprog.readers.typed import Encoded


@dataclass
class JobSpells:
    """Spells of one year: person codes, days since 1970, hours (NaN = not stated), and jobs as text."""

    person: np.ndarray
    first: np.ndarray
    last: np.ndarray
    hours: np.ndarray
    job: pa.Array
    source: str


def yearly_spells(
    columns: dict[str, Encoded], person: np.ndarray, year: int, log: QualityLog, told: YearRows
) -> JobSpells:
    """Spells of a yearly file, cut at the year's ends; an open or missing end is the end of the year."""
    start, end = _day(f"{year}-01-01"), _day(f"{year}-12-31")
    first, last = _days(columns["first_date"]), _days(columns["last_date"])
    last = np.where(columns["last_date"].missing(), end, last)
    hours = columns["weekly_hours"].numbers("float32")
    reversed_, outside = last < first, (first > end) | (last < start)
    hint = "are the two date columns exchanged, or day and month?"
    told.judge(log, "S1", reversed_, "dates", hint=hint, spells=(first, last))
    told.judge(log, "E2", outside & ~reversed_, "dates", f"days of {year}", spells=(first, last))
    keep = np.flatnonzero(~reversed_ & ~outside)
    cut = (first[keep] < start) | (last[keep] > end)
    log.note("employment", "S3", np.full(int(cut.sum()), year))
    first, last = np.maximum(first[keep], start), np.minimum(last[keep], end)
    person, hours = person[keep], hours[keep]
    jobs, job = _ranked(columns["job"], columns["job"].codes[keep])
    order = np.lexsort((-last, job, first, person))
    person, first, last, hours, job = (values[order] for values in (person, first, last, hours, job))
    same = np.append(False, (person[1:] == person[:-1]) & (first[1:] == first[:-1]) & (job[1:] == job[:-1]))[
        : len(person)
    ]
    like = same & np.append(False, (last[1:] == last[:-1]) & _same_hours(hours))[: len(person)]
    told.judge_twice(log, same, like, keep[order])
    return JobSpells(person[~same], first[~same], last[~same], hours[~same], jobs.take(pa.array(job[~same])), "atmlto")


def _ranked(column: Encoded, codes: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Job names in order and the place of each job code among them."""
    there = np.zeros(len(column.values), dtype=bool)
    there[codes] = True
    used = np.flatnonzero(there)
    names = pa.array(column.values, pa.string()).take(pa.array(used))
    order = pc.sort_indices(names)
    rank = np.empty(len(column.values), dtype="int64")
    rank[used[order.to_numpy()]] = np.arange(len(order))
    return names.take(order), rank[codes]


def _days(column: Encoded) -> np.ndarray:
    days = column.values.to_numpy(dtype="datetime64[D]").astype("int64")
    return np.append(days, 0)[column.codes].astype("int32")


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype("int64"))


def _same_hours(hours: np.ndarray) -> np.ndarray:
    return (hours[1:] == hours[:-1]) | (np.isnan(hours[1:]) & np.isnan(hours[:-1]))
