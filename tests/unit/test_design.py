"""Design matrices: references, rare and constant levels, covariates from where they are."""

import numpy as np
import pandas as pd
import pytest
from introprog.design import complete_cases, design_of, gather_covariates
from introprog.errors import InputError


@pytest.fixture
def leavers():
    return pd.DataFrame(
        {
            "municipality": ["0301", "0301", "1103", "1103"] * 10,
            "exit_year": pd.array([2012, 2013] * 20, dtype="int16"),
            "sex": ["men", "women"] * 20,
            "schooling": ["compulsory"] * 25 + ["higher"] * 12 + ["unknown"] * 3,
            "programme_months": np.arange(40.0),
            "measures": ["01+04", "11", None, "06+11"] * 10,
        }
    )


@pytest.fixture
def municipalities():
    return pd.DataFrame(
        {
            "municipality": ["0301", "0301", "1103", "1103"],
            "year": pd.array([2012, 2013, 2012, 2013], dtype="int64"),
            "unemployment": [3.1, 3.3, 2.0, np.nan],
            "centrality": pd.array([1, 1, 2, 2], dtype="int8"),
            "in_nav": [True, True, False, False],
        }
    )


def test_measures_come_from_codes_and_local_conditions_from_the_year_of_leaving(leavers, municipalities):
    frame = gather_covariates(leavers, municipalities, ["measure_work", "measure_school", "unemployment", "in_nav"])
    assert frame["measure_work"].tolist()[:4] == [True, False, False, True]
    assert frame["measure_school"].tolist()[:4] == [False, True, False, True]
    assert frame["unemployment"].tolist()[:3] == [3.1, 3.3, 2.0]
    assert len(frame) == len(leavers)
    assert complete_cases(frame, ["sex", "unemployment"]).sum() == 30


def test_unknown_covariates_are_all_named_at_once(leavers, municipalities):
    with pytest.raises(InputError) as caught:
        gather_covariates(leavers, municipalities, ["sexx", "unemployment", "incom"])
    assert len(caught.value.problems) == 2
    assert "'sex'" in str(caught.value)


def test_factors_have_a_reference_and_rare_levels_are_counted_with_it(leavers):
    design = design_of(leavers, ["sex", "schooling", "programme_months"])
    assert [t.name for t in design.columns] == ["sex=women", "schooling=higher", "programme_months"]
    missing = {t.name: t.missing for t in design.terms if t.missing}
    assert missing["sex=men"] == missing["schooling=compulsory"] == "reference"
    assert missing["schooling=unknown"].startswith("fewer than 10 persons")
    assert design.matrix.shape == (40, 4)
    np.testing.assert_array_equal(design.matrix[:, 2], leavers["schooling"] == "higher")


def test_the_commonest_level_is_the_reference_where_none_is_named_or_the_named_is_absent(leavers):
    leavers["country_group"] = ["syria"] * 22 + ["africa_horn"] * 18
    assert [t.name for t in design_of(leavers, ["country_group"]).columns] == ["country_group=africa_horn"]
    only = leavers.assign(sex="women")
    assert design_of(only, ["sex"]).columns == ()


def test_constant_and_collinear_columns_are_left_out_and_told(leavers):
    frame = leavers.assign(in_nav=True, twice=2 * leavers["programme_months"], woman=leavers["sex"] == "women")
    design = design_of(frame, ["sex", "in_nav", "programme_months", "twice", "woman"])
    assert [t.name for t in design.columns] == ["sex=women", "programme_months"]
    assert {t.name: t.missing for t in design.terms if t.variable in ("in_nav", "twice", "woman")} == {
        "in_nav": "no variation",
        "twice": "collinear",
        "woman": "collinear",
    }
    assert np.linalg.matrix_rank(design.matrix) == design.matrix.shape[1]


def test_centrality_and_exit_year_are_classes_not_amounts(leavers):
    frame = leavers.assign(centrality=pd.array([1, 2, 3, 3] * 10, dtype="Int8"))
    names = [t.name for t in design_of(frame, ["centrality", "exit_year"]).columns]
    assert names == ["centrality=1", "centrality=2", "exit_year=2013"]
