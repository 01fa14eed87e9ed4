"""F-C8: how long after leaving the «one year after» measure really looks, and the result by that length."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.house_style import BLUE, GREY, INK, PALE, RED, page, percent_axis

SUMMARY = ("mean", "p10", "median", "p90")


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``elapsed``: shares of leavers and of success by elapsed months, mean and quantiles, slope."""
    table = inputs["elapsed"]
    return table.assign(suppressed=table["suppressed"].astype(bool), definition=settings["official_definition"])


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Bars of the distribution over a line of the share in work or education, on one axis of months."""
    pick, labels = context.labels.pick, context.labels
    sheet = page(context, 11.8, _footer(numbers, context))
    top, low = sheet.axes(1.0, 6.7, 14.4, 4.2), sheet.axes(1.0, 1.1, 14.4, 3.6)
    bars = numbers[numbers["term"] == "leavers"]
    shares = 100 * bars["estimate"].to_numpy(dtype=float)
    high = 5 * (int(np.nanmax(shares, initial=10) // 5) + 1)
    top.bar(bars["elapsed_months"], shares, 0.86, color=BLUE)
    percent_axis(top, context, high=max(20, high))
    for x, y in zip(bars["elapsed_months"], shares, strict=True):
        inside = y > 2.5
        at, colour = (y - 0.5, "white") if inside else ((y if y == y else 0) + 0.4, INK)
        words = labels.number(y) if y == y else ":"
        top.text(x, at, words, ha="center", va="top" if inside else "bottom", fontsize=7.5, color=colour)
    top.axvline(12, zorder=0.5, color=RED, linewidth=1, linestyle=(0, (5, 3)))
    top.text(
        12.08,
        0.97,
        pick({"nb": "ett år", "en": "one year"}),
        transform=top.get_xaxis_transform(),
        fontsize=7.5,
        color="#A84300",
        va="top",
    )
    mean = numbers.set_index("term")["estimate"].get("mean")
    if mean == mean and mean is not None:
        top.axvline(mean, zorder=0.5, color=INK, linewidth=1)
        words = {"nb": f"gjennomsnitt {labels.number(mean, 1)} måneder", "en": f"mean {labels.number(mean, 1)} months"}
        top.text(mean + 0.08, 0.97, pick(words), transform=top.get_xaxis_transform(), fontsize=7.5, va="top")
    top.set_title(
        pick({"nb": "Andel av de tidligere deltakerne", "en": "Share of former participants"}), fontsize=8.5, pad=18
    )
    points = numbers[(numbers["term"] == "success") & numbers["estimate"].notna()]
    y, down, up = (100 * points[c].to_numpy(dtype=float) for c in ("estimate", "ci_low", "ci_high"))
    low.vlines(points["elapsed_months"], down, up, color=GREY, linewidth=1)
    low.plot(points["elapsed_months"], y, "o", color=INK, markersize=4)
    percent_axis(low, context)
    low.set_title(labels.term("word.in_work_or_education"), fontsize=8.5, pad=18)
    low.axvline(12, zorder=0.5, color=RED, linewidth=1, linestyle=(0, (5, 3)))
    for axes in (top, low):
        axes.set_xlim(10.3, 22.7)
        axes.set_xticks(range(11, 23))
        axes.tick_params(axis="x", color=PALE)
    words = {
        "nb": "Måneder fra sluttdato til måleuka i november året etter",
        "en": "Months from the end date to the week in November the year after",
    }
    low.set_xlabel(pick(words), loc="right", fontsize=8.5)
    return sheet.figure


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    by = numbers.set_index("term")
    found = {name: labels.number(by["estimate"].get(name), 1) for name in SUMMARY}
    count = labels.number(by["n"].get("mean"))
    slope = by.loc["slope"] if "slope" in by.index else pd.Series(dtype=float)
    points = labels.signed(100 * slope.get("estimate", float("nan")), 2)
    interval = labels.interval(100 * slope.get("ci_low", float("nan")), 100 * slope.get("ci_high", float("nan")), 2)
    texts = {
        "nb": f"En tidel måles før {found['p10']} måneder og en tidel etter {found['p90']} (median "
        f"{found['median']}). Hver ekstra måned "
        f"går sammen med {points} prosentpoeng {interval} blant dem som sluttet i samme år ({context.confidence}, "
        "klynger: kommuner). "
        f"Streker nederst: {context.confidence} (Wilson).",
        "en": f"One in ten is measured before {found['p10']} months and one in ten after {found['p90']} (median "
        f"{found['median']}). Each "
        f"further month goes together with {points} percentage points {interval} among those who left in the same year "
        f"({context.confidence}, clusters: municipalities). Lines below: {context.confidence} (Wilson).",
    }
    n = {"nb": f"{count} tidligere deltakere", "en": f"{count} former participants"}
    return context.footer(numbers, pick(n), context.definition(context.settings["official_definition"]), [pick(texts)])
