"""Fixed-width text files (KOSTRA form 11B) as columns of text, cut by the positions of the codebook."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from introprog.codebook import Extract
from introprog.errors import InputError, Problem
from introprog.readers.raw import RawTable

NOT_ASCII = ord("?")
BLANK = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"


def read_fixed_width(data: bytes, file: str, extract: Extract) -> RawTable:
    """Cut every line into the fields of the codebook; blank fields are null, lines of another length left out.

    Lines end with CRLF or LF. Raises ``InputError`` when no line has the right length or the file is UTF-16.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data:
        hint = f"save the file as {extract.encoding}"
        raise InputError([Problem(file, "F4", "wrong encoding: UTF-16 or not a text file", hint=hint)])
    lines = [line.rstrip(b"\r") for line in data.split(b"\n")]
    width = extract.line_width
    numbers = [n for n, line in enumerate(lines, 1) if line.strip(b"\x1a \t")]
    good = [n for n in numbers if len(lines[n - 1]) == width]
    if numbers and not good:
        lengths = sorted({len(lines[n - 1]) for n in numbers})
        what = f"no line has {width} characters"
        hint = "the layout is in the codebook; was the file saved from a spreadsheet, or blanks at the end cut?"
        raise InputError([Problem(file, "F8", what, f"{width} characters a line", hint, values=lengths)])
    cells = np.frombuffer(b"".join(lines[n - 1] for n in good), dtype="uint8").reshape(-1, width)
    cells = np.where(cells > 127, np.uint8(NOT_ASCII), cells)
    columns = {
        name: _field(cells, *column.position) for name, column in extract.columns.items() if column.position is not None
    }
    malformed = np.setdiff1d(np.array(numbers, "int64"), np.array(good, "int64"))
    follows = good == list(range(1, len(good) + 1))
    return RawTable(pa.table(columns), list(columns), 1, malformed, None if follows else np.array(good, "int64"))


def _field(cells: np.ndarray, first: int, last: int) -> pa.DictionaryArray:
    """The stripped texts at the positions ``first``-``last`` of all lines, each distinct text once; blank is null."""
    part = np.ascontiguousarray(cells[:, first - 1 : last])
    binary = pa.binary(last - first + 1)
    coded = pa.Array.from_buffers(binary, len(part), [None, pa.py_buffer(part)]).dictionary_encode()
    texts = pc.ascii_trim(coded.dictionary.cast(pa.binary()).cast(pa.string()), characters=BLANK)
    places = pc.if_else(pc.equal(texts, ""), None, texts).dictionary_encode()
    return pa.DictionaryArray.from_arrays(places.indices.take(coded.indices), places.dictionary)
