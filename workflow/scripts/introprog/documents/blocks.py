"""What a document is made of, in reading order: headings, text, lists, boxes, tables and pictures of one language."""

from collections.abc import Sequence
from dataclasses import dataclass

from introprog.tables import Table


@dataclass(frozen=True)
class Heading:
    """A heading of ``level`` 1 or 2; one of level 1 begins a page unless it says otherwise."""

    text: str
    level: int = 1
    new_page: bool = True


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``style`` is ``body`` or ``lead``."""

    text: str
    style: str = "body"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: Sequence[str]


@dataclass(frozen=True)
class Box:
    """A method box: title, text, and the works it names."""

    title: str
    text: str
    cited: str = ""


@dataclass(frozen=True)
class Printed:
    """A table with its id, under a heading of level 2; one of the report's own has neither id nor heading."""

    id: str
    table: Table


@dataclass(frozen=True)
class Picture:
    """A figure of the run under a heading of level 2; ``svg`` and ``png`` are its files."""

    id: str
    title: str
    caption: str
    alt: str
    svg: str
    png: str


Block = Heading | Paragraph | Bullets | Box | Printed | Picture


@dataclass(frozen=True)
class Document:
    """A whole document; ``stamp`` is the mark of synthetic data, empty for real ones."""

    language: str
    title: str
    lead: str
    stamp: str
    blocks: Sequence[Block]

    @property
    def locale(self) -> str:
        """``nb-NO`` or ``en-GB``."""
        return LOCALES[self.language]


LOCALES = {"nb": "nb-NO", "en": "en-GB"}
