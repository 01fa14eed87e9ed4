"""F-B6: what «other or unknown status» hides: its seven statuses by year of leaving, for men and women."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import SEX_TREE, blank, protect
from introprog.displays.context import Context
from introprog.displays.shares import in_order
from introprog.house_style import GREY, INK, page, percent_axis

PARTS = {
    "32": "#003F6B",
    "31": "#0072B2",
    "33": "#7CC3E8",
    "34": "#F0D264",
    "35": "#D55E00",
    "80": "#B8B8B8",
    "08": "#5A5A5A",
}
HATCH = "//////"
KEYS = ["first_exit_year", "sex", "status"]
WIDTHS = (1, 2, 3)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a period of leaving, sex and status: count, n and share of all former participants one year after.

    Periods are of one, two or three years, the shortest at which nothing must be hidden.
    """
    table = inputs["region_status"]
    use = (
        (table["definition"] == settings["official_definition"])
        & (table["horizon"] == 1)
        & (table["region_level"] == "country")
    )
    # both sexes together only for the totals: with every status three ways, men's few would hide most of women's
    use &= table["status"].isin(["00", "3"]) | ((table["sex"] != "both") & table["status"].isin(list(PARTS)))
    rows = table[use & (table["geography"] == "programme")]
    rows = rows[["exit_year", *KEYS[1:], "n"]].astype(
        {"sex": "str", "status": "str", "exit_year": "int64", "n": "Int64"}
    )
    for width in WIDTHS:
        known = _protected(rows, width, settings["disclosure"]["threshold"])
        if not known["suppressed"].any():
            break
    total = known[known["status"] == "00"].set_index(["first_exit_year", "sex"])["n"]
    part = known[known["status"] != "00"].rename(columns={"n": "count"})
    part["n"] = total.reindex(pd.MultiIndex.from_frame(part[["first_exit_year", "sex"]])).to_numpy()
    part["share"] = part["count"].astype("Float64") / part["n"].astype("Float64").mask(part["n"] == 0)
    names = ["first_exit_year", "last_exit_year", "sex", "status", "count", "n", "share", "suppressed"]
    return in_order(part, KEYS)[names]


def _protected(rows: pd.DataFrame, width: int, threshold: int) -> pd.DataFrame:
    """Counts of periods of ``width`` years, counted back from the latest, after disclosure control."""
    latest = rows["exit_year"].max()
    last = latest - width * ((latest - rows["exit_year"]) // width)
    first = np.maximum(last - width + 1, rows["exit_year"].min())
    sums = rows.assign(first_exit_year=first, last_exit_year=last)
    cells = sums.groupby([*KEYS, "last_exit_year"], sort=True)["n"]
    # a sum with a suppressed cell (StatBank) is as little known as the cell
    sums = cells.sum().where(cells.count() == cells.size()).reset_index()
    trees = {"sex": SEX_TREE, "status": {"3": tuple(PARTS)}}
    hidden = [protect(part, "n", KEYS, trees, threshold) for _, part in sums.groupby("first_exit_year")]
    return blank(sums, pd.concat(hidden).reindex(sums.index), ["n"]) if hidden else sums.assign(suppressed=False)


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Two panels of stacked bars; what is hidden fills up to the total of the group, hatched."""
    labels, pick = context.labels, context.labels.pick
    both = numbers[(numbers["sex"] == "both") & (numbers["status"] == "3")]
    n = {"nb": f"{labels.number(both['n'].sum())} tidligere deltakere, {labels.number(both['count'].sum())} med "
               "annen eller ukjent status",
         "en": f"{labels.number(both['n'].sum())} former participants, {labels.number(both['count'].sum())} with "
               "other or unknown status"}  # fmt: skip
    definition = context.definition(context.settings["official_definition"])
    sheet = page(context, 11.9, context.footer(numbers, pick(n), definition))
    totals = numbers.loc[numbers["status"] == "3", "share"].astype(float)
    high = min(100, 20 * int(np.ceil(100 * totals.max(skipna=True) / 20))) if totals.notna().any() else 60
    for sex, left in (("men", 0.9), ("women", 8.9)):
        axes = sheet.axes(left, 4.2, 6.8, 6.6)
        axes.set_title(labels.term(f"sex.{sex}"), fontsize=8.5, pad=18)
        percent_axis(axes, context, high=high)
        _bars(axes, numbers[numbers["sex"] == sex], context)
        axes.set_xlabel(labels.term("word.leaving_year"), loc="right", fontsize=8.5)
    _key(sheet, context, bool(numbers["suppressed"].any()))
    return sheet.figure


def _bars(axes: Axes, rows: pd.DataFrame, context: Context) -> None:
    wide = 100 * rows.pivot(index="first_exit_year", columns="status", values="share").reindex(
        columns=["3", *PARTS]
    ).astype(float)
    at, bottom = np.arange(len(wide)), np.zeros(len(wide))
    for code, colour in PARTS.items():
        values = wide[code].fillna(0).to_numpy()
        axes.bar(at, values, 0.82, bottom, color=colour, edgecolor="white", linewidth=0.4)
        bottom = bottom + values
    rest = np.where(wide[list(PARTS)].isna().any(axis=1), wide["3"].fillna(0).to_numpy() - bottom, 0).clip(0)
    axes.bar(
        at[rest > 0], rest[rest > 0], 0.82, bottom[rest > 0], color="white", hatch=HATCH, edgecolor=GREY, linewidth=0
    )
    last = rows.drop_duplicates("first_exit_year").set_index("first_exit_year")["last_exit_year"]
    step = 1 if len(at) <= 6 else 2 if len(at) <= 9 else 4
    chosen = [i for i in at if (len(at) - 1 - i) % step == 0]
    words = [
        context.labels.years(int(wide.index[i]), int(last[wide.index[i]])).replace("\N{EN DASH}", "\N{EN DASH}\n")
        for i in chosen
    ]
    axes.set_xticks(chosen, words)


def _key(sheet, context: Context, hidden: bool) -> None:
    """Colour and name of every status, in two columns below the panels, from the bottom of the bars up."""
    axes = sheet.axes(0, 0, sheet.width, 2.7)
    axes.set_axis_off()
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(0, 2.7)
    names = [(context.labels.term(f"status.{code}"), colour, "") for code, colour in PARTS.items()]
    names += [(context.labels.term("word.hidden_part"), "white", HATCH)] if hidden else []
    for i, (words, colour, hatch) in enumerate(names):
        x, y = 0.9 + 8.0 * (i // 4), 2.3 - 0.55 * (i % 4)
        axes.bar(
            [x], [0.3], 0.3, [y - 0.15], color=colour, hatch=hatch, edgecolor=GREY if hatch else "none", linewidth=0
        )
        axes.text(x + 0.35, y, words, fontsize=7.5, va="center", color=INK)
