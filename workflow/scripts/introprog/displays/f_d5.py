"""F-D5: funnel plot, the share in work or education against the number of leavers, with exact binomial limits.

Spiegelhalter (2005): a municipality inside the funnel differs from the whole by no more than chance makes.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.funnel import LEVELS, funnel_limits
from introprog.house_style import BLUE, GREY, INK, RED, page, percent_axis, spread, target_line

HORIZONS = (1, 5)
NAMED = 6


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``municipality`` (n, rate, limit it lies outside), ``limit`` (level, n, low, high) and ``mean``."""
    rows = inputs["funnel"]
    first, last = (min(rows["horizon"], key=lambda h, w=wanted: (abs(h - w), h)) for wanted in HORIZONS)
    parts = []
    for horizon in dict.fromkeys((first, last)):
        towns = rows[rows["horizon"] == horizon].reset_index(drop=True)
        counts = pd.DataFrame(
            {"municipality": towns["municipality"], "n": towns["n"], "successes": (towns["rate"] * towns["n"]).round()}
        )
        hidden = protect_shares(counts, ["municipality"], {}, settings["disclosure"]["threshold"])
        towns = blank(towns, hidden, ["n", "rate", "outside", "outside_overdispersed"]).assign(kind="municipality")
        mean, phi = float(towns["mean"].iloc[0]), float(towns["overdispersion"].iloc[0])
        grid = _grid(float(towns["n"].max()))
        limits = [
            funnel_limits(grid, mean, LEVELS, factor).assign(kind=kind, horizon=horizon, mean=mean)
            for kind, factor in (("limit", 1.0), *((("limit_overdispersed", phi),) if phi > 1 else ()))
        ]
        parts += [towns.drop(columns="z"), *limits]
    table = pd.concat(parts, ignore_index=True)
    table["name"] = table["municipality"].map(names_of(inputs.get("municipalities"))).fillna(table["municipality"])
    table["suppressed"] = table["suppressed"].astype("boolean").fillna(False).astype(bool)
    names = [
        "kind",
        "horizon",
        "municipality",
        "name",
        "n",
        "rate",
        "mean",
        "overdispersion",
        "outside",
        "outside_overdispersed",
        "level",
        "low",
        "high",
        "suppressed",
    ]
    return table[names].sort_values(["horizon", "kind", "level", "municipality", "n"], kind="stable", ignore_index=True)


def _grid(largest: float) -> np.ndarray:
    """Numbers of leavers at which limits are drawn: every one where few, then evenly on the logarithmic scale."""
    return np.unique(np.concatenate([np.arange(8, 41), np.geomspace(40, max(largest, 50) * 1.15, 40).astype(int)]))


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """One panel a horizon."""
    pick, number = context.labels.pick, context.labels.number
    horizons = sorted(numbers["horizon"].unique())
    towns = numbers[numbers["kind"] == "municipality"]
    known = towns[towns["rate"].notna()].groupby("horizon").agg(n=("n", "sum"), towns=("n", "size"))
    phi = ", ".join(
        f"{number(v, 2)} ({context.labels.term(f'horizon.{h}')})"
        for h, v in towns.groupby("horizon")["overdispersion"].first().items()
    )
    notes = {
        "nb": f"Heltrukne linjer: 95 % og 99,8 % grenser (eksakt binomisk, taggete fordi personer telles hele) rundt "
        f"andelen for alle. Overspredning: {phi}; 1 = bare tilfeldighet. "
        "Stiplede grå linjer: grenser utvidet for overspredning, der den er over 1.",
        "en": f"Solid lines: 95% and 99.8% limits (exact binomial, jagged since persons are whole) around the share "
        f"of all. Over-dispersion: {phi}; 1 = chance alone. Dashed grey "
        "lines: limits widened for over-dispersion, where it is above 1.",
    }
    n = {
        "nb": "; ".join(
            f"{number(r.n)} tidligere deltakere i {number(r.towns)} kommuner vist "
            f"({context.labels.term(f'horizon.{h}')})"
            for h, r in known.iterrows()
        ),
        "en": "; ".join(
            f"{number(r.n)} former participants in {number(r.towns)} municipalities shown "
            f"({context.labels.term(f'horizon.{h}')})"
            for h, r in known.iterrows()
        ),
    }
    footer = context.footer(
        numbers, pick(n), context.definition(context.settings["official_definition"]), [pick(notes)]
    )
    sheet = page(context, 9.3, footer)
    for i, horizon in enumerate(horizons):
        axes = sheet.axes(1.0 + i * 7.9, 1.1, 6.4 if len(horizons) > 1 else 13.6, 6.9)
        _panel(axes, numbers[numbers["horizon"] == horizon], context)
        head = {
            "nb": f"{horizon} år etter" if horizon else "Ved avslutning",
            "en": f"{horizon} year{'s' if horizon > 1 else ''} after" if horizon else "On leaving",
        }
        axes.set_title(pick(head), fontsize=8.5, pad=20)
    return sheet.figure


def _panel(axes: Axes, rows: pd.DataFrame, context: Context) -> None:
    percent_axis(axes, context)
    axes.set_xscale("log")
    towns = rows[(rows["kind"] == "municipality") & rows["rate"].notna()]
    limits = rows[rows["kind"] == "limit"]
    low, high = limits["n"].min(), limits["n"].max()
    axes.set_xlim(low, high)
    ticks = [t for t in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if low <= t <= high]
    axes.set_xticks(ticks, [context.labels.number(t) for t in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(context.labels.term("word.leavers"), loc="right", fontsize=8.5)
    axes.axhline(100 * rows["mean"].iloc[0], color=INK, linewidth=1)
    target_line(axes, context)
    for level, part in limits.groupby("level"):
        style = {"color": GREY if level < 0.99 else INK, "linewidth": 0.8}
        for side in ("low", "high"):
            axes.plot(part["n"], 100 * part[side], **style)
        words = context.labels.percent_sign(level, 0 if level < 0.99 else 1)
        # the limits are furthest apart at the left edge
        axes.annotate(
            words,
            (low, 100 * part["low"].iloc[0]),
            (2, -3),
            textcoords="offset points",
            va="top",
            fontsize=7,
            color=style["color"],
        )
    for _, part in rows[rows["kind"] == "limit_overdispersed"].groupby("level"):
        for side in ("low", "high"):
            axes.plot(part["n"], 100 * part[side], color="#a0a0a0", linewidth=0.7, linestyle=(0, (3, 2)))
    far = towns["outside"] > 95
    axes.scatter(
        towns.loc[~far, "n"], 100 * towns.loc[~far, "rate"], s=11, color=BLUE, alpha=0.6, linewidth=0, zorder=3
    )
    axes.scatter(towns.loc[far, "n"], 100 * towns.loc[far, "rate"], s=18, marker="D", color=RED, zorder=4)
    named = towns[far].nlargest(NAMED, "n").reset_index(drop=True)
    heights = spread((100 * named["rate"]).tolist(), 4.5, 2, 98)
    for (_, town), y in zip(named.iterrows(), heights, strict=True):
        right = town["n"] < (low * high) ** 0.5
        axes.annotate(
            town["name"],
            (town["n"], y),
            (4 if right else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if right else "right",
            fontsize=7,
            zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        )
