"""F-C1: status one to five years after, by sex: the same leavers followed, beside different cohorts in one November.

StatBank's table prints the second, where years since leaving and cohort cannot be told apart; the first is what the
question is about.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.risk_sets import persons_below
from introprog.displays.shares import SEXES, in_order, pooled, shown, successes
from introprog.house_style import (
    SEX_COLOUR,
    SEX_MARKER,
    SEX_TEXT,
    end_labels,
    page,
    percent_axis,
    sideways,
    target_line,
)

HORIZONS = (1, 2, 3, 4, 5)
WIDTH, BELOW = 4.0, 1.3
ASIDE = {"both": 0.0, "men": -0.055, "women": 0.055}
COLUMNS = ["panel", "first_exit_year", "last_exit_year", "status_year", "horizon", "sex"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a panel (``same_leavers``, ``one_november``), horizon and sex, with counts, share and interval."""
    official = settings["official_definition"]
    counts = successes(inputs["region_status"], [official])
    counts = counts[counts["horizon"].isin(HORIZONS) & (counts["n"].isna() | (counts["n"] > 0))]
    years = followed_years(counts, settings["comparison"]["exit_years"])
    followed = pooled(counts[counts["exit_year"].isin(years)], (min(years), max(years)), ["horizon", "sex"])
    across = counts[counts["exit_year"] + counts["horizon"] == november(counts)]
    across = across.assign(first_exit_year=across["exit_year"], last_exit_year=across["exit_year"])
    parts = [followed.assign(panel="same_leavers"), across.assign(panel="one_november", status_year=november(counts))]
    rows = shown(pd.concat(parts, ignore_index=True), ["panel", "horizon", "sex"], settings)
    rows["status_year"] = rows["status_year"].astype("Int64")
    names = [*COLUMNS, "definition", "n", "successes", "share", "ci_low", "ci_high", "suppressed"]
    return in_order(rows.assign(definition=official), ["panel", "horizon", "sex"])[names]


def followed_years(counts: pd.DataFrame, exit_years: Sequence[int]) -> list[int]:
    """Cohorts of ``exit_years`` seen at every horizon; without any, the latest cohort with the most horizons."""
    seen = counts[counts["sex"] == "both"].groupby("exit_year")["horizon"].nunique()
    whole = seen[(seen == len(HORIZONS)) & seen.index.to_series().between(*exit_years)]
    return sorted(whole.index) if len(whole) else [int(seen[seen == seen.max()].index.max())]


def november(counts: pd.DataFrame) -> int:
    """The latest November at which the most horizons are known."""
    both = counts[counts["sex"] == "both"]
    seen = both.groupby(both["exit_year"] + both["horizon"])["horizon"].nunique()
    return int(seen[seen == seen.max()].index.max())


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Two panels of lines by sex."""
    pick, number = context.labels.pick, context.labels.number
    first = numbers[(numbers["sex"] == "both") & (numbers["horizon"] == numbers["horizon"].min())].set_index("panel")[
        "n"
    ]
    n = {
        "nb": f"{number(first['same_leavers'])} tidligere deltakere fulgt (ved første måling); "
        f"{number(first['one_november'])} "
        "i den ferskeste kohorten til høyre",
        "en": f"{number(first['same_leavers'])} former participants followed (at the first moment); "
        f"{number(first['one_november'])} "
        "in the latest cohort to the right",
    }
    note = {
        "nb": f"Loddrette streker: {context.confidence} (Wilson).",
        "en": f"Vertical lines: {context.confidence} (Wilson).",
    }
    footer = context.footer(numbers, pick(n), context.definition(numbers["definition"].iloc[0]), [pick(note)])
    return draw_panels(numbers, context, footer)


def draw_panels(numbers: pd.DataFrame, context: Context, footer: Sequence[str]) -> Figure:
    """The drawing that synthetic, own and published figures share."""
    sheet = page(context, 8.9 + BELOW, footer)
    for panel, x in (("same_leavers", 1.8), ("one_november", 9.3)):
        axes = sheet.axes(x, 1.1 + BELOW, WIDTH, 6.4)
        rows = numbers[numbers["panel"] == panel]
        axes.set_title(_heading(rows, panel, context), fontsize=8.5, pad=20, linespacing=1.25)
        percent_axis(axes, context)
        axes.set_xlim(0.6, 5.4)
        axes.set_xticks(HORIZONS)
        axes.set_xlabel(context.labels.term("word.years_since_short"), loc="right", fontsize=8)
        labels = [target_line(axes, context)]
        for sex in SEXES:
            end = _line(axes, rows[(rows["sex"] == sex) & rows["share"].notna()], sex)
            if end is not None:
                labels.append((end, f"{context.labels.term(f'sex.{sex}')} {context.labels.number(end)}", SEX_TEXT[sex]))
        end_labels(axes, labels, gap=6.5, size=8)
        places = {h: x + WIDTH * (h - 0.6) / 4.8 for h in HORIZONS}
        told = [
            (context.labels.term(f"sex.{sex}"), SEX_TEXT[sex], rows[rows["sex"] == sex].set_index("horizon"))
            for sex in SEXES
        ]
        persons_below(sheet, x - 1.8, BELOW - 0.05, places, told, context, size=6.2)
    return sheet.figure


def _heading(rows: pd.DataFrame, panel: str, context: Context) -> str:
    years = context.labels.years(int(rows["first_exit_year"].min()), int(rows["last_exit_year"].max()))
    if panel == "same_leavers":
        return context.labels.pick(
            {"nb": f"De samme personene fulgt:\nsluttet {years}", "en": f"The same persons followed:\nleft {years}"}
        )
    year = int(rows["status_year"].max())
    texts = {
        "nb": f"Ulike kohorter i én måling:\nnovember {year}",
        "en": f"Different cohorts, one moment:\nNovember {year}",
    }
    return context.labels.pick(texts)


def _line(axes: Axes, rows: pd.DataFrame, sex: str) -> float | None:
    if rows.empty:
        return None
    x = rows["horizon"].to_numpy(dtype=float) + sideways(axes, WIDTH, ASIDE[sex])
    y, low, high = (100 * rows[c].to_numpy(dtype=float) for c in ("share", "ci_low", "ci_high"))
    axes.vlines(x, low, high, color=SEX_COLOUR[sex], linewidth=0.9, alpha=0.75)
    axes.plot(x, y, color=SEX_COLOUR[sex], marker=SEX_MARKER[sex], markersize=4, linewidth=1.4)
    return float(y[-1])
