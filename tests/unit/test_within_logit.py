"""Logit with municipality effects: against R's glm with sandwich."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.within_logit import effect_groups, fit_within_logit

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "municipal_comparison.json").read_text())["within"]
PERSONS = pd.read_csv(FOLDER / "municipal_persons.csv", dtype={"municipality": str})


def _fit(matrix):
    code = pd.factorize(PERSONS["municipality"], sort=True)[0]
    return fit_within_logit(matrix, PERSONS["success"].to_numpy(), code, code)


def test_coefficients_and_clustered_errors_are_those_of_r():
    fit = _fit(PERSONS[["women", "months"]].to_numpy(dtype=float))
    assert fit.converged
    np.testing.assert_allclose(fit.coefficients, REFERENCE["coefficients"], rtol=1e-8)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), REFERENCE["std_errors"], rtol=1e-7)


def test_what_does_not_vary_within_municipalities_is_not_estimated_and_disturbs_nothing():
    centrality = pd.factorize(PERSONS["municipality"])[0] % 3
    fit = _fit(np.column_stack([centrality, PERSONS["women"], PERSONS["months"]]).astype(float))
    assert np.isnan(fit.coefficients[0]) and np.isnan(fit.covariance[0]).all()
    np.testing.assert_allclose(fit.coefficients[1:], REFERENCE["coefficients"], rtol=1e-8)


def test_composition_that_goes_with_quality_is_not_taken_for_an_association_of_persons():
    rng = np.random.default_rng(1)
    place = np.repeat(np.arange(60), 100)
    quality = rng.normal(0, 0.8, 60)
    schooled = (rng.random(6000) < 1 / (1 + np.exp(-2 * quality[place]))).astype(float)
    success = rng.random(6000) < 1 / (1 + np.exp(-(quality[place] + 0.5 * schooled)))
    within = fit_within_logit(schooled[:, None], success, place, place)
    together = fit_within_logit(schooled[:, None], success, np.zeros(6000, dtype=int), place)
    assert within.coefficients[0] == pytest.approx(0.5, abs=0.15)
    assert together.coefficients[0] > 0.9


def test_small_or_unvaried_municipalities_share_an_effect_by_county():
    municipality = pd.Series(["0301"] * 6 + ["1101"] * 6 + ["1102"] * 2 + ["1103"] * 2 + ["1801"] * 2)
    county = municipality.str[:2]
    success = np.array([0, 1] * 3 + [1] * 6 + [0, 1] + [1, 1] + [1, 1], dtype=float)
    groups = pd.Series(effect_groups(municipality, county, success, 5)).groupby(municipality).first()
    assert groups["1101"] == groups["1102"] == groups["1103"]
    assert groups.nunique() == 3
