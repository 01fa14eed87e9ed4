"""The record of a page of one municipality: what it is made of, how many are behind it, controls and checksum."""

import hashlib

import pandas as pd
import pytest
from introprog.release.page import of_place, page_record

PANEL = pd.DataFrame(
    {
        "municipality": ["1001", "1001", "1002", "1003"],
        "n": pd.array([40, None, 90, 300], "Int64"),
        "successes": pd.array([7, None, 60, 200], "Int64"),
        "suppressed": [False, True, False, False],
    }
)
TABLES = {
    "F-D5": pd.DataFrame({"municipality": ["1001", "1002"], "n": [120.0, 90.0], "suppressed": [False, False]}),
    "F-C4": pd.DataFrame({"municipality": ["1002"], "n": [90.0], "suppressed": [False]}),
    "F-C1-county": pd.DataFrame({"level": ["all", "10"], "n": [9000, 510], "successes": [6000, 310]}),
    "F-F1": pd.DataFrame({"municipality": ["1001", ""], "s_n": [31.0, None], "y_n": [40.0, None]}),
    "signal": pd.DataFrame({"definition": ["official"], "horizon": [1]}),
}
AUDIT = pd.DataFrame(
    {
        "output": ["F-D5", "F-C4", "F-F1", "F-C1-county", "municipality_panel"],
        "least_width": [6, 5, None, 8, 7],
        "exception": ["", "", "agreed", "", ""],
    }
).set_index("output")


def made(code: str, method: str = "suppress", data: str = "own") -> dict:
    block = {"threshold": 5, "protection": 5, "method": method, "base": 5}
    return page_record(code, "en", "Avik", b"page", TABLES, PANEL, AUDIT, data, block, 15)


def test_a_municipality_is_told_by_its_own_shown_rows():
    record = made("1001")
    assert record["output"] == "municipality_1001_en" and record["kind"] == "page"
    assert record["title"] == {"nb": "Avik (1001)", "en": "Avik (1001)"}
    assert record["made_of"] == ["F-D5", "F-F1", "municipality_panel"]
    counts = [record[name] for name in ("smallest_shown", "persons", "answers", "least_width")]
    assert counts == [7, 120, 31, 6] and record["exception"] == "agreed"
    assert record["files"] == {"results/report/municipality/1001_en.pdf": hashlib.sha256(b"page").hexdigest()}
    assert record["controls"] == [
        "made of released outputs alone, under their controls",
        "audited with all outputs: every hidden count can vary by 5 or more",
        "a municipality is shown with 15 answers or more",
    ]


def test_a_county_is_not_its_municipalities_and_the_country_is_none():
    record = made("10")
    assert record["made_of"] == ["F-C1-county", "F-C4", "F-D5"]
    assert record["persons"] == 510 and record["smallest_shown"] == 90
    assert "answers" not in record and record["exception"] is None and len(record["controls"]) == 2


def test_what_is_not_there_is_left_out_and_rounded_counts_are_not_called_audited():
    record = made("1003", method="round")
    assert record["made_of"] == ["municipality_panel"] and record["persons"] == 300
    assert record["controls"] == ["made of released outputs alone, under their controls"]
    assert made("1003", data="statbank")["controls"] == ["figures that their publisher has released"]


@pytest.mark.parametrize(("code", "rows"), [("1001", 1), ("1002", 1), ("10", 0)])
def test_hidden_rows_are_none_of_the_page(code, rows):
    assert len(of_place(PANEL, code)) == rows


def test_a_county_lists_its_municipalities_where_asked():
    assert of_place(TABLES["F-D5"], "10", within=True)["municipality"].tolist() == ["1001", "1002"]
    assert len(of_place(TABLES["F-D5"], "11", within=True)) == 0
    assert of_place(TABLES["F-D5"], "1001", within=True)["municipality"].tolist() == ["1001"]
