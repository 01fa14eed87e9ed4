"""Columns of text to typed columns by the codebook, every value that cannot be what it should be counted and set aside.

Each column is converted once a distinct value, not once a row. Two-digit years are of this century (the programme
began in 2003): 00-68 is 2000-2068, 69-99 is 1969-1999.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from introprog.cleaning.quality import QualityLog, too_many
from introprog.codebook import Column, Extract
from introprog.errors import SHOWN, Problem
from introprog.readers.hints import expected, value_hint, year_hint

DATE_FORMATS = {"iso": "%Y-%m-%d", "ddmmyyyy": "%d%m%Y", "yyyymmdd": "%Y%m%d", "yyyymm": "%Y%m"}
PLAIN_DATE = {
    "iso": r"\d{4}-\d{2}-\d{2}",
    "ddmmyy": r"\d{6}",
    "ddmmyyyy": r"\d{8}",
    "yyyymmdd": r"\d{8}",
    "yyyymm": r"\d{6}",
}
PIVOT = 68
EXAMPLES = 200
LONG_NUMBER = re.compile(r"[0-9]{9,}")
HIDDEN = "(hidden)"
Lines = Callable[[np.ndarray], np.ndarray]


@dataclass
class Encoded:
    """A typed column as its distinct ``values`` and a code a row; code -1 is missing."""

    values: pd.Series
    codes: np.ndarray

    def take(self, rows: np.ndarray) -> "Encoded":
        """The column at the positions ``rows``."""
        return Encoded(self.values, self.codes[rows])

    def missing(self) -> np.ndarray:
        """Whether each row has no value."""
        lacks = self.values.isna().to_numpy()
        if not lacks.any() and self.codes.min(initial=0) >= 0:
            return np.zeros(len(self.codes), dtype=bool)
        return np.append(lacks, True)[self.codes]

    def numbers(self, dtype: str) -> np.ndarray:
        """Each row's value as a floating-point number, NaN = missing."""
        return np.append(self.values.to_numpy(dtype="float64", na_value=np.nan), np.nan)[self.codes].astype(dtype)

    def numbers_of_year(self) -> np.ndarray:
        """Each row's calendar year (of dates), NaN = missing."""
        return Encoded(self.values.dt.year, self.codes).numbers("float64")

    def series(self) -> pd.Series:
        """Each row's value."""
        return pd.Series(self.values.array.take(self.codes, allow_fill=True))


def type_columns(
    table: pa.Table, extract: Extract, file: str, log: QualityLog, year: int | None = None, line: Lines | None = None
) -> pd.DataFrame:
    """Type the columns of one file; the result has the clean names of the codebook.

    Text and codes come as ``str``, dates as ``datetime64[s]``, months as ``Int32`` YYYYMM, integers as ``Int64``,
    numbers as ``float64``. Values that are no such thing become missing; rows that lack a needed value are dropped.
    Both are noted in ``log`` under the file's year, or become problems when they are more than tolerated. ``line``
    gives the row numbers of the file for positions in ``table``; these positions are the index of the result.
    """
    line = line or _after_header(extract)
    encoded = encode_columns(table, extract, file, log, year, line)
    frame = pd.DataFrame({name: column.series() for name, column in encoded.items()})
    needed = [c.name for s, c in extract.columns.items() if c.needed and c.name in frame]
    lacking = frame[needed].isna().any(axis=1).to_numpy()
    if lacking.any():
        rows = np.flatnonzero(lacking)
        examples = in_file(file, line(rows[:SHOWN]))
        log.note(extract.name, "R5", _years(encoded, extract, year)(rows), rows=examples)
        _judge_needed(frame, needed, extract, file, log, line)
        frame = frame[~lacking]
    return frame


def encode_columns(
    table: pa.Table, extract: Extract, file: str, log: QualityLog, year: int | None = None, line: Lines | None = None
) -> dict[str, Encoded]:
    """Typed columns of one file by clean name, each as distinct values and codes; faults are noted as
    ``type_columns`` does.
    """
    line = line or _after_header(extract)
    encoded, faults, spans = {}, {}, {}
    for source in (c for c in extract.columns if c in table.column_names):
        column = extract.columns[source]
        encoded[column.name], faults[source], spans[source] = encode_column(table[source], column, extract)
    years = _years(encoded, extract, year)
    for source, found in faults.items():
        column = extract.columns[source]
        for rule, rows in [*found, *_out_of_years(spans[source], encoded[column.name].codes, years)]:
            log.note(extract.name, rule, years(rows), what=source, rows=in_file(file, line(rows[:SHOWN])))
            seen = pc.unique(table[source].take(pa.array(rows[:EXAMPLES])).cast(pa.string())).to_pylist()[:SHOWN]
            values = [text.strip() for text in seen]
            shown = () if column.type == "id" else _without_keys(values, table, extract)
            _judge(values, shown, rows, table.num_rows, column, extract, file, log, rule, line)
    return encoded


