"""Signal against noise: against R, and recovery of what was simulated."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.pooling import pool_panel
from introprog.signal import (
    beta_binomial,
    between_variance,
    leavers_for,
    reliability,
    shrink,
    signal_of,
    signal_table,
)
from municipal_simulation import panel_of, simulate

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "municipal_comparison.json").read_text())
COUNTS = pd.read_csv(FOLDER / "municipal_counts.csv")


def test_paule_mandel_and_its_interval_are_those_of_metafor():
    x, n = COUNTS["successes"], COUNTS["n"]
    p = (x + 1) / (n + 2)
    result = between_variance(x / n, p * (1 - p) / n)
    expected = REFERENCE["paule_mandel"]
    np.testing.assert_allclose(result, [expected[k] for k in ("mean", "variance", "low", "high")], rtol=1e-6)


def test_binomial_moments_and_shrunken_rates_are_those_of_metafor():
    signal = signal_of(COUNTS["successes"], COUNTS["n"])
    assert signal.mean == pytest.approx(REFERENCE["moments"]["mean"], rel=1e-6)
    assert signal.variance == pytest.approx(REFERENCE["moments"]["variance"], rel=1e-6)
    shrunken = shrink(COUNTS["successes"], COUNTS["n"], signal)["shrunken"]
    np.testing.assert_allclose(shrunken, REFERENCE["moments"]["shrunken"], rtol=1e-6)


def test_beta_binomial_maximum_is_that_of_r():
    mean, variance = beta_binomial(COUNTS["successes"], COUNTS["n"])
    assert mean == pytest.approx(REFERENCE["beta_binomial"]["mean"], rel=1e-4)
    assert variance == pytest.approx(REFERENCE["beta_binomial"]["variance"], rel=1e-3)


@pytest.mark.parametrize("sd", [0.03, 0.06, 0.10])
def test_a_known_signal_is_recovered_and_its_interval_covers(sd):
    rng = np.random.default_rng(int(1000 * sd))
    m = 0.62 * 0.38 / sd**2 - 1
    covered, estimates = [], []
    for _ in range(200):
        n = np.exp(rng.normal(4, 1, 80)).astype(int) + 5
        signal = signal_of(rng.binomial(n, rng.beta(0.62 * m, 0.38 * m, 80)), n)
        estimates.append(signal.variance)
        covered.append(signal.variance_low <= sd**2 <= signal.variance_high)
    # A variance cannot be negative, so the mean of small ones is a little too large.
    assert np.mean(estimates) == pytest.approx(sd**2, rel=0.15 if sd < 0.05 else 0.06)
    assert np.median(estimates) == pytest.approx(sd**2, rel=0.15)
    assert np.mean(covered) >= 0.92


def test_noise_alone_gives_no_signal_and_no_reliability():
    rng = np.random.default_rng(3)
    n = rng.integers(10, 200, 400)
    signal = signal_of(rng.binomial(n, 0.62), n)
    assert np.sqrt(signal.variance) < 0.02
    assert signal.variance_low == 0
    nothing = signal_of([6, 12, 24], [10, 20, 40])
    assert nothing.variance == 0
    assert (reliability([10, 1000], nothing) == 0).all()
    assert leavers_for(0.7, nothing) == float("inf")
    assert (shrink([6], [10], nothing)["shrunken"] == nothing.mean).all()


def test_the_leavers_it_takes_give_the_reliability_that_was_wished():
    signal = signal_of(COUNTS["successes"], COUNTS["n"])
    assert reliability([leavers_for(0.7, signal)], signal)[0] == pytest.approx(0.7)


def test_reliability_is_the_squared_correlation_of_rate_and_true_rate():
    rng = np.random.default_rng(8)
    n, k = 60, 40_000
    true = rng.beta(0.62 * 50, 0.38 * 50, k)
    x = rng.binomial(n, true)
    expected = np.corrcoef(x / n, true)[0, 1] ** 2
    assert reliability([n], signal_of(x, np.full(k, n)))[0] == pytest.approx(expected, abs=0.01)


def test_shrunken_rates_err_less_than_observed_ones():
    rng = np.random.default_rng(4)
    n = rng.integers(5, 80, 300)
    true = rng.beta(0.62 * 40, 0.38 * 40, 300)
    x = rng.binomial(n, true)
    frame = shrink(x, n, signal_of(x, n))
    assert np.mean((frame["shrunken"] - true) ** 2) < 0.6 * np.mean((x / n - true) ** 2)
    assert ((frame["low"] <= true) & (true <= frame["high"])).mean() == pytest.approx(0.95, abs=0.04)
    assert frame["shrunken"].between(frame["low"], frame["high"]).all()


def test_too_few_municipalities_give_a_reason_not_a_number():
    table = signal_table(pool_panel(panel_of(simulate(1, municipalities=2, leavers=50)[0]), [2012, 2015]))
    assert table["sd_between"].isna().all()
    assert table["method"].str.startswith("not estimable").all()


def test_table_has_a_row_for_each_definition_and_horizon_that_says_which_cohorts():
    table = signal_table(pool_panel(panel_of(simulate(1)[0]), [2013, 2014]))
    assert table["horizon"].tolist() == [1, 2, 3, 4, 5]
    assert (table["first_exit_year"] == 2013).all() and (table["last_exit_year"] == 2014).all()
    assert table["sd_between"].between(table["sd_low"], table["sd_high"]).all()
    assert table["sd_between"].mean() == pytest.approx(0.06, abs=0.02)


def test_the_beta_binomial_maximum_does_not_rest_on_where_a_search_by_values_ends():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        n = rng.integers(5, 200, 60)
        x = rng.binomial(n, rng.beta(30, 20, 60) if seed % 2 else 0.6)
        order = rng.permutation(60)
        np.testing.assert_allclose(beta_binomial(x[order], n[order]), beta_binomial(x, n), rtol=1e-9)
        np.testing.assert_allclose(beta_binomial(n - x, n)[1], beta_binomial(x, n)[1], rtol=1e-9)
