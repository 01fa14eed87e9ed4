"""Employment from its two sources as one table of job spells: yearly spells to 2014, monthly rows from 2015.

The files are the largest of the study, so they are read one at a time, ids and jobs stay small integers until the end,
and each file is brought down to spells before the next is read. Consecutive months in a job with the same agreed hours
are one spell; spells of both sources are cut at the year's ends, so that the break of 2015 shows in ``source`` and
nowhere else. Persons who are not in the demography file are left out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import first_day, last_day, month_number
from introprog.codebook import Extract
from introprog.errors import SHOWN
from introprog.readers.extracts import Reader
from introprog.readers.typed import Encoded, Lines, encode_columns, join_encoded

UNKNOWN = -1


@dataclass
class JobSpells:
    """Job spells of one file: person codes, days since 1970, hours (NaN = not stated), and jobs as text."""

    person: np.ndarray
    first: np.ndarray
    last: np.ndarray
    hours: np.ndarray
    job: pa.Array
    source: str


def clean_employment(reader: Reader, person_ids: pd.Series) -> pa.Table:
    """Job spells of the persons in ``person_ids``, sorted by person, first date and job (docs/contracts.md,
    ``employment``).

    Faults of the files go to ``reader.log``; the caller raises them.
    """
    persons = pd.Index(np.sort(person_ids.unique()))
    spells = [
        part for name, shape in (("atmlto", yearly_spells), ("ameld", monthly_spells))
        for part in _files(reader, name, shape, persons)
    ]  # fmt: skip
    return _table(spells, persons)


def _files(reader: Reader, name: str, shape, persons: pd.Index) -> list[JobSpells]:
    extract, log = reader.codebook.extracts[name], reader.log
    files = reader.files(extract)
    spells = []
    for year in sorted({file.year for file in files}, key=lambda y: y or 0):
        parts, people = [], []
        for file in (f for f in files if f.year == year):
            raw = reader.raw(file, extract)
            if raw is None:
                continue
            columns = encode_columns(raw.table, extract, file.name, log, year, raw.line)
            line = raw.numbering()
            del raw
            rows, person = _known_persons(columns, persons, extract, file.name, year, log, line)
            parts.append({name: column.take(rows) for name, column in columns.items()})
            people.append(person)
        if parts:
            columns, person = join_encoded(parts), np.concatenate(people)
            spells += [shape(c, p, y, log) for y, c, p in _by_year(columns, person, year, reader.last_year)]
    return spells


def _by_year(columns: dict[str, Encoded], person: np.ndarray, year: int | None, last_year: int):
    """The rows of each year, when one file holds several."""
    if year is not None:
        yield year, columns, person
        return
    if "period" in columns:
        first = last = columns["period"].numbers("float64") // 100
    else:
        first, last = (columns[n].numbers_of_year() for n in ("first_date", "last_date"))
        last = np.where(np.isnan(last), last_year, last)
    known = first[~np.isnan(first)]
    for each in range(int(known.min()), min(int(last[~np.isnan(last)].max()), last_year) + 1) if len(known) else ():
        rows = np.flatnonzero((first <= each) & (last >= each))
        if len(rows):
            yield each, {name: column.take(rows) for name, column in columns.items()}, person[rows]


def _known_persons(columns, persons: pd.Index, extract: Extract, file: str, year: int, log: QualityLog, line: Lines):
    """Rows to keep (every needed value there, person known) and the codes of their persons; ``line`` numbers rows."""
    needed = [columns[c.name].missing() for c in extract.columns.values() if c.needed]
    lacking = np.logical_or.reduce(needed)
    log.judge(file, "R5", lacking, rows=line(np.flatnonzero(lacking)[:SHOWN]))
    log.note(extract.name, "R5", np.full(int(lacking.sum()), np.nan if year is None else year))
    ids = columns["person_id"]
    code = np.append(persons.get_indexer(ids.values), UNKNOWN)[ids.codes]
    stranger = (code == UNKNOWN) & ~lacking
    where = f"{file}, column {extract.clean('person_id').source}"
    if len(persons):  # without a readable demography nobody is known, and that has been told
        rows = line(np.flatnonzero(stranger)[:SHOWN])
        log.judge(where, "E1", stranger, hint="are the person keys of the same project, and text?", rows=rows)
    log.note("employment", "E1", np.full(int(stranger.sum()), np.nan if year is None else year))
    rows = np.flatnonzero(~lacking & ~stranger)
    return rows, code[rows].astype("int32")


def yearly_spells(columns: dict[str, Encoded], person: np.ndarray, year: int, log: QualityLog) -> JobSpells:
    """Spells of a yearly file, cut at the year's ends; an open or missing end is the end of the year."""
    start, end = _day(f"{year}-01-01"), _day(f"{year}-12-31")
    first, last = _days(columns["first_date"]), _days(columns["last_date"])
    last = np.where(columns["last_date"].missing(), end, last)
    hours = columns["weekly_hours"].numbers("float32")
    reversed_, outside = last < first, (first > end) | (last < start)
    log.judge(f"atmlto_{year}, dates", "S1", reversed_)
    log.judge(f"atmlto_{year}, dates", "E2", outside & ~reversed_)
    keep = np.flatnonzero(~reversed_ & ~outside)
    cut = (first[keep] < start) | (last[keep] > end)
    for rule, n in (("S1", reversed_.sum()), ("E2", (outside & ~reversed_).sum()), ("S3", cut.sum())):
        log.note("employment", rule, np.full(int(n), year))
    first, last = np.maximum(first[keep], start), np.minimum(last[keep], end)
    person, hours = person[keep], hours[keep]
    jobs, job = _ranked(columns["job"], keep)
    order = np.lexsort((-last, job, first, person))
    person, first, last, hours, job = (values[order] for values in (person, first, last, hours, job))
    same = np.append(False, (person[1:] == person[:-1]) & (first[1:] == first[:-1]) & (job[1:] == job[:-1]))[
        : len(person)
    ]
    like = same & np.append(False, (last[1:] == last[:-1]) & _same_hours(hours))[: len(person)]
    _note_twice(same, like, year, log)
    return JobSpells(person[~same], first[~same], last[~same], hours[~same], jobs.take(pa.array(job[~same])), "atmlto")


