"""The report as a tagged PDF (PDF/UA-1), set by typst from ``workflow/report/report.typ`` and a description in JSON.

Typst gets the texts as data, so nothing in them can be taken for markup; it sees the shipped font only, no date and no
file but those given to it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from introprog.documents.blocks import Block, Document, Picture, Printed
from introprog.documents.widths import in_points, is_wide
from introprog.documents.wording import word_of
from introprog.fonts import FAMILY, FOLDER

STANDARD = "ua-1"
SIZE, SMALL = 7.8, 7.0
# Points between the margins of an upright page and of one across.
PAGE = {False: 470.0, True: 716.0}


def pdf_of(document: Document, template: str) -> bytes:
    """The PDF; ``template`` is typst source that reads ``document.json``.

    Raises ``RuntimeError`` with typst's message and hints when it cannot be set: a fault of the project, not of input.
    """
    blocks = [block for block in document.blocks if isinstance(block, Picture)]
    pictures = {Path(block.svg).name: Path(block.svg).read_bytes() for block in blocks}
    return set_by_typst(template, _description(document), pictures)


def set_by_typst(template: str, description: bytes, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of typst source that reads ``document.json`` (``description``) and ``pictures`` by name.

    Raises ``RuntimeError`` as ``pdf_of`` does.
    """
    import typst

    files = {"main.typ": template.encode("utf-8"), "document.json": description, **(pictures or {})}
    try:
        return typst.compile(
            files, format="pdf", font_paths=[str(FOLDER)], ignore_system_fonts=True, pdf_standards=[STANDARD]
        )
    except typst.TypstError as error:
        raise RuntimeError("; ".join([str(error), *error.hints])) from None


def _description(document: Document) -> bytes:
    content = {
        "language": document.language,
        "region": document.locale[-2:],
        "title": document.title,
        "lead": document.lead,
        "stamp": document.stamp,
        "font": FAMILY,
        "contents": word_of("contents", document.language),
        "page": word_of("page", document.language),
        "blocks": [_block(block) for block in document.blocks],
    }
    return json.dumps(content, ensure_ascii=False).encode("utf-8")


def _block(block: Block) -> Mapping[str, object]:
    described = {"kind": type(block).__name__.lower(), **asdict(block)}
    if isinstance(block, Printed):
        table = block.table
        described["groups"] = table.groups
        across = is_wide(table, SIZE, PAGE[False])
        described["across"], described["size"] = across, SMALL if is_wide(table, SIZE, PAGE[True]) else SIZE
        described["widths"] = in_points(table, described["size"], PAGE[across])
    if isinstance(block, Picture):
        described["svg"] = Path(block.svg).name
    return described
