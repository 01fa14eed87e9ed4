"""Word files, the whole report and single tables: Word's own headings, captions, contents, alt texts and language.

Captions are of the style Caption with a field that counts, so that Word can list them and refer to them.
"""

import io
from collections.abc import Mapping
from datetime import datetime

from docx import Document as new_document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shape import InlineShape
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from introprog.documents.blocks import LOCALES, Block, Box, Bullets, Document, Heading, Paragraph, Picture, Printed
from introprog.documents.steady_zip import without_clock
from introprog.documents.widths import is_wide
from introprog.documents.word_fields import add_contents, add_count, add_page_number, bookmark
from introprog.documents.word_table import POINT, TEXT_STYLE, half_points, table_xml
from introprog.documents.wording import word_of
from introprog.labels import Labels
from introprog.tables import Table

FONT = "Calibri"
INK, BROWN, GREY = RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x7A, 0x3B, 0x00), RGBColor(0x40, 0x40, 0x40)
CREATED = datetime(1980, 1, 1)
LONG_SIDE, SHORT_SIDE, MARGIN = 29.7, 21.0, 2.0
TWIPS_A_CM = 567


def document_bytes(document: Document) -> bytes:
    """The report as ``.docx``."""
    word = _empty(document.language, document.title, document.stamp)
    word.add_paragraph(document.title, style="Title")
    word.add_paragraph(document.lead)
    writer = _Writer(word, document.language)
    if document.stamp:
        writer.stamp(document.stamp)
    writer.contents(word_of("contents", document.language), document.blocks)
    for block in document.blocks:
        writer.add(block)
    return _saved(word, writer.pictures)


def table_bytes(name: str, table: Table) -> bytes:
    """One table with its caption and notes as ``.docx``; on a page across where it is wide."""
    word = _empty(table.language, f"{name} {table.title}", "")
    writer = _Writer(word, table.language)
    if _is_wide(table):
        writer.turn(across=True, fresh=False)
    writer.table(table, f"{name} {table.title}")
    return _saved(word)


def _saved(word: WordDocument, pictures: Mapping[str, bytes] | None = None) -> bytes:
    stream = io.BytesIO()
    word.save(stream)
    return without_clock(stream.getvalue(), pictures)


def _empty(language: str, title: str, stamp: str) -> WordDocument:
    word = new_document()
    about = word.core_properties
    about.title, about.language, about.author, about.comments = title, LOCALES[language], "introprog", ""
    about.created = about.modified = CREATED
    about.last_modified_by, about.revision = "introprog", 1
    _styles(word, LOCALES[language])
    section = word.sections[0]
    section.page_width, section.page_height = Cm(SHORT_SIDE), Cm(LONG_SIDE)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(MARGIN))
    if stamp:
        run = section.header.paragraphs[0].add_run(stamp)
        run.bold, run.font.size, run.font.color.rgb = True, Pt(8), BROWN
    add_page_number(section.footer.paragraphs[0])
    return word


def _styles(word: WordDocument, locale: str) -> None:
    defaults = word.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    spoken = defaults.find(qn("w:lang"))
    if spoken is None:
        spoken = OxmlElement("w:lang")
        defaults.append(spoken)
    spoken.set(qn("w:val"), locale)
    sizes = {"Normal": 10.5, "Title": 24, "Heading 1": 17, "Heading 2": 12.5, "Caption": 9.5, "List Bullet": 10.5}
    for name, size in sizes.items():
        font = word.styles[name].font
        font.name, font.size, font.color.rgb = FONT, Pt(size), INK
        fonts = word.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for theme in [key for key in fonts.attrib if key.lower().endswith("theme")]:
            del fonts.attrib[theme]
    word.styles["Caption"].paragraph_format.keep_with_next = True
    for name, size in ((TEXT_STYLE, 8.5), ("Notes", 8)):
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        style.font.size = Pt(size)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(1)
        style.paragraph_format.line_spacing = 1.0
    word.styles["Notes"].font.color.rgb = GREY


