"""Stata, SPSS, SAS and Parquet files as columns of text, so that one codebook serves every format.

Dates become YYYY-MM-DD, whole numbers lose their decimals, codes that the codebook gives a fixed width get their
leading zeros back, and SPSS user-missing codes (97, 98, 99) are kept as the values they are.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from introprog.codebook import Column, Extract
from introprog.errors import InputError, Problem, nearest, raise_if

SUFFIXES = (".sav", ".dta", ".sas7bdat", ".parquet")
FIXED = re.compile(r"\[0-9\]\{(\d+)\}")


def read_statistical(path: Path, extract: Extract, columns: Sequence[str] | None = None) -> pa.Table:
    """Read the columns of the codebook (or ``columns``) as strings, missing = null.

    Raises ``InputError`` when the file cannot be read as its suffix says, or lacks columns.
    """
    wanted = list(columns or extract.columns)
    frame = _frame(path)
    missing = [name for name in wanted if name not in frame]
    known = list(frame.columns)
    raise_if([Problem(f"{path.name}, column {n}", "F6", "column not found", hint=nearest(n, known)) for n in missing])
    texts = {name: _text(frame[name], extract.columns.get(name), extract.decimal) for name in wanted}
    return pa.table({name: pa.array(values, type=pa.string(), from_pandas=True) for name, values in texts.items()})


def _frame(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path).to_pandas(date_as_object=False)
        import pyreadstat

        if path.suffix == ".sav":
            return pyreadstat.read_sav(str(path), user_missing=True)[0]
        reader = pyreadstat.read_dta if path.suffix == ".dta" else pyreadstat.read_sas7bdat
        return reader(str(path))[0]
    except (pa.ArrowInvalid, OSError, ValueError) as error:
        raise InputError([_unreadable(path, error)]) from None
    except Exception as error:
        if type(error).__module__.startswith("pyreadstat"):
            raise InputError([_unreadable(path, error)]) from None
        raise


def _unreadable(path: Path, error: Exception) -> Problem:
    return Problem(path.name, "F9", f"cannot be read as {path.suffix}", expected=" ".join(str(error).split())[:120])


def _text(values: pd.Series, column: Column | None, decimal: str) -> pd.Series:
    if values.dtype.kind == "M" or (column is not None and column.type == "date" and values.dtype.kind == "O"):
        return pd.to_datetime(values).dt.strftime("%Y-%m-%d")
    if values.dtype.kind == "f":
        whole = (values.dropna() % 1 == 0).all()
        texts = values.astype("Int64").astype("str") if whole else values.astype("str")
        texts = texts.str.replace(".", decimal, regex=False).mask(values.isna())
    else:
        texts = values.astype("str").mask(values.isna())
    width = _width(column)
    digits = values.dtype.kind in "fiu" and width
    return texts.str.zfill(width) if digits else texts.mask(texts == "")


def _width(column: Column | None) -> int:
    if column is None or column.type != "code":
        return 0
    if column.values is not None:
        lengths = {len(code) for code in column.values}
        return lengths.pop() if len(lengths) == 1 else 0
    fixed = FIXED.fullmatch(column.pattern or "")
    return int(fixed.group(1)) if fixed else 0
