"""The displays of a run as chapters: which letter they belong to, in the order of their ids, with files read in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """One figure or table as the page shows it; ``picture`` is a data address."""

    id: str
    form: str
    title: str
    alt: str
    rule: str
    data: str
    stamp: str
    csv_file: str
    csv: str
    numbers: Numbers
    caption: str = ""
    picture: str = ""
    width: int = 0
    height: int = 0
    printed: Printed | None = None

    @property
    def letter(self) -> str:
        return self.id[2]


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
    twin = named[f"{display}.csv"]
    text = Path(twin).read_text(encoding="utf-8")
    kind = data_kind(entry, settings)
    values = {
        "id": display,
        "form": entry["form"],
        "title": labels.pick(entry["title"]),
        "alt": labels.pick(entry["alt"]),
        "rule": entry["rule"],
        "data": kind,
        "stamp": labels.term(f"stamp.{kind}"),
        "csv_file": twin,
        "csv": data_uri("text/csv", text),
        "numbers": head_of_csv(text, rows),
        "caption": labels.pick(entry["caption"]),
    }
    if entry["form"] == "table":
        page = Path(named[f"{display}_{labels.language}.html"]).read_text(encoding="utf-8")
        return Shown(**values, printed=table_parts(page))
    picture = compact_svg(Path(named[f"{display}_{labels.language}.svg"]).read_text(encoding="utf-8"))
    size = SIZE.search(picture)
    width, height = (round(float(size[side]) * 4 / 3) for side in ("width", "height"))
    address = data_uri("image/svg+xml", picture)
    return Shown(**values, picture=address, width=width, height=height)


def by_letter(shown: Sequence[Shown]) -> dict[str, list[Shown]]:
    """The displays of every chapter A-F and of the ledger of claims in the order of their ids; a list is empty where
    the run has none."""
    ordered = sorted(shown, key=lambda one: order_of(one.id))
    return {letter: [one for one in ordered if one.letter == letter] for letter in (*LETTERS, LEDGER)}
