"""Random-municipality models against R: lme4 (lmer, glmer) and metafor."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog import multilevel
from introprog.estimable import NotEstimable

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "survey_models.json").read_text())


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(REFERENCE / "survey_small.csv", dtype={"municipality": str})


@pytest.fixture(scope="module")
def towns():
    frame = pd.read_csv(REFERENCE / "municipal_small.csv", dtype={"municipality": str})
    return frame.assign(rate=frame["y_successes"] / frame["y_n"] * 10)


def with_constant(*columns):
    return np.column_stack([np.ones(len(columns[0])), *columns])


def test_random_intercept_equals_lmer(people, expected):
    found = multilevel.random_intercept(
        people["score"], with_constant(people["result"], people["woman"], people["age"]), people["municipality"]
    )
    answer = expected["lmer"]
    np.testing.assert_allclose(found.fixed.estimate, answer["estimate"], rtol=1e-5)
    np.testing.assert_allclose(found.fixed.std_error, answer["std_error"], rtol=1e-5)
    assert found.sd_between == pytest.approx(answer["sd_between"], rel=1e-5)
    assert found.sd_within == pytest.approx(answer["sd_within"], rel=1e-5)
    assert found.log_likelihood == pytest.approx(answer["reml"], abs=1e-6)
    assert found.fixed.dof.tolist() == [22, 22, len(people) - 24 - 2, len(people) - 24 - 2]


def test_random_intercept_without_variance_between_is_least_squares():
    rng = np.random.default_rng(0)
    y = np.tile(rng.normal(size=20), 15)
    x = with_constant(rng.normal(size=300))
    found = multilevel.random_intercept(y, x, np.repeat(np.arange(15), 20))
    assert found.sd_between == 0
    np.testing.assert_allclose(found.fixed.estimate, np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-8)


def test_meta_regression_equals_metafor(towns, expected):
    found = multilevel.meta_regression(towns["s_mean"], towns["s_se"] ** 2, with_constant(towns["rate"]))
    answer = expected["rma"]
    assert found.tau2 == pytest.approx(answer["tau2"], rel=1e-4)
    np.testing.assert_allclose(found.fixed.estimate, answer["estimate"], rtol=1e-5)
    np.testing.assert_allclose(found.fixed.std_error, answer["std_error"], rtol=1e-5)
    np.testing.assert_allclose(found.fixed.p_value, answer["p_value"], rtol=1e-4)


def test_binomial_random_intercept_equals_glmer(towns, expected):
    found = multilevel.binomial_random_intercept(
        towns["y_successes"], towns["y_n"], with_constant(towns["s_mean"] / 10)
    )
    answer = expected["glmer"]
    np.testing.assert_allclose(found.fixed.estimate, answer["estimate"], rtol=2e-3)
    np.testing.assert_allclose(found.fixed.std_error, answer["std_error"], rtol=5e-3)
    assert found.sd_between == pytest.approx(answer["sd_between"], rel=2e-3)


def test_binomial_without_overdispersion_has_no_variance_between():
    x = np.linspace(-1, 1, 30)
    trials = np.full(30, 400)
    found = multilevel.binomial_random_intercept((trials / (1 + np.exp(-x))).round(), trials, with_constant(x))
    assert found.sd_between < 0.01
    assert found.fixed.estimate[1] == pytest.approx(1, abs=0.02)
    assert found.fixed.std_error[1] == pytest.approx(1 / np.sqrt((trials * x**2 * 0.2).sum()), rel=0.15)


def test_reasons_instead_of_numbers(towns):
    with pytest.raises(NotEstimable, match="all leavers, or none"):
        multilevel.binomial_random_intercept(towns["y_n"], towns["y_n"], with_constant(towns["rate"]))
    with pytest.raises(NotEstimable, match="collinear"):
        multilevel.meta_regression(towns["s_mean"], towns["s_se"] ** 2, with_constant(np.ones(len(towns))))
    with pytest.raises(NotEstimable, match="no sampling variance"):
        multilevel.meta_regression(towns["s_mean"], 0 * towns["s_se"], with_constant(towns["rate"]))


def test_meta_regression_holds_where_whole_scoring_steps_go_to_and_fro(expected):
    hard = pd.read_csv(REFERENCE / "meta_hard.csv")
    found = multilevel.meta_regression(hard["mean"], hard["variance"], with_constant(hard["rate"]))
    answer = expected["rma_hard"]
    np.testing.assert_allclose(found.fixed.estimate, answer["estimate"], rtol=1e-5)
    np.testing.assert_allclose(found.fixed.std_error, answer["std_error"], rtol=1e-5)
    assert found.tau2 == pytest.approx(answer["tau2"], rel=1e-5)


def test_residual_variance_is_the_highest_maximum_of_the_restricted_likelihood():
    rng, zeros = np.random.default_rng(0), 0
    for _ in range(300):
        count = rng.integers(6, 60)
        variances = np.exp(rng.normal(0, 2.5, count))
        design = with_constant(rng.normal(size=count))
        means = design @ [1, 0.3] + rng.normal(size=count) * np.sqrt(variances + rng.choice([0, 0.01, 0.5, 5]))
        found = multilevel.residual_variance(means, variances, design)
        elsewhere = np.r_[0, np.exp(np.linspace(-8, 8, 400))]
        deviance = multilevel._restricted_deviance(means, variances, design, np.r_[found, elsewhere])
        assert deviance[0] <= deviance[1:].min() + 1e-6
        zeros += found == 0
    assert 10 < zeros < 200


@pytest.mark.parametrize("between", [0.0, 0.02, 0.1, 1.0])
def test_estimates_do_not_rest_on_where_a_search_by_values_ends(between):
    """In other units the sums are rounded otherwise: a tenth digit may move, not a sixth."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(12), rng.integers(3, 60, 12))
        x = with_constant(rng.normal(size=12)[groups], rng.normal(size=len(groups)))
        y = x[:, 1] / 3 + between * rng.normal(size=12)[groups] + rng.normal(size=len(groups))
        found = multilevel.random_intercept(y, x, groups)
        other = multilevel.random_intercept(y * 3.7, x, groups)
        np.testing.assert_allclose(other.fixed.estimate / 3.7, found.fixed.estimate, rtol=1e-9)
        np.testing.assert_allclose(other.fixed.std_error / 3.7, found.fixed.std_error, rtol=1e-9)
        assert other.sd_between / 3.7 == pytest.approx(found.sd_between, rel=1e-8)


@pytest.mark.parametrize("between", [0.0, 0.1, 0.5])
def test_counts_have_one_maximum_wherever_the_score_has_its_zero(between):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        score, trials = rng.normal(size=25), rng.integers(10, 90, 25)
        chance = 1 / (1 + np.exp(-(0.4 + 0.3 * score + between * rng.normal(size=25))))
        successes = rng.binomial(trials, chance)
        found = multilevel.binomial_random_intercept(successes, trials, with_constant(score))
        moved = multilevel.binomial_random_intercept(successes, trials, with_constant(score + 2))
        assert moved.fixed.estimate[1] == pytest.approx(found.fixed.estimate[1], rel=1e-9)
        assert moved.fixed.std_error[1] == pytest.approx(found.fixed.std_error[1], rel=1e-7)
        assert moved.sd_between == pytest.approx(found.sd_between, rel=1e-8)
