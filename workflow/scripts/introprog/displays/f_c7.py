"""F-C7: specification curve: every combination of definition, horizon, denominator and geography, sorted, with its
choices."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.house_style import BLUE, INK, ORANGE, PALE, RED, page, percent_axis, target_line, wrapped

KEYS = ["definition", "horizon", "denominator"]
DENOMINATORS = {
    "residents": {"nb": "Bosatte i Norge", "en": "Residents of Norway"},
    "all_leavers": {"nb": "Alle som sluttet", "en": "All leavers"},
}
ROW = 0.42


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a specification: national share with interval, and the share of municipalities at the target by either
    geography; ``position`` is the place in the curve, ``official`` marks the official measure."""
    table = inputs["specifications"]
    share = table[table["estimand"] == "share"].copy()
    for geography in ("programme", "present"):
        rows = table[(table["estimand"] == "at_target") & (table["geography"] == geography)]
        share = share.merge(
            rows[[*KEYS, "estimate"]].rename(columns={"estimate": f"at_target_{geography}"}), on=KEYS, how="left"
        )
    places = table[(table["estimand"] == "at_target") & table["official"].astype(bool)]["municipalities"]
    share["municipalities"] = int(places.iloc[0]) if len(places) else 0
    share = share.sort_values(["estimate", *KEYS], kind="stable", ignore_index=True)
    share.insert(0, "position", range(1, len(share) + 1))
    share["first_exit_year"], share["last_exit_year"] = settings["comparison"]["exit_years"]
    names = [
        "position",
        *KEYS,
        "estimate",
        "ci_low",
        "ci_high",
        "n",
        "at_target_programme",
        "at_target_present",
        "municipalities",
    ]
    return share[[*names, "official", "first_exit_year", "last_exit_year"]].rename(columns={"estimate": "share"})


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Curve of shares, municipalities at the target below, and the grid of choices under both."""
    labels, pick = context.labels, context.labels.pick
    definitions = [d for d in context.settings["definitions"] if d in set(numbers["definition"])]
    horizons = sorted(numbers["horizon"].unique())
    groups = [
        ({"nb": "Definisjon", "en": "Definition"}, "definition", {d: context.definition(d) for d in definitions}),
        (
            {"nb": "År etter", "en": "Years after"},
            "horizon",
            {h: labels.term(f"horizon.{h}", str(h)) for h in horizons},
        ),
        ({"nb": "Nevner", "en": "Denominator"}, "denominator", {k: pick(v) for k, v in DENOMINATORS.items()}),
    ]
    rows = sum(len(choices) for *_, choices in groups) + len(groups)
    height = 0.5 + rows * ROW + 0.5 + 3.0 + 1.1 + 5.0 + 0.9
    sheet = page(context, height, _footer(numbers, context))
    left, width = 5.6, 10.0
    at = height - 0.9 - 5.0
    top = sheet.axes(left, at, width, 5.0)
    _curve(top, numbers, context)
    at -= 1.1 + 3.0
    middle = sheet.axes(left, at, width, 3.0)
    _targets(middle, numbers, context)
    at -= 0.5 + rows * ROW
    _grid(sheet.axes(left, at, width, rows * ROW), numbers, groups, context)
    return sheet.figure


def _frame(axes: Axes, count: int) -> None:
    axes.set_xlim(0.2, count + 0.8)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)


def _curve(axes: Axes, numbers: pd.DataFrame, context: Context) -> None:
    x = numbers["position"].to_numpy()
    y, low, high = (100 * numbers[c].to_numpy(dtype=float) for c in ("share", "ci_low", "ci_high"))
    percent_axis(axes, context)
    _frame(axes, len(x))
    value, words, colour = target_line(axes, context)
    axes.text(1, value + 1.5, words, fontsize=7.5, color=colour)
    axes.vlines(x, low, high, color=BLUE, linewidth=2.2, alpha=0.4)
    axes.plot(x, y, "o", color=BLUE, markersize=1.8)
    text = {"nb": "Andel som lykkes, hele landet", "en": "Share with success, whole country"}
    axes.set_title(context.labels.pick(text), fontsize=8.5, pad=18)
    for place, share in numbers.loc[numbers["official"].astype(bool), ["position", "share"]].itertuples(index=False):
        axes.plot([place], [100 * share], "D", color=RED, markersize=5.5, zorder=5)
        words = {
            "nb": f"offisiell måling: {context.labels.percent_sign(share)}",
            "en": f"official measure: {context.labels.percent_sign(share)}",
        }
        axes.annotate(
            context.labels.pick(words),
            (place, 100 * share),
            (4, -34),
            textcoords="offset points",
            fontsize=7.5,
            ha="right",
            color="#A84300",
            arrowprops={"arrowstyle": "-", "color": "#A84300", "lw": 0.6},
        )


def _targets(axes: Axes, numbers: pd.DataFrame, context: Context) -> None:
    """Share of municipalities at the target; the two geographies by mark and colour, named in the head."""
    high = 100 * np.nanmax(numbers[["at_target_programme", "at_target_present"]].to_numpy(dtype=float), initial=0.05)
    percent_axis(axes, context, high=min(100, 20 * np.ceil(high / 20)))
    _frame(axes, len(numbers))
    target = context.labels.percent_sign(context.settings["study"]["target_share"])
    text = {"nb": f"Andel av kommunene som når {target}", "en": f"Share of municipalities that reach {target}"}
    axes.set_title(context.labels.pick(text), fontsize=8.5, pad=18)
    marks = {
        "programme": ("o", BLUE, {"nb": "programkommune", "en": "programme municipality"}),
        "present": ("^", ORANGE, {"nb": "bostedskommune", "en": "present municipality"}),
    }
    for i, (geography, (marker, colour, words)) in enumerate(marks.items()):
        y = 100 * numbers[f"at_target_{geography}"].to_numpy(dtype=float)
        axes.plot(
            numbers["position"],
            y,
            marker,
            color=colour,
            markersize=2.8,
            markerfacecolor="none" if i else colour,
            markeredgewidth=0.8,
            clip_on=False,
        )
        axes.plot(
            [0.03],
            [0.92 - 0.16 * i],
            marker,
            color=colour,
            markersize=4,
            markerfacecolor="none" if i else colour,
            transform=axes.transAxes,
        )
        axes.text(
            0.05, 0.92 - 0.16 * i, context.labels.pick(words), transform=axes.transAxes, fontsize=7.5, va="center"
        )


def _grid(axes: Axes, numbers: pd.DataFrame, groups: list, context: Context) -> None:
    total = sum(len(choices) for *_, choices in groups) + len(groups)
    axes.set_ylim(total - 0.5, -0.5)
    _frame(axes, len(numbers))
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    official = numbers.loc[numbers["official"].astype(bool)]
    at = 0
    for head, column, choices in groups:
        axes.text(
            -0.01,
            at,
            context.labels.pick(head),
            transform=axes.get_yaxis_transform(),
            fontsize=7.5,
            fontweight="bold",
            ha="right",
            va="center",
        )
        for code, words in choices.items():
            at += 1
            axes.axhline(at, color=PALE, linewidth=0.4, zorder=0)
            used = numbers.loc[numbers[column] == code, "position"]
            axes.plot(used, np.full(len(used), at), "|", color=INK, markersize=6, markeredgewidth=1.1)
            mine = official.loc[official[column] == code, "position"]
            axes.plot(mine, np.full(len(mine), at), "D", color=RED, markersize=4)
            text = "\n".join(wrapped(words, 7, 6.0))
            axes.text(
                -0.01,
                at,
                text,
                transform=axes.get_yaxis_transform(),
                fontsize=7 if text == words else 6.3,
                ha="right",
                va="center",
                linespacing=0.95,
                color=INK,
            )
        at += 1


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels = context.labels
    low, high = int(numbers["n"].min()), int(numbers["n"].max())
    years = labels.years(int(numbers["first_exit_year"].iloc[0]), int(numbers["last_exit_year"].iloc[0]))
    places = labels.number(numbers["municipalities"].iloc[0])
    least = labels.number(context.settings["comparison"]["minimum_leavers"])
    n = {
        "nb": f"{labels.number(low)} til {labels.number(high)} tidligere deltakere som sluttet {years}; {places} "
        f"kommuner med minst {least}",
        "en": f"{labels.number(low)} to {labels.number(high)} former participants who left {years}; {places} "
        f"municipalities with at least {least}",
    }
    note = {
        "nb": f"Hver loddrette kolonne er én spesifikasjon. Streker: {context.confidence} (Wilson). De samme "
        "kohortene ved alle "
        "måletidspunkt. Alle som sluttet og bostedskommune kan ikke kombineres: den som er borte, bor ikke i noen "
        "kommune.",
        "en": f"Each column is one specification. Lines: {context.confidence} (Wilson). The same cohorts at every "
        "horizon. All leavers "
        "and present municipality cannot be combined: who is gone lives in no municipality.",
    }
    definition = {"nb": f"{len(numbers)} spesifikasjoner", "en": f"{len(numbers)} specifications"}
    return context.footer(numbers, labels.pick(n), labels.pick(definition), [labels.pick(note)])
