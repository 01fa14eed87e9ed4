"""A table as it is printed: title, column groups, indented stub, notes; written as accessible HTML or as a flat CSV.

The unformatted numbers are the display's CSV twin; this object holds text in one language only.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path

from introprog.tabular import inert

STYLE = """
body{font:15px/1.45 system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1a1a1a;margin:1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:700;font-size:1.05rem;padding-bottom:.5rem}
th,td{padding:.22rem .6rem;vertical-align:top}
thead th{border-bottom:1px solid #6e6e6e;text-align:right;font-weight:600;vertical-align:bottom}
thead tr:first-child th{border-top:2px solid #1a1a1a}
thead th.group{text-align:center}
thead th.stub,tbody th{text-align:left}
thead th.stub,tbody th[scope=row]{min-width:12rem;max-width:26rem;position:sticky;left:0;background:#fff}
tbody th{font-weight:400}
tbody th.head{font-weight:700;padding-top:.7rem}
tbody th.head.in1{font-weight:400;font-style:italic;padding-top:.35rem}
.head span{position:sticky;left:.7rem}
tbody tr.total th,tbody tr.total td{font-weight:700}
tbody td{text-align:right;white-space:nowrap}
tbody td.text,thead th.text{text-align:left}
tbody td.long{white-space:normal;min-width:11rem;max-width:30rem}
tbody tr:last-child th,tbody tr:last-child td{border-bottom:2px solid #1a1a1a}
th.in1{padding-left:1.6rem}th.in2{padding-left:2.8rem}th.in3{padding-left:4rem}
.stamp{display:inline-block;
background:#f4ece2;color:#7a3b00;font-weight:700;font-size:.85rem;padding:.15rem .5rem;margin:0 0 .6rem}
.lead{max-width:60rem;margin:0 0 .8rem}
details{max-width:60rem;margin:.8rem 0 0}summary{cursor:pointer;font-weight:600}li{margin:.2rem 0}
.foot{font-size:.85rem;color:#404040;margin:.6rem 0 0;max-width:60rem}.foot p{margin:.15rem 0}
@media (max-width:40rem){body{font-size:14px;margin:.5rem}th,td{padding:.2rem .4rem}caption{max-width:min(22rem,94vw)}
thead th.stub,tbody th[scope=row]{min-width:8rem;max-width:9.5rem}
th.in1{padding-left:.9rem}th.in2{padding-left:1.5rem}th.in3{padding-left:2rem}.head span{left:.4rem}}
@media print{body{font-size:9.5pt;margin:0}.scroll{overflow:visible}}
""".strip()


LONG = 24


@dataclass(frozen=True)
class Column:
    """A column head; neighbours with the same ``group`` share a spanning head; ``text`` columns are left-aligned."""

    label: str
    group: str = ""
    text: bool = False


@dataclass(frozen=True)
class Row:
    """A line: stub ``label`` at ``indent`` 0-3 and the printed cells; ``kind`` is ``body``, ``head`` or ``total``."""

    label: str
    cells: Sequence[str] = ()
    indent: int = 0
    kind: str = "body"


@dataclass(frozen=True)
class Table:
    """A printed table in one language; ``footer`` holds notes, definition, n, suppression and source lines.

    ``lead`` are paragraphs above the table, ``details`` a list below it that opens under the heading
    ``details_head``.
    """

    language: str
    title: str
    stub: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    footer: Sequence[str] = field(default_factory=tuple)
    stamp: str = ""
    lead: Sequence[str] = field(default_factory=tuple)
    details: Sequence[str] = field(default_factory=tuple)
    details_head: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.kind != "head" and len(row.cells) != len(self.columns):
                raise ValueError(f"{row.label!r} has {len(row.cells)} cells for {len(self.columns)} columns")

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Name and number of columns of every spanning head, from left to right; empty where no column has one."""
        found = [(name, len(list(members))) for name, members in groupby(self.columns, key=lambda c: c.group)]
        return found if any(name for name, _ in found) else []

    def is_long(self, column: int) -> bool:
        """Whether a column holds texts that may break over lines."""
        longest = max((len(row.cells[column]) for row in self.rows if row.kind != "head"), default=0)
        return self.columns[column].text and longest > LONG

    def to_html(self) -> str:
        """A whole page that needs nothing else: caption, scopes, language, styles for phone and print."""
        stamp = f'<p class="stamp">{escape(self.stamp)}</p>\n' if self.stamp else ""
        lead = "".join(f'<p class="lead">{escape(line)}</p>\n' for line in self.lead)
        foot = "".join(f"<p>{escape(line)}</p>\n" for line in self.footer)
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n{stamp}{lead}"
            f'<div class="scroll" role="region" aria-label="{escape(self.title)}" tabindex="0">\n'
            f"{self._table()}</div>\n{self._details()}"
            f'<div class="foot">\n{foot}</div>\n</body>\n</html>\n'
        )

    def _details(self) -> str:
        if not self.details:
            return ""
        items = "".join(f"<li>{escape(line)}</li>\n" for line in self.details)
        return f"<details>\n<summary>{escape(self.details_head)}</summary>\n<ul>\n{items}</ul>\n</details>\n"

    def _table(self) -> str:
        body = "".join(self._row(row) for row in self.rows)
        caption = f"<caption>{escape(self.title)}</caption>"
        return f"<table>\n{caption}\n<thead>\n{self._head()}</thead>\n<tbody>\n{body}</tbody>\n</table>\n"

    def _head(self) -> str:
        grouped = bool(self.groups)
        lines = []
        if grouped:
            cells = [f'<th scope="col" class="stub" rowspan="2">{escape(self.stub)}</th>']
            for name, span in self.groups:
                tag = f'<th scope="colgroup" class="group" colspan="{span}">{escape(name)}</th>'
                cells.append(tag if name else f'<td colspan="{span}"></td>')
            lines.append(f"<tr>{''.join(cells)}</tr>\n")
        heads = "".join(
            f'<th scope="col"{" class=text" if c.text else ""}>{escape(c.label)}</th>' for c in self.columns
        )
        stub = "" if grouped else f'<th scope="col" class="stub">{escape(self.stub)}</th>'
        return "".join(lines) + f"<tr>{stub}{heads}</tr>\n"

    def _row(self, row: Row) -> str:
        if row.kind == "head":
            span, mark = len(self.columns) + 1, f" in{row.indent}" if row.indent else ""
            cell = f'<th scope="rowgroup" class="head{mark}" colspan="{span}"><span>{escape(row.label)}</span></th>'
            return f"<tr>{cell}</tr>\n"
        mark = f' class="in{row.indent}"' if row.indent else ""
        cells = "".join(f"<td{self._class(i)}>{escape(cell)}</td>" for i, cell in enumerate(row.cells))
        kind = ' class="total"' if row.kind == "total" else ""
        return f'<tr{kind}><th scope="row"{mark}>{escape(row.label)}</th>{cells}</tr>\n'

    def _class(self, column: int) -> str:
        """The class of a text cell; only columns with long texts may break their lines."""
        if not self.columns[column].text:
            return ""
        return ' class="text long"' if self.is_long(column) else " class=text"

    def to_csv(self) -> str:
        """The printed cells for a spreadsheet: ``;`` between, one head line, heads joined by ``: ``."""
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=";", lineterminator="\n")
        writer.writerow([self.stub, *(f"{c.group}: {c.label}" if c.group else c.label for c in self.columns)])
        for row in self.rows:
            cells = [inert(cell) for cell in row.cells or [""] * len(self.columns)]
            writer.writerow(["  " * row.indent + inert(row.label), *cells])
        for line in [*([self.stamp] if self.stamp else []), *self.lead, *self.details, *self.footer]:
            writer.writerow([line])
        return stream.getvalue()

    def to_json(self) -> str:
        """Everything that is printed, for the programs that write it in other formats (``read_printed``)."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def read_printed(path: str | Path) -> Table:
    """The table that ``Table.to_json`` wrote."""
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    columns = [Column(**column) for column in content.pop("columns")]
    return Table(columns=columns, rows=[Row(**row) for row in content.pop("rows")], **content)


def save_table(table: Table, path: str | Path) -> None:
    """Write ``table`` as the ending of ``path`` says (html, csv, json). Raises ``ValueError`` for another ending."""
    path = Path(path)
    writers = {
        ".html": table.to_html,
        ".csv": lambda: "\N{BYTE ORDER MARK}" + table.to_csv(),
        ".json": table.to_json,
    }
    writer = writers.get(path.suffix)
    if writer is None:
        raise ValueError(f"{path.name}: tables are written as html, csv or json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(writer(), encoding="utf-8", newline="\n")
