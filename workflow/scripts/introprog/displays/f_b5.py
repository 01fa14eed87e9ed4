"""F-B5: what the share in work or education consists of, by county: work only, both, or education only."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from introprog.disclosure import blank, protect
from introprog.displays.context import Context
from introprog.displays.f_c1_county import county_names
from introprog.house_style import BLUE, GREEN, INK, SKY, page, percent_axis

PARTS = {"11": BLUE, "15": SKY, "05": GREEN}
WHITE_TEXT = ("11", "05")
COUNTRY = "0"
KEYS = ["region", "status"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a region (country, counties) and part: n, successes, share of successes; pooled over the compared
    cohorts."""
    first, last = settings["comparison"]["exit_years"]
    table = inputs["region_status"]
    use = (table["definition"] == settings["official_definition"]) & (table["horizon"] == 1) & (table["sex"] == "both")
    use &= table["exit_year"].between(first, last) & table["region_level"].isin(["country", "county"])
    rows = table[use & (table["geography"] == "programme") & table["status"].isin(["00", "1", *PARTS])]
    rows = rows.astype({"region": "str", "status": "str"})
    cells = rows.groupby(KEYS, sort=True)["n"]
    # a sum with a suppressed cell (StatBank) is as little known as the cell
    sums = cells.sum().astype("Int64").where(cells.count() == cells.size()).reset_index()
    counties = tuple(r for r in sums["region"].unique() if r != COUNTRY)
    trees = {"status": {"1": tuple(PARTS)}, "region": {COUNTRY: counties}}
    hidden = protect(sums, "n", KEYS, trees, settings["disclosure"]["threshold"])
    known = blank(sums, hidden, ["n"])
    wide = known.pivot(index="region", columns="status", values="n")
    parts = known[known["status"].isin(list(PARTS))].rename(columns={"n": "count"})
    parts = parts.assign(successes=parts["region"].map(wide["1"]), n=parts["region"].map(wide["00"]))
    parts["share"] = parts["count"].astype("Float64") / parts["successes"].astype("Float64")
    parts["success_share"] = parts["successes"].astype("Float64") / parts["n"].astype("Float64")
    parts["name"] = parts["region"].map(county_names(inputs.get("municipalities")))
    parts = parts.assign(first_exit_year=first, last_exit_year=last)
    columns = ["region", "name", "status", "count", "successes", "n", "share", "success_share", "suppressed"]
    return parts[[*columns, "first_exit_year", "last_exit_year"]].reset_index(drop=True)


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Bars to 100 per cent, the country first and counties by the share that is work; n and success to the right."""
    labels, pick = context.labels, context.labels.pick
    wide = numbers.pivot(index="region", columns="status", values="share").reindex(columns=list(PARTS)).astype(float)
    order = [
        COUNTRY,
        *wide.drop(COUNTRY, errors="ignore").assign(work=lambda d: d["11"] + d["15"]).sort_values("work").index[::-1],
    ]
    regions = numbers.drop_duplicates("region").set_index("region")
    row = 0.52
    sheet = page(context, row * len(order) + 2.1, _footer(numbers, context))
    axes = sheet.axes(3.6, 1.0, 9.4, row * len(order))
    at = -np.arange(len(order), dtype=float)
    at[1:] -= 0.4
    left = np.zeros(len(order))
    for code, colour in PARTS.items():
        values = 100 * wide.loc[order, code].fillna(0).to_numpy()
        axes.barh(at, values, 0.74, left, color=colour, edgecolor="white", linewidth=0.6)
        for y, x, value in zip(at, left, values, strict=True):
            if value >= 6:
                text = labels.number(value)
                axes.text(
                    x + value / 2,
                    y,
                    text,
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color="white" if code in WHITE_TEXT else INK,
                )
        left = left + values
    percent_axis(axes, context, "x")
    axes.grid(False)
    axes.set_ylim(at[-1] - 0.6, 0.6)
    axes.set_yticks(at, [_name(r, regions, context) for r in order])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    _heads(axes, context)
    for y, region in zip(at, order, strict=True):
        n, share = labels.number(regions.loc[region, "n"]), labels.share(regions.loc[region, "success_share"])
        style = {"transform": axes.get_yaxis_transform(), "fontsize": 7.5, "ha": "right", "va": "center"}
        axes.text(1.13, y, n, **style)
        axes.text(1.26, y, share if regions["success_share"].notna()[region] else ":", **style)
    style = {
        "transform": axes.transAxes,
        "fontsize": 7,
        "ha": "right",
        "va": "bottom",
        "color": "#404040",
        "linespacing": 1.1,
    }
    axes.text(1.13, 1.0, pick({"nb": "Antall\nsluttet", "en": "Number\nleft"}), **style)
    axes.text(1.26, 1.0, pick({"nb": "Lykkes,\nprosent", "en": "Success,\nper cent"}), **style)
    return sheet.figure


def _name(region: str, regions: pd.DataFrame, context: Context) -> str:
    if region == COUNTRY:
        return context.labels.term("word.country")
    name = regions.loc[region, "name"]
    return region if pd.isna(name) else str(name)


def _heads(axes, context: Context) -> None:
    for x, (code, colour) in zip((0.0, 0.23, 0.77), PARTS.items(), strict=True):
        axes.plot([x + 0.01], [1.06], "s", color=colour, markersize=6, transform=axes.transAxes, clip_on=False)
        axes.text(
            x + 0.035, 1.06, context.labels.term(f"status.{code}"), transform=axes.transAxes, fontsize=7.5, va="center"
        )


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels = context.labels
    country = numbers[numbers["region"] == COUNTRY].iloc[0]
    years = labels.years(int(country["first_exit_year"]), int(country["last_exit_year"]))
    n = {"nb": f"{labels.number(country['n'])} tidligere deltakere som sluttet {years}, "
               f"{labels.number(country['successes'])} i arbeid eller utdanning",
         "en": f"{labels.number(country['n'])} former participants who left {years}, "
               f"{labels.number(country['successes'])} in work or education"}  # fmt: skip
    return context.footer(numbers, labels.pick(n), context.definition(context.settings["official_definition"]))
