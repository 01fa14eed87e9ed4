"""Reads printed tables back from the files that people take further, so that tests can set them side by side.

Every reader gives the lines of the body: the label of the stub and the printed cells; a line between groups has its
label alone. Figures of a workbook come back as numbers.
"""

import csv
import io
import re
from html import unescape
from html.parser import HTMLParser

from introprog.documents.latex import ESCAPES

COMMANDS = re.compile(r"\\(?:hspace\*\{\d+em\}|textbf\{)")


def lines_of(table):
    """What is to be read back."""
    return [[row.label] if row.kind == "head" else [row.label, *row.cells] for row in table.rows]


class _Body(HTMLParser):
    def __init__(self):
        super().__init__()
        self.inside, self.lines, self.cell = False, [], None

    def handle_starttag(self, tag, attrs):
        if tag == "tbody":
            self.inside = True
        if self.inside and tag == "tr":
            self.lines.append([])
        if self.inside and tag in ("td", "th"):
            self.lines[-1].append("")
            self.cell = True

    def handle_endtag(self, tag):
        if tag == "tbody":
            self.inside = False
        if tag in ("td", "th"):
            self.cell = None

    def handle_data(self, data):
        if self.inside and self.cell:
            self.lines[-1][-1] += data


def lines_of_html(page):
    reader = _Body()
    reader.feed(page)
    return reader.lines


def lines_of_csv(text, count):
    """The first ``count`` lines below the head."""
    return [line for line in csv.reader(io.StringIO(text.lstrip("\N{BYTE ORDER MARK}")), delimiter=";")][1 : count + 1]


def lines_of_word(table):
    """``table`` is one of ``docx.Document(...).tables``; lines that repeat on every page are its head."""
    lines = []
    for row in table.rows:
        if row._tr.trPr is not None and row._tr.trPr.xpath("w:tblHeader"):
            continue
        lines.append(["".join(cell.xpath(".//w:t/text()")) for cell in row._tr.tc_lst])
    return lines


def sheet_of(content, name):
    """Rows of a sheet as python-calamine reads them."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _plain(text):
    text = COMMANDS.sub(lambda m: "\x00" if m.group() == "\\textbf{" else "", text)
    for sign, source in sorted(ESCAPES.items(), key=lambda item: -len(item[1])):
        text = text.replace(source, f"\x01{ord(sign)}\x02")
    text = text.replace("\x00", "").replace("}", "")
    return re.sub(r"\x01(\d+)\x02", lambda m: chr(int(m.group(1))), text)


def check_latex(source):
    """Asserts that braces and environments close, and that every line of a table has as many columns as its head."""
    text = re.sub(r"(?<!\\)%.*", "", source)
    bare = text.replace(r"\\", "").replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for sign in bare:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    open_ones = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert open_ones == []
    assert not re.search(r"(?<!\\)[#$_^]", text.replace(r"\ensuremath{^{2}}", "").replace(r"\ensuremath{^{3}}", ""))
    assert text.isprintable() or all(sign.isprintable() or sign == "\n" for sign in text)


def lines_of_latex(source):
    """Lines between the last head rule and the bottom rule."""
    check_latex(source)
    body = source.rpartition("\\endhead" if "\\endhead" in source else "\\midrule")[2].partition("\\bottomrule")[0]
    lines = []
    for line in body.strip().split("\n"):
        assert line.endswith(r" \\"), line
        line = line.removesuffix(r" \\")
        span = re.fullmatch(r"\\multicolumn\{(\d+)\}\{@\{\}l\}\{(.*)\}", line)
        parts = [span[2]] if span else re.split(r"(?<!\\)&", line)
        lines.append([_plain(part).strip(" ") for part in parts])
    return lines


def unescaped(text):
    """Text of a page without its entities."""
    return unescape(text)
