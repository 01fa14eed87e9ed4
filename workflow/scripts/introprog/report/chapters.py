"""The displays of a run as chapters: which letter they belong to, in the order of their ids, with files read in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from introprog.data_kind import data_kind
from introprog.labels import Labels
from introprog.report.embedding import Numbers, Printed, compact_svg, data_uri, head_of_csv, table_parts

LETTERS = "ABCDEF"
LEDGER = "G"
ROWS = 60
ID = re.compile(r"(?P<form>[FT])-(?P<letter>[A-G])(?P<number>\d+)(?P<suffix>-.*)?")
SIZE = re.compile(r'viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"')


@dataclass(frozen=True)
class Shown:
    """One figure or table; what only the page shows of it is read when the page asks: documents have their own files.

    ``csv_file`` is its twin, of which ``rows`` are shown in the page; ``file`` its SVG or HTML.
    """

    id: str
    form: str
    title: str
    alt: str
    rule: str
    data: str
    stamp: str
    csv_file: str
    file: str
    rows: int
    caption: str = ""

    @property
    def letter(self) -> str:
        return self.id[2]

    @cached_property
    def _twin(self) -> str:
        return Path(self.csv_file).read_text(encoding="utf-8")

    @property
    def csv(self) -> str:
        """The whole twin as a data address."""
        return data_uri("text/csv", self._twin)

    @cached_property
    def numbers(self) -> Numbers:
        """The first rows of the twin."""
        return head_of_csv(self._twin, self.rows)

    @cached_property
    def _svg(self) -> str:
        return compact_svg(Path(self.file).read_text(encoding="utf-8"))

    @property
    def picture(self) -> str:
        """The picture of a figure as a data address; empty for a table."""
        return data_uri("image/svg+xml", self._svg) if self.form == "figure" else ""

    @property
    def width(self) -> int:
        return self._side("width")

    @property
    def height(self) -> int:
        return self._side("height")

    def _side(self, name: str) -> int:
        """Of a figure, in pixels of a page."""
        return round(float(SIZE.search(self._svg)[name]) * 4 / 3)

    @cached_property
    def printed(self) -> Printed | None:
        """The pieces of a table; None for a figure."""
        return None if self.form == "figure" else table_parts(Path(self.file).read_text(encoding="utf-8"))


def order_of(display: str) -> tuple:
    """Sorting key of an id: letter, number, suffix, then figures before tables.

    Raises ``ValueError`` for what is no id of a display.
    """
    match = ID.fullmatch(display)
    if match is None:
        raise ValueError(f"{display!r} is no id of a display")
    return match["letter"], int(match["number"]), match["suffix"] or "", match["form"]


def read_display(
    display: str, entry: Mapping, files: Sequence[str], labels: Labels, settings: Mapping, rows: int = ROWS
) -> Shown:
    """A display of the registry in one language, from its CSV twin and its SVG or HTML among ``files``.

    ``entry`` is the registry's, with ``rule`` added; ``rows`` of the twin are shown in the page, all of them saved.
    """
    named = {Path(path).name: path for path in files}
    kind = data_kind(entry, settings)
    ending = "html" if entry["form"] == "table" else "svg"
    return Shown(
        id=display,
        form=entry["form"],
        title=labels.pick(entry["title"]),
        alt=labels.pick(entry["alt"]),
        rule=entry["rule"],
        data=kind,
        stamp=labels.term(f"stamp.{kind}"),
        csv_file=named[f"{display}.csv"],
        file=named[f"{display}_{labels.language}.{ending}"],
        rows=rows,
        caption=labels.pick(entry["caption"]),
    )


def by_letter(shown: Sequence[Shown]) -> dict[str, list[Shown]]:
    """The displays of every chapter A-F and of the ledger of claims in the order of their ids; a list is empty where
    the run has none."""
    ordered = sorted(shown, key=lambda one: order_of(one.id))
    return {letter: [one for one in ordered if one.letter == letter] for letter in (*LETTERS, LEDGER)}
