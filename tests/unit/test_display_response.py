"""F-E11: how many are left from the frame to the answers with a score, and small steps hidden with a neighbour."""

import pandas as pd
import pytest
from introprog.displays import f_e11

SETTINGS = {
    "association": {"construct": "satisfaction"},
    "disclosure": {"threshold": 5},
    "surveys": {"waves": {"ks_2015": {"instrument": "ks", "year": 2015}}},
}


def inputs(scored: int) -> dict[str, pd.DataFrame]:
    towns = ["0301"] * 40 + ["1103"] * 20
    scales = pd.DataFrame({"wave": "ks_2015", "municipality": towns, "satisfaction": 4.0})
    scales.loc[scored:, "satisfaction"] = float("nan")
    frame = pd.DataFrame({"wave": "ks_2015", "municipality": ["0301", "1103", "4601"], "eligible": [100, 60, 40]})
    return {"scales": scales, "survey_frame": frame}


@pytest.fixture(autouse=True)
def one_wave(monkeypatch):
    monkeypatch.setattr(f_e11, "wave_order", lambda settings: ["ks_2015"])


def test_every_step_is_what_the_one_before_left():
    table = f_e11.numbers(inputs(50), SETTINGS)
    assert table["n_out"].tolist() == [200, 160, 60, 50] and table["excluded"].tolist() == [0, 40, 100, 10]
    assert table["share"].tolist() == [1, 0.8, 0.3, 0.25] and table["municipalities"].tolist() == [3, 2, 2, 2]
    assert (table["n_in"] - table["excluded"] == table["n_out"]).all() and not table["suppressed"].any()


def test_a_step_that_takes_few_persons_is_hidden_so_that_it_cannot_be_worked_out():
    table = f_e11.numbers(inputs(58), SETTINGS).set_index("step")
    assert pd.isna(table.loc["scored", "excluded"]) and table.loc["scored", "suppressed"]
    assert pd.isna(table.loc["scored", "n_in"]) or pd.isna(table.loc["scored", "n_out"])
    assert table.loc["asked", "n_out"] == 200
