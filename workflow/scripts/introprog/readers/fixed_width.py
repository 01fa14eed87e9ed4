"""Fixed-width text files (KOSTRA form 11B) as columns of text, cut by the positions of the codebook."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from introprog.codebook import Extract
from introprog.errors import InputError, Problem

NOT_ASCII = ord("?")


def read_fixed_width(path: Path, extract: Extract) -> tuple[pa.Table, int]:
    """Cut every line into the fields of the codebook; blank fields are null.

    Returns the table and the number of lines of another length, which are left out. Lines end with CRLF or LF. Raises
    ``InputError`` when no line has the right length or the file is UTF-16.
    """
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data:
        hint = f"save the file as {extract.encoding}"
        raise InputError([Problem(path.name, "F4", "wrong encoding: UTF-16 or not a text file", hint=hint)])
    lines = [line.rstrip(b"\r") for line in data.split(b"\n") if line.strip(b"\r\x1a \t")]
    width = extract.line_width
    good = [line for line in lines if len(line) == width]
    if lines and not good:
        lengths = sorted({len(line) for line in lines})
        what = f"no line has {width} characters"
        hint = "the layout is in the codebook; was the file saved from a spreadsheet, or blanks at the end cut?"
        raise InputError([Problem(path.name, "F8", what, f"{width} characters a line", hint, values=lengths)])
    cells = np.frombuffer(b"".join(good), dtype="uint8").reshape(-1, width)
    cells = np.where(cells > 127, np.uint8(NOT_ASCII), cells)
    columns = {name: _field(cells, *column.position) for name, column in extract.columns.items()}
    return pa.table(columns), len(lines) - len(good)


def _field(cells: np.ndarray, first: int, last: int) -> pa.Array:
    part = np.ascontiguousarray(cells[:, first - 1 : last])
    text = np.char.strip(part.view(f"S{last - first + 1}").ravel().astype("U"))
    return pa.array(text, mask=text == "", type=pa.string())
