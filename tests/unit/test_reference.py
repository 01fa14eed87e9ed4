"""The target that runs R anew: what a script needs, what differs, and messages where R or a package is missing."""

import json
import shutil
from pathlib import Path

import pytest
from introprog.errors import InputError
from introprog.reference import compare, packages_of, require_agreement, require_r, run_reference

FOLDER = Path(__file__).parents[1] / "reference"
with_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")


def test_every_script_has_its_committed_answer_and_its_place_in_the_readme():
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    for script in FOLDER.glob("*.R"):
        assert json.loads(script.with_suffix(".json").read_text())["versions"]["R"]
        assert f"`{script.name}`" in told
        for package in packages_of(script.read_text(encoding="utf-8")):
            assert f"r-cran-{package.lower()}" in told


def test_packages_are_read_from_the_script():
    assert packages_of("library(b); x <- 1\nlibrary(a.b) # y\nsuppress({library(b)})") == ["a.b", "b"]


def test_numbers_within_five_digits_agree_and_everything_else_is_told():
    before = {"a": [1.0, 2.0], "b": {"c": "x", "d": 0.0}, "gone": 1, "versions": {"R": "4.2"}}
    after = {"a": [1.000009, 2.1], "b": {"c": "y", "d": 1e-12}, "versions": {"R": "4.4"}}
    table = compare("study", after, before).set_index("value")["agrees"]
    assert table.to_dict() == {
        "a.0": "yes",
        "a.1": "no",
        "b.c": "no",
        "b.d": "yes",
        "gone": "no",
        "versions.R": "not compared",
    }
    with pytest.raises(InputError, match=r"study.json \[Q4\].*\(3 rows\)"):
        require_agreement(compare("study", after, before))
    require_agreement(compare("study", before, before))


def test_without_r_the_message_says_so():
    with pytest.raises(InputError, match="not found"):
        require_r(["MASS"], "housing.R", rscript="no-such-program")


@with_r
def test_a_missing_package_is_named():
    with pytest.raises(InputError, match="Q2") as told:
        require_r(["stats", "NoSuchPackage"], "x.R")
    assert "NoSuchPackage" in str(told.value)
    assert "stats" not in str(told.value)


@with_r
def test_a_script_that_stops_is_told_with_its_last_words(tmp_path):
    script = tmp_path / "broken.R"
    script.write_text("stop('the lake is dry')")
    with pytest.raises(InputError, match="the lake is dry"):
        run_reference(script)


@with_r
def test_a_script_runs_beside_its_data_and_leaves_them_alone(tmp_path):
    (tmp_path / "numbers.csv").write_text("x\n1\n2\n")
    script = tmp_path / "sums.R"
    script.write_text("x <- read.csv('numbers.csv')$x\nwriteLines(sprintf('{\"sum\": %d}', sum(x)), 'sums.json')\n")
    assert run_reference(script) == {"sum": 3}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["numbers.csv", "sums.R"]
