"""A run against its expectation: every kind of difference is found, counted and worded, and nothing else is."""

import copy
import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from introprog.errors import InputError
from introprog.review.comparison import Tolerance, compare_tables
from introprog.review.expectation import RECORD, config_differences, find, made_with, store
from introprog.review.findings import review
from introprog.review.page import as_html, as_text

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
CLOSE = Tolerance(absolute=1e-9, relative=1e-6)
ROWS = {"wave": ["a", "a", "b"], "horizon": ["1", "2", "1"], "n": ["10", "20", "30"], "share": ["0.5", "", "0.25"]}


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({**ROWS, **columns}).astype(str)


def counts(compared) -> tuple[int, ...]:
    return compared.agree, compared.within, compared.differ, compared.missing, compared.new


def test_the_same_table_agrees_in_every_cell():
    compared = compare_tables(table(), table(), CLOSE)
    assert counts(compared) == (12, 0, 0, 0, 0)
    assert compared.status == "agree" and compared.details.empty


def test_a_number_within_the_tolerance_is_told_apart_from_one_outside():
    near = compare_tables(table(), table(share=["0.5000001", "", "0.25"]), CLOSE)
    assert counts(near) == (11, 1, 0, 0, 0) and near.status == "within tolerance"
    far = compare_tables(table(), table(share=["0.51", "", "0.25"]), CLOSE)
    assert counts(far) == (11, 0, 1, 0, 0) and far.status == "differ"
    row = far.details.iloc[0]
    assert (row["row"], row["column"], row["expected"], row["found"]) == ("wave a, horizon 1", "share", "0.5", "0.51")
    assert row["difference"] == "+0.01"


def test_a_number_that_appears_or_vanishes_differs_and_is_not_within_any_tolerance():
    wide = Tolerance(absolute=10, relative=1)
    assert compare_tables(table(), table(share=["0.5", "0.1", "0.25"]), wide).differ == 1
    assert compare_tables(table(), table(share=["", "", "0.25"]), wide).differ == 1


def test_a_row_more_in_the_middle_is_one_new_row_and_one_less_one_missing():
    more = pd.concat([table().iloc[:1], table().iloc[:1].assign(wave="aa"), table().iloc[1:]], ignore_index=True)
    compared = compare_tables(table(), more, CLOSE)
    assert counts(compared) == (12, 0, 0, 0, 4) and compared.status == "differ"
    assert compared.details["row"].tolist() == ["wave aa, horizon 1"]
    less = compare_tables(table(), table().iloc[1:].reset_index(drop=True), CLOSE)
    assert counts(less) == (8, 0, 0, 4, 0) and less.status == "differ"


def test_rows_in_another_order_are_the_same_rows():
    assert compare_tables(table(), table().iloc[::-1].reset_index(drop=True), CLOSE).status == "agree"


def test_rows_that_nothing_tells_apart_are_matched_by_their_order():
    twins = pd.DataFrame({"kind": ["a", "a"], "share": ["0.5", "0.6"]})
    assert compare_tables(twins, twins, CLOSE).status == "agree"
    other = compare_tables(twins, twins.assign(share=["0.5", "0.7"]), CLOSE)
    assert other.differ == 1 and other.details["row"].iloc[0] == "kind a, occurrence in file 2"


def test_columns_that_vanish_or_appear_are_counted_cell_by_cell():
    compared = compare_tables(table(), table().drop(columns="n").assign(extra="1"), CLOSE)
    assert (compared.missing, compared.new) == (3, 3) and compared.status == "differ"
    assert set(compared.details["column"]) == {"n", "extra"}


def test_a_table_that_is_missing_or_new_as_a_whole():
    gone, new = compare_tables(table(), pd.DataFrame(), CLOSE), compare_tables(pd.DataFrame(), table(), CLOSE)
    assert (gone.missing, gone.status) == (12, "missing")
    assert (new.new, new.status) == (12, "new")


TABLES = ["results/figures/F-X1.csv", "results/models/signal.csv"]
PICTURES = ["results/figures/F-X1_nb.svg", "results/figures/F-X1_en.svg", "results/report/report_nb.html"]


@pytest.fixture
def run(tmp_path):
    project = tmp_path / "project"
    for name in TABLES:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        table().to_csv(project / name, index=False)
    for name in PICTURES:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(name, encoding="utf-8")
    return project


