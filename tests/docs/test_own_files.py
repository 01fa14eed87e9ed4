"""docs/own-files.md: its commands are run in a copy, one after the other, and its blocks are read by the program."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml
from docs.pages import ROOT, blocks, commands, put
from introprog.codebook_files import read_contents
from introprog.errors import InputError
from introprog.settings import check_config
from matrix.studies import SMALL, copy_project

PAGE = ROOT / "docs" / "own-files.md"
BLOCKS = list(blocks(PAGE))
REHEARSAL = [block for block in BLOCKS if block.heading.startswith("0.")]
# the whole run of the page, with a few displays of every source of numbers
FEW = f"{SMALL}displays: [T-A5, T-A6, T-B7, F-C4, T-E1, T-F4]\n"


def test_the_config_of_the_page_is_one_that_is_accepted():
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    block = next(b for b in BLOCKS if b.language == "yaml" and b.heading.startswith("1."))
    for key, value in yaml.safe_load(block.text).items():
        config[key] = {**config[key], **value} if isinstance(value, dict) else value
    check_config(config)
    assert config["source"] == "extracts" and config["extracts"]["overlays"] == ["ssb_loan"]


def test_the_codebook_of_the_page_is_one_that_is_accepted(tmp_path):
    block = next(b for b in BLOCKS if b.language == "yaml" and b.heading.startswith("3."))
    (tmp_path / "demografi.yaml").write_text(block.text, encoding="utf-8")
    shipped = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))
    book = next(c for c in read_contents(shipped, [], tmp_path) if c.get("extract") == "demografi")
    assert book["file"] == "personer_2024.sav"
    assert {name: spec["name"] for name, spec in book["columns"].items()}["sex"] == "sex"
    (tmp_path / "demografi.yaml").write_text(block.text.replace("file:", "fil:"), encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'file'"):
        read_contents(shipped, [], tmp_path)


@pytest.mark.heavy
def test_the_rehearsal_goes_from_files_to_displays(tmp_path):
    copy = copy_project(tmp_path / "intro")
    for path in (copy / "data" / "raw").iterdir():
        if path.name != "README.md":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (copy / "few.yaml").write_text(FEW, encoding="utf-8")
    said = []
    put(REHEARSAL[0], copy)
    for line in commands(REHEARSAL[1]):
        words = shlex.split(line)
        if words[0] == "snakemake":
            few = [] if "--configfile" in words else ["--configfile", "few.yaml"]
            words = [sys.executable, "-m", "snakemake", *few, *words[1:]]
        run = subprocess.run(
            words,
            cwd=copy,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stdout[-4000:]}"
        said.append(run.stdout)
    assert (copy / "data/raw/demografi.csv").is_file() and not (copy / "data/raw/truth").exists()
    assert "demografi.csv" in said[3]
    printed = (copy / "results/tables/T-A5_en.html").read_text(encoding="utf-8")
    assert "ynthetic" not in printed
    made = {path.stem for form in ("figures", "tables") for path in (copy / "results" / form).glob("[FT]-??.csv")}
    assert made == {"T-A5", "T-A6", "T-B7", "F-C4", "T-E1", "T-F4"}
