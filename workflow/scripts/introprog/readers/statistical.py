"""Stata, SPSS, SAS, Parquet and Excel files as columns of text, so that one codebook serves every format.

Dates become YYYY-MM-DD, whole numbers lose their decimals, codes and keys that the codebook gives a fixed width get
their leading zeros back, and SPSS user-missing codes (97, 98, 99) are kept as the values they are.
"""

import datetime
import zipfile
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from introprog.codebook import Column, Extract
from introprog.errors import InputError, Problem
from introprog.readers.hints import FIXED
from introprog.readers.raw import RawFile, RawTable, is_wide, needed_names, template
from introprog.readers.sources import contents, inner_suffix, is_packed, stream

SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
SUFFIXES = (".sav", ".zsav", ".dta", ".sas7bdat", ".xpt", ".parquet", *SPREADSHEETS)
MOMENT = {"month": "%Y%m", "integer": "%Y"}


def read_statistical(file: RawFile, extract: Extract) -> RawTable:
    """Read the columns that the codebook asks for as strings, missing = null.

    Raises ``InputError`` when the file cannot be read as its suffix says, or lacks columns.
    """
    suffix = inner_suffix(file)
    reader = _spreadsheet if suffix in SPREADSHEETS else _parquet if suffix == ".parquet" else _statistical
    try:
        frame, names = reader(file, suffix, extract)
    except (pa.ArrowInvalid, OSError, ValueError, zipfile.BadZipFile):
        raise InputError([_unreadable(file.name, suffix)]) from None
    except Exception as error:
        if type(error).__module__.split(".")[0] in ("pyreadstat", "python_calamine", "builtins"):
            raise InputError([_unreadable(file.name, suffix)]) from None
        raise
    texts = {str(n): to_text(frame[n], _column(extract, str(n)), extract.decimal) for n in frame.columns}
    table = pa.table({name: pa.array(values, type=pa.string(), from_pandas=True) for name, values in texts.items()})
    return RawTable(table, names, 2 if suffix in SPREADSHEETS else 1)


def statistical_reader(suffix: str) -> Callable:
    """The function that reads files of Stata, SAS or SPSS with this suffix."""
    import pyreadstat

    readers = {
        ".dta": pyreadstat.read_dta,
        ".sas7bdat": pyreadstat.read_sas7bdat,
        ".xpt": pyreadstat.read_xport,
    }
    return readers.get(suffix, pyreadstat.read_sav)


def _statistical(file: RawFile, suffix: str, extract: Extract) -> tuple[pd.DataFrame, list[str]]:
    reader = statistical_reader(suffix)
    options = {"user_missing": True} if suffix in (".sav", ".zsav") else {}
    names = list(reader(stream(file), metadataonly=True)[1].column_names)
    wanted = needed_names(extract, names, file.name)
    return reader(stream(file), usecols=wanted, **options)[0][wanted], names


def _parquet(file: RawFile, suffix: str, extract: Extract) -> tuple[pd.DataFrame, list[str]]:
    source = pa.BufferReader(contents(file)) if is_packed(file) else str(file.path)
    names = pq.read_schema(source).names
    wanted = needed_names(extract, names, file.name)
    if is_packed(file):
        source.seek(0)
    table = pq.read_table(source, columns=wanted)
    integers = {n: table[n].to_pandas(integer_object_nulls=False, types_mapper=_nullable) for n in wanted}
    return pd.DataFrame(integers), names


def _nullable(kind: pa.DataType):
    """Integers with missing values stay integers: a key of 16 digits does not survive as floating point."""
    return pd.Int64Dtype() if pa.types.is_integer(kind) else None


def _spreadsheet(file: RawFile, suffix: str, extract: Extract) -> tuple[pd.DataFrame, list[str]]:
    from python_calamine import load_workbook

    workbook = load_workbook(stream(file))
    sheets = list(workbook.sheet_names)
    if extract.sheet is None and len(sheets) > 1:
        hint = f"set `sheet` in the codebook of {extract.name}"
        raise InputError([Problem(file.name, "F13", f"{len(sheets)} sheets", "one sheet", hint, values=sheets)])
    if extract.sheet is not None and extract.sheet not in sheets:
        raise InputError(
            [Problem(file.name, "F13", f"no sheet {extract.sheet!r}", "a sheet of the file", values=sheets)]
        )
    rows = workbook.get_sheet_by_name(extract.sheet or sheets[0]).to_python(skip_empty_area=False)
    if not rows:
        raise InputError([Problem(file.name, "F3", "the file is empty", expected="a header line and rows")])
    names = [str(name).strip() for name in rows[0]]
    wanted = needed_names(extract, names, file.name)
    cells = pd.DataFrame(rows[1:], columns=range(len(names)), dtype=object)
    chosen = cells[[names.index(name) for name in wanted]]
    return chosen.set_axis(wanted, axis=1), names


def _unreadable(file: str, suffix: str) -> Problem:
    hint = "was the file cut off under way, or given another suffix than its format?"
    return Problem(file, "F9", f"cannot be read as {suffix}", expected=f"a sound {suffix} file", hint=hint)


def _column(extract: Extract, name: str) -> Column | None:
    if name in extract.columns:
        return extract.columns[name]
    return next((c for c in extract.columns.values() if is_wide(c) and template(c.source).fullmatch(name)), None)


def to_text(values: pd.Series, column: Column | None, decimal: str) -> pd.Series:
    """The texts that a delimited file would have for ``values``; missing and empty are missing."""
    form = MOMENT.get(column.type if column else "", "%Y-%m-%d")
    if values.dtype.kind == "M":
        return pd.to_datetime(values).dt.strftime(form)
    if values.dtype.kind == "O" and not isinstance(values.dtype, pd.StringDtype):
        codes, distinct = pd.factorize(values, use_na_sentinel=True)
        texts = pd.Series([_cell(v, form, decimal, _width(column)) for v in distinct], dtype="str")
        return pd.Series(texts.array.take(codes, allow_fill=True)).replace("", pd.NA)
    if values.dtype.kind == "f":
        return _numbers(values, decimal, _width(column))
    texts = values.astype("str").mask(values.isna())
    return texts.str.zfill(_width(column)) if values.dtype.kind in "iu" else texts.mask(texts == "")


def _numbers(values: pd.Series, decimal: str, width: int) -> pd.Series:
    known = values.dropna()
    if (known % 1 == 0).all():
        return values.astype("Int64").astype("str").mask(values.isna()).str.zfill(width)
    # Stata's float holds 37.1 as 37.09999847: where single precision holds every value, its shortest text is the value.
    single = (known.astype("float32").astype("float64") == known).all()
    texts = values.astype("float32" if single else "float64").astype("str")
    return texts.str.replace(r"\.0$", "", regex=True).str.replace(".", decimal, regex=False).mask(values.isna())


def _cell(value: object, form: str, decimal: str, width: int) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime.datetime) and (value.hour or value.minute or value.second) and form == "%Y-%m-%d":
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date | datetime.datetime):
        return value.strftime(form)
    if isinstance(value, float):
        text = str(int(value)).zfill(width) if value.is_integer() else repr(value)
        return text.replace(".", decimal)
    return str(value).zfill(width) if isinstance(value, int) else str(value)


def _width(column: Column | None) -> int:
    if column is None or column.type not in ("code", "id"):
        return 0
    if column.values is not None:
        lengths = {len(code) for code in column.values}
        return lengths.pop() if len(lengths) == 1 else 0
    fixed = FIXED.fullmatch(column.pattern or "")
    return int(fixed.group(1)) if fixed else 0