class _Writer:
    """Adds blocks to a Word document; counts tables and figures for their captions."""

    def __init__(self, word: WordDocument, language: str):
        self.word, self.labels = word, Labels(language)
        self.counts = {"table": 0, "figure": 0}
        self.marks = 0
        self.across = False
        self.styles: dict[str, str | None] = {}
        self.pictures: dict[str, bytes] = {}

    def contents(self, head: str, blocks: list[Block]) -> None:
        self.paragraph(head, style="Title").runs[0].font.size = Pt(17)
        titles = [title for title in map(_title, blocks) if title]
        add_contents(self.word, titles)

    def paragraph(self, text: str = "", style: str | None = None) -> WordParagraph:
        """A new paragraph at the end; each style is looked up once, since python-docx goes through all of them."""
        paragraph = self.word.add_paragraph(text)
        if style is not None:
            if style not in self.styles:
                self.styles[style] = self.word.part.get_style_id(style, WD_STYLE_TYPE.PARAGRAPH)
            paragraph._p.style = self.styles[style]
        return paragraph

    def add(self, block: Block) -> None:
        match block:
            case Heading():
                self.heading(block.text, block.level, block.new_page and block.level == 1)
            case Paragraph():
                self._upright().paragraph().add_run(block.text).bold = block.style == "lead"
            case Bullets():
                for item in block.items:
                    self._upright().paragraph(item, style="List Bullet")
            case Box():
                self.box(block)
            case Printed():
                self.printed(block)
            case Picture():
                self.picture(block)

    def heading(self, text: str, level: int, new_page: bool = False) -> None:
        paragraph = (self._upright() if level == 1 else self).paragraph(text, style=f"Heading {level}")
        paragraph.paragraph_format.page_break_before = new_page
        self.marks += 1
        bookmark(paragraph, self.marks)

    def stamp(self, text: str) -> None:
        run = self.paragraph().add_run(text)
        run.bold, run.font.color.rgb = True, BROWN

    def box(self, block: Box) -> None:
        for text, bold, style in (
            (block.title, True, "Normal"),
            (block.text, False, "Normal"),
            (block.cited, False, "Notes"),
        ):
            if text:
                paragraph = self._upright().paragraph(style=style)
                paragraph.add_run(text).bold = bold
                paragraph.paragraph_format.left_indent = Cm(0.6)
                paragraph.paragraph_format.keep_with_next = bold

    def picture(self, block: Picture) -> None:
        self._upright()
        self.heading(f"{block.id} {block.title}", 2)
        paragraph = self.paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = self._shape(paragraph, block.png)
        tallest = Cm(LONG_SIDE - 2 * MARGIN - 3.5)
        if shape.height > tallest:
            shape.width, shape.height = round(shape.width * tallest / shape.height), tallest
        about = shape._inline.docPr
        about.set("descr", block.alt)
        about.set("title", block.title)
        caption = self._caption("figure", f"{block.id} {block.title}. {block.caption}".replace("?.", "?"))
        caption.paragraph_format.keep_with_next = False

    def _shape(self, paragraph: WordParagraph, path: str) -> InlineShape:
        """The picture as wide as the text.

        The part that holds it stays empty until the file is written (``pictures``). python-docx would read all pictures
        so far for each new one, in case it is one of them, and number it by all ids of the document.
        """
        image, number = Image.from_file(path), len(self.pictures) + 1
        name = PackURI(f"/word/media/image{number}.{image.ext}")
        self.pictures[name.membername] = image.blob
        relation = self.word.part.relate_to(ImagePart(name, image.content_type, b""), RELATIONSHIP_TYPE.IMAGE)
        size = image.scaled_dimensions(Cm(SHORT_SIDE - 2 * MARGIN), None)
        inline = CT_Inline.new_pic_inline(number, relation, image.filename, *size)
        paragraph.add_run()._r.add_drawing(inline)
        return InlineShape(inline)

    def printed(self, block: Printed) -> None:
        self.turn(across=_is_wide(block.table))
        if block.id:
            self.heading(f"{block.id} {block.table.title}", 2)
        self.table(block.table, f"{block.id} {block.table.title}".strip())

    def table(self, table: Table, title: str) -> None:
        if table.stamp:
            self.stamp(table.stamp)
        for line in table.lead:
            self.paragraph(line)
        self._caption("table", title)
        width = (LONG_SIDE if self.across else SHORT_SIDE) - 2 * MARGIN
        xml = table_xml(table, round(width * TWIPS_A_CM), nsdecls("w"))
        self.word.element.body.insert_element_before(parse_xml(xml), "w:sectPr")
        for line in table.footer:
            self.paragraph(line, style="Notes")
        if table.details:
            self.paragraph(style="Notes").add_run(table.details_head).bold = True
        for line in table.details:
            self.paragraph(line, style="Notes")

    def turn(self, across: bool, fresh: bool = True) -> None:
        """Pages across or upright, from a new page on; ``fresh`` false turns the page that is being written."""
        if across == self.across:
            return
        section = self.word.add_section(WD_SECTION.NEW_PAGE) if fresh else self.word.sections[-1]
        section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
        sides = (LONG_SIDE, SHORT_SIDE) if across else (SHORT_SIDE, LONG_SIDE)
        section.page_width, section.page_height = map(Cm, sides)
        self.across = across

    def _upright(self) -> "_Writer":
        self.turn(across=False)
        return self

    def _caption(self, kind: str, text: str) -> WordParagraph:
        self.counts[kind] += 1
        paragraph = self.paragraph(style="Caption")
        name = self.labels.term(f"word.{kind}")
        paragraph.add_run(f"{name} ")
        add_count(paragraph, name, self.counts[kind])
        paragraph.add_run(f". {text}")
        return paragraph


def _is_wide(table: Table) -> bool:
    return is_wide(table, half_points(table) / 2, (SHORT_SIDE - 2 * MARGIN) * TWIPS_A_CM / POINT)


def _title(block: Block) -> tuple[str, int] | None:
    """Text and level of the heading that a block brings, as ``_Writer`` writes it."""
    if isinstance(block, Heading):
        return block.text, block.level
    if isinstance(block, Picture):
        return f"{block.id} {block.title}", 2
    if isinstance(block, Printed) and block.id:
        return f"{block.id} {block.table.title}", 2
    return None
