"""Raw extracts on disk: ``;`` between fields, no quoting, each file's known encoding, the same bytes always."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

BOM = b"\xef\xbb\xbf"
OPTIONS = pacsv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")


def write_extract(path: Path, columns: dict[str, pa.Array], encoding: str = "utf-8-sig") -> int:
    """Write one extract and return its number of rows; nulls are written as nothing."""
    table = pa.table(columns)
    header = (";".join(columns) + "\n").encode("utf-8")
    if encoding == "latin-1":
        buffer = io.BytesIO()
        buffer.write(header)
        pacsv.write_csv(table, buffer, OPTIONS)
        path.write_bytes(buffer.getvalue().decode("utf-8").encode("latin-1"))
    else:
        with path.open("wb") as stream:
            stream.write((BOM if encoding == "utf-8-sig" else b"") + header)
            pacsv.write_csv(table, stream, OPTIONS)
    return table.num_rows


def text(values: object) -> pa.Array:
    """Text column; ``None``, missing and the empty string become empty fields."""
    array = pa.array(pd.Series(values, dtype="str"), pa.string(), from_pandas=True)
    return pa.compute.if_else(pa.compute.equal(array, ""), pa.scalar(None, pa.string()), array)


def dates(values: np.ndarray) -> pa.Array:
    """ISO dates; not a time becomes empty."""
    return pa.array(np.asarray(values).astype("datetime64[D]")).cast(pa.date32()).cast(pa.string())


def numbers(values: np.ndarray) -> pa.Array:
    """Whole numbers."""
    return pa.array(np.asarray(values))


def lookup(words: np.ndarray | list[str], index: np.ndarray, valid: np.ndarray | None = None) -> pa.Array:
    """Text by position in a list of words; where ``valid`` is false the field is empty."""
    taken = pa.array(np.asarray(index).astype(np.int32), mask=None if valid is None else ~np.asarray(valid))
    return pa.array(list(words), pa.string()).take(taken)


def decimals(values: np.ndarray, digits: int = 1, valid: np.ndarray | None = None) -> pa.Array:
    """Non-negative numbers with a decimal comma, through a table of the distinct ones."""
    scaled = np.rint(np.nan_to_num(np.asarray(values, float)) * 10**digits).astype(np.int64)
    distinct, index = np.unique(scaled, return_inverse=True)
    words = [f"{v // 10**digits},{v % 10**digits:0{digits}d}" for v in distinct.tolist()]
    return lookup(words, index, valid)
