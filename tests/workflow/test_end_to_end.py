"""The default study at a small scale: complete, private, repeatable, and redone exactly where something changed."""

import json
import os
import re
from contextlib import contextmanager

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import ROOT, SMALL, checksums, jobs, snakemake

pytestmark = pytest.mark.heavy
LATER = {
    "write_table_files",
    "write_documents",
    "write_report",
    "audit_release",
    "record_release",
    "write_manifest",
    "all",
}


@contextmanager
def edited(path, before: str, after: str):
    """A file of the project with one place changed, and put back with its results afterwards."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def made(project, run) -> set[str]:
    """Ids of the displays that a run has made, as the logs of its drawing jobs tell them."""
    assert run.returncode == 0, run.stdout[-5000:]
    names = {name for name in jobs(run.stdout) if name.startswith("draw_")}
    text = "".join((project / "logs" / f"{name}.log").read_text(encoding="utf-8") for name in names)
    return set(re.findall(r"^(\S+): made", text, re.MULTILINE))


def test_every_display_is_made_in_both_languages(project):
    registry = yaml.safe_load((project / "workflow/displays.yaml").read_text(encoding="utf-8"))["displays"]
    for name, entry in registry.items():
        if "synthetic" not in entry["sources"] or "asked" in entry:
            continue
        folder = project / "results" / f"{entry['form']}s"
        extensions = ("svg", "png", "pdf") if entry["form"] == "figure" else ("html", "csv", "json", "docx", "tex")
        for path in (folder / f"{name}_{lang}.{e}" for lang in ("nb", "en") for e in extensions):
            assert path.stat().st_size > 500, path
        assert len((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()) > 1, name


def test_a_second_run_does_nothing(again):
    run = again()
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout


def test_finding_nothing_to_do_costs_little_more_than_starting_snakemake(again):
    """CPU time of the whole call over that of ``--version``: measured 0.9, asked for 1.7."""

    def cpu(*arguments) -> float:
        before = os.times()
        again(*arguments)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    ratios = [cpu() / cpu("--version") for _ in range(3)]
    assert sorted(ratios)[1] < 1.7


def test_what_a_finished_study_is_known_by_hides_nothing_that_is_asked_for(project, again):
    assert "Nothing to be done" in again().stdout
    picture = project / "results" / "figures" / "F-C4_en.png"
    bytes_before = picture.read_bytes()
    assert len(jobs(again("-n", "--forceall").stdout)) > 20
    picture.unlink()
    assert again().returncode == 0 and picture.read_bytes() == bytes_before
    # Without its note, and with files that it does not know, Snakemake finds the same in its own way.
    (project / ".snakemake" / "as_left.json").unlink()
    assert all("Nothing to be done" in again().stdout for _ in range(2))
    assert (project / ".snakemake" / "as_left.json").is_file()


def test_one_core_gives_the_same_bytes_elsewhere(project, tmp_path):
    folder = tmp_path / "på et annet sted"
    folder.mkdir()
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    run = snakemake(folder, "--cores", "1", "--configfile", str(folder / "small.yaml"))
    assert run.returncode == 0, run.stdout[-5000:]
    assert checksums(folder / "results") == checksums(project / "results")
    manifests = [json.loads((p / "results/manifest.json").read_text(encoding="utf-8")) for p in (folder, project)]
    assert manifests[0]["digest"] == manifests[1]["digest"]


def test_no_person_is_named_outside_private(project):
    people = pq.read_table(project / "results/private/clean/persons.parquet", columns=["person_id"])
    ids = {str(i).encode() for i in people["person_id"].to_pylist()}
    assert len(ids) > 100 and all(re.fullmatch(rb"\d{10}", i) for i in ids)
    shown = [p for p in (project / "results").rglob("*") if p.is_file() and "private" not in p.parts]
    shown += [p for p in (project / "logs").rglob("*") if p.is_file()]
    assert len(shown) > 50
    window = re.compile(rb"(?=(\d{10}))")
    assert [str(p) for p in shown if ids & set(window.findall(p.read_bytes()))] == []


def test_an_edited_module_redoes_exactly_the_jobs_that_depend_on_it(project, again):
    package = project / "workflow/scripts/introprog"
    expected = {
        "displays/f_d5.py": {"draw_chapter_d", *LATER},
        "forecast.py": {
            "compare_municipalities",
            "judge_claims",
            "draw_chapter_c",
            "draw_chapter_d",
            "draw_chapter_g",
            *LATER,
        },
        "statbank.py": set(),
    }
    for module, redone in expected.items():
        first = (package / module).read_text(encoding="utf-8").split("\n", 1)[0]
        with edited(package / module, first, first + " Edited."):
            assert jobs(again("--dry-run").stdout) == redone, module


def test_an_edited_display_is_made_again_alone_and_the_others_of_its_chapter_are_kept(project, again):
    before = checksums(project / "results")
    with edited(project / "workflow/scripts/introprog/displays/f_d5.py", "page(context, 10.2,", "page(context, 10.4,"):
        assert made(project, again()) == {"F-D5"}
        after = checksums(project / "results")
    changed = {name for name in after if after[name] != before[name]}
    drawings = {f"figures/F-D5_{lang}.{ending}" for lang in ("nb", "en") for ending in ("svg", "png", "pdf")}
    reports = {f"report/report_{lang}.{ending}" for lang in ("nb", "en") for ending in ("html", "docx", "pdf")}
    records = {"release/F-D5.yaml", "release/report.yaml"}
    assert changed == {*drawings, *reports, *records, "private/displays/F-D5.json"}
    assert made(project, again()) == {"F-D5"}
    assert checksums(project / "results") == before


def test_an_edited_caption_redoes_its_display_only(project, again):
    path = project / "workflow/displays.yaml"
    caption = yaml.safe_load(path.read_text(encoding="utf-8"))["displays"]["T-D2"]["caption"]["en"]
    before = checksums(project / "results")
    with edited(path, caption, caption + " More words."):
        assert jobs(again("--dry-run").stdout) == {"draw_chapter_d", *LATER}
        assert made(project, again()) == {"T-D2"}
        after = checksums(project / "results")
    assert {name for name in after if after[name] != before[name] and not name.startswith("report/")} == {
        *(f"tables/T-D2_en.{ending}" for ending in ("html", "csv", "json", "docx", "tex")),
        "private/displays/T-D2.json",
        "release/T-D2.yaml",
        "release/report.yaml",
        "release/workbook.yaml",
    }
    assert made(project, again()) == {"T-D2"}


def test_a_changed_model_redoes_the_displays_of_what_came_out_different(project, again):
    """The rule writes three tables for displays of two chapters; one of them changes."""
    module = project / "workflow/scripts/introprog/elapsed.py"
    with edited(module, 'method="months"', 'method="months, by the calendar"'):
        run = again()
        assert {"vary_definitions", "draw_chapter_b", "draw_chapter_c", "write_report"} <= jobs(run.stdout)
        assert made(project, run) == {"F-C8"}
    assert made(project, again()) == {"F-C8"}


def test_a_failed_display_is_named_and_leaves_every_result_as_it_was(project, again):
    before = checksums(project / "results")
    module = project / "workflow/scripts/introprog/displays/f_d5.py"
    first = 'def draw(numbers: pd.DataFrame, context: Context) -> Figure:\n    """'
    with edited(module, first, first.replace('"""', 'numbers.at[0, "nowhere"]\n    """')):
        run = again()
        assert run.returncode != 0
        assert "while making F-D5" in run.stdout
        assert checksums(project / "results") == before
    assert again().returncode == 0
    assert checksums(project / "results") == before


