"""The research object of a run: valid in its parts, complete, private to nobody, and the same bytes twice."""

import json
import zipfile
from pathlib import Path

import pytest
from introprog.crate import METADATA, PROFILE, describe, pack, workflow_files

ROOT = Path(__file__).parents[2]
RESULTS = ["results/figures/F-C1.csv", "results/figures/F-C1_en.svg", "results/manifest.json"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in RESULTS:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name, encoding="utf-8")
    return tmp_path


def graph(metadata: dict) -> dict[str, dict]:
    return {entity["@id"]: entity for entity in metadata["@graph"]}


def test_the_crate_says_what_it_is_and_names_every_file_that_it_carries(run):
    metadata = describe(ROOT, RESULTS, {"F-C1": "Result by year"}, "abc")
    known = graph(metadata)
    root = known["./"]
    assert root["mainEntity"] == {"@id": "Snakefile"} and {"@id": PROFILE} in root["conformsTo"]
    assert root["datePublished"] == "2026-11-23" and "MIT" in str(root["license"]) and root["name"]
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= set(known["Snakefile"]["@type"])
    assert known["Snakefile"]["programmingLanguage"]["@id"] in known
    assert known[METADATA]["about"] == {"@id": "./"}
    picture = known["results/figures/F-C1_en.svg"]
    assert picture["name"] == "F-C1: Result by year" and picture["encodingFormat"] == "image/svg+xml"
    pack(metadata, ROOT, RESULTS, run / "crate.zip")
    with zipfile.ZipFile(run / "crate.zip") as archive:
        carried = set(archive.namelist())
        assert json.loads(archive.read(METADATA)) == metadata
    parts = {part["@id"] for part in root["hasPart"]}
    assert parts == carried - {METADATA}


def test_the_same_run_gives_the_same_bytes_and_no_path_of_this_machine(run):
    for name in ("one.zip", "two.zip"):
        pack(describe(ROOT, RESULTS, {}, "abc"), ROOT, RESULTS, run / name)
    assert (run / "one.zip").read_bytes() == (run / "two.zip").read_bytes()
    with zipfile.ZipFile(run / "one.zip") as archive:
        text = archive.read(METADATA).decode("utf-8")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert str(run) not in text and str(ROOT) not in text


def test_programs_and_open_data_are_carried_and_nothing_of_the_researcher():
    names = workflow_files(ROOT)
    assert {"workflow/displays.yaml", "data/claims.yaml", "config.yaml", "CITATION.cff"} <= set(names)
    assert not any(name.startswith(("data/raw", "results", "tests")) or name.endswith(".pyc") for name in names)
