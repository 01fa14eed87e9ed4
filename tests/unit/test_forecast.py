"""What the early result says about the late one."""

import numpy as np
import pandas as pd
import pytest
from introprog.correlation import resampled_rates
from introprog.forecast import forecast_table, surrogate_table
from introprog.pooling import person_outcomes
from municipal_simulation import simulate, two_moments


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


def _months(seed):
    """Early outcomes at 6, 12 and 24 months and a late one at 60 that is a known mix of them and luck."""
    outcomes, _ = simulate(seed, municipalities=40, leavers=6000, levels=(0.5, 0.6, 0.6), person=0.3, sd=0.4)
    wide = outcomes.astype({"success": float}).pivot_table(index="person_id", columns="horizon", values="success")
    late = np.random.default_rng(seed).random(len(wide)) < 0.2 + 0.1 * wide[2] + 0.5 * wide[3]
    first = outcomes[outcomes["horizon"] == 1]
    last = first.assign(horizon=60, success=pd.array(late.loc[first["person_id"]].to_numpy(), dtype="boolean"))
    frame = pd.concat([outcomes.assign(horizon=outcomes["horizon"].map({1: 6, 2: 12, 3: 24})), last])
    frame["definition"] = "anniversary"
    measures = [("anniversary", m) for m in (6, 12, 24, 60)]
    return person_outcomes(frame, measures, [2012, 2015], sorted(frame["municipality"].unique())), measures


def test_the_surrogate_index_finds_the_mix_and_forecasts_better_than_any_one_moment():
    persons, measures = _months(1)
    table = surrogate_table(persons, measures, seed=1, draws=100)
    weights = table[table["model"] == "surrogate_weights"].set_index("term")
    for term, truth in {"constant": 0.2, "6": 0.0, "12": 0.1, "24": 0.5}.items():
        assert abs(weights.loc[term, "estimate"] - truth) < 4 * weights.loc[term, "std_error"]
    slopes = table[(table["model"] == "surrogate") & (table["term"] == "slope_corrected")].set_index("definition")
    assert slopes.loc["surrogate_index", "estimate"] == pytest.approx(1, abs=0.25)


def test_persons_not_seen_at_every_moment_do_not_enter_the_index():
    persons, measures = _months(2)
    persons.outcomes[:1000, 3] = np.nan
    table = surrogate_table(persons, measures, seed=1, draws=20)
    assert (table.loc[table["model"] == "surrogate_weights", "n"] == 5000).all()
