"""Large files of an extract part by part, for rows that need no word on the file as a whole.

A part holds some hundred thousand rows, its columns typed as ``typed.encode_columns`` types them, ids told once a run
of equal ones. Only what is plain goes this way: one look at a whole part tells whether anything in it is out of
order, and then the file is read as a whole instead, where faults are counted, judged and told.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from mmap import mmap
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from introprog.codebook import Column, Extract
from introprog.errors import InputError
from introprog.readers.delimited import BOM, LONGEST_LINE, header_names
from introprog.readers.extracts import Reader
from introprog.readers.learned import Irregular, Learned, one_array
from introprog.readers.origin import Origin
from introprog.readers.raw import RawFile, is_wide, needed_names
from introprog.readers.sources import inner_suffix, is_packed
from introprog.readers.statistical import to_text
from introprog.readers.typed import Encoded
from introprog.readers.whole_numbers import Numbers, whole_numbers
from introprog.readers.words import letters, run_starts, widths

BLOCK = 2 << 20
THREADS = 2
ROWS = 1 << 18
BLANK = 0x20
Anything, Given = TypeVar("Anything"), TypeVar("Given")


@dataclass(frozen=True)
class Part:
    """Rows of a file that follow each other: ``columns`` by clean name, and ``texts``, one a row, of type text.

    ``ids`` has one id a run of rows with the same, and ``starts`` where each run begins; an id may have several runs.
    """

    rows: int
    ids: pa.Array
    starts: np.ndarray
    columns: dict[str, Encoded | Numbers]
    texts: dict[str, pa.Array]

    @property
    def runs(self) -> np.ndarray:
        """Rows of each run."""
        return np.diff(self.starts, append=self.rows)


def first_row(file: RawFile) -> int:
    """The number of the first row of a file that goes part by part."""
    return 1 if inner_suffix(file) == ".parquet" else 2


def enter_files(reader: Reader, extract: Extract, read: Sequence[tuple[RawFile, int]]) -> None:
    """Enter files of an extract that went part by part, each with its number of rows: how many were read, and where
    they stand.
    """
    reader.origins[extract.name] = origin = Origin(label=extract.file)
    for file, rows in read:
        reader.rows.append((extract.name, file.name, rows))
        origin.add(file.name, range(first_row(file), first_row(file) + rows))


def stream_parts(
    file: RawFile, extract: Extract, reader: Reader, use: Callable[[Part], Anything], directly: bool = False
) -> Iterator[tuple[int, Anything]]:
    """What ``use`` makes of the rows of a file, part by part in their order, with the number of rows in each.

    Two threads parse and use the parts; where asked to read ``directly``, columns of whole numbers come as
    ``Numbers``, which suits amounts of money. Raises ``Irregular`` at the first part in which a value, a line or a
    byte is not what it should be, and for files and extracts whose rows cannot be judged by themselves, or that
    ``reader`` must correct or show as a whole.
    """
    if reader.correct is not None or reader.seen is not None or not _is_plain(file, extract):
        raise Irregular
    tables = _parquet(file, extract) if inner_suffix(file) == ".parquet" else _delimited(file, extract)
    width, rows = None, 0
    if extract.name not in reader.typed:
        reader.typed[extract.name] = {source: Learned(column, extract) for source, column in extract.columns.items()}
    typed = reader.typed[extract.name]

    def used(make: Callable[[], pa.Table]) -> tuple[int, int, Anything]:
        part = _part(make(), extract, typed, directly)
        return widths(part.ids)[1], part.rows, use(part)

    for length, count, result in in_turn(used, tables):
        if width not in (None, length):
            raise Irregular
        width, rows = length, rows + count
        yield count, result
    if not rows:
        raise Irregular


def _is_plain(file: RawFile, extract: Extract) -> bool:
    columns = extract.columns.values()
    keyed = sum(c.type == "id" for c in columns) == 1
    made = any(is_wide(c) or c.fill is not None or c.join or c.optional or c.position for c in columns)
    limited = any(c.valid or (c.missing and c.type in ("id", "text")) for c in columns)
    known = (".csv", ".txt", ".tsv", "", ".parquet")
    plain = keyed and inner_suffix(file) in known
    return plain and not (made or limited or extract.line_width or is_packed(file))


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
    with open(file.path, "rb", buffering=0) as source:
        first = source.readline(LONGEST_LINE)
        names = header_names(first.removeprefix(BOM), extract)
        wanted = _wanted(extract, names, file)
        if not first.endswith(b"\n") or b'"' in first or b"\x00" in first:
            raise Irregular
        rooms: SimpleQueue[mmap] = SimpleQueue()
        for _ in range(THREADS + 2):
            rooms.put(mmap(-1, 2 * BLOCK))
        rest = b""
        while True:
            room = rooms.get()
            room[: len(rest)] = rest
            read = source.readinto(memoryview(room)[len(rest) : len(rest) + BLOCK])
            filled = len(rest) + read
            end = room.rfind(b"\n", 0, filled) + 1 if read else filled
            if not filled:
                return
            if not end or filled - end > BLOCK:
                raise Irregular
            rest = bytes(memoryview(room)[end:filled])
            yield partial(_lines_of, room, end, rooms, names, wanted, extract)


def _lines_of(room: mmap, end: int, rooms: SimpleQueue, names: list[str], wanted, extract: Extract) -> pa.Table:
    """The lines up to ``end`` as columns of texts; the room is free again afterwards."""
    table = _parsed(room, end, names, wanted, extract)
    rooms.put(room)
    return table


def _wanted(extract: Extract, names: Sequence[str], file: RawFile) -> dict[str, Column]:
    try:
        return {name: extract.columns[name] for name in needed_names(extract, names, file.name)}
    except InputError:
        raise Irregular from None


def _parsed(room: mmap, end: int, names: list[str], wanted: dict[str, Column], extract: Extract) -> pa.Table:
    """Lines as columns of the texts that stand in them."""
    # other letters are negative as signed bytes, and the byte zero is no text
    if not end or np.frombuffer(room, "int8", end).min() <= 0 or room.find(b'"', 0, end) >= 0:
        raise Irregular
    try:
        return pacsv.read_csv(
            pa.py_buffer(memoryview(room)[:end]),
            read_options=pacsv.ReadOptions(column_names=names, block_size=2 * BLOCK, use_threads=False),
            parse_options=pacsv.ParseOptions(delimiter=extract.separator, quote_char=False),
            convert_options=pacsv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(wanted, pa.string()), include_columns=list(wanted),
                strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        raise Irregular from None


def _parquet(file: RawFile, extract: Extract) -> Iterator[Callable[[], pa.Table]]:
    """For each some thousand rows of the file what brings them to the form of ``_parsed``."""
    try:
        with pq.ParquetFile(file.path) as source:
            wanted = _wanted(extract, source.schema_arrow.names, file)
            for batch in source.iter_batches(batch_size=ROWS, columns=list(wanted), use_threads=False):
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


def _part(table: pa.Table, extract: Extract, typed: dict[str, Learned], directly: bool) -> Part:
    """A table as a part."""
    if not table.num_rows:
        raise Irregular
    columns, texts, ids, starts = {}, {}, None, None
    for source in table.column_names:
        column = extract.columns[source]
        if column.type == "id":
            ids, starts = _runs(one_array(table[source]))
        elif column.type == "text":
            texts[column.name] = _sound(one_array(table[source]))
        else:
            numbers = _numbers(table[source], column) if directly else None
            columns[column.name] = typed[source].encode(table[source]) if numbers is None else numbers
    return Part(table.num_rows, ids, starts, columns, texts)


def _numbers(texts: pa.ChunkedArray, column: Column) -> Numbers | None:
    if column.type not in ("number", "integer"):
        return None
    numbers = whole_numbers(one_array(texts), column)
    if numbers is not None and column.needed and numbers.missing.any():
        raise Irregular
    return numbers


def _runs(ids: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Ids with a value a run, and where each run begins; all must be of one length."""
    if ids.null_count:
        raise Irregular
    least, width = widths(ids)
    if least != width:
        raise Irregular
    starts = run_starts(ids)
    return _sound(ids.take(pa.array(starts))), starts


def _sound(texts: pa.Array) -> pa.Array:
    """Texts that are all there, without blanks or signs that are cut off at the ends."""
    if texts.null_count or not widths(texts)[0] or letters(texts).min() <= BLANK:
        raise Irregular
    return texts
