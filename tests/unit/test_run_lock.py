"""The lock of a dead run goes with the next run; that of a live one, or of one that nobody can see, stays."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fcntl")

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
START = "import sys; sys.path.insert(0, {scripts!r}); from introprog import run_lock; {patch}; "
HOME = "run_lock._machine = lambda: 'home'"
RUN = "print(*run_lock.begin_run(0.1), flush=True); "


def run(folder: Path, code: str, patch: str = HOME) -> list[str]:
    """What a process in ``folder`` prints: names of the lock files that it has taken away."""
    code = START.format(scripts=str(SCRIPTS), patch=patch) + code
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def live(folder: Path, code: str) -> subprocess.Popen:
    """A process that goes on after ``code`` until it is killed."""
    code = f"{START.format(scripts=str(SCRIPTS), patch=HOME)}{code}print('.', flush=True); import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, text=True)
    while process.stdout.readline().strip() != ".":
        assert process.poll() is None
    return process


def lock(folder: Path) -> Path:
    path = folder / ".snakemake" / "locks" / "0.output.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


@pytest.fixture
def killed(tmp_path):
    """A folder whose only run was killed and has left its lock."""
    process = live(tmp_path, RUN)
    path = lock(tmp_path)
    process.kill()
    process.wait()
    return tmp_path, path


def test_the_lock_of_a_killed_run_is_taken_away(killed):
    folder, path = killed
    assert run(folder, RUN) == ["0.output.lock"] and not path.exists()
    assert run(folder, RUN) == []


@pytest.mark.parametrize("code", [RUN, "run_lock.begin_job(); "], ids=["run", "job"])
def test_it_stays_while_another_run_or_a_job_is_alive(killed, code):
    folder, path = killed
    path.unlink()
    process = live(folder, code)
    try:
        lock(folder)
        assert run(folder, RUN) == [] and path.exists()
    finally:
        process.kill()
        process.wait()
    assert run(folder, RUN) == ["0.output.lock"]


def test_one_of_two_live_runs_that_dies_leaves_the_other_its_lock(killed):
    folder, path = killed
    path.unlink()
    one, other = live(folder, RUN), live(folder, RUN)
    lock(folder)
    one.kill()
    one.wait()
    assert run(folder, RUN) == [] and path.exists()
    other.kill()
    other.wait()


def test_the_jobs_of_a_run_killed_this_moment_are_waited_for(killed):
    folder, path = killed
    process = live(folder, "run_lock.begin_job(); import threading, os; threading.Timer(0.7, os._exit, [1]).start(); ")
    assert run(folder, RUN.replace("0.1", "20")) == ["0.output.lock"] and not path.exists()
    process.wait()


@pytest.mark.parametrize("elsewhere", ["run_lock._machine = lambda: 'other'", "import uuid; uuid.getnode = lambda: -1"])
def test_a_folder_that_another_machine_has_used_is_left_alone(killed, elsewhere):
    folder, path = killed
    assert run(folder, RUN, patch=elsewhere) == [] and path.exists()
    assert run(folder, RUN) == [] and path.exists()


def test_a_machine_that_cannot_be_known_again_takes_nothing_away(tmp_path):
    unknown = "import uuid; uuid.getnode = lambda: 1 << 40"
    run(tmp_path, RUN, patch=unknown)
    path = lock(tmp_path)
    assert run(tmp_path, RUN, patch=unknown) == [] and path.exists()


def test_jobs_on_other_machines_keep_the_lock(tmp_path):
    run(tmp_path, f"{RUN}run_lock.went_away()")
    path = lock(tmp_path)
    assert run(tmp_path, RUN) == [] and path.exists()


def test_a_lock_from_before_runs_were_announced_stays(tmp_path):
    path = lock(tmp_path)
    assert run(tmp_path, RUN) == [] and path.exists()


def test_without_locks_of_the_system_nothing_is_taken_away(killed):
    folder, path = killed
    assert run(folder, f"run_lock.fcntl = None; {RUN}run_lock.begin_job(); run_lock.went_away()") == []
    assert path.exists()


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path):
    (tmp_path / ".snakemake").write_text("a file in the way", encoding="utf-8")
    assert run(tmp_path, RUN) == []
