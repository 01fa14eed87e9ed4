"""Store the results of two runs as what is expected: the small run of the tests and the default run.

Run from the project's folder: ``python tests/golden/refresh.py``. Both runs are made in folders of their own under
``results/golden`` (which Git leaves out), so that a second
call redoes only what has changed. Read ``git diff tests/golden`` before you
commit it; of the default run, whose tables are gzipped, ``snakemake review`` shows what changed before you refresh.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests" / "workflow")]

from introprog.plan import Plan  # noqa: E402
from introprog.review.expectation import store  # noqa: E402

SMALL = "synthetic: {scale: 0.02}\ncomparison: {minimum_leavers: 5}\n"
CHANGES = {"small": SMALL, "default": "{}\n"}


def study(name: str) -> dict:
    """The whole config of one of the two runs."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for key, block in yaml.safe_load(CHANGES[name]).items():
        config[key].update(block)
    return config


def refresh(name: str, folder: Path, cores: int, run: bool) -> None:
    """Bring the run in ``folder`` up to date (``run``) and store its results."""
    if run:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "changes.yaml").write_text(CHANGES[name], encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            str(ROOT / "Snakefile"),
            "--directory",
            str(folder),
        ]
        subprocess.run([*command, "--cores", str(cores), "--configfile", str(folder / "changes.yaml")], check=True)
    config = study(name)
    plan = Plan(config, ROOT)
    target = ROOT / "tests" / "golden" / name
    shutil.rmtree(target, ignore_errors=True)
    count = store(plan.numbers, plan.printed, config, target, compressed=name == "default", project=folder)
    size = sum(p.stat().st_size for p in target.rglob("*") if p.is_file())
    print(f"{target.relative_to(ROOT)}: {count} tables, {size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=2)
    for name in CHANGES:
        parser.add_argument(f"--{name}", type=Path, metavar="FOLDER", help=f"a finished {name} run, taken as it is")
    given = vars(parser.parse_args())
    for name in CHANGES:
        folder = given[name] or ROOT / "results" / "golden" / name
        refresh(name, folder, given["cores"], run=given[name] is None)


if __name__ == "__main__":
    main()
