"""Scales through the codebook: reversal, kinds of missing, half rule, item table, and reliability against R."""

import copy
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog import reliability, scales
from introprog.errors import InputError
from introprog.estimable import NotEstimable
from survey_frames import INSTRUMENTS

REFERENCE = Path(__file__).parents[1] / "reference"
KS, IMDI = INSTRUMENTS["ks"], INSTRUMENTS["imdi"]


def answers(n=6, **items):
    base = {name: pd.array([entry["scale"][1]] * n, dtype="Int16") for name, entry in KS["items"].items()}
    return pd.DataFrame(base | {k: pd.array(v, dtype="Int16") for k, v in items.items()})


def test_higher_is_better_also_for_reversed_items():
    values, _ = scales.recode_items(answers(q01=[1, 2, 3, 4, 5, 6], q06=[1, 2, 3, 4, 5, 6]), KS)
    np.testing.assert_allclose(values["q01"], [0, 20, 40, 60, 80, 100])
    np.testing.assert_allclose(values["q06"], [100, 80, 60, 40, 20, 0])


def test_kinds_of_missing_are_kept_apart_and_out_of_the_mean():
    values, states = scales.recode_items(answers(q01=[6, 97, 98, 99, None, 1]), KS)
    assert states["q01"].tolist() == ["answered", "dont_know", "not_applicable", "unanswered", "unanswered", "answered"]
    row = scales.item_table(values, states, KS).set_index("item").loc["q01"]
    assert row[["asked", "answered", "dont_know", "not_applicable", "unanswered"]].tolist() == [6, 2, 1, 1, 2]
    assert row["mean"] == 50
    assert row["top_box"] == 0.5


def test_item_denominators_add_up():
    rng = np.random.default_rng(0)
    table = scales.item_table(*scales.recode_items(answers(600, q05=rng.choice([1, 4, 6, 97, 98, 99], 600)), KS), KS)
    assert (table[["answered", "dont_know", "not_applicable", "unanswered"]].sum(axis=1) == table["asked"]).all()


def test_a_score_needs_half_of_its_items():
    values, _ = scales.recode_items(answers(q01=[97] * 6, q02=[97, 97, 97, 6, 6, 6], q03=[97, 6, 1, 6, 1, 1]), KS)
    scored = scales.score_responses(values, KS)
    assert scored["usefulness"].isna().tolist() == [True, True, True, False, False, False]
    np.testing.assert_allclose(scored["usefulness"][3:], [100, 50, 50])


def test_lead_item_step_and_top_box():
    scored = scales.score_responses(scales.recode_items(answers(q17=[1, 3, 6, 97, 5, 6]), KS)[0], KS)
    assert scored["satisfaction_level"].tolist()[:3] == [1, 3, 6]
    assert pd.isna(scored["satisfaction_level"][3])
    assert scored["satisfaction_top"].tolist()[:3] == [False, False, True]
    assert scales.lead_item(KS, "satisfaction") == "q17"
    marked = copy.deepcopy(KS)
    marked["items"]["q16"]["lead"] = True
    assert scales.lead_item(marked, "satisfaction") == "q16"


def test_plan_is_better_when_there_is_one():
    values, _ = scales.recode_items(answers(q18=[1, 2, 97, 1, 1, 1]), KS)
    assert values["q18"].tolist()[:2] == [100, 0]


def test_both_instruments_have_every_column_of_the_contract():
    for book in (KS, IMDI):
        frame = pd.DataFrame({n: pd.array([1, 2, 3], dtype="Int16") for n in book["items"] if n not in ("q18", "plan")})
        frame = frame.assign(q18=1, plan=1)
        scored = scales.score_responses(scales.recode_items(frame, book)[0], book)
        names = {*book["dimensions"], *book["constructs"], "overall", "index"}
        names |= {f"{c}_{s}" for c in book["constructs"] for s in ("level", "top")}
        assert set(scored) == names


def test_unknown_codes_and_absent_items_are_all_reported():
    bad = answers(q01=[7, 0, 3, 3, 3, 3], q02=[3, 3, 55, 3, 3, 3]).drop(columns="q05")
    with pytest.raises(InputError) as caught:
        scales.recode_items(bad, KS)
    assert [p.where.rsplit(" ", 1)[1] for p in caught.value.problems] == ["q01", "q02", "q05"]
    assert "1-6 or 97, 98, 99" in str(caught.value)


def test_item_nobody_answered_and_constant_item_are_noted():
    table = scales.item_table(*scales.recode_items(answers(q01=[99] * 6), KS), KS).set_index("item")
    assert table.loc["q01", "note"] == "nobody answered"
    assert table.loc["q02", "note"] == "constant"


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(REFERENCE / "survey_small.csv", dtype={"municipality": str})


def test_alpha_omega_and_icc_equal_r(people):
    expected = json.loads((REFERENCE / "survey_models.json").read_text())
    items = people[[f"item{i}" for i in range(1, 6)]]
    assert reliability.cronbach_alpha(items) == pytest.approx(expected["alpha"], rel=1e-9)
    for name in ("omega", "psych_omega"):
        assert reliability.omega_total(items) == pytest.approx(expected[name], rel=1e-5)
    found = reliability.intraclass(people["score"], people["municipality"])
    assert found.icc1 == pytest.approx(expected["icc1"], rel=1e-9)
    for name in ("icc2", "psych_icc2"):
        assert found.icc2 == pytest.approx(expected[name], rel=1e-9)


def test_omega_is_above_alpha_when_items_differ_in_loading():
    rng = np.random.default_rng(2)
    factor = rng.normal(size=5000)
    items = pd.DataFrame({f"i{k}": load * factor + rng.normal(size=5000) for k, load in enumerate([0.3, 0.7, 1.5])})
    truth = 2.5**2 / (2.5**2 + 3)
    assert reliability.omega_total(items) == pytest.approx(truth, abs=0.02)
    assert reliability.cronbach_alpha(items) < truth - 0.03


def test_icc_of_municipalities_without_differences_is_zero():
    found = reliability.intraclass(np.tile([1.0, 2.0, 3.0], 10), np.repeat(np.arange(10), 3))
    assert found.icc1 == found.icc2 == 0


def test_reasons_instead_of_numbers():
    items = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 6], "b": [1.0] * 6, "c": [2.0, 1, 3, 5, 4, 6]})
    with pytest.raises(NotEstimable, match="item b does not vary"):
        reliability.cronbach_alpha(items)
    with pytest.raises(NotEstimable, match="items: 2, at least 3"):
        reliability.omega_total(items[["a", "c"]])
    with pytest.raises(NotEstimable, match="municipalities: 1, at least 2"):
        reliability.intraclass(items["a"], np.ones(6))
    with pytest.raises(NotEstimable, match="one answer in each"):
        reliability.intraclass(items["a"], np.arange(6))
