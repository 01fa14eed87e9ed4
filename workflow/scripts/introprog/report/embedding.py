"""Pictures, tables and numbers of the displays in the form in which one self-contained page carries them."""

import csv
import io
import re
from dataclasses import dataclass
from string import ascii_letters, digits
from urllib.parse import quote

NUMBER = re.compile(r"-?\d+\.\d{3,}")
PLACES = re.compile(r'\s(?:d|points|x|y|x1|x2|y1|y2|cx|cy)="[^"]*"|translate\([^)]*\)')
PATH = re.compile(r'\sd="[^"]*"')
NEXT = re.compile(r"(?<=\d)L")
SIGN = re.compile(r"(?<=\d) (?=-)")
# Neither markup of the page nor a part of an address.
PLAIN = " ,:;=()/-.+*!?@$"
UNRESERVED = frozenset(f"{ascii_letters}{digits}_~{PLAIN}")
COMMAND = re.compile(r"(?<=[\d\s\"])\s*([MLQCzZ])\s*")
DROPPED = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", re.S)
TABLE = re.compile(r'<div class="scroll".*?>\n(?P<table><table>.*?</table>)\n</div>', re.S)
LEAD = re.compile(r'<p class="lead">(.*?)</p>', re.S)
DETAILS = re.compile(r"<details>\n<summary>(?P<head>.*?)</summary>\n<ul>\n(?P<lines>.*?)</ul>", re.S)
FOOT = re.compile(r'<div class="foot">\n(?P<lines>.*?)</div>', re.S)


@dataclass(frozen=True)
class Printed:
    """A printed table in pieces of HTML: paragraphs above it, the table, a list that opens below it, footer lines."""

    lead: tuple[str, ...]
    table: str
    details_head: str
    details: tuple[str, ...]
    foot: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """The first rows of a CSV twin as text; ``total`` counts all its rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int

    @property
    def complete(self) -> bool:
        return len(self.rows) == self.total


def compact_svg(text: str) -> str:
    """The picture without comments, metadata and more than two decimals (a hundredth of a point) in coordinates.

    Title and description stay, so that a saved copy still says what it shows.
    """
    text = PLACES.sub(lambda part: NUMBER.sub(_rounded, part.group()), DROPPED.sub("", text))
    text = PATH.sub(lambda part: _terse(part.group()), text)
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", text)).strip()


def _terse(path: str) -> str:
    """A path without spaces that say nothing, and without the letter of a line that follows a move or a line."""
    tight = COMMAND.sub(r"\1", path)
    lines = re.sub(r"(?<=[ML])[^MLQCZz\"]+(?:L[^MLQCZz\"]+)+", lambda part: NEXT.sub(" ", part.group()), tight)
    return SIGN.sub("", lines)


def _rounded(match: re.Match) -> str:
    short = f"{float(match.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def data_uri(media: str, text: str) -> str:
    """``text`` as an address that needs no file and no network; UTF-8, a fifth shorter than in base 64."""
    # the sign of escapes first; by character, since pictures are long and hold few that must be escaped
    for character in sorted(set(text) - UNRESERVED, key=lambda one: (one != "%", one)):
        text = text.replace(character, quote(character))
    return f"data:{media};charset=utf-8,{text}"


def table_parts(page: str) -> Printed:
    """The pieces of a page that ``introprog.tables`` wrote.

    Raises ``ValueError`` when the page has no such table: that is a fault of the pipeline, not of the input.
    """
    table, foot, details = TABLE.search(page), FOOT.search(page), DETAILS.search(page)
    if table is None or foot is None:
        raise ValueError("not a page of introprog.tables: no table or no footer found")
    return Printed(
        lead=tuple(LEAD.findall(page)),
        table=table["table"],
        details_head=details["head"] if details else "",
        details=tuple(re.findall(r"<li>(.*?)</li>", details["lines"], re.S)) if details else (),
        foot=tuple(re.findall(r"<p>(.*?)</p>", foot["lines"], re.S)),
    )


def head_of_csv(text: str, rows: int) -> Numbers:
    """The first ``rows`` rows of a CSV twin, as written."""
    lines = list(csv.reader(io.StringIO(text)))
    body = lines[1:]
    return Numbers(tuple(lines[0]), tuple(tuple(line) for line in body[:rows]), len(body))
