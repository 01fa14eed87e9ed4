"""F-D6: how sure is a municipality's figure? Half-width of its interval and its reliability by number of leavers.

The half-width is what chance makes of a share; the reliability weighs that against how much municipalities differ, so
it also depends on the moment. Wilson (1927) for the interval; reliability as in ``introprog.signal``.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.moments import exit_note, moment, not_estimable, years_of
from introprog.house_style import BLUE, GREEN, GREY, INK, RED, SKY, TARGET_TEXT, Page, end_labels, page
from introprog.intervals import wilson
from introprog.signal import WISHED

TICKS = (5, 10, 30, 100, 300, 1000)
MARKED = (10, 30, 100, 300)
SIZES = np.unique(np.append(np.geomspace(5, 2000, 60).round().astype(int), MARKED))
COLOURS = {0: GREY, 1: INK, 2: BLUE, 3: GREEN, 4: "#8A5A00", 5: "#8E3B6F"}
ROW, TABLE = 0.42, 0.45
YEARS = ["first_exit_year", "last_exit_year"]
VALUES = ["municipalities", "leavers", "median_leavers", "sd_between", "median_reliability", "share_over_07",
          "leavers_for_07", "leavers_for_07_low", "leavers_for_07_high"]  # fmt: skip
COLUMNS = ["kind", "definition", "horizon", *YEARS, "n", "share", "half_width", "reliability", *VALUES, "method"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``half_width`` (by n, at the mean share of the earliest year), ``reliability`` (by n and horizon)
    and ``horizon`` (what holds for the municipalities there are).

    ``leavers_for_07`` and its limits: leavers that give reliability 0.7, from the variance between municipalities and
    its limits; the upper one is empty where no variance at all is within the limits.
    """
    signal = inputs["signal"]
    signal = signal[(signal["definition"] == settings["official_definition"]) | (signal["horizon"] == 0)]
    sizes = inputs["funnel"].groupby("horizon")["n"].median()
    signal = (
        signal[signal["horizon"].isin(sizes.index)]
        .drop_duplicates("horizon")
        .sort_values("horizon")
        .reset_index(drop=True)
    )
    spread = signal["mean"] * (1 - signal["mean"])
    signal["median_leavers"] = signal["horizon"].map(sizes)
    for limit, sd in (("low", "sd_high"), ("high", "sd_low")):
        signal[f"leavers_for_07_{limit}"] = WISHED / (1 - WISHED) * _at_half(spread, signal[sd])
    table = pd.concat(
        [_half_widths(signal, settings["study"]["confidence"]), _curves(signal, spread), signal.assign(kind="horizon")],
        ignore_index=True,
    )
    table[YEARS] = table[YEARS].astype("Int64")
    return table.reindex(columns=COLUMNS)


def _at_half(spread: pd.Series, sd: pd.Series) -> pd.Series:
    """Leavers at which half of a share's variance is signal; missing where there is no variance between."""
    return spread / sd.pow(2).mask(~(sd > 0)) - 1


def _half_widths(signal: pd.DataFrame, confidence: float) -> pd.DataFrame:
    row = signal[signal["horizon"] > 0].iloc[0] if (signal["horizon"] > 0).any() else signal.iloc[0]
    low, high = wilson(row["mean"] * SIZES, SIZES, confidence)
    frame = pd.DataFrame({"kind": "half_width", "n": SIZES, "half_width": (high - low) / 2, "share": row["mean"]})
    return frame.assign(definition=row["definition"], horizon=row["horizon"], **{y: row[y] for y in YEARS})


