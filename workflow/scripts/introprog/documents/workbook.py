"""The tables as one Excel file, a sheet each in Statistics Norway's manner: title, stub left, notes, source, symbols.

Figures are numbers in the printed rounding with a number format, suppressed and missing ones their symbol as text. Text
is always written as text: a label that begins with ``=``, ``+``, ``-`` or ``@`` never becomes a formula.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from introprog.documents.printed_number import figure_of
from introprog.documents.widths import letters
from introprog.documents.wording import words_of
from introprog.tables import Column, Row, Table

CREATED = datetime(1980, 1, 1)
FONT = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
NARROWEST = 9


def workbook_bytes(tables: Mapping[str, Table], language: str) -> bytes:
    """An ``.xlsx`` with a sheet of contents and one sheet a table, named by its id, in the order of ``tables``."""
    from xlsxwriter import Workbook

    words = words_of(language)
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = Workbook(stream, options)
    book.set_properties({"title": words["tables"], "created": CREATED})
    formats = _Formats(book)
    _contents(book.add_worksheet(words["contents"]), tables, words, formats)
    for name, table in tables.items():
        _Sheet(book.add_worksheet(name), name, table, words, formats).write()
    book.close()
    return stream.getvalue()


class _Formats:
    """Cell formats by their properties, each made once."""

    def __init__(self, book: object):
        self._book = book
        self._made: dict[tuple, object] = {}

    def __call__(self, **properties: object) -> object:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({**FONT, **properties})
        return self._made[key]


def _contents(sheet: object, tables: Mapping[str, Table], words: Mapping[str, str], formats: _Formats) -> None:
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 95)
    sheet.write_string(0, 0, words["tables"], formats(bold=True, font_size=14))
    stamps = sorted({table.stamp for table in tables.values() if table.stamp})
    for line, stamp in enumerate(stamps, start=1):
        sheet.write_string(line, 0, stamp, formats(bold=True, font_color="#7a3b00"))
    top = len(stamps) + 2
    for column, head in enumerate((words["sheet"], words["title"])):
        sheet.write_string(top, column, head, formats(bold=True, top=2, bottom=1))
    link = formats(font_color="#005A8C", underline=1)
    for line, (name, table) in enumerate(tables.items(), start=top + 1):
        sheet.write_url(line, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_string(line, 1, table.title, formats(text_wrap=True))
    symbols = (words["symbols"], *(words[f"symbol_{key}"] for key in ("hidden", "missing", "nil")), words["rounded"])
    for line, text in enumerate(symbols, start=top + len(tables) + 3):
        sheet.write_string(line, 0, text, formats(bold=text == symbols[0]))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


class _Sheet:
    """One table on its sheet; ``line`` is the next row to be written."""

    def __init__(self, sheet: object, name: str, table: Table, words: Mapping[str, str], formats: _Formats):
        self.sheet, self.name, self.table, self.words, self.formats = sheet, name, table, words, formats
        self.line = 0

    def write(self) -> None:
        table = self.table
        self._line(f"{self.name} {table.title}", bold=True, font_size=12)
        for text in [table.stamp] if table.stamp else []:
            self._line(text, bold=True, font_color="#7a3b00")
        for text in table.lead:
            self._line(text)
        self.line += 1
        first = self.line
        self._head(table.columns)
        self.sheet.freeze_panes(self.line, 1)
        self.sheet.repeat_rows(first, self.line - 1)
        for row in table.rows:
            self._row(row, last=row is table.rows[-1])
        self._notes()
        self._layout()

    def _line(self, text: str, **properties: object) -> None:
        self.sheet.write_string(self.line, 0, text, self.formats(**properties))
        self.line += 1

    def _head(self, columns: Sequence[Column]) -> None:
        style = {"bold": True, "text_wrap": True, "valign": "bottom"}
        groups, at = self.table.groups, 1
        if groups:
            stub = self.formats(**style, top=2, bottom=1)
            self.sheet.merge_range(self.line, 0, self.line + 1, 0, "", stub)
            self.sheet.write_string(self.line, 0, self.table.stub, stub)
            centred = self.formats(**style, top=2, align="center")
            for name, span in groups:
                end = at + span - 1
                if end > at:
                    self.sheet.merge_range(self.line, at, self.line, end, "", centred)
                self.sheet.write_string(self.line, at, name, centred)
                at = end + 1
            self.line += 1
        else:
            self.sheet.write_string(self.line, 0, self.table.stub, self.formats(**style, top=2, bottom=1))
        edges = {"bottom": 1} if groups else {"top": 2, "bottom": 1}
        for at, column in enumerate(columns, start=1):
            side = "left" if column.text else "right"
            self.sheet.write_string(self.line, at, column.label, self.formats(**style, **edges, align=side))
        self.line += 1

    def _row(self, row: Row, last: bool) -> None:
        edge = {"bottom": 2} if last else {}
        bold = {"bold": True} if row.kind in ("head", "total") else {}
        indent = {"indent": row.indent} if row.indent else {}
        self.sheet.write_string(self.line, 0, row.label, self.formats(text_wrap=True, **edge, **bold, **indent))
        for at, (column, cell) in enumerate(zip(self.table.columns, row.cells, strict=False), start=1):
            figure = None if column.text else figure_of(cell, self.table.language)
            if figure is not None:
                style = self.formats(num_format=figure.format, align="right", **edge, **bold)
                self.sheet.write_number(self.line, at, figure.value, style)
            else:
                side = {"align": "left", "text_wrap": True} if column.text else {"align": "right"}
                self.sheet.write_string(self.line, at, cell, self.formats(**side, **edge, **bold))
        if last and row.kind == "head":
            for at in range(1, len(self.table.columns) + 1):
                self.sheet.write_blank(self.line, at, None, self.formats(**edge))
        self.line += 1

    def _notes(self) -> None:
        table, words = self.table, self.words
        self.line += 1
        for text in table.footer:
            self._line(text)
        symbols = "; ".join(words[f"symbol_{key}"] for key in ("hidden", "missing", "nil"))
        self._line(f"{words['symbols']}: {symbols}.")
        self._line(words["rounded"].replace("<id>", self.name))
        if table.details:
            self.line += 1
            self._line(table.details_head, bold=True)
            for text in table.details:
                self._line(text)
        self.line += 1
        link = self.formats(font_color="#005A8C", underline=1)
        self.sheet.write_url(self.line, 0, f"internal:'{words['contents']}'!A1", link, words["back"])

    def _layout(self) -> None:
        for at, count in enumerate(letters(self.table)):
            self.sheet.set_column(at, at, max(count, NARROWEST))
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
