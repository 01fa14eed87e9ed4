"""F-C9: does the one-year result tell the long-run one? The same cohorts' late share against their early one.

The observed slope holds noise; the corrected one is the slope between true shares, and one means that a lead is kept.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.displays.moments import is_silent, method_text, moment, not_estimable, one_moment, reason, years_of
from introprog.house_style import BLUE, GREY, INK, Page, page, percent_axis, wrapped
from introprog.pooling import large_everywhere

EARLY = 1
SIDE = 8.6
TERMS = ("slope", "slope_corrected", "r_squared_corrected")
STYLES = {
    "slope": {"color": GREY, "linestyle": (0, (5, 2)), "linewidth": 1.4},
    "slope_corrected": {"color": BLUE, "linestyle": "-", "linewidth": 1.8},
}
KEPT = {"color": INK, "linestyle": (0, (1, 2)), "linewidth": 1}
NAMES = {
    "slope": {"nb": "Observert linje", "en": "Observed line"},
    "slope_corrected": {"nb": "Korrigert for målefeil", "en": "Corrected for reliability"},
    "kept": {"nb": "Forspranget beholdt", "en": "Lead kept"},
}
YEARS = ["first_exit_year", "last_exit_year"]
COLUMNS = ["kind", "municipality", "term", "definition", "horizon", "horizon_other", *YEARS, "n", "n_other", "share",
           "share_other", "estimate", "ci_low", "ci_high", "p_value", "intercept", "method", "suppressed"]  # fmt: skip


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``municipality`` (n and share at both moments) and ``line`` (slope, limits, intercept, method).

    A municipality is hidden when its share at either moment may not be shown. A line has all municipalities in it: its
    ``n`` is their number, ``share`` and ``share_other`` their means.
    """
    ranks, slopes = inputs["ranks"].astype({"horizon": "int64"}), inputs["forecast"]
    ranks = large_everywhere(ranks, settings["comparison"]["minimum_leavers"])
    slopes = slopes[slopes["model"] == "one_moment"]
    if slopes.empty:
        return pd.DataFrame(columns=COLUMNS)
    early = EARLY if (slopes["horizon"] == EARLY).any() else int(slopes["horizon"].max())
    late = int(slopes["horizon_other"].max())
    own = slopes[slopes["horizon"] == early].set_index("term")
    lines = own.reindex([t for t in TERMS if t in own.index]).reset_index()
    starts = lines["term"].str.replace("slope", "intercept").map(own["estimate"])
    means = ranks.groupby("horizon")["rate"].mean()
    lines = lines.assign(kind="line", intercept=starts.where(lines["term"].str.startswith("slope")))
    lines = lines.assign(share=means[early], share_other=means[late])
    towns = _towns(ranks, early, late, settings["disclosure"]["threshold"])
    table = pd.concat([towns, lines], ignore_index=True)
    table["horizon"], table["horizon_other"] = early, late
    table["definition"] = own["definition"].iloc[0]
    for name in YEARS:
        table[name] = int(ranks[name].iloc[0]) if len(ranks) else pd.NA
    table["suppressed"] = table["suppressed"].astype("boolean").fillna(False).astype(bool)
    return table.reindex(columns=COLUMNS)


