"""What the registers hold of the persons followed, gathered in one scan and laid out person by person.

Every question (a November, an anniversary, a month) is then put to some thousand persons at a time, whose rows follow
each other: ids are looked up once, no register is read twice, and memory does not grow with the questions.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from introprog.horizons import to_days
from introprog.registers import (
    DIED,
    EMIGRATED,
    NO_RESIDENCE,
    Source,
    Spells,
    Years,
    as_texts,
    in_hundredths,
    keep,
    positions,
    read_spells,
)

YEARLY = ["person_id", "year", "social_assistance_months", "earnings"]
ByPerson = TypeVar("ByPerson", Spells, Years)


@dataclass(frozen=True)
class Careers:
    """Rows of N persons, each register sorted by person.

    ``employment`` has ``hours`` (hundredths, 0 = not stated), ``education`` ``level``, ``welfare`` ``state`` (position
    in ``states``, -1 = none of them), ``income`` ``assisted`` (bool) and, where known, ``earnings``, and ``residence``
    ``why`` it ended (position in ``registers.REASONS``) and, where known, ``place``, a position in ``municipalities``.
    """

    employment: Spells
    education: Spells
    welfare: Spells
    income: Years
    residence: Spells
    states: tuple[str, ...]
    municipalities: tuple[str, ...]

    def of(self, low: int, high: int) -> "Careers":
        """The rows of the persons ``low`` to ``high`` - 1, who are numbered from 0."""
        rows = {f.name: getattr(self, f.name) for f in fields(self)}
        return replace(self, **{n: _of(r, low, high) for n, r in rows.items() if isinstance(r, Spells | Years)})


def _of(rows: ByPerson, low: int, high: int) -> ByPerson:
    # of another type than the persons, the two numbers would have all of these copied
    part = slice(*np.searchsorted(rows.person, np.array((low, high), dtype=rows.person.dtype)))
    person, more = rows.person[part] - low, {name: values[part] for name, values in rows.more.items()}
    if isinstance(rows, Years):
        return Years(person, rows.year[part], more)
    return Spells(person, rows.first[part], rows.last[part], more)


def blocks(persons: int, size: int) -> Iterator[tuple[int, int]]:
    """First and last + 1 of so many persons at a time; once even when there is nobody."""
    for low in range(0, max(persons, 1), size):
        yield low, min(low + size, persons)


def included(leavers: pd.DataFrame) -> tuple[pd.DataFrame, pa.Array]:
    """The leavers who are followed, sorted by their ids, and these ids."""
    cohort = leavers[leavers["included"].astype(bool)]
    if not cohort["person_id"].is_monotonic_increasing:
        cohort = cohort.sort_values("person_id")
    cohort = cohort.reset_index(drop=True)
    return cohort, as_texts(cohort["person_id"])


def gather(people: pa.Array, registers: Iterable[Source | pd.DataFrame], states: Sequence[str]) -> Careers:
    """The careers of the persons with the ids ``people``, which are sorted.

    ``registers`` are the pipeline's tables of employment, education, welfare, income and residence; the first three may
    be data frames, Arrow tables, Parquet paths or iterables of Arrow batches, income a data frame, an Arrow table or a
    Parquet path. Each is asked for when the one before has been let go, so that they need not be in memory together;
    files are read beside the others.
    """
    coming = iter(registers)
    with ThreadPoolExecutor(1) as pool:
        employment = _made(pool, _spells, next(coming), people, {}, {"weekly_hours": ("hours", in_hundredths)})
        education = _spells(next(coming), people, {}, {"level": ("level", lambda level: level.astype(np.int8))})
        welfare = _made(pool, _spells, next(coming), people, {"state": pd.Index(states, dtype=object)}, {})
        income = _years(next(coming), people)
        municipalities, homes = _homes(next(coming), people)
        return Careers(employment(), education, welfare(), income, homes, tuple(states), municipalities)


def _made(pool: ThreadPoolExecutor, make: Callable[..., Spells], source: Source, *given) -> Callable[[], Spells]:
    """What gives the rows made of a source: at once, or in ``pool`` where it is a file and takes no room yet."""
    if isinstance(source, str | Path):
        return pool.submit(make, source, *given).result
    rows = make(source, *given)
    return lambda: rows


def _spells(source: Source, people: pa.Array, texts: dict[str, pd.Index], numbers: dict[str, tuple]) -> Spells:
    """All spells of the people by person; numbers under a new name as the function beside it makes them."""
    batches = []
    for spells in read_spells(source, people, texts, list(numbers)):
        more = {name: spells.more[name].astype(np.int8) for name in texts}
        more |= {name: make(spells.more[column]) for column, (name, make) in numbers.items()}
        batches.append(replace(spells, more=more))
    if len(batches) == 1:
        return _by_person(batches[0])
    if not batches:
        nothing = np.array([], dtype=np.int32)
        return Spells(
            nothing, nothing, nothing, {n: nothing for n in [*texts, *(name for name, _ in numbers.values())]}
        )
    whole = {name: np.concatenate([getattr(b, name) for b in batches]) for name in ("person", "first", "last")}
    more = {name: np.concatenate([b.more[name] for b in batches]) for name in batches[0].more}
    return _by_person(Spells(**whole, more=more))


def _by_person(rows: Spells) -> Spells:
    return rows if _rises(rows.person) else keep(rows, np.argsort(rows.person, kind="stable"))


def _rises(person: np.ndarray) -> bool:
    return bool((person[1:] >= person[:-1]).all())


def _years(income: pd.DataFrame | pa.Table | str | Path, people: pa.Array) -> Years:
    if isinstance(income, str | Path):
        income = pq.read_table(income, columns=YEARLY, read_dictionary=["person_id"])
    ids = income["person_id"]
    person = positions(ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else as_texts(ids), people)
    rows = np.flatnonzero(person >= 0)
    if not _rises(person[rows]):
        rows = rows[np.argsort(person[rows], kind="stable")]
    elif len(rows) == len(person):
        rows = slice(None)
    more = {"assisted": _numbers(income["social_assistance_months"])[rows] > 0}
    if "earnings" in (income.column_names if isinstance(income, pa.Table) else income):
        more["earnings"] = _numbers(income["earnings"])[rows]
    return Years(person[rows], _numbers(income["year"])[rows].astype(np.int32), more)


def _numbers(values: pd.Series | pa.ChunkedArray) -> np.ndarray:
    """Numbers of a column, 0 = missing."""
    if isinstance(values, pa.ChunkedArray):
        return (values.fill_null(0) if values.null_count else values).to_numpy()
    return np.nan_to_num(values.to_numpy(dtype=np.float64, na_value=np.nan))


def _homes(residence: pd.DataFrame, people: pa.Array) -> tuple[tuple[str, ...], Spells]:
    person = positions(as_texts(residence["person_id"]), people)
    why = residence["end_reason"].map({"emigrated": EMIGRATED, "died": DIED}).fillna(NO_RESIDENCE).to_numpy(np.int8)
    first, last = (to_days(residence[name]) for name in ("first_date", "last_date"))
    more, municipalities = {"why": why}, ()
    if "municipality" in residence:
        more["place"], found = pd.factorize(residence["municipality"], sort=True)
        municipalities = tuple(found)
    spells = Spells(person, first, last, more)
    return municipalities, _by_person(spells if (person >= 0).all() else keep(spells, np.flatnonzero(person >= 0)))
