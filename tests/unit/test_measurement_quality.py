"""Categorical omega, invariance across languages and Brant's test: against lavaan, semTools and the formula in R."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.estimable import NotEstimable
from introprog.invariance import STEPS, fit_independence, fit_step, group_of, robust_indices, scaled_difference
from introprog.languages import invariance_table, scales_of
from introprog.polychoric import (
    bivariate_normal,
    omega_categorical,
    one_factor,
    polychoric_matrix,
    steps_of,
)
from introprog.proportional_odds import OMNIBUS, brant, proportional_odds_table
from scipy.stats import multivariate_normal
from survey_frames import INSTRUMENTS

REFERENCE = Path(__file__).parents[1] / "reference"
ITEMS = [f"item{i}" for i in range(1, 6)]


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(REFERENCE / "answers_small.csv")


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "measurement.json").read_text())


@pytest.fixture(scope="module")
def groups(answers):
    complete = answers.dropna(subset=ITEMS)
    return [group_of(part[ITEMS].to_numpy(float)) for _, part in complete.groupby("language")]


@pytest.mark.parametrize("rho", [-0.9, -0.2, 0.0, 0.5, 0.97])
def test_the_bivariate_normal_is_scipys(rho):
    points = [(-1.5, 0.3), (0.0, 0.0), (2.0, -0.7)]
    law = multivariate_normal(cov=[[1, rho], [rho, 1]])
    own = bivariate_normal(*np.transpose(points), rho)
    np.testing.assert_allclose(own, [law.cdf(point) for point in points], atol=1e-6)


def test_its_edges_are_its_limits():
    x, y = np.array([-0.5, 1.0]), np.array([0.2, -0.3])
    np.testing.assert_allclose(bivariate_normal(x, y, 1.0), bivariate_normal(x, y, 0.9999999), atol=1e-3)
    np.testing.assert_allclose(bivariate_normal(x, y, -1.0), bivariate_normal(x, y, -0.9999999), atol=1e-3)
    assert bivariate_normal(np.inf, 0.3, 0.6) == pytest.approx(bivariate_normal(0.3, np.inf, -0.2))


def test_polychoric_correlations_and_categorical_omega_equal_lavaan_and_semtools(answers, expected):
    complete = answers[ITEMS].dropna()
    matrix = polychoric_matrix([steps_of(column) for column in complete.to_numpy(float).T])
    # R writes the lower triangle by columns
    by_column = np.concatenate([matrix[j + 1 :, j] for j in range(5)])
    np.testing.assert_allclose(by_column, expected["polychoric"], atol=2e-6)
    np.testing.assert_allclose(one_factor(matrix), expected["loadings"], atol=1e-6)
    assert omega_categorical(answers[ITEMS]) == pytest.approx(expected["omega_categorical"], abs=1e-6)


def test_omega_of_many_fine_steps_is_that_of_numbers():
    rng = np.random.default_rng(5)
    loading = np.array([0.8, 0.7, 0.6, 0.5])
    values = rng.standard_normal((4000, 1)) * loading + rng.standard_normal((4000, 4)) * np.sqrt(1 - loading**2)
    fine = pd.DataFrame(np.clip(np.round(values * 4), -10, 10))
    truth = loading.sum() ** 2 / (loading.sum() ** 2 + (1 - loading**2).sum())
    assert omega_categorical(fine) == pytest.approx(truth, abs=0.015)


def test_omega_says_why_there_is_none(answers):
    with pytest.raises(NotEstimable, match="items: 2"):
        omega_categorical(answers[ITEMS[:2]])
    with pytest.raises(NotEstimable, match="does not vary"):
        omega_categorical(answers[ITEMS].assign(item3=2))
    with pytest.raises(NotEstimable, match="loading exceeds one"):
        one_factor(np.array([[1, 0.9, 0.8], [0.9, 1, 0.2], [0.8, 0.2, 1]]))


@pytest.mark.parametrize("step", STEPS)
def test_every_step_equals_lavaan(groups, expected, step):
    fit, base, answer = fit_step(groups, step), fit_independence(groups), expected["invariance"][step]
    assert fit.df == answer["df"]
    assert fit.chisq == pytest.approx(answer["chisq"], rel=1e-6)
    assert fit.scaling == pytest.approx(answer["chisq.scaling.factor"], rel=1e-5)
    assert (base.chisq, base.df) == (pytest.approx(answer["baseline.chisq"], rel=1e-8), answer["baseline.df"])
    assert base.scaling == pytest.approx(answer["baseline.chisq.scaling.factor"], rel=1e-8)
    cfi, rmsea = robust_indices(fit, base, sum(g.n for g in groups), len(groups))
    assert cfi == pytest.approx(answer["cfi.robust"], abs=1e-6)
    assert rmsea == pytest.approx(answer["rmsea.robust"], abs=1e-5)


def test_scaled_differences_equal_lavaan(groups, expected):
    fits = [fit_step(groups, step) for step in STEPS]
    found = [scaled_difference(*pair) for pair in pairwise(fits)]
    answer = expected["differences"]
    np.testing.assert_allclose([f[0] for f in found], answer["chisq"], rtol=1e-5)
    assert [f[1] for f in found] == answer["df"]
    np.testing.assert_allclose([f[2] for f in found], answer["p_value"], rtol=1e-4)


BOOK = {
    "items": {name: {"scale": [1, 4], "dimension": "whole", "construct": None} for name in ITEMS[:4]}
    | {"item5": {"scale": [1, 3], "dimension": "whole", "construct": "single"}}
}


def as_wave(frame):
    return frame.rename(columns={name: f"item_{name}" for name in ITEMS}).assign(wave="w")


def test_the_table_tells_the_step_that_fails_and_does_not_go_on(answers):
    table = invariance_table(as_wave(answers), {"w": BOOK}, 100).set_index(["construct", "step"])
    assert table.loc[("whole", "metric"), "holds"] == "no"
    assert table.loc[("whole", "scalar"), "holds"] == "not reached"
    assert table.loc[("single", "metric"), "method"] == "not estimable: items: 1, at least 3 needed"
    assert table.loc[("whole", "metric"), "languages"] == 3


def test_the_same_items_in_every_language_pass_every_step():
    rng = np.random.default_rng(9)
    mood = rng.standard_normal((900, 1))
    frame = pd.DataFrame(np.digitize(mood * 0.7 + 0.7 * rng.standard_normal((900, 5)), [-1, 0, 1]), columns=ITEMS)
    frame["language"] = np.repeat(["a", "b", "c"], 300)
    table = invariance_table(as_wave(frame), {"w": BOOK}, 100).set_index(["construct", "step"])
    assert table.loc["whole"]["holds"].tolist() == ["yes", "yes", "yes"]


def test_steps_behind_a_model_that_does_not_fit_are_not_reached():
    """Two unlike halves of a scale: one factor fits no language, so that equal loadings mean nothing."""
    rng = np.random.default_rng(4)
    moods = rng.standard_normal((900, 2)).repeat([2, 3], axis=1)
    frame = pd.DataFrame(np.digitize(moods + 0.4 * rng.standard_normal((900, 5)), [-1, 0, 1]), columns=ITEMS)
    frame["language"] = np.repeat(["a", "b", "c"], 300)
    table = invariance_table(as_wave(frame), {"w": BOOK}, 100).set_index(["construct", "step"])
    assert table.loc["whole"]["holds"].tolist() == ["no", "not reached", "not reached"]


def test_languages_with_few_answers_are_counted_as_left_out_and_one_language_is_not_enough(answers):
    few = as_wave(answers)[lambda f: (f["language"] != "en") | (f.index % 4 == 0)]
    table = invariance_table(few, {"w": BOOK}, 100).set_index(["construct", "step"])
    row = table.loc[("whole", "metric")]
    assert (row["languages"], row["languages_left_out"]) == (2, 1)
    assert row["answers_left_out"] == few[few["language"] == "en"].dropna().shape[0]
    alone = invariance_table(few[few["language"] == "ar"], {"w": BOOK}, 100)
    assert (alone.query("construct == 'whole'")["method"].str.contains("languages with 100 complete answers: 1")).all()
    assert alone["cfi"].isna().all()


def test_an_item_that_is_constant_in_one_language_is_a_reason(answers):
    still = as_wave(answers)
    still.loc[still["language"] == "ti", "item_item1"] = 4
    table = invariance_table(still, {"w": BOOK}, 100)
    told = table.query("construct == 'whole'")["method"]
    assert (told == "not estimable: an item in one of the languages does not vary").all()


def test_brant_equals_the_formula_in_r(answers, expected):
    table = brant(answers["level"].to_numpy(), answers[["x", "woman"]].to_numpy(float), ["x", "woman"])
    for name, row in zip(["omnibus", "x", "woman"], table.to_dict("records"), strict=True):
        np.testing.assert_allclose([row["chisq"], row["dof"], row["p_value"]], expected["brant"][name], rtol=1e-6)
    slopes = np.reshape(expected["brant"]["slopes"], (-1, 2))
    np.testing.assert_allclose(table["slope_low"].to_numpy()[1:], slopes.min(axis=0), rtol=1e-6)


def test_brant_keeps_its_level_and_finds_unequal_slopes():
    rng = np.random.default_rng(3)
    found = []
    for odd in (0.0, 0.6):
        hits = 0
        for _ in range(60):
            x = rng.standard_normal(500)
            latent = 0.5 * x + np.exp(odd * x) * rng.logistic(size=500)
            hits += brant(np.digitize(latent, [-1, 0, 1]), x[:, None], ["x"])["p_value"][0] < 0.05
        found.append(hits / 60)
    assert found[0] < 0.14
    assert found[1] > 0.8


def test_brant_says_why_there_is_no_test(answers):
    level = answers["level"].to_numpy()
    with pytest.raises(NotEstimable, match="answer steps in use: 2"):
        brant((level > 2).astype(int), answers[["x"]].to_numpy(), ["x"])
    with pytest.raises(NotEstimable, match="told apart completely"):
        brant(level, (level > 2).astype(float)[:, None], ["cut"])
    with pytest.raises(NotEstimable, match="collinear"):
        brant(level, np.column_stack([answers["x"], answers["x"]]), ["a", "b"])


def test_one_municipality_gives_a_reason_for_the_test_of_slopes(answers):
    people = answers.assign(wave="w", municipality="1001", sex="men", s_level=answers["level"])
    link = pd.DataFrame(
        {"wave": "w", "construct": "s", "definition": "d", "horizon": 1, "municipality": ["1001"], "y_rate": 0.6}
    ).assign(status="linked")
    table = proportional_odds_table(people, link, "d", 1, ["sex"])
    assert table["term"].tolist() == [OMNIBUS, "result_per_10_points"]
    assert (table["method"] == "not estimable: the result between municipalities does not vary").all()
    assert table["chisq"].isna().all()


def test_the_codebooks_scales_are_known():
    assert len(scales_of(INSTRUMENTS["ks"])["index"]) == 17
    assert set(scales_of(INSTRUMENTS["imdi"])) >= {"satisfaction", "motivation", "usefulness", "index"}
