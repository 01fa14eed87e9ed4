"""The question from end to end on made-up worlds: recovery of a known correlation, the tables' shape, and bad input."""

import copy
import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import survey_frames as made
import yaml
from introprog import association, satisfaction
from introprog.disattenuation import disattenuated, pearson
from introprog.errors import InputError
from introprog.measurement import score_waves
from introprog.standardisation import KEY
from introprog.tabular import read_csv, read_table, write_table
from introprog.verdict import decide

BLOCKS = made.ASSOCIATION["models"]
REFERENCE = Path(__file__).parents[1] / "reference"
SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def analyse(scores, panel, surveys=made.SURVEYS, **changes):
    standard, asked = made.standard(panel, surveys["waves"]), made.ASSOCIATION | changes
    return satisfaction.analyse(scores, panel, standard, made.INSTRUMENTS, surveys, asked, made.DEFINITIONS)


@pytest.fixture(scope="module")
def many():
    responses, frame, panel = made.world(1, 60, 0.6)
    scores, measurement, items = score_waves(responses, frame, made.INSTRUMENTS)
    return SimpleNamespace(
        responses=responses, frame=frame, panel=panel, scores=scores, measurement=measurement, items=items
    )


@pytest.fixture(scope="module")
def tables(many):
    return analyse(many.scores, many.panel)


def test_every_model_stands_in_the_table_for_every_combination(tables):
    keys = ["wave", "construct", "definition", "horizon"]
    combinations = tables.association.groupby(keys)["model"].unique()
    official = combinations.xs("ssb_november", level="definition")
    others = combinations.drop("ssb_november", level="definition")
    assert len(official) == (2 + 3) * 2
    assert all(set(found) == set(BLOCKS) for found in official)
    everywhere = {name for name, block in BLOCKS.items() if block["definitions"] == "all"}
    assert len(others) == 2 and all(set(found) == everywhere for found in others)
    assert not tables.association.duplicated(["model", *keys, "term", "method"]).any()


def test_no_estimate_without_error_and_no_reason_with_an_estimate(tables):
    told = tables.association["method"].str.contains("not estimable")
    assert tables.association.loc[told, "estimate"].isna().all()
    kept = tables.association[~told]
    assert np.isfinite(kept["estimate"]).all()
    assert kept.loc[~kept["term"].str.startswith("sd_"), ["std_error", "p_value"]].notna().all(axis=None)


def test_verdicts_find_the_strong_association_between_sixty(tables):
    primary = tables.verdict[tables.verdict["primary"]]
    assert len(primary) == 1
    assert primary["verdict"].item() == "associated"
    assert primary["r"].item() < primary["r_disattenuated"].item()
    assert primary["r_disattenuated_low"].item() < 0.6 < primary["r_disattenuated_high"].item()
    low, high = primary[["r_leave_one_out_low", "r_leave_one_out_high"]].iloc[0]
    assert low < primary["r"].item() < high


def test_influence_equals_leaving_each_municipality_out(tables):
    part = tables.link[(tables.link["wave"] == "ks_2015") & (tables.link["construct"] == "usefulness")]
    part = part[(part["horizon"] == 2) & (part["status"] == "linked")].reset_index(drop=True)
    for position in (0, 7, len(part) - 1):
        rest = part.drop(index=position)
        assert part.loc[position, "r_without"] == pytest.approx(np.corrcoef(rest["s_mean"], rest["y_rate"])[0, 1])


def test_definitions_map_agrees_with_the_verdicts(tables):
    keys = ["wave", "construct", "definition", "horizon"]
    both = tables.definitions.merge(tables.verdict, on=keys, suffixes=("", "_verdict"))
    assert len(both) == len(tables.verdict)
    np.testing.assert_allclose(both["r"], both["r_verdict"])


def test_corrections_have_their_families(tables):
    family = tables.verdict["construct"] == "satisfaction"
    assert tables.verdict.loc[family, "p_holm"].notna().all()
    assert tables.verdict.loc[family, "p_bh"].isna().all()
    assert tables.verdict.loc[~family, "p_bh"].notna().all()
    assert (tables.verdict["p_holm"].dropna() >= tables.verdict.loc[family, "p_value"]).all()
    one = tables.items[(tables.items["wave"] == "ks_2015") & (tables.items["horizon"] == 1)]
    assert len(one) == 18
    assert (one["p_bh"] >= one["p_value"]).all()


def test_person_and_municipality_models_point_the_same_way(tables):
    rows = tables.association
    rows = rows[rows["term"].isin([association.RESULT, association.SCORE]) & (rows["horizon"] == 1)]
    assert (rows["estimate"] > 0).mean() > 0.95


