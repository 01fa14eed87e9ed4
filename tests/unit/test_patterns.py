"""Logit on covariate patterns: the numbers of the single rows, and how much cheaper they come."""

import time

import numpy as np
import pytest
from introprog.patterns import fit_pattern_logit, pattern_codes


def sample(n, width, clusters, seed=1, numeric=True):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), rng.random((n, width - 1)) < 0.3]).astype(float)
    if numeric:
        design[:, -1] = rng.integers(16, 60, n) / 10
        design[:, -2] = rng.integers(0, 5, n) - 0.5
    place = rng.integers(0, clusters, n)
    line = design @ rng.normal(0, 0.3, width) + rng.normal(0, 0.4, clusters)[place]
    return design, (rng.random(n) < 1 / (1 + np.exp(-line))).astype(float), place


def test_estimates_and_clustered_covariance_are_those_of_statsmodels_on_the_rows():
    from statsmodels.discrete.discrete_model import Logit

    design, success, place = sample(4000, 7, 40)
    own = fit_pattern_logit(design, success, place)
    whole = Logit(success, design).fit(
        disp=0, method="newton", tol=1e-14, cov_type="cluster", cov_kwds={"groups": place}
    )
    assert own.converged and own.patterns < 4000
    np.testing.assert_allclose(own.estimate, whole.params, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(own.covariance, whole.cov_params(), rtol=1e-9, atol=1e-13)


def test_it_does_not_matter_how_rows_are_ordered_or_whether_they_repeat():
    design, success, place = sample(3000, 6, 25, numeric=False)
    one = fit_pattern_logit(design, success, place)
    order = np.random.default_rng(3).permutation(len(success))
    other = fit_pattern_logit(design[order], success[order], place[order])
    assert one.patterns == other.patterns <= 2**5
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-10)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-9)


def test_patterns_are_the_distinct_rows():
    design, _, _ = sample(2000, 12, 5)
    codes, first = pattern_codes(design)
    np.testing.assert_array_equal(design[first][codes], design)
    assert len(first) == len(np.unique(design, axis=0))
    assert (first == np.sort(first)).all(), "numbered by first appearance"


@pytest.mark.parametrize("case", ["separated", "collinear"])
def test_no_maximum_is_told_and_nothing_is_given(case):
    design, success, place = sample(500, 4, 10)
    extra = success if case == "separated" else design[:, 1]
    fit = fit_pattern_logit(np.column_stack([design, extra]), success, place)
    assert not fit.converged
    assert np.isnan(fit.estimate).all() and np.isnan(fit.covariance).all()


@pytest.mark.heavy
def test_a_million_rows_cost_a_fraction_of_what_they_cost_row_by_row():
    """Row by row one Newton step alone, of six or so, is timed; the whole fit on patterns costs less than two."""
    design, success, place = sample(1_000_000, 32, 350, numeric=False)
    design[:, 10:] = 0
    design[np.arange(len(design)), 10 + np.random.default_rng(2).integers(0, 22, len(design))] = 1
    design = np.delete(design, 10, axis=1)
    start = time.process_time()
    fit = fit_pattern_logit(design, success, place)
    own = time.process_time() - start
    start = time.process_time()
    p = 1 / (1 + np.exp(-(design @ fit.estimate)))
    curvature = (design * (p * (1 - p))[:, None]).T @ design
    step = time.process_time() - start
    # a further step on the single rows goes nowhere: theirs is the same maximum
    assert np.abs(np.linalg.solve(curvature, design.T @ (success - p))).max() < 1e-10
    assert fit.converged and fit.patterns < 20_000
    assert own < 2 * step + 0.5
