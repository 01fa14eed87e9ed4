"""F-D5: funnel plot, the share in work or education against the number of leavers, with exact binomial limits.

Spiegelhalter (2005): a municipality inside the funnel differs from the whole by no more than chance makes. The exact
limits judge whether one is outside; they jump with every whole person, so the lines are drawn through mid-quantiles.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import betainc

from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.funnel import LEVELS, funnel_limits
from introprog.house_style import BLUE, GREY, INK, RED, Page, key, page, percent_axis, spread, target_line

HORIZONS = (1, 5)
NAMED = 6
TICKS = (10, 30, 100, 300, 1000, 3000, 10000)
LINES = {
    ("limit", 95.0): {"color": GREY, "style": "-", "width": 0.9},
    ("limit", 99.8): {"color": INK, "style": "-", "width": 0.9},
    ("limit_overdispersed", 95.0): {"color": "#a0a0a0", "style": (0, (3, 2)), "width": 0.8},
    ("limit_overdispersed", 99.8): {"color": "#a0a0a0", "style": (0, (3, 2)), "width": 0.8},
}
COLUMNS = ["kind", "horizon", "first_exit_year", "last_exit_year", "municipality", "name", "n", "rate", "mean",
           "overdispersion", "outside", "outside_overdispersed", "level", "low", "high", "drawn_low", "drawn_high",
           "suppressed"]  # fmt: skip


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``municipality`` (n, rate, limit it lies outside) and ``limit``, ``limit_overdispersed``.

    A limit has its ``level`` (0-1), ``n``, exact ``low`` and ``high``, and ``drawn_low``, ``drawn_high`` as smoothed.
    """
    rows = inputs["funnel"]
    first, last = (min(rows["horizon"], key=lambda h, w=wanted: (abs(h - w), h)) for wanted in HORIZONS)
    parts = []
    for horizon in dict.fromkeys((first, last)):
        towns = rows[rows["horizon"] == horizon].reset_index(drop=True)
        mean, phi = float(towns["mean"].iloc[0]), float(towns["overdispersion"].iloc[0])
        kinds = {"limit": 1.0} | ({"limit_overdispersed": phi} if phi > 1 else {})
        grid = _grid(float(towns["n"].max()))
        limits = [_limits(grid, mean, factor).assign(kind=k, horizon=horizon, mean=mean) for k, factor in kinds.items()]
        parts += [_towns(towns, settings["disclosure"]["threshold"]), *limits]
    table = pd.concat(parts, ignore_index=True).merge(_years(inputs, settings), on="horizon", how="left")
    table["name"] = table["municipality"].map(names_of(inputs.get("municipalities"))).fillna(table["municipality"])
    table["suppressed"] = table["suppressed"].astype("boolean").fillna(False).astype(bool)
    order = ["horizon", "kind", "level", "municipality", "n"]
    return table[COLUMNS].sort_values(order, kind="stable", ignore_index=True)


def _towns(towns: pd.DataFrame, threshold: int) -> pd.DataFrame:
    counts = pd.DataFrame({"municipality": towns["municipality"], "n": towns["n"]})
    counts["successes"] = (towns["rate"] * towns["n"]).round()
    hidden = protect_shares(counts, ["municipality"], {}, threshold)
    towns = blank(towns, hidden, ["n", "rate", "outside", "outside_overdispersed"])
    return towns.drop(columns="z").assign(kind="municipality")


