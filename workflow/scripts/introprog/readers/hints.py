"""What a good value of a column is, in words, and what a bad one seems to come from."""

import re
from collections.abc import Sequence

import pandas as pd

from introprog.codebook import Column, Extract
from introprog.errors import nearest

DATES = {
    "iso": "a date like 2015-11-16",
    "ddmmyy": "a date like 161115",
    "ddmmyyyy": "a date like 16112015",
    "yyyymmdd": "a date like 20151116",
    "yyyymm": "a month like 201511",
}
FIXED = re.compile(r"\[0-9\]\{(\d+)\}")
DAY_ZERO = pd.Timestamp(1899, 12, 30)


def expected(column: Column, extract: Extract) -> str:
    """What a good value of the column is, in words."""
    if column.values is not None:
        return "one of " + ", ".join(column.values)
    words = {
        "id": "keys of one length",
        "code": _code_words(column.pattern or ""),
        "date": DATES[column.format],
        "month": "a month like 201511",
        "integer": "a whole number",
        "number": f"a number like 37{extract.decimal}5",
        "text": "text",
    }[column.type]
    low, high = column.range
    late = f", not after {extract.extracted}" if column.type == "date" and extract.extracted else ""
    comma = "," if column.type == "date" else ""
    return words + (f"{comma} from {low} to {high}" if low is not None and high is not None else "") + late


def year_hint(values: Sequence[str], column: Column, extract: Extract) -> str:
    """In which years the codes are used, and what to do."""
    used = "; ".join(f"{v!r} is used {span(*column.valid[v])}" for v in dict.fromkeys(values) if v in column.valid)
    return f"{used}: is it a file of another year? the years stand under `valid` in the codebook of {extract.name}"


def span(first: int | None, last: int | None) -> str:
    """Years in words: from 2011, to 2016, 2011-2016."""
    if first is None or last is None:
        return f"to {last}" if first is None else f"from {first}"
    return f"{first}-{last}"


def _code_words(pattern: str) -> str:
    digits = FIXED.fullmatch(pattern)
    return f"a code of {digits.group(1)} digits" if digits else f"a code like {pattern}"


def value_hint(values: Sequence[str], column: Column, extract: Extract, rule: str = "") -> str:
    """What the bad ``values`` seem to come from, and what to do; rule R4 is a value outside the limits."""
    if column.type == "id":
        return "are leading zeros lost? write person keys as text of one length"
    texts = pd.Series(values, dtype="str")
    book = f"the codebook of {extract.name}"
    if rule == "R4":
        return _limit(texts, column, extract, book)
    if texts.str.fullmatch(r"\d{9,}").all():
        return "these look like person keys: are two columns exchanged?"
    if texts.str.contains("Ã").any():
        return "the encoding is wrong: æ, ø and å are read as two characters"
    if texts.str.fullmatch(r"\.{1,3}|:|-|\*").all():
        return f"symbols of Statistics Norway's tables: list them under `missing` in {book}, or ask for the microdata"
    kind = {"date": _date, "month": _month, "number": _number, "integer": _number}.get(column.type, _code)
    return kind(texts, column, extract, book) or f"see {column.source} in {book}"


def _limit(texts: pd.Series, column: Column, extract: Extract, book: str) -> str:
    if column.type == "date":
        if texts.str.contains("9999|2[1-9]99|3000|2999").all():
            return f"a day that stands for an open end: list it under `missing` in {book}"
        if extract.extracted and (texts.str.fullmatch(r"\d{4}-\d{2}-\d{2}") & (texts > extract.extracted)).all():
            return (
                f"the extract was drawn on {extract.extracted}: are these planned days? leave `extracted` out of {book}"
            )
        return f"no event of the register can be of that day: is a century or a digit wrong? see `range` in {book}"
    number = pd.to_numeric(texts.str.replace(extract.decimal, ".", regex=False), errors="coerce")
    if column.range == (0, 1) and (number > 1).all() and (number <= 100).all():
        return "a share lies between 0 and 1: divide per cent by 100"
    if column.name == "weekly_hours" and (number > 100).all():
        return "more hours than a week can hold: are they of a month or a year?"
    return f"see `range` of {column.source} in {book}"


