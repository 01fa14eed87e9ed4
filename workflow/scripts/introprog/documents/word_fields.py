"""Fields that Word keeps up to date: the table of contents, counts in captions and page numbers, with bookmarks.

Each carries the result that it has now, so that a reader sees it without updating anything.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm
from docx.text.paragraph import Paragraph

CONTENTS = r' TOC \o "1-2" \h \z \u '


def _mark(number: int) -> str:
    return f"_Toc{number:06d}"


def bookmark(paragraph: Paragraph, number: int) -> None:
    """Name a heading so that the contents can lead to it; headings are numbered from 1 in their order."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _mark(number))
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)


def add_contents(document: Document, titles: Sequence[tuple[str, int]]) -> None:
    """A table of contents with a link to every heading (text, level) in order; Word adds the pages when it updates."""
    for number, (text, level) in enumerate(titles, start=1):
        paragraph = document.add_paragraph(style="Normal")
        paragraph.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        paragraph.paragraph_format.space_after = 0
        if number == 1:
            for part in ("begin", "instr", "separate"):
                paragraph._p.append(_part(part, CONTENTS))
        link = (
            f'<w:hyperlink {nsdecls("w")} w:anchor="{_mark(number)}" w:history="1">'
            f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:hyperlink>'
        )
        paragraph._p.append(parse_xml(link))
        if number == len(titles):
            paragraph._p.append(_part("end", ""))


def add_count(paragraph: Paragraph, name: str, count: int) -> None:
    """The running number of a caption of the kind ``name``."""
    _field(paragraph, rf" SEQ {name} \* ARABIC ", str(count))


def add_page_number(paragraph: Paragraph) -> None:
    """The number of the page, in the middle."""
    paragraph.alignment = 1
    _field(paragraph, " PAGE ", "1")


def _field(paragraph: Paragraph, instruction: str, result: str) -> None:
    for part in ("begin", "instr", "separate"):
        paragraph._p.append(_part(part, instruction))
    paragraph.add_run(result)
    paragraph._p.append(_part("end", ""))


def _part(part: str, instruction: str) -> object:
    inside = (
        f'<w:instrText xml:space="preserve">{escape(instruction)}</w:instrText>'
        if part == "instr"
        else f'<w:fldChar w:fldCharType="{part}"/>'
    )
    return parse_xml(f"<w:r {nsdecls('w')}>{inside}</w:r>")
