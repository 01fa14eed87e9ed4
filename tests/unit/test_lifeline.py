"""A job ends when the run that started it has been killed, and only then."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from introprog.lifeline import ORPHANED, RUN, is_job

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
JOB = """
import sys, time
sys.path.insert(0, {scripts!r})
from introprog.errors import reported
snakemake = object()
print("started", flush=True)
with reported():
    for _ in range(200):
        time.sleep(0.05)
        open({beat!r}, "a").write(".")
"""


def _beats(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _job(tmp_path: Path, job: str = JOB) -> tuple[subprocess.Popen, Path]:
    """A job under a parent of its own; its heart beats into a file."""
    beat, script = tmp_path / "beat", tmp_path / "job.py"
    script.write_text(job.format(scripts=str(SCRIPTS), beat=str(beat)), encoding="utf-8")
    starter = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, {str(script)!r}]))"
    parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    assert parent.stdout.readline() == "started\n"
    until = time.monotonic() + 20
    while not _beats(beat) and time.monotonic() < until:
        time.sleep(0.05)
    assert _beats(beat)
    return parent, beat


def test_a_job_whose_run_is_killed_writes_no_more(tmp_path):
    parent, beat = _job(tmp_path)
    parent.kill()
    parent.wait()
    time.sleep(1.5)
    count = _beats(beat)
    time.sleep(1.0)
    assert 0 < count == _beats(beat) < 200


BUSY = """
import sys, time
sys.path.insert(0, {scripts!r})
from introprog.lifeline import end_with_run
end_with_run(3600.0)
print("started", flush=True)
while True:
    time.sleep(0.05)
    open({beat!r}, "a").write(".")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel of Linux does it")
def test_a_job_too_busy_to_look_ends_with_its_run(tmp_path):
    parent, beat = _job(tmp_path, BUSY)
    parent.kill()
    parent.wait()
    time.sleep(0.5)
    count = _beats(beat)
    time.sleep(1.0)
    assert 0 < count == _beats(beat)


def test_a_job_whose_run_lives_finishes(tmp_path):
    parent, beat = _job(tmp_path)
    assert parent.wait(timeout=60) == 0
    assert _beats(beat) == 200


def test_a_job_that_starts_after_its_run_was_killed_leaves(monkeypatch):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    monkeypatch.setenv(RUN, str(gone.pid))
    # in a process of its own, which the kernel may then tie to its parent
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from introprog.lifeline import end_with_run; end_with_run(60)"
    )
    done = subprocess.run([sys.executable, "-c", f"{script}; print('went on')", str(SCRIPTS)], capture_output=True)
    assert done.returncode == ORPHANED and done.stdout == b""


def test_other_programs_are_left_alone():
    assert not is_job()
    assert ORPHANED != 0
