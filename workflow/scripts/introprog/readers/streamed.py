"""Large files of an extract part by part, for rows that need no word on the file as a whole.

A part holds some hundred thousand rows, its columns typed as ``typed.encode_columns`` types them, ids looked at once a
run of equal ones. Only what is plain goes this way: one look at a whole part tells whether anything in it is out of
order, and then the file is read as a whole instead, where faults are counted, judged and told.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from introprog.codebook import Column, Extract
from introprog.errors import InputError
from introprog.readers.delimited import BOM, LONGEST_LINE, header_names
from introprog.readers.extracts import Reader
from introprog.readers.raw import RawFile, is_wide, needed_names
from introprog.readers.sources import inner_suffix, is_packed
from introprog.readers.statistical import to_text
from introprog.readers.typed import Encoded, distinct_texts, encode_column

BLOCK = 4 << 20
THREADS = 2
ROWS = 1 << 18
BLANK = 0x20
CODED = pa.dictionary(pa.int32(), pa.string())
Anything, Given = TypeVar("Anything"), TypeVar("Given")


class Irregular(Exception):
    """Something in the file asks for it to be read as a whole; a reader's word to itself."""


@dataclass(frozen=True)
class Part:
    """Rows of a file that follow each other: ``columns`` by clean name, and ``texts``, one a row, of type text.

    The ids in ``columns`` are as many values as there are runs of equal ones, so that a value may be there twice.
    """

    rows: int
    columns: dict[str, Encoded]
    texts: dict[str, pa.Array]


def first_row(file: RawFile) -> int:
    """The number of the first row of a file that goes part by part."""
    return 1 if inner_suffix(file) == ".parquet" else 2


def stream_parts(
    file: RawFile, extract: Extract, reader: Reader, use: Callable[[Part], Anything]
) -> Iterator[tuple[int, Anything]]:
    """What ``use`` makes of the rows of a file, part by part in their order, with the number of rows in each.

    Two threads parse and use the parts. Raises ``Irregular`` at the first part in which a value, a line or a byte is
    not what it should be, and for files and extracts whose rows cannot be judged by themselves, or that ``reader`` must
    correct or show as a whole.
    """
    if reader.correct is not None or reader.seen is not None or not _is_plain(file, extract):
        raise Irregular
    tables = _parquet(file, extract) if inner_suffix(file) == ".parquet" else _delimited(file, extract)
    width, rows = None, 0
    if extract.name not in reader.typed:
        reader.typed[extract.name] = {source: Typed(column, extract) for source, column in extract.columns.items()}
    typed = reader.typed[extract.name]

    def used(make: Callable[[], pa.Table]) -> tuple[int, int, Anything]:
        part, length = _part(make(), extract, typed)
        return length, part.rows, use(part)

    for length, count, result in in_turn(used, tables):
        if width not in (None, length):
            raise Irregular
        width, rows = length, rows + count
        yield count, result
    if not rows:
        raise Irregular


def _is_plain(file: RawFile, extract: Extract) -> bool:
    columns = extract.columns.values()
    made = any(is_wide(c) or c.fill is not None or c.join or c.optional or c.position for c in columns)
    limited = any(c.valid or (c.missing and c.type in ("id", "text")) for c in columns)
    known = (".csv", ".txt", ".tsv", "", ".parquet")
    return not (made or limited or extract.line_width or is_packed(file) or inner_suffix(file) not in known)


def in_turn(work: Callable[[Given], Anything], items: Iterable[Given]) -> Iterator[Anything]:
    """The results of ``work`` for all items, in their order, made by two threads a few items ahead."""
    with ThreadPoolExecutor(THREADS) as pool:
        coming: deque = deque()
        for item in items:
            coming.append(pool.submit(work, item))
            if len(coming) > THREADS:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _delimited(file: RawFile, extract: Extract) -> Iterator[Callable[[], pa.Table]]:
    """For each some thousand lines of the file what parses them."""
    with open(file.path, "rb") as source:
        first = source.readline(LONGEST_LINE)
        names = header_names(first.removeprefix(BOM), extract)
        wanted = _wanted(extract, names, file)
        if not first.endswith(b"\n") or b'"' in first or b"\x00" in first:
            raise Irregular
        while block := source.read(BLOCK):
            rest = source.readline(LONGEST_LINE)
            if len(rest) == LONGEST_LINE:
                raise Irregular
            yield partial(_parsed, block + rest, names, wanted, extract)


def _wanted(extract: Extract, names: Sequence[str], file: RawFile) -> dict[str, Column]:
    try:
        return {name: extract.columns[name] for name in needed_names(extract, names, file.name)}
    except InputError:
        raise Irregular from None


