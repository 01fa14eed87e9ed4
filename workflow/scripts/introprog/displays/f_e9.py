"""F-E9: how much the municipalities differ in satisfaction and usefulness, and how surely that is known.

All answers enter the model; only municipalities with enough answers are drawn.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.displays.waves import by_wave, construct_name, not_estimable, wave_name, wave_order
from introprog.estimable import NotEstimable
from introprog.house_style import BLUE, GREY, ORANGE, page
from introprog.municipal_means import showable, spread_of_means

CONSTRUCTS = ("satisfaction", "usefulness")
VALUES = ["n", "mean", "estimate", "ci_low", "ci_high"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``municipality`` (n, mean, shrunken estimate with limits, rank; only with enough answers) and
    ``spread`` (``estimate`` the ICC with limits, overall ``mean``, both standard deviations, ``municipalities``)."""
    level, least = settings["study"]["confidence"], settings["surveys"]["minimum_answers"]
    names = names_of(inputs["municipalities"])
    parts = []
    for wave in wave_order(settings):
        own = inputs["scales"][inputs["scales"]["wave"] == wave]
        for construct in CONSTRUCTS:
            kept = own[own[construct].notna() & own["municipality"].notna()] if construct in own else own.iloc[:0]
            if len(kept):
                parts.append(_one(kept, construct, level, least).assign(wave=wave, construct=construct))
    table = pd.concat(parts, ignore_index=True)
    table["municipality"] = table["municipality"].astype("str").fillna("")
    table["name"] = table["municipality"].map(names).astype("str").fillna(table["municipality"])
    columns = ["kind", "wave", "construct", "municipality", "name", "rank", *VALUES, "sd_between", "sd_within",
               "municipalities", "shown", "method"]  # fmt: skip
    return by_wave(table, settings, ["construct", "kind", "rank"], {"construct": CONSTRUCTS})[columns]


def _one(people: pd.DataFrame, construct: str, level: float, least: int) -> pd.DataFrame:
    summary = {"kind": "spread", "n": len(people), "municipalities": people["municipality"].nunique()}
    try:
        found = spread_of_means(people[construct].to_numpy(float), people["municipality"].to_numpy(), level)
    except NotEstimable as fault:
        return pd.DataFrame([summary | {"shown": 0, "method": fault.method}]).reindex(columns=_columns())
    open_ones = showable(people[construct], people["municipality"], least)
    towns = found.means[found.means["municipality"].isin(open_ones)]
    # equal means differ in the last digits by the order of the answers
    towns = towns.iloc[np.lexsort([towns["municipality"], towns["estimate"].round(8)])].reset_index(drop=True)
    towns = towns.assign(kind="municipality", rank=np.arange(1, len(towns) + 1), method="random intercept, REML")
    summary |= {"mean": found.centre, "estimate": found.icc, "ci_low": found.icc_low, "ci_high": found.icc_high}
    summary |= {"sd_between": found.sd_between, "sd_within": found.sd_within, "shown": len(towns)}
    both = pd.concat(
        [towns, pd.DataFrame([summary | {"method": "ICC, REML; limits by analysis of variance"}])], ignore_index=True
    )
    return both.reindex(columns=_columns()).astype({"rank": "Int64", "municipalities": "Int64", "shown": "Int64"})


