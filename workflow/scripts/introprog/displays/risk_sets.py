"""The persons behind the points of a line chart, in rows of numbers under its axis."""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.displays.context import Context
from introprog.house_style import Page
from introprog.labels import HIDDEN

Line = tuple[str, str, pd.DataFrame]


def persons_below(
    sheet: Page,
    left: float,
    top: float,
    places: Mapping[int, float],
    lines: Sequence[Line],
    context: Context,
    row: float = 0.36,
    size: float = 6.5,
    heading: bool = True,
) -> None:
    """A row of numbers a line, each under its point; ``:`` where hidden, nothing where the line has no point.

    ``lines``: name, colour and rows (``n``, ``suppressed``) by horizon; ``places``: horizon to cm from the left of the
    body; ``left``, ``top``: where names begin and the heading stands, in cm.
    """
    if heading:
        words = context.labels.term("word.leavers")
        sheet.write(left, top, words, fontsize=size, fontweight="bold", va="center")
    for i, (name, colour, own) in enumerate(lines):
        y = top - row * (i + 1)
        sheet.write(left, y, name, fontsize=size, va="center", color=colour, fontweight="bold")
        for horizon, x in places.items():
            if horizon in own.index:
                shown = own.loc[horizon]
                text = HIDDEN if shown.get("suppressed", False) else context.labels.number(shown["n"])
                sheet.write(x, y, text, fontsize=size, ha="center", va="center")
