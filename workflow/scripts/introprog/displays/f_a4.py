"""F-A4: the measures that former participants took during their programme, by sex."""

import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.shares import SEXES, in_order, shown
from introprog.house_style import INK, SEX_COLOUR, key, page, percent_axis
from introprog.labels import Labels

KEYS = ["measure", "sex"]
NONE = "none"
BAR = 0.38


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a measure (code, or ``none``) and sex: n leavers, successes = persons with the measure, share and limits;
    leavers of the comparison's years, the most common measure first."""
    first, last = settings["comparison"]["exit_years"]
    people = inputs["leavers"]
    people = people[people["included"].astype(bool) & people["exit_year"].between(first, last)]
    people = people[people["sex"].isin(["men", "women"])]
    taken = people["measures"].fillna("").astype(str).str.get_dummies("+")
    taken = taken.reindex(columns=Labels("nb").codes("measure"), fill_value=0)
    taken[NONE] = (taken.sum(axis=1) == 0).astype("int64")
    sums = taken.groupby(people["sex"].astype("object")).sum().reindex(["men", "women"], fill_value=0)
    sums.loc["both"] = sums.sum()
    size = people["sex"].value_counts().reindex(["men", "women"], fill_value=0)
    size["both"] = size.sum()
    table = sums.rename_axis("sex").reset_index().melt("sex", var_name="measure", value_name="successes")
    table["n"] = table["sex"].map(size)
    table = shown(table[[*KEYS, "n", "successes"]].astype({"successes": "Int64", "n": "Int64"}), KEYS, settings)
    # the number of leavers is the same in every row: only the count of the measure is hidden
    table["n"] = table["sex"].map(size).astype("Int64")
    # a measure whose number is hidden stands behind the others: a place between two numbers tells a third
    both = table[(table["sex"] == "both") & (table["measure"] != NONE)].set_index("measure")["successes"]
    known = both.dropna().sort_values(ascending=False, kind="stable").index
    at = {code: i for i, code in enumerate([*known, *sorted(set(both.index) - set(known)), NONE])}
    table = in_order(table.assign(place=table["measure"].map(at)), ["place", "sex"]).drop(columns="place")
    return table.rename(columns={"successes": "persons"}).assign(first_exit_year=first, last_exit_year=last)


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Bars for men and women, the share of both sexes in figures to the right."""
    labels, pick = context.labels, context.labels.pick
    order = numbers["measure"].drop_duplicates().tolist()
    rows = numbers.set_index(KEYS)
    height = 0.8 * len(order)
    sheet = page(context, height + 2.0, _footer(numbers, context))
    axes = sheet.axes(5.3, 0.9, 8.4, height)
    at = -np.arange(len(order), dtype=float)
    at[-1] -= 0.25
    percent_axis(axes, context, "x")
    for sex, shift in (("men", BAR / 2), ("women", -BAR / 2)):
        own = 100 * rows.xs(sex, level="sex").loc[order, ["share", "ci_low", "ci_high"]].astype("Float64")
        share, low, high = (own[c].to_numpy(dtype=float, na_value=np.nan) for c in own)
        axes.barh(at + shift, np.nan_to_num(share), BAR, color=SEX_COLOUR[sex], edgecolor="white", linewidth=0.5)
        axes.hlines(at + shift, low, high, color=INK, linewidth=0.8)
        for y, value, end in zip(at + shift, share, high, strict=True):
            text = ":" if np.isnan(value) else labels.number(value)
            axes.text(np.nan_to_num(end) + 1.2, y, text, va="center", fontsize=7, color="#404040")
    axes.set_ylim(at[-1] - 0.6, 0.6)
    axes.set_yticks(at, [textwrap.fill(_name(m, context), 28) for m in order], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    head = {"nb": "Begge kjønn,\nprosent", "en": "Both sexes,\nper cent"}
    style = {"transform": axes.get_yaxis_transform(), "fontsize": 7.5, "ha": "right", "va": "center"}
    for y, code in zip(at, order, strict=True):
        both = rows.loc[(code, "both"), "share"]
        axes.text(1.22, y, ":" if pd.isna(both) else labels.share(both, 1), **style)
    axes.text(1.22, 0.75, pick(head), **(style | {"fontsize": 7, "va": "bottom", "color": "#404040"}))
    entries = [({"color": SEX_COLOUR[s], "marker": "s", "size": 6}, labels.term(f"sex.{s}")) for s in SEXES[1:]]
    key(sheet, entries, height + 1.6)
    return sheet.figure


def _name(code: str, context: Context) -> str:
    if code == NONE:
        return context.labels.pick({"nb": "Ingen registrerte tiltak", "en": "No registered measure"})
    return context.labels.term(f"measure.{code}", default=code)


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels = context.labels
    years = labels.years(int(numbers["first_exit_year"].iloc[0]), int(numbers["last_exit_year"].iloc[0]))
    size = numbers.drop_duplicates("sex").set_index("sex")["n"]
    n = {
        "nb": f"{labels.number(size['both'])} tidligere deltakere som sluttet {years} "
        f"({labels.number(size['men'])} menn, {labels.number(size['women'])} kvinner)",
        "en": f"{labels.number(size['both'])} former participants who left {years} "
        f"({labels.number(size['men'])} males, {labels.number(size['women'])} females)",
    }
    note = {
        "nb": f"Streker: {context.confidence} (Wilson). Grunnskole er et eget tiltak i registeret fra 2011.",
        "en": f"Lines: {context.confidence} (Wilson). Compulsory school is a measure of its own in the register from "
        "2011.",
    }
    definition = {
        "nb": "tiltaket er registrert minst én gang i programmet, i KOSTRA-skjema 11B (til 2016) eller NIR (fra 2017)",
        "en": "the measure is registered at least once in the programme, on KOSTRA form 11B (to 2016) or in NIR (from "
        "2017)",
    }
    return context.footer(numbers, labels.pick(n), labels.pick(definition), [labels.pick(note)])
