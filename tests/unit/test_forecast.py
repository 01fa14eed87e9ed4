"""What the early result says about the late one."""

import numpy as np
import pandas as pd
import pytest
from introprog.correlation import resampled_rates
from introprog.forecast import forecast_table
from municipal_simulation import two_moments


def _slopes(seed, kept):
    rates, _, true = two_moments(seed, kept=kept, sd=0.25)
    table = forecast_table(rates, resampled_rates(rates, 200, seed)).set_index("term")
    return {**table.loc["slope_corrected"], "truth": np.polyfit(true[:, 0], true[:, 1], 1)[0]}


@pytest.mark.parametrize("kept", [0.4, 1.0])
def test_the_corrected_slope_is_the_slope_between_true_rates(kept):
    rows = pd.DataFrame([_slopes(seed, kept) for seed in range(24)])
    assert rows["estimate"].median() == pytest.approx(rows["truth"].median(), abs=0.08)
    assert ((rows["ci_low"] <= rows["truth"]) & (rows["truth"] <= rows["ci_high"])).mean() >= 0.85
    tells_from_one = (rows["p_value"] < 0.05).mean()
    assert tells_from_one > 0.8 if kept == 0.4 else tells_from_one <= 0.15


def test_the_observed_slope_is_the_least_squares_one():
    rates, _, _ = two_moments(5)
    table = forecast_table(rates, resampled_rates(rates, 20, 1)).set_index("term")
    slope, intercept = np.polyfit(rates.rates[:, 0], rates.rates[:, 1], 1)
    assert table.loc["slope", "estimate"] == pytest.approx(slope)
    assert table.loc["intercept", "estimate"] == pytest.approx(intercept)


def test_few_municipalities_give_a_reason():
    _, counted, _ = two_moments(1, municipalities=4, leavers=400)
    table = forecast_table(counted, None)
    assert table["method"].tolist() == ["not estimable: fewer than 5 municipalities"]
