"""Tables on disk: typed Parquet between steps, plain CSV for people, both with the same bytes on every run."""

import re
import shutil
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# A sign before numbers or alone is no formula: differences with their error or interval, and the sign for nil.
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s.,;%()\[\]+−-]*$)")

# Values that the writer takes at a time.
WRITTEN = 1 << 16


def write_table(frame: pd.DataFrame, path: str | Path, key: Sequence[str]) -> None:
    """Write ``frame`` sorted by ``key`` (a unique key) as Parquet.

    Raises ``ValueError`` when the key is not unique: that is a fault of the pipeline, not of the input.
    """
    ordered = frame
    if not increases(frame, key):
        if frame.duplicated(list(key)).any():
            raise ValueError(f"{Path(path).name}: key {list(key)} is not unique")
        ordered = frame.sort_values(list(key), kind="stable", ignore_index=True)
    table = pa.Table.from_pandas(ordered, preserve_index=False).replace_schema_metadata(None)
    write_arrow(table.cast(pa.schema([_as_date(field) for field in table.schema])), path)


def increases(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """Whether the rows are sorted by ``key`` and no key is there twice, told without sorting.

    A missing value in a column that decides is never larger or smaller than another: then the answer is no.
    """
    decided, tied = np.zeros(max(len(frame) - 1, 0), dtype=bool), np.ones(max(len(frame) - 1, 0), dtype=bool)
    for name in key:
        values = pa.array(frame[name], from_pandas=True)
        values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        before, after = values.slice(0, max(len(values) - 1, 0)), values.slice(1)
        larger, same = (_truth(compare(after, before)) for compare in (pc.greater, pc.equal))
        decided |= tied & larger
        tied &= same
    return bool(decided.all())


def coded_texts(texts: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """The distinct texts in order, and the place of each row's text among them (int32); every row must have one."""
    values = pa.array(texts, pa.string())
    coded = (values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values).dictionary_encode()
    order = pc.sort_indices(coded.dictionary)
    rank = np.empty(len(order), dtype="int32")
    rank[order.to_numpy()] = np.arange(len(order), dtype="int32")
    known = pd.Series(coded.dictionary.take(order).to_pandas(), dtype="str")
    return known, rank[coded.indices.to_numpy()]


def _truth(values: pa.Array) -> np.ndarray:
    return values.fill_null(False).to_numpy(zero_copy_only=False)


def _as_date(field: pa.Field) -> pa.Field:
    """All time stamps of the pipeline are dates: the register has no hours."""
    return pa.field(field.name, pa.date32()) if pa.types.is_timestamp(field.type) else field


def write_arrow(table: pa.Table, path: str | Path) -> None:
    """Write an Arrow table as Parquet (zstd); the caller has sorted it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", store_schema=False)


def write_pieces(pieces: Iterable[pa.Table], path: str | Path) -> None:
    """Write a table that comes in pieces (one at least) as Parquet (zstd); each is a row group.

    Texts that are dictionaries stay so, without smallest and largest value; numbers are written as they are, which is
    smaller here and takes half the time.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    coming = iter(pieces)
    first = next(coming)
    texts = [field.name for field in first.schema if pa.types.is_dictionary(field.type)]
    numbers = [field.name for field in first.schema if field.name not in texts]
    form = {"use_dictionary": texts, "write_statistics": numbers, "write_batch_size": WRITTEN, "store_schema": False}
    with pq.ParquetWriter(path, first.schema, compression="zstd", **form) as target:
        for piece in chain([first], coming):
            target.write_table(piece, row_group_size=max(len(piece), 1))


def copy_table(source: str | Path, path: str | Path) -> None:
    """Put a copy of a finished table in the place of a former one, which stays whole until the copy is."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    whole = Path(path).with_name(f".{Path(path).name}.part")
    shutil.copyfile(source, whole)
    whole.replace(path)


def read_table(path: str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a Parquet table of the pipeline; text columns come as pandas strings, dates as ``datetime64[s]``."""
    frame = pq.read_table(path, columns=list(columns) if columns else None, use_threads=True).to_pandas(
        date_as_object=False
    )
    for name in frame.columns[frame.dtypes.map(lambda d: str(d).startswith("datetime64"))]:
        frame[name] = frame[name].astype("datetime64[s]")
    return frame


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write numbers for people and programs: comma, point, UTF-8, LF, empty for missing; the caller has sorted it.

    A text of a user's file that a spreadsheet would run as a formula is written as text (``inert``).
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    texts = [name for name, kind in frame.dtypes.items() if kind.kind in "OU" or isinstance(kind, pd.StringDtype)]
    frame = frame.assign(**{name: frame[name].map(inert) for name in texts})
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", float_format="%.10g")


def inert(value: object) -> object:
    """A text with an apostrophe before it if a spreadsheet would take it for a formula; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def read_csv(path: str | Path, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV of the pipeline; columns named in ``text`` keep their zeros, and empty text is the empty string."""
    frame = pd.read_csv(path, dtype=dict.fromkeys(text, str), encoding="utf-8")
    for name in text:
        if name in frame:
            frame[name] = frame[name].fillna("")
    return frame
