"""README's table of displays, the citation file and the statement on data are in step with the project."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from introprog.displays.making import module_of
from introprog.readme import BEGIN, END, display_rows, plan_of, renewed, restricted

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLAN = plan_of(ROOT)


def test_the_table_is_in_step_with_the_registry():
    """If this fails: PYTHONPATH=workflow/scripts python -m introprog.readme"""
    assert renewed(README, PLAN) == README


def test_every_display_is_listed_with_a_function_that_exists():
    rows = display_rows(PLAN)
    assert [row[0] for row in rows] == list(PLAN.registry)
    for name, _, _, function, file, _ in rows:
        assert callable(getattr(module_of(PLAN.registry[name]), function.strip("`").rsplit(".", 1)[1]))
        assert file.strip("`") in PLAN.files(name)


def test_what_needs_restricted_data():
    assert restricted({"data": "published", "sources": ["synthetic", "statbank"]}).startswith("no: published")
    assert restricted({"sources": ["synthetic", "statbank"]}).startswith("no: open StatBank")
    assert restricted({"sources": ["synthetic", "extracts"], "basis": "linked"}) == "registers and survey"
    assert restricted({"sources": ["synthetic", "extracts"]}) == "registers"


def test_a_new_display_shows_up_and_missing_marks_are_told():
    plan = plan_of(ROOT)
    plan.registry = {**plan.registry, "F-Z9": {**plan.registry["F-C1"], "title": {"nb": "Ny", "en": "New | one"}}}
    text = renewed(f"before {BEGIN} old {END} after", plan)
    assert text.startswith("before ") and text.endswith(" after") and " old " not in text
    assert "| F-Z9 | New / one |" in text
    with pytest.raises(ValueError, match="lacks the marks"):
        renewed("no marks", plan)


def test_readme_has_the_sections_of_the_template_in_order():
    heads = re.findall(r"^##+ (.+)$", README, re.M)
    wanted = [
        "Overview",
        "Data availability and provenance statements",
        "Computational requirements",
        "Description of programs",
        "Instructions to replicators",
        "List of figures, tables and programs",
        "References",
    ]
    assert [head for head in heads if head in wanted] == wanted
    below = ["Statement about rights", "Licence for data", "Summary of availability", "Details on each data source"]
    below += ["Dataset list", "Software requirements", "Controlled randomness", "Memory, runtime and storage"]
    below += ["Licence for code"]
    assert [head for head in heads if head in below] == below


def test_the_numbers_that_readme_gives_of_the_project_are_its_own():
    """A new display: say how many there are now under *Time*, and how long that takes when it has been measured."""
    displays = re.search(r"makes (\d+) displays", README)
    corpus = re.search(r"corpus of (\d+) damaged extracts", README)
    messages = yaml.safe_load((ROOT / "tests" / "errors" / "messages.yaml").read_text(encoding="utf-8"))
    assert int(displays[1]) == len(PLAN.displays)
    assert int(corpus[1]) == len(messages)


def test_files_that_readme_and_the_data_statement_name_exist():
    for text, base in ((README, ROOT), ((ROOT / "data" / "README.md").read_text(encoding="utf-8"), ROOT / "data")):
        named = re.findall(r"`((?:docs|data|workflow|tests|published|codelists|codebook)/[\w./-]*)`", text)
        missing = {n for n in named if not (ROOT / n).exists() and not (base / n).exists()}
        # made by a run or by the researcher
        assert missing <= {"data/expectation/", "data/raw/", "tests/golden/default/"}, missing
        assert len(named) >= 3


def test_the_citation_file_has_what_version_1_2_demands():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0" and cited["message"] and cited["title"]
    assert all(set(a) & {"name", "family-names"} for a in cited["authors"])
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", cited["date-released"]) and date.fromisoformat(cited["date-released"])
    known = {
        "abstract", "authors", "cff-version", "date-released", "keywords", "license", "message", "references", "title",
        "type", "version",
    }  # fmt: skip
    assert set(cited) <= known
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{cited["version"]}"' in project
    for work in cited["references"]:
        assert {"type", "title", "authors", "year"} <= set(work)


def test_every_extract_is_in_the_data_statement():
    statement = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    patterns = re.findall(r"`([\w*]+)`", statement.split("## Restricted data")[1])
    books = [p.stem for p in (ROOT / "data" / "codebook").glob("*.yaml")]
    extracts = [b for b in books if not b.startswith(("rules", "kommune", "survey"))]
    stems = [p.rstrip("*").rstrip("_") for p in patterns]
    assert len(extracts) > 8
    assert [e for e in extracts if not any(e.startswith(stem) for stem in stems)] == []
