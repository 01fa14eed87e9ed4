"""Whole runs at a small scale, each in a folder of its own, shared by the tests of this folder."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = "synthetic: {scale: 0.02}\ncomparison: {minimum_leavers: 5}\n"


def snakemake(directory: Path, *arguments: str, snakefile: Path = ROOT / "Snakefile") -> subprocess.CompletedProcess:
    """Run Snakemake with the interpreter of the tests; stdout and stderr come back as one text."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--directory", str(directory)]
    # wide, so that no message is broken over lines
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "300"}
    return subprocess.run(
        [*command, *arguments],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        check=False,
    )


def checksums(directory: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder, by relative path; not of the manifest, which names its own commit."""
    return {
        str(p.relative_to(directory)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(directory.rglob("*"))
        if p.is_file() and p.name not in (".snakemake_timestamp", "manifest.json")
    }


def copy_project(target: Path) -> Path:
    """The project without its history and results, for tests that edit it."""
    ignore = shutil.ignore_patterns(".git", ".venv", "results", "logs", ".snakemake", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, target, ignore=ignore)
    return target


def jobs(text: str) -> set[str]:
    """Names of the rules in the job table, which shows them with spaces."""
    table = text.split("Job stats")[1].split(" total ")[0] if "Job stats" in text else ""
    lines = (re.fullmatch(r" *(\S.*\S)\s+(\d+)\s*", line) for line in table.splitlines())
    return {line[1].replace(" ", "_") for line in lines if line}


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """A copy of the project after a whole small run on all cores."""
    folder = copy_project(tmp_path_factory.mktemp("project") / "intro")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    run = snakemake(folder, "--cores", "4", "--configfile", "small.yaml", snakefile=folder / "Snakefile")
    assert run.returncode == 0, run.stdout[-5000:]
    return folder


@pytest.fixture
def again(project):
    """Call Snakemake once more in the finished project."""

    def call(*arguments: str) -> subprocess.CompletedProcess:
        return snakemake(
            project, "--cores", "2", "--configfile", "small.yaml", *arguments, snakefile=project / "Snakefile"
        )

    return call
