"""What every format gives: the columns of a raw file as text, with the row numbers a person would count in the file."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from introprog.codebook import Column, Extract
from introprog.errors import Problem, nearest, raise_if

PLACES = {"{year}": r"(?P<year>(?:19|20)[0-9]{2})", "{month}": r"(?P<month>0[1-9]|1[0-2]|[1-9])"}


# What may be a column name, and so be shown: a first line may be data.
NAME = re.compile(r"[^\W\d][\w .-]{0,40}")


@dataclass(frozen=True)
class RawFile:
    """One file of an extract; ``entry`` is set when it is inside a zip archive."""

    path: Path
    year: int | None = None
    month: int | None = None
    entry: str | None = None

    @property
    def name(self) -> str:
        """The name that messages use."""
        return self.path.name if self.entry is None else f"{self.path.name}/{self.entry}"


@dataclass
class RawTable:
    """Columns of text, plain or as distinct texts with a code a row (Arrow dictionaries), empty = null.

    ``names`` are all columns of the file; ``malformed`` the numbers of rows left out.

    ``first`` is the row number of the first record (the header is row 1 where there is one); ``lines`` gives the row
    number of each row of ``table`` when they do not simply follow each other.
    """

    table: pa.Table
    names: list[str]
    first: int = 1
    malformed: np.ndarray = field(default_factory=lambda: np.array([], "int64"))
    lines: np.ndarray | None = None

    @property
    def records(self) -> int:
        """Rows of the file, malformed ones among them."""
        rows = self.table.num_rows if self.lines is None else len(np.unique(self.lines))
        return rows + len(self.malformed)

    def plain(self) -> "RawTable":
        """The same with every column as plain texts."""
        texts = pa.schema([(name, pa.string()) for name in self.table.column_names])
        return self if self.table.schema.equals(texts) else replace(self, table=self.table.cast(texts))

    def line(self, rows: np.ndarray) -> np.ndarray:
        """Row numbers in the file of the rows of ``table`` at the positions ``rows``."""
        return self.numbering()(rows)

    def numbering(self) -> Callable[[np.ndarray], np.ndarray]:
        """The same as a function that does not keep the table alive."""
        first, lines = self.first, self.lines
        return lambda rows: np.asarray(rows) + first if lines is None else lines[rows]


def template(text: str) -> re.Pattern:
    """Pattern of a name with {year}, {month} and ``*``."""
    parts = re.split(r"(\{year\}|\{month\}|\*)", text)
    return re.compile("".join(PLACES.get(p, "[^/]*" if p == "*" else re.escape(p)) for p in parts))


def is_wide(column: Column) -> bool:
    """Whether the column is a family of columns of the file, one a year or month."""
    return "{year}" in column.source or "{month}" in column.source


def needed_names(extract: Extract, names: Sequence[str], file: str) -> list[str]:
    """The columns of the file that the codebook asks for; ``InputError`` names each that is not there, or twice."""
    wanted, problems = [], []
    for column in extract.columns.values():
        if column.fill is not None:
            continue
        for source in column.join or (column.source,):
            found = (
                [n for n in names if template(source).fullmatch(n)] if is_wide(column) else [source] * (source in names)
            )
            if not found and not column.optional:
                problems.append(_absent(source, column, names, file))
            wanted += found
    problems += [
        Problem(f"{file}, column {name}", "F7", "the column is there twice", expected="each column once")
        for name in sorted(set(wanted))
        if list(names).count(name) > 1
    ]
    raise_if([_headless(file, extract)] if _looks_headless(names, wanted) else problems)
    return list(dict.fromkeys(wanted))


def _absent(source: str, column: Column, names: Sequence[str], file: str) -> Problem:
    same = [name for name in names if name.casefold() == source.casefold()]
    known = [name for name in names if NAME.fullmatch(name)]
    hint = nearest(source, known) if known else "no column names are found in the first line"
    hint = f"did you mean {same[0]!r}?" if same else hint
    return Problem(
        f"{file}, column {source}", "F6", "column not found", f"{column.label['en']} in column {source!r}", hint
    )


def _looks_headless(names: Sequence[str], wanted: Sequence[str]) -> bool:
    return not wanted and not all(NAME.fullmatch(name) for name in names if name)


def _headless(file: str, extract: Extract) -> Problem:
    names = ", ".join(s for s, c in extract.columns.items() if c.fill is None)
    return Problem(
        file, "F6", "the first line is no header", f"the columns {names}", "add a line with the column names"
    )


def shape(raw: RawTable, extract: Extract, file: RawFile) -> RawTable:
    """Bring the columns of a file to those of the codebook: wide columns become rows, joined and filled ones are made.

    A row of a wide file becomes a row for each year (or month) in which any of its wide columns has a value.
    """
    wide = [c for c in extract.columns.values() if is_wide(c)]
    made = [c for c in extract.columns.values() if c.fill is not None or c.join]
    if not wide and not made and not any(c.optional for c in extract.columns.values()):
        return raw
    raw = raw.plain() if wide else raw
    parts = [_part(raw, extract, file, wide, moment) for moment in _moments(raw, wide)] if wide else [raw]
    tables, lines = [], []
    for part, moment in zip(parts, _moments(raw, wide) if wide else [(file.year, file.month)]):
        tables.append(_complete(part.table, extract, moment[0] or file.year, moment[1] or file.month))
        lines.append(part.line(np.arange(part.table.num_rows)) if wide else None)
    if not wide:
        return replace(raw, table=tables[0])
    if not tables:
        return replace(raw, table=_complete(raw.table.slice(0, 0), extract, file.year, file.month))
    return replace(raw, table=pa.concat_tables(tables), lines=np.concatenate(lines))


def _moments(raw: RawTable, wide: Sequence[Column]) -> list[tuple[int | None, int | None]]:
    found = set()
    for column in wide:
        for name in raw.table.column_names:
            match = template(column.source).fullmatch(name)
            if match:
                parts = match.groupdict()
                found.add((int(parts.get("year") or 0), int(parts.get("month") or 0)))
    return [(year or None, month or None) for year, month in sorted(found)]


def _part(raw: RawTable, extract: Extract, file: RawFile, wide: Sequence[Column], moment) -> RawTable:
    """The rows of one moment: the wide columns of it under their codebook names, rows without any value left out."""
    chosen = {}
    for column in wide:
        for name in raw.table.column_names:
            match = template(column.source).fullmatch(name)
            if match and tuple(int(match.groupdict().get(k) or 0) or None for k in ("year", "month")) == moment:
                chosen[column.source] = raw.table[name]
    there = None
    for values in chosen.values():
        has = pc.is_valid(values)
        there = has if there is None else pc.or_(there, has)
    patterns = [template(c.source) for c in wide]
    plain = [n for n in raw.table.column_names if not any(p.fullmatch(n) for p in patterns)]
    table = pa.table({**{n: raw.table[n] for n in plain}, **chosen})
    rows = np.flatnonzero(np.asarray(there.combine_chunks() if isinstance(there, pa.ChunkedArray) else there))
    return RawTable(table.take(pa.array(rows)), raw.names, raw.first, lines=raw.line(rows))


def _complete(table: pa.Table, extract: Extract, year: int | None, month: int | None) -> pa.Table:
    columns = {}
    for source, column in extract.columns.items():
        if column.fill is not None:
            text = column.fill.replace("{year}", f"{year or 0:04d}").replace("{month}", f"{month or 0:02d}")
            columns[source] = pa.chunked_array([pa.repeat(pa.scalar(text or None, pa.string()), table.num_rows)])
        elif column.join:
            columns[source] = pc.binary_join_element_wise(
                *(table[name].cast(pa.string()) for name in column.join), "+", null_handling="replace"
            )
        elif source in table.column_names:
            columns[source] = table[source]
        else:
            columns[source] = pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    return pa.table(columns)


def repeated_header(raw: RawTable, file: RawFile) -> Iterator[Problem]:
    """Rows that hold the names of the columns again, as where files were put together."""
    again = None
    for name in raw.table.column_names:
        if not _occurs(name, raw.table[name]):
            return
        same = pc.fill_null(pc.equal(raw.table[name], name), False)
        again = same if again is None else pc.and_(again, same)
        if not pc.any(again).as_py():
            return
    if again is not None:
        rows = raw.line(np.flatnonzero(again.to_numpy()))
        hint = "files put together? take these rows out, or name the parts with * in `file` of the codebook"
        yield Problem(file.name, "F16", "the header line is there again", "one header", hint, len(rows), rows.tolist())


def _occurs(text: str, column: pa.ChunkedArray) -> bool:
    coded = pa.types.is_dictionary(column.type)
    return any(pc.any(pc.equal(c.dictionary if coded else c, text)).as_py() for c in column.chunks)


def unmatched(raw: RawTable, extract: Extract) -> Iterator[str]:
    """Columns of the file that the codebook does not use."""
    patterns = [template(s) for c in extract.columns.values() if c.fill is None for s in c.join or (c.source,)]
    return (n for n in raw.names if NAME.fullmatch(n) and not any(p.fullmatch(n) for p in patterns))
