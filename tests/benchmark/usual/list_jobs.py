"""What those rules of the whole run are given that have no usual counterpart, once and untimed:
``python list_jobs.py <folder>``.

Writes ``usual/jobs.pkl``: by rule, the inputs, parameters and outputs that Snakemake would hand to the rule's script.
"""

import pickle
import sys
from pathlib import Path

from own import RULES
from snakemake.api import ConfigSettings, DAGSettings, ResourceSettings, SnakemakeApi


def jobs_of(folder: Path) -> list:
    """All jobs of a whole run in ``folder/run``; nothing is run."""
    with SnakemakeApi() as api:
        of_run = api.workflow(
            resource_settings=ResourceSettings(cores=2),
            config_settings=ConfigSettings(configfiles=[folder.resolve() / "run" / "study.yaml"]),
            snakefile=folder.resolve() / "project" / "Snakefile",
            workdir=folder.resolve() / "run",
        )
        dag = of_run.dag(dag_settings=DAGSettings(forceall=True))
        workflow = dag.workflow_api._workflow
        workflow._prepare_dag(forceall=True, ignore_incomplete=True, lock_warn_only=True)
        workflow._build_dag()
        return list(workflow.dag.jobs)


def main(folder: Path) -> None:
    """Write the list."""
    folder = folder.resolve()
    found = {}
    for job in jobs_of(folder):
        if job.rule.name in RULES:
            files = {name: type(getattr(job, name))(getattr(job, name), plainstr=True) for name in ("input", "output")}
            found[job.rule.name] = {**files, "params": job.params}
    (folder / "usual" / "jobs.pkl").write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
