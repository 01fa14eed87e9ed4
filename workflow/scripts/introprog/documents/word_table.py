"""A printed table as WordprocessingML: real header rows that repeat, spans, indents, and a description for readers.

Built as XML in one go: cell by cell, python-docx takes a hundred times as long for a table of three hundred lines.
"""

from xml.sax.saxutils import escape, quoteattr

from introprog.documents.widths import in_points
from introprog.tables import Column, Row, Table

POINT = 20
INDENT = 220
TEXT_STYLE = "TableText"
RULE = '<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="1A1A1A"/>'


def table_xml(table: Table, width: int, namespace: str) -> str:
    """``<w:tbl>`` for ``table``, at most ``width`` twentieths of a point wide; ``namespace`` declares ``w``."""
    size = half_points(table)
    widths = [round(POINT * w) for w in in_points(table, size / 2, width / POINT)]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    rules = "".join(RULE.format(side=side, size=8) for side in ("top", "bottom"))
    properties = (
        f'<w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{rules}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="50" w:type="dxa"/><w:right w:w="50" w:type="dxa"/>'
        '</w:tblCellMar><w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" '
        'w:noHBand="0" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(table.title)}/></w:tblPr>"
    )
    writer = _Rows(table, widths, size)
    body = "".join(writer.body(row) for row in table.rows)
    return f"<w:tbl {namespace}>{properties}<w:tblGrid>{grid}</w:tblGrid>{writer.head()}{body}</w:tbl>"


def half_points(table: Table) -> int:
    """Type size in half points, smaller where there are many columns."""
    return 13 if len(table.columns) > 9 else 15 if len(table.columns) > 6 else 17


class _Rows:
    """Writes the rows of one table; ``size`` is in half points."""

    def __init__(self, table: Table, widths: list[int], size: int):
        self.table, self.widths, self.size = table, widths, size

    def head(self) -> str:
        table = self.table
        if not table.groups:
            cells = [(table.stub, Column("", text=True)), *((c.label, c) for c in table.columns)]
            line = "".join(
                self._cell(at, text, side=_side(column), bold=True, under=4) for at, (text, column) in enumerate(cells)
            )
            return self._row(line, repeated=True)
        spans = [self._cell(0, table.stub, bold=True, merge="restart")]
        at = 1
        for name, span in table.groups:
            spans.append(self._cell(at, name, span=span, side="center", bold=True, under=2 if name else 0))
            at += span
        heads = [self._cell(0, "", merge="continue", under=4)] + [
            self._cell(at, column.label, side=_side(column), bold=True, under=4)
            for at, column in enumerate(table.columns, start=1)
        ]
        return self._row("".join(spans), repeated=True) + self._row("".join(heads), repeated=True)

    def body(self, row: Row) -> str:
        if row.kind == "head":
            cell = self._cell(0, row.label, span=len(self.widths), bold=not row.indent, indent=row.indent, follows=True)
            return self._row(cell)
        bold = row.kind == "total"
        cells = [self._cell(0, row.label, bold=bold, indent=row.indent)]
        cells += [
            self._cell(at, text, side=_side(column), bold=bold)
            for at, (column, text) in enumerate(zip(self.table.columns, row.cells, strict=True), start=1)
        ]
        return self._row("".join(cells))

    def _row(self, cells: str, repeated: bool = False) -> str:
        mark = "<w:tblHeader/>" if repeated else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{mark}</w:trPr>{cells}</w:tr>"

    def _cell(
        self,
        at: int,
        text: str,
        span: int = 1,
        side: str = "left",
        bold: bool = False,
        indent: int = 0,
        under: int = 0,
        merge: str = "",
        follows: bool = False,
    ) -> str:
        width = sum(self.widths[at : at + span])
        cell = f'<w:tcW w:w="{width}" w:type="dxa"/>' + (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "")
        cell += f'<w:vMerge w:val="{merge}"/>' if merge else ""
        cell += f"<w:tcBorders>{RULE.format(side='bottom', size=under)}</w:tcBorders>" if under else ""
        cell += '<w:vAlign w:val="bottom"/>' if under else ""
        place = f'<w:pStyle w:val="{TEXT_STYLE}"/>' + ("<w:keepNext/>" if follows else "")
        place += f'<w:ind w:left="{indent * INDENT}"/>' if indent else ""
        place += f'<w:jc w:val="{side}"/>' if side != "left" else ""
        look = ("<w:b/>" if bold else "") + f'<w:sz w:val="{self.size}"/>'
        words = f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""
        return f"<w:tc><w:tcPr>{cell}</w:tcPr><w:p><w:pPr>{place}</w:pPr>{words}</w:p></w:tc>"


def _side(column: Column) -> str:
    return "left" if column.text else "right"