def test_same_input_gives_the_same_numbers(many, tables):
    again = analyse(many.scores.sample(frac=1, random_state=1), many.panel.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(again.verdict, tables.verdict, rtol=1e-6)
    pd.testing.assert_frame_equal(again.association, tables.association, rtol=1e-6, atol=1e-9)


def replicate(rho, towns, runs, noise=0.7, leavers=60, true=False):
    """Share of each verdict over made-up worlds: scores with ``noise`` variance beside 1, about ``leavers`` a
    municipality."""
    found = []
    for seed in range(runs):
        rng = np.random.default_rng(100 + seed)
        climate, quality = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], towns).T
        score = climate + rng.normal(0, np.sqrt(noise), towns)
        n = rng.integers(leavers // 2, leavers * 2, towns)
        rate = rng.binomial(n, 1 / (1 + np.exp(-0.6 - 0.4 * quality))) / n
        r = pearson(score, rate)
        freed = disattenuated(score, np.full(towns, noise), rate, 0.22 / n).ci90 if true else None
        found.append(decide(r.ci95, r.ci90, 0.2, freed))
    return pd.Series(found).value_counts(normalize=True)


def test_thirty_three_municipalities_are_most_often_undecided_and_many_are_not():
    assert replicate(0.5, 33, 200)["undecided"] > 0.35
    assert replicate(0.3, 33, 200)["undecided"] > 0.60
    assert replicate(0.0, 33, 200).get("equivalent", 0) < 0.02
    assert replicate(0.5, 150, 200)["associated"] > 0.80
    assert replicate(0.0, 600, 200)["equivalent"] > 0.90


def test_a_real_association_hidden_by_noise_is_not_called_nil():
    noisy = {"noise": 6.0, "leavers": 12}
    assert replicate(0.3, 300, 30, **noisy).get("equivalent", 0) > 0.4
    assert replicate(0.3, 300, 30, **noisy, true=True).get("equivalent", 0) < 0.05
    assert replicate(0.0, 400, 15, noise=0.1, leavers=400, true=True)["equivalent"] > 0.75


def test_least_squares_and_hc3_equal_r():
    towns = pd.read_csv(REFERENCE / "municipal_small.csv", dtype={"municipality": str})
    towns = towns.assign(y_rate=towns["y_successes"] / towns["y_n"])
    expected = json.loads((REFERENCE / "survey_models.json").read_text())["hc3"]
    ask = association.Ask(0.95, 1, 99)
    rows = pd.DataFrame(association.municipality_model("m", "least_squares", towns.assign(known=0.0), ask))
    hc3 = rows[rows["method"] == "least squares, HC3"]
    np.testing.assert_allclose(hc3["estimate"], expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(hc3["std_error"], expected["std_error"], rtol=1e-8)


def test_covariates_not_stated_are_a_category_and_the_common_one_the_reference():
    frame = pd.DataFrame({"sex": ["men"] * 30 + ["women"] * 20 + [None] * 12 + ["other"] * 9})
    columns, names = association.dummies(frame, ["sex"])
    assert names == ["sex: unknown", "sex: women"]
    np.testing.assert_array_equal(columns.sum(axis=0), [12, 20])


def test_one_municipality_is_a_reason_in_every_row(many):
    own = many.scores[many.scores["municipality"].eq("1001") | many.scores["wave"].eq("imdi_2020")]
    found = analyse(own, many.panel, horizons=[1])
    ks = found.association[found.association["wave"] == "ks_2015"]
    assert ks["method"].str.startswith("not estimable: ").all()
    assert ks["estimate"].isna().all()
    row = found.verdict[found.verdict["wave"] == "ks_2015"].iloc[0]
    assert row["verdict"] == "not estimable: municipalities: 1, at least 5 needed"
    assert "kommuner: 1, minst 5 trengs" in row["sentence_nb"]
    assert "nan" not in row["sentence_en"].lower()


def test_fewer_municipalities_than_terms_is_a_reason_for_that_model_only(many):
    few = sorted(many.scores["municipality"].unique())[:7]
    found = analyse(many.scores[many.scores["municipality"].isin(few)], many.panel, horizons=[1]).association
    one = found[
        (found["wave"] == "ks_2015") & (found["horizon"] == 1) & (found["construct"] == "satisfaction")
    ].set_index("model")
    assert (
        one.loc["person_linear_adjusted", "method"] == "not estimable: municipalities for 8 terms: 7, at least 8 needed"
    )
    assert one.loc["person_linear"]["estimate"].notna().all()
    assert one.loc["person_linear"]["method"].str.contains("Webb").any()


def test_horizon_nobody_has_reached_is_a_reason(many):
    found = analyse(many.scores, many.panel, horizons=[1, 5])
    late = found.verdict[found.verdict["horizon"] == 5]
    assert (late["verdict"] == "not estimable: no leavers of these years are observed at this horizon").all()
    assert late["sentence_nb"].str.contains("ingen som sluttet disse årene").all()
    assert (found.association.loc[found.association["horizon"] == 5, "n"] == 0).all()


def test_item_nobody_answered_is_a_reason_not_a_gap(many):
    responses = many.responses.copy()
    responses.loc[responses["wave"] == "imdi_2020", "motivasjon"] = 99
    scores, measurement, items = score_waves(responses, many.frame, made.INSTRUMENTS)
    assert items.set_index("item").loc["motivasjon", "note"] == "nobody answered"
    row = measurement.set_index(["wave", "construct"]).loc[("imdi_2020", "motivation")]
    assert row["n"] == 0
    assert "not estimable: no observations" in row["method"]
    found = analyse(scores, many.panel, horizons=[1])
    judged = found.verdict[found.verdict["construct"] == "motivation"]["verdict"]
    assert len(judged) == 1
    assert (judged == "not estimable: municipalities: 0, at least 5 needed").all()


def test_constant_item_is_a_reason(many):
    responses = many.responses.copy()
    responses.loc[responses["wave"] == "imdi_2020", "trivsel"] = 4
    scores, _, _ = score_waves(responses, many.frame, made.INSTRUMENTS)
    found = analyse(scores, many.panel, horizons=[1])
    rows = found.association[
        (found.association["construct"] == "satisfaction") & (found.association["wave"] == "imdi_2020")
    ]
    assert rows["method"].str.startswith("not estimable").all()


def test_municipalities_that_do_not_meet_are_counted(many):
    panel = many.panel[many.panel["municipality"] != "1002"]
    scores = many.scores[many.scores["municipality"] != "1003"]
    row = analyse(scores, panel, horizons=[1]).verdict.iloc[0]
    assert (row["survey_only"], row["results_only"], row["municipalities"]) == (1, 1, 58)


def test_waves_of_config_and_data_must_be_the_same(many):
    surveys = copy.deepcopy(made.SURVEYS)
    surveys["waves"]["imdi_2031"] = surveys["waves"].pop("imdi_2020")
    with pytest.raises(InputError) as caught:
        analyse(many.scores, many.panel, surveys)
    assert [p.rule for p in caught.value.problems] == ["S10", "S11"]


def test_primary_contrast_must_be_analysed(many):
    with pytest.raises(InputError, match="not analysed: wave imdi_2020"):
        analyse(many.scores, many.panel, primary=made.ASSOCIATION["primary"] | {"horizon": 4})


def test_scripts_read_and_write_what_the_contract_says(many, tmp_path):
    write_table(many.responses, tmp_path / "responses.parquet", ["wave", "response_id"])
    frame = many.frame.sort_values(list(many.frame.columns))
    write_table(frame, tmp_path / "frame.parquet", ["wave", "municipality", "sex", "age_group", "country_group"])
    write_table(many.panel, tmp_path / "panel.parquet", ["municipality", "exit_year", "horizon"])
    write_table(made.standard(many.panel), tmp_path / "standard.parquet", KEY)
    names = [f"{n}.yaml" for n in made.INSTRUMENTS]
    for name, book in zip(names, made.INSTRUMENTS.values(), strict=True):
        (tmp_path / name).write_text(yaml.safe_dump(book), encoding="utf-8")
    out = {
        n: tmp_path / f"{n}.out"
        for n in ("scales", "measurement", "items", "association", "verdict", "item_map", "definition_map", "link")
    }
    books = [tmp_path / name for name in names]
    common = {"log": [str(tmp_path / "log")]}
    score = SimpleNamespace(
        input=SimpleNamespace(
            survey_responses=tmp_path / "responses.parquet", survey_frame=tmp_path / "frame.parquet", codebook=books
        ),
        output=SimpleNamespace(scales=out["scales"], measurement=out["measurement"], survey_items=out["items"]),
        **common,
    )
    runpy.run_path(str(SCRIPTS / "score_survey.py"), {"snakemake": score})
    estimate = SimpleNamespace(
        input=SimpleNamespace(
            scales=out["scales"],
            panel=tmp_path / "panel.parquet",
            standardised_results=tmp_path / "standard.parquet",
            codebook=books,
        ),
        output=SimpleNamespace(
            association=out["association"],
            verdict=out["verdict"],
            item_association=out["item_map"],
            definition_association=out["definition_map"],
            municipal_link=out["link"],
        ),
        params=SimpleNamespace(surveys=made.SURVEYS, association=made.ASSOCIATION, definitions=made.DEFINITIONS),
        **common,
    )
    runpy.run_path(str(SCRIPTS / "estimate_association.py"), {"snakemake": estimate})
    assert len(read_csv(out["verdict"])) == 10
    assert read_table(out["link"])["status"].eq("linked").any()
    assert read_csv(out["measurement"])["alpha"].between(0, 1).any()
