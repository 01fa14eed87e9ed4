"""The look shared by all figures: page, colours, markers, percentage axes, the 70 per cent line.

A page is laid out once in centimetres: stamp and title above, the body with the axes, the footer below. Header and
footer take the height their text needs, so nothing overlaps and no layout engine runs. Colours are from the palette of
Okabe and Ito (2008), chosen so that they also differ in lightness, and every series has a marker of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font

from introprog.displays.context import Context
from introprog.fonts import font_file, use_shipped_fonts

STYLE = Path(__file__).with_name("introprog.mplstyle")
CM = 1 / 2.54
WIDTH = 16.5
INK, GREY, PALE = "#1a1a1a", "#6e6e6e", "#c8c8c8"
BLUE, ORANGE, GREEN, RED, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9"
SEX_COLOUR = {"both": INK, "men": BLUE, "women": ORANGE}
SEX_TEXT = {"both": INK, "men": "#005A8C", "women": "#8A5A00"}
TARGET_TEXT = "#A84300"
SEX_MARKER = {"both": "o", "men": "s", "women": "^"}
FOOT = 7.5
LINE = {10.5: 0.48, FOOT: 0.34, 7: 0.36}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save inside this, so that nothing of the user's matplotlib settings reaches the page."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rc_file(STYLE, use_default_template=False)
        use_shipped_fonts()
        yield


@cache
def _advance(character: str, bold: bool) -> float:
    """Width of a character in em."""
    font = get_font(str(font_file("bold" if bold else "regular")))
    font.set_size(100, 72)
    return font.load_char(ord(character)).linearHoriAdvance / 65536 / 100


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in cm of the longest line of ``text`` set at ``size`` points."""
    return max(sum(_advance(c, bold) for c in line) for line in text.split("\n")) * size / 72 / CM


def wrapped(text: str, size: float, width_cm: float, bold: bool = False) -> list[str]:
    """Lines of ``text`` at ``size`` points that fit ``width_cm``; a word that is wider has a line of its own."""
    lines = [""]
    # only the plain space parts words: numbers keep their no-break spaces, and no line begins with a per cent sign
    for word in text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and text_width(longer, size, bold) > 0.985 * width_cm:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@dataclass(frozen=True)
class Page:
    """A figure whose body spans ``width`` x ``height`` cm from ``left``, ``bottom`` cm of the lower left corner."""

    figure: Figure
    width: float
    height: float
    left: float
    bottom: float

    def axes(self, x: float, y: float, width: float, height: float, **options: object) -> Axes:
        """Axes placed in cm from the lower left corner of the body."""
        total_w, total_h = self.figure.get_size_inches() / CM
        box = ((self.left + x) / total_w, (self.bottom + y) / total_h, width / total_w, height / total_h)
        return self.figure.add_axes(box, **options)

    def write(self, x: float, y: float, text: str, **options: object) -> None:
        """Text at a place in cm from the lower left corner of the body."""
        total_w, total_h = self.figure.get_size_inches() / CM
        self.figure.text((self.left + x) / total_w, (self.bottom + y) / total_h, text, **options)


def page(context: Context, height: float, footer: Sequence[str], width: float = WIDTH) -> Page:
    """A page with title, stamp and footer around a body of ``height`` cm (the body is ``width`` - 0.6 cm wide)."""
    margin = 0.3
    inner = width - 2 * margin
    title = wrapped(context.title, 10.5, inner, bold=True)
    foot = [line for text in footer for line in wrapped(text, FOOT, inner)]
    header_cm = 0.25 + LINE[10.5] * len(title) + (LINE[7] + 0.08 if context.stamp else 0) + 0.2
    footer_cm = 0.3 + LINE[FOOT] * len(foot)
    total = header_cm + height + footer_cm
    figure = Figure(figsize=(width * CM, total * CM))
    at = _lines(figure, title, margin, total - 0.25, 10.5, fontweight="bold")
    if context.stamp:
        box = {"facecolor": "#f4ece2", "edgecolor": "none", "pad": 2}
        style = {"fontweight": "bold", "color": "#7a3b00", "bbox": box}
        _lines(figure, [context.stamp], margin + 0.07, at - 0.05, 7, **style)
    _lines(figure, foot, margin, footer_cm - 0.1, FOOT, color="#404040")
    return Page(figure, inner, height, margin, footer_cm)


def _lines(figure: Figure, lines: Sequence[str], x: float, top: float, size: float, **style: object) -> float:
    """Lines from ``top`` cm downwards; returns where the next would begin.

    Set on the baseline: by their tops, lines with and without capital rings would stand unevenly.
    """
    width, height = figure.get_size_inches() / CM
    for line in lines:
        figure.text(x / width, (top - 0.93 * size / 72 / CM) / height, line, fontsize=size, va="baseline", **style)
        top -= LINE[size]
    return top


