"""A run in shards: the follow-up of persons spread over jobs gives the files of the run that was not divided."""

import shutil

import pytest
from conftest import jobs, snakemake

pytestmark = pytest.mark.heavy
FOLLOWED = [
    "results/private/outcomes/outcomes.parquet",
    "results/private/months/states.parquet",
    "results/models/chronogram.csv",
    "results/models/incidence.csv",
]


def test_four_shards_give_the_files_of_one(project, tmp_path):
    folder = tmp_path / "divided"
    shutil.copytree(project, folder)
    call = ["--cores", "2", "--configfile", "small.yaml", "--config", "shards=4"]
    run = snakemake(folder, *call, "--", *FOLLOWED, snakefile=folder / "Snakefile")
    assert run.returncode == 0, run.stdout[-3000:]
    assert {"compute_outcomes_shard", "trace_months_shard", "compute_outcomes", "trace_months"} <= jobs(run.stdout)
    for path in FOLLOWED:
        assert (folder / path).read_bytes() == (project / path).read_bytes(), path
    # the parts are no results: they are gone once they are put together
    assert not list((folder / "results/private/shards").glob("*"))
