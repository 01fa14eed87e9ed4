"""The noise of rates measured on the same persons."""

import numpy as np
import pytest
from introprog.noise import noise_draws, rates_from_persons
from introprog.pooling import person_outcomes
from municipal_simulation import OFFICIAL, simulate, two_moments

MEASURES = [(OFFICIAL, 1), (OFFICIAL, 2)]


def test_persons_and_counts_give_the_same_rates_and_nearly_the_same_variances():
    followed, counted, _ = two_moments(1)
    np.testing.assert_allclose(followed.rates, counted.rates)
    np.testing.assert_array_equal(followed.sizes, counted.sizes)
    np.testing.assert_allclose(np.diag(followed.within), np.diag(counted.within), rtol=0.02)
    assert followed.person_correlation[0, 1] > 0.2
    assert counted.person_correlation[0, 1] == 0


def test_noise_is_the_covariance_of_rates_around_the_true_ones():
    """The same municipalities and sizes, many samples: the noise covariance from one sample is that over samples."""
    errors, noise = [], []
    for seed in range(40):
        followed, _, true = two_moments(seed, municipalities=12, leavers=3000, sd=0.0, shared=np.ones(12))
        errors.append(followed.rates - true)
        noise.append(followed.noise.mean(axis=0))
    pooled = np.concatenate(errors)
    observed = pooled.T @ pooled / len(pooled)
    np.testing.assert_allclose(np.mean(noise, axis=0), observed, rtol=0.15)


def test_resampled_noise_has_the_stated_covariance_although_cohorts_are_small():
    rates, counted, _ = two_moments(2, municipalities=40, leavers=1500, shared=np.ones(40))
    assert rates.sizes.mean() / 4 < 12
    draws = noise_draws(rates, 3000, 5)
    assert np.abs(draws.mean(axis=(0, 1))).max() < 0.002
    covariance = np.einsum("bmh,bmk->hk", draws, draws) / np.prod(draws.shape[:2])
    np.testing.assert_allclose(np.diag(covariance), np.diag(rates.noise.mean(axis=0)), rtol=0.06)
    assert covariance[0, 1] == pytest.approx(rates.noise.mean(axis=0)[0, 1], abs=0.06 * covariance[0, 0])
    with pytest.raises(ValueError, match="counts only"):
        noise_draws(counted, 10, 5)


def test_persons_who_leave_the_denominator_share_noise_only_while_they_are_in_it():
    outcomes, _ = simulate(4, municipalities=5, leavers=500, levels=(0.6, 0.6))
    gone = (outcomes["horizon"] == 2) & outcomes["person_id"].str[-1].isin(list("02468"))
    outcomes = outcomes[~gone]
    names = sorted(outcomes["municipality"].unique())
    rates = rates_from_persons(person_outcomes(outcomes, MEASURES, [2012, 2015], names), MEASURES)
    np.testing.assert_array_equal(rates.both[:, 0, 1], rates.both[:, 1, 1])
    np.testing.assert_allclose(rates.noise[:, 0, 1], rates.within[0, 1] / rates.both[:, 0, 0])


def test_same_seed_same_draws():
    followed, _, _ = two_moments(3, leavers=1000)
    np.testing.assert_array_equal(noise_draws(followed, 5, 7), noise_draws(followed, 5, 7))
    assert not np.array_equal(noise_draws(followed, 5, 7), noise_draws(followed, 5, 8))
