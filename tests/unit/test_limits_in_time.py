"""Codes with years, dates with limits, and what a row of an extract stands for in time."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from introprog.cleaning.quality import QualityLog
from introprog.codebook import Column, Extract
from introprog.readers.origin import Origin
from introprog.readers.raw import RawFile, RawTable, repeated_header
from introprog.readers.temporality import check_temporality
from introprog.readers.typed import type_columns
from raw_extracts import CODEBOOK

LABEL = {"nb": "x", "en": "x"}


def extract(**options) -> Extract:
    measure = Column("tiltak", "measure", "code", LABEL, values={"01": "a", "11": "b"}, valid={"11": (2011, None)})
    day = Column("dato", "day", "date", LABEL, range=("1900-01-01", "2100-12-31"), rule="R2")
    columns = {"lopenr": Column("lopenr", "person_id", "id", LABEL), "tiltak": measure, "dato": day}
    return Extract("tiltak", LABEL, "tiltak.csv", "utf-8", columns, **options)


def typed(book: Extract, year=None, **columns):
    log = QualityLog(CODEBOOK.rules)
    count = len(next(iter(columns.values())))
    keys = [f"{n:010d}" for n in range(count)]
    table = pa.table({"lopenr": keys} | {name: pa.array(values, pa.string()) for name, values in columns.items()})
    return type_columns(table, book, book.file, log, year), log


def counts(log) -> dict:
    return log.frame().groupby(["rule", "year"], dropna=False)["n"].sum().to_dict()


def test_a_code_outside_its_years_is_flagged_and_kept():
    frame, log = typed(extract(), 2010, tiltak=["01", "11", None] * 4)
    assert frame["measure"].tolist()[:2] == ["a", "b"]
    assert counts(log) == {("R7", 2010): 4}
    told = (log.problems + log.tolerated)[0]
    assert told.rule == "R7" and tuple(told.values) == ("11",) and "'11' is used from 2011" in told.hint
    assert counts(typed(extract(), 2011, tiltak=["01", "11"])[1]) == {}


def test_the_year_may_be_in_a_column_and_unknown_years_are_not_judged():
    book = extract(year_of="day")
    _, log = typed(book, tiltak=["11", "11", "11"], dato=["2010-12-31", "2011-01-01", None])
    assert counts(log) == {("R7", 2010): 1}
    assert counts(typed(extract(), tiltak=["11"])[1]) == {}


@pytest.mark.parametrize(("first", "last", "bad"), [(None, 2012, 2013), (2011, 2012, 2010), (2011, None, 2010)])
def test_years_may_be_open_at_either_end(first, last, bad):
    book = extract()
    book = replace(
        book, columns={**book.columns, "tiltak": replace(book.columns["tiltak"], valid={"11": (first, last)})}
    )
    assert counts(typed(book, bad, tiltak=["11"])[1]) == {("R7", bad): 1}
    assert counts(typed(book, 2012, tiltak=["11"])[1]) == {}


def test_dates_outside_their_limits_and_after_the_drawing_are_set_aside():
    days = ["1899-12-31", "1900-01-01", "2020-01-01", "2020-01-02", "2100-12-31", "9999-12-31", None]
    frame, log = typed(extract(), dato=days)
    assert frame["day"].isna().tolist() == [True, False, False, False, False, True, True]
    assert log.frame()["n"].sum() == 2 and set(log.frame()["rule"]) == {"R4"}
    drawn, _ = typed(extract(extracted="2020-01-01"), dato=days)
    assert drawn["day"].isna().tolist() == [True, False, False, True, True, True, True]


def check(frame, origin=None, **options):
    log = QualityLog(CODEBOOK.rules)
    return check_temporality(pd.DataFrame(frame), extract(**options), log, origin), log


def one_file(*lines) -> Origin:
    return Origin(["tiltak.csv"], [np.array(lines)])


def test_a_fixed_trait_that_varies_keeps_its_first_value():
    rows = {"person_id": ["a", "b", "a", "c", "a"], "measure": ["x", "y", "z", None, None], "day": [None, 1, 1, 1, 1]}
    frame, log = check(rows, one_file(2, 3, 5, 6, 8), temporality="fixed")
    assert [p.rows for p in log.problems + log.tolerated] == [[5]]
    assert frame["measure"].fillna("").tolist() == ["x", "y", "x", "", "x"]
    assert frame["day"].tolist() == [1, 1, 1, 1, 1], "a gap is filled by the person's other row"
    assert log.frame()[["rule", "n"]].values.tolist() == [["T1", 1]]
    assert (log.problems + log.tolerated)[0].where == "tiltak.csv, column tiltak"


def test_rows_alike_in_all_but_the_key_are_flagged():
    rows = {"person_id": list("abcd"), "measure": ["x", "x", "x", None], "day": [1, 1, 2, None]}
    _, log = check(rows, Origin(["a.csv", "b.csv"], [np.array([2]), np.array([3, 4, 5])]), temporality="fixed")
    assert log.frame()[["rule", "n"]].values.tolist() == [["D4", 1]]
    assert [p.rows for p in log.problems + log.tolerated] == [["b.csv 3"]]


def test_strangers_that_share_what_little_is_known_are_not_flagged():
    """Without settlement dates, sex, birth, country and ground are all that is known of most."""
    columns = {"kjonn": "sex", "fodt": "birth_month", "land": "birth_country", "grunn": "ground", "dato": "day"}
    fields = {s: Column(s, n, "text", {"en": n}) for s, n in {"pid": "person_id", **columns}.items()}
    book = replace(extract(temporality="fixed"), columns=fields)
    rows = {"person_id": list("abc"), **{n: ["x"] * 3 for n in columns.values()}, "day": [None, None, None]}
    log = QualityLog(CODEBOOK.rules)
    check_temporality(pd.DataFrame(rows), book, log)
    assert not log.counts
    check_temporality(pd.DataFrame(rows | {"day": ["1", "1", None]}), book, log)
    assert log.frame()[["rule", "n"]].values.tolist() == [["D4", 1]]


def test_of_two_statuses_at_a_date_the_first_stays():
    day = pd.to_datetime(["2015-01-01"] * 3 + ["2016-01-01"])
    rows = {"person_id": ["a", "a", "b", "a"], "first_date": day, "measure": ["x", "y", "x", "y"]}
    frame, log = check(rows, one_file(2, 3, 4, 5), temporality="status")
    assert [p.rows for p in log.problems + log.tolerated] == [[3]]
    assert frame["measure"].tolist() == ["x", "x", "y"]
    assert log.frame()[["rule", "n"]].values.tolist() == [["T2", 1]]
    assert check(rows, temporality="spells")[0].shape == (4, 3)


def test_a_header_inside_a_file_is_told_with_its_row(tmp_path):
    table = pa.table({"a": ["1", "a", None], "b": ["2", "b", "b"]})
    found = list(repeated_header(RawTable(table, ["a", "b"], 2), RawFile(tmp_path / "x.csv")))
    assert [(p.rule, p.count, list(p.rows)) for p in found] == [("F16", 1, [3])]
    assert not list(repeated_header(RawTable(pa.table({"a": ["1"]}), ["a"], 2), RawFile(tmp_path / "x.csv")))