def _years(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """First and last cohort pooled at each horizon; those of the config where the source does not tell."""
    years = ["first_exit_year", "last_exit_year"]
    if "signal" not in inputs:
        asked = pd.DataFrame({"horizon": inputs["funnel"]["horizon"].unique()})
        return asked.assign(**dict(zip(years, settings["comparison"]["exit_years"], strict=True)))
    told = inputs["signal"]
    told = told[(told["definition"] == settings["official_definition"]) | (told["horizon"] == 0)]
    return told.drop_duplicates("horizon")[["horizon", *years]].astype("Int64")


def _limits(sizes: np.ndarray, share: float, overdispersion: float) -> pd.DataFrame:
    limits = funnel_limits(sizes, share, LEVELS, overdispersion)
    tail = ((1 - limits["level"]) / 2).to_numpy()
    n, wide = limits["n"].to_numpy(dtype=float), np.sqrt(max(overdispersion, 1.0))
    low, high = mid_quantile(tail, n, share) / n, 1 - mid_quantile(tail, n, 1 - share) / n
    drawn = {"drawn_low": share + wide * (low - share), "drawn_high": share + wide * (high - share)}
    return limits.assign(**{name: np.clip(values, 0, 1) for name, values in drawn.items()})


def mid_quantile(p: np.ndarray, n: np.ndarray, share: float) -> np.ndarray:
    """Count at which the mean of F(x) and F(x - 1) is ``p``; F is the binomial distribution function, continued
    between whole counts by the incomplete beta function. Zero where already half of F(0) is more than ``p``."""

    def below(x: np.ndarray) -> np.ndarray:
        return np.where(x > -1, betainc(np.maximum(n - x, 1e-9), np.maximum(x, -1 + 1e-9) + 1, 1 - share), 0.0)

    low, high = np.zeros_like(n), n.copy()
    for _ in range(50):
        middle = (low + high) / 2
        under = (below(middle) + below(middle - 1)) / 2 < p
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return (low + high) / 2


def _grid(largest: float) -> np.ndarray:
    """Numbers of leavers at which limits are drawn: every one where few, then evenly on the logarithmic scale."""
    return np.unique(np.concatenate([np.arange(8, 41), np.geomspace(40, max(largest, 50) * 1.15, 40).astype(int)]))


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """One panel a horizon."""
    horizons = sorted(numbers["horizon"].unique())
    sheet = page(context, 10.2, _footer(numbers, context))
    for i, horizon in enumerate(horizons):
        axes = sheet.axes(1.0 + i * 8.0, 1.0, 5.0 if len(horizons) > 1 else 11.8, 6.9)
        rows = numbers[numbers["horizon"] == horizon]
        _panel(axes, rows, context)
        axes.set_title(_heading(rows, int(horizon), context), fontsize=8.5, pad=20)
    _key(sheet, numbers, context)
    return sheet.figure


def _heading(rows: pd.DataFrame, horizon: int, context: Context) -> str:
    years = context.labels.years(int(rows["first_exit_year"].iloc[0]), int(rows["last_exit_year"].iloc[0]))
    moment = {
        "nb": f"{horizon} år etter" if horizon else "Ved avslutning",
        "en": f"{horizon} year{'s' if horizon > 1 else ''} after" if horizon else "On leaving",
    }
    return context.labels.pick({"nb": f"{moment['nb']}, sluttet {years}", "en": f"{moment['en']}, left {years}"})


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, number = context.labels, context.labels.number
    towns = numbers[numbers["kind"] == "municipality"]
    known = towns[towns["rate"].notna()].groupby("horizon").agg(n=("n", "sum"), towns=("n", "size"))
    factors = towns.groupby("horizon")["overdispersion"].first()
    phi = ", ".join(f"{number(v, 2)} ({labels.term(f'horizon.{h}')})" for h, v in factors.items())
    widest = labels.percent_sign(max(LEVELS), 1)
    notes = {
        "nb": "Grensene er eksakt binomiske rundt andelen for alle; linjene er jevnet ut mellom hele personer, men om "
        f"en kommune ligger utenfor er avgjort av de eksakte. Navn: de {NAMED} største utenfor {widest}. "
        f"Overspredning: {phi}; 1 = bare tilfeldighet.",
        "en": "The limits are exact binomial around the share of all; the lines are smoothed between whole persons, "
        f"but whether a municipality lies outside is judged by the exact ones. Names: the {NAMED} largest outside "
        f"{widest}. Over-dispersion: {phi}; 1 = chance alone.",
    }
    words = {"nb": "{n} tidligere deltakere i {towns} kommuner vist ({h})",
             "en": "{n} former participants in {towns} municipalities shown ({h})"}  # fmt: skip
    n = "; ".join(
        labels.pick(words).format(n=number(r.n), towns=number(r.towns), h=labels.term(f"horizon.{h}"))
        for h, r in known.iterrows()
    )
    definition = context.definition(context.settings["official_definition"])
    return context.footer(numbers, n, definition, [labels.pick(notes)])


def _panel(axes: Axes, rows: pd.DataFrame, context: Context) -> None:
    percent_axis(axes, context)
    axes.set_xscale("log")
    low, high = rows["n"].min(), rows.loc[rows["kind"] != "municipality", "n"].max()
    axes.set_xlim(low, high)
    ticks = [t for t in TICKS if low <= t <= high]
    axes.set_xticks(ticks, [context.labels.number(t) for t in ticks], fontsize=7.5)
    axes.set_xticks([], minor=True)
    axes.set_xlabel(context.labels.term("word.leavers"), loc="right", fontsize=8.5)
    axes.axhline(100 * rows["mean"].iloc[0], color=BLUE, linewidth=1)
    target_line(axes, context)
    for (kind, level), part in rows[rows["kind"] != "municipality"].groupby(["kind", "level"]):
        line = LINES[kind, round(100 * level, 1)]
        for side in ("drawn_low", "drawn_high"):
            axes.plot(
                part["n"], 100 * part[side], color=line["color"], linewidth=line["width"], linestyle=line["style"]
            )
    towns = rows[(rows["kind"] == "municipality") & rows["rate"].notna()].astype({"n": float, "rate": float})
    far = towns["outside"].astype(float) > 95
    for part, style in (
        (towns[~far], {"s": 10, "color": BLUE, "alpha": 0.55, "linewidth": 0, "zorder": 3}),
        (towns[far], {"s": 18, "color": RED, "marker": "D", "zorder": 4}),
    ):
        axes.scatter(part["n"], 100 * part["rate"], **style)
    _names(axes, towns[far].nlargest(NAMED, "n"))


def _names(axes: Axes, towns: pd.DataFrame) -> None:
    """Names to the right of the panel, each joined to its point by a thin line."""
    towns = towns.sort_values(["rate", "municipality"])
    for (_, town), y in zip(towns.iterrows(), spread((100 * towns["rate"]).tolist(), 4.6, 2, 98), strict=True):
        axes.annotate(
            town["name"],
            (town["n"], 100 * town["rate"]),
            (1.04, y),
            textcoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=7,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": RED, "linewidth": 0.5, "shrinkA": 1, "shrinkB": 2},
            zorder=2.5,
        )


def _key(sheet: Page, numbers: pd.DataFrame, context: Context) -> None:
    labels, pick = context.labels, context.labels.pick
    inner, outer = (labels.percent_sign(level, 0 if level < 0.99 else 1) for level in LEVELS)
    share = labels.percent_sign(context.settings["study"]["target_share"])
    marks = [
        ({"marker": "o", "color": BLUE, "size": 4}, {"nb": "kommune", "en": "municipality"}),
        (
            {"marker": "D", "color": RED, "size": 4},
            {"nb": f"kommune utenfor {outer}-grensen", "en": f"municipality outside the {outer} limit"},
        ),
        ({"line": True, "color": BLUE, "width": 1}, {"nb": "andel for alle", "en": "share of all"}),
    ]
    target = ({"line": True, "color": RED, "style": (0, (5, 3)), "width": 1}, labels.term("word.target", share=share))
    lines = [
        (LINES["limit", 95.0], {"nb": f"{inner}-grense", "en": f"{inner} limit"}),
        (LINES["limit", 99.8], {"nb": f"{outer}-grense", "en": f"{outer} limit"}),
    ]
    if (numbers["kind"] == "limit_overdispersed").any():
        words = {"nb": "begge utvidet for overspredning", "en": "both widened for over-dispersion"}
        lines.append((LINES["limit_overdispersed", 95.0], words))
    key(sheet, [*((mark, pick(words)) for mark, words in marks), target], 9.75, 7.5)
    key(sheet, [(line | {"line": True}, pick(words)) for line, words in lines], 9.3, 7.5)