def test_a_display_by_its_id_needs_only_what_it_is_made_of(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    asked = jobs(snakemake(tmp_path, "--cores", "1", "--configfile", "small.yaml", "--dry-run", "F-D5").stdout)
    assert asked == {
        "simulate_extracts",
        "clean_registers",
        "clean_employment",
        "clean_survey",
        "keep_clean_tables",
        "select_cohort",
        "compute_outcomes",
        "build_panel",
        "compare_municipalities",
        "draw_figure",
        "F-D5",
    }


def test_a_display_by_itself_has_the_bytes_that_its_chapter_gives_it(project, tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    run = snakemake(tmp_path, "F-B2-published", "--cores", "1", "--configfile", "small.yaml")
    assert run.returncode == 0, run.stdout[-5000:]
    own = {name: digest for name, digest in checksums(tmp_path / "results").items() if "alone" not in name}
    assert len(own) == 8
    whole = checksums(project / "results")
    assert own == {name: whole[name] for name in own}


def test_a_misspelt_key_stops_before_anything_is_touched(project, again):
    before = checksums(project / "results")
    run = again("--config", "sorce=extracts")
    assert run.returncode != 0
    assert "unknown key 'sorce'" in run.stdout and "did you mean 'source'?" in run.stdout
    assert "Traceback" not in run.stdout
    assert checksums(project / "results") == before


def test_own_extracts_in_the_same_formats_give_the_same_results(project, tmp_path):
    """The simulator's files, given as a researcher's own, lead to the same clean tables and outcomes."""
    config = {"source": "extracts", "extracts": {"directory": str(project / "results/private/synthetic")}}
    (tmp_path / "own.yaml").write_text(json.dumps(config), encoding="utf-8")
    wanted = ["results/private/outcomes/outcomes.parquet", "results/private/clean/survey_responses.parquet"]
    run = snakemake(tmp_path, *wanted, "--cores", "2", "--configfile", str(tmp_path / "own.yaml"))
    assert run.returncode == 0, run.stdout[-5000:]
    for path in wanted:
        assert (tmp_path / path).read_bytes() == (project / path).read_bytes()


def test_statbank_alone_draws_what_it_can(tmp_path):
    real = ROOT.parent / "shared" / "real"
    if not real.is_dir():
        pytest.skip("the public StatBank extracts are not beside the project")
    paths = [str(real / f"intro_status_arbutd-{level}-2011_2013.csv") for level in ("kommune", "fylke")]
    config = {
        "source": "statbank",
        "statbank": {"path": paths, "extracted": "2015-06-01"},
        "comparison": {"exit_years": [2010, 2010], "minimum_leavers": 20, "horizons": [1, 2, 3]},
    }
    (tmp_path / "statbank.yaml").write_text(json.dumps(config), encoding="utf-8")
    run = snakemake(tmp_path, "--cores", "2", "--configfile", str(tmp_path / "statbank.yaml"))
    assert run.returncode == 0, run.stdout[-5000:]
    assert re.search(r"source: statbank cannot feed T-A1, .*F-C1-age.*T-F7", run.stdout)
    assert "F-B5, F-B6, F-C2 left out: the StatBank files have no statuses within the three groups" in run.stdout
    assert "[T9]: figures 3 years after and later belong to other municipalities from 1504 on" in run.stdout
    made = {p.stem for form in ("figures", "tables") for p in (tmp_path / "results" / form).glob("*.csv")}
    moments = {"F-C1", "F-C1-sex", "F-C1-county", "F-C1-municipality", "F-C4", "T-C5", "T-C6", "F-C9", "T-C12", "T-C13"}
    assert moments | {"T-B4-published", "F-D5", "F-D6", "F-D7"} <= made
    lines = pd.read_csv(tmp_path / "results/figures/F-C1-sex.csv")
    lines = lines[lines["first_exit_year"] == 2010].pivot(index="level", columns="horizon", values="share")
    assert (100 * lines).round().astype(int).to_numpy().tolist() == [[61, 63, 62], [69, 69, 69], [53, 56, 55]]
    drawing = (tmp_path / "results/figures/F-C9_en.svg").read_text(encoding="utf-8")
    assert "extracted 2015-06-01" in " ".join(re.findall(r"<!-- (.*?) -->", drawing))
    assert not any(
        "SYNTE" in p.read_text(encoding="utf-8").upper() for p in (tmp_path / "results/figures").glob("*.svg")
    )
