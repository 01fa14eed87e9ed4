"""F-C4: the same municipalities ranked at every moment of measuring, and how little the ranks are known.

Left: confidence sets for the rank one year after (Mogstad, Romano, Shaikh & Wilhelm 2024), for each municipality by
itself and for all at once. Right: the observed ranks from leaving to five years after, the ends at one year picked out.
Municipalities with ``comparison.ranked_leavers`` are shown, also those too small for other rankings: how unsure their
ranks are is the point. Year four is in the numbers and not drawn.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.house_style import PALE, Page, page, spread
from introprog.pooling import least_ranked

REFERENCE = 1
NOT_DRAWN = 4
MANY = 90
PICKED = 5
YEARS = ["first_exit_year", "last_exit_year"]
LIMITS = ["rank_low", "rank_high", "rank_low_simultaneous", "rank_high_simultaneous"]
ENDS = {"highest": "#005A8C", "lowest": "#B85C00"}
STYLES = {
    "": {"color": PALE, "linewidth": 0.6, "zorder": 1},
    "lowest": {"color": ENDS["lowest"], "linewidth": 1.4, "marker": "s", "markersize": 3.5, "zorder": 3},
    "highest": {"color": ENDS["highest"], "linewidth": 1.4, "marker": "o", "markersize": 3.5, "zorder": 3},
}


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
    names = ["municipality", "name", "horizon", *YEARS, "n", "rate", "shrunken", "rank", *LIMITS, "picked",
             "suppressed"]  # fmt: skip
    return rows[names].sort_values(["municipality", "horizon"], ignore_index=True)


def names_of(municipalities: pd.DataFrame | None) -> dict[str, str]:
    """Municipality number -> name in the latest year it is there; nothing where the source has no names (StatBank)."""
    if municipalities is None:
        return {}
    latest = municipalities.sort_values("year").drop_duplicates("municipality", keep="last")
    return dict(latest.set_index("municipality")["name"])


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Confidence sets to the left, ranks over the horizons to the right, one rank scale."""
    count = numbers["municipality"].nunique()
    first = numbers[numbers["horizon"] == _base(numbers)]
    n = {
        "nb": f"{count} kommuner, {context.labels.number(first['n'].sum())} tidligere deltakere",
        "en": f"{count} municipalities, {context.labels.number(first['n'].sum())} former participants",
    }
    definition = context.definition(context.settings["official_definition"])
    sheet = page(context, 12.4, context.footer(numbers, context.labels.pick(n), definition, [_note(numbers, context)]))
    _sets(sheet, first, context, count)
    _bump(sheet, numbers[numbers["horizon"] != NOT_DRAWN], context, count)
    return sheet.figure


def _note(numbers: pd.DataFrame, context: Context) -> str:
    """What is shown, true to the data: cohorts, number picked out; the exit measure and ties only where there are."""
    years = context.labels.years(int(numbers["first_exit_year"].min()), int(numbers["last_exit_year"].max()))
    minimum, level = least_ranked(context.settings["comparison"]), context.confidence
    count, picked = numbers["municipality"].nunique(), numbers.drop_duplicates("municipality")["picked"].value_counts()
    base = _moment(_base(numbers), context).lower()
    nb = (
        f"De samme {count} kommunene på alle tidspunkter, hver med minst {minimum} tidligere deltakere som sluttet "
        f"{years}. Til venstre: tykk strek = {level} for kommunens rang alene, tynn strek = for alle kommuner samtidig."
    )
    en = (
        f"The same {count} municipalities at all moments, each with at least {minimum} former participants who left in "
        f"{years}. Left: thick line = {level} of the rank of one municipality, thin line = of all at once."
    )
    if len(picked.drop("", errors="ignore")):
        high, low = picked.get("highest", 0), picked.get("lowest", 0)
        nb += f" Blått: de {high} høyeste ({base}), oransje: de {low} laveste."
        en += f" Blue: the {high} highest ({base}), orange: the {low} lowest."
    if (numbers["horizon"] == 0).any():
        nb += f" «{_moment(0, context)}»: direkte overgang ved avslutning."
        en += f" “{_moment(0, context)}”: direct transition on leaving."
    known = numbers[numbers["rank"].notna()]
    if known.duplicated(["horizon", "rank"]).any():
        nb += " Kommuner med samme andel deler beste rang."
        en += " Municipalities with the same share have the best rank in common."
    return context.labels.pick({"nb": nb, "en": en})


