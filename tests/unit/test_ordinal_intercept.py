"""Ordered logit with a random municipality: against R's ordinal::clmm, its own differences, known truth, and edges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog import association
from introprog.association import RESULT, Answers, Ask
from introprog.estimable import NotEstimable
from introprog.ordinal import fit_ordered_logit
from introprog.ordinal_intercept import _Likelihood, fit_ordinal_intercept

REFERENCE = Path(__file__).parents[1] / "reference"
TERMS = ["result", "woman", "age"]


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(REFERENCE / "survey_small.csv", dtype={"municipality": str})


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "survey_models.json").read_text())["clmm"]


def drawn(sd, seed=1, towns=80, size=40, slope=0.5):
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(towns), size)
    x = np.column_stack([rng.normal(size=towns)[place], rng.normal(size=towns * size)])
    view = x @ [slope, -1.0] + sd * rng.normal(size=towns)[place] + rng.logistic(size=towns * size)
    return np.searchsorted([-1.5, 0.0, 1.0], view), x, place


@pytest.mark.parametrize("nodes", [9, 15])
def test_equals_clmm(people, expected, nodes):
    found = fit_ordinal_intercept(people["level"], people[TERMS], people["municipality"], nodes=nodes)
    np.testing.assert_allclose(found.fixed.estimate, expected["slopes"], rtol=1e-5)
    np.testing.assert_allclose(found.fixed.std_error, expected["std_error_slopes"], rtol=1e-5)
    np.testing.assert_allclose(found.thresholds, expected["thresholds"], rtol=1e-5)
    np.testing.assert_allclose(found.std_error[3:], expected["std_error_thresholds"], rtol=5e-5)
    assert found.sd_between == pytest.approx(expected["sd_between"], rel=1e-5)
    assert found.log_likelihood == pytest.approx(expected["loglik"], abs=1e-7)
    assert found.fixed.dof.tolist() == [22, len(people) - 24 - 2, len(people) - 24 - 2]


def test_score_and_information_equal_differences(people):
    steps = np.unique(people["level"], return_inverse=True)[1]
    codes = np.unique(people["municipality"], return_inverse=True)[1]
    problem = _Likelihood(steps, people[TERMS].to_numpy(float), codes, 15)
    at = np.array([0.2, 0.3, -0.02, -1.8, -0.4, 1.3, 0.7])
    moves = np.diag(np.full(len(at), 1e-5))
    _, score, observed, _ = problem.evaluate(at)
    by_hand = [(problem.value(at + d) - problem.value(at - d)) / 2e-5 for d in moves]
    np.testing.assert_allclose(score, by_hand, rtol=1e-5, atol=1e-5)
    bends = np.array([(problem.evaluate(at + d)[1] - problem.evaluate(at - d)[1]) / 2e-5 for d in moves])
    np.testing.assert_allclose(observed, -bends, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("sd", [0.4, 1.0])
def test_truth_is_recovered(sd):
    found = fit_ordinal_intercept(*drawn(sd, towns=400))
    error = found.fixed.std_error
    assert (np.abs(found.fixed.estimate - [0.5, -1.0]) < 3 * error).all()
    np.testing.assert_allclose(found.thresholds, [-1.5, 0.0, 1.0], atol=0.2)
    assert found.sd_between == pytest.approx(sd, abs=0.1)


def test_without_variance_between_it_is_the_ordered_logit():
    steps, x, place = drawn(0.0, seed=3)
    # every town gets the same mix of answers, so that no intercept can differ
    steps, x = np.tile(steps[:40], 80), np.tile(x[:40], (80, 1)) + np.random.default_rng(4).normal(size=(3200, 2))
    found = fit_ordinal_intercept(steps, x, place)
    plain = fit_ordered_logit(steps, x, ["a", "b"])
    assert found.sd_between == 0
    np.testing.assert_allclose(found.fixed.estimate, plain.params[:2], rtol=1e-5)
    np.testing.assert_allclose(found.fixed.std_error, plain.bse[:2], rtol=1e-5)


def test_order_of_rows_and_names_of_clusters_do_not_matter():
    steps, x, place = drawn(0.6, seed=5, towns=20)
    mixed = np.random.default_rng(6).permutation(len(steps))
    first, second = (
        fit_ordinal_intercept(steps, x, place),
        fit_ordinal_intercept(steps[mixed] * 7, x[mixed], (90 - place)[mixed]),
    )
    np.testing.assert_allclose(first.fixed.estimate, second.fixed.estimate, rtol=1e-8)
    np.testing.assert_allclose(first.fixed.std_error, second.fixed.std_error, rtol=1e-8)


def test_what_cannot_be_told_is_a_reason():
    steps, x, place = drawn(0.5, towns=12)
    with pytest.raises(NotEstimable, match="answer steps"):
        fit_ordinal_intercept(np.zeros(len(steps)), x, place)
    with pytest.raises(NotEstimable, match="collinear"):
        fit_ordinal_intercept(steps, np.column_stack([x, x[:, 0]]), place)
    with pytest.raises(NotEstimable, match="municipalities"):
        fit_ordinal_intercept(steps[:80], x[:80], place[:80])
    with pytest.raises(NotEstimable, match="too few municipalities"):
        fit_ordinal_intercept(steps[:120], np.column_stack([x[:120, 0], place[:120] == 1]), place[:120])
    with pytest.raises(NotEstimable, match="completely"):
        fit_ordinal_intercept((x[:, 1] > 0).astype(int), x, place)


def test_rows_of_the_model_block_carry_term_unit_and_spread(people):
    frame = people.assign(weight=1.0, woman=people["woman"].map({0: "men", 1: "women"}))
    frame = pd.concat([frame, frame.iloc[:5].assign(level=np.nan)])
    result = frame.groupby("municipality")["result"].mean()
    ask = Ask(0.95, 1, 99)
    rows = association.person_random_intercept("m", Answers(frame, ["woman"]), result, True, ask, ordered=True)
    table = pd.DataFrame(rows).set_index("term")
    direct = fit_ordinal_intercept(
        people["level"], np.column_stack([people["result"], people["woman"] == 1]), people["municipality"]
    )
    assert table.loc[RESULT, "n"] == len(people)
    assert table.loc[RESULT, "estimate"] == pytest.approx(direct.fixed.estimate[0], rel=1e-6)
    assert table.loc["sd_between_municipalities", "estimate"] == pytest.approx(direct.sd_between, rel=1e-6)
    assert "sd_within_municipalities" not in table.index and "intercept" not in table.index
    assert table.loc[RESULT, "method"].endswith("between-within t")
    lone = association.person_random_intercept("m", Answers(frame, []), result * 0, False, ask, ordered=True)
    assert lone[0]["method"] == "not estimable: the result between municipalities does not vary"
