"""F-F5: can 33 municipalities decide? Power to find a correlation, and to rule one out, by number of municipalities.

Analytic: only the numbers of municipalities of the three surveys come from publications.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.waves import published_rows
from introprog.house_style import BLUE, GREEN, GREY, ORANGE, PALE, RED, page, percent_axis, spread
from introprog.power import power_table
from introprog.verdict import POWER, half_width, smallest_bound, smallest_detectable

RELIABILITIES = (1.0, 0.7, 0.4)
TRUE_R = (0.2, 0.3, 0.5)
MARKS = {0.2: (ORANGE, "o", "#8A5A00"), 0.3: (GREEN, "s", "#00694D"), 0.5: (BLUE, "^", "#005A8C")}
UNITS = (*range(5, 40), *range(40, 401, 5))


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``curve`` (power by units, true correlation and reliability), ``survey`` (power at the number of
    municipalities of a published survey) and ``limit`` (smallest detectable correlation, half width and smallest
    provable bound there)."""
    asked = settings["association"]
    told = published_rows(inputs["published"], "survey design", "municipalities")
    told["units"] = told["value"].astype(int)
    bound, alpha = asked["smallest_effect"], asked["alpha"]
    grid = sorted({*UNITS, *told["units"]})
    curve = power_table(grid, TRUE_R, RELIABILITIES, bound, alpha).assign(kind="curve")
    at = curve[curve["units"].isin(told["units"])].drop(columns="kind")
    survey = at.merge(told.drop(columns="value"), on="units").assign(kind="survey")
    limit = told.drop(columns="value").assign(kind="limit")
    for name, function in (
        ("detectable_r", smallest_detectable),
        ("half_width", half_width),
        ("provable_bound", smallest_bound),
    ):
        limit[name] = [function(int(u), alpha) for u in limit["units"]]
    table = pd.concat([curve, survey, limit], ignore_index=True).assign(smallest_effect=bound, alpha=alpha)
    names = ["kind", "test", "reliability", "true_r", "observed_r", "units", "power", "survey", "detectable_r",
             "half_width", "provable_bound", "smallest_effect", "alpha", "source_key"]  # fmt: skip
    return table[names]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a reliability; curves by true correlation, the equivalence test dashed."""
    sheet = page(context, 7.9, _footer(numbers, context))
    width = 15.9 / len(RELIABILITIES)
    for i, reliability in enumerate(RELIABILITIES):
        axes = sheet.axes(0.9 + i * width, 1.1, width - 1.1, 5.0)
        _panel(axes, numbers, reliability, context, i == 0)
    _key(sheet, context)
    return sheet.figure


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    pick, number = context.labels.pick, context.labels.number
    alpha, bound = numbers["alpha"].iloc[0], numbers["smallest_effect"].iloc[0]
    limits = numbers[numbers["kind"] == "limit"].sort_values("units")
    found = "; ".join(
        f"{int(row.units)} ({row.survey}): {number(row.detectable_r, 2)} / {number(row.provable_bound, 2)}"
        for row in limits.itertuples()
    )
    notes = {
        "nb": f"Heltrukket: sannsynligheten for å finne en sann korrelasjon (tosidig test, {number(alpha, 2)}). "
        f"Stiplet: sannsynligheten for å utelukke en sann korrelasjon på {number(bound, 2)} eller mer når den er null. "
        "Samme reliabilitet på begge sider; målefeil gjør den observerte korrelasjonen mindre. Regnet for like sikre "
        "kommuner; er de ulikt store, er styrken lavere. Uten målefeil: minste "
        f"korrelasjon med {number(100 * POWER)} prosent styrke / minste grense som kan bevises: {found}.",
        "en": f"Solid: probability of finding a true correlation (two-sided test, {number(alpha, 2)}). Dashed: "
        f"probability of ruling out a true correlation of {number(bound, 2)} or more when there is none. The same "
        "reliability on both sides; measurement error makes the observed correlation smaller. Worked out for equally "
        "certain municipalities; with unequal sizes power is lower. Without error: smallest correlation found "
        f"with {number(100 * POWER)} per cent power / smallest bound that can be proved: {found}.",
    }
    definition = {
        "nb": "analytisk styrke, Fishers z, korrelasjon mellom kommuners gjennomsnittsskår og resultat",
        "en": "analytic power, Fisher's z, of the correlation between municipalities' mean score and result",
    }
    n = ", ".join(f"{int(r.units)} ({r.survey})" for r in limits.itertuples())
    counted = {"nb": f"kommuner i undersøkelsene {n}", "en": f"municipalities in the surveys {n}"}
    keys = ", ".join(sorted(limits["source_key"]))
    origin = {
        "nb": f"Egne beregninger uten data; antall kommuner fra NIBR og IMDi (data/published/sources.csv: {keys})",
        "en": "Own calculations without data; numbers of municipalities from NIBR and IMDi "
        f"(data/published/sources.csv: {keys})",
    }
    return context.footer(numbers, pick(counted), pick(definition), [pick(notes)], pick(origin))


def _panel(axes: Axes, numbers: pd.DataFrame, reliability: float, context: Context, first: bool) -> None:
    rows = numbers[(numbers["kind"] == "curve") & (numbers["reliability"] == reliability)]
    percent_axis(axes, context, label=first)
    axes.set_xscale("log")
    axes.set_xlim(10, 400)
    ticks = [10, 20, 50, 100, 200, 400]
    axes.set_xticks(ticks, [context.labels.number(t) for t in ticks], fontsize=7.5)
    axes.set_xticks([], minor=True)
    axes.set_xlabel(
        context.labels.pick({"nb": "Kommuner (log.)", "en": "Municipalities (log)"}), loc="right", fontsize=8
    )
    axes.axhline(100 * POWER, color=GREY, linewidth=0.8, linestyle=":")
    for true in TRUE_R:
        part = rows[(rows["test"] == "difference") & (rows["true_r"] == true) & (rows["units"] >= 10)]
        colour, marker, _ = MARKS[true]
        axes.plot(part["units"], 100 * part["power"], color=colour, linewidth=1.5)
        _survey_marks(axes, numbers, "difference", reliability, true, colour, marker)
    part = rows[(rows["test"] == "equivalence") & (rows["units"] >= 10)]
    axes.plot(part["units"], 100 * part["power"], color=RED, linewidth=1.4, linestyle=(0, (4, 2)))
    _survey_marks(axes, numbers, "equivalence", reliability, 0.0, RED, "D")
    surveys = numbers[numbers["kind"] == "limit"].sort_values("units")
    places = np.exp(spread(np.log(surveys["units"]).tolist(), 0.6, np.log(10), np.log(400)))
    for units, at in zip(surveys["units"], places, strict=True):
        axes.axvline(units, color=PALE, linewidth=0.9, zorder=0.5)
        axes.annotate(f"{int(units)}", (at, 1), (0, 2), axes.get_xaxis_transform(), "offset points", ha="center",
                      va="bottom", fontsize=7, color="#404040", annotation_clip=False)  # fmt: skip
    words = {"nb": "Reliabilitet", "en": "Reliability"}
    head = f"{context.labels.pick(words)} {context.labels.number(reliability, 1)}"
    axes.set_title(head, fontsize=8.5, pad=16)


def _survey_marks(
    axes: Axes, numbers: pd.DataFrame, test: str, reliability: float, true: float, colour: str, marker: str
) -> None:
    rows = numbers[(numbers["kind"] == "survey") & (numbers["test"] == test)]
    rows = rows[(rows["reliability"] == reliability) & (rows["true_r"] == true)]
    axes.plot(rows["units"], 100 * rows["power"], marker=marker, color=colour, markersize=4, linestyle="none", zorder=3)


def _key(sheet, context: Context) -> None:
    number, pick = context.labels.number, context.labels.pick
    entries = [
        (
            {"color": MARKS[r][0], "marker": MARKS[r][1]},
            pick({"nb": f"sann r {number(r, 1)}", "en": f"true r {number(r, 1)}"}),
        )
        for r in TRUE_R
    ]
    bound = context.settings["association"]["smallest_effect"]
    said = {"nb": f"utelukke r ≥ {number(bound, 2)} når r = 0", "en": f"rule out r ≥ {number(bound, 2)} when r = 0"}
    line = {"nb": "80 prosent styrke", "en": "80 per cent power"}
    entries.append(({"color": RED, "marker": "D"}, pick(said)))
    entries.append(({"color": GREY, "line": True, "style": ":"}, pick(line)))
    forest.key(sheet, entries, 7.4)
