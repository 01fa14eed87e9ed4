"""Few-cluster inference: against R (clubSandwich, sandwich), statsmodels, and brute force."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog import clustered
from introprog.estimable import NotEstimable
from statsmodels.regression.linear_model import WLS

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(REFERENCE / "survey_small.csv", dtype={"municipality": str})


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "survey_models.json").read_text())


def design(people):
    return np.column_stack([np.ones(len(people)), people[["result", "woman", "age"]]])


def fit(people, name):
    weights = people["weight"] if name == "weighted" else None
    return clustered.fit_clustered(people["score"], design(people), people["municipality"], weights)


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_cr2_errors_and_satterthwaite_degrees_equal_clubsandwich(people, expected, name):
    found, answer = clustered.cr2(fit(people, name)), expected[name]["cr2"]
    np.testing.assert_allclose(found.estimate, answer["estimate"], rtol=1e-9)
    np.testing.assert_allclose(found.std_error, answer["std_error"], rtol=1e-8)
    np.testing.assert_allclose(found.dof, answer["dof"], rtol=1e-7)


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_crv1_equals_clubsandwich(people, expected, name):
    np.testing.assert_allclose(
        clustered.crv1(fit(people, name)).std_error, expected[name]["crv1"]["std_error"], rtol=1e-8
    )


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_crv3_equals_statsmodels(people, name):
    weights = people["weight"] if name == "weighted" else np.ones(len(people))
    groups = people["municipality"].astype("category").cat.codes.to_numpy()
    other = WLS(people["score"], design(people), weights=weights).fit(
        cov_type="cluster-crv3", cov_kwds={"groups": groups}
    )
    np.testing.assert_allclose(clustered.crv3(fit(people, name)).std_error, other.bse, rtol=1e-8)


def test_leaving_one_out_equals_refitting(people):
    without = clustered.leave_one_out(fit(people, "weighted"))
    for position, code in enumerate(sorted(people["municipality"].unique())[:4]):
        again = fit(people[people["municipality"] != code], "weighted")
        np.testing.assert_allclose(without[position], again.estimate, rtol=1e-9)


def test_term_of_one_municipality_alone_has_no_jackknife_error_but_the_others_have(people):
    alone = (people["municipality"] == "1005") & (people["woman"] == 1)
    model = clustered.fit_clustered(
        people["score"], np.column_stack([design(people), alone.astype(float)]), people["municipality"]
    )
    without = clustered.leave_one_out(model)
    assert np.isnan(without[4]).tolist() == [False] * 4 + [True]
    rest = fit(people[people["municipality"] != "1005"], "plain")
    np.testing.assert_allclose(without[4, :4], rest.estimate, rtol=1e-8)
    assert np.isnan(clustered.crv3(model).std_error).tolist() == [False] * 4 + [True]


def brute_p(people, weights, value, draws, term=1):
    """Restricted wild cluster bootstrap by refitting every replicate."""
    x, y, w = design(people), people["score"].to_numpy(), weights.to_numpy()
    groups = people["municipality"].astype("category").cat.codes.to_numpy()

    def t_statistic(outcome):
        result = WLS(outcome, x, weights=w).fit(cov_type="cluster", cov_kwds={"groups": groups})
        return (result.params[term] - value) / result.bse[term]

    others = [c for c in range(x.shape[1]) if c != term]
    null = WLS(y - value * x[:, term], x[:, others], weights=w).fit()
    fitted, residual = null.fittedvalues + value * x[:, term], null.resid
    at = abs(t_statistic(y))
    extreme = [abs(t_statistic(fitted + residual * draws[groups, b])) >= at for b in range(draws.shape[1])]
    return (1 + sum(extreme)) / (1 + len(extreme))


@pytest.mark.parametrize("value", [0.0, 1.5])
def test_wild_bootstrap_equals_refitting_each_replicate(people, value):
    shifted = people.assign(score=people["score"] - value * people["result"])
    model = fit(shifted, "weighted")
    found = clustered.wild_bootstrap(model, 1, seed=3, replicates=49)
    draws, _ = clustered._draws(model.clusters, 49, 3)
    assert found.p_value == pytest.approx(brute_p(people, people["weight"], value, draws))


def test_wild_bootstrap_interval_is_where_the_test_turns(people):
    model = fit(people, "weighted")
    found = clustered.wild_bootstrap(model, 1, seed=3, replicates=399)
    assert found.ci_low < model.estimate[1] < found.ci_high
    for bound, sign in ((found.ci_low, -1), (found.ci_high, 1)):
        for step, inside in ((-1e-3, True), (1e-3, False)):
            moved = people.assign(score=people["score"] - (bound + sign * step) * people["result"])
            assert (clustered.wild_bootstrap(fit(moved, "weighted"), 1, 3, 399).p_value > 0.05) is inside


def test_webb_weights_under_twelve_clusters(people):
    few = people[people["municipality"].isin(sorted(people["municipality"].unique())[:8])]
    found = clustered.wild_bootstrap(fit(few, "plain"), 1, seed=1, replicates=199)
    assert found.weights == "Webb"
    draws, _ = clustered._draws(8, 20_000, 0)
    assert len(np.unique(draws)) == 6
    assert np.mean(draws) == pytest.approx(0, abs=0.02)
    assert np.mean(draws**2) == pytest.approx(1, abs=0.02)


def test_cr2_holds_its_level_where_crv1_does_not():
    rng = np.random.default_rng(7)
    sizes = np.r_[np.full(11, 8), 120]
    town = np.repeat(np.arange(12), sizes)
    rejected = np.zeros(2)
    for _ in range(250):
        x = rng.normal(size=12)[town]
        y = rng.normal(0, 0.5, 12)[town] + rng.normal(size=len(town))
        model = clustered.fit_clustered(y, np.column_stack([np.ones(len(y)), x]), town)
        rejected += [clustered.cr2(model).p_value[1] < 0.05, clustered.crv1(model).p_value[1] < 0.05]
    assert rejected[0] / 250 < 0.08 < rejected[1] / 250


def test_reasons_instead_of_numbers(people):
    ones = np.ones(len(people))
    with pytest.raises(NotEstimable, match="collinear"):
        clustered.fit_clustered(people["score"], np.column_stack([ones, ones]), people["municipality"])
    with pytest.raises(NotEstimable, match="municipalities: 1, at least 3"):
        clustered.fit_clustered(people["score"], ones[:, None], ones)
    three = people[people["municipality"].isin(["1001", "1002", "1003"])]
    with pytest.raises(NotEstimable, match="municipalities for 4 terms: 3, at least 4"):
        clustered.fit_clustered(three["score"], design(three), three["municipality"])


@pytest.mark.parametrize("clusters", [3, 4, 5, 14])
def test_draws_that_tie_with_the_sample_count_whatever_the_last_digit(clusters):
    """Draws of one sign for all clusters, and those that differ in a cluster without weight in the term, give the
    sample's own statistic; in other units they are rounded otherwise."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(clusters), 20)
        x = np.column_stack([np.ones(len(groups)), rng.normal(size=clusters)[groups]])
        y = rng.normal(size=clusters)[groups] + rng.normal(size=len(groups))
        found = clustered.wild_bootstrap(clustered.fit_clustered(y, x, groups), 1, 5, 199)
        for unit in (1 / 3, 0.1, 7.7):
            other = clustered.wild_bootstrap(clustered.fit_clustered(unit * y, x, groups), 1, 5, 199)
            assert other.p_value == found.p_value
            np.testing.assert_allclose([other.ci_low / unit, other.ci_high / unit], [found.ci_low, found.ci_high], 1e-9)
