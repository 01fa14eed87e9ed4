"""F-D7: results on a tile map: a hexagon a county, a square a municipality.

Where a county lies is shipped as a layout of equal tiles (``data/codelists/county_tiles.csv``, for each division into
counties); counties that no layout knows, as made-up ones, stand in rows by their number. A small municipality's share
is mostly chance, so squares are coloured by the share drawn towards the country by its reliability (empirical Bayes).
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from introprog.disclosure import protect_shares
from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.displays.shares import pooled, successes
from introprog.house_style import INK, WIDTH, Page, page, wrapped

EDGES = (0.55, 0.60, 0.65, 0.70)
COLOURS = ("#F3EFC3", "#B7D6C0", "#6AAFB8", "#2F7BA6", "#1B3F73")
WHITE_TEXT = (3, 4)
HATCH = {"facecolor": "white", "edgecolor": "#6e6e6e", "hatch": "/////", "linewidth": 0.6}
GRID, MOST = 3, 26
HEX, TILE = 0.98, 0.36
# room for the names of counties before their municipalities
NAMES = 1.15
COUNTRY = "0"


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a county and municipality: level, region, name, county, column, row (of the county's tile), n (counties
    only), share (0-1), drawn_share (of municipalities: after drawing towards the country, two decimals), share_class
    (1-5), basis (``person`` adjusted or ``observed``), suppressed, years of leaving."""
    official, horizon = settings["official_definition"], 1
    signal = inputs["signal"]
    signal = signal[(signal["definition"] == official) & (signal["horizon"] == horizon)].iloc[0]
    years = [int(signal["first_exit_year"]), int(signal["last_exit_year"])]
    towns = _towns(inputs, horizon)
    adjusted = "adjusted_rates" in inputs
    counties = _adjusted_counties(towns) if adjusted else _observed_counties(inputs, official, horizon, years)
    limit = settings["disclosure"]["threshold"]
    tree = {"region": {COUNTRY: tuple(r for r in counties["region"] if r != COUNTRY)}}
    counties["suppressed"] = protect_shares(counties, ["region"], tree, limit) | counties["n"].isna()
    counties = counties[counties["region"] != COUNTRY].assign(county=lambda d: d["region"])
    towns["suppressed"] = protect_shares(towns, ["region"], {}, limit) | towns["n"].isna()
    # n beside the county's would give a hidden municipality away
    towns["drawn_share"] = _drawn(towns, float(signal["mean"]), float(signal["sd_between"])).round(2)
    towns["n"] = pd.NA
    table = pd.concat([counties.assign(level="county"), towns.assign(level="municipality")], ignore_index=True)
    table = _placed(table, inputs)
    hidden = table["suppressed"].astype(bool)
    for name in ("n", "share", "drawn_share"):
        table[name] = table[name].astype("Float64").mask(hidden)
    table["share"] = table["share"].round(3).mask(table["level"] == "municipality")
    # by whole per cent, so that a tile has the colour of the number printed on it
    colour = table["share"].fillna(table["drawn_share"]).round(2)
    table["share_class"] = pd.array(np.digitize(colour.fillna(0).to_numpy(float) + 1e-9, EDGES) + 1, "Int64")
    table["share_class"] = table["share_class"].mask(colour.isna())
    table = table.assign(basis="person" if adjusted else "observed", first_exit_year=years[0], last_exit_year=years[1])
    columns = ["level", "region", "name", "county", "column", "row", "n", "share", "drawn_share", "share_class",
               "basis", "suppressed", "first_exit_year", "last_exit_year"]  # fmt: skip
    return table.astype({"n": "Int64"})[columns].sort_values(["level", "region"], ignore_index=True)


def _towns(inputs: Mapping, horizon: int) -> pd.DataFrame:
    """region, county, n, successes, expected, share of every municipality with results."""
    if "adjusted_rates" in inputs:
        rows = inputs["adjusted_rates"]
        tier = "person" if (rows["tier"] == "person").any() else "observed"
        rows = rows[rows["tier"] == tier].rename(columns={"municipality": "region", "rate": "share"})
        county = inputs["municipalities"].sort_values("year").drop_duplicates("municipality", keep="last")
        county = rows["region"].map(county.set_index("municipality")["county"])
        rows = rows.assign(county=county.fillna(rows["region"].str[:2]))
        return rows[["region", "county", "n", "successes", "expected", "share"]].reset_index(drop=True)
    rows = inputs["funnel"]
    rows = rows[rows["horizon"] == horizon].rename(columns={"municipality": "region", "rate": "share"})
    rows = rows.assign(county=rows["region"].str[:2], successes=(rows["share"] * rows["n"]).round())
    return rows[["region", "county", "n", "successes", "share"]].reset_index(drop=True)


