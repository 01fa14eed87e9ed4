"""Funnel limits and over-dispersion."""

import numpy as np
import pandas as pd
import pytest
from introprog.funnel import funnel_limits, funnel_points, overdispersion, z_scores
from scipy.special import bdtr


def test_at_every_size_no_more_than_the_stated_share_lies_beyond_a_limit():
    for n in (1, 7, 30, 212):
        limits = funnel_limits([n], 0.62).set_index("level")
        x = np.arange(n + 1)
        chance = np.diff(np.r_[0.0, bdtr(x.astype(float), n, 0.62)])
        for level in (0.95, 0.998):
            for beyond in (x < limits.loc[level, "low"] * n - 1e-9, x > limits.loc[level, "high"] * n + 1e-9):
                assert chance[beyond].sum() <= (1 - level) / 2
    at = funnel_limits([30], 0.62, (0.95,)).iloc[0]
    assert bdtr(round(at["low"] * 30), 30, 0.62) > 0.025


def test_large_municipalities_have_the_normal_limits():
    limits = funnel_limits([20_000], 0.62).set_index("level")
    half = 1.959964 * np.sqrt(0.62 * 0.38 / 20_000)
    assert limits.loc[0.95, "low"] == pytest.approx(0.62 - half, abs=2e-4)
    assert limits.loc[0.95, "high"] == pytest.approx(0.62 + half, abs=2e-4)


def test_overdispersion_widens_by_its_root_and_never_narrows():
    plain, wide, narrow = (funnel_limits([200], 0.62, (0.95,), phi) for phi in (1.0, 4.0, 0.5))
    np.testing.assert_allclose(0.62 - wide["low"], 2 * (0.62 - plain["low"]))
    pd.testing.assert_frame_equal(plain, narrow)


def test_noise_alone_has_no_overdispersion_and_few_points_outside():
    rng = np.random.default_rng(5)
    n = rng.integers(30, 300, 4000)
    x = rng.binomial(n, 0.62)
    for winsorise in (0.0, 0.1):
        assert overdispersion(z_scores(x, n, 0.62), winsorise) == pytest.approx(1, abs=0.07)
    points = funnel_points(pd.DataFrame({"municipality": np.arange(4000).astype(str), "n": n, "successes": x}))
    assert (points["outside"] > 0).mean() == pytest.approx(0.04, abs=0.012)
    assert (points["outside"] > 99).mean() == pytest.approx(0.002, abs=0.002)


def test_winsorising_keeps_one_odd_municipality_from_widening_the_limits():
    z = np.r_[np.random.default_rng(1).standard_normal(99), 40.0]
    assert overdispersion(z, 0.0) > 10
    assert overdispersion(z) < 1.4
    assert np.isnan(overdispersion([1.0]))


def test_points_name_the_widest_limit_they_are_outside():
    counts = pd.DataFrame({"municipality": ["0301", "0302", "0303", "0304"], "n": [400, 400, 400, 0],
                           "successes": [248, 230, 150, 0]})  # fmt: skip
    points = funnel_points(counts, share=0.62).set_index("municipality")
    assert points["outside"].to_dict() == {"0301": 0.0, "0302": 0.0, "0303": 99.8}
