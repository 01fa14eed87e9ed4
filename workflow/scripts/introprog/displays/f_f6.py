"""F-F6: leave one municipality out: does a single municipality carry the correlation?

Upper part: the primary contrast without each municipality in turn, in order. Lower part: the range of these for every
wave and horizon, beside the interval of the whole. A municipality is named only where its own answers and leavers may
be shown.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import protect_shares
from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.displays.waves import by_wave, not_estimable_lines, reason, wave_name
from introprog.house_style import BLUE, INK, ORANGE, page
from introprog.link import LINKED

KEYS = ["wave", "construct", "definition", "horizon"]
NAMED = 2


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``all`` (r with its limits), ``range`` (lowest and highest r without one) and ``without`` (r without
    one municipality, the primary contrast only), with ``name`` where it may be shown."""
    primary = settings["association"]["primary"]
    link, verdict = (_chosen(inputs[name], primary) for name in ("municipal_link", "verdict"))
    link = link[(link["status"] == LINKED)].reset_index(drop=True)
    whole = verdict[[*KEYS, "municipalities", "r", "ci95_low", "ci95_high", "verdict"]].assign(kind="all")
    whole = whole.rename(columns={"ci95_low": "ci_low", "ci95_high": "ci_high"})
    known = link[link["r_without"].notna()]
    spans = known.groupby(KEYS)["r_without"].agg(ci_low="min", ci_high="max").reset_index().assign(kind="range")
    one = known[(known["wave"] == primary["wave"]) & (known["horizon"] == primary["horizon"])].reset_index(drop=True)
    counts = pd.DataFrame({"municipality": one["municipality"], "n": one["y_n"], "successes": one["y_successes"]})
    closed = protect_shares(counts, ["municipality"], {}, settings["disclosure"]["threshold"])
    named = one["shown"].astype(bool) & ~closed
    one = one.assign(
        kind="without", r=one["r_without"], name=one["municipality"].map(names_of(inputs["municipalities"]))
    )
    one["name"] = one["name"].fillna(one["municipality"]).where(named, "")
    one["municipality"] = one["municipality"].where(named, "")
    table = pd.concat([whole, spans, one], ignore_index=True)
    table["smallest_effect"] = settings["association"]["smallest_effect"]
    table[["municipality", "name"]] = table[["municipality", "name"]].fillna("")
    names = [
        "kind",
        *KEYS,
        "municipality",
        "name",
        "municipalities",
        "r",
        "ci_low",
        "ci_high",
        "smallest_effect",
        "verdict",
    ]
    return by_wave(table, settings, ["horizon", "kind", "r"])[names]


def _chosen(rows: pd.DataFrame, primary: Mapping) -> pd.DataFrame:
    return rows[(rows["construct"] == primary["construct"]) & (rows["definition"] == primary["definition"])]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """The primary contrast above, all waves and horizons below."""
    labels, pick = context.labels, context.labels.pick
    one = numbers[numbers["kind"] == "without"]
    least = context.settings["surveys"]["minimum_answers"]
    level = labels.percent_sign(1 - context.settings["association"]["alpha"])
    smallest = labels.number(numbers["smallest_effect"].iloc[0], 2)
    notes = {
        "nb": "Øverst: hovedkontrasten uten hver kommune etter tur, sortert; de ytterste av dem som har minst "
        f"{least} svar (fylte punkter), er "
        f"navngitt. Nederst: tynn strek {level} intervall med alle kommuner, tykk strek spennet når én utelates. "
        "Fiolett "
        f"bånd: mindre enn den minste interessante korrelasjonen ({smallest}). Sammenhenger, ikke virkninger.",
        "en": f"Top: the primary contrast without each municipality in turn, in order; the outermost of "
        f"those with at least {least} answers (filled dots) are named. Bottom: thin line {level} interval with all "
        "municipalities, thick line "
        f"the range when one is left out. Violet band: smaller than the smallest correlation of interest ({smallest}). "
        "Associations only.",
    }
    primary = context.settings["association"]["primary"]
    counted = {
        "nb": f"{labels.number(len(one))} kommuner i hovedkontrasten ({wave_name(primary['wave'], context)}), "
        f"{labels.number((one['name'] != '').sum())} kan navngis",
        "en": f"{labels.number(len(one))} municipalities in the primary contrast "
        f"({wave_name(primary['wave'], context)}), "
        f"{labels.number((one['name'] != '').sum())} may be named",
    }
    whole = numbers[numbers["kind"] == "all"]
    missing = not_estimable_lines(whole.assign(method=whole["verdict"]), "r", context)
    whole = whole[whole["r"].notna()].reset_index(drop=True)
    footer = context.footer(numbers, pick(counted), context.definition(primary["definition"]), [pick(notes), *missing])
    lower = 0.42 * len(whole) + 2.4 if len(whole) else 0.5
    sheet = page(context, lower + 4.9, footer)
    _ordered(sheet.axes(1.3, lower, 14.4, 3.9), numbers, context)
    if len(whole):
        _ranges(sheet.axes(4.0, 0.8, 7.4, lower - 2.4), numbers, whole, context)
    return sheet.figure


