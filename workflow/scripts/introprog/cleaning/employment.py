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
import pyarrow.compute as pc

from introprog.cleaning.job_faults import YearRows
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import first_day, last_day
from introprog.codebook import Extract
from introprog.errors import SHOWN
from introprog.readers.extracts import Reader
from introprog.readers.origin import Origin
from introprog.readers.raw import RawFile
from introprog.readers.typed import Encoded, Lines, encode_columns, in_file, join_encoded
from introprog.shortage import give_back

UNKNOWN = -1
NOT_STATED = 1
MONTHS = 12


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
    extract = reader.codebook.extracts[name]
    files = reader.files(extract)
    spells = []
    for year in sorted({file.year for file in files}, key=lambda y: y or 0):
        spells += _spells_of([f for f in files if f.year == year], reader, extract, shape, persons, year)
        give_back()
    return spells


def _spells_of(files, reader: Reader, extract: Extract, shape, persons: pd.Index, year: int | None) -> list[JobSpells]:
    """Spells of the files of one year; whatever else was read of them is given back."""
    origin = Origin(label=extract.file)
    read = [part for file in files if (part := _rows(file, reader, extract, persons, year, origin)) is not None]
    if not read:
        return []
    columns, person = join_encoded([part for part, _ in read]), np.concatenate([who for _, who in read])
    del read
    return [
        shape(c, p, y, reader.log, YearRows(origin, y, rows))
        for y, c, p, rows in _by_year(columns, person, year, reader.last_year)
    ]


def _rows(file: RawFile, reader: Reader, extract: Extract, persons: pd.Index, year: int | None, origin: Origin):
    """The typed columns of the rows of known persons in one file, and the codes of their persons."""
    raw = reader.raw(file, extract)
    if raw is None:
        return None
    columns = encode_columns(raw.table, extract, file.name, reader.log, year, raw.line)
    line = raw.numbering()
    del raw
    rows, person = _known_persons(columns, persons, extract, file.name, year, reader.log, line)
    origin.add(file.name, line(rows))
    if len(rows) == len(person):
        return columns, person
    return {name: column.take(rows) for name, column in columns.items()}, person[rows]


def _by_year(columns: dict[str, Encoded], person: np.ndarray, year: int | None, last_year: int):
    """The rows of each year, when one file holds several, and their positions."""
    if year is not None:
        yield year, columns, person, None
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
            yield each, {name: column.take(rows) for name, column in columns.items()}, person[rows], rows


def _known_persons(columns, persons: pd.Index, extract: Extract, file: str, year: int, log: QualityLog, line: Lines):
    """Rows to keep (every needed value there, person known) and the code of the person of every row; ``line`` numbers
    rows.
    """
    needed = [columns[c.name].missing() for c in extract.columns.values() if c.needed]
    lacking = np.logical_or.reduce(needed)
    log.judge(file, "R5", lacking, rows=line(np.flatnonzero(lacking)[:SHOWN]))
    examples = in_file(file, line(np.flatnonzero(lacking)[:SHOWN]))
    log.note(extract.name, "R5", np.full(int(lacking.sum()), np.nan if year is None else year), rows=examples)
    ids = columns["person_id"]
    code = np.append(persons.get_indexer(ids.values), UNKNOWN).astype("int32")[ids.codes]
    stranger = (code == UNKNOWN) & ~lacking
    where = f"{file}, column {extract.clean('person_id').source}"
    rows = line(np.flatnonzero(stranger)[:SHOWN])
    if len(persons):  # without a readable demography nobody is known, and that has been told
        log.judge(where, "E1", stranger, hint="are the person keys of the same project, and text?", rows=rows)
    years = np.full(int(stranger.sum()), np.nan if year is None else year)
    log.note("employment", "E1", years, rows=in_file(file, rows))
    return np.flatnonzero(~lacking & ~stranger), code


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


def monthly_spells(
    columns: dict[str, Encoded], person: np.ndarray, year: int, log: QualityLog, told: YearRows
) -> JobSpells:
    """Spells of consecutive months in one job with the same hours, from the monthly rows of one year.

    Each job of a person is a row of twelve months, so that the rows of the file need no sorting.
    """
    number = _months_of(columns["period"], year)
    stray = (number < 0) | (number >= MONTHS)
    months_told = columns["period"].series() if stray.any() else None
    told.judge(log, "E2", stray, "periode", f"months of {year}", values=months_told)
    keep = None
    job, hours = columns["job"].codes, columns["weekly_hours"].codes
    if stray.any():
        keep = np.flatnonzero(~stray)
        person, number, job, hours = person[keep], number[keep], job[keep], hours[keep]
    place, amounts = _coded_hours(columns["weekly_hours"].values)
    hours = place[hours]
    pair, owners, jobs = _pairs(person, job, len(columns["job"].values))
    cell = pair.astype("int64") * MONTHS + number
    months, same, like = _first_of_each(cell, hours, len(owners))
    told.judge_twice(log, same, like, keep)
    del cell, same, like
    worked = months != 0
    other = months[:, 1:] != months[:, :-1]
    starts, ends = worked.copy(), worked
    starts[:, 1:] &= other
    ends[:, :-1] &= other
    starts, ends = np.flatnonzero(starts), np.flatnonzero(ends)
    pair, begin = np.divmod(starts, MONTHS)
    who, job = owners[pair], jobs[pair]
    names, rank = _ranked(columns["job"], job)
    order = np.argsort((who.astype("int64") * MONTHS + begin) * max(len(names), 1) + rank)
    month = np.arange(MONTHS) + year * MONTHS
    first, last = (day(month).astype("datetime64[D]").astype("int32") for day in (first_day, last_day))
    return JobSpells(
        who[order], first[begin[order]], last[ends[order] % MONTHS], amounts[months.ravel()[starts[order]]],
        names.take(pa.array(rank[order])), "ameld",
    )  # fmt: skip


