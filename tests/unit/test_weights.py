"""Raking: against R's survey::rake, its margins, and what cannot be raked."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.errors import InputError
from introprog.weights import design_effect, rake

REFERENCE = Path(__file__).parents[1] / "reference"


def frame_of(**margins):
    """A frame whose margins are as given; cells are the product of shares."""
    (one, first), (two, second) = margins.items()
    total = sum(first.values())
    rows = [{one: a, two: b, "eligible": x * y / total} for a, x in first.items() for b, y in second.items()]
    return pd.DataFrame(rows)


def test_weights_equal_r_survey():
    people = pd.read_csv(REFERENCE / "survey_small.csv")
    answers = pd.DataFrame({"woman": people["woman"].astype(str), "young": (people["age"] < 35).astype(str)})
    raked = rake(answers, frame_of(woman={"0": 900, "1": 600}, young={"False": 700, "True": 800}), ["woman", "young"])
    expected = json.loads((REFERENCE / "survey_models.json").read_text())["raked"]
    mean = sum(expected[f"{w}.{y.upper()}"] * n for (w, y), n in answers.value_counts().items()) / len(answers)
    for (woman, young), part in answers.groupby(["woman", "young"]):
        found = raked.weights[part.index]
        np.testing.assert_allclose(found, expected[f"{woman}.{young.upper()}"] / mean, rtol=1e-6)


def test_margins_are_met_and_mean_is_one():
    rng = np.random.default_rng(1)
    answers = pd.DataFrame(
        {"sex": rng.choice(["men", "women"], 300), "age": rng.choice(list("abc"), 300, p=[0.7, 0.2, 0.1])}
    )
    raked = rake(answers, frame_of(sex={"men": 700, "women": 300}, age={"a": 300, "b": 300, "c": 400}), ["sex", "age"])
    assert raked.weights.mean() == pytest.approx(1)
    share = pd.Series(raked.weights).groupby(answers["age"]).sum() / 300
    np.testing.assert_allclose(share, [0.3, 0.3, 0.4], rtol=1e-6)
    assert raked.design_effect == pytest.approx(1 + np.var(raked.weights))
    assert design_effect(np.ones(7)) == 1


def test_not_stated_is_not_moved_by_that_margin():
    answers = pd.DataFrame({"sex": ["men"] * 6 + ["women"] * 2 + [None] * 2, "age": ["a"] * 10})
    raked = rake(answers, frame_of(sex={"men": 50, "women": 50}, age={"a": 100}), ["sex", "age"])
    np.testing.assert_allclose(raked.weights[8:], 1)
    assert raked.weights[:6].sum() == pytest.approx(raked.weights[6:8].sum())


def test_small_group_without_answers_is_listed():
    answers = pd.DataFrame({"sex": ["men", "women"] * 5, "age": ["a"] * 10})
    raked = rake(answers, frame_of(sex={"men": 50, "women": 50}, age={"a": 95, "b": 5}), ["sex", "age"])
    assert raked.uncovered.to_dict("records") == [{"margin": "age", "category": "b", "share": 0.05}]


def test_all_that_cannot_be_raked_is_said_at_once():
    answers = pd.DataFrame({"sex": ["men", "women"] * 5, "age": ["a", "x"] * 5})
    with pytest.raises(InputError) as caught:
        rake(
            answers,
            frame_of(sex={"men": 80, "other": 20}, age={"a": 50, "b": 50}),
            ["sex", "age"],
            where="survey_ks_2015_frame",
        )
    text = str(caught.value)
    assert [p.rule for p in caught.value.problems] == ["S2", "S4", "S2", "S4"]
    assert "'women'" in text
    assert "50% of the frame" in text


def test_contradicting_margins_do_not_settle():
    answers = pd.DataFrame({"sex": ["men", "women"] * 5, "age": ["a", "b"] * 5})
    with pytest.raises(InputError, match="did not settle"):
        rake(answers, frame_of(sex={"men": 50, "women": 50}, age={"a": 30, "b": 70}), ["sex", "age"])


def test_empty_frame():
    with pytest.raises(InputError, match="no eligible participants"):
        rake(pd.DataFrame({"sex": ["men"]}), pd.DataFrame({"sex": [], "eligible": []}), ["sex"])