def monthly_spells(columns: dict[str, Encoded], person: np.ndarray, year: int, log: QualityLog) -> JobSpells:
    """Spells of consecutive months in one job with the same hours, from the monthly rows of one year."""
    month = columns["period"].numbers("float64").astype("int64")
    stray = month // 100 != year
    log.judge(f"ameld_{year}, periode", "E2", stray, expected=f"months of {year}")
    log.note("employment", "E2", np.full(int(stray.sum()), year))
    keep = np.flatnonzero(~stray)
    hours = columns["weekly_hours"].numbers("float32")[keep]
    jobs, job = _ranked(columns["job"], keep)
    number = month_number(pd.Series(month[keep])) - year * 12
    row = (person[keep].astype("int64") * max(len(jobs), 1) + job) * 12 + number
    if (row[1:] < row[:-1]).any():
        order = np.argsort(row, kind="stable")
        row, hours = row[order], hours[order]
    same = np.append(False, row[1:] == row[:-1])[: len(row)]
    _note_twice(same, same & np.append(False, _same_hours(hours))[: len(row)], year, log)
    row, hours = row[~same], hours[~same]
    series, number = np.divmod(row, 12)
    new = np.ones(len(row), dtype=bool)
    new[1:] = (series[1:] != series[:-1]) | (row[1:] != row[:-1] + 1) | ~_same_hours(hours)
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(row))[: len(starts)] - 1
    who, job = np.divmod(series[starts], max(len(jobs), 1))
    first = first_day(number[starts] + year * 12).astype("datetime64[D]").astype("int32")
    last = last_day(number[ends] + year * 12).astype("datetime64[D]").astype("int32")
    hours = hours[starts]
    order = np.lexsort((job, first, who))
    job = jobs.take(pa.array(job[order]))
    return JobSpells(who[order].astype("int32"), first[order], last[order], hours[order], job, "ameld")


def _table(spells: list[JobSpells], persons: pd.Index) -> pa.Table:
    person = np.concatenate([s.person for s in spells]) if spells else np.array([], "int32")
    order = np.argsort(person, kind="stable")
    names = pa.array(persons.astype("str").tolist(), pa.string())

    def joined(field: str) -> np.ndarray:
        return np.concatenate([getattr(s, field) for s in spells])[order] if spells else np.array([], "int32")

    hours = joined("hours").astype("float32")
    jobs = pa.chunked_array([s.job for s in spells], type=pa.string()).take(pa.array(order))
    sources = np.repeat([s.source == "ameld" for s in spells], [len(s.person) for s in spells])[order]
    source = pa.DictionaryArray.from_arrays(pa.array(sources.astype("int8")), pa.array(["atmlto", "ameld"]))
    return pa.table(
        {
            "person_id": names.take(pa.array(person[order])),
            "job": jobs,
            "first_date": pa.array(joined("first").astype("int32")).cast(pa.date32()),
            "last_date": pa.array(joined("last").astype("int32")).cast(pa.date32()),
            "weekly_hours": pa.array(hours, mask=np.isnan(hours)),
            "source": source.cast(pa.string()),
        }
    )


def _ranked(column: Encoded, rows: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Job names in order and the place of each row's job among them."""
    codes = column.codes[rows]
    there = np.zeros(len(column.values), dtype=bool)
    there[codes] = True
    used = np.flatnonzero(there)
    names = column.values.iloc[used].to_numpy(dtype=object)
    order = np.argsort(names)
    rank = np.empty(len(column.values), dtype="int64")
    rank[used[order]] = np.arange(len(order))
    return pa.array(names[order], pa.string()), rank[codes]


def _days(column: Encoded) -> np.ndarray:
    days = column.values.to_numpy(dtype="datetime64[D]").astype("int64")
    return np.append(days, 0)[column.codes].astype("int32")


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype("int64"))


def _same_hours(hours: np.ndarray) -> np.ndarray:
    return (hours[1:] == hours[:-1]) | (np.isnan(hours[1:]) & np.isnan(hours[:-1]))


def _note_twice(same: np.ndarray, like: np.ndarray, year: int, log: QualityLog) -> None:
    for rule, rows in (("D1", like), ("D2", same & ~like)):
        log.judge(f"employment of {year}", rule, rows)
        log.note("employment", rule, np.full(int(rows.sum()), year))
