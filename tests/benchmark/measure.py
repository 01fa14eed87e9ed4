"""Time and peak memory of each contestant, in turn:
``python measure.py <folder> <scale> <table.csv> <rounds> <rounds of the usual way> <rounds of whole runs>``.

Every contestant is a process of its own, started once a round in the same order, so that whatever else the machine
does falls on all of them. Wall seconds, CPU seconds and the largest resident set of the process and its children
are what the kernel says when the process has ended. Nothing but the standard library is imported here: a child
starts as a copy of this process, and what this one holds would count as the child's.
"""

import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAGES = ("clean_registers", "clean_employment", "select_cohort", "compute_outcomes", "trace_months")
FROM_CSV, FROM_PARQUET = (f"outcomes and months from raw {form} in one process" for form in ("CSV", "Parquet"))
COLUMNS = ["scale", "contestant", "part", "round", "wall_s", "cpu_s", "peak_mb"]
STUDY = """source: extracts
extracts: {{directory: {raw}, overlays: [], corrections: none.yaml}}
comparison: {{minimum_leavers: {leavers}}}
"""


def python(script: str, *arguments: object) -> list[str]:
    """Command that runs a script of this folder with the interpreter of this process."""
    return [sys.executable, str(HERE / script), *map(str, arguments)]


def whole_run(folder: Path, scale: float) -> list[str]:
    """Command of the pipeline from the raw files to every display and the report; what an earlier one made is gone."""
    place = folder / "run"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    leavers = max(5, round(100 * min(scale, 1)))
    study = STUDY.format(raw=(folder / "raw").resolve(), leavers=leavers)
    (place / "study.yaml").write_text(study, encoding="utf-8")
    snakefile = HERE.parents[1] / "Snakefile"
    options = ["--snakefile", str(snakefile), "--directory", str(place.resolve()), "--cores", "2"]
    return [sys.executable, "-m", "snakemake", *options, "--configfile", str(place.resolve() / "study.yaml")]


def check(folder: Path) -> list[str]:
    """Command that checks the raw files before a run; its reports are under ``folder/run/logs``."""
    command = whole_run(folder, 1)
    return [*command, "--", "check"]


def contestants(folder: Path, scale: float, usual: bool, whole: bool) -> Iterator[tuple[str, str, list[str]]]:
    """Name, part and command of each process of a round; R only where it has data.table, and the slow ones if asked."""
    yield "pyarrow", "parse only", python("parse_floor.py", folder)
    for stage in STAGES:
        yield "pipeline", stage, python("pipeline.py", stage, folder)
    yield "pipeline", FROM_CSV, python("pipeline.py", "follow_csv", folder)
    yield "pipeline", FROM_PARQUET, python("pipeline.py", "follow_parquet", folder)
    yield "DuckDB", "official definition", python("duckdb_outcomes.py", folder)
    yield "polars", "official definition", python("polars_outcomes.py", folder)
    if has_data_table():
        yield "data.table", "official definition", ["Rscript", str(HERE / "outcomes.R"), str(folder)]
    if usual:
        yield "usual pandas", "official definition", python("usual_pandas.py", folder)
    if whole:
        yield "pipeline", "whole run", whole_run(folder, scale)


def has_data_table() -> bool:
    """Whether R is there with the package data.table."""
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(data.table)"], capture_output=True, check=False)
    return asked.returncode == 0


def run(command: Sequence[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory (MB) of one process and its children; raises when it fails."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(HERE)}
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: {told.decode(errors='replace')[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def prepare(folder: Path) -> None:
    """Clean tables, leavers and the pipeline's answer, once and untimed."""
    for name in ("clean", "answers"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    for stage in (*STAGES, "write_inputs", "write_parquet", "write_answer"):
        run(python("pipeline.py", stage, folder))


def compare(folder: Path) -> None:
    """Raise when any contestant's answer is another than the pipeline's."""
    program = (
        "import sys, answers; from pathlib import Path; f = Path(sys.argv[1]);"
        "d = answers.differing(f);"
        "d |= {'shares': answers.shares_differing(f)} if 'usual pandas' in d else {};"
        "sys.exit(f'answers differ: {d}' if any(d.values()) else 0)"
    )
    run([sys.executable, "-c", program, str(folder)])


def measure(folder: Path, scale: float, table: Path, rounds: int, usual: int, whole: int) -> None:
    """Write the measurements of all rounds, a row a process; the usual way and whole runs only in the first so many."""
    prepare(folder)
    table.parent.mkdir(parents=True, exist_ok=True)
    with open(table, "w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        for turn in range(1, rounds + 1):
            for name, part, command in contestants(folder, scale, turn <= usual, turn <= whole):
                rows.writerow([scale, name, part, turn, *(f"{value:.3f}" for value in run(command))])
                stream.flush()
            if turn == 1:
                compare(folder)


if __name__ == "__main__":
    measure(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:7]))