def _parsed(lines: bytes, names: list[str], wanted: dict[str, Column], extract: Extract) -> pa.Table:
    """Lines as columns, ids and texts as they are, others as distinct texts with a code a row."""
    if not lines.isascii() or b'"' in lines or b"\x00" in lines:
        raise Irregular
    kinds = {name: pa.string() if column.type in ("id", "text") else CODED for name, column in wanted.items()}
    try:
        return pacsv.read_csv(
            pa.py_buffer(lines),
            read_options=pacsv.ReadOptions(column_names=names, block_size=2 * LONGEST_LINE, use_threads=False),
            parse_options=pacsv.ParseOptions(delimiter=extract.separator, quote_char=False),
            convert_options=pacsv.ConvertOptions(
                check_utf8=False, column_types=kinds, include_columns=list(wanted), null_values=[""],
                strings_can_be_null=True,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        raise Irregular from None


def _parquet(file: RawFile, extract: Extract) -> Iterator[Callable[[], pa.Table]]:
    """For each some thousand rows of the file what brings them to the form of ``_parsed``."""
    try:
        with pq.ParquetFile(file.path) as source:
            wanted = _wanted(extract, source.schema_arrow.names, file)
            for batch in source.iter_batches(batch_size=ROWS, columns=list(wanted)):
                yield partial(_untyped, batch, wanted, extract)
    except (pa.ArrowInvalid, OSError):
        raise Irregular from None


def _untyped(batch: pa.RecordBatch, wanted: dict[str, Column], extract: Extract) -> pa.Table:
    return pa.table({name: _as_texts(batch.column(name), column, extract) for name, column in wanted.items()})


def _as_texts(values: pa.Array, column: Column, extract: Extract) -> pa.Array:
    """A typed column as ``_parsed`` gives it, each distinct value turned to the text of a delimited file."""
    if column.type in ("id", "text"):
        if not pa.types.is_string(values.type):
            raise Irregular
        return values
    coded = values.dictionary_encode()
    if pa.types.is_string(values.type):
        return coded
    texts = to_text(coded.dictionary.to_pandas(date_as_object=False), column, extract.decimal)
    distinct = pa.array(texts, type=pa.string(), from_pandas=True)
    return pa.DictionaryArray.from_arrays(coded.indices, distinct.combine_chunks() if _chunked(distinct) else distinct)


def _chunked(values) -> bool:
    return isinstance(values, pa.ChunkedArray)


class Typed:
    """The values of a column's texts, each text turned to a value the first time that it is met."""

    def __init__(self, column: Column, extract: Extract):
        self.column, self.extract = column, extract
        self.places: dict[str, int] = {}
        self.values: pd.Series | None = None
        self.lock = Lock()

    def encode(self, values: pa.ChunkedArray) -> Encoded:
        """The column of a part; raises ``Irregular`` for a text that is no value of it, or none where needed."""
        distinct, codes = distinct_texts(values)
        texts = distinct.to_pylist()
        with self.lock:
            new = [text for text in texts if text not in self.places]
            if new or self.values is None:
                self._learn(new)
            known = self.values
        place = np.array([self.places[text] for text in texts] + [-1], dtype="int32")
        column = Encoded(known, place[codes])
        if self.column.needed and column.missing().any():
            raise Irregular
        return column

    def _learn(self, texts: list[str]) -> None:
        found, faults, _ = encode_column(pa.chunked_array([pa.array(texts, pa.string())]), self.column, self.extract)
        if faults:
            raise Irregular
        self.values = found.values if self.values is None else pd.concat([self.values, found.values], ignore_index=True)
        self.places.update(zip(texts, range(len(self.places), len(self.values))))


def _part(table: pa.Table, extract: Extract, typed: dict[str, Typed]) -> tuple[Part, int]:
    """A table as a part, and the length of the ids in it."""
    if not table.num_rows:
        raise Irregular
    columns, texts, width = {}, {}, 0
    for source in table.column_names:
        column = extract.columns[source]
        if column.type == "id":
            columns[column.name], width = _runs(_one(table[source]))
        elif column.type == "text":
            texts[column.name] = _sound(_one(table[source]))
        else:
            columns[column.name] = typed[source].encode(table[source])
    return Part(table.num_rows, columns, texts), width


def _one(values: pa.ChunkedArray) -> pa.Array:
    values = values.combine_chunks()
    if _chunked(values):
        values = pa.concat_arrays(values.chunks)
    return values


def _runs(ids: pa.Array) -> tuple[Encoded, int]:
    """Ids with a value a run; all must be of one length."""
    if ids.null_count:
        raise Irregular
    runs = pc.run_end_encode(ids)
    lengths = pc.min_max(pc.binary_length(runs.values)).as_py()
    if lengths["min"] != lengths["max"] or not lengths["min"]:
        raise Irregular
    several = np.diff(runs.run_ends.to_numpy(), prepend=0)
    codes = np.repeat(np.arange(len(several), dtype="int32"), several)
    return Encoded(pd.Series(_sound(runs.values), dtype="str"), codes), lengths["max"]


def _sound(texts: pa.Array) -> pa.Array:
    """Texts that are all there, without blanks or signs that are cut off at the ends."""
    if texts.null_count or pc.any(pc.equal(pc.binary_length(texts), 0)).as_py():
        raise Irregular
    if (letters(texts) <= BLANK).any():
        raise Irregular
    return texts


def letters(texts: pa.Array) -> np.ndarray:
    """The bytes of all texts, one after the other."""
    ends = np.frombuffer(texts.buffers()[1], dtype="int32")
    return np.frombuffer(texts.buffers()[2], dtype="uint8")[ends[texts.offset] : ends[texts.offset + len(texts)]]