def _adjusted_counties(towns: pd.DataFrame) -> pd.DataFrame:
    """Counties and the country: observed over expected successes, times the national share."""
    sums = towns.groupby("county")[["n", "successes", "expected"]].sum()
    sums.loc[COUNTRY] = sums.sum()
    national = sums.loc[COUNTRY, "successes"] / sums.loc[COUNTRY, "n"]
    share = (national * sums["successes"] / sums["expected"]).clip(upper=1)
    return sums.assign(share=share).rename_axis("region").reset_index()[["region", "n", "successes", "share"]]


def _observed_counties(inputs: Mapping, definition: str, horizon: int, years: list[int]) -> pd.DataFrame:
    counts = successes(inputs["region_status"], [definition], ("country", "county"))
    counts = counts[(counts["horizon"] == horizon) & (counts["sex"] == "both")]
    rows = pooled(counts, years, ["region"])
    rows = rows[(rows["n"] > 0).fillna(True)].reset_index(drop=True)
    return rows.assign(share=rows["successes"].astype("Float64") / rows["n"].astype("Float64"))


def _drawn(towns: pd.DataFrame, mean: float, sd: float) -> pd.Series:
    """Shares drawn towards ``mean`` by reliability: signal over signal plus the binomial noise of that many persons."""
    noise = mean * (1 - mean) / towns["n"].astype("Float64")
    return mean + sd**2 / (sd**2 + noise) * (towns["share"].astype("Float64") - mean)


