"""F-D1: municipalities ranked by observed result, with the result adjusted for case mix in three tiers beside it."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.house_style import BLUE, GREEN, INK, ORANGE, RED, Page, key, page, percent_axis, target_line

TIERS = ("observed", "person", "programme", "local")
MARKS = {"observed": ("o", INK), "person": ("|", ORANGE), "programme": ("x", GREEN), "local": ("D", BLUE)}
WORDS = {
    "observed": {"nb": "observert", "en": "observed"},
    "person": {"nb": "1 personkjennetegn", "en": "1 person traits"},
    "programme": {"nb": "2 + program", "en": "2 + programme"},
    "local": {"nb": "3 + NAV, arbeidsmarked", "en": "3 + NAV, labour market"},
}
ROWS = 45


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a municipality and tier: rate and interval (0-1), ``n`` of the observed tier, the observed rank."""
    rows = inputs["adjusted_rates"]
    observed = rows[rows["tier"] == "observed"].set_index("municipality")
    observed = observed[observed["n"] >= settings["comparison"]["minimum_leavers"]]
    counts = observed[["n", "successes"]].reset_index()
    hidden = protect_shares(counts, ["municipality"], {}, settings["disclosure"]["threshold"])
    closed = set(counts.loc[hidden, "municipality"])
    rows = rows[rows["municipality"].isin(observed.index)].reset_index(drop=True)
    # the other tiers leave out persons with unknown covariates: their n beside this one would give those away
    rows["n"] = rows["n"].astype("Int64").where(rows["tier"] == "observed")
    rows = blank(rows, rows["municipality"].isin(closed), ["n", "rate", "ci_low", "ci_high"])
    order = observed["rate"].drop(list(closed)).sort_values(ascending=False, kind="stable")
    rows["observed_rank"] = rows["municipality"].map({m: i + 1 for i, m in enumerate(order.index)}).astype("Int64")
    rows["name"] = rows["municipality"].map(names_of(inputs.get("municipalities"))).fillna(rows["municipality"])
    tier = {t: i for i, t in enumerate(TIERS)}
    rows = rows.sort_values(
        ["observed_rank", "municipality", "tier"],
        key=lambda s: s.map(tier) if s.name == "tier" else s,
        ignore_index=True,
    )
    return rows[["municipality", "name", "observed_rank", "tier", "n", "rate", "ci_low", "ci_high", "suppressed"]]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Dots in rank order, in two columns where there are many."""
    shown = numbers[numbers["rate"].notna()]
    count = int(shown["observed_rank"].max())
    columns = 1 if count <= ROWS else 2
    height = -(-count // columns) * 0.36
    pick, number = context.labels.pick, context.labels.number
    observed = shown[shown["tier"] == "observed"]
    years, minimum = context.settings["comparison"]["exit_years"], context.settings["comparison"]["minimum_leavers"]
    low, high = _range(shown)
    notes = {
        "nb": f"Kommuner med minst {minimum} tidligere deltakere som sluttet {context.labels.years(*years)}. "
        f"Vannrett strek: {context.confidence} "
        f"for den observerte andelen (Wilson); aksen går fra {low} til {high}. "
        "Justert = observert delt på forventet, ganger landets andel; trinnene "
        "er lagt på hverandre.",
        "en": f"Municipalities with at least {minimum} former participants who left in "
        f"{context.labels.years(*years)}. Horizontal line: "
        f"{context.confidence} of the observed share (Wilson); the axis runs from {low} to "
        f"{high}. Adjusted = observed over expected, times the national "
        f"share; the tiers add up.",
    }
    n = {
        "nb": f"{count} kommuner, {number(observed['n'].sum())} tidligere deltakere",
        "en": f"{count} municipalities, {number(observed['n'].sum())} former participants",
    }
    footer = context.footer(
        numbers, pick(n), context.definition(context.settings["official_definition"]), [pick(notes)]
    )
    sheet = page(context, height + 1.9, footer)
    per = -(-count // columns)
    width = 15.9 / columns
    for column in range(columns):
        part = shown[shown["observed_rank"].between(column * per + 1, (column + 1) * per)]
        axes = sheet.axes(column * width + 2.6, 0.9, width - 2.9, height)
        _column(axes, part, context, (column * per, per), (low, high))
    _key(sheet, context, height + 1.4)
    return sheet.figure


def _range(shown: pd.DataFrame) -> tuple[int, int]:
    """The tens between which all rates, intervals and the whole axis from 50 to 80 per cent lie."""
    values = 100 * shown[["rate", "ci_low", "ci_high"]].astype(float)
    low, high = float(values.min(axis=None)), float(values.max(axis=None))
    return max(0, min(50, int(low // 10) * 10)), min(100, max(80, int(-(-high // 10)) * 10))


def _column(axes: Axes, part: pd.DataFrame, context: Context, place: tuple[int, int], limits: tuple[int, int]) -> None:
    """A column of ``place`` = (first row, number of rows) on an axis between ``limits``."""
    start, rows = place
    axes.set_ylim(rows + 0.6, 0.4)
    percent_axis(axes, context, "x", *limits)
    target_line(axes, context, "v")
    axes.spines["left"].set_visible(False)
    observed = part[part["tier"] == "observed"]
    y = observed["observed_rank"].astype(int) - start
    axes.set_yticks(y.tolist(), observed["name"].tolist(), fontsize=7)
    axes.tick_params(axis="y", length=0, pad=2)
    axes.hlines(y, 100 * observed["ci_low"], 100 * observed["ci_high"], color="#9a9a9a", linewidth=0.9, zorder=2)
    for tier in TIERS:
        rows_of = part[part["tier"] == tier]
        marker, colour = MARKS[tier]
        face = {"facecolor": "white", "edgecolor": colour} if tier == "observed" else {"color": colour}
        axes.scatter(
            100 * rows_of["rate"],
            rows_of["observed_rank"].astype(int) - start,
            marker=marker,
            s={"local": 11, "person": 34}.get(tier, 16),
            linewidth=0.9,
            zorder=3 + TIERS.index(tier),
            **face,
        )


def _key(sheet: Page, context: Context, y: float) -> None:
    entries = []
    for tier in TIERS:
        marker, colour = MARKS[tier]
        mark = {"marker": marker, "color": colour, "size": 6 if marker == "|" else 4.5}
        entries.append((mark | ({"face": "white"} if tier == "observed" else {}), context.labels.pick(WORDS[tier])))
    share = context.labels.percent_sign(context.settings["study"]["target_share"])
    target = {"line": True, "color": RED, "style": (0, (5, 3)), "width": 1}
    key(sheet, [*entries, (target, context.labels.term("word.target", share=share))], y)
