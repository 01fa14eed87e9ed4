"""Specification curve, bounds for end causes, and elapsed months."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from introprog.bounds import end_cause_bounds
from introprog.elapsed import elapsed_months, elapsed_table
from introprog.errors import InputError
from introprog.outcome_rows import read_outcome_rows
from introprog.specifications import criteria, present_definition, specification_table

BASE = {"moment": "november", "min_hours": 0, "education": "any", "novembers": 1, "earnings_g": None,
        "no_social_assistance": False, "denominator": "residents", "geography": "programme"}  # fmt: skip
DEFINITIONS = {
    "ssb_november": BASE,
    "hours_20": BASE | {"min_hours": 20},
    "all_leavers": BASE | {"denominator": "all_leavers"},
    "present_municipality": BASE | {"geography": "present"},
    "anniversary": BASE | {"moment": "anniversary"},
}
COMPARISON = {"horizons": [1, 2], "minimum_leavers": 10, "exit_years": [2012, 2018]}


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(11)
    n = 600
    leavers = pd.DataFrame({"person_id": [f"P{i:04d}" for i in range(n)], "included": True})
    leavers["municipality"] = rng.choice(["6101", "6102", "6103", "6104", "6105"], n)
    leavers["sex"] = rng.choice(["men", "women"], n)
    rows = []
    for horizon in (1, 2):
        reason = rng.choice(["resident", "emigrated", "died", "not_yet"], n, p=[0.88, 0.06, 0.02, 0.04])
        chance = rng.random(n) + 0.03 * leavers["municipality"].str[-1].astype(int)
        home = np.where(rng.random(n) < 0.2, "6101", leavers["municipality"])
        for name, hurdle in (("ssb_november", 0.4), ("hours_20", 0.7), ("present_municipality", 0.4)):
            frame = leavers[["person_id", "municipality"]].assign(
                horizon=horizon, definition=name, reason=reason, exit_year=2014
            )
            frame["success"] = pd.array(chance > hurdle, dtype="boolean")
            frame["in_denominator"] = frame["reason"] == "resident"
            frame.loc[~frame["in_denominator"], "success"] = pd.NA
            if name == "present_municipality":
                frame["municipality"] = np.where(frame["in_denominator"], home, None)
            rows.append(frame)
    return pd.concat(rows, ignore_index=True), leavers


def test_a_criterion_is_counted_once():
    assert criteria(DEFINITIONS) == ["ssb_november", "hours_20"]
    assert present_definition(DEFINITIONS) == "present_municipality"


def test_every_combination_and_each_against_a_plain_count(world):
    outcomes, leavers = world
    table = specification_table(outcomes, leavers, DEFINITIONS, "ssb_november", COMPARISON, 0.7)
    keys = ["estimand", "definition", "horizon", "denominator", "geography"]
    assert not table.duplicated(keys).any()
    assert table.groupby("estimand").size().to_dict() == {
        "share": 8, "sex_difference": 8, "at_target": 12, "rank_correlation": 12}  # fmt: skip
    found = table.set_index(keys)["estimate"]
    rows = outcomes[outcomes["definition"] == "hours_20"].merge(leavers[["person_id", "sex"]], on="person_id")
    rows = rows[rows["horizon"] == 2]
    resident, gone = rows["reason"] == "resident", rows["reason"].isin(["emigrated", "died"])
    won = rows["success"].fillna(False).astype(bool)
    assert found["share", "hours_20", 2, "residents", "any"] == pytest.approx(won.sum() / resident.sum())
    assert found["share", "hours_20", 2, "all_leavers", "any"] == pytest.approx(won.sum() / (resident | gone).sum())
    rate = won[resident].groupby(rows.loc[resident, "sex"]).mean()
    assert found["sex_difference", "hours_20", 2, "residents", "any"] == pytest.approx(rate["men"] - rate["women"])
    place = outcomes[(outcomes["definition"] == "present_municipality") & (outcomes["horizon"] == 2)].set_index(
        "person_id"
    )
    home = rows.loc[resident, "person_id"].map(place["municipality"])
    by_home = won[resident].groupby(home).mean()
    assert found["at_target", "hours_20", 2, "residents", "present"] == pytest.approx((by_home >= 0.7).mean())
    assert table.loc[table["official"], ["definition", "horizon"]].drop_duplicates().values.tolist() == [
        ["ssb_november", 1]
    ]
    assert found["rank_correlation", "ssb_november", 1, "residents", "programme"] == pytest.approx(1)


def test_the_gone_can_only_lower_a_share(world):
    table = specification_table(*world, DEFINITIONS, "ssb_november", COMPARISON, 0.7)
    share = (
        table[table["estimand"] == "share"].set_index(["definition", "horizon", "denominator"])["estimate"].unstack()
    )
    assert (share["all_leavers"] < share["residents"]).all()
    gap = table[table["estimand"] == "sex_difference"]
    assert ((gap["ci_low"] < gap["estimate"]) & (gap["estimate"] < gap["ci_high"])).all()


def test_unknown_official_definition_is_an_input_error(world):
    with pytest.raises(InputError, match="did you mean 'ssb_november'"):
        specification_table(*world, DEFINITIONS, "ssb_novembr", COMPARISON, 0.7)


def test_no_present_definition_leaves_that_geography_out(world):
    outcomes, leavers = world
    table = specification_table(outcomes, leavers, {"ssb_november": BASE}, "ssb_november", COMPARISON, 0.7)
    assert set(table["geography"]) == {"any", "programme"}


def test_rows_are_read_by_definition_horizon_and_year(world, tmp_path):
    outcomes, _ = world
    path = tmp_path / "outcomes.parquet"
    outcomes.to_parquet(path, row_group_size=500)
    rows = read_outcome_rows(path, ["person_id", "success"], ["hours_20"], [2], [2012, 2018])
    wanted = outcomes[(outcomes["definition"] == "hours_20") & (outcomes["horizon"] == 2)]
    assert rows.columns.tolist() == ["person_id", "success"]
    assert rows["person_id"].astype(str).tolist() == wanted["person_id"].tolist()
    assert rows["success"].dtype == "boolean" and rows["success"].isna().sum() == wanted["success"].isna().sum()
    assert read_outcome_rows(path, ["person_id"], None, None, [2000, 2001]).empty
    assert len(read_outcome_rows(path, ["horizon"])) == len(outcomes)


def _causes(**counts):
    causes = [cause for cause, number in counts.items() for _ in range(number)]
    frame = pd.DataFrame({"end_cause": causes, "included": True, "exit_year": 2016})
    frame["sex"] = np.where(np.arange(len(frame)) % 2, "men", "women")
    return frame


def test_bounds_hold_the_share_whatever_the_missing_were():
    leavers = _causes(work=60, education=40, compulsory_school=20, other=40, missing=30, auto_closed=10)
    row = end_cause_bounds(leavers).set_index("sex").loc["both"]
    assert (row["n"], row["unknown"], row["successes"]) == (200, 40, 100)
    assert (row["bound_low"], row["bound_high"]) == (0.5, 0.7)
    assert row["share_known"] == pytest.approx(100 / 160)
    assert row["ci_low"] < row["bound_low"] < row["share_known"] < row["bound_high"] < row["ci_high"]
    complete = end_cause_bounds(_causes(work=30, other=30)).set_index("sex").loc["both"]
    assert complete["bound_low"] == complete["bound_high"] == complete["share_known"] == 0.5


def test_bounds_hide_both_sexes_or_none():
    leavers = pd.concat([_causes(work=40, other=40, missing=20), _causes(missing=3).assign(sex="men", exit_year=2017),
                         _causes(work=20, other=20, missing=8).assign(exit_year=2017)])  # fmt: skip
    leavers.loc[
        (leavers["exit_year"] == 2017) & (leavers["sex"] == "women") & (leavers["end_cause"] == "missing"), "sex"
    ] = "men"
    extra = _causes(missing=2).assign(sex="women", exit_year=2017)
    table = end_cause_bounds(pd.concat([leavers, extra])).set_index(["exit_year", "sex"])
    assert not table.loc[2016, "suppressed"].any()
    assert table.loc[2017, "suppressed"].to_dict() == {"both": False, "men": True, "women": True}
    assert table.loc[(2017, "men"), ["n", "unknown", "bound_low"]].isna().all()


def test_elapsed_from_ten_and_a_half_to_twenty_two_and_a_half():
    ends = pd.Series(pd.to_datetime([date(2016, 12, 31), date(2016, 1, 1), date(2016, 6, 16)]).astype("datetime64[s]"))
    months = elapsed_months(ends, pd.Series([2016] * 3))
    assert months == pytest.approx([10.51, 22.51, 17.02], abs=0.01)


def test_elapsed_shares_slope_and_hidden_bins():
    rng = np.random.default_rng(5)
    n = 6000
    year = rng.integers(2012, 2016, n)
    end = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + rng.integers(0, 365, n)
    leavers = pd.DataFrame({"person_id": [f"P{i:05d}" for i in range(n)], "exit_year": year})
    leavers["end_date"] = end.astype("datetime64[s]")
    leavers["municipality"] = rng.integers(6101, 6141, n).astype(str)
    months = elapsed_months(leavers["end_date"], leavers["exit_year"])
    outcomes = pd.DataFrame({"person_id": leavers["person_id"], "in_denominator": rng.random(n) < 0.95})
    outcomes["success"] = pd.array(rng.random(n) < 0.3 + 0.02 * months, dtype="boolean")
    table = elapsed_table(leavers, outcomes)
    slope = table[table["term"] == "slope"].iloc[0]
    assert abs(slope["estimate"] - 0.02) < 3 * slope["std_error"] < 0.02
    bins = table[table["term"] == "leavers"]
    assert bins["elapsed_months"].tolist() == list(range(11, 23))
    assert bins["estimate"].sum() == pytest.approx(1) and bins["n"].sum() == outcomes["in_denominator"].sum()
    few = outcomes[(months < 21.5) | (leavers.index % 97 == 0)]
    hidden = elapsed_table(leavers, few).query("term == 'success' and suppressed")
    assert 22 in hidden["elapsed_months"].tolist() and len(hidden) >= 2
    assert hidden[["estimate", "ci_low", "ci_high", "n"]].isna().all(axis=None)
