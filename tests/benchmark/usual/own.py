"""A rule of the whole run that has no usual counterpart, in a process of its own: ``python own.py <folder> <rule>``.

Nobody has a usual way of auditing all outputs together for what they give away, of judging a ledger of claims, or of
writing one report as a page, a Word file, a PDF and a manifest. Those who do the rest by hand would run such a program
as it is; so does this step. It reads the tables of the whole run and writes under ``usual/``.
"""

import os
import pickle
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"
RULES = (
    "release_panel", "reconcile_published", "judge_claims", "audit_release", "write_manifest", "record_release",
    "write_report", "write_documents", "write_table_files",
)  # fmt: skip


def main(folder: Path, rule: str) -> None:
    """Run the rule's script as Snakemake would, but for where its outputs go."""
    usual = folder.resolve() / "usual"
    job = pickle.loads((usual / "jobs.pkl").read_bytes())[rule]
    for path in (usual / str(output) for output in job["output"]):
        path.parent.mkdir(parents=True, exist_ok=True)
    os.chdir(folder / "run")
    output = type(job["output"])(toclone=job["output"], custom_map=lambda path: str(usual / path))
    log = usual / "logs" / f"{rule}.log"
    log.parent.mkdir(exist_ok=True)
    sys.path.insert(0, str(SCRIPTS))
    if hasattr(job["params"], "stamp"):
        # it says how the whole run's tables stand, and this step makes others
        job["params"].stamp = str(usual / job["params"].stamp)
    given = SimpleNamespace(input=job["input"], output=output, params=job["params"], log=[str(log)])
    runpy.run_path(str(SCRIPTS / f"{rule}.py"), {"snakemake": given})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
