"""Municipality codes of every year to one list: merges, renumbering, splits, retired codes, and the real list
2013-2020.
"""

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from introprog.cleaning.municipality_codes import clean_municipalities, code_map, to_vintage
from introprog.cleaning.quality import QualityLog
from raw_extracts import CODEBOOK

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "real" / "kommunenummer_2013_2020_wide.csv"


def changes(*rows):
    frame = pd.DataFrame(rows, columns=["date", "old_code", "new_code", "share"])
    return frame.assign(date=pd.to_datetime(frame["date"]).astype("datetime64[s]"), new_name=frame["new_code"])


def places(**years):
    rows = [(code, int(year[1:]), people) for year, codes in years.items() for code, people in codes.items()]
    return pd.DataFrame(rows, columns=["municipality", "year", "population"])


@pytest.fixture
def reform():
    """6101 and 6102 merge in 2018; 6103 is renumbered in 2018; the merged 6110 is split in 2020."""
    change = changes(
        ("2018-01-01", "6101", "6110", 1.0),
        ("2018-01-01", "6102", "6110", 1.0),
        ("2018-01-01", "6103", "6203", 1.0),
        ("2020-01-01", "6110", "6111", 0.7),
        ("2020-01-01", "6110", "6112", 0.3),
    )
    old = {"6101": 600, "6102": 400, "6103": 50}
    between = {"6110": 1000, "6203": 50}
    listed = places(y2016=old, y2017=old, y2018=between, y2019=between, y2020={"6111": 700, "6112": 300, "6203": 50})
    return change, listed


def targets(mapping, code):
    return dict(mapping.loc[mapping["code"] == code, ["target", "share"]].round(6).values.tolist())


def test_codes_are_followed_through_every_change(reform):
    mapping = code_map(*reform, 2020)
    assert targets(mapping, "6101") == {"6111": 0.7, "6112": 0.3}
    assert targets(mapping, "6103") == targets(mapping, "6203") == {"6203": 1.0}
    assert targets(code_map(*reform, 2018), "6101") == {"6110": 1.0}


def test_younger_codes_are_followed_backwards_by_population(reform):
    mapping = code_map(*reform, 2016)
    assert targets(mapping, "6203") == {"6103": 1.0}
    assert targets(mapping, "6111") == targets(mapping, "6110") == {"6101": 0.6, "6102": 0.4}


def test_a_part_that_stays_is_kept():
    change = changes(("2018-01-01", "6101", "6102", 0.2))
    listed = places(y2017={"6101": 10, "6102": 10}, y2018={"6101": 8, "6102": 12})
    mapping = code_map(change, listed, 2018)
    assert targets(mapping, "6101") == {"6101": 0.8, "6102": 0.2}
    assert mapping.loc[mapping["code"] == "6101", "retired"].isna().all(), "6101 lives on"


def test_a_code_that_comes_back_is_not_retired():
    change = changes(("2018-01-01", "6101", "6102", 1.0), ("2020-01-01", "6102", "6101", 1.0))
    listed = places(y2017={"6101": 1}, y2018={"6102": 1}, y2020={"6101": 1})
    mapping = code_map(change, listed, 2020)
    assert targets(mapping, "6102") == {"6101": 1.0}
    assert mapping.set_index("code")["retired"].isna().to_dict() == {"6101": True, "6102": False}


def test_splits_are_settled_by_residence_then_by_size_and_all_is_counted(reform):
    mapping = code_map(*reform, 2020)
    rows = pd.DataFrame(
        {
            "person_id": ["a", "b", "c", "d", "e", "f"],
            "municipality_source": ["6110", "6110", "6103", "6203", "9999", "6101"],
            "date": pd.to_datetime(["2019-06-01"] * 4 + ["2019-06-01", "2019-06-01"]).astype("datetime64[s]"),
        }
    )
    residence = pd.DataFrame(
        {
            "person_id": ["a", "a", "b"],
            "first_date": pd.to_datetime(["2020-03-01", "2023-01-01", "2020-02-01"]).astype("datetime64[s]"),
            "last_date": pd.to_datetime(["2022-12-31", None, None]).astype("datetime64[s]"),
            "municipality": ["6112", "6111", "6203"],
        }
    )
    log = QualityLog(CODEBOOK.rules)
    found = to_vintage(rows, mapping, log, "programmes", "date", residence)
    assert found.tolist()[:4] == ["6112", "6111", "6203", "6203"], "nearest residence, largest part, renumbered, same"
    assert pd.isna(found[4]) and found[5] == "6111"
    counted = log.frame().groupby("rule")["n"].sum().to_dict()
    assert counted == {"M1": 1, "M2": 3, "M3": 1, "M4": 2}


