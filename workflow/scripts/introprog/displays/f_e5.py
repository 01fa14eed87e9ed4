"""F-E5: dimension profile: every municipality with enough answers as a dot, the mean of all and the best one on top."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtri

from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.displays.f_e7 import group_means
from introprog.displays.waves import book_of, by_wave, wave_name, wave_order
from introprog.house_style import INK, RED, SKY, page
from introprog.link import survey_means
from introprog.municipal_means import showable

MARKS = {
    "municipality": {"color": SKY, "marker": "o", "size": 3.2},
    "all": {"color": INK, "marker": "D", "size": 4.6},
    "best": {"color": RED, "marker": "^", "size": 4.8},
}
WORDS = {
    "municipality": {"nb": "en kommune", "en": "a municipality"},
    "all": {"nb": "alle svar", "en": "all answers"},
    "best": {"nb": "høyeste kommune", "en": "highest municipality"},
}
ROW = 1.0


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``all`` (weighted mean of everybody with clustered limits) and ``municipality`` (with enough
    answers: mean, limits, n), ``best`` on the highest, for each wave and dimension; scores 0-100."""
    least, level = settings["surveys"]["minimum_answers"], settings["study"]["confidence"]
    half = float(ndtri(0.5 + level / 2))
    parts = []
    for wave in wave_order(settings):
        dimensions = book_of(inputs, settings, wave)["dimensions"]
        own = inputs["scales"][inputs["scales"]["wave"] == wave].assign(total="total")
        for place, (dimension, label) in enumerate(dimensions.items()):
            kept = own[own[dimension].notna() & own["municipality"].notna()]
            whole = group_means(kept, kept[dimension], "total", level)
            whole = whole[["n", "mean", "ci_low", "ci_high", "clusters", "method"]].assign(kind="all")
            towns = survey_means(kept, dimension)
            open_ones = showable(kept[dimension], kept["municipality"], least)
            towns = towns[towns["municipality"].isin(open_ones)].rename(columns={"s_mean": "mean", "s_n": "n"})
            towns = towns.assign(
                kind="municipality", ci_low=towns["mean"] - half * towns["s_se"], method="weighted mean"
            )
            towns["ci_high"] = towns["mean"] + half * towns["s_se"]
            towns["best"] = towns["mean"].eq(towns["mean"].max())
            both = pd.concat([whole, towns.drop(columns="s_se")], ignore_index=True)
            fixed = {
                "wave": wave,
                "dimension": dimension,
                "position": place,
                "name_nb": label["nb"],
                "name_en": label["en"],
            }
            parts.append(both.assign(**fixed))
    table = pd.concat(parts, ignore_index=True)
    table["municipality"] = table["municipality"].fillna("")
    table["name"] = table["municipality"].map(names_of(inputs["municipalities"])).fillna(table["municipality"])
    table["best"] = table["best"].eq(True)
    names = ["wave", "dimension", "position", "name_nb", "name_en", "kind", "municipality", "name", "best", "n", "mean",
             "ci_low", "ci_high", "clusters", "method"]  # fmt: skip
    return by_wave(table.astype({"clusters": "Int64"}), settings, ["position", "kind", "municipality"])[names]


def answers_behind(numbers: pd.DataFrame, context: Context) -> dict[str, str]:
    """The most answers to a dimension in each survey, in words."""
    whole = numbers[numbers["kind"] == "all"].groupby("wave", sort=False)["n"].max()
    n = ", ".join(f"{context.labels.number(v)} ({wave_name(w, context)})" for w, v in whole.items())
    return {"nb": f"svar, på det meste {n}", "en": f"answers, at most {n}"}


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a wave, dimensions from above."""
    pick = context.labels.pick
    waves = list(dict.fromkeys(numbers["wave"]))
    order = numbers.drop_duplicates("dimension").set_index("dimension")[f"name_{context.language}"]
    counted = answers_behind(numbers, context)
    least = context.settings["surveys"]["minimum_answers"]
    definition = {
        "nb": "dimensjonsskår 0–100 der 100 er best, vektet",
        "en": "dimension score 0–100 where 100 is best, weighted",
    }
    notes = {
        "nb": f"Prikker: kommuner med minst {least} svar som ikke alle er like; den høyeste er navngitt. Vannrett "
        "strek: "
        f"{context.confidence} for alle svar, klynget på "
        "kommune. Noe av avstanden mellom prikkene er tilfeldig. Aksen begynner ikke på null. Intervaller for hver "
        "kommune står i CSV-filen.",
        "en": f"Dots: municipalities with at least {least} answers that are not all the same; the highest is named. "
        "Horizontal line: "
        f"{context.confidence} of all answers, "
        "clustered on the municipality. Part of the distance between the dots is chance. The axis does not start at "
        "zero. Intervals of each "
        "municipality are in the CSV file.",
    }
    height = ROW * len(order)
    sheet = page(context, height + 2.3, context.footer(numbers, pick(counted), pick(definition), [pick(notes)]))
    ticks = forest.round_ticks(float(numbers["mean"].min()), min(100.0, float(numbers["mean"].max())), 5)
    width = 12.4 / len(waves)
    for i, wave in enumerate(waves):
        axes = sheet.axes(3.5 + i * width, 0.7, width - 0.6, height)
        _panel(axes, numbers[numbers["wave"] == wave], list(order.index), ticks, context)
        if not i:
            for at, name in enumerate(order):
                forest.stub(axes, at, name, fontsize=7.5)
    forest.key(sheet, [(MARKS[k], pick(WORDS[k])) for k in MARKS], height + 1.9)
    return sheet.figure


def _panel(axes: Axes, rows: pd.DataFrame, order: list[str], ticks: list[float], context: Context) -> None:
    forest.rows_axis(axes, len(order))
    forest.number_axis(axes, context, ticks, 0, 7.5)
    axes.set_title(wave_name(rows["wave"].iloc[0], context), fontsize=8.5, pad=5)
    for at, dimension in enumerate(order):
        part = rows[rows["dimension"] == dimension]
        if part.empty:
            middle, words = (ticks[0] + ticks[-1]) / 2, {"nb": "ikke spurt", "en": "not asked"}
            style = {"fontsize": 7, "color": "#505050", "ha": "center", "va": "center", "style": "italic"}
            axes.text(middle, at, context.labels.pick(words), **style)
            continue
        whole = part[part["kind"] == "all"].iloc[0]
        forest.estimate(axes, at - 0.25, whole["ci_low"], whole["mean"], whole["ci_high"], MARKS["all"])
        _towns(axes, part[part["kind"] == "municipality"], at, (ticks[0] + ticks[-1]) / 2)


def _towns(axes: Axes, towns: pd.DataFrame, at: float, middle: float) -> None:
    """The municipalities of one dimension in a line under the mean, the highest with its name."""
    plain = {"linestyle": "none", "clip_on": False}
    line = [at + 0.05] * len(towns)
    axes.plot(towns["mean"], line, marker="o", markersize=3.2, color=SKY, alpha=0.6, markeredgewidth=0, **plain)
    for _, best in towns[towns["best"]].iterrows():
        axes.plot([best["mean"]], [at + 0.05], marker="^", markersize=4.8, color=RED, zorder=3, **plain)
        side = "right" if best["mean"] > middle else "left"
        axes.text(best["mean"], at + 0.4, best["name"], fontsize=6.5, color="#A84300", ha=side, va="center")
