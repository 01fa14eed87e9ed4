"""Delimited text files (`;`, decimal comma, UTF-8 or Latin-1, with or without byte-order mark) as columns of text.

Nothing is guessed: encoding, separator and columns are the codebook's, and a file that is otherwise is reported with
what it seems to be. Values stay text here, so that codes keep their zeros; each distinct text of a column is held once
with a code a row: the parser does so nearly as fast as it makes the texts, and what follows looks at distinct values.
"""

import csv
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from introprog.codebook import Extract
from introprog.errors import InputError, Problem, raise_if
from introprog.readers.raw import RawTable, needed_names

BOM = b"\xef\xbb\xbf"
SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
LONGEST_LINE = 8 << 20
CODED = pa.dictionary(pa.int32(), pa.string())


def read_delimited(data: bytes, file: str, extract: Extract) -> RawTable:
    """Read the columns that the codebook asks for from the bytes of a file; ``file`` is its name for messages.

    Raises ``InputError`` for an empty file, a wrong encoding or separator, and missing or doubled columns.
    """
    data = data.removeprefix(BOM)
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    plain = data.isascii()
    raise_if(list(_encoding_problems(data, plain, file, extract)))
    if not plain and not extract.encoding.startswith("utf-8"):
        data = data.decode(extract.encoding, errors="replace").encode("utf-8")
    header = _header(data)
    raise_if(list(_endless_lines(data, file)))
    names = _fields(header, extract.separator)
    raise_if(list(_separator_problems(header, names, file, extract)))
    wanted = needed_names(extract, names, file)
    table, malformed = _parsed(data, names, wanted, extract, file)
    rows = np.array([], "int64")
    if malformed:
        rows = _numbers(_parsed(data, names, wanted, extract, file, threads=False)[1])
    raise_if(list(_open_quotes(data, table, file)))
    raise_if(list(_cut_off(data, table.num_rows, rows, file)))
    lines = np.setdiff1d(np.arange(2, 2 + table.num_rows + len(rows)), rows) if len(rows) else None
    return RawTable(table, names, 2, rows, lines)


def _open_quotes(data: bytes, table: pa.Table, file: str) -> Iterator[Problem]:
    """Lines run together by quotation marks: rows would be lost without a word."""
    if b'"' not in data:
        return
    texts = (chunk.dictionary for column in table.columns for chunk in column.chunks)
    joined = any(pc.any(pc.match_substring(distinct, "\n")).as_py() for distinct in texts)
    if joined or data.count(b'"') % 2:
        odd = [n for n, line in enumerate(data.split(b"\n"), 1) if line.count(b'"') % 2]
        hint = "double the quotation marks inside texts, or leave the marks around texts out"
        yield Problem(file, "F15", "a quotation mark is left open", hint=hint, count=len(odd), rows=odd)


def _cut_off(data: bytes, good: int, malformed: np.ndarray, file: str) -> Iterator[Problem]:
    last = good + len(malformed) + 1
    if len(malformed) and malformed[-1] == last and not data.endswith(b"\n"):
        yield Problem(
            file, "F14", "the last line is cut off", hint="fetch the file again: rows may be lost", rows=[last]
        )


def _parsed(data: bytes, names: list[str], wanted: list[str], extract: Extract, file: str, threads: bool = True):
    malformed: list[pacsv.InvalidRow] = []

    def skip(row: pacsv.InvalidRow) -> str:
        malformed.append(row)
        return "skip"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(
                column_names=names, skip_rows=1, block_size=LONGEST_LINE, use_threads=threads
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=extract.separator, invalid_row_handler=skip, quote_char='"' if b'"' in data else False
            ),
            convert_options=pacsv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(wanted, CODED),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError([_unparsable(data, file, str(error))]) from None
    return table, malformed


def _unparsable(data: bytes, file: str, error: str) -> Problem:
    if "Empty CSV" in error:
        return Problem(file, "F3", "the file has no rows", expected="a header line and rows")
    return Problem(file, "F9", "cannot be read as delimited text", hint="is a quotation mark left open?")


