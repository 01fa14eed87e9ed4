"""Average marginal effects: against R, and the standard error against simulation."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.design import design_of
from introprog.margins import average_marginal_effects
from statsmodels.discrete.discrete_model import Logit

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "municipal_comparison.json").read_text())["pooled"]
PERSONS = pd.read_csv(FOLDER / "municipal_persons.csv", dtype={"municipality": str})


def _fit(frame, variables):
    design = design_of(frame, variables)
    fit = Logit(PERSONS["success"], design.matrix).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": pd.factorize(PERSONS["municipality"])[0]}
    )
    return design, fit


def test_coefficients_errors_and_margins_are_those_of_r():
    design, fit = _fit(PERSONS, ["women", "months"])
    np.testing.assert_allclose(fit.params, REFERENCE["coefficients"], rtol=1e-7)
    np.testing.assert_allclose(fit.bse, REFERENCE["std_errors"], rtol=1e-6)
    effects = average_marginal_effects(design, fit.params.to_numpy(), fit.cov_params().to_numpy()).set_index("term")
    assert effects.loc["women", "ame"] == pytest.approx(REFERENCE["ame_women"], rel=1e-7)
    assert effects.loc["months", "ame"] == pytest.approx(REFERENCE["ame_months"], rel=1e-7)


def test_errors_are_those_of_statsmodels_where_both_can_do_it():
    design, fit = _fit(PERSONS, ["women", "months"])
    theirs = fit.get_margeff(dummy=True)
    ours = average_marginal_effects(design, fit.params.to_numpy(), fit.cov_params().to_numpy())
    np.testing.assert_allclose(ours["ame"], theirs.margeff, rtol=1e-6)
    np.testing.assert_allclose(ours["ame_std_error"], theirs.margeff_se, rtol=1e-4)


def test_a_factor_is_compared_with_its_reference_and_the_error_follows_the_coefficients():
    frame = PERSONS.assign(group=np.array(["a", "b", "c"])[(PERSONS["months"] % 3).to_numpy()])
    design, fit = _fit(frame, ["group", "women", "months"])
    beta, covariance = fit.params.to_numpy(), fit.cov_params().to_numpy()
    effects = average_marginal_effects(design, beta, covariance).set_index("term")
    names = ["constant", *(t.name for t in design.columns)]
    levels = [j for j, name in enumerate(names) if name.startswith("group=")]

    def difference(b, position):
        base = design.matrix @ b - design.matrix[:, levels] @ b[levels]
        return np.mean(1 / (1 + np.exp(-(base + b[position]))) - 1 / (1 + np.exp(-base)))

    draws = np.random.default_rng(1).multivariate_normal(beta, covariance, 3000)
    for position in levels:
        assert effects.loc[names[position], "ame"] == pytest.approx(difference(beta, position))
        spread = np.std([difference(b, position) for b in draws])
        assert effects.loc[names[position], "ame_std_error"] == pytest.approx(spread, rel=0.06)
