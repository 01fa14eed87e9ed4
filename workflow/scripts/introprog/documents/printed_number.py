"""A printed figure as a number and the spreadsheet format that prints it alike; what is no plain figure stays text.

Numbers come from the printed cell, not from the unrounded data behind it: a file can then never say more than the page.
"""

import re
from dataclasses import dataclass

from introprog.labels import MINUS, NBSP

THOUSANDS = {"nb": NBSP, "en": ","}
POINT = {"nb": ",", "en": "."}


@dataclass(frozen=True)
class Figure:
    """A number and its number format in the notation of spreadsheets, which does not depend on a language."""

    value: float
    format: str


def _pattern(language: str) -> re.Pattern:
    thousands, point = (re.escape(signs[language]) for signs in (THOUSANDS, POINT))
    whole = rf"(?:[1-9]\d{{0,2}}(?:{thousands}\d{{3}})+|[1-9]\d*|0)"
    return re.compile(rf"(?P<sign>[+{MINUS}]?)(?P<whole>{whole})(?:{point}(?P<part>\d+))?(?P<percent>{NBSP}?%)?")


PATTERNS = {language: _pattern(language) for language in THOUSANDS}


def figure_of(text: str, language: str) -> Figure | None:
    """The figure that ``text`` prints in ``language`` (nb, en), as ``labels.Labels`` prints one; None for all else.

    Codes with a leading zero, symbols, intervals and figures with words are text.
    """
    match = PATTERNS[language].fullmatch(text)
    if match is None:
        return None
    whole, part = match["whole"], match["part"] or ""
    places = len(part) + (2 if match["percent"] else 0)
    digits = int(whole.replace(THOUSANDS[language], "") + part)
    value = digits / 10**places * (-1 if match["sign"] == MINUS else 1)
    form = ("#,##0" if THOUSANDS[language] in whole else "0") + (f".{'0' * len(part)}" if part else "")
    form += match["percent"].replace(NBSP, " ") if match["percent"] else ""
    if match["sign"]:
        form = f'{"+" if match["sign"] == "+" else ""}{form};"{MINUS}"{form};{form}'
    return Figure(value if places else int(value), form)
