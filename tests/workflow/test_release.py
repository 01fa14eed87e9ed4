"""A whole small run: the audit passes, every output has its record, languages and twins agree, and a leak stops it."""

import hashlib
import re

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.heavy
AUDIT = "results/release/audit.csv"
HIDDEN = re.compile(r">\s*:\s*<")


def test_every_output_has_a_record_with_the_checksums_of_its_files(project):
    audit = pd.read_csv(project / "results/release/audit.csv").set_index("output")
    assert audit["described"].all() and (audit["leaks"] == 0).all() and audit["hidden"].sum() > 100
    shown = {p for p in (project / "results").rglob("*") if p.is_file() and not {"private", "release"} & set(p.parts)}
    recorded = {}
    for path in (project / "results/release").glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert content["controls"] and content["output"] == path.stem
        recorded |= {project / file: digest for file, digest in content["files"].items()}
    assert {p for p in shown if p.name != ".snakemake_timestamp"} - set(recorded) <= unneeded(project)
    for path, digest in recorded.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path


def unneeded(project):
    """What is made beside the outputs of a run: tables of a model that no display reads, and the manifest."""
    return {*(project / "results/models").glob("*.csv"), *(project / "results").glob("manifest*")}


def test_norwegian_and_english_tables_hide_the_same(project):
    for csv in (project / "results/tables").glob("*.csv"):
        pages = [(csv.parent / f"{csv.stem}_{lang}.html").read_text(encoding="utf-8") for lang in ("nb", "en")]
        counts = [len(HIDDEN.findall(page)) for page in pages]
        assert counts[0] == counts[1], csv.stem
        numbers = pd.read_csv(csv, dtype=str)
        if "suppressed" in numbers and not counts[0]:
            rows = numbers[numbers["suppressed"] == "True"]
            assert rows[[c for c in ("n", "count", "share") if c in rows]].isna().all(axis=None), csv.stem


def test_hidden_rows_of_every_twin_are_empty(project):
    for csv in (project / "results").glob("[ft]*/*.csv"):
        numbers = pd.read_csv(csv, dtype=str)
        if "suppressed" in numbers:
            rows = numbers[numbers["suppressed"] == "True"]
            # where a row is one count of several, the others' sum stands beside it in every row
            own = ("count", "share") if "count" in rows else ("successes", "share", "rate", "events")
            values = [c for c in own if c in rows]
            assert rows[values].isna().all(axis=None), csv.stem


def test_a_planted_leak_stops_the_run_with_the_names_of_the_displays(project, again):
    """The year that is hidden in the panel is shown, as somebody could who knows it from elsewhere."""
    path = project / "results/tables/T-B1.csv"
    before, audit = path.read_bytes(), (project / "results/release/audit.csv").read_bytes()
    numbers = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = numbers.index[numbers["suppressed"] == "True"][0]
    numbers.loc[row, ["n", "suppressed"]] = ["3", "False"]
    try:
        numbers.to_csv(path, index=False)
        run = again("--forcerun", "audit_release", "--allowed-rules", "audit_release", "--", AUDIT)
        assert run.returncode != 0
        assert "T-B1 [R1]: counts of fewer persons than the threshold are shown" in run.stdout
        assert "Traceback" not in run.stdout.split("RuleException")[0]
        assert (project / "results/release/audit.csv").read_bytes() == audit
    finally:
        path.write_bytes(before)
