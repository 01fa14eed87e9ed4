"""F-B2: share in work or education one year after, by leaving year and sex, against target and breaks in series.

Breaks: employment comes from a-ordningen from November 2015 (leavers of 2014), participation from NIR from 2017, and
the Integration Act governs those who started from 2021.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.shares import SEXES, in_order, shown, successes
from introprog.house_style import (
    SEX_COLOUR,
    SEX_MARKER,
    SEX_TEXT,
    end_labels,
    page,
    percent_axis,
    sideways,
    target_line,
    text_width,
)

BREAKS = (
    (2013.5, {"nb": "A-ordningen,\nmålt fra\nnov. 2015", "en": "A-ordningen,\nmeasured from\nNov 2015"}),
    (2016.5, {"nb": "NIR i stedet\nfor KOSTRA,\nfra 2017", "en": "NIR instead\nof KOSTRA,\nfrom 2017"}),
    (2020.5, {"nb": "Integrerings-\nloven,\nfra 2021", "en": "Integration\nAct,\nfrom 2021"}),
)
WIDTH = 12.2
ASIDE = {"both": 0.0, "men": -0.055, "women": 0.055}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a leaving year and sex: ``exit_year, status_year, sex, n, successes, share, ci_low, ci_high, series``."""
    official = settings["official_definition"]
    counts = successes(inputs["region_status"], [official])
    counts = counts[counts["horizon"] == 1].assign(definition=official)
    rows = shown(counts, ["exit_year", "sex"], settings).assign(series="official")
    rows["status_year"] = rows["exit_year"] + 1
    names = ["exit_year", "status_year", "sex", "series", "definition", "n", "successes", "share", "ci_low", "ci_high"]
    return in_order(rows[rows["n"].notna() | rows["suppressed"]], ["exit_year", "sex"])[[*names, "suppressed"]]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Lines by sex with intervals; a series other than ``official`` is drawn hollow and unconnected."""
    return draw_series(numbers, context, _footer(numbers, context))


def draw_series(numbers: pd.DataFrame, context: Context, footer: list[str]) -> Figure:
    """The drawing that synthetic, own and published figures share."""
    sheet = page(context, 8.6, footer)
    axes = sheet.axes(1.0, 1.1, WIDTH, 6.9)
    percent_axis(axes, context)
    first, last = int(numbers["exit_year"].min()), int(numbers["exit_year"].max())
    axes.set_xlim(first - 0.6, last + 0.6)
    years = range(first, last + 1)
    step = 1 if len(years) <= 9 else 2
    axes.set_xticks([y for y in years if (y - last) % step == 0])
    axes.set_xticks(list(years), minor=True)
    axes.set_xlabel(context.labels.term("word.leaving_year"), loc="right")
    target = target_line(axes, context)
    _breaks(axes, context, first, last)
    labels = [target]
    for sex in SEXES:
        end = _line(axes, numbers[(numbers["sex"] == sex) & numbers["share"].notna()], sex)
        if end is not None:
            labels.append((end, f"{context.labels.term(f'sex.{sex}')} {context.labels.number(end)}", SEX_TEXT[sex]))
    end_labels(axes, labels)
    return sheet.figure


def _breaks(axes: Axes, context: Context, first: int, last: int) -> None:
    """Breaks in the series with their names beside the line, moved up or to its left where they would collide."""
    (left, right), gap = axes.get_xlim(), sideways(axes, WIDTH, 0.08)
    taken: list[tuple[float, float, int]] = []
    for at, words in ((a, context.labels.pick(t)) for a, t in BREAKS if first - 0.5 < a < last):
        axes.axvline(at, color="#8c8c8c", linewidth=0.8, linestyle=":")
        wide = sideways(axes, WIDTH, text_width(words, 7))
        before = at + gap + wide > right and at - gap - wide > left
        low = at - gap - wide if before else at + gap
        level = 0
        while any(level == n and low < r and s < low + wide + gap for s, r, n in taken):
            level += 1
        taken.append((low, low + wide + gap, level))
        style = {"fontsize": 7, "color": "#505050", "va": "bottom", "linespacing": 1.15}
        axes.text(at - gap if before else at + gap, 2 + 19.5 * level, words, ha="right" if before else "left", **style)


def _line(axes: Axes, rows: pd.DataFrame, sex: str) -> float | None:
    colour, marker = SEX_COLOUR[sex], SEX_MARKER[sex]
    shift = sideways(axes, WIDTH, ASIDE[sex])
    for series, part in rows.groupby("series", sort=True):
        x = part["exit_year"].to_numpy() + shift
        y, low, high = (100 * part[c].to_numpy(dtype=float) for c in ("share", "ci_low", "ci_high"))
        joined = series == "official"
        axes.vlines(x, low, high, color=colour, linewidth=0.9, alpha=0.75)
        # a year without a figure breaks the line
        for run in part.groupby((part["exit_year"].diff() != 1).cumsum()).indices.values():
            style = "-" if joined else "none"
            axes.plot(
                x[run],
                y[run],
                color=colour,
                marker=marker,
                markersize=4,
                linestyle=style,
                linewidth=1.4,
                markerfacecolor=colour if joined else "white",
                markeredgewidth=0.9,
            )
    latest = rows[rows["exit_year"] == rows["exit_year"].max()]
    return 100 * float(latest["share"].iloc[-1]) if len(latest) else None


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    both = numbers[numbers["sex"] == "both"]
    total, span = context.labels.number(both["n"].sum()), context.labels.span(both["n"].min(), both["n"].max())
    n = {"nb": f"{total} tidligere deltakere, {span} per år", "en": f"{total} former participants, {span} a year"}
    note = {
        "nb": f"Loddrette streker: {context.confidence} (Wilson).",
        "en": f"Vertical lines: {context.confidence} (Wilson).",
    }
    pick = context.labels.pick
    return context.footer(numbers, pick(n), context.definition(numbers["definition"].iloc[0]), [pick(note)])
