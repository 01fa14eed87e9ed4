"""The report as a document for reading from front to back: the sentences, chapters and displays of the HTML page.

Built from the same gathered ``Report``, so that no format says anything that another does not. The page's search for a
municipality and its folded numbers stay with the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from introprog.documents.blocks import Block, Box, Bullets, Document, Heading, Paragraph, Picture, Printed
from introprog.report.chapters import Shown
from introprog.report.content import Chapter, Report
from introprog.report.definitions import HEADS
from introprog.report.wording import Statement
from introprog.tables import Column, Row, Table, read_printed

ORDER = ("order", "code", "label", "requires", "group")


def document_of(report: Report, files: Sequence[str]) -> Document:
    """The report as blocks; ``files`` holds the JSON of every table and the SVG and PNG of every figure.

    Raises ``KeyError`` when a display of the report has no file there.
    """
    named = {Path(path).name: path for path in files}
    blocks = [
        *_summary(report),
        *_claims(report, named),
        *(block for chapter in report.chapters for block in _chapter(report, chapter, named)),
        *_quality(report),
        *_definitions(report),
        *_references(report),
    ]
    return Document(report.language, report.word("page.title"), report.word("page.lead"), report.stamp, blocks)


def _said(report: Report, statement: Statement) -> str:
    """A computed sentence and the displays of the document that show the same."""
    shown = [one for one in statement.displays if one in report.ids]
    return f"{statement.text} {report.word('page.see')} {', '.join(shown)}." if shown else statement.text


def _summary(report: Report) -> Iterator[Block]:
    yield Heading(report.word("page.summary"))
    for question, said in report.summary.items():
        yield Heading(report.word(f"questions.{question}"), 2)
        yield Bullets([_said(report, one) for one in said])
    yield Heading(report.word("page.reading"), 2)
    # the first line speaks of buttons that only a page has
    yield Bullets(list(report.word("page.reading_text"))[1:])


def _claims(report: Report, named: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(report.word("page.claims"))
    yield Paragraph(report.word("page.claims_lead"))
    for claim in report.claims:
        yield Paragraph(f"{claim.id} {claim.who}: {claim.text}", "lead")
        verdicts = list(claim.verdicts) or [report.word("page.not_in_run")]
        yield Bullets([*verdicts, *(_said(report, one) for one in claim.said)])
    yield from (_display(one, report.language, named) for one in report.ledger)


def _chapter(report: Report, chapter: Chapter, named: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(f"{chapter.letter} {chapter.words['title']}")
    yield Paragraph(chapter.words["intro"])
    if chapter.said:
        yield Bullets([_said(report, one) for one in chapter.said])
    for box in chapter.words["boxes"]:
        works = [report.references[key]["text"].split(").")[0] + ")" for key in box["references"]]
        yield Box(f"{report.word('page.method')}: {box['title']}", box["text"], "; ".join(works))
    if not chapter.shown:
        yield Paragraph(report.word("page.no_displays"))
    yield from (_display(one, report.language, named) for one in chapter.shown)


def _display(one: Shown, language: str, named: Mapping[str, str]) -> Block:
    if one.form == "table":
        return Printed(one.id, read_printed(named[f"{one.id}_{language}.json"]))
    svg, png = (named[f"{one.id}_{language}.{ending}"] for ending in ("svg", "png"))
    return Picture(one.id, one.title, one.caption, one.alt, svg, png)


def _quality(report: Report) -> Iterator[Block]:
    for head, keys in (("page.quality", ("flow", "quality")), ("page.reconciliation", ("reconciliation",))):
        yield Heading(report.word(head), new_page=head == "page.quality")
        found = [_said(report, report.said[key]) for key in keys if key in report.said]
        yield Bullets(found or [report.word("page.not_in_run")])


def _definitions(report: Report) -> Iterator[Block]:
    yield Heading(report.word("page.definitions"), new_page=False)
    yield Paragraph(report.word("page.definitions_lead"))
    columns = [Column(report.word(f"definition.{head}"), text=True) for head in HEADS]
    rows = [Row(row["label"], row["cells"]) for row in report.definitions]
    title, stub = report.word("page.definitions"), report.word("definition.name")
    yield Printed("", Table(report.language, title, stub, columns, rows))
    yield Heading(report.word("page.precedence"), 2)
    yield Paragraph(report.word("page.precedence_lead"))
    heads = [report.word(f"precedence.{head}") for head in ORDER]
    columns = [Column(head, text=True) for head in heads[1:]]
    rows = [Row(str(line[0]), [str(cell) for cell in line[1:]]) for line in report.precedence]
    yield Printed("", Table(report.language, report.word("page.precedence"), heads[0], columns, rows))


def _references(report: Report) -> Iterator[Block]:
    yield Heading(report.word("page.references"))
    yield Bullets([f"{work['text']} https://doi.org/{work['doi']}" for work in report.references.values()])
