"""F-E5-radar: the dimension profile in the form that municipal networks have used; F-E5 shows the same to be read.

A radar invites the eye to areas and to shapes that depend on the order of the axes, so it is the twin and not the
display: its centre is nought, and it holds the mean of all, one municipality and the range, nothing more.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays import f_e5, forest
from introprog.displays.context import Context
from introprog.displays.waves import wave_name
from introprog.house_style import INK, RED, Page, page, wrapped

KINDS = ("all", "best", "lowest", "highest")
MARKS = {
    "all": {"color": INK, "marker": "D", "size": 3.6},
    "best": {"color": RED, "marker": "^", "size": 4.2},
}
BAND = "#CFE6F5"
RINGS, NAMED = (25, 50, 75, 100), (50, 100)
RADIUS, SIDE = 1.35, 5.3
FEWEST = 3
COLUMNS = ["wave", "dimension", "position", "name_nb", "name_en", "kind", "municipality", "name", "n", "mean", "ci_low",
           "ci_high", "method"]  # fmt: skip


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``all``, ``best`` (the municipality whose mean over the dimensions is highest, of those with enough
    answers to every one), and ``lowest`` and ``highest`` municipal mean (no n), by wave and dimension; from F-E5."""
    rows = f_e5.numbers(inputs, settings)
    towns = rows[rows["kind"] == "municipality"]
    ends = towns.groupby(["wave", "dimension", "position", "name_nb", "name_en"], sort=False)["mean"].agg(
        ["min", "max"]
    )
    ends = ends.reset_index().rename(columns={"min": "lowest", "max": "highest"})
    ends = ends.melt(COLUMNS[:5], ["lowest", "highest"], "kind", "mean").assign(
        municipality="", name="", method="range"
    )
    parts = [rows[rows["kind"] == "all"], _best(towns).assign(kind="best"), ends]
    order = {kind: i for i, kind in enumerate(KINDS)}
    table = pd.concat(parts, ignore_index=True).astype({"n": "Int64"})
    waves = {wave: i for i, wave in enumerate(dict.fromkeys(rows["wave"]))}
    table = table.assign(at=table["wave"].map(waves), kind_at=table["kind"].map(order))
    return table.sort_values(["at", "kind_at", "position"], ignore_index=True)[COLUMNS]


