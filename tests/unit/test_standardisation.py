"""Results as with the average leaver: composition taken out, quality left in, checked by hand and against R."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import survey_frames as made
from introprog import association
from introprog.errors import InputError
from introprog.link import Thresholds, link_surveys
from introprog.standardisation import add_adjusted, cells_of, span_of, standardise_results

REFERENCE = Path(__file__).parents[1] / "reference"
WAVE = {"w": {"year": 2015, "concurrent": [0, 2], "published": [-3, -1]}}
CELL = [("ssb_november", 1)]


def leavers(seed=1, towns=12, size=400, quality=0.4, years=(2015, 2016, 2017)):
    """Included leavers whose women and refugees are more common in some municipalities, and their results."""
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(towns), size)
    woman = rng.random(len(place)) < np.linspace(0.15, 0.85, towns)[place]
    refuge = rng.random(len(place)) < 0.6
    good = quality * (place % 2) - 0.2
    people = pd.DataFrame({
        "person_id": [f"{i:010d}" for i in range(len(place))], "included": True,
        "municipality": np.array(made.codes(towns))[place], "county": "10", "exit_year": rng.choice(years, len(place)),
        "sex": np.where(woman, "women", "men"), "immigration_ground": np.where(refuge, "refuge", "family"),
    })  # fmt: skip
    success = rng.random(len(place)) < 1 / (1 + np.exp(-(0.6 - 1.2 * woman + 0.3 * refuge + good)))
    outcomes = people[["person_id", "municipality"]].assign(
        definition="ssb_november", horizon=1, success=pd.array(success, dtype="boolean"), in_denominator=True
    )
    return people, outcomes


def standardised(people, outcomes, variables=("sex", "immigration_ground"), minimum=50):
    table = standardise_results(people, outcomes, WAVE, CELL, list(variables), minimum)
    return table[table["alignment"] == "concurrent"].set_index("municipality")


def test_composition_is_taken_out_and_quality_stays():
    table = standardised(*leavers(size=4000))
    raw = table["successes"] / table["n"]
    good = np.arange(12) % 2 == 1
    assert raw[good].std() > 0.05 and raw[~good].std() > 0.05
    assert table["rate"][good].std() < 0.015 and table["rate"][~good].std() < 0.015
    assert table["rate"][good].mean() - table["rate"][~good].mean() == pytest.approx(0.085, abs=0.02)


def test_expected_and_observed_agree_in_all_and_counts_are_those_of_the_rows():
    people, outcomes = leavers()
    table = standardised(people, outcomes)
    assert table["expected"].sum() == pytest.approx(table["successes"].sum())
    whole = outcomes.groupby("municipality")["success"].agg(["size", "sum"])
    assert table["n"].tolist() == whole["size"].tolist() and table["successes"].tolist() == whole["sum"].tolist()
    share = table["successes"].sum() / table["n"].sum()
    np.testing.assert_allclose(table["rate"], table["successes"] / table["expected"] * share)


def test_expected_results_equal_those_of_r():
    people = pd.read_csv(REFERENCE / "standardise_persons.csv", dtype={"municipality": str})
    people = people.assign(person_id=[f"{i:010d}" for i in range(len(people))], included=True, county="10")
    outcomes = people[["person_id", "municipality"]].assign(
        definition="ssb_november", horizon=1, success=people["success"].astype("boolean"), in_denominator=True
    )
    table = standardised(people, outcomes, minimum=1)
    answer = json.loads((REFERENCE / "survey_models.json").read_text())["standardised"]
    np.testing.assert_allclose(table["expected"], answer["expected"], rtol=1e-6)
    np.testing.assert_allclose(table["rate"], answer["rate"], rtol=1e-6)


def test_who_does_not_count_is_left_out():
    people, outcomes = leavers()
    before = standardised(people, outcomes)
    outcomes.loc[:99, "in_denominator"] = False
    people.loc[100:199, "included"] = False
    outcomes.loc[200:209, "success"] = pd.NA
    after = standardised(people, outcomes)
    assert before["n"].sum() - after["n"].sum() == 210


def test_years_of_the_other_alignment_do_not_enter():
    people, outcomes = leavers(years=(2013, 2016))
    table = standardise_results(people, outcomes, WAVE, CELL, ["sex"], 50).groupby("alignment")["n"].sum()
    counts = people["exit_year"].value_counts()
    assert table.to_dict() == {"concurrent": counts[2016], "published": counts[2013]}
    assert span_of(WAVE) == (2012, 2017)


def test_a_characteristic_that_foretells_the_result_is_a_reason_not_a_number():
    people, outcomes = leavers(towns=3, size=40)
    people["age"] = np.tile(np.linspace(20, 60, 40), 3)
    outcomes["success"] = pd.array((people["age"] > 41).to_numpy(), dtype="boolean")
    told = standardised(people, outcomes, ["age"], minimum=1)
    assert told[["expected", "rate"]].isna().all(axis=None) and told["n"].gt(0).all()


def test_nobody_observed_is_an_empty_table():
    people, outcomes = leavers(years=(1999,))
    table = standardise_results(people, outcomes, WAVE, CELL, ["sex"], 50)
    assert table.empty and "rate" in table


def test_an_unknown_characteristic_is_explained():
    with pytest.raises(InputError, match=r"no characteristic is called 'sexx'[\s\S]*did you mean 'sex'"):
        standardise_results(*leavers(towns=2), WAVE, CELL, ["sexx"], 50)


def test_every_definition_has_its_own_horizons():
    blocks = {"a": {"moment": "november", "horizons": [1]}, "b": {"moment": "anniversary", "horizons": [6, 12, 36]},
              "c": {"moment": "exit", "horizons": [0]}}  # fmt: skip
    assert cells_of(blocks, [1, 2, 3]) == [("a", 1), ("a", 2), ("a", 3), ("b", 12), ("b", 36), ("c", 0)]


def test_both_sides_adjusted_equals_least_squares_of_r():
    towns = pd.read_csv(REFERENCE / "adjusted_towns.csv", dtype={"municipality": str})
    answer = json.loads((REFERENCE / "survey_models.json").read_text())
    towns = towns.assign(y_rate=towns["y_successes"] / towns["y_n"])
    ask = association.Ask(0.95, 1, 99)

    def rows(form):
        return pd.DataFrame(association.municipality_model("m", form, association.sided(towns, "both"), ask))

    hc3 = rows("least_squares").query("method.str.contains('HC3')")
    np.testing.assert_allclose(hc3["estimate"], answer["both_hc3"]["estimate"], rtol=1e-6)
    np.testing.assert_allclose(hc3["std_error"], answer["both_hc3"]["std_error"], rtol=1e-6)
    np.testing.assert_allclose(rows("meta")["estimate"], answer["both_rma"]["estimate"], rtol=1e-5)
    np.testing.assert_allclose(rows("meta")["std_error"], answer["both_rma"]["std_error"], rtol=1e-5)
    np.testing.assert_allclose(rows("binomial")["estimate"], answer["both_glmer"]["estimate"], rtol=1e-3)
    np.testing.assert_allclose(rows("binomial")["std_error"], answer["both_glmer"]["std_error"], rtol=1e-3)


def test_link_carries_both_adjusted_sides_of_the_alignment():
    panel = made.panel(np.random.default_rng(0), np.linspace(-0.5, 0.5, 8), 40)
    rng = np.random.default_rng(1)
    scores = pd.DataFrame({"municipality": rng.choice(made.codes(8), 300), "satisfaction": rng.normal(60, 10, 300)})
    scores = scores.assign(wave="ks_2015", weight=1.0, sex=rng.choice(["men", "women"], 300))
    waves = {"ks_2015": made.WAVES["ks_2015"]}
    link, _ = link_surveys(scores, panel, waves, "published", {"ks_2015": ["satisfaction"]},
                           {"ssb_november": "programme"}, [1, 2], Thresholds(15, 5))  # fmt: skip
    table = add_adjusted(link, scores, made.standard(panel, waves), "published", ["sex"])
    assert len(table) == len(link)
    np.testing.assert_allclose(table["y_adjusted"], table["y_rate"])
    assert table["s_adjusted"].notna().all() and not np.allclose(table["s_adjusted"], table["s_mean"])