def _months_of(period: Encoded, year: int) -> np.ndarray:
    """The month of each row, 0 is January of ``year``."""
    month = period.values.to_numpy(dtype="float64", na_value=0).astype("int64")
    return (month // 100 * MONTHS + month % 100 - 1 - year * MONTHS).astype("int32")[period.codes]


def _coded_hours(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """A small code for each distinct text of hours, and the hours of each code; not stated (also the last) is 1."""
    amounts = values.to_numpy(dtype="float64", na_value=np.nan).astype("float32")
    stated = ~np.isnan(amounts)
    known, place = np.unique(amounts[stated], return_inverse=True)
    codes = np.full(len(amounts) + 1, NOT_STATED, dtype=np.min_scalar_type(len(known) + NOT_STATED))
    codes[:-1][stated] = place + NOT_STATED + 1
    return codes, np.concatenate([np.full(NOT_STATED + 1, np.nan), known]).astype("float32")


def _pairs(person: np.ndarray, job: np.ndarray, jobs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A number for each person's job on every row, and the person and job code of each number.

    Nearly always a job number is one person's, and is the pair's number too; further persons of it get new numbers.
    """
    owner = np.full(jobs, UNKNOWN, dtype="int32")
    owner[job] = person
    other = np.flatnonzero(owner[job] != person)
    if not len(other):
        return job, owner, np.arange(jobs, dtype="int32")
    code, more = pd.factorize(person[other].astype("int64") * jobs + job[other])
    pair = job.astype("int64")
    pair[other] = jobs + code
    who, what = np.divmod(more, jobs)
    return pair, np.append(owner, who.astype("int32")), np.append(np.arange(jobs), what).astype("int32")


def _first_of_each(cell: np.ndarray, hours: np.ndarray, pairs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours code by pair and month, 0 = not worked; of several rows of a month the first counts.

    Also which rows are of the same month as one before, and which of these have the same hours as well.
    """
    first = np.full(pairs * MONTHS, UNKNOWN, dtype="int32")
    first[cell[::-1]] = np.arange(len(cell) - 1, -1, -1, dtype="int32")
    again = np.flatnonzero(first[cell] != np.arange(len(cell), dtype="int32"))
    rows = np.union1d(again, first[cell[again]])
    rows = rows[np.argsort(cell[rows], kind="stable")]
    same, like = np.zeros(len(cell), dtype=bool), np.zeros(len(cell), dtype=bool)
    same[rows[1:]] = cell[rows[1:]] == cell[rows[:-1]]
    like[rows[1:]] = same[rows[1:]] & (hours[rows[1:]] == hours[rows[:-1]])
    months = np.append(hours, hours.dtype.type(0))[first]
    return months.reshape(pairs, MONTHS), same, like


def _table(spells: list[JobSpells], persons: pd.Index) -> pa.Table:
    """The spells of all files as one table, by person; the arrays of ``spells`` are given up one after the other."""
    person = _joined(spells, "person", "int32")
    order = np.argsort(person, kind="stable").astype("int32")
    names = pa.array(persons.astype("str").tolist(), pa.string()).take(pa.array(person[order]))
    del person
    jobs = pa.chunked_array([s.job for s in spells], type=pa.string())
    monthly = np.repeat(np.array([s.source == "ameld" for s in spells], "int8"), [len(s.first) for s in spells])
    first, last = (pa.array(_joined(spells, n, "int32")[order]).view(pa.date32()) for n in ("first", "last"))
    hours = _joined(spells, "hours", "float32")[order]
    spells.clear()
    source = pa.DictionaryArray.from_arrays(pa.array(monthly[order]), pa.array(["atmlto", "ameld"]))
    return pa.table(
        {
            "person_id": names,
            "job": jobs.take(pa.array(order)),
            "first_date": first,
            "last_date": last,
            "weekly_hours": pa.array(hours, mask=np.isnan(hours)),
            "source": source.cast(pa.string()),
        }
    )


def _joined(spells: list[JobSpells], field: str, dtype: str) -> np.ndarray:
    return np.concatenate([getattr(s, field) for s in spells]).astype(dtype) if spells else np.array([], dtype)


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
