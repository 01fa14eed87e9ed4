"""The study on a real Slurm of one node: submitted job by job, in shards, with the files of a run on one machine."""

import importlib.util
import os
import subprocess
import sys

import pytest
from cluster.slurm import lacking, one_node
from conftest import ROOT, SMALL

pytestmark = pytest.mark.heavy
DISPLAYS = ["F-C3", "T-C6"]
CHANGES = f"{SMALL}displays: [{', '.join(DISPLAYS)}]\nshards: 2\n"
PLUGIN = "snakemake_executor_plugin_slurm"
# Snakemake loads every plugin that it finds: this one lies apart, so that other runs do not pay for it.
APART = os.environ.get("SLURM_PLUGIN", "")


def reason() -> str:
    """Why there is no Slurm here; empty when there is one."""
    if not APART and importlib.util.find_spec(PLUGIN) is None:
        return "no plugin: pip install --no-deps --target DIR -r tests/cluster/requirements.txt, and SLURM_PLUGIN=DIR"
    return lacking()


@pytest.mark.skipif(bool(reason()), reason=f"Slurm cannot be started here: {reason()}")
def test_the_study_on_slurm_gives_the_files_of_a_run_on_one_machine(project, tmp_path):
    (tmp_path / "changes.yaml").write_text(CHANGES, encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(tmp_path)]
    command += ["--profile", str(ROOT / "profiles" / "slurm"), "--slurm-status-command", "squeue"]
    with one_node(2, 12_000) as slurm:
        path = os.pathsep.join(filter(None, (APART, slurm.get("PYTHONPATH", ""))))
        run = subprocess.run(
            [*command, "--configfile", str(tmp_path / "changes.yaml")],
            cwd=tmp_path,
            env={**slurm, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "300"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stdout[-5000:]
    assert run.stdout.count("has been submitted with SLURM jobid") > 12
    compared = [
        "results/private/outcomes/outcomes.parquet",
        "results/models/chronogram.csv",
        *(str(p.relative_to(tmp_path)) for name in DISPLAYS for p in (tmp_path / "results").glob(f"[ft]*/{name}[._]*")),
    ]
    assert len(compared) > 12
    for path in compared:
        assert (tmp_path / path).read_bytes() == (project / path).read_bytes(), path
