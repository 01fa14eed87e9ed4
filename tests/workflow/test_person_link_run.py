"""A whole run with survey answers linked to persons who consented: nothing of the link leaves the private folder."""

import json
import os
import re
import stat
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import ROOT, snakemake
from introprog.simulate.extracts import simulate_extracts

pytestmark = pytest.mark.heavy
CANARIES = [f"666666{n:04d}" for n in range(8)]
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
# Twins of displays with results of single municipalities from a survey, and the column of their answers.
MUNICIPAL = {"figures/F-E5": "n", "figures/F-F1": "s_n"}


def linkable(raw: Path) -> list[str]:
    """Keys of persons in the demography with consent to the link, of one answer each."""
    demography = pd.read_csv(raw / "demografi.csv", sep=";", dtype=str, encoding="latin-1")
    answers = pd.read_csv(raw / "survey_imdi_2020.csv", sep=";", dtype=str, encoding="utf-8-sig")
    own = yaml.safe_load((ROOT / "data/codebook/survey_responses.yaml").read_text(encoding="utf-8"))["columns"]
    key = next(source for source, column in own.items() if column["name"] == "person_id")
    consent = next(source for source, column in own.items() if column["name"] == "consent")
    yes = next(str(code) for code, meaning in own[consent]["values"].items() if meaning == "yes")
    found = answers[(answers[consent] == yes) & answers[key].isin(demography["lopenr"])]
    return sorted(found.loc[~found[key].duplicated(keep=False), key])


@pytest.fixture(scope="module")
def linked(tmp_path_factory) -> Path:
    """A folder with a finished run of everything on extracts of one's own; eight linked persons have keys that show."""
    raw = tmp_path_factory.mktemp("delivery") / "raw"
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    simulate_extracts(raw, {**config["synthetic"], "scale": 0.02, "person_keys": True}, config["study"])
    for path in raw.glob("*.sav"):  # the CSV twins are read
        path.unlink()
    pairs = [(old.encode(), new.encode()) for old, new in zip(linkable(raw), CANARIES)]
    assert len(pairs) == len(CANARIES)
    for path in [*raw.glob("*.csv"), *raw.glob("*.txt")]:
        data = path.read_bytes()
        for old, new in pairs:
            data = data.replace(old, new)
        path.write_bytes(data)
    folder = tmp_path_factory.mktemp("linked")
    own = {
        "source": "extracts",
        "extracts": {"directory": str(raw)},
        "comparison": {"minimum_leavers": 5},
        "surveys": {"person_link": True},
    }
    (folder / "own.yaml").write_text(json.dumps(own), encoding="utf-8")
    run = snakemake(folder, "--cores", "2", "--configfile", "own.yaml")
    assert run.returncode == 0, run.stdout[-5000:]
    assert not [key for key in CANARIES if key in run.stdout]
    return folder


def public(folder: Path):
    """Every file but the private ones."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(place, name) != folder / "results" / "private"]
        yield from (Path(place, name) for name in files)


def opened(path: Path) -> bytes:
    """The bytes of a file, and what is packed in it (Word, Excel, PDF)."""
    data = path.read_bytes()
    if data[:2] == b"PK":
        with zipfile.ZipFile(path) as archive:
            return data + b"".join(archive.read(name) for name in archive.namelist())
    for part in STREAM.findall(data) if data[:4] == b"%PDF" else ():
        try:
            data += zlib.decompress(part)
        except zlib.error:
            continue
    return data


def test_answers_are_linked_and_consent_decides(linked):
    link = pd.read_parquet(linked / "results/private/survey/person_link.parquet")
    assert set(link.loc[link["person_id"].isin(CANARIES), "status"]) == {"linked"}
    assert set(link["person_id"]) >= set(CANARIES)
    assert set(link["status"]) >= {"linked", "refused", "not_stated", "no_key"}
    assert link.loc[link["status"] != "linked", "person_id"].isna().all()
    keys = pd.read_parquet(linked / "results/private/clean/survey_keys.parquet")
    assert keys.loc[keys["consent"] != "yes", "person_id"].isna().all()


def test_nothing_of_a_linked_person_is_outside_the_private_folder(linked):
    """Also inside files of Word, Excel and PDF."""
    wanted = re.compile("|".join(CANARIES).encode())
    files = list(public(linked))
    assert len(files) > 700 and [p for p in files if wanted.search(opened(p))] == []
    tables = [p for p in files if p.read_bytes()[:4] == b"PAR1"]
    assert tables == [linked / "results/panel/municipality_panel.parquet"]
    assert not pd.read_parquet(tables[0]).astype("str").isin(CANARIES).any(axis=None)
    private = linked / "results" / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert [p for p in [private, *private.rglob("*")] if not p.is_symlink() and p.stat().st_mode & 0o077] == []


def test_the_audit_passes_and_the_match_report_names_no_municipality(linked):
    audit = pd.read_csv(linked / "results/release/audit.csv").set_index("output")
    assert {"T-E14", "matches"} <= set(audit.index) and (audit["leaks"] == 0).all() and audit["described"].all()
    shown = pd.read_csv(linked / "results/models/matches.csv")
    assert "municipality" not in shown and set(shown["level"]) == {"all", "year"}
    persons = shown[(shown["part"] == "person_link") & ~shown["suppressed"]]
    assert len(persons) and (persons["found"] >= 5).all() and (persons["n"] - persons["found"] >= 5).all()
    record = yaml.safe_load((linked / "results/release/T-E14.yaml").read_text(encoding="utf-8"))
    assert "answers_found" in record["population"] and record["least_width"] >= 5


@pytest.mark.parametrize("twin", MUNICIPAL)
def test_no_municipality_is_shown_with_fewer_answers_than_it_needs(linked, twin):
    rows = pd.read_csv(linked / f"results/{twin}.csv")
    shown = rows[(rows["kind"] == "municipality") & rows[MUNICIPAL[twin]].notna()]
    assert len(shown) and (shown[MUNICIPAL[twin]] >= 15).all()


def test_every_file_has_a_record_and_the_report_prints_the_link(linked):
    records = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in (linked / "results/release").glob("*.yaml")]
    recorded = {file for record in records for file in record["files"]}
    apart = ("results/private/", "results/release/")
    lying = {str(p.relative_to(linked)) for p in (linked / "results").rglob("*") if p.is_file()}
    lying = {p for p in lying if not p.startswith(apart) and not p.endswith(".snakemake_timestamp")}
    assert lying - recorded == {"results/manifest.json"}
    page = (linked / "results/report/report_en.html").read_text(encoding="utf-8")
    assert "Answers linked to persons" in page
