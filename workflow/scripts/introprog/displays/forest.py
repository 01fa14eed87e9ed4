"""Estimates with intervals as dots and lines: rows from above, a scale of correlations or scores, a key of marks."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from introprog.displays.context import Context
from introprog.house_style import Page, text_width

BAND = "#EADFF2"


def rows_axis(axes: Axes, count: float) -> None:
    """Rows 0 to ``count`` - 1 from above, without a y axis."""
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def number_axis(axes: Axes, context: Context, ticks: Sequence[float], decimals: int, size: float = 8) -> None:
    """The x axis from the first to the last of ``ticks`` with a light grid."""
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_xticks(list(ticks), [context.labels.number(t, decimals) for t in ticks], fontsize=size)
    axes.grid(True, axis="x")
    axes.tick_params(axis="x", length=0)
    axes.spines["bottom"].set_visible(False)


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Even ticks around ``low`` to ``high`` in steps of 1, 2 or 5 times a power of ten, at most ``most`` of them."""
    span = max(high - low, 1e-9)
    power = 10.0 ** np.floor(np.log10(span / max(most - 1, 1)))
    for multiple in (1, 2, 2.5, 5, 10, 20):
        step = multiple * power
        first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
        if last - first + 1 <= most:
            break
    return [float(round(step * i, 10)) for i in range(int(first), int(last) + 1)]


def smallest_band(axes: Axes, smallest: float) -> None:
    """The band of correlations too small to matter, and the line of none."""
    axes.axvspan(-smallest, smallest, color=BAND, linewidth=0, zorder=0)
    axes.axvline(0, color="#4d4d4d", linewidth=0.8, zorder=1)


def estimate(axes: Axes, at: float, low: float, middle: float, high: float, mark: Mapping) -> None:
    """One estimate with its interval, cut at the ends of the axis, where an arrow says that it goes on."""
    left, right = axes.get_xlim()
    axes.plot([max(low, left), min(high, right)], [at, at], color=mark["color"], linewidth=1.1, zorder=2, clip_on=False)
    for beyond, edge, arrow in ((low < left - 1e-9, left, "<"), (high > right + 1e-9, right, ">")):
        if beyond:
            axes.plot([edge], [at], marker=arrow, markersize=3.5, color=mark["color"], linestyle="none", clip_on=False)
    face = mark.get("face", mark["color"])
    axes.plot([middle], [at], marker=mark["marker"], markersize=mark.get("size", 4.6), markerfacecolor=face, zorder=3,
              markeredgecolor=mark["color"], markeredgewidth=0.9, linestyle="none", clip_on=False)  # fmt: skip


def stub(axes: Axes, at: float, text: str, x: float = -4, **options: object) -> None:
    """Text left of the axes on row ``at``."""
    style = {"ha": "right", "va": "center", "fontsize": 7.5, "annotation_clip": False, **options}
    axes.annotate(text, (0, at), (x, 0), axes.get_yaxis_transform(), "offset points", **style)


def beside(axes: Axes, at: float, text: str, x: float = 4, **options: object) -> None:
    """Text right of the axes on row ``at``."""
    style = {"ha": "left", "va": "center", "fontsize": 7, "annotation_clip": False, "color": "#404040", **options}
    axes.annotate(text, (1, at), (x, 0), axes.get_yaxis_transform(), "offset points", **style)


def key(sheet: Page, entries: Sequence[tuple[Mapping, str]], y: float, x: float = 0.2, size: float = 7.5) -> None:
    """A line of marks and their names ``y`` cm from the lower edge of the body.

    A mark has ``color`` and ``marker``; ``patch`` draws an area, ``line`` a line instead.
    """
    axes = sheet.axes(0, y - 0.2, sheet.width, 0.4)
    axes.set_axis_off()
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(0, 1)
    at = x
    for mark, text in entries:
        if mark.get("patch"):
            axes.fill_between([at - 0.15, at + 0.25], 0.15, 0.85, color=mark["color"], linewidth=0)
        elif mark.get("line"):
            axes.plot([at - 0.2, at + 0.25], [0.5, 0.5], color=mark["color"], linewidth=mark.get("width", 1.2),
                      linestyle=mark.get("style", "-"))  # fmt: skip
        else:
            face = mark.get("face", mark["color"])
            axes.plot([at], [0.5], marker=mark["marker"], color=mark["color"], markersize=mark.get("size", 5),
                      markerfacecolor=face, markeredgewidth=0.9, linestyle="none")  # fmt: skip
        axes.text(at + 0.4, 0.46, text, fontsize=size, va="center")
        at += 1.0 + text_width(text, size)


def blank_row(axes: Axes, at: float, x: float, context: Context) -> None:
    """Says on row ``at`` that there is no estimate; the footer tells why."""
    text = context.labels.pick({"nb": "ikke beregnbar", "en": "not estimable"})
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
    axes.text(x, at, text, fontsize=7, color="#505050", ha="center", va="center", style="italic", bbox=box)
