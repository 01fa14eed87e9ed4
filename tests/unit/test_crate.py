"""The research object of a run: valid in its parts, complete, private to nobody, and the same bytes twice."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from introprog.crate import METADATA, PROFILE, TERMS, WORKFLOW_PROFILE, describe, pack, workflow_files

ROOT = Path(__file__).parents[2]
# Words of the context of RO-Crate 1.1 (https://w3id.org/ro/crate/1.1/context) and JSON-LD's own; ours are in TERMS.
WORDS = {
    "@id",
    "@type",
    "about",
    "author",
    "conformsTo",
    "contentSize",
    "dateCreated",
    "datePublished",
    "description",
    "encodingFormat",
    "hasPart",
    "identifier",
    "keywords",
    "license",
    "mainEntity",
    "name",
    "programmingLanguage",
    "publisher",
    "url",
    "version",
}
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
    assert root["mainEntity"] == {"@id": "Snakefile"} and root["conformsTo"] == {"@id": PROFILE}
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


def test_what_a_validator_of_the_profile_asks_for(run):
    """What roc-validator (profile workflow-ro-crate 1.0, required and recommended) found wanting, once."""
    metadata = describe(ROOT, RESULTS, {}, "abc")
    known = graph(metadata)
    assert metadata["@context"][0] == "https://w3id.org/ro/crate/1.1/context" and TERMS in metadata["@context"]
    assert {word for entity in known.values() for word in entity} <= WORDS | set(TERMS)
    root, workflow, readme = known["./"], known["Snakefile"], known["README.md"]
    assert readme["about"] == {"@id": "./"} and readme["encodingFormat"] == "text/markdown"
    assert workflow["conformsTo"] == {"@id": WORKFLOW_PROFILE}
    for entity in (root, workflow):
        assert known[entity["license"]["@id"]]["@type"] == "CreativeWork"
        assert known[entity["author"]["@id"]]["@type"] == "Organization"
    assert known[root["publisher"]["@id"]]["name"] == "The introprog contributors"
    files = [entity for entity in known.values() if "File" in entity["@type"]]
    assert len(files) > 300 and all(entity["encodingFormat"].count("/") == 1 for entity in files)
    values = [value for entity in known.values() for value in entity.values()]
    assert not [value for value in values if isinstance(value, list) and len(value) == 1]


def test_authors_who_are_persons_are_persons(run, tmp_path):
    import shutil

    root = tmp_path / "root"
    root.mkdir()
    (root / "Snakefile").write_text("", encoding="utf-8")
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert text.count("  - name: The introprog contributors\n") == 1
    persons = "  - {family-names: Hansen, given-names: Kari, orcid: https://orcid.org/0000-0002-1825-0097}\n"
    persons += "  - {family-names: Ali, given-names: Omar}\n"
    text = text.replace("  - name: The introprog contributors\n", persons)
    (root / "CITATION.cff").write_text(text, encoding="utf-8")
    (root / "data").mkdir()
    shutil.copy(ROOT / "data" / "claims.yaml", root / "data")
    known = graph(describe(root, RESULTS, {}, "abc"))
    assert known["./"]["author"] == [{"@id": "https://orcid.org/0000-0002-1825-0097"}, {"@id": "#omar-ali"}]
    assert known["#omar-ali"] == {"@id": "#omar-ali", "@type": "Person", "name": "Omar Ali"}
    assert "publisher" not in known["./"]


def test_the_workflow_in_the_crate_can_be_run(run):
    pack(describe(ROOT, RESULTS, {}, "abc"), ROOT, [], run / "crate.zip")
    with zipfile.ZipFile(run / "crate.zip") as archive:
        archive.extractall(run / "unpacked")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", "all"]
    done = subprocess.run(command, cwd=run / "unpacked", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "simulate_extracts" in done.stdout + done.stderr


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
    assert not any(name.startswith(("data/raw", "results", "tests/unit")) or name.endswith(".pyc") for name in names)
