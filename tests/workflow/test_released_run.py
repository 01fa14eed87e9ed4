"""A whole small run: the audit passes, every output has its record, languages and twins agree, and a leak stops it."""

import hashlib
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
import yaml
from introprog.labels import HIDDEN
from introprog.tables import read_printed

pytestmark = pytest.mark.heavy
AUDIT = "results/release/audit.csv"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def test_every_output_has_a_record_with_the_checksums_of_its_files(project):
    audit = pd.read_csv(project / "results/release/audit.csv").set_index("output")
    assert audit["described"].all() and (audit["leaks"] == 0).all() and audit["hidden"].sum() > 100
    apart = {"private", "release"}
    shown = {p for p in (project / "results").rglob("*") if p.is_file() and not apart & set(p.parts)}
    recorded = {}
    for path in (project / "results/release").glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert content["controls"] and content["output"] == path.stem
        recorded |= {project / file: digest for file, digest in content["files"].items()}
    assert {p for p in shown if p.name != ".snakemake_timestamp"} - set(recorded) == {project / "results/manifest.json"}
    for path, digest in recorded.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path


def printed(project):
    """Every printed table by display and language; that its other formats hold the same cells is tested with them."""
    for twin in sorted((project / "results/tables").glob("*.csv")):
        if not twin.stem.endswith(("_nb", "_en")):
            yield twin, {lang: read_printed(twin.with_name(f"{twin.stem}_{lang}.json")) for lang in ("nb", "en")}


def test_norwegian_and_english_tables_hide_the_same(project):
    hidden = 0
    for twin, tables in printed(project):
        closed = {
            lang: [(i, k) for i, row in enumerate(table.rows) for k, cell in enumerate(row.cells) if cell == HIDDEN]
            for lang, table in tables.items()
        }
        assert closed["nb"] == closed["en"], twin.stem
        hidden += len(closed["nb"])
        numbers = pd.read_csv(twin, dtype=str)
        if "suppressed" in numbers and not closed["nb"]:
            rows = numbers[numbers["suppressed"] == "True"]
            assert rows[[c for c in ("n", "count", "share") if c in rows]].isna().all(axis=None), twin.stem
    assert hidden > 10


def test_no_table_prints_a_number_that_its_twin_has_not(project):
    """Rounded as printed, as it is or in per cent, with any sign: what the twin hides stands in no printed cell."""
    seen = 0
    for twin, tables in printed(project):
        content = pd.read_csv(twin, dtype=str, keep_default_na=False).to_numpy().ravel()
        plain = pd.to_numeric(pd.Series(content), errors="coerce").dropna().to_numpy()
        known, texts = np.unique(np.abs([plain, 100 * plain])), set(content)
        for cell in (cell for row in tables["en"].rows for cell in row.cells):
            for text in NUMBER.findall(cell):
                decimals, value = len(text.partition(".")[2]), float(text.replace(",", ""))
                at = np.searchsorted(known, value)
                near = np.abs(known[max(at - 1, 0) : at + 1] - value) <= 0.500001 * 10.0**-decimals
                assert near.any() or any(text in other for other in texts), (twin.stem, cell)
                seen += 1
    assert seen > 1000


def test_the_words_inside_a_picture_are_those_of_the_registry(project):
    """Texts of a figure are drawn as paths; its title and description have no number of the run's own."""
    registry = yaml.safe_load((project / "workflow/displays.yaml").read_text(encoding="utf-8"))["displays"]
    pictures = sorted((project / "results/figures").glob("*.svg"))
    assert len(pictures) > 30
    for path in pictures:
        display, _, lang = path.stem.rpartition("_")
        picture = path.read_text(encoding="utf-8")
        described = unescape(re.search(r"<desc [^>]*>(.*?)</desc>", picture, re.DOTALL)[1])
        alt, title = registry[display]["alt"][lang], registry[display]["title"][lang]
        assert not re.search(r"\d", described.replace(alt, "").replace(title, "")), path.name
        assert "<text" not in picture, path.name


def test_hidden_rows_of_every_twin_are_empty(project):
    for csv in (project / "results").glob("[ft]*/*.csv"):
        if csv.stem.endswith(("_nb", "_en")):
            continue
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