def _ordered(axes: Axes, numbers: pd.DataFrame, context: Context) -> None:
    """r without each municipality, in order, with the outermost named."""
    labels = context.labels
    primary = context.settings["association"]["primary"]
    rows = numbers[(numbers["kind"] == "without") & numbers["r"].notna()]
    rows = rows.sort_values("r", kind="stable").reset_index(drop=True)
    chosen = (
        (numbers["kind"] == "all") & (numbers["wave"] == primary["wave"]) & (numbers["horizon"] == primary["horizon"])
    )
    told = numbers[chosen].iloc[0]
    when = labels.term(f"horizon.{primary['horizon']}", default=str(primary["horizon"]))
    r = "" if pd.isna(told["r"]) else f": r = {labels.number(told['r'], 2)}"
    axes.set_title(f"{wave_name(primary['wave'], context)}, {when}{r}", fontsize=8.5, pad=16)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    if rows.empty or pd.isna(told["r"]):
        axes.set_yticks([])
        words = context.labels.pick({"nb": "Ikke beregnbar", "en": "Not estimable"})
        axes.text(
            0.5, 0.5, f"{words}: {reason(told['verdict'], context)}", transform=axes.transAxes, ha="center", fontsize=8
        )
        return
    span = max(rows["r"].max() - told["r"], told["r"] - rows["r"].min(), 0.01)
    ticks = forest.round_ticks(told["r"] - 1.35 * span, told["r"] + 1.35 * span, 6)
    axes.set_ylim(ticks[0], ticks[-1])
    axes.set_yticks(ticks, [labels.number(t, 2) for t in ticks], fontsize=7.5)
    axes.set_xlim(-0.03 * len(rows), len(rows) * 1.03)
    axes.grid(True, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.axhline(told["r"], color=INK, linewidth=0.9)
    shown = rows["name"] != ""
    for part, face in ((rows[shown], BLUE), (rows[~shown], "white")):
        axes.plot(part.index, part["r"], marker="o", markersize=3, markerfacecolor=face, markeredgecolor=BLUE,
                  markeredgewidth=0.7, linestyle="none", zorder=3)  # fmt: skip
    _name_ends(axes, rows, ticks)
    word = labels.pick({"nb": "Korrelasjon uten kommunen", "en": "Correlation without the municipality"})
    axes.annotate(word, (0, 1), (-22, 5), "axes fraction", "offset points", fontsize=8, color="#404040")


def _name_ends(axes: Axes, rows: pd.DataFrame, ticks: list[float]) -> None:
    """Names of the outermost municipalities among those that may be named, below the low ones and above the high."""
    named = rows[rows["name"] != ""]
    step = 0.13 * (ticks[-1] - ticks[0])
    ends = [(named.head(NAMED), -step, "left"), (named.iloc[NAMED:].tail(NAMED).iloc[::-1], step, "right")]
    for part, shift, side in ends:
        for rank, (i, row) in enumerate(part.iterrows()):
            y = min(max(row["r"] + shift * (2 - rank), ticks[0] + step / 3), ticks[-1] - step / 3)
            line = {"arrowstyle": "-", "color": "#a0a0a0", "linewidth": 0.5, "shrinkA": 1, "shrinkB": 2}
            axes.annotate(row["name"], (i, row["r"]), (i, y), fontsize=7, ha=side, va="center", arrowprops=line)


def _ranges(axes: Axes, numbers: pd.DataFrame, whole: pd.DataFrame, context: Context) -> None:
    """Interval with all, and range without one, for every wave and horizon."""
    labels = context.labels
    forest.rows_axis(axes, len(whole))
    forest.number_axis(axes, context, (-0.5, -0.25, 0, 0.25, 0.5, 0.75), 2, 7.5)
    forest.smallest_band(axes, whole["smallest_effect"].iloc[0])
    spans = numbers[numbers["kind"] == "range"].set_index(["wave", "horizon"])
    heads = {"nb": ("r, alle", "uten én kommune"), "en": ("r, all", "without one")}[context.language]
    for text, x in zip(heads, (4, 40), strict=True):
        forest.beside(axes, -1.0, text, x, fontweight="bold")
    for i, row in whole.iterrows():
        when = labels.term(f"horizon.{row['horizon']}", default=str(row["horizon"]))
        forest.stub(axes, i, f"{wave_name(row['wave'], context)}, {when}")
        forest.estimate(axes, i, row["ci_low"], row["r"], row["ci_high"], {"color": INK, "marker": "o", "size": 4})
        forest.beside(axes, i, labels.number(row["r"], 2), 4)
        if (row["wave"], row["horizon"]) in spans.index:
            span = spans.loc[(row["wave"], row["horizon"])]
            axes.plot(
                [span["ci_low"], span["ci_high"]], [i, i], color=ORANGE, linewidth=4, solid_capstyle="butt", zorder=2.5
            )
            forest.beside(axes, i, labels.interval(span["ci_low"], span["ci_high"], 2), 40)
