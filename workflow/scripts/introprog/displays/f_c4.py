"""F-C4: the same municipalities ranked at every moment of measuring, and how little the ranks are known.

Left: confidence sets for the rank one year after (Mogstad, Romano, Shaikh & Wilhelm 2024), for each municipality by
itself and for all at once. Right: the observed ranks from leaving to five years after, the ends at one year picked out.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.house_style import PALE, Page, page, spread

REFERENCE = 1
PICKED = 5
LIMITS = ["rank_low", "rank_high", "rank_low_simultaneous", "rank_high_simultaneous"]
ENDS = {"highest": "#005A8C", "lowest": "#B85C00"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a municipality and horizon: n, rate, shrunken rate, rank, its limits, and ``picked`` (highest/lowest)."""
    rows = inputs["ranks"].astype({"horizon": "int64"}).reset_index(drop=True)
    counts = pd.DataFrame({"municipality": rows["municipality"], "horizon": rows["horizon"], "n": rows["n"]})
    counts["successes"] = (rows["rate"] * rows["n"]).round()
    hidden = protect_shares(counts, ["municipality", "horizon"], {}, settings["disclosure"]["threshold"])
    rows = blank(rows, hidden, ["n", "rate", "shrunken", "rank", *LIMITS])
    rows["name"] = rows["municipality"].map(names_of(inputs.get("municipalities"))).fillna(rows["municipality"])
    base = REFERENCE if (rows["horizon"] == REFERENCE).any() else rows["horizon"].min()
    order = (
        rows[(rows["horizon"] == base) & ~rows["suppressed"]]
        .sort_values(["rank", "municipality"])["municipality"]
        .tolist()
    )
    few = min(PICKED, len(order) // 2)
    ends = dict.fromkeys(order[:few], "highest") | dict.fromkeys(order[len(order) - few :], "lowest")
    rows["picked"] = rows["municipality"].map(ends).fillna("")
    names = ["municipality", "name", "horizon", "n", "rate", "shrunken", "rank", *LIMITS, "picked", "suppressed"]
    return rows[names].sort_values(["municipality", "horizon"], ignore_index=True)


def names_of(municipalities: pd.DataFrame | None) -> dict[str, str]:
    """Municipality number -> name in the latest year it is there; nothing where the source has no names (StatBank)."""
    if municipalities is None:
        return {}
    latest = municipalities.sort_values("year").drop_duplicates("municipality", keep="last")
    return dict(latest.set_index("municipality")["name"])


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Confidence sets to the left, ranks over the horizons to the right, one rank scale."""
    pick, number = context.labels.pick, context.labels.number
    count = numbers["municipality"].nunique()
    minimum, years = context.settings["comparison"]["minimum_leavers"], context.settings["comparison"]["exit_years"]
    notes = {
        "nb": f"De samme {count} kommunene på alle tidspunkter, hver med minst {minimum} tidligere deltakere som "
        f"sluttet "
        f"{context.labels.years(*years)}. Til venstre: tykk strek = {context.confidence} for kommunens rang alene, "
        f"tynn strek = for alle "
        f"kommuner samtidig. Blått: de {PICKED} høyeste ett år etter, oransje: de {PICKED} laveste. "
        "«Slutt»: direkte overgang ved avslutning.",
        "en": f"The same {count} municipalities at all moments, each with at least {minimum} former participants who "
        f"left in "
        f"{context.labels.years(*years)}. Left: thick line = {context.confidence} of the rank of one municipality, "
        f"thin line = of all at "
        f"once. Blue: the {PICKED} highest one year after, orange: the {PICKED} lowest. “Exit”: direct "
        "transition on leaving.",
    }
    first = numbers[numbers["horizon"] == _base(numbers)]
    n = {
        "nb": f"{count} kommuner, {number(first['n'].sum())} tidligere deltakere",
        "en": f"{count} municipalities, {number(first['n'].sum())} former participants",
    }
    footer = context.footer(
        numbers, pick(n), context.definition(context.settings["official_definition"]), [pick(notes)]
    )
    sheet = page(context, 12.4, footer)
    _sets(sheet, first, context, count)
    _bump(sheet, numbers, context, count)
    return sheet.figure


def _base(numbers: pd.DataFrame) -> int:
    return REFERENCE if (numbers["horizon"] == REFERENCE).any() else int(numbers["horizon"].min())


def _rank_axis(axes: Axes, count: int) -> None:
    step = 1 if count <= 12 else 5 if count <= 40 else 10
    axes.set_ylim(count + 0.8, 0.2)
    axes.set_yticks([1, *range(step, count + 1, step)] if step > 1 else range(1, count + 1))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _sets(sheet: Page, rows: pd.DataFrame, context: Context, count: int) -> None:
    axes = sheet.axes(0.9, 0.9, 4.9, 10.3)
    rows = rows[~rows["suppressed"].astype(bool)].sort_values(["rank", "municipality"]).reset_index(drop=True)
    y = rows.index + 1
    colours = rows["picked"].map({"highest": ENDS["highest"], "lowest": ENDS["lowest"]}).fillna("#8c8c8c").tolist()
    axes.hlines(y, rows["rank_low_simultaneous"], rows["rank_high_simultaneous"], color=colours, linewidth=0.5)
    axes.hlines(y, rows["rank_low"], rows["rank_high"], color=colours, linewidth=2.0, alpha=0.55)
    axes.scatter(rows["rank"], y, s=9, color=colours, zorder=3)
    _rank_axis(axes, count)
    axes.set_xlim(0.2, count + 0.8)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_title(
        context.labels.pick(
            {"nb": "Rang ett år etter,\nmed usikkerhet", "en": "Rank one year after,\nwith uncertainty"}
        ),
        fontsize=8.5,
        pad=6,
    )
    axes.set_xlabel(context.labels.pick({"nb": "Mulig rang", "en": "Possible rank"}), fontsize=8.5, loc="right")
    axes.set_ylabel(context.labels.pick({"nb": "Observert rang", "en": "Observed rank"}), fontsize=8.5, labelpad=2)


def _bump(sheet: Page, numbers: pd.DataFrame, context: Context, count: int) -> None:
    axes = sheet.axes(6.7, 0.9, 6.3, 10.3)
    wide = numbers.pivot(index="municipality", columns="horizon", values="rank").astype("Float64")  # noqa: PD010
    picked = numbers.drop_duplicates("municipality").set_index("municipality")
    x = range(len(wide.columns))
    labels = []
    for kind in ("", "lowest", "highest"):
        for municipality in wide.index[picked.loc[wide.index, "picked"] == kind]:
            y = wide.loc[municipality].to_numpy(dtype=float, na_value=float("nan"))
            if not kind:
                axes.plot(x, y, color=PALE, linewidth=0.6, zorder=1)
                continue
            axes.plot(
                x,
                y,
                color=ENDS[kind],
                linewidth=1.4,
                marker="o" if kind == "highest" else "s",
                markersize=3.5,
                zorder=3,
            )
            labels.append((y[-1], picked.loc[municipality, "name"], ENDS[kind]))
    _rank_axis(axes, count)
    axes.set_yticks([])
    axes.set_xlim(-0.25, len(x) - 0.75)
    axes.set_xticks(list(x), [_moment(h, context) for h in wide.columns], fontsize=7.5)
    axes.set_title(
        context.labels.pick({"nb": "Observert rang\npå hvert tidspunkt", "en": "Observed rank\nat each moment"}),
        fontsize=8.5,
        pad=6,
    )
    labels = [label for label in labels if label[0] == label[0]]
    for (_, name, colour), y in zip(labels, spread([a for a, _, _ in labels], count / 34, 1, count), strict=True):
        axes.annotate(
            name,
            (1, y),
            (5, 0),
            axes.get_yaxis_transform(),
            "offset points",
            va="center",
            fontsize=7.5,
            color=colour,
            annotation_clip=False,
        )


def _moment(horizon: int, context: Context) -> str:
    if horizon == 0:
        return context.labels.pick({"nb": "Slutt", "en": "Exit"})
    return context.labels.term(f"horizon.{horizon}")
