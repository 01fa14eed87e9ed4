"""Persons, residence, education, welfare and income from typed columns."""

import numpy as np
import pandas as pd
import pytest
from introprog.cleaning.income import clean_income
from introprog.cleaning.municipality_codes import code_map
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import clean_education, clean_persons, clean_residence, clean_welfare
from introprog.codebook import load_country_groups, load_schooling_levels
from raw_extracts import CODEBOOK, ROOT

LISTS = ROOT / "data" / "codelists"


@pytest.fixture
def log():
    return QualityLog(CODEBOOK.rules)


def dates(*texts):
    return pd.to_datetime(pd.Series(texts)).astype("datetime64[s]")


def counts(log):
    return log.frame().groupby("rule")["n"].sum().to_dict()


def test_months_become_spells_across_the_new_year(log):
    periods = [201511, 201512, 201601, 201603, 201604, 201512, 201603]
    raw = pd.DataFrame(
        {
            "person_id": ["a"] * 5 + ["b", "a"],
            "period": pd.array(periods, "Int32"),
            "state": ["21"] * 5 + ["21", "21"],
            "file_year": [p // 100 for p in periods],
        }
    )
    spells = clean_welfare(raw, log)
    assert spells.astype(str).values.tolist() == [
        ["a", "2015-11-01", "2016-01-31", "21"],
        ["a", "2016-03-01", "2016-04-30", "21"],
        ["b", "2015-12-01", "2015-12-31", "21"],
    ]
    assert counts(log) == {"D1": 1}


def test_spells_hold_exactly_the_months_they_are_made_of(log):
    rng = np.random.default_rng(5)
    grid = pd.MultiIndex.from_product([["a", "b", "c"], range(2014, 2018), range(1, 13), ["21", "31"]])
    raw = (
        grid.to_frame(index=False)
        .set_axis(["person_id", "year", "month", "state"], axis=1)
        .sample(frac=0.6, random_state=1)
    )
    raw = raw.assign(period=(raw["year"] * 100 + raw["month"]).astype("Int32"), file_year=raw["year"])
    spells = clean_welfare(raw.iloc[rng.permutation(len(raw))], log)
    months = [
        (row.person_id, row.state, month.year * 100 + month.month)
        for row in spells.itertuples()
        for month in pd.date_range(row.first_date, row.last_date, freq="MS")
    ]
    assert sorted(months) == sorted(zip(raw["person_id"], raw["state"], raw["period"]))


def test_a_month_of_another_year_is_dropped(log):
    raw = pd.DataFrame(
        {
            "person_id": ["a", "a", "b"],
            "period": pd.array([201511, 201412, 201511], "Int32"),
            "state": "21",
            "file_year": 2015,
        }
    )
    assert len(clean_welfare(raw, log)) == 2 and counts(log) == {"E2": 1}


def test_residence_spells_never_overlap(log):
    raw = pd.DataFrame(
        {
            "person_id": ["a", "a", "a", "b", "b", "c"],
            "municipality_source": ["6101", "6102", "6102", "6101", "6101", "6102"],
            "first_date": dates("2015-01-01", "2016-01-01", "2018-01-01", "2015-01-01", "2015-01-01", "2016-05-01"),
            "last_date": dates("2016-01-01", "2018-06-30", None, "2015-06-01", "2016-06-01", "2016-04-01"),
            "end_reason": ["moved", "moved", None, "moved", "emigrated", None],
        }
    )
    listed = pd.DataFrame({"municipality": ["6101", "6102"], "year": 2016, "population": 1})
    none = pd.DataFrame({"date": dates(), "old_code": pd.array([], "str"), "new_code": pd.array([], "str"),
                         "share": pd.array([], "float64")})  # fmt: skip
    spells = clean_residence(raw, code_map(none, listed, 2016), log)
    a = spells[spells["person_id"] == "a"]
    assert a["last_date"].dt.strftime("%Y-%m-%d").fillna("open").tolist() == ["2015-12-31", "2017-12-31", "open"]
    assert spells[spells["person_id"] == "b"]["end_reason"].tolist() == ["emigrated"], "the longer of two like starts"
    assert a["end_reason"].tolist() == ["moved", "moved", ""]
    assert counts(log) == {"D2": 1, "S1": 1, "S2": 1}


def test_schooling_is_that_at_the_first_start(log):
    demography = pd.DataFrame(
        {
            "person_id": ["a", "b", "c"],
            "birth_month": pd.array([198005, 199012, pd.NA], "Int32"),
            "sex": ["men", "women", "men"],
            "birth_country": ["564", "279", None],
            "immigration_ground": "refuge",
            "settlement_date": dates("2014-01-01", "2014-01-01", "2014-01-01"),
            "death_date": dates(None, None, None),
        }
    )
    levels = pd.DataFrame(
        {
            "person_id": ["a", "a", "b", "c"],
            "nus2000": ["301101", "601101", "201199", None],
            "valid_from": dates("2014-10-01", "2018-10-01", "2016-01-01", "2014-10-01"),
        }
    )
    starts = pd.Series({"a": pd.Timestamp(2015, 3, 1), "b": pd.Timestamp(2015, 3, 1)})
    groups = load_country_groups(LISTS / "country_groups.csv")
    persons = clean_persons(
        demography, levels, starts, groups, load_schooling_levels(LISTS / "nus2000_levels.csv"), log
    )
    assert persons["schooling"].tolist() == ["upper_secondary", "unknown", "unknown"]
    assert persons["country_group"].tolist()[:2] == ["syria", "africa_other"] and pd.isna(persons["country_group"][2])
    assert persons["birth_year"].tolist()[:2] == [1980, 1990] and persons["birth_month"].tolist()[:2] == [5, 12]


def test_education_and_income(log):
    education = pd.DataFrame(
        {
            "person_id": ["a", "a", "a", "b"],
            "nus2000": ["401101", "401101", "999999", "201199"],
            "first_date": dates("2015-08-15", "2015-08-15", "2015-08-15", "2016-08-15"),
            "last_date": dates("2016-06-20", None, "2016-06-20", "2016-01-01"),
        }
    )
    spells = clean_education(education, log)
    assert spells["level"].tolist() == [4, 9] and pd.isna(spells["last_date"][0]), "the longest of like spells stays"
    income = pd.DataFrame(
        {
            "person_id": ["a", "a", "b"],
            "year": pd.array([2018, 2018, 2018], "Int64"),
            "earnings": [100.0, 100.0, np.nan],
            "social_assistance_months": pd.array([0, 0, 3], "Int64"),
            "social_assistance": [0.0, 0.0, 21000.0],
        }
    )
    cleaned = clean_income(income, log)
    assert cleaned["earnings"].tolist() == [100.0, 0.0]
    assert counts(log) == {"D1": 1, "D2": 1, "S1": 1}


def test_a_whole_file_twice_stops(log):
    income = pd.DataFrame(
        {"person_id": [f"{i}" for i in range(50)], "year": pd.array([2018] * 50, "Int64"), "earnings": 1.0,
         "social_assistance_months": 0, "social_assistance": 0.0}
    )  # fmt: skip
    clean_income(pd.concat([income, income], ignore_index=True), log)
    assert "put in twice" in str(log.problems[0])
