"""F-C2: share employed by years since leaving the programme, by leaving cohort, men and women apart.

Cohorts are taken three years at a time, from the latest that the registers follow for a year; a point is drawn only
where all three are observed, so that a line never changes its people.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.risk_sets import persons_below
from introprog.displays.shares import in_order, pooled, shown, successes
from introprog.house_style import Page, end_labels, page, percent_axis, spread

DEFINITION = "work_only"
WIDTH = 3
PANEL, ROW = 4.2, 0.36
SHADES = ("#B15A00", "#D98D1E", "#8F8F8F", "#3E9BC8", "#0072B2", "#003F6B", "#1a1a1a")
COLUMNS = ["first_exit_year", "last_exit_year", "horizon", "sex", "definition", "n", "successes", "share", "ci_low",
           "ci_high", "suppressed"]  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a cohort group, horizon and sex, with counts, share and interval; only whole groups."""
    table = inputs["region_status"]
    if not (table["definition"] == DEFINITION).any():
        return pd.DataFrame(columns=COLUMNS)
    counts = successes(table, [DEFINITION])
    counts = counts[counts["n"].isna() | (counts["n"] > 0)]
    latest = int(counts["exit_year"].max())
    counts["group"] = latest - WIDTH * ((latest - counts["exit_year"]) // WIDTH)
    keys = ["group", "horizon", "sex"]
    whole = counts.groupby(keys)["exit_year"].transform("nunique") == WIDTH
    years = (int(counts["exit_year"].min()), latest)
    rows = pooled(counts[whole], years, keys)
    table = shown(rows, ["group", "horizon", "sex"], settings).assign(definition=DEFINITION)
    return in_order(table, ["first_exit_year", "horizon", "sex"])[COLUMNS]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Two panels, men and women; one line a cohort group, labelled at its end; below, the persons behind the points."""
    labels, pick = context.labels, context.labels.pick
    both = numbers[(numbers["sex"] == "both") & (numbers["horizon"] == 1)]
    n = {
        "nb": f"{labels.number(both['n'].sum())} tidligere deltakere ved første måling",
        "en": f"{labels.number(both['n'].sum())} former participants at the first moment",
    }
    note = {
        "nb": f"Loddrette streker: {context.confidence} (Wilson).",
        "en": f"Vertical lines: {context.confidence} (Wilson).",
    }
    groups = [
        (int(first), SHADES[i % len(SHADES)]) for i, first in enumerate(sorted(numbers["first_exit_year"].unique()))
    ]
    below = ROW * (len(groups) + 1) + 0.2
    footer = context.footer(numbers, pick(n), context.definition(DEFINITION), [pick(note)])
    sheet = page(context, 9.4 + below, footer)
    for sex, left in (("men", 1.7), ("women", 9.4)):
        axes = sheet.axes(left, 1.1 + below, PANEL, 7.2)
        _panel(axes, numbers[numbers["sex"] == sex], [first for first, _ in groups], context)
        axes.set_title(labels.term(f"sex.{sex}"), fontsize=8.5, pad=18)
        _persons(sheet, left, below, numbers[numbers["sex"] == sex], groups, context)
    return sheet.figure


def _panel(axes: Axes, rows: pd.DataFrame, firsts: Sequence[int], context: Context) -> None:
    last = int(rows["horizon"].max()) if len(rows) else 1
    percent_axis(axes, context)
    axes.set_xlim(0.5, last + 0.5)
    axes.set_xticks(range(1, last + 1))
    axes.set_xlabel(context.labels.term("word.years_since"), loc="right", fontsize=8.5)
    ends = []
    for i, first in enumerate(firsts):
        own = rows[(rows["first_exit_year"] == first) & rows["share"].notna()]
        ends += _line(axes, own, i, len(firsts), context.labels.years(first, first + WIDTH - 1))
    end_labels(axes, [(y, f"    {words}", colour) for y, words, colour, _ in ends], gap=6, size=7.5)
    for (_, _, colour, marker), y in zip(ends, spread([end[0] for end in ends], 6, 0, 100), strict=True):
        style = {"markersize": 4, "transform": axes.get_yaxis_transform(), "clip_on": False}
        axes.plot([1.05], [y], marker, color=colour, **style)


def _persons(sheet: Page, left: float, top: float, rows: pd.DataFrame, groups: Sequence, context: Context) -> None:
    """Number of persons at every third year, in lines under the ticks."""
    last = int(rows["horizon"].max()) if len(rows) else 1
    places = {horizon: left + PANEL * (horizon - 0.5) / last for horizon in range(1, last + 1, 3)}
    lines = [
        (
            context.labels.years(first, first + WIDTH - 1),
            colour,
            rows[rows["first_exit_year"] == first].set_index("horizon"),
        )
        for first, colour in groups
    ]
    persons_below(sheet, left - 1.7, top - 0.1, places, lines, context, ROW)


def _line(axes: Axes, rows: pd.DataFrame, i: int, count: int, words: str) -> list[tuple[float, str, str, str]]:
    if rows.empty:
        return []
    colour, marker = SHADES[i % len(SHADES)], MARKERS[i % len(MARKERS)]
    x = rows["horizon"].to_numpy(dtype=float) + 0.05 * (i - (count - 1) / 2)
    y, low, high = (100 * rows[c].to_numpy(dtype=float) for c in ("share", "ci_low", "ci_high"))
    axes.vlines(x, low, high, color=colour, linewidth=0.8, alpha=0.7)
    breaks = np.flatnonzero(np.diff(rows["horizon"].to_numpy()) > 1) + 1
    for run in np.split(np.arange(len(rows)), breaks):
        axes.plot(x[run], y[run], color=colour, marker=marker, markersize=3.2, linewidth=1.2)
    return [(float(y[-1]), words, colour, marker)]
