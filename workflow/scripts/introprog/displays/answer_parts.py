"""A survey item in parts of all who were asked, the unsure and the silent included: bars that add up."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import blank, protect
from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.waves import wave_name
from introprog.house_style import page, percent_axis, wrapped
from introprog.intervals import wilson
from introprog.scales import worst_first

HATCH = "#8c8c8c"
UNSURE = "dont_know"
OTHER = "no_answer"


def parts_of(answers: pd.Series, entry: Mapping, good: str, poor: str) -> pd.Series:
    """Number of those asked by part: ``good`` and ``poor`` half of the scale, ``dont_know`` and ``no_answer``.

    ``answers``: codes of one item, null where it was not part of the wave. Reversed items are turned.
    """
    code = answers.dropna().astype(int)
    low, high = entry["scale"]
    valid = code.between(low, high)
    upper = code * 2 > low + high
    better = ~upper if worst_first(entry) else upper
    part = pd.Series(OTHER, index=code.index)
    part[valid & better], part[valid & ~better], part[code == 97] = good, poor, UNSURE
    return part.value_counts().reindex([poor, good, UNSURE, OTHER], fill_value=0)


def part_table(counts: Mapping[tuple[str, str], pd.Series], settings: Mapping) -> pd.DataFrame:
    """Parts of every (wave, item): ``wave, item, part, count, n, share`` (of all asked), limits, ``suppressed``."""
    frames = [
        pd.DataFrame({"wave": wave, "item": item, "part": c.index, "count": c.to_numpy(), "n": int(c.sum())})
        for (wave, item), c in counts.items()
        if c.sum()
    ]
    if not frames:
        columns = ["wave", "item", "part", "count", "n", "share", "ci_low", "ci_high", "suppressed"]
        return pd.DataFrame(columns=columns).astype({"suppressed": bool})
    table = pd.concat(frames, ignore_index=True)
    totals = table.groupby(["wave", "item"], as_index=False, sort=False)["count"].sum().assign(part="asked")
    keys = ["wave", "item", "part"]
    long = pd.concat([table[[*keys, "count"]], totals], ignore_index=True)
    tree = {"asked": list(dict.fromkeys(table["part"]))}
    hidden = protect(long, "count", keys, {"part": tree}, settings["disclosure"]["threshold"]).iloc[: len(table)]
    table["share"] = table["count"] / table["n"]
    table["ci_low"], table["ci_high"] = wilson(table["count"], table["n"], settings["study"]["confidence"])
    return blank(table, hidden, ["count", "share", "ci_low", "ci_high"])


def draw_parts(
    numbers: pd.DataFrame,
    context: Context,
    footer: Sequence[str],
    words: Mapping[str, Mapping[str, str]],
    colours: Mapping[str, str],
    dark: Sequence[str],
) -> Figure:
    """A bar a wave and item, with the part shares inside and the number asked at the right.

    ``numbers`` also has ``item_nb`` and ``item_en``; ``words`` and ``colours`` are by part, ``dark`` the parts whose
    figures are white.
    """
    bars = numbers.drop_duplicates(["wave", "item"]).reset_index(drop=True)
    height = 0.95 * len(bars)
    sheet = page(context, height + 2.0, footer)
    if bars.empty:
        nobody = {"nb": "Ingen av undersøkelsene spør om dette.", "en": "None of the surveys asks about this."}
        sheet.write(0.2, 1.0, context.labels.pick(nobody), fontsize=9)
        return sheet.figure
    axes = sheet.axes(5.3, 0.9, 9.0, height)
    forest.rows_axis(axes, len(bars))
    percent_axis(axes, context, "x")
    for i, bar in bars.iterrows():
        rows = numbers[(numbers["wave"] == bar["wave"]) & (numbers["item"] == bar["item"])]
        _bar(axes, i, rows.set_index("part"), list(words), colours, dark, context)
        lines = wrapped(bar[f"item_{context.language}"], 7.5, 5.0)[:2]
        text = "\n".join([wave_name(bar["wave"], context), *lines])
        forest.stub(axes, i, text, fontsize=7.5, linespacing=1.1)
        forest.beside(axes, i, context.labels.number(bar["n"]), 6, fontsize=7.5)
    asked = {"nb": "Spurt", "en": "Asked"}
    forest.beside(axes, -0.72, context.labels.pick(asked), 6, fontsize=7.5)
    entries = [({"color": colours[p], "patch": True}, context.labels.pick(words[p])) for p in words]
    forest.key(sheet, entries, height + 1.65)
    return sheet.figure


def _bar(
    axes: Axes,
    at: int,
    rows: pd.DataFrame,
    order: Sequence[str],
    colours: Mapping[str, str],
    dark: Sequence[str],
    context: Context,
) -> None:
    left = 0.0
    for part in order:
        share = rows["share"].get(part)
        if share is None or pd.isna(share):
            continue
        width = 100 * float(share)
        axes.barh(at, width, left=left, height=0.62, color=colours[part], linewidth=0)
        if width >= 5:
            axes.text(left + width / 2, at, context.labels.number(width), ha="center", va="center", fontsize=7.5,
                      color="white" if part in dark else "#1a1a1a")  # fmt: skip
        left += width
    if rows["suppressed"].any() and left < 99.95:
        axes.barh(
            at, 100 - left, left=left, height=0.62, facecolor="white", edgecolor=HATCH, hatch="////", linewidth=0.4
        )
