"""The verdict against the national target, and how much of its change is noise."""

import numpy as np
import pandas as pd
import pytest
from introprog.intervals import clopper_pearson
from introprog.target import target_changes, target_verdicts, verdict_of
from municipal_simulation import OFFICIAL, two_moments


def _changes(seed, followed=True, **options):
    rates, counted, _ = two_moments(seed, **{"levels": (0.68, 0.66), **options})
    rates = rates if followed else counted
    return target_changes(rates, OFFICIAL, 0.7, seed=seed, draws=200).set_index("rule")


def test_verdicts_are_those_of_exact_limits_for_every_count():
    n = np.repeat(np.arange(1, 70), 70)
    x = np.minimum(np.tile(np.arange(70), 69), n)
    low, high = clopper_pearson(x, n)
    np.testing.assert_array_equal(verdict_of(x, n, 0.7), np.where(low > 0.7, 1, np.where(high < 0.7, -1, 0)))


@pytest.mark.parametrize("n", [12, 45, 200, 900])
def test_a_municipality_on_the_target_is_seldom_given_a_verdict(n):
    x = np.random.default_rng(n).binomial(n, 0.7, 40_000)
    verdict = verdict_of(x, np.full(len(x), n), 0.7)
    assert (verdict == 1).mean() <= 0.028 and (verdict == -1).mean() <= 0.028


def test_table_keeps_what_the_rate_says_apart_from_what_it_can_bear():
    pooled = pd.DataFrame({"municipality": ["0301", "0302", "0303", "0304"], "horizon": 1,
                           "n": [10, 400, 400, 0], "successes": [7, 310, 240, 0]})  # fmt: skip
    table = target_verdicts(pooled, 0.7).set_index("municipality")
    assert table["reached"].to_dict() == {"0301": True, "0302": True, "0303": False}
    assert table["verdict"].to_dict() == {"0301": "cannot be told", "0302": "above", "0303": "below"}
    assert (table["error_rate"] == 0.025).all() or table["error_rate"].iloc[0] == pytest.approx(0.025)


def test_without_true_change_the_changes_are_explained_by_noise_and_shift():
    tables = [_changes(seed, kept=1.0, sd=0.25) for seed in range(20)]
    for rule in ("point", "tested"):
        changed, expected, p = (np.array([t.loc[rule, c] for t in tables]) for c in
                                ("changed", "noise_and_shift", "p_value"))  # fmt: skip
        assert changed.mean() == pytest.approx(expected.mean(), rel=0.25)
        assert (p <= 0.05).mean() <= 0.1


def test_true_change_is_seen_beyond_noise():
    tables = [_changes(seed, kept=0.2, sd=0.25) for seed in range(8)]
    assert np.mean([t.loc["point", "p_value"] <= 0.05 for t in tables]) >= 0.7
    assert np.mean([t.loc["point", "beyond"] for t in tables]) > 4


def test_a_national_fall_changes_verdicts_and_is_told_apart_from_noise():
    tables = [_changes(seed, kept=1.0, sd=0.2, levels=(0.74, 0.64)) for seed in range(5)]
    for table in tables:
        assert table.loc["point", "noise_and_shift"] > table.loc["point", "noise"] + 3
        assert table.loc["point", "noise_low"] <= table.loc["point", "noise"] <= table.loc["point", "noise_high"]
    assert np.mean([t.loc["point", "p_value"] <= 0.05 for t in tables]) < 0.3


def test_counts_alone_overstate_the_noise_and_say_so():
    followed, counted = (
        pd.concat([_changes(seed, k, kept=1.0, person=0.8).loc["point"] for seed in range(6)], axis=1).T
        for k in (True, False)
    )
    assert counted["noise"].mean() > 1.2 * followed["noise"].mean()
    assert counted["method"].str.contains("too large").all()
