"""Months in which persons were in a state, brought down to spells without a sort of the rows.

The rows of a calendar year come in any order and are crossed off in a grid of the year's persons, states and months;
what is kept of them are its runs of months. Only runs are sorted and put together across the years, so that memory
follows the persons and their changes and not the rows.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from introprog.readers.extracts import Reader
from introprog.readers.learned import Irregular
from introprog.readers.streamed import Part, enter_files, stream_parts
from introprog.registers import as_texts

MONTHS = 12
# A run of months as one number that sorts: person and state, first month, and how many months in the lowest bits.
LENGTH_BITS, MONTH_BITS = 4, 12
LONGEST = (1 << LENGTH_BITS) - 1
# Runs that are compared at a time.
TOGETHER = 1 << 20
NONE = np.array([], dtype="int64")


class Coded:
    """Texts that come bit by bit, each with a number in the order in which they are met."""

    def __init__(self) -> None:
        self.texts = pa.array([], pa.string())

    def codes(self, texts: pa.Array) -> np.ndarray:
        """The numbers (int32) of distinct ``texts``, new ones among them."""
        place = pc.index_in(texts, value_set=self.texts)
        known = len(self.texts)
        if place.null_count:
            self.texts = pa.concat_arrays([self.texts, texts.filter(place.is_null())])
        codes = place.fill_null(-1).to_numpy().copy()
        codes[codes < 0] = np.arange(known, len(self.texts), dtype="int32")
        return codes

    def ranked(self) -> tuple[pa.Array, np.ndarray]:
        """The texts in order, and the place of each number among them (int64)."""
        order = pc.sort_indices(self.texts)
        rank = np.empty(len(order), dtype="int64")
        rank[order.to_numpy()] = np.arange(len(order))
        return self.texts.take(order), rank


@dataclass(frozen=True)
class Months:
    """The rows of one part: the id of each run of rows of a person and its length, states, and months since year 0."""

    ids: pa.Array
    runs: np.ndarray
    state: np.ndarray
    month: np.ndarray
    states: pd.Series


@dataclass
class StateMonths:
    """Runs of months in a state within calendar years: numbers of ``persons`` and ``states``, first month since year 0
    and number of months, an array a year.

    ``rows`` counts the rows they were made of; ``again`` and ``again_month`` are the places in the extract and months
    of those that had been there before.
    """

    persons: Coded = field(default_factory=Coded)
    states: Coded = field(default_factory=Coded)
    runs: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    rows: int = 0
    again: list[np.ndarray] = field(default_factory=list)
    again_month: list[np.ndarray] = field(default_factory=list)

    def add(self, ids: pa.Array, who: np.ndarray, state: np.ndarray, month: np.ndarray, place: Sequence[int]) -> None:
        """All rows of one or more calendar years: positions in the distinct ``ids``, numbers of ``states``, months
        since year 0, and places in the extract.
        """
        self.rows += len(who)
        person = self.persons.codes(ids)
        year = month // MONTHS
        if not len(year) or year.min() == year.max():
            self._add_year(person, who, state, month, place)
            return
        order = np.argsort(year, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(year[order])) + 1):
            self._add_year(person, who[rows], state[rows], month[rows], np.asarray(place)[rows])

    def _add_year(self, person, who, state, month, place) -> None:
        if not len(who):
            return
        states, first, width = len(self.states.texts), int(month[0]) // MONTHS * MONTHS, MONTHS + 1
        # before each series of twelve months lies an empty cell, so that every change in the row of cells is one of it
        cell = (who.astype("int64") * states + state) * width + (month - first + 1)
        grid = np.zeros(len(person) * states * width + 1, dtype=bool)
        grid[cell] = True
        if np.count_nonzero(grid) < len(cell):
            again = np.flatnonzero(pd.Series(cell).duplicated().to_numpy())
            self.again.append(np.asarray(place)[again])
            self.again_month.append(month[again])
        changes = np.flatnonzero(grid[1:] != grid[:-1])
        starts, ends = changes[::2], changes[1::2]
        series, begin = np.divmod(starts, width)
        local, what = np.divmod(series, states)
        run = (person[local], what.astype("int16"), (begin + first).astype("int16"), (ends - starts).astype("int8"))
        self.runs.append(run)

    def repeated(self) -> tuple[np.ndarray, np.ndarray]:
        """Places in the extract and months since year 0 of rows that had been there before."""
        return np.concatenate([NONE, *self.again]), np.concatenate([NONE, *self.again_month])

    def spells(self) -> tuple[pa.Array, np.ndarray, pa.Array, np.ndarray, np.ndarray, np.ndarray]:
        """Spells of consecutive months, sorted by person, state and month; the runs are given up.

        Texts of the persons in order, the place of each spell's person among them, the same of the states, and first
        and last month since year 0 (int16).
        """
        persons, rank = self.persons.ranked()
        states, state_rank = self.states.ranked()
        low = min((int(first.min()) for _, _, first, _ in self.runs), default=0)
        key = np.empty(sum(len(first) for _, _, first, _ in self.runs), dtype="int64")
        filled = 0
        while self.runs:
            p, s, first, n = self.runs.pop()
            key[filled : filled + len(first)] = _packed(rank[p], state_rank[s], len(states), first - low, n)
            filled += len(first)
        key.sort()
        new = np.ones(len(key) + 1, dtype=bool)
        for at in range(1, len(key), TOGETHER):
            run, before = key[at : at + TOGETHER], key[at - 1 : min(at + TOGETHER, len(key)) - 1]
            # the month after a run is also that of the next one, and the person and state above it are the same
            new[at : at + len(run)] = (run >> LENGTH_BITS) != (before >> LENGTH_BITS) + (before & LONGEST)
        last = key[new[1:]]
        end = _month(last) + (last & LONGEST).astype("int16") + np.int16(low - 1)
        del last
        series = key[new[:-1]]
        del key, new
        begin = _month(series) + np.int16(low)
        series >>= LENGTH_BITS + MONTH_BITS
        what = (series % max(len(states), 1)).astype("int32")
        series //= max(len(states), 1)
        return persons, series.astype("int32"), states, what, begin, end


def _month(key: np.ndarray) -> np.ndarray:
    return (key >> LENGTH_BITS & ((1 << MONTH_BITS) - 1)).astype("int16")


def _packed(person: np.ndarray, state: np.ndarray, states: int, month: np.ndarray, length: np.ndarray) -> np.ndarray:
    key = (person * states + state) << MONTH_BITS | month
    return key << LENGTH_BITS | length


def read_states(reader: Reader, name: str) -> StateMonths | None:
    """The rows of the monthly extract ``name``; None when a file asks to be read as a whole, or a month is not of its
    file's year. Only what went well is entered in the read log.
    """
    extract = reader.codebook.extracts[name]
    read, parts, found = [], [], StateMonths()
    files = reader.apart().files(extract)
    # a year is brought down to runs while the next one is read
    with ThreadPoolExecutor(1) as pool:
        joined = []
        try:
            for file, after in zip(files, [*files[1:], None]):
                rows = 0
                for count, part in stream_parts(file, extract, reader, _months):
                    if file.year is not None and (part.month // MONTHS != file.year).any():
                        raise Irregular
                    rows += count
                    parts.append(part)
                read.append((file, rows))
                if after is None or after.year != file.year:
                    joined.append(pool.submit(_join, found, parts))
                    parts = []
        except Irregular:
            return None
        for each in joined:
            each.result()
    if not read:
        return None
    enter_files(reader, extract, read)
    return found


def _months(part: Part) -> Months:
    period, state = (part.columns[name] for name in ("period", "state"))
    month = period.values.to_numpy(dtype="int64")
    return Months(
        part.ids,
        part.runs.astype("int32"),
        state.codes.astype("int16"),
        (month // 100 * MONTHS + month % 100 - 1).astype("int16")[period.codes],
        state.values,
    )


def _join(found: StateMonths, parts: Sequence[Months]) -> None:
    """The parts of all files of a year."""
    ids = pa.chunked_array([part.ids for part in parts]).combine_chunks().dictionary_encode()
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    who = np.repeat(ids.indices.to_numpy(), np.concatenate([part.runs for part in parts]))
    state = np.concatenate([_numbers(part.states, found.states)[part.state] for part in parts])
    month = np.concatenate([part.month for part in parts])
    found.add(ids.dictionary, who, state, month, range(found.rows, found.rows + len(who)))


def _numbers(values: pd.Series, known: Coded) -> np.ndarray:
    """The number of each value; some may be the same."""
    coded = as_texts(values).dictionary_encode()
    return known.codes(coded.dictionary)[coded.indices.to_numpy()]


def of_rows(persons: pd.Series, states: pd.Series, month: np.ndarray, place: Iterable[int]) -> StateMonths:
    """The same from rows as texts of person and state and months since year 0, with their places in the extract."""
    found = StateMonths()
    ids = as_texts(persons).dictionary_encode()
    state = _numbers(states, found.states)
    found.add(ids.dictionary, ids.indices.to_numpy(), state, month, place)
    return found
