"""A run whose files do not fit ends with a message, and the next one picks up."""

import os
import shlex
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = pytest.mark.heavy
CLEAN = "results/private/clean/employment.parquet"


def test_a_run_that_has_no_room_says_so_and_the_next_picks_up(tmp_path):
    (tmp_path / "small.yaml").write_text("synthetic: {scale: 0.02}\n", encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", CLEAN, "--snakefile", str(ROOT / "Snakefile"), "--cores", "1"]
    command = shlex.join([*command, "--directory", str(tmp_path), "--configfile", str(tmp_path / "small.yaml")])
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}

    def run(before: str) -> subprocess.CompletedProcess:
        shell = ["bash", "-c", f"{before} {command}"]
        return subprocess.run(
            shell,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            check=False,
        )

    stopped = run("ulimit -f 200;")
    assert stopped.returncode != 0
    assert "[X2]: a file is larger than the limit" in stopped.stdout and "ulimit -f" in stopped.stdout
    assert "Traceback" not in stopped.stdout
    assert not (tmp_path / CLEAN).exists()
    again = run("")
    assert again.returncode == 0, again.stdout[-3000:]
    assert (tmp_path / CLEAN).is_file()
