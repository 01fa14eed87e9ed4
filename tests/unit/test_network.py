"""Difference in differences: against a plain two-way model of persons, recovery, composition, and bad groups."""

import numpy as np
import pandas as pd
import pytest
from introprog.errors import InputError
from introprog.network import compare_network, group_codes

NETWORK = {"before": [2013, 2014], "after": [2015, 2016], "covariates": []}
GROUP = [f"61{i:02d}" for i in range(1, 13)]


def world(gain=0.0, seed=0, places=40, mix=0.0, trend=0.03):
    """Persons in ``places`` municipalities; ``gain`` after 2014 in the group; ``mix`` shifts its composition after
    2014."""
    rng = np.random.default_rng(seed)
    codes = np.array([f"61{i:02d}" for i in range(1, places + 1)])
    size = rng.integers(8, 60, places)
    place = np.repeat(np.arange(places), size * 6)
    year = 2011 + rng.integers(0, 6, len(place))
    late, inside = year >= 2015, np.isin(codes[place], GROUP)
    young = rng.random(len(place)) < 0.4 + mix * (late & inside)
    p = 0.5 + rng.normal(0, 0.06, places)[place] + trend * late + gain * (late & inside) + 0.2 * (young - 0.4)
    ids = [f"P{i:05d}" for i in range(len(place))]
    leavers = pd.DataFrame(
        {
            "person_id": ids,
            "municipality": codes[place],
            "exit_year": year,
            "age_group": np.where(young, "18-25", "26-35"),
        }
    )
    outcomes = pd.DataFrame({"person_id": ids, "definition": "ssb_november", "horizon": 1, "in_denominator": True})
    outcomes["success"] = pd.array(rng.random(len(place)) < p, dtype="boolean")
    return outcomes, leavers


def row(table, model, term="network_after", method="CR2"):
    found = table[(table["model"] == model) & (table["term"] == term) & table["method"].str.contains(method)]
    assert len(found) == 1
    return found.iloc[0]


def test_estimate_is_that_of_persons_with_municipality_and_period_fixed():
    from statsmodels.regression.linear_model import OLS

    outcomes, leavers = world(0.1, seed=3)
    frame = outcomes.merge(leavers, on="person_id")
    frame = frame[frame["exit_year"].between(2013, 2016)]
    both = frame.groupby("municipality")["exit_year"].agg(lambda y: (y > 2014).nunique() == 2)
    frame = frame[frame["municipality"].map(both)]
    late = (frame["exit_year"] > 2014).to_numpy(dtype=float)
    dummies = pd.get_dummies(frame["municipality"]).to_numpy(dtype=float)
    design = np.column_stack([late * frame["municipality"].isin(GROUP), late, dummies])
    plain = OLS(frame["success"].to_numpy(dtype=float), design).fit()
    found = row(compare_network(outcomes, leavers, GROUP, NETWORK), "difference_in_differences")
    assert found["estimate"] == pytest.approx(plain.params[0], abs=1e-10)
    assert (found["n"], found["clusters"]) == (len(frame), frame["municipality"].nunique())


def test_intervals_cover_what_was_put_in():
    estimates, covered = [], 0
    for seed in range(30):
        outcomes, leavers = world(0.08, seed)
        leavers = leavers[leavers["exit_year"] > 2012]
        found = row(compare_network(outcomes, leavers, GROUP, NETWORK), "difference_in_differences")
        estimates.append(found["estimate"])
        covered += found["ci_low"] <= 0.08 <= found["ci_high"]
    assert np.mean(estimates) == pytest.approx(0.08, abs=0.02)
    assert covered >= 26


def test_composition_is_told_apart_from_change():
    outcomes, leavers = world(0.0, seed=5, mix=0.4)
    table = compare_network(outcomes, leavers, GROUP, NETWORK | {"covariates": ["age_group"]})
    raw, adjusted = row(table, "difference_in_differences"), row(table, "adjusted")
    assert raw["estimate"] - adjusted["estimate"] == pytest.approx(0.2 * 0.4, abs=0.02)
    assert adjusted["ci_low"] < 0 < adjusted["ci_high"]


def test_rates_changes_events_and_what_can_be_seen():
    table = compare_network(*world(0.15, seed=6), GROUP, NETWORK)
    rates = table[table["model"] == "rates"].set_index("term")["estimate"]
    assert rates["network_change"] == pytest.approx(rates["network_after"] - rates["network_before"])
    events = table[table["model"] == "event"]
    assert events["exit_year"].tolist() == [2011, 2012, 2013, 2015, 2016]
    early, late = (events.loc[m, "estimate"].mean() for m in (events["exit_year"] < 2014, events["exit_year"] > 2014))
    assert abs(early) < 0.06 < late
    found = row(table, "difference_in_differences", "smallest_detectable")
    assert 2.7 < found["estimate"] / row(table, "difference_in_differences")["std_error"] < 3.6
    boot = row(table, "difference_in_differences", method="bootstrap")
    assert boot["ci_low"] < boot["estimate"] < boot["ci_high"] and boot["p_value"] < 0.05


def test_same_seed_same_table():
    outcomes, leavers = world(seed=7)
    other = compare_network(
        outcomes.sample(frac=1, random_state=1), leavers.sample(frac=1, random_state=2), GROUP, NETWORK
    )
    pd.testing.assert_frame_equal(compare_network(outcomes, leavers, GROUP, NETWORK), other)


def test_a_group_that_cannot_be_compared_is_said_to_be_so():
    table = compare_network(*world(seed=8), ["6101"], NETWORK)
    found = table[table["model"] == "difference_in_differences"]
    assert found["estimate"].isna().all() and found["method"].str.startswith("not estimable: fewer than two").all()


def test_small_counts_are_hidden():
    outcomes, leavers = world(seed=9)
    few = leavers["municipality"].isin(GROUP) & (leavers["exit_year"] < 2015) & (leavers.index % 40 > 0)
    table = compare_network(outcomes[~few.to_numpy()], leavers, GROUP, NETWORK, threshold=60)
    rates = table[table["model"] == "rates"].set_index("term")
    assert rates.loc["network_before", "suppressed"] and np.isnan(rates.loc["network_before", "estimate"])
    assert np.isnan(rates.loc["network_change", "estimate"])


def test_group_by_wave_or_by_code():
    frame = pd.DataFrame({"wave": ["ks_2015", "ks_2015", "imdi_2020"], "municipality": ["6102", "6199", "6103"]})
    assert group_codes("ks_2015", frame, ["6101", "6102", "6103"]) == ["6102"]
    assert group_codes(["6103", "6101"], frame, ["6101", "6103"]) == ["6101", "6103"]
    with pytest.raises(InputError, match="did you mean 'ks_2015'"):
        group_codes("ks_2016", frame, [])
    with pytest.raises(InputError, match="0301"):
        group_codes(["6101", "0301"], frame, ["6101"])
