"""Extracts that go part by part as one frame: what ``Reader.read`` gives, without the text of whole files in memory."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.codebook import Column, Extract
from introprog.readers.extracts import Reader
from introprog.readers.learned import Irregular, join_learned
from introprog.readers.origin import Origin
from introprog.readers.streamed import Part, first_row, stream_parts
from introprog.readers.temporality import check_temporality
from introprog.readers.typed import Encoded
from introprog.readers.whole_numbers import Numbers


def read_plain(reader: Reader, name: str) -> pd.DataFrame | None:
    """All files of the extract ``name`` in one frame as ``Reader.read`` gives them; None when a file asks to be read
    as a whole, and then nothing is entered in the reader.
    """
    extract = reader.codebook.extracts[name]
    if extract.temporality == "status":
        return None
    known, read, frames = len(reader.log.problems), [], []
    files = reader.files(extract)
    if len(reader.log.problems) > known or not files:
        del reader.log.problems[known:]
        return None
    try:
        for file in files:
            parts = [part for _, part in stream_parts(file, extract, reader, lambda part: part, directly=True)]
            read.append((extract.name, file.name, sum(part.rows for part in parts)))
            frame = _frame(parts, extract)
            frames.append(frame if file.year is None else frame.assign(file_year=file.year))
    except Irregular:
        return None
    reader.rows += read
    reader.origins[name] = origin = Origin(label=extract.file)
    for file, (_, _, rows) in zip(files, read):
        origin.add(file.name, range(first_row(file), first_row(file) + rows))
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return check_temporality(frame, extract, reader.log, origin)


def _frame(parts: Sequence[Part], extract: Extract) -> pd.DataFrame:
    """The rows of all parts of a file, its columns in the order of the codebook; the parts are given up."""
    ids = None if parts[0].ids is None else pa.concat_arrays([_a_row(part) for part in parts])
    columns = {}
    for column in extract.columns.values():
        if column.type == "id" and ids is not None:
            columns[column.name] = pd.Series(ids, dtype="str")
        elif column.name in parts[0].texts:
            texts = pa.concat_arrays([part.texts.pop(column.name) for part in parts])
            columns[column.name] = pd.Series(texts, dtype="str")
        elif column.name in parts[0].columns:
            columns[column.name] = _values([part.columns.pop(column.name) for part in parts], column)
    return pd.DataFrame(columns)


def _a_row(part: Part) -> pa.Array:
    return part.ids.take(pa.array(np.repeat(np.arange(len(part.starts), dtype="int32"), part.runs)))


def _values(parts: Sequence[Encoded | Numbers], column: Column) -> pd.Series:
    if not any(isinstance(part, Numbers) for part in parts):
        return join_learned(parts).series()
    return pd.concat([part.series() for part in parts], ignore_index=True)
