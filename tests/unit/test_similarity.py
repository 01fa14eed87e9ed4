"""Municipalities that are alike: nearest by four sides of equal weight, from shares that may be shown."""

import numpy as np
import pandas as pd
import pytest
from introprog.similarity import COMPOSITION, municipal_profile, nearest_municipalities


def profile(**columns: list) -> pd.DataFrame:
    rows = {"population": [1e4] * 4, "centrality": [3.0] * 4, "unemployment": [2.0] * 4}
    rows |= {name: [0.5] * 4 for name in COMPOSITION}
    return pd.DataFrame({"municipality": ["1001", "1002", "1003", "1004"], **rows, **columns})


def nearest(frame: pd.DataFrame, code: str = "1001") -> list[str]:
    found = nearest_municipalities(frame)
    return found[found["municipality"] == code].sort_values("place")["other"].tolist()


@pytest.mark.parametrize(
    "columns",
    [
        {"population": [1000.0, 100000.0, 10000.0, 2000.0]},
        {"centrality": [1.0, 6.0, 4.0, 2.0]},
        {"unemployment": [1.0, 4.0, 3.0, 2.0]},
        {"women": [0.1, 0.9, 0.6, 0.2]},
    ],
)
def test_each_side_alone_orders_the_others(columns):
    assert nearest(profile(**columns)) == ["1004", "1003", "1002"]


def test_size_counts_by_its_logarithm():
    assert nearest(profile(population=[1000.0, 5000.0, 5999.0, 300.0])) == ["1004", "1002", "1003"]


def test_the_distance_is_the_mean_over_four_sides_of_squares_in_standard_deviations():
    frame = profile(centrality=[1.0, 3.0, 1.0, 3.0], women=[0.2, 0.2, 0.6, 0.6])
    found = nearest_municipalities(frame).set_index(["municipality", "other"])["distance"]
    # two standard deviations in one of four sides; two in one of four measures of one of four sides
    np.testing.assert_allclose(found[("1001", "1002")], np.sqrt(4 / 4))
    np.testing.assert_allclose(found[("1001", "1003")], np.sqrt(4 / 4 / 4))
    np.testing.assert_allclose(found[("1001", "1004")], np.sqrt(4 / 4 + 4 / 16))


def test_it_is_symmetric_and_a_hidden_measure_is_left_out_of_the_pair():
    frame = profile(women=[0.2, None, 0.6, 0.25], syria=[0.1, 0.5, 0.2, 0.2])
    found = nearest_municipalities(frame).set_index(["municipality", "other"])["distance"]
    assert all(np.isclose(found[pair], found[pair[::-1]]) for pair in found.index)
    only_shown = nearest_municipalities(frame.drop(columns="women").assign(women=None))
    rows = only_shown.set_index(["municipality", "other"])["distance"]
    np.testing.assert_allclose(found[("1001", "1002")], rows[("1001", "1002")])


def test_ties_go_by_number_and_order_of_rows_does_not_matter():
    frame = profile()
    assert nearest(frame) == ["1002", "1003", "1004"]
    mixed = profile(centrality=[1.0, 2.0, 4.0, 6.0])
    pd.testing.assert_frame_equal(nearest_municipalities(mixed), nearest_municipalities(mixed[::-1]))


def test_a_single_municipality_has_nobody_near():
    assert nearest_municipalities(profile().head(1)).empty


def leavers(schooling: dict[str, int], municipality: str = "1001") -> pd.DataFrame:
    words = [name for name, count in schooling.items() for _ in range(count)]
    frame = pd.DataFrame({"schooling": words, "municipality": municipality, "exit_year": 2015, "included": True})
    return frame.assign(country_group="syria")


CONTEXT = pd.DataFrame(
    {
        "municipality": ["1001", "1001", "1002"],
        "name": ["Old", "Avik", "Bvik"],
        "county": "10",
        "county_name": "Afylke",
        "year": [2014, 2018, 2019],
        "population": [900, 1000, 500],
        "unemployment": [3.0, 2.0, 1.0],
        "centrality": [3, 4, 5],
    }
)
PANEL = pd.DataFrame(
    [("1001", 2014, "both", 40), ("1001", 2014, "women", 15), ("1001", 2015, "both", 60), ("1001", 2015, "women", None),
     ("1001", 2016, "both", 20), ("1001", 2016, "women", 9), ("1001", 2011, "both", 99), ("1001", 2011, "women", 99)],
    columns=["municipality", "exit_year", "sex", "n"],
).assign(definition="ssb_november", horizon=1, geography="programme")  # fmt: skip


def made(schooling: dict[str, int]) -> pd.Series:
    table = municipal_profile(leavers(schooling), CONTEXT, PANEL, "ssb_november", [2012, 2018], 5)
    assert table["municipality"].tolist() == ["1001"]
    return table.iloc[0]


def test_context_is_the_latest_up_to_the_last_year_of_leaving():
    assert made({"compulsory": 30, "higher": 30})[["name", "year", "population", "centrality"]].tolist() == [
        "Avik",
        2018,
        1000,
        4,
    ]


def test_women_come_from_years_whose_cells_are_shown_alone():
    assert made({"compulsory": 30, "higher": 30})["women"] == (15 + 9) / (40 + 20)


@pytest.mark.parametrize(
    ("schooling", "share"),
    [
        ({"compulsory": 5, "higher": 15}, 0.25),
        ({"compulsory": 5, "higher": 15, "unknown": 80}, 0.25),
        ({"compulsory": 4, "higher": 16}, None),
        ({"compulsory": 16, "higher": 4}, None),
        ({"higher": 20}, None),
    ],
)
def test_shares_of_fewer_than_the_threshold_with_or_without_a_trait_are_hidden(schooling, share):
    found = made(schooling)["compulsory"]
    assert found == share if share else pd.isna(found)
    # everybody is from Syria here, which would be told of every one of them
    assert pd.isna(made(schooling)["syria"])
