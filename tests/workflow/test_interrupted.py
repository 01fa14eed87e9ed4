"""A study that is killed, starved of disk or robbed of a file is made whole by the next run, byte for byte.

The long form, 50 kills, is tests/matrix/interrupt.py.
"""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from matrix.interrupt import (
    CHANGES,
    children,
    finish,
    full_disk,
    jobs_of,
    kills,
    locked,
    robbed,
    rule_of,
    start,
    undisturbed,
)
from matrix.studies import run

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="process ids are read from /proc")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.heavy
def test_killed_again_and_again(tmp_path, expected):
    found = list(kills(tmp_path / "study", expected, 5, seed=1, longest=12.0))
    assert sum(one.what in ("run killed", "job killed") for one in found) == 5
    assert found[-1].outcome == "whole again, same bytes"


@pytest.mark.heavy
def test_a_disk_that_runs_full(tmp_path, expected):
    try:
        found = list(full_disk(tmp_path / "study", expected, [6]))
    except PermissionError as error:
        pytest.skip(str(error))
    assert found[-1].outcome.endswith("whole again, same bytes")


@pytest.mark.heavy
def test_a_file_removed_while_a_run_goes_on(tmp_path, expected):
    found = list(robbed(tmp_path / "study", expected, random.Random(3), 2))
    assert found[0].what.startswith("removed ") and len(found) >= 2
    assert found[-1].outcome.endswith("whole again, same bytes")


def begun(folder: Path) -> subprocess.Popen:
    """A run with a job on the way: it has taken Snakemake's lock."""
    process = start(folder)
    while not jobs_of(process.pid):
        assert process.poll() is None
    assert locked(folder)
    return process


@pytest.mark.heavy
def test_the_lock_of_a_killed_run_is_taken_away_by_the_next(tmp_path):
    process = begun(tmp_path)
    process.kill()
    process.wait()
    assert locked(tmp_path)
    said = run(tmp_path, "--cores", "2", "results/figures/F-B2-published.csv", changes=CHANGES)
    assert said.returncode == 0 and "known to be dead" in said.stdout


@pytest.mark.heavy
def test_the_lock_of_a_run_that_lives_stays(tmp_path):
    process = begun(tmp_path)
    try:
        for _ in range(2):
            said = run(tmp_path, "--cores", "1", changes=CHANGES)
            assert said.returncode != 0 and "--unlock" in said.stdout
            assert "known to be dead" not in said.stdout and "Traceback" not in said.stdout
            assert locked(tmp_path) and process.poll() is None
    finally:
        process.kill()
        process.wait()


@pytest.mark.heavy
@pytest.mark.parametrize("needed", [True, False])
def test_after_a_simulated_extract_was_deleted_all_is_made_again(tmp_path, expected, needed):
    """Also where every display is there: a file may have been lost while the run that made them went on."""
    finish(tmp_path, expected)
    (tmp_path / "results" / "private" / "synthetic" / "bosted.csv").unlink()
    if needed:
        shutil.rmtree(tmp_path / "results" / "private" / "clean")
        for picture in (tmp_path / "results" / "figures").glob("F-C4*"):
            picture.unlink()
    assert finish(tmp_path, expected) == "whole again, same bytes"


def test_a_process_knows_its_children_and_what_is_no_job():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"])
    try:
        assert child.pid in children(os.getpid())
        assert rule_of(child.pid) == "" and child.pid not in jobs_of(os.getpid())
    finally:
        child.kill()
        child.wait()
    assert rule_of(child.pid) == ""


@pytest.mark.heavy
def test_an_edited_result_is_no_expected_one(tmp_path, expected):
    table = next(name for name in expected if name.endswith("F-B2-published.csv"))
    wrong = {**expected, table: "0"}
    with pytest.raises(RuntimeError, match="not the bytes of an undisturbed run"):
        finish(tmp_path, wrong)
