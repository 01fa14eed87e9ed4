"""Random-intercept logit: against lme4, and at the edges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.random_intercept import fit_random_intercept, latent_share

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "municipal_comparison.json").read_text())["random_intercept"]
PERSONS = pd.read_csv(FOLDER / "municipal_persons.csv", dtype={"municipality": str})
CODE = pd.factorize(PERSONS["municipality"], sort=True)[0]
MATRIX = np.column_stack([np.ones(len(PERSONS)), PERSONS["women"], PERSONS["months"]])
SUCCESS = PERSONS["success"].to_numpy()


def test_estimates_are_those_of_lme4_with_25_nodes():
    fit = fit_random_intercept(MATRIX, SUCCESS, CODE)
    assert fit.converged and fit.clusters == 30
    np.testing.assert_allclose(fit.coefficients, REFERENCE["coefficients"], rtol=2e-4)
    assert fit.variance == pytest.approx(REFERENCE["variance"], rel=1e-3)
    assert fit.log_likelihood == pytest.approx(REFERENCE["log_likelihood"], abs=1e-3)


def test_likelihood_limits_are_near_the_full_profile_of_lme4():
    fit = fit_random_intercept(MATRIX, SUCCESS, CODE)
    assert np.sqrt(fit.variance_low) == pytest.approx(REFERENCE["sd_low"], rel=0.03)
    assert np.sqrt(fit.variance_high) == pytest.approx(REFERENCE["sd_high"], rel=0.03)


def test_a_known_part_may_be_given_as_offset():
    fit = fit_random_intercept(MATRIX, SUCCESS, CODE)
    rest = fit_random_intercept(MATRIX[:, :1], SUCCESS, CODE, MATRIX[:, 1:] @ fit.coefficients[1:])
    assert rest.coefficients[0] == pytest.approx(fit.coefficients[0], abs=1e-4)
    assert rest.variance == pytest.approx(fit.variance, rel=1e-3)


def test_order_of_persons_and_numbers_of_clusters_do_not_matter():
    order = np.random.default_rng(1).permutation(len(CODE))
    fit = fit_random_intercept(MATRIX[order], SUCCESS[order], (29 - CODE)[order])
    assert fit.variance == pytest.approx(REFERENCE["variance"], rel=1e-3)


def test_municipalities_that_do_not_differ_have_variance_nil():
    rng = np.random.default_rng(2)
    place = np.repeat(np.arange(40), 50)
    success = np.tile(np.r_[np.ones(31), np.zeros(19)], 40)
    fit = fit_random_intercept(np.ones((2000, 1)), success, place)
    assert fit.variance == pytest.approx(0, abs=1e-6) and fit.variance_low == 0 and fit.variance_high > 0
    assert latent_share(0.0) == 0
    uneven = fit_random_intercept(
        np.ones((2000, 1)), rng.random(2000) < np.repeat(rng.uniform(0.2, 0.9, 40), 50), place
    )
    assert uneven.variance_low > 0.2


@pytest.mark.parametrize("size", [4, 1000])
def test_very_small_and_very_large_municipalities_recover_the_variance(size):
    rng = np.random.default_rng(size)
    count = 2000 if size == 4 else 40
    place = np.repeat(np.arange(count), size)
    line = 0.5 + 0.6 * rng.standard_normal(count)[place]
    fit = fit_random_intercept(np.ones((len(place), 1)), rng.random(len(place)) < 1 / (1 + np.exp(-line)), place)
    assert fit.variance_low <= 0.36 <= fit.variance_high


def test_estimates_do_not_rest_on_where_a_search_by_values_ends():
    fit = fit_random_intercept(MATRIX, SUCCESS, CODE)
    order = np.random.default_rng(2).permutation(len(CODE))
    units = np.array([1.0, 0.3, 7.0])
    other = fit_random_intercept((MATRIX * units)[order], SUCCESS[order], CODE[order])
    np.testing.assert_allclose(other.coefficients * units, fit.coefficients, rtol=1e-9)
    assert other.variance == pytest.approx(fit.variance, rel=1e-9)