def in_file(file: str, lines: np.ndarray) -> list[str]:
    """Row numbers of one file, each with its name."""
    return [f"{file} {line}" for line in lines]


def join_encoded(parts: Sequence[dict[str, Encoded]]) -> dict[str, Encoded]:
    """The rows of several files, one after the other, each value once."""
    if len(parts) == 1:
        return parts[0]
    joined = {}
    for name in parts[0]:
        columns = [part[name] for part in parts]
        codes, values = pd.factorize(pd.concat([c.values for c in columns], ignore_index=True))
        starts = np.cumsum([0, *(len(c.values) for c in columns)])
        moved = [np.append(codes[a : a + len(c.values)], -1)[c.codes] for a, c in zip(starts, columns)]
        joined[name] = Encoded(pd.Series(values), np.concatenate(moved).astype("int32"))
    return joined


def encode_column(values: pa.ChunkedArray, column: Column, extract: Extract) -> tuple[Encoded, list, np.ndarray | None]:
    """The typed column, its faults (rule and rows), and the years in which each distinct value may be used."""
    distinct, codes = distinct_texts(values)
    trimmed = pc.utf8_trim_whitespace(distinct)
    empty = pc.is_in(trimmed, pa.array(["", *column.missing], pa.string())).to_numpy(zero_copy_only=False)
    texts = pd.Series(trimmed.to_pandas(), dtype="str")
    typed = convert(texts.mask(empty) if empty.any() else texts, column, extract.decimal)
    wrong = typed.isna().to_numpy() & ~empty
    outside = ~wrong & ~empty & _outside(typed, column, extract)
    faults = []
    for rule, mask in ((column.rule, wrong), ("R4" if column.rule.startswith("R") else column.rule, outside)):
        rows = np.flatnonzero(np.append(mask, False)[codes]) if mask.any() else ()
        if len(rows):
            faults.append((rule, rows))
    spans = np.array([column.valid.get(text, (None, None)) for text in texts], "float64") if column.valid else None
    return Encoded(typed.mask(outside) if outside.any() else typed, codes), faults, spans


def distinct_texts(values: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """The distinct texts of a column in the order in which they first occur, and a code a row (int32), -1 = null."""
    if not pa.types.is_dictionary(values.type):
        values = pa.chunked_array(values.chunks, type=pa.string()).dictionary_encode()
    if not values.num_chunks:
        return pa.array([], pa.string()), np.array([], "int32")
    values = values.unify_dictionaries()
    codes = np.empty(len(values), dtype="int32")
    ends = np.cumsum([len(chunk) for chunk in values.chunks])
    for chunk, end in zip(values.chunks, ends):
        codes[end - len(chunk) : end] = chunk.indices.fill_null(-1) if chunk.null_count else chunk.indices
    return values.chunk(0).dictionary, codes


def _out_of_years(spans: np.ndarray | None, codes: np.ndarray, years: Callable[[np.ndarray], np.ndarray]) -> list:
    """Rule R7: rows whose code is not used in their year; rows without a year are not judged."""
    if spans is None or not len(spans):
        return []
    limited = np.flatnonzero(np.append(~np.isnan(spans).all(axis=1), False)[codes])
    first, last = spans[codes[limited]].T
    year = years(limited)
    rows = limited[(year < first) | (year > last)]
    return [("R7", rows)] if len(rows) else []


def convert(texts: pd.Series, column: Column, decimal: str = ",") -> pd.Series:
    """Text to the type of the column; what is not of the type is missing."""
    if column.type == "code" and column.values is not None:
        return texts.map(dict(column.values)).astype("str")
    if column.type == "code":
        return texts.where(texts.str.fullmatch(column.pattern or ".+").fillna(False).astype(bool))
    if column.type == "id":
        length = texts.str.len()
        return texts.where(length == length.mode().iloc[0]) if length.notna().any() else texts
    if column.type == "date":
        return _dates(texts, column.format)
    if column.type == "month":
        good = texts.str.fullmatch(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])").fillna(False).astype(bool)
        return pd.to_numeric(texts.where(good)).astype("Int32")
    if column.type == "integer":
        good = texts.str.fullmatch(r"-?\d{1,15}").fillna(False).astype(bool)
        return pd.to_numeric(texts.where(good)).astype("Int64")
    if column.type == "number":
        mark = "," if decimal == "," else r"\."
        good = texts.str.fullmatch(rf"-?\d+(?:{mark}\d+)?").fillna(False).astype(bool)
        return pd.to_numeric(texts.where(good).str.replace(decimal, ".", regex=False)).astype("float64")
    return texts


