"""The default study at a small scale: complete, private, repeatable, and redone exactly where something changed."""

import json
import re

import pyarrow.parquet as pq
import pytest
import yaml
from conftest import ROOT, SMALL, checksums, snakemake

pytestmark = pytest.mark.heavy


def jobs(text: str) -> set[str]:
    """Names of the rules in a dry run's job table."""
    table = text.split("Job stats:")[1].split("total")[0] if "Job stats:" in text else ""
    return {line.split()[0] for line in table.splitlines() if re.match(r"^\S+\s+\d+$", line)}


def test_every_display_is_made_in_both_languages(project):
    registry = yaml.safe_load((project / "workflow/displays.yaml").read_text(encoding="utf-8"))["displays"]
    for name, entry in registry.items():
        if "synthetic" not in entry["sources"]:
            continue
        folder = project / "results" / f"{entry['form']}s"
        extensions = ("svg", "png", "pdf") if entry["form"] == "figure" else ("html",)
        for path in (folder / f"{name}_{lang}.{e}" for lang in ("nb", "en") for e in extensions):
            assert path.stat().st_size > 500, path
        assert len((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()) > 1, name


def test_a_second_run_does_nothing(again):
    run = again()
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout


def test_one_core_gives_the_same_bytes_elsewhere(project, tmp_path):
    folder = tmp_path / "på et annet sted"
    folder.mkdir()
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    run = snakemake(folder, "--cores", "1", "--configfile", str(folder / "small.yaml"))
    assert run.returncode == 0, run.stdout[-5000:]
    assert checksums(folder / "results") == checksums(project / "results")


def test_no_person_is_named_outside_private(project):
    people = pq.read_table(project / "results/private/clean/persons.parquet", columns=["person_id"])
    ids = {str(i).encode() for i in people["person_id"].to_pylist()}
    assert len(ids) > 100 and all(re.fullmatch(rb"\d{10}", i) for i in ids)
    shown = [p for p in (project / "results").rglob("*") if p.is_file() and "private" not in p.parts]
    shown += [p for p in (project / "logs").rglob("*") if p.is_file()]
    assert len(shown) > 50
    window = re.compile(rb"(?=(\d{10}))")
    assert [str(p) for p in shown if ids & set(window.findall(p.read_bytes()))] == []


@pytest.mark.parametrize(
    ("module", "redone"),
    [
        ("displays/f_d5.py", {"draw_f_d5", "write_report", "all"}),
        ("forecast.py", {"compare_municipalities", "draw_f_c4", "draw_f_d5", "write_report", "all"}),
        ("statbank.py", set()),
    ],
)
def test_an_edited_module_redoes_exactly_what_depends_on_it(project, again, module, redone):
    path = project / "workflow/scripts/introprog" / module
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before + "\nEDITED = True\n", encoding="utf-8")
        assert jobs(again("--dry-run").stdout) == redone
    finally:
        path.write_text(before, encoding="utf-8")


def test_an_edited_caption_redoes_its_display_only(project, again):
    path = project / "workflow/displays.yaml"
    before = path.read_text(encoding="utf-8")
    caption = yaml.safe_load(before)["displays"]["F-D5"]["caption"]["en"]
    assert before.count(caption) == 1
    try:
        path.write_text(before.replace(caption, caption + " More words."), encoding="utf-8")
        assert jobs(again("--dry-run").stdout) == {"draw_f_d5", "write_report", "all"}
    finally:
        path.write_text(before, encoding="utf-8")


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
    (tmp_path / "statbank.yaml").write_text(
        json.dumps({"source": "statbank", "statbank": {"path": paths}}), encoding="utf-8"
    )
    run = snakemake(tmp_path, "--cores", "2", "--configfile", str(tmp_path / "statbank.yaml"))
    assert run.returncode == 0, run.stdout[-5000:]
    made = {p.stem for p in (tmp_path / "results/figures").glob("*.csv")}
    assert {"F-C1", "F-C4", "F-D5"} <= made
    assert not any(
        "SYNTE" in p.read_text(encoding="utf-8").upper() for p in (tmp_path / "results/figures").glob("*.svg")
    )
