"""Weighted ordered logit: against R (clm, polr, svyolr) and against itself."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.estimable import NotEstimable
from introprog.ordinal import WeightedOrderedLogit, fit_ordered_logit
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.numdiff import approx_fprime, approx_hess

REFERENCE = Path(__file__).parents[1] / "reference"
TERMS = ["result", "woman", "age"]


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(REFERENCE / "survey_small.csv", dtype={"municipality": str})


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "survey_models.json").read_text())


def natural(result):
    return np.r_[result.params.iloc[:3], result.model.transform_threshold_params(result.params.to_numpy())[1:-1]]


def fit(people, weighted, clustered=False):
    return fit_ordered_logit(
        people["level"],
        people[TERMS].to_numpy(float),
        TERMS,
        people["weight"].to_numpy() if weighted else None,
        people["municipality"] if clustered else None,
    )


@pytest.mark.parametrize("name", ["ordinal_plain", "ordinal_weighted"])
def test_estimates_and_errors_equal_clm(people, expected, name):
    result = fit(people, weighted=name.endswith("weighted"))
    answer = expected[name]
    np.testing.assert_allclose(natural(result), answer["coef"][3:] + answer["coef"][:3], rtol=2e-5)
    np.testing.assert_allclose(result.bse[:3], answer["std_error"][3:], rtol=2e-5)
    assert result.llf == pytest.approx(answer["loglik"], abs=1e-6)


def test_weights_matter_here_and_not_in_the_parent_class(people):
    frame = people[TERMS].astype(float)
    parent = OrderedModel(people["level"], frame, distr="logit", freq_weights=people["weight"])
    plain = OrderedModel(people["level"], frame, distr="logit")
    start = np.r_[0.1, 0.2, 0.0, -1.0, 0.1, 0.1]
    assert parent.loglike(start) == plain.loglike(start)
    assert WeightedOrderedLogit(people["level"], frame, people["weight"]).loglike(start) != pytest.approx(
        plain.loglike(start)
    )
    assert WeightedOrderedLogit(people["level"], frame).loglike(start) == pytest.approx(plain.loglike(start), rel=1e-12)


def test_clustered_errors_equal_svyolr(people, expected):
    result = fit(people, weighted=True, clustered=True)
    n, q, g = len(people), 6, people["municipality"].nunique()
    factor = np.sqrt(g / (g - 1) * (n - 1) / (n - q)) / np.sqrt(g / (g - 1))
    np.testing.assert_allclose(result.bse[:3] / factor, expected["svyolr"]["std_error"][:3], rtol=5e-4)
    np.testing.assert_allclose(natural(result)[:3], expected["svyolr"]["slopes"], rtol=2e-5)


def test_analytic_derivatives_equal_numeric(people):
    model = WeightedOrderedLogit(people["level"], people[TERMS].astype(float), people["weight"])
    at = np.array([0.2, -0.3, 0.01, -1.5, 0.3, -0.2])
    np.testing.assert_allclose(model.score_obs(at), approx_fprime(at, model.loglikeobs, centered=True), atol=1e-5)
    np.testing.assert_allclose(model.hessian(at), approx_hess(at, model.loglike), rtol=1e-4, atol=1e-3)


def test_whole_weights_are_the_same_as_repeated_rows(people):
    times = np.arange(len(people)) % 3
    weighted = fit_ordered_logit(people["level"], people[TERMS].to_numpy(float), TERMS, times)
    again = people.loc[people.index.repeat(times)]
    np.testing.assert_allclose(weighted.params, fit(again, weighted=False).params, rtol=1e-7)


def test_separated_answers_and_collinear_terms_are_named_not_estimable(people):
    above = (people["level"] > 2).to_numpy(float)
    with pytest.raises(NotEstimable, match="ordered logit"):
        fit_ordered_logit((people["level"] > 2) + 1, above[:, None], ["cut"])
    with pytest.raises(NotEstimable, match="collinear"):
        fit_ordered_logit(people["level"], np.column_stack([above, 2 * above]), ["a", "b"])
    with pytest.raises(NotEstimable, match="answer steps"):
        fit_ordered_logit(np.ones(len(people)), above[:, None], ["a"])


@pytest.mark.parametrize("weighted", [False, True])
def test_one_step_jackknife_is_close_to_refitting_without_each_municipality(people, weighted):
    result = fit(people, weighted=weighted)
    towns = sorted(set(people["municipality"]))
    refits = [fit(people[people["municipality"] != town], weighted).params.iloc[:3] for town in towns]
    g, slopes = len(towns), result.params.iloc[:3]
    exact = (g - 1) / g * sum((again - slopes) ** 2 for again in refits)
    found = result.model.cluster_jackknife(result.params, people["municipality"])
    np.testing.assert_allclose(np.sqrt(found), np.sqrt(exact), rtol=0.04)
    shuffled = np.random.default_rng(1).permutation(len(people))
    again = fit(people.iloc[shuffled], weighted)
    moved = again.model.cluster_jackknife(again.params, people["municipality"].iloc[shuffled])
    np.testing.assert_allclose(moved, found, rtol=1e-6)


def test_information_by_observation_adds_up_to_the_hessian(people):
    model = WeightedOrderedLogit(people["level"], people[TERMS].astype(float), people["weight"])
    at = np.array([0.2, -0.3, 0.01]), np.array([-1.5, 0.1, 1.2])[: model.k_levels - 1]
    score, information = model._by_observation(*at)
    expected_score, hessian = model._plain(*at)
    np.testing.assert_allclose(score, expected_score)
    np.testing.assert_allclose(np.einsum("n,nij->ij", model.weights, information), -hessian, atol=1e-8)


def test_a_term_that_one_municipality_alone_has_gets_no_error(people):
    alone = (people["municipality"] == people["municipality"].iloc[0]).to_numpy(float)
    terms = np.column_stack([people["result"], alone])
    result = fit_ordered_logit(people["level"], terms, ["result", "alone"], None, people["municipality"])
    found = result.model.cluster_jackknife(result.params, people["municipality"])
    assert np.isnan(found[1])