def _dates(texts: pd.Series, form: str) -> pd.Series:
    texts = texts.where(texts.str.fullmatch(PLAIN_DATE[form]).fillna(False).astype(bool))
    if form == "ddmmyy":
        short = pd.to_numeric(texts.str[4:])
        century = pd.Series(np.where(short <= PIVOT, "20", "19"), index=texts.index)
        texts, form = (century + texts.str[4:] + texts.str[2:4] + texts.str[:2]).where(texts.notna()), "yyyymmdd"
    return pd.to_datetime(texts, format=DATE_FORMATS[form], errors="coerce").astype("datetime64[s]")


def _outside(typed: pd.Series, column: Column, extract: Extract) -> np.ndarray:
    low, high = column.range
    if column.type == "date":
        limits = [pd.Timestamp(day) for day in (high, extract.extracted) if day is not None]
        late = (typed > min(limits)).to_numpy() if limits else False
        return np.full(len(typed), False) | late | (False if low is None else (typed < pd.Timestamp(low)).to_numpy())
    if low is None and high is None:
        return np.zeros(len(typed), dtype=bool)
    number = typed.astype("float64").to_numpy()
    return (number < (-np.inf if low is None else low)) | (number > (np.inf if high is None else high))


def _years(encoded: dict[str, Encoded], extract: Extract, year: int | None) -> Callable[[np.ndarray], np.ndarray]:
    """A function from row positions to the year that faults of these rows are counted under."""
    if year is not None or extract.year_of not in encoded:
        return lambda rows: np.full(len(rows), np.nan if year is None else float(year))
    column = encoded[extract.year_of]
    values = column.values.dt.year if column.values.dtype.kind == "M" else column.values
    return lambda rows: Encoded(values, column.codes[rows]).numbers("float64")


def _without_keys(values: Sequence[str], table: pa.Table, extract: Extract) -> list[str]:
    """The values that may be shown: none that is a person key of the file, or as long as one."""
    ids = [s for s, c in extract.columns.items() if c.type == "id" and s in table.column_names]
    wanted = pa.array(values, pa.string())
    texts = [distinct_texts(table[s])[0] for s in ids]
    keys = {key for known in texts for key in known.filter(pc.is_in(known, wanted)).to_pylist()}
    return [HIDDEN if value in keys else LONG_NUMBER.sub(HIDDEN, value) for value in values]


def _judge(
    values: Sequence[str],
    shown: Sequence[str],
    rows: np.ndarray,
    total: int,
    column: Column,
    extract: Extract,
    file: str,
    log: QualityLog,
    rule: str,
    line: Lines,
) -> None:
    limits = (column.tolerated, extract.tolerated, log.rules[rule].tolerated)
    tolerated = next(limit for limit in limits if limit is not None)
    what = f"{log.rules[rule].reason['en'].split(',')[0]} in {len(rows) / total:.1%} of the rows"
    where, wanted, hint = (
        f"{file}, column {column.source}",
        "a code in use in the row's year" if rule == "R7" else expected(column, extract),
        year_hint(values, column, extract) if rule == "R7" else value_hint(values, column, extract, rule),
    )
    stops = too_many(len(rows), total, tolerated) or tolerated == 0
    log.found(
        Problem(where, rule, what, wanted, hint, len(rows), tuple(line(rows[:SHOWN]).tolist()), tuple(shown)), stops
    )


def _after_header(extract: Extract) -> Lines:
    """Row numbers in the file: the header is row 1 where there is one."""
    return lambda rows: np.asarray(rows) + (1 if extract.line_width else 2)


def _judge_needed(frame, needed: Sequence[str], extract: Extract, file: str, log: QualityLog, line: Lines) -> None:
    tolerated = log.rules["R5"].tolerated if extract.tolerated is None else extract.tolerated
    sources = {c.name: s for s, c in extract.columns.items()}
    for name in needed:
        rows = np.flatnonzero(frame[name].isna().to_numpy())
        where = f"{file}, column {sources[name]}"
        if len(rows) and not any(p.where == where for p in log.problems):
            what = f"no value in {len(rows) / len(frame):.1%} of the rows"
            wanted = expected(extract.columns[sources[name]], extract)
            stops = too_many(len(rows), len(frame), tolerated) or tolerated == 0
            log.found(
                Problem(where, "R5", what, wanted, count=len(rows), rows=tuple(line(rows[:SHOWN]).tolist())), stops
            )
