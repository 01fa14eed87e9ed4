"""The numbers and pictures of the small run are those that were looked at and committed, by the reviewer's target."""

import os
import platform
import shutil

import numpy as np
import pytest
import yaml
from conftest import ROOT, SMALL, snakemake
from introprog.plan import Plan
from introprog.review.comparison import Tolerance
from introprog.review.expectation import find
from introprog.review.findings import review
from introprog.review.page import as_text

pytestmark = pytest.mark.heavy
# A tenth of what a review allows.
CLOSE = Tolerance(absolute=1e-9, relative=1e-7)


@pytest.fixture(scope="module")
def config():
    merged = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for key, block in yaml.safe_load(SMALL).items():
        merged[key].update(block)
    return merged


def test_the_committed_numbers_come_out(project, config):
    """After a change that is meant to move numbers: python tests/golden/refresh.py, then read the difference."""
    plan = Plan(config, ROOT)
    expected = find(config, plan.expectations())
    assert expected.folder.name == "small"
    found = review(expected, plan.numbers, plan.printed, config, Tolerance(**config["review"]["tolerance"]), project)
    assert len(found.summary) > 50
    assert not found.failed, as_text(found)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="these are names of x86 processors")
def test_an_older_processor_gives_the_same_numbers(tmp_path, config, monkeypatch):
    """Sums rounded by other instructions: estimates must not rest on where a search happens to end, nor on ties."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", " ".join(found))
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    run = snakemake(tmp_path, "--cores", "2", "--configfile", "small.yaml")
    assert run.returncode == 0, run.stdout[-3000:]
    plan = Plan(config, ROOT)
    found = review(find(config, plan.expectations()), plan.numbers, plan.printed, config, CLOSE, tmp_path)
    assert not (found.summary["status"].isin(["differ", "missing", "new"])).any(), as_text(found)


def test_the_target_agrees_and_a_changed_number_fails_it(project, again):
    run = again("--rerun-triggers", "mtime", "--cores", "2", "review")
    assert run.returncode == 0, run.stdout[-3000:]
    assert "every display and model is as expected" in run.stdout
    page = project / "results" / "review" / "index.html"
    assert "every display and model is as expected" in page.read_text(encoding="utf-8")
    table = project / "results" / "figures" / "F-C1.csv"
    before, times = table.read_bytes(), table.stat()
    text = before.decode("utf-8").splitlines()
    column = text[0].split(",").index("share")
    at = next(i for i, line in enumerate(text) if i and line.split(",")[column])
    cells = text[at].split(",")
    cells[column] = "0.123456"
    text[at] = ",".join(cells)
    try:
        table.write_text("\n".join(text) + "\n", encoding="utf-8")
        run = again("--rerun-triggers", "params", "--cores", "2", "review")
        assert run.returncode != 0
        assert "F-C1" in run.stdout and "0.123456" in page.read_text(encoding="utf-8")
        assert "Traceback" not in run.stdout
    finally:
        table.write_bytes(before)
        os.utime(table, ns=(times.st_atime_ns, times.st_mtime_ns))
        shutil.rmtree(page.parent)
