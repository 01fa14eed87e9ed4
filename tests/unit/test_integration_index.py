"""The municipal integration index: its formula, its sampling error against resampling, and who is left out and why."""

import numpy as np
import pandas as pd
import pytest
from introprog.integration_index import Rules, index_table

RULES = Rules(answers=15, threshold=5, level=0.95)
WEIGHTS = {"outcome": 2, "respect": 1, "overall": 1}


def world(seed=1, towns=12, answers=40):
    rng = np.random.default_rng(seed)
    names = [f"{1000 + i}" for i in range(towns)]
    town = np.repeat(np.arange(towns), answers)
    level = np.linspace(-1, 1, towns)
    mood = 0.6 * level[town] + rng.standard_normal(len(town))
    people = pd.DataFrame({"municipality": np.array(names)[town], "weight": rng.uniform(0.5, 1.5, len(town))})
    for name in ("respect", "overall"):
        raw = np.clip(60 + 15 * mood + 8 * rng.standard_normal(len(town)), 0, 100)
        people[name] = np.where(rng.random(len(town)) < 0.05, np.nan, raw)
    leavers = np.full(towns, 80)
    reached = np.round(leavers * (0.6 + 0.1 * level)).astype(int)
    results = pd.DataFrame({"municipality": names, "y_n": leavers, "y_successes": reached, "y_rate": reached / leavers})
    return people, results.assign(status="linked")


def part(table, kind):
    return table[table["kind"] == kind].reset_index(drop=True)


def test_the_index_is_the_weighted_mean_of_standardised_components():
    people, results = world()
    table = index_table(people, results, WEIGHTS, RULES)
    cells = part(table, "component").pivot(index="municipality", columns="component", values="value")
    score = (cells - cells.mean()) / cells.std()
    expected = 50 + 10 * (0.5 * score["outcome"] + 0.25 * score["respect"] + 0.25 * score["overall"])
    index = part(table, "index").set_index("municipality")["value"]
    pd.testing.assert_series_equal(index.sort_index(), expected, check_names=False)
    first = people[(people["municipality"] == "1003") & people["respect"].notna()]
    assert cells.loc["1003", "respect"] == pytest.approx(np.average(first["respect"], weights=first["weight"]))
    assert part(table, "component").groupby("component")["weight"].first().to_dict() == {
        "outcome": 0.5,
        "respect": 0.25,
        "overall": 0.25,
    }
    assert index.mean() == pytest.approx(50)


def test_the_error_is_what_drawing_the_persons_anew_gives():
    people, results = world(answers=60)
    table = index_table(people, results, WEIGHTS, RULES)
    cells = part(table, "component").pivot(index="municipality", columns="component", values="value")
    spread = cells.std()
    rng = np.random.default_rng(4)
    town = "1005"
    own = people[people["municipality"] == town]
    row = results[results["municipality"] == town].iloc[0]
    drawn = []
    for _ in range(2000):
        again = own.iloc[rng.integers(0, len(own), len(own))]
        value = 2 * 100 * rng.binomial(row["y_n"], row["y_rate"]) / row["y_n"] / spread["outcome"]
        for name in ("respect", "overall"):
            told = again[again[name].notna()]
            value += np.average(told[name], weights=told["weight"]) / spread[name]
        drawn.append(10 * value / 4)
    found = part(table, "index").set_index("municipality").loc[town, "std_error"]
    assert found == pytest.approx(np.std(drawn), rel=0.12)


def test_answers_of_the_same_persons_widen_the_interval():
    people, results = world()
    together = part(index_table(people, results, WEIGHTS, RULES), "index")["std_error"].mean()
    rng = np.random.default_rng(2)
    apart = people.copy()
    shuffled = apart.groupby("municipality")["overall"].transform(lambda s: rng.permutation(s.to_numpy()))
    alone = part(index_table(apart.assign(overall=shuffled), results, WEIGHTS, RULES), "index")["std_error"].mean()
    assert together > 1.03 * alone


def test_everyone_who_is_left_out_is_listed_with_the_first_reason():
    people, results = world()
    few = people[(people["municipality"] != "1000") | (people.groupby("municipality").cumcount() < 10)].copy()
    few.loc[few["municipality"] == "1001", "respect"] = 100.0
    changed = results.set_index("municipality")
    changed.loc["1002", "status"] = "few_leavers"
    changed.loc["1003", ["y_n", "y_successes", "y_rate"]] = [80, 78, 78 / 80]
    changed = changed.drop(index="1004").reset_index()
    found = part(index_table(few, changed, WEIGHTS, RULES), "left_out").set_index("municipality")["method"]
    assert found.str.removeprefix("not estimable: ").to_dict() == {
        "1000": "few_answers",
        "1001": "all_answers_alike",
        "1002": "few_leavers",
        "1003": "suppressed",
        "1004": "no_result",
    }
    assert not set(found.index) & set(part(index_table(few, changed, WEIGHTS, RULES), "index")["municipality"])


def test_a_component_nobody_was_asked_about_or_that_stands_still_is_named_and_the_rest_weighted_anew():
    people, results = world()
    still = results.assign(y_successes=48, y_rate=0.6)
    table = index_table(people, still, WEIGHTS | {"participation": 3}, RULES)
    told = part(table, "left_out").set_index("component")["method"].to_dict()
    assert told == {"participation": "not estimable: not asked", "outcome": "not estimable: does not vary"}
    assert part(table, "component")["weight"].unique().tolist() == [0.5]


def test_too_few_municipalities_give_a_reason_and_no_number():
    people, results = world(towns=3)
    table = index_table(people, results, WEIGHTS, RULES)
    assert part(table, "summary")["method"].tolist() == ["not estimable: municipalities: 3, at least 5 needed"]
    assert part(table, "index").empty and part(table, "component").empty