def _columns() -> list[str]:
    return ["kind", "municipality", "rank", *VALUES, "sd_between", "sd_within", "municipalities", "shown", "method"]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a wave and construct."""
    waves, constructs = list(dict.fromkeys(numbers["wave"])), list(dict.fromkeys(numbers["construct"]))
    each = 4.9
    sheet = page(context, each * len(constructs) - 0.2, _footer(numbers, context))
    width = 15.6 / len(waves)
    for j, construct in enumerate(constructs):
        rows = numbers[numbers["construct"] == construct]
        towns = rows[rows["kind"] == "municipality"]
        limits = (towns["ci_low"].min(), towns["ci_high"].max()) if len(towns) else (0.0, 100.0)
        for i, wave in enumerate(waves):
            axes = sheet.axes(0.9 + i * width, (len(constructs) - 1 - j) * each + 0.55, width - 1.1, each - 1.75)
            head = f"{wave_name(wave, context)}: {construct_name(construct, context).lower()}"
            _panel(axes, rows[rows["wave"] == wave], limits, context, head)
    return sheet.figure


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    pick, labels = context.labels.pick, context.labels
    spread = numbers[numbers["kind"] == "spread"]
    first = spread.drop_duplicates("wave").set_index("wave")
    n = ", ".join(
        f"{labels.number(row['n'])} / {labels.number(row['municipalities'])} ({wave_name(wave, context)})"
        for wave, row in first.iterrows()
    )
    counted = {"nb": f"svar / kommuner i modellen {n}", "en": f"answers / municipalities in the model {n}"}
    definition = {
        "nb": "kommunens nivå etter modell med tilfeldig konstantledd, skår 0–100, uvektet",
        "en": "the municipality's level by a random-intercept model, score 0–100, unweighted",
    }
    least = context.settings["surveys"]["minimum_answers"]
    notes = {
        "nb": f"Én strek per kommune med minst {least} svar som ikke alle er like, {context.confidence}, sortert; "
        "anslagene er "
        "trukket mot gjennomsnittet etter hvor usikre de er. Oransje: intervallet går ikke over gjennomsnittet "
        "(stiplet). ICC: "
        "andelen av variasjonen som ligger mellom kommuner, med intervall. Aksen begynner ikke på null. Navn står i "
        "CSV-filen.",
        "en": f"A line a municipality with at least {least} answers that are not all the same, {context.confidence}, "
        "in "
        "order; estimates are drawn towards the mean by how uncertain they are. Orange: the interval does not cross "
        "the mean (dashed). ICC: "
        "the share of the variation that lies between municipalities, with interval. The axis does not start at zero. "
        "Names are in the CSV file.",
    }
    return context.footer(numbers, pick(counted), pick(definition), [pick(notes)])


def _panel(axes: Axes, rows: pd.DataFrame, limits: tuple[float, float], context: Context, head: str) -> None:
    from introprog.displays.forest import round_ticks

    labels = context.labels
    towns, spread = rows[rows["kind"] == "municipality"], rows[rows["kind"] == "spread"]
    ticks = round_ticks(*limits, 6)
    axes.set_ylim(ticks[0], ticks[-1])
    axes.set_yticks(ticks, [labels.number(t) for t in ticks], fontsize=7.5)
    axes.grid(True, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xticks([])
    text = labels.pick({"nb": "ikke spurt", "en": "not asked"})
    if len(spread) and pd.isna(spread["estimate"].iloc[0]):
        text = not_estimable(spread["method"].iloc[0], context)
    elif len(spread):
        told = spread.iloc[0]
        text = f"ICC {labels.number(told['estimate'], 3)} {labels.interval(told['ci_low'], told['ci_high'], 3)}"
        axes.axhline(told["mean"], color=GREY, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
        apart = (towns["ci_low"] > told["mean"]) | (towns["ci_high"] < told["mean"])
        for part, colour in ((towns[~apart], BLUE), (towns[apart], ORANGE)):
            axes.vlines(
                part["rank"].astype(int), part["ci_low"], part["ci_high"], color=colour, linewidth=0.9, zorder=2
            )
            axes.plot(
                part["rank"].astype(int),
                part["estimate"],
                marker="o",
                markersize=2.4,
                color=colour,
                linestyle="none",
                zorder=3,
            )
        counts = {
            "nb": f"{len(towns)} kommuner, {int(apart.sum())} skiller seg ut",
            "en": f"{len(towns)} municipalities, {int(apart.sum())} stand apart",
        }
        axes.set_xlabel(labels.pick(counts), fontsize=7.5, labelpad=3)
    axes.set_title(f"{head}\n{text}", fontsize=7.8, pad=5, linespacing=1.3)
