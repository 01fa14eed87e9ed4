"""Lines of the same leavers followed, by group: a panel a set of cohorts, or a panel a place; persons under the axis.

Cohorts are never joined: every line is one set of leaving years, and ends where the first of them is no longer seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.risk_sets import persons_below
from introprog.followup import ALL, PERIOD, UNKNOWN
from introprog.house_style import BLUE, INK, RED, Page, key, page, percent_axis, text_width, wrapped

COLUMNS = ["level", "name", *PERIOD, "horizon", "definition", "n", "successes", "share", "ci_low", "ci_high",
           "suppressed"]  # fmt: skip
HUES = (BLUE, "#B15A00", "#007A5A", "#8E3B6F", "#5E5E5E", "#7A6A00")
SHADES = ("#B15A00", "#D98D1E", "#6e6e6e", "#3E9BC8", "#0072B2", "#003F6B", INK)
MARKERS = ("s", "^", "D", "v", "P", "X")
TARGET = {"line": True, "color": RED, "style": (0, (5, 3)), "width": 1}
ROW = 0.33
MANY = 6


@dataclass(frozen=True)
class Grid:
    """Where panels stand: ``columns`` across; in cm the ``width`` and ``height`` of axes and the ``margin`` for "
    "names."""

    columns: int
    width: float
    height: float
    margin: float
    size: float = 6.5

    @property
    def step(self) -> float:
        """From the left edge of one panel to that of the next."""
        return self.margin + self.width + 0.35


BY_PERIOD = Grid(columns=2, width=5.0, height=4.6, margin=2.55)
BY_LEVEL = Grid(columns=3, width=3.7, height=2.5, margin=1.25, size=5.2)


def rows_of(inputs: Mapping, group: str, names: Mapping[str, str], table: str = "status_by_group") -> pd.DataFrame:
    """The rows of one group of ``table``, without those whose level is not known; ``name`` from ``names``."""
    rows = inputs[table]
    rows = rows[(rows["group"] == group) & (rows["level"] != UNKNOWN)]
    name = [names.get(level, level) for level in rows["level"]]
    rows = rows.assign(name=name, suppressed=rows["suppressed"].astype(bool))
    return rows[COLUMNS].reset_index(drop=True)


def draw_by_period(numbers: pd.DataFrame, context: Context, levels: Sequence[str], words: Mapping[str, str]) -> Figure:
    """A panel a set of cohorts, a line a level; ``words``: printed names of the levels."""
    periods = _periods(numbers)
    levels = [level for level in levels if (numbers["level"] == level).any()]
    hues = [level for level in levels if level != ALL]
    styles = {level: (HUES[i % len(HUES)], MARKERS[i % len(MARKERS)]) for i, level in enumerate(hues)}
    styles[ALL] = (INK, "o")
    lines = [(level, words[level], *styles[level]) for level in levels]
    panels = [(context.labels.years(*period), _of_period(numbers, period)) for period in periods]
    heading = {"nb": "Sluttet {x}", "en": "Left in {x}"}
    panels = [(context.labels.pick(heading).format(x=years), rows) for years, rows in panels]
    return _draw(numbers, context, panels, lines, "level", BY_PERIOD)


def draw_by_level(numbers: pd.DataFrame, context: Context, order: Sequence[str]) -> Figure:
    """A panel a level (a place), a line a set of cohorts."""
    periods = _periods(numbers)
    shades = _spread(SHADES, len(periods))
    lines = [
        (f"{first}-{last}", context.labels.years(first, last), shades[i], (*MARKERS, "o")[i % 7])
        for i, (first, last) in enumerate(periods)
    ]
    names = numbers.drop_duplicates("level").set_index("level")["name"]
    frame = numbers.assign(period=[f"{a}-{b}" for a, b in zip(numbers[PERIOD[0]], numbers[PERIOD[1]], strict=True)])
    country = context.labels.term("word.country")
    panels = [(country if level == ALL else names[level], frame[frame["level"] == level]) for level in order]
    return _draw(numbers, context, panels, lines, "period", BY_LEVEL)


def _periods(numbers: pd.DataFrame) -> list[tuple[int, int]]:
    return sorted({(int(a), int(b)) for a, b in zip(numbers[PERIOD[0]], numbers[PERIOD[1]], strict=True)})


def _of_period(numbers: pd.DataFrame, period: tuple[int, int]) -> pd.DataFrame:
    return numbers[(numbers[PERIOD[0]] == period[0]) & (numbers[PERIOD[1]] == period[1])]


def _spread(shades: Sequence[str], count: int) -> list[str]:
    """``count`` of the shades, as far apart as they come."""
    at = np.linspace(0, len(shades) - 1, max(count, 1)).round().astype(int) if count <= len(shades) else range(count)
    return [shades[i % len(shades)] for i in at]


