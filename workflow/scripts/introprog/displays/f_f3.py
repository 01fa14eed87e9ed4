"""F-F3: one estimate per moment of measuring: the correlation at every horizon, raw and without measurement error.

The band between plus and minus the smallest effect of interest is where a correlation counts as nil.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.house_style import BLUE, GREY, ORANGE, page

KINDS = {"raw": ("o", BLUE, 0.11), "disattenuated": ("D", ORANGE, -0.11)}
WORDS = {
    "raw": {"nb": "observert r, 95 % intervall", "en": "observed r, 95% interval"},
    "disattenuated": {"nb": "r uten målefeil, 95 % intervall", "en": "r without measurement error, 95% interval"},
}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave, horizon and kind (``raw``, ``disattenuated``) of the construct of the config, where estimable."""
    rows = inputs["verdict"]
    chosen = (rows["construct"] == settings["association"]["construct"]) & (
        rows["definition"] == settings["association"]["definition"]
    )
    rows = rows[chosen & rows["r"].notna()]
    keys = ["wave", "construct", "definition", "horizon", "municipalities", "smallest_effect", "verdict"]
    names = {
        "raw": ("r", "ci95_low", "ci95_high"),
        "disattenuated": ("r_disattenuated", "r_disattenuated_low", "r_disattenuated_high"),
    }
    parts = [
        rows[keys].assign(kind=kind, estimate=rows[e], ci_low=rows[low], ci_high=rows[high])
        for kind, (e, low, high) in names.items()
    ]
    waves = settings["surveys"]["waves"]
    position = {w: i for i, w in enumerate(sorted(waves, key=lambda w: (waves[w]["year"], w)))} | {
        k: i for i, k in enumerate(KINDS)
    }
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(
        ["wave", "horizon", "kind"],
        key=lambda s: s.map(position) if s.name in ("wave", "kind") else s,
        ignore_index=True,
    )


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A forest of estimates by wave and horizon."""
    pick, labels = context.labels.pick, context.labels
    lines = (
        numbers[["wave", "horizon", "municipalities", "verdict"]]
        .drop_duplicates(["wave", "horizon"])
        .reset_index(drop=True)
    )
    smallest = labels.number(numbers["smallest_effect"].max(), 2)
    notes = {
        "nb": f"Grått bånd: korrelasjoner mindre enn {smallest} i begge retninger, fastsatt på forhånd som minste "
        f"interessante. Intervaller uten "
        "målefeil går fra −1 til 1 der påliteligheten er for lav til å si noe. Sammenhenger, ikke virkninger.",
        "en": f"Grey band: correlations smaller than {smallest} in either direction, declared in advance as the "
        f"smallest of interest. Intervals "
        "without measurement error run from −1 to 1 where reliability is too low to tell. Associations only.",
    }
    known = lines["municipalities"]
    n = {
        "nb": f"{known.min()} til {known.max()} kommuner bak hvert estimat",
        "en": f"{known.min()} to {known.max()} municipalities behind each estimate",
    }
    footer = context.footer(numbers, pick(n), context.definition(numbers["definition"].iloc[0]), [pick(notes)])
    waves = list(dict.fromkeys(lines["wave"]))
    at, y = [], 0.0
    for i, wave in enumerate(lines["wave"]):
        y -= 1.15 if i and wave != lines["wave"][i - 1] else 0.6
        at.append(y)
    height = -y + 1.0
    sheet = page(context, height + 1.9, footer)
    axes = sheet.axes(3.6, 1.0, 8.6, height)
    _frame(axes, numbers, context, (y - 0.4, 0.3))
    for (_, line), where in zip(lines.iterrows(), at, strict=True):
        _estimates(axes, numbers[(numbers["wave"] == line["wave"]) & (numbers["horizon"] == line["horizon"])], where)
        left = labels.term(f"horizon.{int(line['horizon'])}")
        right = (
            f"{labels.term('verdict.' + line['verdict'], default=str(line['verdict']))} ({int(line['municipalities'])})"
        )
        _beside(axes, left, 0, -6, where, "right")
        _beside(axes, right, 1, 8, where, "left")
    for wave in waves:
        first = at[lines.index[lines["wave"] == wave][0]]
        _beside(axes, labels.term(f"wave.{wave}", default=wave), 0, -6, first + 0.5, "right", "bold")
    _beside(axes, pick({"nb": "Konklusjon (antall)", "en": "Verdict (number)"}), 1, 8, 0.15, "left", "bold")
    _key(axes, context)
    return sheet.figure


def _frame(axes: Axes, numbers: pd.DataFrame, context: Context, limits: tuple[float, float]) -> None:
    smallest = float(numbers["smallest_effect"].max())
    axes.axvspan(-smallest, smallest, color="#e4e4e4", linewidth=0, zorder=0)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_ylim(*limits)
    axes.set_xlim(-1.02, 1.02)
    ticks = (-1, -0.5, 0, 0.5, 1)
    axes.set_xticks(ticks, [context.labels.number(t, 1) for t in ticks])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(
        context.labels.pick({"nb": "Korrelasjon mellom kommuner", "en": "Correlation between municipalities"}),
        loc="right",
    )


def _estimates(axes: Axes, rows: pd.DataFrame, y: float) -> None:
    for _, row in rows[rows["estimate"].notna()].iterrows():
        marker, colour, shift = KINDS[row["kind"]]
        axes.hlines(y + shift, row["ci_low"], row["ci_high"], color=colour, linewidth=1.3)
        axes.plot([row["estimate"]], [y + shift], marker=marker, color=colour, markersize=4.5)


def _beside(axes: Axes, text: str, side: int, shift: float, y: float, align: str, weight: str = "normal") -> None:
    axes.annotate(
        text,
        (side, y),
        (shift, 0),
        axes.get_yaxis_transform(),
        "offset points",
        ha=align,
        va="center",
        fontsize=8,
        fontweight=weight,
        annotation_clip=False,
    )


def _key(axes: Axes, context: Context) -> None:
    handles = [
        axes.plot([], [], marker=marker, color=colour, markersize=4.5, linewidth=1.3)[0]
        for marker, colour, _ in KINDS.values()
    ]
    words = [context.labels.pick(WORDS[kind]) for kind in KINDS]
    axes.legend(
        handles,
        words,
        loc="lower left",
        bbox_to_anchor=(-0.3, 1.0),
        ncols=2,
        borderaxespad=0,
        handlelength=1.6,
        fontsize=8,
    )