def test_many_unknown_codes_stop(reform):
    rows = pd.DataFrame({"municipality_source": ["0199"] * 10, "date": pd.to_datetime(["2019-06-01"] * 10)})
    log = QualityLog(CODEBOOK.rules)
    to_vintage(rows, code_map(*reform, 2020), log, "programmes", "date")
    assert "'0199'" in str(log.problems[0]) and "100.0% of the rows" in str(log.problems[0])


def test_context_is_summed_averaged_and_taken_from_the_largest(reform):
    change, listed = reform
    context = listed.assign(
        name=listed["municipality"],
        county="61",
        county_name="Fylke",
        unemployment=2.0,
        centrality=3,
        labour_market_region="12",
        kostra_group="KG01",
        in_nav="false",
    )
    context.loc[context["municipality"] == "6101", ["unemployment", "centrality", "in_nav"]] = [4.0, 2, "true"]
    context.loc[context["municipality"] == "6101", ["labour_market_region", "kostra_group"]] = ["7", "KG04"]
    table = clean_municipalities(context, code_map(change, listed, 2018), change, 2018).set_index(
        ["municipality", "year"]
    )
    merged = table.loc[("6110", 2016)]
    assert merged["population"] == 1000 and merged["centrality"] == 2 and merged["in_nav"]
    assert (merged["labour_market_region"], merged["kostra_group"]) == ("7", "KG04")
    assert merged["unemployment"] == pytest.approx(3.2)
    assert table.loc[("6110", 2020), "population"] == 1000, "the parts of a later split add up to the whole"
    assert set(table.index.get_level_values(0)) == {"6110", "6203"}


@pytest.mark.skipif(not REAL.exists(), reason="the real municipality list is not beside the project")
def test_the_real_list_of_2013_leads_to_that_of_2020():
    wide = pd.read_csv(REAL, sep=";", dtype=str).replace("9999", None)
    years = [2013, 2017, 2018, 2019, 2020]
    steps = []
    for old, new in pairwise(years):
        pairs = (
            wide[[f"kommunenummer_{old}", f"kommunenummer_{new}"]]
            .dropna()
            .drop_duplicates()
            .set_axis(["old", "new"], axis=1)
        )
        pairs = pairs[pairs.groupby("old")["new"].transform(lambda codes: (codes != codes.name).any())]
        share = 1 / pairs.groupby("old")["new"].transform("size")
        steps += list(zip([f"{new}-01-01"] * len(pairs), pairs["old"], pairs["new"], share))
    listed = pd.concat(
        pd.DataFrame({"municipality": wide[f"kommunenummer_{y}"].dropna().unique(), "year": y, "population": 1})
        for y in years
    )
    mapping = code_map(changes(*steps), listed, 2020)
    assert set(listed["municipality"]) == set(mapping["code"]), "every code has a place in the list of 2020"
    assert listed.query("year == 2020")["municipality"].nunique() == 356
    assert mapping.groupby("code")["share"].sum().round(9).eq(1).all()
    for code, target in {"0101": "3001", "1601": "5001", "5001": "5001", "0301": "0301", "1902": "5401"}.items():
        assert targets(mapping, code) == {target: 1.0}
    followed = wide[["kommunenummer_2013", "kommunenummer_2020"]].dropna().drop_duplicates()
    reached = set(zip(mapping["code"], mapping["target"]))
    assert set(followed.itertuples(index=False, name=None)) <= reached
