"""Delimited text files (`;`, decimal comma, UTF-8 or Latin-1, with or without byte-order mark) as columns of text.

Nothing is guessed: encoding, separator and columns are the codebook's, and a file that is otherwise is reported with
what it seems to be. Values stay text here, so that codes keep their zeros.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from introprog.codebook import Extract
from introprog.errors import Problem, nearest, raise_if

BOM = b"\xef\xbb\xbf"
SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}


def read_delimited(path: Path, extract: Extract, columns: Sequence[str] | None = None) -> tuple[pa.Table, int]:
    """Read the columns of the codebook (or ``columns``) as strings, empty = null.

    Returns the table and the number of malformed rows, which are left out. Raises ``InputError`` for an empty file, a
    wrong encoding or separator, and missing or doubled columns.
    """
    data = path.read_bytes().removeprefix(BOM)
    raise_if(list(_encoding_problems(data, path.name, extract)))
    if not data.isascii() and not extract.encoding.startswith("utf-8"):
        data = data.decode(extract.encoding).encode("utf-8")
    header = data[: data.find(b"\n") if b"\n" in data else None].decode("utf-8").rstrip("\r")
    wanted = list(columns or extract.columns)
    raise_if(list(_header_problems(header, wanted, path.name, extract)))
    names = _fields(header, extract.separator)
    malformed: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        malformed.append(row.actual_columns)
        return "skip"

    table = pacsv.read_csv(
        pa.BufferReader(data),
        read_options=pacsv.ReadOptions(column_names=names, skip_rows=1, block_size=8 << 20),
        parse_options=pacsv.ParseOptions(delimiter=extract.separator, invalid_row_handler=skip),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            include_columns=wanted,
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return table, len(malformed)


def _fields(header: str, separator: str) -> list[str]:
    return [name.strip().strip('"') for name in header.split(separator)]


def _encoding_problems(data: bytes, file: str, extract: Extract) -> Iterator[Problem]:
    here = f"set `encoding` in the codebook of {extract.name}, or save the file as {extract.encoding}"
    if not data[:4096].strip():
        yield Problem(file, "F3", "the file is empty", expected="a header line and rows")
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4096]:
        yield Problem(file, "F4", "wrong encoding: UTF-16 or not a text file", expected=extract.encoding, hint=here)
    elif data.isascii():
        return
    elif extract.encoding.startswith("utf-8"):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            what = "wrong encoding: not UTF-8, seems to be Latin-1"
            yield Problem(file, "F4", what, expected=extract.encoding, hint=here, rows=[row])
    elif _is_utf8(data):
        what = f"wrong encoding: UTF-8 in a file that should be {extract.encoding}"
        yield Problem(file, "F4", what, expected=extract.encoding, hint=here)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _header_problems(header: str, wanted: Sequence[str], file: str, extract: Extract) -> Iterator[Problem]:
    names = _fields(header, extract.separator)
    missing = [name for name in wanted if name not in names]
    better = {s: sum(n in _fields(header, s) for n in wanted) for s in SEPARATORS if s != extract.separator}
    likely = max(better, key=better.get)
    if missing and better[likely] > len(wanted) - len(missing):
        what = f"wrong separator: {SEPARATORS[likely]} between the fields"
        hint = f"set `separator` in the codebook of {extract.name}, or save the file with {extract.separator!r}"
        yield Problem(file, "F5", what, expected=SEPARATORS[extract.separator], hint=hint)
        return
    for name in missing:
        label = (extract.columns[name].label["en"] if name in extract.columns else name) + f" in column {name!r}"
        yield Problem(f"{file}, column {name}", "F6", "column not found", expected=label, hint=nearest(name, names))
    for name in sorted({n for n in names if names.count(n) > 1} & set(wanted)):
        yield Problem(f"{file}, column {name}", "F7", "the column is there twice", expected="each column once")
