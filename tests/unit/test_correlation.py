"""Rank correlations between moments, raw and without noise."""

import numpy as np
import pandas as pd
import pytest
from introprog.correlation import rank_correlations, resampled_rates
from municipal_simulation import OFFICIAL, two_moments


def rates_of(seed, followed=True, **options):
    rates, counted, true = two_moments(seed, **options)
    return rates if followed else counted, true


def _spearman(values):
    return pd.DataFrame(values).corr("spearman").iloc[0, 1]


def test_noise_shared_by_persons_is_taken_off_and_intervals_cover():
    results = []
    for seed in range(36):
        rates, true = rates_of(seed, kept=0.6, person=0.6, leavers=4000)
        table = rank_correlations(rates, OFFICIAL, resampled_rates(rates, 300, seed)).set_index("term")
        results.append([table.loc["corrected", c] for c in ("estimate", "ci_low", "ci_high")] + [_spearman(true)])
    estimate, low, high, truth = np.array(results).T
    assert np.nanmean(estimate) == pytest.approx(truth.mean(), abs=0.06)
    assert ((low <= truth) & (truth <= high)).mean() >= 0.9


def test_counts_alone_leave_the_persons_shared_luck_in():
    """Municipalities that do not stay where they were, persons who do: only following persons shows it."""
    estimates = {True: [], False: []}
    for seed in range(16):
        for followed in estimates:
            rates, _ = rates_of(seed, followed, kept=0.0, person=0.7, municipalities=80, leavers=8000)
            draws = resampled_rates(rates, 20, seed)
            estimates[followed].append(rank_correlations(rates, OFFICIAL, draws).set_index("term")["estimate"])
    assert rank_correlations(rates, OFFICIAL, draws)["method"].tolist()[1].startswith("upper limit")
    assert rank_correlations(rates, OFFICIAL, draws)["ci_low"].notna().tolist() == [True, False]
    followed, counted = (pd.concat(estimates[k], axis=1).loc["corrected"].mean() for k in (True, False))
    assert abs(followed) < 0.12
    assert counted > 0.15


def test_resampled_rates_spread_like_rates_drawn_anew():
    """Raw correlations in the resampling lie around the observed one: noise is not counted twice."""
    gaps = []
    for seed in range(12):
        rates, _ = rates_of(seed)
        draws = resampled_rates(rates, 200, seed)
        raw = rank_correlations(rates, OFFICIAL, draws).set_index("term").loc["raw"]
        gaps.append(raw["estimate"] - (raw["ci_low"] + raw["ci_high"]) / 2)
        variance = draws.var(axis=1, ddof=1).mean(axis=0)
        np.testing.assert_allclose(variance, rates.rates.var(axis=0, ddof=1), rtol=0.25)
    assert abs(np.mean(gaps)) < 0.06


def test_raw_is_the_spearman_correlation_with_ties():
    rates, _ = rates_of(3, leavers=3000)
    table = rank_correlations(rates, OFFICIAL, resampled_rates(rates, 20, 1)).set_index("term")
    assert table.loc["raw", "estimate"] == pytest.approx(_spearman(rates.rates))
    assert table.loc["raw", "n"] == len(rates.municipalities)


def test_without_signal_the_corrected_correlation_is_not_told():
    reasons = []
    for seed in range(12):
        rates, _ = rates_of(seed, sd=0.0)
        row = rank_correlations(rates, OFFICIAL, resampled_rates(rates, 20, seed)).set_index("term").loc["corrected"]
        if np.isnan(row["estimate"]):
            reasons.append(row["method"])
    assert len(reasons) >= 4
    assert set(reasons) == {"not estimable: no variance between municipalities beyond noise"}


def test_fewer_than_five_municipalities_are_not_correlated():
    rates, _ = rates_of(1, municipalities=4, leavers=400)
    table = rank_correlations(rates, OFFICIAL, resampled_rates(rates, 10, 1))
    assert table["estimate"].isna().all() and table["method"].str.startswith("not estimable").all()