def look(project: Path, folder: Path, tables=TABLES, config=CONFIG):
    return review(find(config, [folder]), tables, PICTURES, config, CLOSE, project)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_frozen_run_is_as_expected_and_freezing_twice_gives_the_same_bytes(run, tmp_path, compressed):
    folder = tmp_path / "expected"
    kept = []
    for _ in range(2):
        assert store(TABLES, PICTURES, CONFIG, folder, compressed, run) == 2
        kept.append({p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
    assert kept[0] == kept[1] and len(kept[0]) == 3
    found = look(run, folder)
    assert not found.failed and set(found.summary["status"]) == {"agree"}
    assert found.summary["agree"].sum() == 24 and found.summary["pictures"].sum() == 3
    assert "24 of 24 expected cells agree; every display and model is as expected" in as_text(found)


def test_a_changed_number_fails_comes_first_and_shows_both_values(run, tmp_path):
    store(TABLES, PICTURES, CONFIG, tmp_path / "expected", project=run)
    table(share=["0.51", "", "0.25"]).to_csv(run / TABLES[1], index=False)
    found = look(run, tmp_path / "expected")
    assert found.failed and found.summary["id"].iloc[0] == "signal" and found.summary["status"].iloc[0] == "differ"
    page = as_html(found, {"F-X1": "A <title>"}, CLOSE)
    assert all(text in page for text in ("0.51", "wave a, horizon 1", "1 differ", "A &lt;title&gt;"))
    agreeing = page.split("<summary>As expected: 2 ")[1]
    assert ">F-X1<" in agreeing and ">signal<" not in agreeing
    assert "http" not in page.replace("http-equiv", "")


def test_other_bytes_fail_with_the_same_packages_and_are_only_told_with_others(run, tmp_path):
    store(TABLES, PICTURES, CONFIG, tmp_path / "expected", project=run)
    (run / PICTURES[0]).write_text("another", encoding="utf-8")
    found = look(run, tmp_path / "expected")
    assert found.failed and found.summary.set_index("id").loc["F-X1", "status"] == "picture differs"
    assert found.details[["id", "column", "kind"]].to_numpy().tolist() == [
        ["F-X1", "figures/F-X1_nb.svg", "picture differs"]
    ]
    assert '<a href="../figures/F-X1_nb.svg">' in as_html(found, {}, CLOSE)
    record = tmp_path / "expected" / RECORD
    stored = json.loads(record.read_text(encoding="utf-8"))
    stored["packages"]["matplotlib"] = "0.1"
    record.write_text(json.dumps(stored), encoding="utf-8")
    found = look(run, tmp_path / "expected")
    assert not found.failed
    assert "package matplotlib: expected 0.1" in as_text(found)
    del stored["packages"]["matplotlib"]
    stored["packages"] |= made_with() | {"processor": "Z80"}
    record.write_text(json.dumps(stored), encoding="utf-8")
    found = look(run, tmp_path / "expected")
    assert not found.failed and "every display and model is as expected" in as_text(found)
    assert "processor: expected Z80, this run" in as_text(found)
    (run / TABLES[0]).unlink()
    assert look(run, tmp_path / "expected").failed


def test_a_missing_and_a_new_display_are_told(run, tmp_path):
    store(TABLES[:1], PICTURES, CONFIG, tmp_path / "expected", project=run)
    assert look(run, tmp_path / "expected").summary.set_index("id").loc["signal", "status"] == "new"
    store(TABLES, PICTURES, CONFIG, tmp_path / "expected", project=run)
    (run / TABLES[0]).unlink()
    found = look(run, tmp_path / "expected")
    assert found.failed and found.summary.iloc[0][["id", "status"]].tolist() == ["F-X1", "missing"]
    told = found.details[["row", "column", "expected", "found"]].to_numpy().tolist()
    assert told == [["whole file", "figures/F-X1.csv", "3 rows", "not there"]]
    assert "no such file" in as_html(found, {}, CLOSE)


def test_a_run_of_chosen_displays_is_compared_with_those_alone(run, tmp_path):
    store(TABLES, PICTURES, CONFIG, tmp_path / "expected", project=run)
    some = {**CONFIG, "displays": ["F-X1"]}
    assert not look(run, tmp_path / "expected", TABLES[:1], some).failed


def test_no_expectation_for_this_study_says_how_to_make_one(run, tmp_path):
    store(TABLES, PICTURES, CONFIG, tmp_path / "expected", project=run)
    other = copy.deepcopy(CONFIG)
    other["synthetic"]["seed"] = 5
    with pytest.raises(InputError) as caught:
        look(run, tmp_path / "expected", config=other)
    assert "seed 5" in str(caught.value) and "snakemake --cores 4 freeze" in str(caught.value)


def test_of_two_expectations_that_fit_the_nearest_config_is_taken(run, tmp_path):
    other = copy.deepcopy(CONFIG)
    other["comparison"]["minimum_leavers"] = 50
    store(TABLES, PICTURES, CONFIG, tmp_path / "first", project=run)
    store(TABLES, PICTURES, other, tmp_path / "second", project=run)
    folders = [tmp_path / "first", tmp_path / "second"]
    assert find(other, folders).folder.name == "second"
    assert find(CONFIG, folders).folder.name == "first"
    assert list(config_differences(CONFIG, other)) == [("comparison: minimum_leavers", 100, 50)]


def test_nothing_private_is_stored_and_no_other_folder_is_emptied(run, tmp_path):
    with pytest.raises(ValueError, match="not releasable"):
        store(["results/private/survey/items.csv"], [], CONFIG, tmp_path / "expected", project=run)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        store(TABLES, PICTURES, CONFIG, mine, project=run)
    assert (mine / "thesis.txt").is_file()


def test_a_broken_record_is_named(run, tmp_path):
    store(TABLES, PICTURES, CONFIG, tmp_path / "expected", project=run)
    (tmp_path / "expected" / RECORD).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        find(CONFIG, [tmp_path / "expected"])
