"""The cohort: criteria on hand-made persons, a flow that adds up, and who can be observed the November after."""

import numpy as np
import pandas as pd
import pytest
from introprog.cleaning.quality import QualityLog
from introprog.cohort import CRITERIA, age_group, residence_state, select_cohort
from raw_extracts import CODEBOOK, STUDY

TEXT = pd.array([], "str")


def dates(*texts):
    return pd.to_datetime(pd.Series(texts)).astype("datetime64[s]")


def programme(person, start, end, cause="work"):
    return {"person_id": person, "start_date": start, "end_date": end, "end_cause": cause, "municipality": "6101",
            "municipality_source": "6101", "source": "nir", "benefit_months": 10, "measures": "01", "measure_hours":
            30.0}  # fmt: skip


SPELLS = [
    programme("leaver", "2013-03-01", "2015-02-01"),
    programme("leaver", "2016-01-01", "2017-01-01"),
    programme("early", "2008-01-01", "2010-01-01"),
    programme("early", "2012-01-01", "2014-01-01"),
    programme("still in", "2017-01-01", None, None),
    programme("moved", "2013-01-01", "2014-01-01", "moved"),
    programme("moved on", "2013-01-01", "2014-01-01", "moved"),
    programme("moved on", "2015-01-01", "2016-01-01", "education"),
    programme("too old", "2013-01-01", "2015-01-01"),
    programme("unknown", "2013-01-01", "2015-01-01"),
    programme("dead", "2013-01-01", "2015-01-01"),
    programme("gone", "2013-01-01", "2015-01-01"),
    programme("lost", "2013-01-01", "2015-01-01"),
    programme("too late", "2016-01-01", "2019-06-01"),
]


@pytest.fixture
def tables():
    programmes = pd.DataFrame(SPELLS)
    for name in ("start_date", "end_date"):
        programmes[name] = pd.to_datetime(programmes[name]).astype("datetime64[s]")
    names = ["leaver", "early", "still in", "moved", "moved on", "too old", "dead", "gone", "lost", "too late"]
    persons = pd.DataFrame(
        {
            "person_id": names,
            "sex": "men",
            "birth_year": [1980] * 5 + [1940] + [1980] * 4,
            "birth_month": 6,
            "country_group": "syria",
            "schooling": "higher",
            "immigration_ground": "refuge",
            "death_date": dates(*["2015-06-01" if n == "dead" else None for n in names]),
        }
    )
    residence = pd.DataFrame(
        {
            "person_id": ["leaver", "early", "moved on", "dead", "gone", "gone", "lost"],
            "first_date": dates(*["2012-01-01"] * 5, "2017-01-01", "2012-01-01"),
            "last_date": dates(None, None, None, "2015-06-01", "2015-03-01", None, "2015-03-01"),
            "end_reason": ["", "", "", "died", "emigrated", "", "moved"],
        }
    )
    places = pd.DataFrame(
        {"municipality": "6101", "county": "61", "year": range(2012, 2018), "centrality": [3, 3, 3, 4, 4, 4]}
    )
    return programmes, persons, residence, places


def logs(n_rows, **dropped):
    read = pd.DataFrame({"extract": ["nir_deltakere", "bosted"], "file": ["a", "b"], "rows": [n_rows, 99]})
    log = QualityLog(CODEBOOK.rules)
    for rule, n in dropped.items():
        log.note("programmes", rule, n=n)
    log.note("residence", "D1", n=50)
    log.note("programmes", "P5", n=3)
    return read, log.frame()


def test_criteria_person_by_person(tables):
    leavers, _ = select_cohort(*tables, *logs(20), STUDY)
    table = leavers.set_index("person_id")
    assert table.index[table["included"]].tolist() == ["dead", "early", "gone", "leaver", "lost", "moved on"]
    failed = {name: next(c for c in CRITERIA if not row[c]) for name, row in table[~table["included"]].iterrows()}
    assert failed == {
        "still in": "has_end_date",
        "too late": "exit_year_in_study",
        "unknown": "known_person",
        "too old": "age_in_range",
        "moved": "not_transferred",
    }
    assert table.loc[["leaver", "early", "moved on"], "exit_year"].tolist() == [2015, 2014, 2016]
    assert table.loc["leaver", ["programme_months", "age_at_exit", "age_group", "centrality", "county"]].tolist() == [
        23, 34, "26-35", 4, "61",
    ]  # fmt: skip


def test_the_flow_adds_up_from_rows_to_observed_leavers(tables):
    _, flow = select_cohort(*tables, *logs(20, D1=2, R5=1), STUDY)
    assert (flow["n_in"] - flow["n_out"] == flow["excluded"]).all() and (flow["excluded"] >= 0).all()
    same_unit = flow["unit"] == flow["unit"].shift()
    assert (flow["n_in"] == flow["n_out"].shift())[same_unit].all()
    change = ~same_unit & (flow["step"] > 1)
    assert (flow["n_in"] == flow["n_out"].shift())[change].all(), "a change of unit starts from the number reached"
    counts = flow.set_index("criterion")["n_out"].to_dict()
    assert counts["raw_rows"] == 20 and counts["dropped_D1"] == 18 and counts["dropped_R5"] == 17
    assert counts["programmes"] == 14 and counts["leavers"] == 6
    assert [counts[c] for c in ("h1_within_data", "h1_alive", "h1_not_emigrated", "h1_observed")] == [6, 5, 4, 3]


def test_the_last_year_is_a_step_of_its_own(tables):
    _, flow = select_cohort(*tables, *logs(20), STUDY | {"last_observed_year": 2016})
    step = flow.set_index("criterion").loc["h1_within_data"]
    assert (step["n_in"], step["excluded"]) == (6, 1), "the leaver of 2016 is observed in 2017 only"


def test_nobody_left(tables):
    programmes, persons, residence, places = tables
    leavers, flow = select_cohort(programmes[:0], persons, residence, places, *logs(0), STUDY)
    assert leavers.empty and flow["n_out"].sum() == 0


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2014-11-16", "resident"), ("2015-03-01", "resident"), ("2015-03-02", "emigrated"), ("2016-12-31",
        "emigrated"), ("2017-01-01", "resident"), ("2011-12-31", "no_residence"),
    ],
)  # fmt: skip
def test_residence_on_a_day_with_return_after_emigration(tables, day, state):
    _, persons, residence, _ = tables
    found = residence_state(pd.Series(["gone"]), dates(day), residence, persons)
    assert found.tolist() == [state]


def test_age_groups_at_their_edges():
    ages = pd.Series([17.0, 25, 26, 35, 36, 45, 46, 55, 56, 80, np.nan])
    expected = ["18-25", "18-25", "26-35", "26-35", "36-45", "36-45", "46-55", "46-55", "56+", "56+", None]
    assert (
        age_group(ages).where(ages.notna(), None).tolist()[:-1] == expected[:-1] and age_group(ages).isna().tolist()[-1]
    )
