"""Employment from its two sources as one table: job spells of the yearly files to 2014, months of work from 2015.

The files are the largest of the study, so they are read a year at a time, the monthly ones part by part, and each is
brought down to spells before the next is read. A spell of the monthly rows is one of consecutive months in which a
person's jobs come to the same agreed hours together; single jobs are counted and added, not kept. Spells of both
sources are cut at the year's ends, so that the break of 2015 shows in ``source`` and nowhere else. Persons who are not
in the demography file are left out.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.job_faults import YearRows
from introprog.cleaning.known_persons import UNKNOWN, Persons, judge_strangers, known_persons
from introprog.cleaning.monthly_parts import PartOfYear
from introprog.cleaning.monthly_work import Scattered, YearOfWork
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.yearly_work import JobSpells, yearly_spells
from introprog.codebook import Extract
from introprog.readers.extracts import Reader
from introprog.readers.learned import Irregular, join_learned
from introprog.readers.origin import Origin
from introprog.readers.raw import RawFile
from introprog.readers.streamed import Part, first_row, stream_parts
from introprog.readers.typed import Encoded, encode_columns, join_encoded
from introprog.shortage import give_back

NOBODY = np.array([], dtype="int64")
ALL_JOBS = ""
# Parts after which memory in pieces is given back.
TIDIED = 64


def clean_employment(reader: Reader, person_ids: pd.Series) -> pa.Table:
    """Spells of work of the persons in ``person_ids``, sorted by person, first date and job (docs/contracts.md,
    ``employment``).

    Faults of the files go to ``reader.log``; the caller raises them.
    """
    spells = job_spells(reader, person_ids)
    return spells.set_column(0, "person_id", spells["person_id"].cast(pa.string()))


def job_spells(reader: Reader, person_ids: pd.Series) -> pa.Table:
    """The same with persons as a dictionary of their ids in order."""
    persons = Persons(np.sort(person_ids.unique()))
    spells: list[JobSpells] = []
    with ThreadPoolExecutor(1) as pool:
        years = [
            year for name, shape in (("atmlto", _of_yearly), ("ameld", _of_monthly))
            for year in _years(reader, name, shape, persons, pool)
        ]  # fmt: skip
        for apart, coming in years:
            spells += coming.result()
            reader.enter(apart)
    give_back()
    return _table(spells, persons.index)


def _years(
    reader: Reader, name: str, shape: Callable, persons: Persons, pool: ThreadPoolExecutor
) -> Iterator[tuple[Reader, Future[list[JobSpells]]]]:
    """The spells of each year to come, and the reader of that year; its rows are brought down to spells in ``pool``
    while those of the next are read.
    """
    extract = reader.codebook.extracts[name]
    files = reader.files(extract)
    for year in sorted({file.year for file in files}, key=lambda y: y or 0):
        apart = reader.apart()
        bring_down = shape([file for file in files if file.year == year], apart, extract, persons, year)
        yield apart, pool.submit(bring_down)


def _of_yearly(*given) -> Callable[[], list[JobSpells]]:
    """What makes the spells of the yearly files of one year; these are small, so it reads them as well."""
    return partial(_yearly, *given)


def _yearly(
    files: Sequence[RawFile], reader: Reader, extract: Extract, persons: Persons, year: int | None
) -> list[JobSpells]:
    """Spells of the yearly files of one year; whatever else was read of them is given back."""
    origin = Origin(label=extract.file)
    given = ((file, reader, extract, persons, year, origin) for file in files)
    read = [part for which in given if (part := _plain_rows(*which) or _rows(*which)) is not None]
    if not read:
        return []
    columns, person = join_encoded([part for part, _ in read]), np.concatenate([who for _, who in read])
    del read
    return [
        yearly_spells(c, p, y, reader.log, YearRows(origin, y, rows))
        for y, c, p, rows in _by_year(columns, person, year, reader.last_year)
    ]


def _of_monthly(
    files: Sequence[RawFile], reader: Reader, extract: Extract, persons: Persons, year: int | None
) -> Callable[[], list[JobSpells]]:
    """What makes the spells of the monthly files of one year, or of those that hold several, which are read here."""
    given = files, extract, persons, year
    try:
        tried = reader.apart()
        years, origin = _years_of_work(tried, *given, keep_all=False)
        reader.enter(tried)
    except Scattered:
        years, origin = _years_of_work(reader, *given, keep_all=True)
    return partial(_monthly, years, reader.log, origin)


def _years_of_work(
    reader: Reader, files: Sequence[RawFile], extract: Extract, persons: Persons, year: int | None, keep_all: bool
) -> tuple[dict[int, YearOfWork], Origin]:
    """The rows of all files by year, and where they stand; raises ``Scattered`` unless ``keep_all``."""
    years: dict[int, YearOfWork] = {}
    origin = Origin(label=extract.file)
    for file in files:
        for each, work in _work_in(file, reader, extract, persons, year, origin, keep_all).items():
            years[each] = years[each].with_rows_of(work) if each in years else work
    return years, origin


def _monthly(years: dict[int, YearOfWork], log: QualityLog, origin: Origin) -> list[JobSpells]:
    spells = []
    for each in sorted(years):
        person, first, last, hours = years.pop(each).spells(log, origin)
        job = pa.DictionaryArray.from_arrays(np.zeros(len(person), "int32"), pa.array([ALL_JOBS])).cast(pa.string())
        spells.append(JobSpells(person, first, last, hours, job, "ameld"))
    give_back()
    return spells


def _work_in(
    file: RawFile,
    reader: Reader,
    extract: Extract,
    persons: Persons,
    year: int | None,
    origin: Origin,
    keep_all: bool,
) -> dict[int, YearOfWork]:
    """The rows of known persons in one monthly file by year; read part by part where the file is plain.

    ``origin`` is told where they stand in the file.
    """

    def parts_of(columns: dict[str, Encoded], person: np.ndarray, job: pa.Array) -> dict[int, PartOfYear]:
        return _parts_of_years(columns, person, job, year, reader.last_year, keep_all)

    def of_known(part: Part) -> tuple[np.ndarray, dict[int, PartOfYear]]:
        found = persons.lookup.places(part.ids)
        person, job = np.repeat(found, part.runs), part.texts["job"]
        if (found != UNKNOWN).all():
            return NOBODY, parts_of(part.columns, person, job)
        rows = np.flatnonzero(person != UNKNOWN)
        columns, job = _kept(part.columns, person, rows), job.take(pa.array(rows))
        return np.flatnonzero(person == UNKNOWN), parts_of(columns, person[rows], job)

    start, total, strange = origin.size, 0, [NOBODY]
    years: dict[int, YearOfWork] = {}
    try:
        for n, (count, (strangers, found)) in enumerate(stream_parts(file, extract, reader, of_known), 1):
            _join(years, found, start + total - sum(map(len, strange)), len(persons))
            strange.append(strangers + total)
            total += count
            if n % TIDIED == 0:
                give_back()
    except Irregular:
        if (read := _rows(file, reader, extract, persons, year, origin)) is None:
            return {}
        columns, person = read
        job = pa.array(columns["job"].values, pa.string()).take(pa.array(columns["job"].codes))
        years = {}
        _join(years, parts_of(columns, person, job), start, len(persons))
        return years
    _tell(file, reader, extract, persons, year, origin, total, np.concatenate(strange))
    return years


def _tell(file: RawFile, reader: Reader, extract, persons: Persons, year, origin: Origin, total: int, strange) -> None:
    """Enter a file of ``total`` rows that was read part by part; those at ``strange`` are of unknown persons."""
    stranger = np.zeros(total, dtype=bool)
    stranger[strange] = True
    reader.rows.append((extract.name, file.name, total))
    first = first_row(file)
    judge_strangers(stranger, persons, extract, file.name, year, reader.log, lambda rows: rows + first)
    origin.add(file.name, np.flatnonzero(~stranger) + first if len(strange) else range(first, first + total))


def _plain_rows(file: RawFile, reader: Reader, extract: Extract, persons: Persons, year: int | None, origin: Origin):
    """What ``_rows`` gives, of a file that can be read part by part; else None."""
    try:
        parts = [part for _, part in stream_parts(file, extract, reader, lambda part: part)]
    except Irregular:
        return None
    person = np.concatenate([np.repeat(persons.lookup.places(part.ids), part.runs) for part in parts])
    job = pa.concat_arrays([part.texts["job"] for part in parts]).dictionary_encode()
    columns = {name: join_learned([part.columns[name] for part in parts]) for name in parts[0].columns}
    columns["job"] = Encoded(pd.Series(job.dictionary.to_pandas(), dtype="str"), job.indices.to_numpy())
    _tell(file, reader, extract, persons, year, origin, len(person), np.flatnonzero(person == UNKNOWN))
    rows = np.flatnonzero(person != UNKNOWN)
    return _kept(columns, person, rows), person[rows]


def _join(years: dict[int, YearOfWork], found: dict[int, PartOfYear], start: int, persons: int) -> None:
    for each, part in found.items():
        if each not in years:
            years[each] = YearOfWork.of(each, persons)
        years[each].join(part, start)


def _parts_of_years(
    columns: dict[str, Encoded], person: np.ndarray, job: pa.Array, year: int | None, last_year: int, keep_all: bool
) -> dict[int, PartOfYear]:
    parts = {}
    for each, these, who, rows in _by_year(columns, person, year, last_year):
        own = job if rows is None else job.take(pa.array(rows))
        parts[each] = PartOfYear.of(each, who, these["period"], these["weekly_hours"], own, rows, keep_all)
    return parts


def _rows(file: RawFile, reader: Reader, extract: Extract, persons: Persons, year: int | None, origin: Origin):
    """The typed columns of the rows of known persons in one file, and the codes of their persons."""
    raw = reader.raw(file, extract)
    if raw is None:
        return None
    columns = encode_columns(raw.table, extract, file.name, reader.log, year, raw.line)
    line = raw.numbering()
    del raw
    rows, person = known_persons(columns, persons, extract, file.name, year, reader.log, line)
    origin.add(file.name, line(rows))
    return _kept(columns, person, rows), person[rows]


def _kept(columns: dict[str, Encoded], person: np.ndarray, rows: np.ndarray) -> dict[str, Encoded]:
    """The columns at ``rows``, as they are where these are all."""
    return columns if len(rows) == len(person) else {name: column.take(rows) for name, column in columns.items()}


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


def _table(spells: list[JobSpells], persons: pd.Index) -> pa.Table:
    """The spells of all files as one table, by person; the arrays of ``spells`` are given up one after the other."""
    person = _joined(spells, "person", "int32")
    order = np.argsort(person, kind="stable").astype("int32")
    names = pa.DictionaryArray.from_arrays(pa.array(person[order]), pa.array(persons, pa.string()))
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