def _draw(
    numbers: pd.DataFrame,
    context: Context,
    panels: Sequence[tuple[str, pd.DataFrame]],
    lines: Sequence[tuple[str, str, str, str]],
    by: str,
    grid: Grid,
) -> Figure:
    """Panels from left to right and down; ``lines`` are (code in the column ``by``, name, colour, marker)."""
    below = ROW * (len(lines) + 1) + 0.75
    tall = grid.height + below + 1.0
    down = -(-len(panels) // grid.columns)
    keys = _key_lines(lines, context, _has_target(numbers, context))
    sheet = page(context, down * tall + 0.5 * len(keys) + 0.2, _footer(numbers, context))
    for i, entries in enumerate(keys):
        key(sheet, entries, sheet.height - 0.3 - 0.5 * i, 7.5)
    low, high = _limits(numbers)
    horizons = sorted(int(h) for h in numbers["horizon"].unique())
    for i, (title, rows) in enumerate(panels):
        left = grid.margin + (i % grid.columns) * grid.step
        bottom = (down - 1 - i // grid.columns) * tall + below
        axes = sheet.axes(left, bottom, grid.width, grid.height)
        _panel(axes, rows, lines, by, (low, high), horizons, context)
        axes.set_title("\n".join(wrapped(title, 7.5, grid.width + 1, True)), fontsize=7.5, pad=5)
        _under(sheet, left, bottom, rows, lines, by, horizons, grid, context, i % grid.columns == 0)
    return sheet.figure


def _panel(axes: Axes, rows: pd.DataFrame, lines, by: str, limits, horizons: Sequence[int], context: Context) -> None:
    percent_axis(axes, context, "y", *limits, label=False)
    axes.tick_params(axis="both", labelsize=7)
    axes.set_xlim(horizons[0] - 0.5, horizons[-1] + 0.5)
    axes.set_xticks(horizons)
    if _has_target(rows, context):
        target = 100 * context.settings["study"]["target_share"]
        axes.axhline(target, color=RED, linewidth=0.9, linestyle=(0, (5, 3)), zorder=1)
    aside = 0.5 / max(len(lines), 1)
    for i, (code, _, colour, marker) in enumerate(lines):
        own = rows[(rows[by] == code) & rows["share"].notna()].sort_values("horizon")
        x = own["horizon"].to_numpy(dtype=float) + min(aside, 0.12) * (i - (len(lines) - 1) / 2)
        y, low, high = (100 * own[c].to_numpy(dtype=float) for c in ("share", "ci_low", "ci_high"))
        axes.vlines(x, low, high, color=colour, linewidth=0.7, alpha=0.6)
        # a horizon that is hidden or not seen parts the line
        breaks = np.flatnonzero(np.diff(own["horizon"].to_numpy()) > 1) + 1
        for run in np.split(np.arange(len(own)), breaks):
            axes.plot(x[run], y[run], color=colour, marker=marker, markersize=2.8, linewidth=1.0)


def _limits(numbers: pd.DataFrame) -> tuple[float, float]:
    low, high = 100 * numbers["ci_low"].min(), 100 * numbers["ci_high"].max()
    if not np.isfinite(low):
        return 0, 100
    return float(20 * np.floor(low / 20)), float(20 * np.ceil(high / 20))


def _has_target(rows: pd.DataFrame, context: Context) -> bool:
    """The target is one of the official definition; the share employed has none."""
    return bool((rows["definition"] == context.settings["official_definition"]).any())


def _key_lines(lines, context: Context, target: bool) -> list[list[tuple[Mapping, str]]]:
    """Marks with names, as many on a line as there is room for."""
    share = context.labels.percent_sign(context.settings["study"]["target_share"])
    entries = [({"color": colour, "marker": marker, "size": 4}, name) for _, name, colour, marker in lines]
    entries += [(TARGET, context.labels.term("word.target", share=share))] if target else []
    filled, used = [[]], 0.0
    for mark, name in entries:
        need = text_width(name, 7.5) + 0.85 + 0.6 * bool(mark.get("line"))
        if used + need > 15.7 and filled[-1]:
            filled, used = [*filled, []], 0.0
        filled[-1].append((mark, name))
        used += need
    return filled


def _under(sheet: Page, left, bottom, rows, lines, by, horizons, grid: Grid, context: Context, named: bool) -> None:
    """Persons at each horizon, or at every third where there are many, a row a line."""
    span = horizons[-1] - horizons[0] + 1
    shown = horizons if span <= MANY else horizons[::3]
    places = {h: left + grid.width * (h - horizons[0] + 0.5) / span for h in shown}
    told = [(name, colour, rows[rows[by] == code].set_index("horizon")) for code, name, colour, _ in lines]
    persons_below(sheet, left - grid.margin, bottom - 0.65, places, told, context, ROW, grid.size, heading=named)


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    everybody = numbers[numbers["level"] == ALL] if (numbers["level"] == ALL).any() else numbers
    first = everybody.sort_values("horizon").drop_duplicates(["level", *PERIOD])
    count = labels.number(first["n"].sum())
    n = {
        "nb": f"{count} tidligere deltakere ved kohortenes første måling; under hver rute antallet bak punktene",
        "en": f"{count} former participants at the cohorts' first moment; under each panel the number behind the "
        "points",
    }
    notes = {
        "nb": "Vannrett: år etter avslutning. Hver linje følger de samme årskullene; den slutter der det første av dem "
        f"ikke lenger er observert. Loddrette streker: {context.confidence} (Wilson).",
        "en": "Across: years since leaving. Each line follows the same cohorts; it ends where the first of them is no "
        f"longer observed. Vertical lines: {context.confidence} (Wilson).",
    }
    low, high = _limits(numbers)
    axis = {
        "nb": f"Loddrett: prosent, fra {labels.number(low)} til {labels.number(high)}.",
        "en": f"Upwards: per cent, from {labels.number(low)} to {labels.number(high)}.",
    }
    lines = [f"{pick(axis)} {pick(notes)}"]
    if context.settings["followup"]["balanced"]:
        kept = {
            "nb": "Bare årskull som er observert ved alle viste tidspunkter.",
            "en": "Only cohorts that are observed at every horizon shown.",
        }
        lines.append(pick(kept))
    definition = context.definition(str(numbers["definition"].iloc[0])) if len(numbers) else ""
    return context.footer(numbers, pick(n), definition, lines)
