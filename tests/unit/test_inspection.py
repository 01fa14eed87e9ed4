"""The check before a run: complete, without a person in it, and without touching anything."""

import hashlib
import sys
from pathlib import Path

import pandas as pd
import pytest
from browser import CHROMIUM, chromium, opened, violations
from introprog.inspection import Inspection, inspect_extracts
from introprog.inspection_page import NOT_CLEANED, as_html, as_text, verdict
from raw_extracts import ROOT, STUDY, A, B, C, change

sys.path.insert(0, str(ROOT / "tests" / "errors"))

from mutations import MANY, MUTATIONS, WAVES, good_extracts

BOOKS = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))


def inspect(folder: Path, **options):
    return inspect_extracts(folder, BOOKS, ROOT / "data" / "codelists", STUDY, WAVES, **options)


@pytest.fixture
def folder(tmp_path):
    return good_extracts(tmp_path / "raw")


def test_sound_extracts_are_accounted_for(folder):
    found = inspect(folder)
    assert not found.problems and found.cleaned and verdict(found) == "Nothing would stop a run."
    files = found.files.set_index("file")
    assert files.loc["bosted.csv", ["rows", "columns_used"]].tolist() == [4, 5]
    assert files.loc["demografi.csv", "columns_not_used"] == "landnavn"
    assert set(files["extract"]) >= {"ameld", "atmlto", "survey_ks_2015", "survey_frame", "kostra_11b"}
    overlap = found.overlap.set_index(["of", "found_in"])
    assert overlap.loc[("persons of the programme", "inntekt"), ["number", "found"]].tolist() == [3, 2]
    assert overlap.loc[("municipalities of ks_2015", "programmes"), "share"] == 1
    assert found.coverage.loc[2015, ["kostra_11b", "nir_deltakere", "nav"]].tolist() == [2, 1, 3]
    assert found.coverage.loc[2014, "employment"] == 1


def test_every_fault_is_told_with_rows_also_when_it_is_tolerated(folder):
    change(folder, "demografi.csv", ";1;564", ";M;564")
    found = inspect(folder)
    assert not found.problems
    fault = next(p for p in found.tolerated if p.where == "demografi.csv, column kjoenn")
    assert (fault.rule, fault.count, tuple(fault.rows), tuple(fault.values)) == ("R1", 1, (2,), ("M",))
    counted = found.counts.set_index(["table", "rule"])
    assert counted.loc[("demografi", "R1"), "n"].sum() == 1


def test_all_stages_at_once_and_cleaning_only_when_reading_is_sound(folder):
    for name in ("file missing", "hours of a month", "survey with another mode", "decimal point"):
        MUTATIONS[name](folder)
    found = inspect(folder)
    assert [p.where.split(",")[0] for p in found.problems] == [
        "bosted.csv", "inntekt.csv", "survey_ks_2015.csv", "ameld_2018.csv",
    ]  # fmt: skip
    assert not found.cleaned and NOT_CLEANED in as_text(found, "raw") and NOT_CLEANED in as_html(found, "raw")


def test_nothing_is_written_and_no_person_is_named(folder, tmp_path, monkeypatch):
    for name in ("keys in the column of sex", "header missing", "zeros lost in measures", "five digits of education"):
        MUTATIONS[name](folder)
    before = {p: hashlib.sha256(p.read_bytes()).digest() for p in folder.rglob("*")}
    monkeypatch.chdir(tmp_path)
    found = inspect(folder)
    text, page = as_text(found, "data/raw"), as_html(found, "data/raw")
    for report in (text, page):
        assert not [person for person in (A, B, C, *MANY) if person in report]
    assert {p: hashlib.sha256(p.read_bytes()).digest() for p in folder.rglob("*")} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw"]
    assert "<script" not in page and "http" not in page


def test_markup_in_a_file_is_text_on_the_page(folder):
    change(folder, "demografi.csv", ";1;", ";<b>;")
    page = as_html(inspect(folder), "raw <i>")
    assert "&lt;b&gt;" in page and "<b>" not in page and "raw &lt;i&gt;" in page


def test_a_broken_codebook_and_an_absent_folder_are_reports_too(folder, tmp_path):
    MUTATIONS["own codebook that is not YAML"](folder)
    assert "mine.yaml [B1]" in as_text(inspect(folder), "raw")
    found = inspect(tmp_path / "nowhere")
    assert {p.rule for p in found.problems} == {"F1"} and len(found.problems) == 1
    assert as_html(found, "nowhere").count("<h2 ") == 6


def test_persons_of_another_project_show_in_the_overlap(folder):
    MUTATIONS["keys of another project"](folder)
    found = inspect(folder)
    assert any(p.rule == "E1" for p in found.problems)
    overlap = found.overlap.set_index("found_in")["found"]
    assert overlap["employment"] == 2 and isinstance(found.coverage, pd.DataFrame)


def test_what_a_run_leaves_out_is_in_both_reports():
    line = "not among the extracts: surveys (no survey_ks_2015.csv, ...); left out: T-E1"
    found = Inspection(left_out=[line])
    assert "WHAT A RUN LEAVES OUT" in as_text(found, "raw") and line in as_text(found, "raw")
    assert "What a run leaves out" in as_html(found, "raw") and line in as_html(found, "raw")
    assert "leaves out" not in as_text(Inspection(), "raw")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found")
def test_the_page_fits_a_screen_and_a_telephone_and_axe_finds_nothing(folder, tmp_path):
    for name in ("residence ends before it begins", "sex as letters"):
        MUTATIONS[name](folder)
    found = inspect(folder)
    path = tmp_path / "check.html"
    path.write_text(as_html(found, "/a/long/path/without/a/place/to/break/" + "delivery_of_2024" * 4), encoding="utf-8")
    with chromium() as browser:
        for width in (1280, 390):
            with opened(browser, path, width) as page:
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert page.locator("nav a").first.get_attribute("href") == "#part1" and violations(page) == []
                assert page.locator("nav li").first.inner_text() == f"Problems that stop a run: {len(found.problems)}"