def _best(towns: pd.DataFrame) -> pd.DataFrame:
    """The rows of the best municipality of each wave; where several are, of the first by number."""
    found = []
    for _, own in towns.groupby("wave", sort=False):
        each = own.groupby("municipality")["mean"].agg(["size", "mean"])
        whole = each[each["size"] == own["dimension"].nunique()]["mean"]
        if len(whole):
            found.append(own[own["municipality"] == whole.idxmax()])
    return pd.concat(found) if found else towns.iloc[:0]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A radar a survey, the dimensions clockwise from above."""
    pick = context.labels.pick
    waves = list(dict.fromkeys(numbers["wave"]))
    counted = f_e5.answers_behind(numbers, context)
    least = context.settings["surveys"]["minimum_answers"]
    definition = {
        "nb": "dimensjonsskår fra 0 i midten til 100 ytterst, der 100 er best, vektet",
        "en": "dimension score from 0 in the middle to 100 at the edge, where 100 is best, weighted",
    }
    notes = {
        "nb": f"Lyst bånd: fra laveste til høyeste kommune med minst {least} svar, på hver dimensjon for seg; noe av "
        "spennet er tilfeldig. Oransje: kommunen med høyest gjennomsnitt over dimensjonene, uten at den sikkert er "
        "best. Formen avhenger av rekkefølgen på aksene og arealet betyr ingenting; intervaller står i F-E5.",
        "en": f"Light band: from the lowest to the highest municipality with at least {least} answers, on each "
        "dimension by itself; part of the range is chance. Orange: the municipality with the highest mean over the "
        "dimensions, which is not surely the best. The shape depends on the order of the axes and the area means "
        "nothing; intervals are in F-E5.",
    }
    down = -(-len(waves) // 3)
    height = down * (SIDE + 0.5) + 0.6
    sheet = page(context, height, context.footer(numbers, pick(counted), pick(definition), [pick(notes)]))
    for i, wave in enumerate(waves):
        part = numbers[numbers["wave"] == wave]
        _radar(sheet, (i % 3, down - 1 - i // 3), part, context)
    best = {"nb": "høyest i alt", "en": "highest in all"}
    band = {"nb": "kommunenes spenn", "en": "range of the municipalities"}
    words = [(MARKS["all"], pick(f_e5.WORDS["all"])), (MARKS["best"], pick(best))]
    forest.key(sheet, [*words, ({"color": BAND, "patch": True}, pick(band))], height - 0.3)
    return sheet.figure


def _radar(sheet: Page, place: tuple[int, int], part: pd.DataFrame, context: Context) -> None:
    axes = sheet.axes(0.1 + place[0] * SIDE, place[1] * (SIDE + 0.5), SIDE - 0.1, SIDE)
    axes.set_axis_off()
    axes.set_xlim(-SIDE / 2, SIDE / 2)
    axes.set_ylim(-SIDE / 2, SIDE / 2)
    axes.set_title(wave_name(part["wave"].iloc[0], context), fontsize=8.5, pad=2, loc="center")
    spokes = part[part["kind"] == "all"].sort_values("position")
    if len(spokes) < FEWEST:
        forest.blank_row(axes, 0, 1, context)
        return
    angles = np.pi / 2 - 2 * np.pi * np.arange(len(spokes)) / len(spokes)
    _grid(axes, angles, list(spokes[f"name_{context.language}"]), context)
    low, high = (_round(part, kind, angles) for kind in ("lowest", "highest"))
    if low is not None:
        axes.fill(*high, color=BAND, linewidth=0, zorder=2)
        axes.fill(*low, color="white", linewidth=0, zorder=2)
    for kind, width in (("best", 1.3), ("all", 1.5)):
        line = _round(part, kind, angles)
        if line is None:
            continue
        mark = MARKS[kind]
        axes.plot(*line, color=mark["color"], marker=mark["marker"], markersize=mark["size"], linewidth=width, zorder=4)
        name = part.loc[part["kind"] == kind, "name"].iloc[0]
        if name:
            axes.text(0, -SIDE / 2 + 0.1, name, fontsize=6.5, color="#A84300", ha="center", va="bottom")


def _round(part: pd.DataFrame, kind: str, angles: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The closed outline of a kind in cm; nothing where it lacks a dimension."""
    mean = part[part["kind"] == kind].sort_values("position")["mean"].to_numpy(float)
    if len(mean) != len(angles):
        return None
    far = RADIUS * np.r_[mean, mean[:1]] / 100
    around = np.r_[angles, angles[:1]]
    return far * np.cos(around), far * np.sin(around)


def _grid(axes: Axes, angles: np.ndarray, names: Sequence[str], context: Context) -> None:
    """Rings with their scores, spokes, and the dimensions' names at their ends."""
    around = np.r_[angles, angles[:1]]
    for ring in RINGS:
        far = RADIUS * ring / 100
        axes.plot(far * np.cos(around), far * np.sin(around), color="#c4c4c4", linewidth=0.6, zorder=3)
        if ring in NAMED:
            text = {"fontsize": 6, "color": "#505050", "ha": "left", "va": "bottom", "zorder": 5}
            axes.text(0.06, far, context.labels.number(ring), **text)
    for angle, name in zip(angles, names, strict=True):
        x, y = RADIUS * np.cos(angle), RADIUS * np.sin(angle)
        axes.plot([0, x], [0, y], color="#c4c4c4", linewidth=0.6, zorder=3)
        _name(axes, x, y, name)


def _name(axes: Axes, x: float, y: float, name: str) -> None:
    """A dimension's name beyond the end of its spoke: in the middle above and below, else from the panel's edge."""
    above = y > -0.1
    style = {"fontsize": 6.2, "va": "bottom" if above else "top", "linespacing": 0.95}
    if abs(x) < 0.2:
        axes.text(x, y + (0.3 if above else -0.14), name, ha="center", **style)
        return
    far, room = SIDE / 2 - 0.12, SIDE / 2 - 0.9
    lines = "\n".join(wrapped(name, 6.2, room))
    axes.text(np.sign(x) * far, y + (0.34 if above else -0.14), lines, ha="right" if x > 0 else "left", **style)
