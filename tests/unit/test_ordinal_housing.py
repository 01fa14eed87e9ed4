"""Weighted ordered logit on public data: the Copenhagen householders of ``MASS::housing``, against MASS and survey."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.ordinal import fit_ordered_logit

REFERENCE = Path(__file__).parents[1] / "reference"
LEVELS = {"Infl": ["Medium", "High"], "Type": ["Apartment", "Atrium", "Terrace"], "Cont": ["High"]}
TERMS = [f"{name}{level}" for name, levels in LEVELS.items() for level in levels]
STEPS = {"Low": 1, "Medium": 2, "High": 3}


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "housing.json").read_text())


@pytest.fixture(scope="module")
def housing():
    table = pd.read_csv(REFERENCE / "housing.csv")
    for name, levels in LEVELS.items():
        for level in levels:
            table[f"{name}{level}"] = (table[name] == level).astype(float)
    return table


@pytest.fixture(scope="module")
def people(housing):
    """One row a householder with the weights and clusters of housing.R."""
    rows = housing.loc[housing.index.repeat(housing["Freq"])].reset_index(drop=True)
    number = np.arange(1, len(rows) + 1)
    return rows.assign(weight=0.5 + number % 7 / 4, cluster=number % 41)


def fitted(rows, weights, clusters=None):
    outcome = rows["Sat"].map(STEPS).to_numpy()
    return fit_ordered_logit(outcome, rows[TERMS].to_numpy(), TERMS, weights.to_numpy(float), clusters)


def natural(result):
    """Slopes and thresholds with their standard errors, on the scale that R prints."""
    params = result.params.to_numpy()
    slopes, thresholds = result.model._split(params)
    jacobian = result.model.threshold_jacobian(params)
    errors = np.sqrt(np.diag(jacobian @ np.asarray(result.cov_params()) @ jacobian.T))
    return slopes, thresholds, errors


def test_the_data_are_those_of_the_publication(housing, expected):
    assert len(housing) == 72
    assert housing["Freq"].sum() == 1681
    assert expected["polr"]["terms"] == TERMS


def test_counts_as_weights_equal_polr_to_five_digits(housing, expected):
    """Venables and Ripley 2002, section 7.3, print 0.566, 1.289, -0.572, -0.366, -1.091, 0.360 and 3479.149."""
    result = fitted(housing, housing["Freq"])
    slopes, thresholds, errors = natural(result)
    answer = expected["polr"]
    np.testing.assert_allclose(slopes, answer["slopes"], rtol=5e-6)
    np.testing.assert_allclose(thresholds, answer["thresholds"], rtol=5e-6)
    np.testing.assert_allclose(errors, answer["std_error"], rtol=5e-6)
    np.testing.assert_allclose(slopes.round(3), [0.566, 1.289, -0.572, -0.366, -1.091, 0.360])
    assert -2 * result.llf == pytest.approx(3479.149, abs=5e-4)


@pytest.mark.parametrize("name", ["weighted", "clustered"])
def test_sampling_weights_and_clusters_equal_svyolr_to_five_digits(people, expected, name):
    """statsmodels' small-sample factor (n - 1) / (n - q) is taken off; survey has G / (G - 1) alone."""
    clusters = people["cluster"] if name == "clustered" else people.index
    slopes, thresholds, errors = natural(fitted(people, people["weight"], clusters))
    answer, n, q = expected[f"svyolr_{name}"], len(people), len(TERMS) + 2
    np.testing.assert_allclose(slopes, answer["slopes"], rtol=5e-5)
    np.testing.assert_allclose(thresholds, answer["thresholds"], rtol=5e-5)
    np.testing.assert_allclose(errors / np.sqrt((n - 1) / (n - q)), answer["std_error"], rtol=5e-5)


def test_leaving_the_weights_out_would_be_seen(people, expected):
    slopes, _, _ = natural(fitted(people, pd.Series(1.0, people.index)))
    assert np.abs(slopes - expected["svyolr_weighted"]["slopes"]).max() > 0.01