def _curves(signal: pd.DataFrame, spread: pd.Series) -> pd.DataFrame:
    """Reliability n / (n + M) of each horizon; nil where the municipalities do not differ beyond noise."""
    half = _at_half(spread, signal["sd_between"]).to_numpy(dtype=float)[:, None]
    values = np.where(np.isfinite(half), SIZES / (SIZES + half), 0.0)
    values[signal["sd_between"].isna().to_numpy()] = np.nan
    frame = signal.loc[signal.index.repeat(len(SIZES)), ["definition", "horizon", *YEARS]].reset_index(drop=True)
    frame["n"], frame["reliability"] = np.tile(SIZES, len(signal)), values.ravel()
    return frame.dropna(subset="reliability").assign(kind="reliability")


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Half-width to the left, reliability to the right, and below a line a moment."""
    rows = numbers[numbers["kind"] == "horizon"]
    below = TABLE + ROW * (len(rows) + 1)
    sheet = page(context, 7.4 + below, _footer(numbers, rows, context))
    titles = [
        {
            "nb": "Halve bredden av intervallet\nfor en andel, prosentpoeng",
            "en": "Half the width of the interval\nof a share, percentage points",
        },
        {
            "nb": "Reliabilitet: del av variansen\nsom er virkelige forskjeller",
            "en": "Reliability: part of the variance\nthat is real differences",
        },
    ]
    places = [sheet.axes(x, below + 1.0, 5.3, 5.2) for x in (0.9, 7.9)]
    for axes, title in zip(places, titles, strict=True):
        axes.set_title(context.labels.pick(title), fontsize=8.5, pad=8, linespacing=1.25)
        _sizes(axes, context)
    _half_width(places[0], numbers[numbers["kind"] == "half_width"], context)
    _reliability(places[1], numbers[numbers["kind"] == "reliability"], context)
    _moments(sheet, rows, below, context)
    return sheet.figure


def _sizes(axes: Axes, context: Context) -> None:
    axes.set_xscale("log")
    axes.set_xlim(SIZES[0], SIZES[-1])
    axes.set_xticks(TICKS, [context.labels.number(t) for t in TICKS], fontsize=7.5)
    axes.set_xticks([], minor=True)
    axes.set_xlabel(context.labels.term("word.leavers"), loc="right", fontsize=8.5)
    axes.grid(True, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _half_width(axes: Axes, rows: pd.DataFrame, context: Context) -> None:
    axes.set_ylim(0, 40)
    axes.set_yticks(range(0, 41, 10))
    axes.plot(rows["n"], 100 * rows["half_width"], color=BLUE, linewidth=1.6)
    for size in MARKED:
        height = 100 * float(rows.loc[rows["n"] == size, "half_width"].iloc[0])
        axes.plot([size], [height], "o", color=BLUE, markersize=4)
        text = f"\N{PLUS-MINUS SIGN}{context.labels.number(height)}"
        axes.annotate(text, (size, height), (4, 4), textcoords="offset points", fontsize=7.5)


def _reliability(axes: Axes, rows: pd.DataFrame, context: Context) -> None:
    axes.set_ylim(0, 1)
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    axes.set_yticks(ticks, [context.labels.number(t, 1) for t in ticks])
    axes.axhline(WISHED, color=RED, linewidth=1, linestyle=(0, (5, 3)), zorder=1.5)
    axes.annotate(
        context.labels.number(WISHED, 1),
        (SIZES[0], WISHED),
        (3, 3),
        textcoords="offset points",
        fontsize=7.5,
        color=TARGET_TEXT,
    )
    labels = []
    for horizon, own in rows.groupby("horizon", sort=True):
        colour = COLOURS.get(int(horizon), SKY)
        axes.plot(own["n"], own["reliability"], color=colour, linewidth=1.3)
        labels.append((float(own["reliability"].iloc[-1]), moment(int(horizon), context), colour))
    end_labels(axes, labels, gap=0.07, size=7)


def _moments(sheet: Page, rows: pd.DataFrame, top: float, context: Context) -> None:
    """A line a moment: municipalities, median leavers, share over 0.7, leavers that 0.7 takes."""
    labels, pick = context.labels, context.labels.pick
    heads = [
        ("Kommuner", "Municipalities"),
        ("Median antall\nper kommune", "Median number,\na municipality"),
        ("Median\nreliabilitet", "Median\nreliability"),
        ("Kommuner over 0,7,\nprosent", "Municipalities over\n0.7, per cent"),
        (f"Antall som trengs for 0,7\n[{context.confidence}]", f"Number that 0.7 takes\n[{context.confidence}]"),
    ]
    rights = (4.6, 7.0, 9.0, 12.1, 15.8)
    y = top - 0.45
    style = {"fontsize": 7, "fontweight": "bold", "va": "center", "linespacing": 1.2}
    sheet.write(0.2, y, pick({"nb": "Måletidspunkt", "en": "Moment"}), **style)
    for right, (nb, en) in zip(rights, heads, strict=True):
        sheet.write(right, y, pick({"nb": nb, "en": en}), ha="right", **style)
    y -= 0.15
    for _, row in rows.iterrows():
        y -= ROW
        cells = [
            labels.number(row["municipalities"]),
            labels.number(row["median_leavers"]),
            labels.number(row["median_reliability"], 2),
            labels.share(row["share_over_07"]),
            _needed(row, context),
        ]
        colour = COLOURS.get(int(row["horizon"]), SKY)
        name = moment(int(row["horizon"]), context)
        sheet.write(0.2, y, name, fontsize=7, va="center", color=colour, fontweight="bold")
        for right, cell in zip(rights, cells, strict=True):
            sheet.write(right, y, cell, fontsize=7, ha="right", va="center")


def _needed(row: pd.Series, context: Context) -> str:
    labels = context.labels
    if pd.isna(row["leavers_for_07"]):
        return not_estimable(context)
    none = labels.pick({"nb": "ingen øvre grense", "en": "no upper limit"})
    high = labels.number(row["leavers_for_07_high"]) if pd.notna(row["leavers_for_07_high"]) else none
    between = labels.pick({"nb": "; ", "en": ", "})
    return f"{labels.number(row['leavers_for_07'])} [{labels.number(row['leavers_for_07_low'])}{between}{high}]"


def _footer(numbers: pd.DataFrame, rows: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    first = rows.iloc[0]
    n = {
        "nb": f"{labels.number(first['leavers'])} tidligere deltakere i {labels.number(first['municipalities'])} "
        f"kommuner ved det første tidspunktet, sluttet {years_of(rows, context)} samlet",
        "en": f"{labels.number(first['leavers'])} former participants in {labels.number(first['municipalities'])} "
        f"municipalities at the first moment, left in {years_of(rows, context)} taken together",
    }
    share = labels.percent_sign(numbers.loc[numbers["kind"] == "half_width", "share"].iloc[0])
    notes = [
        {
            "nb": f"Til venstre: {context.confidence} (Wilson) for en andel på {share}. Til høyre: antall delt på "
            "antall "
            "pluss det antallet der halvparten av variansen er virkelige forskjeller; hvor mye kommunene skiller seg "
            "ut "
            "over tilfeldighet, er beregnet for hvert tidspunkt.",
            "en": f"Left: {context.confidence} (Wilson) of a share of {share}. Right: number divided by number plus "
            "the "
            "number at which half of the variance is real differences; how much municipalities differ beyond chance is "
            "estimated at each moment.",
        }
    ]
    if rows["leavers_for_07"].isna().any():
        notes.append(
            {
                "nb": "Ikke beregnbar: ingen variasjon mellom kommunene ut over tilfeldighet, så intet antall er nok.",
                "en": "Not estimable: no variance between municipalities beyond chance, so no number is enough.",
            }
        )
    definition = context.definition(context.settings["official_definition"])
    lines = [*(pick(note) for note in notes), *exit_note(rows["horizon"], context)]
    return context.footer(numbers, pick(n), definition, lines)
