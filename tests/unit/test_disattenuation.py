"""Correlations between municipal means, raw and freed of sampling error."""

import numpy as np
import pytest
from introprog import disattenuation as dis
from introprog.estimable import NotEstimable


def draw(rng, towns, rho, noise_x, noise_y):
    true = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], towns)
    vx, vy = (noise * rng.uniform(0.5, 1.5, towns) for noise in (noise_x, noise_y))
    return true[:, 0] + rng.normal(0, np.sqrt(vx)), vx, true[:, 1] + rng.normal(0, np.sqrt(vy)), vy


def test_pearson_is_numpy_with_fisher_interval():
    x, _, y, _ = draw(np.random.default_rng(1), 40, 0.5, 0.1, 0.1)
    found = dis.pearson(x, y)
    assert found.r == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.ci95[0] < found.ci90[0] < found.r < found.ci90[1] < found.ci95[1]
    assert np.arctanh(found.ci95[1]) - np.arctanh(found.r) == pytest.approx(1.959964 / np.sqrt(37), rel=1e-6)


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
