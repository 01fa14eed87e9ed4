"""Tables come back as they went out, sorted, with dates as dates and codes with their zeros."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
from introprog.tabular import (
    coded_texts,
    copy_table,
    increases,
    inert,
    read_csv,
    read_table,
    write_csv,
    write_table,
)


def test_round_trip_keeps_zeros_dates_and_missing(tmp_path):
    frame = pd.DataFrame(
        {
            "municipality": ["6102", "0301"],
            "day": pd.to_datetime(["2017-11-16", None]),
            "n": pd.array([3, None], dtype="Int64"),
        }
    )
    write_table(frame, tmp_path / "deep" / "a.parquet", ["municipality"])
    assert str(pq.read_schema(tmp_path / "deep" / "a.parquet").field("day").type) == "date32[day]"
    back = read_table(tmp_path / "deep" / "a.parquet")
    assert list(back["municipality"]) == ["0301", "6102"]
    assert pd.isna(back["day"][0]) and back["day"][1] == pd.Timestamp("2017-11-16")
    assert back["n"].isna().tolist() == [True, False]


def test_a_repeated_key_is_a_fault_of_the_pipeline(tmp_path):
    with pytest.raises(ValueError, match="key"):
        write_table(pd.DataFrame({"a": [1, 1]}), tmp_path / "a.parquet", ["a"])


def test_same_rows_in_another_order_give_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"a": ["2", "1", "3"], "b": [0.1, 0.2, 0.3]})
    write_table(frame, tmp_path / "a.parquet", ["a"])
    write_table(frame.iloc[[2, 0, 1]], tmp_path / "b.parquet", ["a"])
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_csv_keeps_zeros_where_text_is_named(tmp_path):
    write_csv(pd.DataFrame({"status": ["05", None], "share": [1 / 3, None]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"status,share\n05,0.3333333333\n,\n"
    assert read_csv(tmp_path / "a.csv", text=["status"])["status"].tolist() == ["05", ""]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("-1.5", "-1.5"),
        ("+2,3", "+2,3"),
        ("+14,5 (4,2)", "+14,5 (4,2)"),
        ("-0.9 [-1.4, 0.2]", "-0.9 [-1.4, 0.2]"),
        ("+1,6 (1,0) [−0,9; 4,1]", "+1,6 (1,0) [−0,9; 4,1]"),
        ("-", "-"),
        ("Oslo", "Oslo"),
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_written_as_text(tmp_path, text, written):
    write_csv(pd.DataFrame({"name": pd.Series([text, None], dtype="str"), "n": [-1.5, 2]}), tmp_path / "a.csv")
    found = pd.read_csv(tmp_path / "a.csv")
    assert found["name"].astype(str).tolist()[0] == written and found["n"].tolist() == [-1.5, 2]
    assert inert(text) == written and inert(-3) == -3


def test_a_copied_table_replaces_the_former_one_whole(tmp_path):
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")
    copy_table(tmp_path / "new", tmp_path / "old")
    copy_table(tmp_path / "new", tmp_path / "deep" / "other")
    assert (tmp_path / "old").read_bytes() == (tmp_path / "deep" / "other").read_bytes() == b"new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "new", "old"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["a", "a", "b"], [1, 2, 1], True),
        (["a", "a", "b"], [1, 1, 2], False),
        (["b", "a"], [1, 2], False),
        (["a", "b", None], [1, 2, 3], False),
        (["a", "a"], [1, None], False),
        (["a"], [None], True),
        ([], [], True),
        (["Z", "a", "Å", "å"], [4, 3, 2, 1], True),
    ],
)
def test_a_sorted_unique_key_is_known_without_sorting(first, second, expected):
    days = pd.to_datetime(pd.Series(second, dtype="Int64"), unit="D").astype("datetime64[s]")
    for numbers in (pd.array(second, "Int64"), days):
        frame = pd.DataFrame({"a": pd.Series(first, dtype="str"), "b": numbers})
        assert increases(frame, ["a", "b"]) is expected
        if expected:
            assert frame.sort_values(["a", "b"]).index.tolist() == list(range(len(frame)))


def test_coded_texts_are_in_order():
    known, place = coded_texts(pd.Series(["b", "å", "B", "b", "z"], dtype="str"))
    assert known.tolist() == ["B", "b", "z", "å"] and place.tolist() == [1, 3, 0, 1, 2]
    known, place = coded_texts(pd.Series([], dtype="str"))
    assert len(known) == len(place) == 0
