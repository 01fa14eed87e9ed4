"""The mix that predicts year five: honest errors against brute-force refits, recovery, and noise that must not help."""

import numpy as np
import pandas as pd
import pytest
from introprog.months import EDUCATION, EMIGRATED, NONE, UNEMPLOYED, WORK_LONGER, WORK_SHORTER
from introprog.surrogate import LATE, MONTHS, mixes, surrogate_table

YEARS = [2012, 2018]


def world(n=3000, seed=0, places=30, weights=(0.0, 0.2, 0.5)):
    """States whose month 60 depends on months 6, 12 and 24 with ``weights``; the official measure is near month 12."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, places, n)
    base = rng.random(n)[:, None] + rng.normal(0, 0.1, places)[place][:, None]
    good = rng.random((n, 61)) < base.clip(0.1, 0.9)
    early = good[:, list(MONTHS)] @ np.array(weights)
    good[:, LATE] = rng.random(n) < 0.15 + early
    states = np.where(
        good, rng.choice([WORK_LONGER, WORK_SHORTER, EDUCATION], good.shape), rng.choice([UNEMPLOYED, NONE], good.shape)
    )
    frame = pd.DataFrame(states.astype(np.int8), columns=[f"m{k}" for k in range(61)])
    frame.insert(0, "person_id", [f"P{i:05d}" for i in range(n)])
    leavers = pd.DataFrame({"person_id": frame["person_id"], "municipality": [f"61{p:02d}" for p in place]})
    leavers["exit_year"] = rng.integers(2012, 2019, n)
    outcomes = pd.DataFrame({"person_id": frame["person_id"], "success": pd.array(good[:, 12], dtype="boolean")})
    return frame, leavers, outcomes


def estimate(table, target, predictors, coding, term):
    rows = table[(table[["target", "predictors", "coding", "term"]] == [target, predictors, coding, term]).all(axis=1)]
    assert len(rows) == 1
    return rows["estimate"].iloc[0]


def test_error_is_that_of_refits_without_each_municipality():
    states, leavers, outcomes = world(800, seed=1, places=16)
    table = surrogate_table(states, leavers, outcomes, YEARS, 20)
    grid = states.drop(columns="person_id").to_numpy()
    late = np.isin(grid[:, LATE], [WORK_LONGER, WORK_SHORTER, EDUCATION]).astype(float)
    x = np.column_stack([np.ones(800), mixes(grid, np.zeros(800))["6+12", "state"]])
    place = leavers["municipality"].to_numpy()
    error, empty = np.empty(800), np.empty(800)
    for one in np.unique(place):
        out = place == one
        beta = np.linalg.lstsq(x[~out], late[~out], rcond=None)[0]
        error[out], empty[out] = (late[out] - x[out] @ beta) ** 2, (late[out] - late[~out].mean()) ** 2
    assert estimate(table, "work_or_education", "6+12", "state", "brier") == pytest.approx(error.mean(), abs=1e-12)
    wanted = 1 - error.mean() / empty.mean()
    assert estimate(table, "work_or_education", "6+12", "state", "r2_out") == pytest.approx(wanted, abs=1e-12)


def test_finds_the_months_that_matter_and_their_weights():
    table = surrogate_table(*world(6000, seed=2), YEARS, 20)
    rows = table[
        (table["predictors"] == "6+12+24") & (table["coding"] == "success") & (table["target"] == "work_or_education")
    ]
    rows = rows.set_index("term")
    for term, weight in (("weight:m6", 0.0), ("weight:m12", 0.2), ("weight:m24", 0.5)):
        assert abs(rows.loc[term, "estimate"] - weight) < 3.5 * rows.loc[term, "std_error"]
    assert rows.loc["brier_gain", "ci_low"] > 0
    own = table[table["target"] == "work_or_education"]
    one_month = [estimate(own, "work_or_education", str(m), "success", "r2_out") for m in MONTHS]
    assert np.argmax(one_month) == 2
    assert own.loc[own["best"], "predictors"].str.contains("24").all()
    assert (own.loc[own["best"], ["predictors", "coding"]].drop_duplicates().shape[0]) == 1


def test_predictors_that_say_nothing_gain_nothing_out_of_sample():
    table = surrogate_table(*world(1500, seed=3, weights=(0, 0, 0)), YEARS, 20)
    own = table[table["target"] == "work_or_education"].set_index(["predictors", "coding", "term"])["estimate"]
    rich = own["6+12+24", "state", "r2"], own["6+12+24", "state", "r2_out"]
    assert rich[1] < 0.002 and rich[1] < rich[0]


def test_only_residents_of_the_cohorts_at_every_month_are_judged():
    states, leavers, outcomes = world(1000, seed=4)
    states.loc[:49, "m60"] = EMIGRATED
    states.loc[50:99, "m24"] = -1
    leavers.loc[100:149, "exit_year"] = 2005
    outcomes.loc[150:199, "success"] = pd.NA
    assert set(surrogate_table(states, leavers, outcomes, YEARS, 20)["n"]) == {800}


def test_too_little_data_is_said():
    states, leavers, outcomes = world(200, seed=5, places=2)
    table = surrogate_table(states, leavers, outcomes, YEARS, 20)
    assert table["method"].str.startswith("not estimable: ").all() and table["estimate"].isna().all()
    short = states.drop(columns=[f"m{k}" for k in range(41, 61)])
    assert surrogate_table(short, leavers, outcomes, YEARS, 20)["method"].str.startswith("not estimable").all()
