"""The manifest: what is under its digest, what is not, and that a change of anything that matters changes it."""

import copy
import json
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import yaml
from introprog.manifest import fixed_seeds, git_state, listed, manifest, row_count, workflow_hash, write_manifest
from introprog.tabular import write_table

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.no"]
    return subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def project(tmp_path):
    (tmp_path / "workflow" / "scripts").mkdir(parents=True)
    (tmp_path / "Snakefile").write_text("rule all: pass\n", encoding="utf-8")
    (tmp_path / "workflow" / "scripts" / "draw.py").write_text("SEED = 7\n", encoding="utf-8")
    (tmp_path / "numbers.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    return tmp_path


def made(project: Path, config=CONFIG) -> dict:
    return manifest(config, project, [], [str(project / "numbers.csv")])


def test_rows_are_counted_by_kind_of_file(tmp_path):
    write_table(pd.DataFrame({"a": [1, 2, 3]}), tmp_path / "t.parquet", ["a"])
    (tmp_path / "t.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    (tmp_path / "t.txt").write_bytes(b"x\r\ny\r\n")
    (tmp_path / "t.svg").write_text("<svg/>\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    counts = [row_count(tmp_path / name) for name in ("t.parquet", "t.csv", "t.txt", "t.svg", "empty.csv")]
    assert counts == [3, 1, 2, None, 0]


def test_every_change_that_matters_changes_the_digest_and_the_platform_does_not(project, monkeypatch):
    before = made(project)
    assert made(project) == before
    monkeypatch.setattr("platform.machine", lambda: "another")
    assert made(project)["digest"] == before["digest"] and made(project)["platform"]["machine"] == "another"
    seen = {before["digest"]}
    other = copy.deepcopy(CONFIG)
    other["study"]["target_share"] = 0.71
    seen.add(made(project, other)["digest"])
    (project / "numbers.csv").write_text("a,b\n1,2\n3,5\n", encoding="utf-8")
    seen.add(made(project)["digest"])
    (project / "workflow" / "scripts" / "draw.py").write_text("SEED = 8\n", encoding="utf-8")
    seen.add(made(project)["digest"])
    monkeypatch.setattr("introprog.manifest.package_versions", lambda: {"pandas": "0"})
    seen.add(made(project)["digest"])
    assert len(seen) == 5


def test_outputs_have_hash_and_rows_and_seeds_are_those_of_config_and_scripts(project):
    run = made(project)["run"]
    assert [(entry["file"].rsplit("/")[-1], entry["rows"]) for entry in run["outputs"]] == [("numbers.csv", 2)]
    assert len(run["outputs"][0]["sha256"]) == 64
    assert run["seeds"] == {"synthetic": 20191028, "calibration": 20191028, "draw": 7}
    assert fixed_seeds(ROOT / "workflow" / "scripts")["compare_municipalities"] == 20197


def test_no_absolute_path_time_or_host_is_written(project, tmp_path, monkeypatch):
    monkeypatch.chdir(project)
    write_manifest(made(project), project / "manifest.json")
    text = (project / "manifest.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text and json.loads(text)["run"]["outputs"][0]["file"] == "numbers.csv"


def test_files_of_a_folder_outside_keep_their_place_in_it(tmp_path, monkeypatch):
    work, given = tmp_path / "work", tmp_path / "given"
    (given / "2004").mkdir(parents=True)
    work.mkdir()
    for name in ("a.csv", "2004/a.csv"):
        (given / name).write_text("x\n", encoding="utf-8")
    monkeypatch.chdir(work)
    assert [entry["file"] for entry in listed([given], ["", given])] == ["2004/a.csv", "a.csv"]


def test_commit_and_state_of_the_project_itself(project):
    assert git_state(project) == {"commit": "", "state": "not under version control"}
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    state = git_state(project)
    assert state == {"commit": git(project, "rev-parse", "HEAD").strip(), "state": "clean"}
    (project / "Snakefile").write_text("rule all: input: 'x'\n", encoding="utf-8")
    assert git_state(project)["state"] == "changed files: 1"
    assert git_state(project / "workflow") == {"commit": "", "state": "not under version control"}


def test_a_computer_without_git_is_no_error(project, monkeypatch):
    monkeypatch.setenv("PATH", str(project))
    assert git_state(project)["state"] == "not under version control"


def test_what_a_tool_keeps_in_a_hidden_folder_is_no_part_of_the_workflow(tmp_path):
    (tmp_path / "workflow").mkdir()
    for name in ("Snakefile", "workflow/displays.yaml"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    before = workflow_hash(tmp_path)
    (tmp_path / "workflow/.cache").mkdir()
    (tmp_path / "workflow/.cache/kept").write_text("y", encoding="utf-8")
    assert workflow_hash(tmp_path) == before
    (tmp_path / "workflow/displays.yaml").write_text("z", encoding="utf-8")
    assert workflow_hash(tmp_path) != before
