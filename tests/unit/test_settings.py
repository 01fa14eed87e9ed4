"""config.yaml as shipped is valid; every way of spoiling it gives one message that says what to do."""

import copy
from pathlib import Path

import pytest
import yaml
from introprog.errors import InputError
from introprog.settings import check_config

ROOT = Path(__file__).parents[2]
SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def spoilt(path: str, value: object) -> dict:
    config = copy.deepcopy(SHIPPED)
    *parents, last = path.split("/")
    block = config
    for key in parents:
        block = block[key]
    block[last] = value
    return config


def message(config: dict) -> str:
    with pytest.raises(InputError) as caught:
        check_config(config)
    return str(caught.value)


def test_shipped_config_is_valid():
    check_config(SHIPPED)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("sorce", "synthetic", "did you mean 'source'?"),
        ("source", "synthetc", "did you mean 'synthetic'?"),
        ("synthetic/faults/duplicate_rows", 0.1, "did you mean 'duplicate_row'?"),
        ("synthetic/scale", -1, "config.yaml, synthetic: scale"),
        ("study/last_exit_year", "2022", "'2022' is not of type 'integer'"),
        ("study/last_exit_year", 2001, "first_exit_year is after last_exit_year"),
        ("study/age_at_start", [70, 18], "70 comes before 18"),
        ("official_definition", "ssb_novmber", "did you mean 'ssb_november'?"),
        ("association/primary/wave", "imdi2020", "did you mean 'imdi_2020'?"),
        ("integration_index/wave", "ks2015", "did you mean 'ks_2015'?"),
        ("integration_index/horizon", 9, "its horizon is not among association: horizons"),
        ("association/primary/horizon", 9, "its horizon is not among association: horizons"),
        ("association/definitions", ["stabel"], "did you mean 'stable'?"),
        ("association/standing", "person_lineer", "did you mean 'person_linear"),
        ("association/standing", "person_linear", "'person_linear' cannot stand for all"),
        ("association/models/municipality_ols/form", "least_sqares", "did you mean 'least_squares'?"),
        ("association/specifications/adjustments", ["none", "all"], "'all' is not possible"),
        ("definitions/Min Definisjon", SHIPPED["definitions"]["stable"], "the name 'Min Definisjon' cannot be used"),
        ("definitions/stable/moment", "anniversary", "novembers needs moment: november"),
        ("definitions/direct_exit/horizons", [0, 1], "an exit measure has the horizon 0"),
        ("definitions/ssb_november/horizons", [], "config.yaml, definitions: ssb_november: horizons"),
        ("network/municipalities", "ks2015", "did you mean 'ks_2015'?"),
        ("stable_job/months", 13, "13 months cannot be found in 12"),
        ("comparison/exit_years", [2018, 2012], "2018 comes before 2012"),
    ],
)
def test_a_spoilt_config_is_explained(path, value, expected):
    assert expected in message(spoilt(path, value))


def test_all_faults_at_once():
    config = spoilt("sorce", 1)
    config["synthetic"]["scale"] = 0
    del config["languages"]
    text = message(config)
    assert text.startswith("3 problems in the input:")
    assert "'sorce'" in text and "missing key 'languages'" in text and "synthetic: scale" in text


def test_every_definition_key_is_required():
    for key in SHIPPED["definitions"]["ssb_november"]:
        config = copy.deepcopy(SHIPPED)
        del config["definitions"]["ssb_november"][key]
        assert f"missing key {key!r}" in message(config)
