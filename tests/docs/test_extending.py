"""Every recipe of docs/extending.md works: its blocks are put where the page says, in a copy, and its commands run."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from docs.pages import ROOT, Block, blocks, commands, put
from matrix.studies import SMALL, copy_project

PAGE = ROOT / "docs" / "extending.md"
RECIPES: dict[str, list[Block]] = {}
for found in blocks(PAGE):
    RECIPES.setdefault(found.heading, []).append(found)


def followed(heading, project, but=()) -> None:
    """Put the blocks of a recipe into ``project``; ``but`` leaves files out."""
    for block in RECIPES[heading]:
        if block.path and block.path not in but:
            put(block, project)


def done(heading: str, project) -> str:
    """Run the recipe's commands, at a small scale, and return what they said."""
    (project / "changes.yaml").write_text(SMALL, encoding="utf-8")
    said = ""
    for line in (line for block in RECIPES[heading] for line in commands(block)):
        words = shlex.split(line)
        settings = dict(word.split("=", 1) for word in words if re.fullmatch(r"[A-Z]+=.*", word))
        program, *rest = words[len(settings) :]
        if program == "snakemake":
            rest = ["-m", "snakemake", *rest, "--configfile", "changes.yaml"]
        assert program in ("snakemake", "python"), line
        run = subprocess.run(
            [sys.executable, *rest],
            cwd=project,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
        said += run.stdout + run.stderr
    return said


@pytest.fixture
def copy(tmp_path):
    return copy_project(tmp_path / "intro")


def test_the_page_has_the_four_recipes_and_every_block_has_a_place():
    assert list(RECIPES) == ["A definition of the result", "An item of a survey", "A figure or table", "A source"]
    assert all(block.path for block in blocks(PAGE) if block.language != "console")


def test_the_new_definition_and_display_pass_the_checks_that_go_before_a_run(copy):
    for heading in ("A definition of the result", "A figure or table"):
        followed(heading, copy)
    script = """
import sys, yaml
from pathlib import Path
sys.path.insert(0, "workflow/scripts")
from introprog.displays.making import module_of
from introprog.displays.registry import registry
from introprog.plan import Plan
from introprog.settings import check_config
config = yaml.safe_load(open("config.yaml", encoding="utf-8"))
check_config(config)
entries = registry()
assert "hours_10" in config["definitions"] and callable(module_of(entries["T-B99"]).table)
print(Plan(config, Path()).batches["chapter_b"])
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "'T-B99'" in run.stdout


def test_a_misspelt_definition_is_told(copy):
    followed("A definition of the result", copy)
    path = copy / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("min_hours: 10", "minhours: 10"), encoding="utf-8")
    from introprog.errors import InputError
    from introprog.settings import check_config

    with pytest.raises(InputError, match="did you mean 'min_hours'"):
        check_config(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_new_item_is_in_the_codebook_page(copy):
    from introprog.codebook import load_codebook

    followed("An item of a survey", copy)
    form = load_codebook(copy / "data" / "codebook").instruments["imdi"]
    assert form.items["lokaler"].text["en"] == "The premises are suited to the training"


def test_the_new_overlay_reads_a_delivery_with_english_names(copy, tmp_path):
    from introprog.codebook_files import read_contents

    followed("A source", copy)
    files = sorted((copy / "data" / "codebook").rglob("*.yaml"))
    contents = read_contents(files, ["english"])
    book = next(c for c in contents if c.get("extract") == "demografi")
    assert book["file"] == "demography.csv" and book["separator"] == ","
    names = {column: spec["name"] for column, spec in book["columns"].items()}
    assert names["pid"] == "person_id" and names["gender"] == "sex" and "lopenr" not in names


def test_the_new_published_figure_is_read_with_its_source(copy):
    from introprog.published import read_published

    followed("A source", copy)
    folder = copy / "data" / "published"
    row = read_published(folder / "figures.csv", folder / "sources.csv").set_index("id").loc["example-00001"]
    assert row["value"] == 15000 and row["source"] == "An Institute (2024): An example of a report"


@pytest.mark.heavy
def test_the_definition_is_in_its_table(copy):
    followed("A definition of the result", copy)
    done("A definition of the result", copy)
    rows = pd.read_csv(copy / "results" / "tables" / "T-C6.csv")
    rows = rows[rows["definition"] == "hours_10"]
    assert rows["months"].tolist() == [12, 24, 36] and rows["share"].between(0.1, 0.9).all()
    assert "At least 10 hours a week" in (copy / "results/tables/T-C6_en.html").read_text(encoding="utf-8")


@pytest.mark.heavy
def test_the_item_is_in_its_figure(copy):
    followed("An item of a survey", copy)
    done("An item of a survey", copy)
    numbers = (copy / "results" / "figures" / "F-E2.csv").read_text(encoding="utf-8")
    assert "lokaler" in numbers
    assert "The premises are suited to the training" in (copy / "results/figures/F-E2_en.svg").read_text("utf-8")


@pytest.mark.heavy
def test_the_display_is_made_in_both_languages_and_listed(copy):
    followed("A figure or table", copy)
    done("A figure or table", copy)
    rows = pd.read_csv(copy / "results" / "tables" / "T-B99.csv")
    assert len(rows) > 10 and rows["share"].dropna().between(0, 1).all()
    printed = [(copy / f"results/tables/T-B99_{lang}.html").read_text(encoding="utf-8") for lang in ("nb", "en")]
    assert "året etter, etter når de sluttet" in printed[0] and "by year of leaving" in printed[1]
    assert "| T-B99 |" in (copy / "README.md").read_text(encoding="utf-8")
    shutil.rmtree(copy / "results")