def _date(texts: pd.Series, column: Column, extract: Extract, book: str) -> str:
    if texts.str.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}").all():
        return f"the day comes first: set `format` in {book}, or write dates as YYYY-MM-DD"
    if texts.str.fullmatch(r"\d{5}(?:[.,]0)?").all():
        day = (DAY_ZERO + pd.Timedelta(days=int(texts.iloc[0][:5]))).date()
        return f"day numbers of a spreadsheet ({texts.iloc[0]} is {day}): format the column as date and save again"
    if column.format == "ddmmyy" and texts.str.fullmatch(r"\d{6}").all():
        return "no such day in the calendar: day, month and year have two digits each"
    if column.format == "iso" and texts.str.fullmatch(r"\d{8}").all():
        return f"dates without separators: set `format: yyyymmdd` (or ddmmyyyy) in {book}"
    if texts.str.fullmatch(r"\d{4}-\d{2}-\d{2}[T ].+").all():
        return "a time follows the date: write dates as YYYY-MM-DD"
    return "no such day in the calendar" if texts.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all() else ""


def _month(texts: pd.Series, column: Column, extract: Extract, book: str) -> str:
    if texts.str.fullmatch(r"\d{4}[-M/.]\d{1,2}(?:-\d{2})?").all():
        return "write months as six digits, YYYYMM"
    return "no such month: the last two digits are 01 to 12" if texts.str.fullmatch(r"\d{6}").all() else ""


def _number(texts: pd.Series, column: Column, extract: Extract, book: str) -> str:
    if texts.str.fullmatch(r"-?\d{1,3}(?:[ \u00a0\u202f.,]\d{3})+(?:[.,]\d+)?").all():
        return "thousands separators: write the number without them"
    if column.type == "integer" and texts.str.fullmatch(r"-?\d+[.,]\d+").all():
        return "decimals in a column of whole numbers"
    other = "." if extract.decimal == "," else ","
    if texts.str.fullmatch(rf"-?\d+\{other}\d+").all():
        return f"the decimal mark is {other!r}: set `decimal` in {book}, or write the file with {extract.decimal!r}"
    if texts.str.contains(r"\d[eE][+-]?\d", regex=True).all():
        return "a spreadsheet has shortened the number: format the column as number and save again"
    if texts.str.contains(r"(?i)\b(?:kr|nok)\b|[€$%]", regex=True).all():
        return "a unit stands with the number: write the number alone"
    if texts.str.fullmatch(r"(?i)na|n/a|nan|null|none|missing|#n/a|#verdi!|#value!|#null!").all():
        return f"a text for missing: list it under `missing` in {book}"
    return ""


def _code(texts: pd.Series, column: Column, extract: Extract, book: str) -> str:
    width = FIXED.fullmatch(column.pattern or "")
    if column.name == "municipality_source" and texts.str.fullmatch(r"\D+").all():
        return "these look like names: give the municipality number of four digits"
    if width and int(width.group(1)) > 4 and texts.str.fullmatch(rf"\d{{1,{int(width.group(1)) - 1}}}").all():
        return f"codes of {width.group(1)} digits: are leading zeros lost, or is it a shorter level of the code?"
    if column.values is None and texts.str.fullmatch(r"\d{1,3}").all():
        return f"column {column.source!r} looks numeric: leading zeros are lost; write it as text, 0301 and not 301"
    if column.values is None and texts.str.fullmatch(r"\d+[.,]0").all():
        return "the codes were saved as numbers with decimals: write the column as text"
    if texts.str.contains(r"\d[eE][+-]?\d", regex=True).all():
        return "a spreadsheet has shortened the code: format the column as text and export again"
    if column.values is None:
        return ""
    if texts.str.zfill(2).isin(column.values).all():
        return "leading zeros are lost: write the column as text"
    if column.name == "sex" and texts.isin(["0", "1", "2"]).all():
        return f"sex is coded 0/1 here: set `values` in {book} to what 0 and 1 mean"
    if "97" in column.values and texts.str.fullmatch(r"\d+").all():
        return f"no step of the scale: was another form used, or other codes for no answer? see `values` in {book}"
    likely = nearest(texts.iloc[0], list(column.values))
    return f"{likely}{' ' if likely.endswith('?') else '; '}a new code is added under `values` in {book}"