def _towns(ranks: pd.DataFrame, early: int, late: int, threshold: int) -> pd.DataFrame:
    rows = ranks[ranks["horizon"].isin([early, late])].reset_index(drop=True)
    counts = rows[["municipality", "horizon", "n"]].assign(successes=(rows["rate"] * rows["n"]).round())
    hidden = protect_shares(counts, ["municipality", "horizon"], {}, threshold)
    either = hidden.groupby(rows["municipality"]).transform("any")
    if len(rows.loc[either, "municipality"].unique()) == 1:
        # the means of all are told by the lines: of one hidden municipality they would tell the share
        least = rows[~either].sort_values(["n", "municipality"])["municipality"].head(1)
        either |= rows["municipality"].isin(least)
    rows = blank(rows[["municipality", "horizon", "n", "rate"]], either, ["n", "rate"])
    first, last = (rows[rows["horizon"] == h].set_index("municipality") for h in (early, late))
    table = first.join(last[["n", "rate"]].add_suffix("_other")).reset_index()
    return table.rename(columns={"rate": "share", "rate_other": "share_other"}).assign(kind="municipality")


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A scatter of municipalities, sized by leavers, with the lines; the slopes in words beside it."""
    if numbers.empty:
        return _nothing(context)
    towns = numbers[(numbers["kind"] == "municipality") & ~numbers["suppressed"]]
    lines = numbers[numbers["kind"] == "line"].set_index("term")
    sheet = page(context, SIDE + 1.8, _footer(numbers, towns, context))
    axes = sheet.axes(1.1, 1.1, SIDE, SIDE)
    low, high = _limits(towns)
    percent_axis(axes, context, "y", low, high, label=False)
    percent_axis(axes, context, "x", low, high, label=False)
    early, late = (int(numbers[name].iloc[0]) for name in ("horizon", "horizon_other"))
    unit = {"nb": "{when} etter, prosent", "en": "{when} after, per cent"}
    after = [context.labels.pick(unit).format(when=moment(h, context)) for h in (early, late)]
    axes.set_xlabel(after[0], fontsize=8.5, loc="right")
    axes.set_title(after[1], fontsize=8.5, loc="left", pad=6)
    sizes = 6 + 90 * towns["n"].astype(float) / max(float(towns["n"].max() or 1), 1)
    place = [100 * towns[c].astype(float) for c in ("share", "share_other")]
    axes.scatter(*place, s=sizes, color=BLUE, alpha=0.35, linewidth=0.4, edgecolor=INK, zorder=2)
    _lines(axes, lines, towns, low, high)
    _words(sheet, lines, context)
    return sheet.figure


def _nothing(context: Context) -> Figure:
    """A page that says why there is no scatter."""
    definition = context.definition(context.settings["official_definition"])
    sheet = page(context, 2.0, context.footer(pd.DataFrame(), context.labels.number(0), definition))
    for i, line in enumerate(wrapped(one_moment(context), 8.5, sheet.width - 1)):
        sheet.write(0.3, 1.2 - 0.45 * i, line, fontsize=8.5)
    return sheet.figure


def _limits(towns: pd.DataFrame) -> tuple[float, float]:
    values = np.concatenate([towns[c].to_numpy(dtype=float, na_value=np.nan) for c in ("share", "share_other")])
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.array([0.0, 1.0])
    low, high = 10 * np.floor(10 * values.min() - 0.1), 10 * np.ceil(10 * values.max() + 0.1)
    return float(max(low, 0)), float(min(max(high, low + 30), 100))


def _lines(axes: Axes, lines: pd.DataFrame, towns: pd.DataFrame, low: float, high: float) -> None:
    x = 100 * towns["share"].astype(float)
    if x.empty:
        return
    ends = np.array([max(low, x.min() - 3), min(high, x.max() + 3)])
    for term, style in STYLES.items():
        if term in lines.index and pd.notna(lines.loc[term, "estimate"]):
            start, slope = (float(lines.loc[term, name]) for name in ("intercept", "estimate"))
            axes.plot(ends, 100 * start + slope * ends, zorder=3, **style)
    # like the others through the point of the means
    start = float(lines["share_other"].iloc[0]) - float(lines["share"].iloc[0])
    axes.plot(ends, 100 * start + ends, zorder=3, **KEPT)


def _words(sheet: Page, lines: pd.DataFrame, context: Context) -> None:
    """Each line's mark, name, slope and interval, beside the axes."""
    left, width, y = SIDE + 1.7, sheet.width - SIDE - 1.8, SIDE + 0.5
    axes = sheet.axes(left, 0, width, SIDE + 2)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, SIDE + 2)
    for term, name in NAMES.items():
        row = lines.loc[term] if term in lines.index else None
        if row is None or pd.notna(row["estimate"]):
            axes.plot([0, 0.9], [y, y], **STYLES.get(term, KEPT))
        axes.text(1.1, y, context.labels.pick(name), fontsize=8, va="center", fontweight="bold")
        y -= 0.45
        for line in _told(row, context, width - 1.1):
            axes.text(1.1, y, line, fontsize=8, va="center")
            y -= 0.4
        y -= 0.35
    explained = lines["estimate"].get("r_squared_corrected", np.nan)
    if pd.notna(explained):
        text = {
            "nb": f"Av de sanne forskjellene sent er {context.labels.percent(explained)} felles med de tidlige.",
            "en": f"Of the true differences late, {context.labels.percent(explained)} are shared with the early ones.",
        }
        for line in wrapped(context.labels.pick(text), 8, width - 1.1):
            axes.text(1.1, y, line, fontsize=8, va="center")
            y -= 0.4


def _told(row: pd.Series | None, context: Context, width: float) -> list[str]:
    """Slope and interval in words, or why there is none; without a row, the slope of a kept lead."""
    labels = context.labels
    slope = labels.pick({"nb": "Helning", "en": "Slope"})
    if row is None:
        return [f"{slope} 1"]
    if is_silent(row["method"]):
        return wrapped(f"{not_estimable(context)}: {reason(row['method'], context)}", 8, width)
    text = f"{slope} {labels.number(row['estimate'], 2)}"
    if pd.notna(row["ci_low"]):
        text += f" {labels.interval(row['ci_low'], row['ci_high'], 2)}"
    return wrapped(text, 8, width)


def _footer(numbers: pd.DataFrame, towns: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    minimum = labels.number(context.settings["comparison"]["minimum_leavers"])
    count, people = labels.number(len(towns)), labels.number(towns["n"].sum())
    when = years_of(numbers, context) if numbers["first_exit_year"].notna().any() else ""
    n = {
        "nb": f"{count} kommuner vist, {people} tidligere deltakere ved første måling, sluttet {when}; de samme "
        f"kohortene begge ganger, minst {minimum} i hver kommune",
        "en": f"{count} municipalities shown, {people} former participants at the first moment, left in {when}; the "
        f"same cohorts both times, at least {minimum} in each municipality",
    }
    used, shown = int(numbers.loc[numbers["kind"] == "line", "n"].max()), len(towns)
    rest = {
        "nb": f" Linjene er beregnet av alle {used} kommuner; {used - shown} vises ikke.",
        "en": f" The lines are computed from all {used} municipalities; {used - shown} are not shown.",
    }
    unseen = pick(rest) if used > shown else ""
    way = method_text(numbers.loc[numbers["term"].isin(["slope", "slope_corrected"]), "method"].dropna(), context)
    notes = {
        "nb": "Aksene begynner ikke på null. "
        "Større punkt: flere tidligere deltakere. Den korrigerte helningen er mellom sanne andeler: under 1 = "
        f"forspranget er mindre sent enn tidlig. I klammer: {context.confidence} ({way}).",
        "en": "The axes do not start at zero. "
        "Larger point: more former participants. The corrected slope is between true shares: below 1 = "
        f"the lead is smaller late than early. In brackets: {context.confidence} ({way}).",
    }
    return context.footer(
        numbers, pick(n), context.definition(str(numbers["definition"].iloc[0])), [pick(notes) + unseen]
    )
