"""The private folder is closed to others, and what Snakemake copies aside is copied into it."""

import os
import re
import stat
from pathlib import Path

import pytest
from introprog.seclusion import close, seclude

ROOT = Path(__file__).parents[2]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def test_a_new_folder_is_the_owners_alone(tmp_path, umask):
    private, backup = tmp_path / "results" / "private", tmp_path / ".snakemake" / "backup"
    seclude(private, backup)
    assert mode(private) == 0o700 and mode(private / "backup") == 0o700
    assert mode(tmp_path / "results") == 0o755, "what may be shown stays as the umask has it"
    (backup / "results").mkdir()
    (backup / "results" / "persons.parquet").write_bytes(b"x")
    assert (private / "backup" / "results" / "persons.parquet").read_bytes() == b"x"
    seclude(private, backup)
    assert (backup / "results" / "persons.parquet").is_file(), "a second run keeps what a killed one left"


def test_files_of_an_earlier_version_are_closed_and_what_it_left_is_moved(tmp_path, umask):
    private, backup = tmp_path / "results" / "private", tmp_path / ".snakemake" / "backup"
    (private / "clean").mkdir(parents=True)
    (private / "clean" / "persons.parquet").write_bytes(b"x")
    backup.mkdir(parents=True)
    (backup / "persons.parquet").write_bytes(b"y")
    seclude(private, backup)
    assert mode(private) == mode(private / "clean") == 0o700 and mode(private / "clean" / "persons.parquet") == 0o600
    assert backup.is_symlink() and (private / "backup" / "persons.parquet").read_bytes() == b"y"


def test_a_stricter_umask_holds_and_links_are_left_alone(tmp_path, umask):
    umask(0o277)
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    private.chmod(0o500)
    umask(0o022)
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    (private / "link").symlink_to(outside)
    close(private)
    assert mode(private) == 0o500 and mode(outside) == 0o644


def test_nothing_ever_reads_a_pickle_or_unsafe_yaml():
    sources = [p for ending in ("*.py", "*.smk") for p in sorted((ROOT / "workflow").rglob(ending))]
    text = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in sources}
    bad = r"\b(?:pickle|joblib|shelve|marshal)\b|read_pickle|allow_pickle=True|yaml\.\w*(?:_all|full_load|unsafe)"
    assert len(text) > 100 and [name for name, code in text.items() if re.search(bad, code)] == []
    safe = r'(?i)\bloader = getattr\(yaml, "CSafeLoader", yaml\.SafeLoader\)'
    for name, code in text.items():
        for call in re.findall(r"yaml\.load\([^\n]*", code):
            assert "Loader=loader" in call.replace("LOADER", "loader") and re.search(safe, code), name
