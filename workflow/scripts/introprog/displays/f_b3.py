"""F-B3: direct transition on leaving against status one year later, nationally by sex and by county."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.shares import in_order, pooled, shown, successes
from introprog.house_style import BLUE, GREY, INK, ORANGE, TARGET_TEXT, page, percent_axis, target_line

MEASURES = ("direct_exit", "one_year")
MARK = {"direct_exit": ("D", ORANGE), "one_year": ("o", BLUE)}
COLUMNS = ["group", "region", "region_name", "first_exit_year", "last_exit_year", "sex", "measure"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a region, sex and measure (``direct_exit``, ``one_year``), pooled over the years of the comparison."""
    official = settings["official_definition"]
    exits = [name for name, block in settings["definitions"].items() if block["moment"] == "exit"]
    counts = successes(inputs["region_status"], [official, *exits[:1]], ("country", "county"))
    counts = counts[((counts["definition"] == official) & (counts["horizon"] == 1)) | (counts["horizon"] == 0)]
    counts["measure"] = counts["horizon"].map({0: "direct_exit", 1: "one_year"})
    counts = counts[(counts["region_level"] == "country") | (counts["sex"] == "both")]
    rows = pooled(counts, settings["comparison"]["exit_years"], ["region_level", "region", "sex", "measure"])
    rows = shown(rows, ["region_level", "region", "sex", "measure"], settings)
    names = county_names(inputs["municipalities"])
    rows["region_name"] = rows["region"].map(names).fillna(rows["region"]).where(rows["region_level"] == "county", "")
    rows["group"] = rows["region_level"].map({"country": "national", "county": "county"})
    # beside the n of the direct measure, that of one year later would tell how few of a county had died or emigrated
    later = (rows["group"] == "county") & (rows["measure"] == "one_year")
    rows["n"], rows["successes"] = rows["n"].mask(later), rows["successes"].mask(later)
    rows.loc[later, ["share", "ci_low", "ci_high"]] = (
        rows.loc[later, ["share", "ci_low", "ci_high"]].astype(float).round(3)
    )
    ordered = in_order(rows, ["group", "region", "sex", "measure"])
    return ordered[[*COLUMNS, "n", "successes", "share", "ci_low", "ci_high", "suppressed"]]


