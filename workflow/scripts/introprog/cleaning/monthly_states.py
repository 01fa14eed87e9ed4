"""Monthly rows of states read part by part, brought to small numbers as they come: person, state and month."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.readers.extracts import Reader
from introprog.readers.learned import Irregular
from introprog.readers.origin import Origin
from introprog.readers.streamed import Part, first_row, stream_parts
from introprog.tabular import coded_texts

MONTHS = 12


@dataclass(frozen=True)
class StateRows:
    """Rows of persons and states, both as places in sorted texts (int32), months since year 0 (int32), and the place of
    each row in the extract.
    """

    persons: pd.Series
    person: np.ndarray
    states: pd.Series
    state: np.ndarray
    month: np.ndarray
    place: pd.Index


@dataclass(frozen=True)
class Months:
    """The rows of one part: the id of each run of rows of a person and its length, states, and months since year 0."""

    ids: pa.Array
    runs: np.ndarray
    state: np.ndarray
    month: np.ndarray
    states: pd.Series


def read_states(reader: Reader, name: str) -> StateRows | None:
    """The rows of the monthly extract ``name``; None when a file asks to be read as a whole, or a month is not of its
    file's year. Only what went well is entered in the read log.
    """
    extract = reader.codebook.extracts[name]
    read, parts = [], []
    known = len(reader.log.problems)
    files = reader.files(extract)
    del reader.log.problems[known:]
    try:
        for file in files:
            rows = 0
            for count, part in stream_parts(file, extract, reader, _months):
                if file.year is not None and (part.month // MONTHS != file.year).any():
                    raise Irregular
                rows += count
                parts.append(part)
            read.append((extract.name, file.name, rows))
    except Irregular:
        return None
    if not read:
        return None
    reader.rows += read
    reader.origins[name] = origin = Origin(label=extract.file)
    for file, (_, _, rows) in zip(files, read):
        origin.add(file.name, np.arange(rows) + first_row(file))
    return _as_one(parts)


def _months(part: Part) -> Months:
    period, state = (part.columns[name] for name in ("period", "state"))
    month = period.values.to_numpy(dtype="int64")
    return Months(
        part.ids,
        part.runs.astype("int32"),
        state.codes.astype("int16"),
        (month // 100 * MONTHS + month % 100 - 1).astype("int32")[period.codes],
        state.values,
    )


def _as_one(parts: list[Months]) -> StateRows:
    persons, run = coded_texts(pd.Series(pa.chunked_array([part.ids for part in parts]), dtype="str"))
    states, place = coded_texts(pd.concat([part.states for part in parts], ignore_index=True))
    starts = np.cumsum([0, *(len(part.states) for part in parts)])
    state = np.concatenate([place[start + part.state] for start, part in zip(starts, parts)])
    return StateRows(
        persons,
        np.repeat(run, np.concatenate([part.runs for part in parts])),
        states,
        state,
        np.concatenate([part.month for part in parts]),
        pd.RangeIndex(len(state)),
    )
