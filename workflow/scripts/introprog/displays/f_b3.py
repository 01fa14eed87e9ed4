"""F-B3: direct transition on leaving against status one year later, nationally by sex and by county."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.shares import in_order, pooled, shown, successes
from introprog.house_style import BLUE, GREY, ORANGE, RED, Page, key, page, percent_axis, target_line

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
    lines = _lines(numbers)
    counties = lines[lines["group"] == "county"]
    gap = 0.9 if len(counties) else 0.0
    at = [-0.46 * i - (gap if group == "county" else 0) for i, group in enumerate(lines["group"])]
    height = -at[-1] + 0.5
    sheet = page(context, height + 1.7, footer)
    axes = sheet.axes(4.1, 0.8, 11.4, height)
    axes.set_ylim(at[-1] - 0.3, 0.3)
    percent_axis(axes, context, "x")
    target_line(axes, context, "v")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    names = dict(numbers.drop_duplicates("region").set_index("region")["region_name"])
    for (_, line), y in zip(lines.iterrows(), at, strict=True):
        _pair(axes, numbers, line, y)
        _stub(axes, y, *_label(line, names, context))
    if len(counties):
        years = context.labels.years(int(counties["first_exit_year"].min()), int(counties["last_exit_year"].max()))
        head = {"nb": f"Fylker, {years}", "en": f"Counties, {years}"}
        _stub(axes, at[len(lines) - len(counties)] + 0.48, context.labels.pick(head), "bold")
    _key(sheet, context, height + 1.2)
    return sheet.figure


def _lines(numbers: pd.DataFrame) -> pd.DataFrame:
    """One row a line of the figure: the country by year and sex, then the counties by their direct transition."""
    keys = ["group", "first_exit_year", "last_exit_year", "region", "sex"]
    wide = numbers.set_index([*keys, "measure"])["share"].unstack("measure")
    rows = in_order(wide.reindex(columns=list(MEASURES)).reset_index(), ["group", "first_exit_year", "sex"])
    by = "direct_exit" if rows["direct_exit"].notna().any() else "one_year"
    county = rows[rows["group"] == "county"].sort_values(by, ascending=False, kind="stable")
    return pd.concat([rows[rows["group"] == "national"], county], ignore_index=True)


def _label(line: pd.Series, names: Mapping[str, str], context: Context) -> tuple[str, str]:
    """The words beside a line and their weight."""
    if line["group"] != "national":
        return names[line["region"]], "normal"
    years = context.labels.years(int(line["first_exit_year"]), int(line["last_exit_year"]))
    return f"{context.labels.term('sex.' + line['sex'])}, {years}", "bold" if line["sex"] == "both" else "normal"


def _stub(axes: Axes, y: float, text: str, weight: str) -> None:
    style = {"ha": "right", "va": "center", "fontsize": 8, "fontweight": weight, "annotation_clip": False}
    axes.annotate(text, (0, y), (-6, 0), axes.get_yaxis_transform(), "offset points", **style)


def _pair(axes: Axes, numbers: pd.DataFrame, line: pd.Series, y: float) -> None:
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


def _key(sheet: Page, context: Context, y: float) -> None:
    words = {
        "direct_exit": {"nb": "Direkte overgang ved avslutning", "en": "Direct transition on leaving"},
        "one_year": {"nb": "November året etter", "en": "November the year after"},
    }
    entries = []
    for measure, (marker, colour) in MARK.items():
        face = "white" if measure == "direct_exit" else colour
        entries.append(({"marker": marker, "color": colour, "face": face}, context.labels.pick(words[measure])))
    share = context.labels.percent_sign(context.settings["study"]["target_share"])
    target = {"line": True, "color": RED, "style": (0, (5, 3)), "width": 1}
    key(sheet, [*entries, (target, context.labels.term("word.target", share=share))], y)