def _numbers(malformed: list[pacsv.InvalidRow]) -> np.ndarray:
    return np.array(sorted(row.number for row in malformed if row.number is not None), "int64")


def _header(data: bytes) -> str:
    end = data.find(b"\n", 0, LONGEST_LINE)
    return data[: end if end >= 0 else LONGEST_LINE].decode("utf-8", errors="replace").rstrip("\r")


def _endless_lines(data: bytes, file: str) -> Iterator[Problem]:
    start = 0
    while len(data) - start > LONGEST_LINE:
        end = data.rfind(b"\n", start, start + LONGEST_LINE)
        if end < 0:
            row = data.count(b"\n", 0, start) + 1
            hint = "are the ends of lines lost, or is it another kind of file?"
            wanted = f"lines of at most {LONGEST_LINE >> 20} MB"
            yield Problem(file, "F8", "a line is too long", wanted, hint, rows=[row])
            return
        start = end + 1


def _fields(header: str, separator: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([header.replace("\r", " ")], delimiter=separator), [])]


def header_names(line: bytes, extract: Extract) -> list[str]:
    """The names in the first line of a file, which is not judged."""
    encoding = "utf-8" if extract.encoding.startswith("utf-8") else extract.encoding
    return _fields(line.decode(encoding, errors="replace").rstrip("\r\n"), extract.separator)


def _encoding_problems(data: bytes, plain: bool, file: str, extract: Extract) -> Iterator[Problem]:
    here = f"set `encoding` in the codebook of {extract.name}, or save the file as {extract.encoding}"
    if not data[:4096].strip():
        yield Problem(file, "F3", "the file is empty", expected="a header line and rows")
    elif data[:4] == b"PK\x03\x04" or data[:2] == b"\x1f\x8b":
        kind = "Excel or zip" if data[:2] == b"PK" else "gzip"
        yield Problem(file, "F9", f"not a text file but {kind}", hint="give the file the suffix of what it is")
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4096]:
        yield Problem(file, "F4", "wrong encoding: UTF-16 or not a text file", expected=extract.encoding, hint=here)
    elif b"\x00" in data:
        row = data.count(b"\n", 0, data.find(b"\x00")) + 1
        yield Problem(file, "F4", "zero bytes in the text", hint="was the file cut off or damaged?", rows=[row])
    elif plain:
        return
    elif extract.encoding.startswith("utf-8"):
        wrong = None if _is_utf8(data) else _first_not_utf8(data)
        if wrong is not None:
            row = data.count(b"\n", 0, wrong) + 1
            mixed = not data[:wrong].isascii()
            seems = "both UTF-8 and another encoding in one file" if mixed else "not UTF-8, seems to be Latin-1"
            yield Problem(file, "F4", f"wrong encoding: {seems}", expected=extract.encoding, hint=here, rows=[row])
    elif _is_utf8(data):
        what = f"wrong encoding: UTF-8 in a file that should be {extract.encoding}"
        yield Problem(file, "F4", what, expected=extract.encoding, hint=here)


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8, judged without a decoded copy of them."""
    whole = pa.py_buffer(np.array([0, len(data)], dtype="int64"))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, whole, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _first_not_utf8(data: bytes) -> int | None:
    """Where the first byte is that is no UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _separator_problems(header: str, names: Sequence[str], file: str, extract: Extract) -> Iterator[Problem]:
    wanted = [s for c in extract.columns.values() if c.fill is None for s in c.join or (c.source,)]
    missing = [name for name in wanted if name not in names]
    better = {s: sum(n in _fields(header, s) for n in wanted) for s in SEPARATORS if s != extract.separator}
    likely = max(better, key=better.get)
    if missing and better[likely] > len(wanted) - len(missing):
        what = f"wrong separator: {SEPARATORS[likely]} between the fields"
        hint = f"set `separator` in the codebook of {extract.name}, or save the file with {extract.separator!r}"
        yield Problem(file, "F5", what, expected=SEPARATORS[extract.separator], hint=hint)