def percent_axis(
    axes: Axes, context: Context, axis: str = "y", low: float = 0, high: float = 100, label: bool = True
) -> None:
    """A percentage axis (data in per cent) with a light grid and the word ``Prosent`` at its end."""
    step = 10 if high - low <= 60 else 20
    ticks = [low + step * i for i in range(int((high - low) / step + 1e-9) + 1)]
    word = context.labels.term("word.percent")
    axes.grid(True, axis=axis)
    if axis == "y":
        axes.set_ylim(low, high)
        axes.set_yticks(ticks, [context.labels.number(t) for t in ticks])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        if label:
            axes.annotate(
                word,
                (0, 1),
                (-22, 8),
                "axes fraction",
                "offset points",
                fontsize=8.5,
                color="#404040",
                annotation_clip=False,
            )
    else:
        axes.set_xlim(low, high)
        axes.set_xticks(ticks, [context.labels.number(t) for t in ticks])
        axes.tick_params(axis="x", length=0)
        axes.spines["bottom"].set_visible(False)
        if label:
            axes.set_xlabel(word, fontsize=8.5, color="#404040", loc="right", labelpad=2)


def target_line(axes: Axes, context: Context, orientation: str = "h") -> tuple[float, str, str]:
    """The national target as a dashed line; returns its end label (position, text, colour)."""
    share = context.settings["study"]["target_share"]
    line = axes.axhline if orientation == "h" else axes.axvline
    line(100 * share, color=RED, linewidth=1, linestyle=(0, (5, 3)), zorder=1.5)
    return 100 * share, context.labels.term("word.target", share=context.labels.percent_sign(share)), TARGET_TEXT


def end_labels(axes: Axes, labels: Sequence[tuple[float, str, str]], gap: float = 6, size: float = 8.5) -> None:
    """Labels (position, text, colour) at the right end of the axes, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    for (_, text, colour), y in zip(labels, spread([at for at, _, _ in labels], gap, low, high), strict=True):
        axes.annotate(
            text,
            (1, y),
            (4, 0),
            axes.get_yaxis_transform(),
            "offset points",
            va="center",
            color=colour,
            fontweight="normal" if colour == TARGET_TEXT else "bold",
            fontsize=size,
            annotation_clip=False,
        )


def key(sheet: Page, entries: Sequence[tuple[Mapping, str]], y: float, size: float = 8, x: float = 0.2) -> None:
    """A line of marks and their names ``y`` cm above the lower edge of the body, in turn from ``x`` cm.

    A mark has ``color`` and ``marker`` (with ``face``, ``size``), or ``line`` (with ``style``, ``width``).
    """
    axes = sheet.axes(0, y - 0.2, sheet.width, 0.4)
    axes.set_axis_off()
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(0, 1)
    at = x
    for mark, text in entries:
        long = 0.6 if mark.get("line") else 0.0
        if mark.get("line"):
            shape = {"linestyle": mark.get("style", "-"), "linewidth": mark.get("width", 1.2)}
            axes.plot([at - 0.1, at + long - 0.1], [0.5, 0.5], color=mark["color"], **shape)
        else:
            shape = {"marker": mark["marker"], "markersize": mark.get("size", 5), "linestyle": "none"}
            face = mark.get("face", mark["color"])
            axes.plot([at], [0.5], color=mark["color"], markerfacecolor=face, markeredgewidth=1.1, **shape)
        at += long - (0.1 if long else 0)
        axes.text(at + 0.22, 0.46, text, fontsize=size, va="center")
        at += 0.22 + text_width(text, size) + 0.6


def sideways(axes: Axes, width_cm: float, cm: float) -> float:
    """A shift of ``cm`` in units of the x axis, whose axes are ``width_cm`` wide; the limits must have been set."""
    low, high = axes.get_xlim()
    return cm * (high - low) / width_cm


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Label positions as near to ``positions`` as possible, at least ``gap`` apart and inside ``low``-``high``.

    Where there is no room for all of them the gap is kept and ``low`` is given up.
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = [min(max(float(positions[i]), low), high) for i in order]
    for _ in range(200):
        moved = False
        for i in range(len(placed) - 1):
            overlap = gap - (placed[i + 1] - placed[i])
            if overlap > 1e-6:
                placed[i] -= overlap / 2
                placed[i + 1] += overlap / 2
                moved = True
        if not moved:
            break
    for i, at in enumerate(placed):
        placed[i] = max(at, placed[i - 1] + gap if i else low)
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], placed[i + 1] - gap if i + 1 < len(placed) else high)
    result = [0.0] * len(placed)
    for rank, i in enumerate(order):
        result[i] = placed[rank]
    return result
