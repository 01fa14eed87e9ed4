"""Intervals of one share: against R, and the property that gives each its name."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.intervals import binomial_quantile, clopper_pearson, exact_p_value, wilson

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "municipal_comparison.json").read_text())
SHARES = REFERENCE["shares"]


@pytest.mark.parametrize(("function", "name"), [(wilson, "wilson"), (clopper_pearson, "exact")])
def test_limits_are_those_of_r(function, name):
    low, high = function(SHARES["x"], SHARES["n"])
    np.testing.assert_allclose(np.column_stack([low, high]), SHARES[name], atol=1e-7)


def test_nobody_and_unknown_have_no_limits():
    x = pd.Series([0, pd.NA, 3], dtype="Int64")
    n = pd.Series([0, 12, pd.NA], dtype="Int64")
    for limits in (wilson(x, n), clopper_pearson(x, n)):
        assert np.isnan(limits).all()
    assert np.isnan(exact_p_value(x, n, 0.7)).all()


def test_more_successes_than_persons_is_a_fault():
    with pytest.raises(ValueError, match="between 0 and n"):
        wilson([6], [5])


def test_exact_limits_and_p_value_tell_the_same():
    n, target = 37, 0.7
    x = np.arange(n + 1)
    low, high = clopper_pearson(x, n)
    outside = (low > target) | (high < target)
    np.testing.assert_array_equal(exact_p_value(x, n, target) < 0.05, outside)


@pytest.mark.parametrize("n", [1, 8, 30, 61])
@pytest.mark.parametrize("share", [0.05, 0.62, 0.7])
def test_exact_limits_miss_at_most_their_stated_error_rate(n, share):
    x = np.arange(n + 1)
    cdf = np.array([(np.random.default_rng(0).binomial(n, share, 40_000) == k).mean() for k in x])
    low, high = clopper_pearson(x, n, 0.95)
    assert cdf[low > share].sum() <= 0.025 + 0.004
    assert cdf[high < share].sum() <= 0.025 + 0.004


def test_quantile_is_the_smallest_count_that_reaches_the_probability():
    for p, expected in zip((0.025, 0.975, 0.001, 0.999), REFERENCE["funnel"]["q"]):
        np.testing.assert_array_equal(binomial_quantile(p, REFERENCE["funnel"]["n"], 0.62), expected)
