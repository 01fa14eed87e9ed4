"""Confidence sets for ranks."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.ranks import rank_sets, ranks_by_measure, rate_std_error
from introprog.signal import shrink, signal_of

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "rank_sets.json").read_text())


def test_sets_are_those_of_the_method_written_out_in_r():
    sets = rank_sets(REFERENCE["estimates"], REFERENCE["std_errors"], 0.95, seed=1, draws=20_000)
    marginal, joint = (np.array(REFERENCE[name]) for name in ("marginal", "joint"))
    assert (np.diff(marginal) < 24).any() and (np.diff(joint) < 24).any(), "the example tells some apart"
    found = sets[["rank_low", "rank_high", "rank_low_simultaneous", "rank_high_simultaneous"]].to_numpy()
    # critical values are simulated on both sides: one rank of difference may be theirs
    assert (found == np.hstack([marginal, joint])).mean() >= 0.95
    assert np.abs(found - np.hstack([marginal, joint])).max() <= 1


def _true_ranks(theta):
    return 1 + np.sum(theta[None, :] > theta[:, None], axis=1)


@pytest.mark.parametrize("spread", [0.0, 0.03, 0.15])
def test_sets_cover_the_true_rank_in_at_least_95_per_cent_of_panels(spread):
    rng = np.random.default_rng(int(100 * spread) + 1)
    marginal, simultaneous = [], []
    for panel in range(120):
        n = rng.integers(10, 300, 25)
        theta = 0.62 + spread * rng.uniform(-1, 1, 25)
        x = rng.binomial(n, theta)
        se = rate_std_error(shrink(x, n, signal_of(x, n))["shrunken"], n)
        sets = rank_sets(x / n, se, 0.95, panel, 600)
        lowest = _true_ranks(theta)
        highest = 25 - np.sum(theta[None, :] < theta[:, None], axis=1)
        marginal.append(((sets["rank_low"] <= lowest) & (highest <= sets["rank_high"])).mean())
        simultaneous.append(
            ((sets["rank_low_simultaneous"] <= lowest) & (highest <= sets["rank_high_simultaneous"])).all()
        )
    # Without true differences every rank is a true one and the sets are exact: allow two Monte Carlo errors.
    slack = spread == 0
    assert np.mean(marginal) >= 0.95 - 0.015 * slack
    assert np.mean(simultaneous) >= 0.95 - 0.04 * slack


def test_sets_are_exact_when_nothing_is_uncertain_and_empty_of_news_when_all_is():
    theta = np.array([0.3, 0.9, 0.6, 0.1])
    sure = rank_sets(theta, np.full(4, 1e-6))
    for column in sure:
        assert sure[column].tolist() == [3, 1, 2, 4]
    blind = rank_sets(theta, np.full(4, 100.0))
    assert (blind["rank_low"] == 1).all() and (blind["rank_high"] == 4).all()


def test_simultaneous_sets_contain_the_marginal_ones_and_both_contain_the_rank():
    rng = np.random.default_rng(2)
    sets = rank_sets(rng.normal(0.6, 0.1, 40), rng.uniform(0.01, 0.08, 40), seed=3)
    assert (sets["rank_low_simultaneous"] <= sets["rank_low"]).all()
    assert (sets["rank_high"] <= sets["rank_high_simultaneous"]).all()
    assert sets["rank"].between(sets["rank_low"], sets["rank_high"]).all()
    assert (sets["rank_high"] - sets["rank_low"]).min() < 39


def test_two_municipalities_are_told_apart_as_by_a_z_test():
    for difference, expected in ((1.9, [2, 2]), (2.1, [1, 2])):
        sets = rank_sets([difference * np.sqrt(2), 0.0], [1.0, 1.0], 0.95, 1, 20_000)
        assert sets["rank_high"].tolist() == expected


def test_stepping_down_only_narrows():
    """Plain sets by the maximum over all comparisons, written out, contain the stepped-down ones."""
    rng = np.random.default_rng(9)
    theta, se, k, draws = rng.normal(0, 2, 15), rng.uniform(0.3, 1, 15), 15, 1000
    sets = rank_sets(theta, se, 0.95, 4, draws)
    noise = np.random.default_rng(4).standard_normal((draws, k)) * se
    for j in range(k):
        others = [i for i in range(k) if i != j]
        scale = np.sqrt(se[j] ** 2 + se[others] ** 2)
        critical = np.quantile(np.max(np.abs(noise[:, others] - noise[:, [j]]) / scale, axis=1), 0.95)
        better = np.sum((theta[others] - theta[j]) / scale > critical)
        worse = np.sum((theta[j] - theta[others]) / scale > critical)
        assert 1 + better <= sets["rank_low"][j] and sets["rank_high"][j] <= k - worse


def test_same_seed_same_sets_and_ties_share_the_best_rank():
    first, second = (rank_sets([0.5, 0.7, 0.5], [0.1] * 3, seed=6) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert first["rank"].tolist() == [2, 1, 2]


def test_a_perfect_rate_on_few_leavers_is_not_taken_as_sure():
    x, n = np.array([5, 0, 60, 55]), np.array([5, 5, 100, 100])
    assert (rate_std_error(shrink(x, n, signal_of(x, n))["shrunken"], n)[:2] > 0.09).all()


def test_by_measure_ranks_each_horizon_by_itself():
    counts = pd.DataFrame({"measure": [0, 0, 0, 1, 1, 1], "municipality": ["0301", "0302", "0303"] * 2,
                           "n": [50] * 6, "successes": [40, 30, 20, 20, 30, 40]})  # fmt: skip
    table = ranks_by_measure(counts, [0, 5]).set_index(["municipality", "horizon"])
    assert table.loc[("0301", 0), "rank"] == 1 and table.loc[("0301", 5), "rank"] == 3
    assert ranks_by_measure(counts.iloc[:0], []).empty