def _base(numbers: pd.DataFrame) -> int:
    return REFERENCE if (numbers["horizon"] == REFERENCE).any() else int(numbers["horizon"].min())


def _rank_axis(axes: Axes, count: int) -> None:
    step = 1 if count <= 12 else 5 if count <= 40 else 10 if count <= MANY else 20
    axes.set_ylim(count + 0.8, 0.2)
    axes.set_yticks([1, *range(step, count + 1, step)] if step > 1 else range(1, count + 1))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _sets(sheet: Page, rows: pd.DataFrame, context: Context, count: int) -> None:
    axes = sheet.axes(0.9, 0.9, 4.9, 10.3)
    rows = rows[~rows["suppressed"].astype(bool)].sort_values(["rank", "municipality"]).reset_index(drop=True)
    y = rows.index + 1
    colours = rows["picked"].map({"highest": ENDS["highest"], "lowest": ENDS["lowest"]}).fillna("#8c8c8c").tolist()
    thin = min(1.0, MANY / max(count, 1))
    axes.hlines(y, rows["rank_low_simultaneous"], rows["rank_high_simultaneous"], color=colours, linewidth=0.5 * thin)
    axes.hlines(y, rows["rank_low"], rows["rank_high"], color=colours, linewidth=2.0 * thin, alpha=0.55)
    axes.scatter(rows["rank"], y, s=9 * thin, color=colours, zorder=3)
    _rank_axis(axes, count)
    axes.set_xlim(0.2, count + 0.8)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    moment = _moment(int(rows["horizon"].iloc[0]), context).lower() if len(rows) else ""
    heading = {"nb": f"Rang ({moment}),\nmed usikkerhet", "en": f"Rank ({moment}),\nwith uncertainty"}
    axes.set_title(context.labels.pick(heading), fontsize=8.5, pad=6)
    axes.set_xlabel(context.labels.pick({"nb": "Mulig rang", "en": "Possible rank"}), fontsize=8.5, loc="right")
    axes.set_ylabel(context.labels.pick({"nb": "Observert rang", "en": "Observed rank"}), fontsize=8.5, labelpad=2)


def _bump(sheet: Page, numbers: pd.DataFrame, context: Context, count: int) -> None:
    axes = sheet.axes(6.6, 0.9, 6.6, 10.3)
    wide = numbers.pivot(index="municipality", columns="horizon", values="rank").astype("Float64")
    kind = numbers.drop_duplicates("municipality").set_index("municipality")["picked"].reindex(wide.index)
    x = list(range(len(wide.columns)))
    for picked, style in STYLES.items():
        for rank in wide[kind == picked].to_numpy(dtype=float, na_value=float("nan")):
            axes.plot(x, rank, **style)
    _rank_axis(axes, count)
    axes.set_yticks([])
    axes.set_xlim(-0.25, len(x) - 0.75)
    axes.set_xticks(x, [_moment(h, context) for h in wide.columns], fontsize=7)
    # on one baseline: capital rings would push a label down
    axes.tick_params(axis="x", pad=10)
    for label in axes.get_xticklabels():
        label.set_verticalalignment("baseline")
    heading = {"nb": "Observert rang\npå hvert tidspunkt", "en": "Observed rank\nat each moment"}
    axes.set_title(context.labels.pick(heading), fontsize=8.5, pad=6)
    known = numbers[(numbers["picked"] != "") & numbers["rank"].notna()].sort_values(["municipality", "horizon"])
    ends = known.drop_duplicates("municipality", keep="last")
    ends = ends.assign(name=ends["name"].where(ends["horizon"] == wide.columns.max(), ends["name"] + " (:)"))
    _names(axes, ends, count)


def _names(axes: Axes, ends: pd.DataFrame, count: int) -> None:
    """Names to the right of where the lines of the municipalities picked out end, ``(:)`` where that is hidden."""
    places = spread(ends["rank"].astype(float).tolist(), count / 34, 1, count)
    for name, picked, y in zip(ends["name"], ends["picked"], places, strict=True):
        style = {"va": "center", "fontsize": 7.5, "color": ENDS[picked], "annotation_clip": False}
        axes.annotate(name, (1, y), (5, 0), axes.get_yaxis_transform(), "offset points", **style)


def _moment(horizon: int, context: Context) -> str:
    if horizon == 0:
        return context.labels.pick({"nb": "Slutt", "en": "Exit"})
    return context.labels.term(f"horizon.{horizon}")
