"""Curves of cumulative incidence with bands, competing events and a risk table, as F-C10 and F-D4 draw them."""

import textwrap
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from introprog.displays.context import Context
from introprog.house_style import GREY, INK, Page, end_labels

COMPETING = ("emigrated", "died")


def _rows(numbers: pd.DataFrame, group: str, level: str, cause: str, known: bool = True) -> pd.DataFrame:
    rows = numbers[(numbers["group"] == group) & (numbers["level"] == level) & (numbers["cause"] == cause)]
    return rows[rows["estimate"].notna()] if known else rows


def curves(axes: Axes, numbers: pd.DataFrame, series: Sequence[tuple], context: Context, cause: str) -> None:
    """Curves of ``cause`` with bands, the competing events as broken lines; a series is ``(group, level, words, colour,
    marker, colour of text)``."""
    labels = []
    for group, level, words, colour, marker, text in series:
        rows = _rows(numbers, group, level, cause)
        if rows.empty:
            continue
        y, low, high = (100 * rows[c].to_numpy(dtype=float) for c in ("estimate", "ci_low", "ci_high"))
        axes.fill_between(rows["month"], low, high, step="post", color=colour, alpha=0.2, linewidth=0)
        axes.step(rows["month"], y, where="post", color=colour, linewidth=1.4)
        yearly = rows[(rows["month"] % 12 == 0) & (rows["month"] > 0)]
        axes.plot(yearly["month"], 100 * yearly["estimate"], marker, color=colour, markersize=3.5)
        labels.append((float(y[-1]), textwrap.fill(f"{words} {context.labels.number(y[-1])}", 18), text))
    ends = [
        _competing(axes, numbers, series, other, style)
        for other, style in zip(COMPETING, ((0, (4, 2)), (0, (1, 1.5))), strict=True)
    ]
    words = ({"nb": "utvandret", "en": "emigrated"}, {"nb": "død", "en": "dead"})
    for end, text in zip(ends, words, strict=True):
        if end is not None:
            labels.append((end, context.labels.pick(text), GREY))
    end_labels(axes, labels, gap=7.5, size=7)


def _competing(axes: Axes, numbers: pd.DataFrame, series: list, cause: str, style: tuple) -> float | None:
    ends = []
    for group, level, _, colour, *_ in series:
        rows = _rows(numbers, group, level, cause)
        if len(rows) > 1:
            axes.step(rows["month"], 100 * rows["estimate"], where="post", color=colour, linewidth=1, linestyle=style)
            ends.append(100 * float(rows["estimate"].iloc[-1]))
    return max(ends) if ends else None


def risk_table(
    sheet: Page,
    place: tuple[float, float],
    numbers: pd.DataFrame,
    series: Sequence[tuple],
    context: Context,
    cause: str,
    last: int,
) -> None:
    """Persons still waiting at each year, in lines below a panel of ``last`` months; ``place``: left, width in cm."""
    left, width = place
    head = {"nb": "Antall som ennå venter", "en": "Number still waiting"}
    sheet.write(left - 0.9, 2.75, context.labels.pick(head), fontsize=7.5, fontweight="bold", va="center")
    for i, (group, level, words, _, _, colour) in enumerate(series):
        y = 2.3 - 0.62 * i
        sheet.write(left - 0.9, y, words, fontsize=7, va="center", color=colour)
        rows = _rows(numbers, group, level, cause, known=False).set_index("month")
        for month in range(0, last + 1, 12):
            value = rows["at_risk"].get(month)
            text = context.labels.number(value) if value is not None and value == value else ":"
            sheet.write(left + width * month / last, y - 0.29, text, fontsize=6.5, ha="center", va="center", color=INK)