def county_names(municipalities: pd.DataFrame) -> dict[str, str]:
    """County number -> name in the latest year of the table."""
    latest = municipalities[municipalities["year"] == municipalities["year"].max()]
    return dict(latest.drop_duplicates("county").set_index("county")["county_name"])


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Pairs of dots, national by sex above and counties sorted by direct transition below."""
    pick, number = context.labels.pick, context.labels.number
    both = numbers[(numbers["group"] == "national") & (numbers["sex"] == "both")].set_index("measure")["n"]
    n = {
        "nb": f"{number(both['direct_exit'])} avsluttet; {number(both['one_year'])} av dem bosatt og med kjent "
        f"status året etter",
        "en": f"{number(both['direct_exit'])} leavers; {number(both['one_year'])} of them resident with known status "
        f"the year after",
    }
    definition = {
        "nb": f"{context.definition('direct_exit')}; {context.definition(context.settings['official_definition'])}",
        "en": f"{context.definition('direct_exit')}; {context.definition(context.settings['official_definition'])}",
    }
    note = {"nb": f"Streker: {context.confidence} (Wilson).", "en": f"Lines: {context.confidence} (Wilson)."}
    return draw_pairs(numbers, context, context.footer(numbers, pick(n), pick(definition), [pick(note)]))


def draw_pairs(numbers: pd.DataFrame, context: Context, footer: Sequence[str]) -> Figure:
    """The drawing that synthetic, own and published figures share."""
    keys = ["group", "first_exit_year", "last_exit_year", "region", "sex"]
    wide = numbers.set_index([*keys, "measure"])["share"].unstack("measure")  # noqa: PD010
    wide = wide.reindex(columns=list(MEASURES))
    rows = in_order(wide.reset_index(), ["group", "first_exit_year", "sex"])
    national = rows[rows["group"] == "national"]
    county = rows[rows["group"] == "county"].sort_values("direct_exit", ascending=False, kind="stable")
    lines = pd.concat([national, county], ignore_index=True)
    gap = 0.9 if len(county) else 0.0
    at = [-0.46 * i - (gap if i >= len(national) else 0) for i in range(len(lines))]
    height = -at[-1] + 0.5
    sheet = page(context, height + 2.0, footer)
    axes = sheet.axes(4.1, 1.0, 11.4, height)
    axes.set_ylim(at[-1] - 0.3, 0.3)
    percent_axis(axes, context, "x")
    _, words, _ = target_line(axes, context, "v")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    names = dict(numbers.drop_duplicates("region").set_index("region")["region_name"])
    for (_, line), y in zip(lines.iterrows(), at, strict=True):
        _pair(axes, numbers, line, y)
        years = context.labels.years(int(line["first_exit_year"]), int(line["last_exit_year"]))
        label = (
            f"{context.labels.term('sex.' + line['sex'])}, {years}"
            if line["group"] == "national"
            else names[line["region"]]
        )
        axes.annotate(
            label,
            (0, y),
            (-6, 0),
            axes.get_yaxis_transform(),
            "offset points",
            ha="right",
            va="center",
            fontsize=8,
            fontweight="bold" if line["sex"] == "both" and line["group"] == "national" else "normal",
            annotation_clip=False,
        )
    _key(axes, context, words)
    if len(county):
        years = context.labels.years(int(county["first_exit_year"].min()), int(county["last_exit_year"].max()))
        head = {"nb": f"Fylker, {years}", "en": f"Counties, {years}"}
        axes.annotate(
            context.labels.pick(head),
            (0, at[len(national)] + 0.48),
            (-6, 0),
            axes.get_yaxis_transform(),
            "offset points",
            ha="right",
            va="center",
            fontsize=8,
            fontweight="bold",
            annotation_clip=False,
        )
    return sheet.figure


def _pair(axes, numbers: pd.DataFrame, line: pd.Series, y: float) -> None:
    match = (
        (numbers["group"] == line["group"]) & (numbers["region"] == line["region"]) & (numbers["sex"] == line["sex"])
    )
    rows = numbers[match & (numbers["first_exit_year"] == line["first_exit_year"])].set_index("measure")
    known = rows["share"].dropna()
    if len(known) == 2:
        axes.plot(
            100 * known.to_numpy(dtype=float),
            [y, y],
            color=GREY,
            linewidth=3.5,
            alpha=0.3,
            solid_capstyle="round",
            zorder=2,
        )
    if known.empty:
        axes.annotate(":", (0, y), (4, 0), axes.get_yaxis_transform(), "offset points", va="center", fontsize=9)
    for measure, share in known.items():
        marker, colour = MARK[measure]
        low, high = (100 * float(rows.loc[measure, c]) for c in ("ci_low", "ci_high"))
        if low == low:
            axes.hlines(y, low, high, color=colour, linewidth=1, zorder=2.5)
        face = "white" if measure == "direct_exit" else colour
        axes.plot(
            [100 * share],
            [y],
            marker=marker,
            color=colour,
            markerfacecolor=face,
            markersize=5,
            markeredgewidth=1.2,
            zorder=3,
        )


def _key(axes, context: Context, target: str) -> None:
    words = {
        "direct_exit": {"nb": "Direkte overgang ved avslutning", "en": "Direct transition on leaving"},
        "one_year": {"nb": "November året etter", "en": "November the year after"},
    }
    offset = -0.34
    for measure in MEASURES:
        marker, colour = MARK[measure]
        face = "white" if measure == "direct_exit" else colour
        axes.plot(
            [0.012 + offset],
            [1],
            marker=marker,
            color=colour,
            markerfacecolor=face,
            markersize=5,
            markeredgewidth=1.2,
            transform=axes.transAxes + _lift(axes, 12),
            clip_on=False,
        )
        axes.annotate(
            context.labels.pick(words[measure]),
            (0.03 + offset, 1),
            (0, 12),
            "axes fraction",
            "offset points",
            va="center",
            fontsize=8,
            color=INK,
            annotation_clip=False,
        )
        offset += 0.44
    axes.annotate(
        target,
        (100 * context.settings["study"]["target_share"], 1),
        (0, 12),
        axes.get_xaxis_transform(),
        "offset points",
        ha="left",
        va="center",
        fontsize=8,
        color=TARGET_TEXT,
        annotation_clip=False,
    )


def _lift(axes, points: float):
    from matplotlib.transforms import ScaledTranslation

    return ScaledTranslation(0, points / 72, axes.figure.dpi_scale_trans)
