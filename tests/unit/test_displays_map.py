"""The tile map: real counties lie where the layout says, made-up ones by number; small ones hatched; figures add up."""

from itertools import pairwise

import display_frames as made
import numpy as np
import pandas as pd
import pytest
from introprog.displays.context import Context
from introprog.displays.f_d7 import COLOURS, EDGES
from introprog.displays.making import make_numbers, module_of, read_inputs
from introprog.displays.registry import registry
from introprog.house_style import house_style

ENTRY = registry()["F-D7"]
TILES = read_inputs({"county_tiles": str(made.ROOT / "data/codelists/county_tiles.csv")})["county_tiles"]
SIGNAL = pd.DataFrame([{"definition": "ssb_november", "horizon": 1, "first_exit_year": 2012, "last_exit_year": 2018,
                        "mean": 0.62, "sd_between": 0.06}])  # fmt: skip


def rates(seed=1):
    """Municipalities of the test frames: the first of a county large, the last with three persons."""
    rng = np.random.default_rng(seed)
    place = np.arange(len(made.PLACES)) % 8
    n = np.where(place == 0, 900, np.where(place == 7, 3, 60))
    hits = rng.binomial(n, 0.62)
    frame = pd.DataFrame(
        {"municipality": made.PLACES, "n": n, "successes": hits, "expected": n * 0.6, "rate": hits / n}
    )
    return pd.concat([frame.assign(tier="person"), frame.assign(tier="observed", expected=n * 0.62)])


def inputs():
    return {"region_status": made.region_status(), "municipalities": made.municipalities(), "signal": SIGNAL,
            "adjusted_rates": rates(), "county_tiles": TILES, "funnel": pd.DataFrame()}  # fmt: skip


@pytest.fixture(scope="module")
def numbers():
    return make_numbers(ENTRY, inputs(), made.settings())


def test_counties_are_observed_over_expected_times_the_country(numbers):
    own = rates()
    own = own[own["tier"] == "person"]
    sums = own.groupby(own["municipality"].str[:2])[["n", "successes", "expected"]].sum()
    wanted = (own["successes"].sum() / own["n"].sum() * sums["successes"] / sums["expected"]).round(3)
    counties = numbers[numbers["level"] == "county"].set_index("region")
    assert counties["share"].astype(float).to_dict() == wanted.to_dict()
    assert counties["n"].astype(int).to_dict() == sums["n"].to_dict()


def test_small_municipalities_are_hatched_and_the_others_drawn_to_the_country(numbers):
    towns = numbers[numbers["level"] == "municipality"].set_index("region")
    small = [p for i, p in enumerate(made.PLACES) if i % 8 == 7]
    assert towns.loc[small, "suppressed"].all() and towns.loc[small, ["drawn_share", "share_class"]].isna().all(
        axis=None
    )
    assert towns["n"].isna().all(), "beside the county's they would give a hidden one away"
    own = rates().drop_duplicates("municipality").set_index("municipality")["rate"]
    large = [p for i, p in enumerate(made.PLACES) if i % 8 == 0]
    middle = [p for i, p in enumerate(made.PLACES) if i % 8 == 3]
    drawn = (towns["drawn_share"].astype(float) - 0.62).abs() / (own - 0.62).abs()
    assert drawn.loc[middle].median() < 0.6 < drawn.loc[large].median() <= 1.3


def test_classes_are_those_of_the_key(numbers):
    known = numbers[numbers["share_class"].notna()]
    value = known["share"].fillna(known["drawn_share"]).astype(float).round(2) + 1e-9
    low, high = np.r_[0, EDGES], np.r_[EDGES, 1.01]
    at = known["share_class"].astype(int).to_numpy() - 1
    assert ((value >= low[at]) & (value < high[at])).all()
    brightness = [sum(int(c[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.59), (5, 0.11))) for c in COLOURS]
    assert all(a - b > 25 for a, b in pairwise(brightness)), "told apart in grey print"


def test_made_up_counties_stand_by_number_and_real_ones_by_the_layout(numbers):
    counties = numbers[numbers["level"] == "county"].set_index("region")
    assert list(zip(counties["column"], counties["row"], strict=True)) == [
        (0, 0),
        (1, 0),
        (2, 0),
        (0, 1),
        (1, 1),
        (2, 1),
    ]
    assert counties["name"].tolist() == [f"Fylke {c}" for c in counties.index]


def statbank_inputs(codes):
    rows = [(c, y, sex, s, n) for c in ["0", *codes] for y in (2012, 2013) for sex in ("both", "men", "women")
            for s, n in (("00", 100), ("1", 60), ("2", 10), ("3", 30))]  # fmt: skip
    region = pd.DataFrame(rows, columns=["region", "exit_year", "sex", "status", "n"])
    region["n"] = (
        region["n"] * np.where(region["region"] == "0", len(codes), 1) * np.where(region["sex"] == "both", 2, 1)
    )
    region["region_level"] = np.where(region["region"] == "0", "country", "county")
    region = region.assign(horizon=1, definition="ssb_november", geography="programme", suppressed=False)
    funnel = pd.DataFrame({"municipality": [f"{c}01" for c in codes], "horizon": 1, "n": 50, "rate": 0.7})
    return {"region_status": region.astype({"n": "Int64"}), "signal": SIGNAL, "county_tiles": TILES, "funnel": funnel}


@pytest.mark.parametrize("year", ["2017", "2019", "2023", "2024"])
def test_every_division_into_counties_has_a_layout_without_two_in_one_place(year):
    layout = TILES[TILES["last_year"].astype(str) == year]
    assert not layout.duplicated(["column", "row"]).any() and not layout["county"].duplicated().any()
    table = make_numbers(ENTRY, statbank_inputs(layout["county"].tolist()), made.settings("statbank"))
    counties = table[table["level"] == "county"].set_index("region")
    assert counties["row"].to_dict() == layout.set_index("county")["row"].to_dict()
    assert counties["name"].to_dict() == layout.set_index("county")["name"].to_dict()
    assert counties["share"].unique().tolist() == [0.6] and counties["n"].unique().tolist() == [400]
    assert (table["basis"] == "observed").all() and (table["data"] == "statbank").all()
    north, south = counties["row"].idxmin(), counties["row"].idxmax()
    assert counties.loc[north, "name"] in ("Finnmark", "Troms og Finnmark")
    assert counties.loc[south, "name"] in ("Agder", "Aust-Agder", "Vest-Agder")


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("source", ["synthetic", "statbank"])
def test_the_map_is_drawn_within_the_page(source, language, numbers):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    layout = TILES[TILES["last_year"].astype(str) == "2017"]["county"].tolist()
    if source == "statbank":
        numbers = make_numbers(ENTRY, statbank_inputs(layout), made.settings("statbank"))
    context = Context.of("F-D7", ENTRY, made.settings(source), language)
    with house_style():
        figure = module_of(ENTRY).draw(numbers, context)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        width, height = canvas.get_width_height()
        patches = [p for axes in figure.axes for p in axes.patches]
        assert len(patches) == len(numbers) + len(COLOURS) + 1
        for patch in patches:
            box = patch.get_window_extent(canvas.get_renderer())
            assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1
        hexagons, squares = figure.axes[:2]
        left = max(p.get_window_extent().x1 for p in hexagons.patches)
        assert left < min(p.get_window_extent().x0 for p in squares.patches), "squares lie beside the hexagons"
    assert sum(p.get_hatch() is not None for p in patches) == int(numbers["suppressed"].sum()) + 1
