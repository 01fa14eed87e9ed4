"""Correlations between municipal means, raw and freed of sampling error."""

import numpy as np
import pytest
from introprog import disattenuation as dis
from introprog.estimable import NotEstimable
from scipy import stats


def draw(rng, towns, rho, noise_x, noise_y):
    true = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], towns)
    vx, vy = (noise * rng.uniform(0.5, 1.5, towns) for noise in (noise_x, noise_y))
    return true[:, 0] + rng.normal(0, np.sqrt(vx)), vx, true[:, 1] + rng.normal(0, np.sqrt(vy)), vy


def test_pearson_is_numpy_with_the_error_of_leaving_each_municipality_out():
    x, _, y, _ = draw(np.random.default_rng(1), 40, 0.5, 0.1, 0.1)
    found = dis.pearson(x, y)
    assert found.r == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.ci95[0] < found.ci90[0] < found.r < found.ci90[1] < found.ci95[1]
    without = [np.arctanh(np.corrcoef(np.delete(x, i), np.delete(y, i))[0, 1]) for i in range(40)]
    error = np.sqrt(39 * np.var(without))
    assert found.z_error == pytest.approx(error)
    for interval, quantile in ((found.ci95, stats.t.ppf(0.975, 38)), (found.ci90, stats.t.ppf(0.95, 38))):
        np.testing.assert_allclose(np.arctanh(interval), np.arctanh(found.r) + quantile * error * np.array([-1, 1]))
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(np.arctanh(found.r)) / error, 38))


def test_with_equally_precise_means_it_is_as_wide_as_fishers():
    rng = np.random.default_rng(6)
    errors = [dis.pearson(*rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 60).T).z_error for _ in range(400)]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(1 / np.sqrt(57), rel=0.05)


def test_small_municipalities_mislead_fishers_interval_and_not_the_jackknife():
    rng, fisher, jackknife = np.random.default_rng(7), 0, 0
    for _ in range(1500):
        size = rng.lognormal(0, 0.8, 60)
        x, y = rng.normal(size=(2, 60)) / np.sqrt(size)
        found = dis.pearson(x, y)
        low, high = dis.fisher_interval(found.r, 60, 0.95)
        fisher += low <= 0 <= high
        jackknife += found.ci95[0] <= 0 <= found.ci95[1]
    assert fisher / 1500 < 0.90
    assert jackknife / 1500 == pytest.approx(0.95, abs=0.02)


def test_one_municipality_that_makes_all_the_difference_is_no_basis():
    rate = np.full(12, 0.6)
    rate[3] = 0.9
    with pytest.raises(NotEstimable, match="only one municipality"):
        dis.pearson(np.random.default_rng(8).normal(size=12), rate)


def test_noise_pulls_the_raw_one_down_and_not_the_other():
    x, vx, y, vy = draw(np.random.default_rng(2), 4000, 0.5, 2 / 3, 1.0)
    found = dis.disattenuated(x, vx, y, vy)
    assert dis.pearson(x, y).r == pytest.approx(0.5 * np.sqrt(0.6 * 0.5), abs=0.04)
    assert found.reliability_x == pytest.approx(0.6, abs=0.04)
    assert found.reliability_y == pytest.approx(0.5, abs=0.04)
    assert found.rho == pytest.approx(0.5, abs=0.06)
    assert found.rho == pytest.approx(
        dis.pearson(x, y).r / np.sqrt(found.reliability_x * found.reliability_y), abs=0.05
    )


def test_without_noise_it_is_pearson():
    x, _, y, _ = draw(np.random.default_rng(3), 60, 0.4, 0, 0)
    found = dis.disattenuated(x, np.full(60, 1e-9), y, np.full(60, 1e-9))
    assert found.rho == pytest.approx(dis.pearson(x, y).r, abs=2e-3)
    np.testing.assert_allclose(found.ci95, dis.pearson(x, y).ci95, atol=0.03)


def test_all_noise_gives_the_whole_range_not_a_number_to_believe():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=30), rng.normal(size=30)
    found = dis.disattenuated(x, np.full(30, 3.0), y, np.full(30, 3.0))
    assert found.reliability_x == found.reliability_y == 0
    assert found.ci95 == (-1, 1)


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_interval_covers_the_truth_when_reliability_is_estimated(rho):
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(50):
        low, high = dis.disattenuated(*draw(rng, 33, rho, 0.7, 1.0)).ci95
        hits += low <= rho <= high
    assert hits / 50 >= 0.90


def test_unit_of_measurement_does_not_matter():
    x, vx, y, vy = draw(np.random.default_rng(6), 50, 0.5, 0.5, 0.5)
    one, other = dis.disattenuated(x, vx, y, vy), dis.disattenuated(1000 * x, 1e6 * vx, y / 100, vy / 1e4)
    assert one.rho == pytest.approx(other.rho, abs=1e-3)
    np.testing.assert_allclose(one.ci95, other.ci95, atol=2e-3)


def test_reasons_instead_of_numbers():
    with pytest.raises(NotEstimable, match="municipalities: 1"):
        dis.pearson([1], [1])
    with pytest.raises(NotEstimable, match="does not vary"):
        dis.pearson(np.ones(10), np.arange(10))


def test_without_variation_no_correlation_is_left_by_leaving_one_out():
    rng = np.random.default_rng(8)
    nearly = 100 * (1 + 1e-15 * rng.standard_normal(20))
    assert np.isnan(dis.leave_one_out(nearly, rng.random(20))).all()
    assert np.isnan(dis.leave_one_out(rng.random(20), nearly)).all()


@pytest.mark.parametrize("seed", range(12))
def test_certainly_small_is_what_the_interval_says(seed):
    rng = np.random.default_rng(seed)
    noise = rng.uniform(0.02, 0.3, (2, 90)) * (1 if seed % 3 else 8)
    true = rng.multivariate_normal([0, 0], [[1, 0.1], [0.1, 1]], 90).T
    x, y = true + np.sqrt(noise) * rng.normal(size=(2, 90))
    found = dis.disattenuated(x, noise[0], y, noise[1])
    widest = max(abs(bound) for bound in found.ci90)
    for smallest in (0.2, 0.35, min(widest + 0.01, 0.9995), widest - 0.01):
        within = all(-smallest < bound < smallest for bound in found.ci90)
        assert dis.certainly_small(x, noise[0], y, noise[1], smallest) == within
