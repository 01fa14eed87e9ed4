"""F-D9: the event plot of T-D9: change since the last year before the network, in it less elsewhere, by year of
leaving."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.house_style import BLUE, GREY, INK, PALE, page


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a year of leaving: estimate (0-1), limits, persons and municipalities; the base year is nil by
    definition."""
    table = inputs["network"]
    rows = table[table["model"] == "event"]
    base = settings["network"]["before"][1]
    nil = pd.DataFrame({"exit_year": [base], "estimate": [0.0], "method": ["base year"]})
    rows = pd.concat([rows, nil], ignore_index=True).sort_values("exit_year", ignore_index=True)
    rows = rows.assign(
        definition=settings["official_definition"],
        base_year=base,
        after_first=settings["network"]["after"][0],
        after_last=settings["network"]["after"][1],
        exit_year=rows["exit_year"].astype("int64"),
    )
    names = [
        "exit_year",
        "definition",
        "estimate",
        "std_error",
        "ci_low",
        "ci_high",
        "p_value",
        "n",
        "clusters",
        "dof",
        "method",
    ]
    return rows[[*names, "base_year", "after_first", "after_last"]]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Points with intervals around nil; the years after the start of the network are shaded."""
    labels, pick = context.labels, context.labels.pick
    sheet = page(context, 8.2, _footer(numbers, context))
    axes = sheet.axes(1.2, 1.1, 14.3, 6.3)
    known = numbers[numbers["ci_low"].notna()]
    y, low, high = (100 * known[c].to_numpy(dtype=float) for c in ("estimate", "ci_low", "ci_high"))
    reach = max(20, 10 * (int(max(abs(low).max(initial=0), abs(high).max(initial=0)) // 10) + 1))
    first = numbers.iloc[0]
    axes.axvspan(first["after_first"] - 0.5, first["after_last"] + 0.5, color="#eef3f7", zorder=0, linewidth=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.vlines(known["exit_year"], low, high, color=BLUE, linewidth=1.2)
    axes.plot(known["exit_year"], y, "o", color=BLUE, markersize=4.5)
    axes.plot([first["base_year"]], [0], "D", color="white", markeredgecolor=INK, markersize=5)
    axes.set_ylim(-reach, reach)
    step = 10 if reach <= 30 else 20
    ticks = range(-reach + reach % step, reach + 1, step)
    axes.set_yticks(list(ticks), [labels.signed(t) for t in ticks])
    axes.grid(True, axis="y", color=PALE)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    years = range(int(numbers["exit_year"].min()), int(numbers["exit_year"].max()) + 1)
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    axes.set_xticks([t for t in years if len(years) <= 10 or (t - int(first["base_year"])) % 2 == 0])
    axes.set_xticks(list(years), minor=True)
    axes.set_xlabel(labels.term("word.leaving_year"), loc="right")
    axes.annotate(
        labels.term("word.percentage_points"),
        (0, 1),
        (-28, 6),
        "axes fraction",
        "offset points",
        fontsize=8.5,
        color="#404040",
    )
    style = {"transform": axes.get_xaxis_transform(), "fontsize": 7.5, "color": GREY, "va": "top"}
    axes.text(first["after_first"] - 0.42, 0.98, pick({"nb": "nettverket", "en": "the network"}), **style)
    axes.text(first["base_year"], 0.06, pick({"nb": "grunnår", "en": "base year"}), **{**style, "ha": "center"})
    return sheet.figure


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    n = {
        "nb": f"{labels.number(numbers['n'].min())} til {labels.number(numbers['n'].max())} tidligere deltakere og "
        f"{labels.number(numbers['clusters'].min())} til {labels.number(numbers['clusters'].max())} kommuner "
        "per punkt",
        "en": f"{labels.number(numbers['n'].min())} to {labels.number(numbers['n'].max())} former participants and "
        f"{labels.number(numbers['clusters'].min())} to {labels.number(numbers['clusters'].max())} "
        "municipalities a point",
    }
    note = {
        "nb": f"Streker: {context.confidence}, klynger: kommuner (CR2, Satterthwaite). Punktene før grunnåret viser "
        "om gruppene gikk i takt.",
        "en": f"Lines: {context.confidence}, clusters: municipalities (CR2, Satterthwaite). The points before the "
        "base year show whether the "
        "groups moved together.",
    }
    return context.footer(numbers, pick(n), context.definition(str(numbers["definition"].iloc[0])), [pick(note)])