def _placed(table: pd.DataFrame, inputs: Mapping) -> pd.DataFrame:
    """Adds name, and column and row of the county's tile: of the first division that has all the counties, else by
    number."""
    tiles, present = inputs["county_tiles"], sorted(table["county"].unique())
    known = [d for _, d in tiles.groupby("last_year") if set(present) <= set(d["county"])]
    if known:
        place = known[0].set_index("county")
    else:
        # alternate rows of a honeycomb are shifted, so this is a block of rows
        at = np.arange(len(present))
        place = pd.DataFrame({"column": at % GRID, "row": at // GRID, "name": present}, index=present)
    towns = inputs.get("municipalities")
    own = {} if towns is None else dict(towns.sort_values("year").drop_duplicates("county", keep="last")
                                        .set_index("county")["county_name"])  # fmt: skip
    county_name = table["region"].map(own).astype("object").fillna(table["region"].map(place["name"]))
    name = county_name.where(table["level"] == "county", table["region"].map(names_of(towns)))
    return table.assign(name=name.fillna(table["region"]), column=table["county"].map(place["column"]).astype("int64"),
                        row=table["county"].map(place["row"]).astype("int64"))  # fmt: skip


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Hexagons to the left, squares by county to the right, classes below."""
    counties = numbers[numbers["level"] == "county"]
    towns = numbers[numbers["level"] == "municipality"]
    wide = np.sqrt(3) * HEX * (counties["column"].max() - counties["column"].min() + 1.5) + 0.2
    lines = _lines(towns, min(MOST, int((WIDTH - 1.05 - NAMES - wide) / TILE)))
    down = counties["row"].max() - counties["row"].min()
    tall = max(HEX * (1.5 * down + 2) + 0.2, TILE * len(lines) + 0.6)
    sheet = page(context, tall + 2.4, _footer(numbers, context))
    _hexagons(sheet, counties, (wide, tall), context)
    if len(towns):
        names = dict(zip(counties["county"], counties["name"], strict=True))
        _squares(sheet, lines, (wide + NAMES, tall), names, context)
    _key(sheet, context)
    return sheet.figure


def _style(row: pd.Series) -> dict:
    if pd.isna(row["share_class"]):
        return HATCH
    return {"facecolor": COLOURS[int(row["share_class"]) - 1], "edgecolor": "white", "linewidth": 0.6}


def _hexagons(sheet: Page, counties: pd.DataFrame, size: tuple[float, float], context: Context) -> None:
    tall, width = size[1], np.sqrt(3) * HEX
    axes = _canvas(sheet, 0.1, 1.9, *size)
    low, top = counties["column"].min(), counties["row"].min()
    for _, row in counties.iterrows():
        x = width * (row["column"] - low + 0.5 * (row["row"] % 2)) + width / 2 + 0.1
        y = tall - 1.5 * HEX * (row["row"] - top) - HEX - 0.1
        angles = np.pi / 6 + np.pi / 3 * np.arange(6)
        style = _style(row)
        axes.add_patch(Polygon(np.column_stack([x + HEX * np.cos(angles), y + HEX * np.sin(angles)]), **style))
        known = pd.notna(row["share_class"])
        colour = "white" if known and int(row["share_class"]) - 1 in WHITE_TEXT else INK
        share = context.labels.share(row["share"]) if known else ":"
        box = None if known else {"facecolor": "white", "edgecolor": "none", "pad": 1}
        words = "\n".join(wrapped(str(row["name"]).replace("-", "- "), 6.5, width - 0.15)).replace("- ", "-")
        text = {"ha": "center", "color": colour, "bbox": box}
        axes.text(x, y + 0.12, words.replace("- ", "-"), fontsize=6.5, va="bottom", linespacing=1.0, **text)
        axes.text(x, y - 0.12, share, fontsize=9, va="top", fontweight="bold", **text)


def _canvas(sheet: Page, x: float, y: float, width: float, height: float) -> Axes:
    """Axes in centimetres."""
    axes = sheet.axes(x, y, width, height)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    return axes


def _lines(towns: pd.DataFrame, most: int) -> list[pd.DataFrame]:
    """Municipalities in lines of at most ``most``, a county beginning a new one."""
    lines = []
    for _, own in towns.sort_values("region").groupby("county", sort=True):
        lines += [own.iloc[i : i + most] for i in range(0, len(own), most)]
    return lines


def _squares(sheet: Page, lines: list[pd.DataFrame], place: tuple[float, float], names: dict, context: Context) -> None:
    """Municipalities in lines; the county's name, in small letters if it is long, before its first."""
    left, tall = place
    axes = _canvas(sheet, left, 1.9, sheet.width - left, tall)
    head = {"nb": "Kommuner, etter fylke", "en": "Municipalities, by county"}
    axes.text(0.4, tall - 0.05, context.labels.pick(head), fontsize=8, fontweight="bold", va="top")
    seen = None
    for i, line in enumerate(lines):
        y = tall - 0.5 - TILE * (i + 1)
        county = line["county"].iloc[0]
        if county != seen:
            words = wrapped(str(names.get(county, county)), 5.5, NAMES - 0.05)[0]
            axes.text(0.3, y + TILE / 2, words, fontsize=5.5, ha="right", va="center")
            seen = county
        for j, (_, row) in enumerate(line.iterrows()):
            style = _style(row) | ({"hatch": "////", "linewidth": 0.3} if pd.isna(row["share_class"]) else {})
            axes.add_patch(Rectangle((0.4 + TILE * j, y), TILE * 0.92, TILE * 0.92, **style))


def _key(sheet: Page, context: Context) -> None:
    labels = context.labels
    ends = [labels.share(e) for e in EDGES]
    under = labels.pick({"nb": f"under {ends[0]}", "en": f"under {ends[0]}"})
    over = labels.pick({"nb": f"{ends[-1]} og over", "en": f"{ends[-1]} and over"})
    middle = [f"{a}–{b}" for a, b in pairwise(ends)]
    axes = _canvas(sheet, 0.1, 0.2, sheet.width - 0.2, 1.2)
    axes.text(0.1, 1.1, labels.term("word.share_success"), fontsize=7.5, va="top", fontweight="bold")
    hidden = labels.term("word.hidden_part")
    entries = [({"facecolor": c, "edgecolor": "#9a9a9a", "linewidth": 0.4}, t)
               for c, t in zip(COLOURS, [under, *middle, over], strict=True)] + [(HATCH, hidden)]  # fmt: skip
    for i, (style, text) in enumerate(entries):
        axes.add_patch(Rectangle((0.1 + 2.5 * i, 0.15), 0.5, 0.36, **style))
        axes.text(0.7 + 2.5 * i, 0.33, text, fontsize=7.5, va="center")


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    counties, towns = (numbers[numbers["level"] == level] for level in ("county", "municipality"))
    years = labels.years(int(numbers["first_exit_year"].iloc[0]), int(numbers["last_exit_year"].iloc[0]))
    persons = labels.number(counties["n"].sum())
    n = {
        "nb": f"{persons} tidligere deltakere som sluttet {years}, i {len(counties)} fylker og {len(towns)} kommuner",
        "en": f"{persons} former participants who left {years}, in {len(counties)} counties and {len(towns)} "
        "municipalities",
    }
    adjusted = (numbers["basis"] == "person").all()
    notes = []
    if adjusted:
        text = {
            "nb": "Andelene er justert for hvem deltakerne var (indirekte standardisering, trinn 1).",
            "en": "The shares are adjusted for who the participants were (indirect standardisation, step 1).",
        }
        notes.append(pick(text))
    elif len(towns):
        text = {
            "nb": "Kommuner som kilden skjuler tall for, og svært små, er ikke tegnet.",
            "en": "Municipalities whose figures the source hides, and very small ones, are not drawn.",
        }
        notes.append(pick(text))
    if len(towns):
        text = {
            "nb": "Kommunene er farget etter andelen trukket mot landet etter hvor sikker den er (empirisk Bayes): "
            "ytterpunkter som kan være tilfeldige, er nesten borte. Fargene viser et mønster, ikke enkeltkommuner; "
            "F-D5 viser usikkerheten.",
            "en": "Municipalities are coloured by the share drawn towards the country by how sure it is (empirical "
            "Bayes): extremes that may be chance are nearly gone. The colours show a pattern, not single "
            "municipalities; F-D5 shows the uncertainty.",
        }
        notes.append(pick(text))
    definition = context.definition(context.settings["official_definition"])
    return context.footer(numbers, pick(n), definition, notes)
