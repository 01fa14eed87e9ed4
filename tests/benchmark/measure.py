"""Time and peak memory of each contestant, in turn:
``python measure.py <folder> <scale> <table.csv> <rounds> <rounds of the usual way> <rounds of whole runs>``.

Every contestant is a process of its own, started once a round in the same order, so that whatever else the machine
does falls on all of them. Wall seconds, CPU seconds and the largest resident set of the process and its children
are what the kernel says when the process has ended. Nothing but the standard library is imported here: a child
starts as a copy of this process, and what this one holds would count as the child's.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAGES = ("clean_registers", "clean_employment", "select_cohort", "compute_outcomes", "trace_months")
FROM_CSV, FROM_PARQUET, FROM_CLEAN = (
    f"outcomes and months from {form} in one process" for form in ("raw CSV", "raw Parquet", "clean Parquet")
)
SAME_JOB = "outcomes and months from raw CSV"
COLUMNS = ["scale", "contestant", "part", "round", "wall_s", "cpu_s", "peak_mb"]
NATIONAL = 1
STUDY = """source: extracts
extracts: {{directory: {raw}, overlays: [], corrections: none.yaml}}
comparison: {{minimum_leavers: {leavers}}}
"""
# One thing changed in the finished run: in words, file of the project, text that is there once, and the new text.
CHANGES = (
    ("a caption changed", "workflow/displays.yaml", "en: What goes together with the transition to work or education?",
     "en: What goes together with the transition to work?"),
    ("a model changed", "config.yaml", "      adjust: none\n      definitions: official\n    person_linear_adjusted:",
     "      adjust: survey\n      definitions: official\n    person_linear_adjusted:"),
    ("a definition changed", "config.yaml", "    min_hours: 20\n", "    min_hours: 21\n"),
)  # fmt: skip
LEFT_OUT = (".git", ".venv", "results", "logs", ".snakemake", "__pycache__", ".*_cache")


def python(script: str, *arguments: object) -> list[str]:
    """Command that runs a script of this folder with the interpreter of this process."""
    return [sys.executable, str(HERE / script), *map(str, arguments)]


def snakemake(folder: Path) -> list[str]:
    """Arguments of a run of the copy of the project, from the raw files to every display and the report."""
    options = ["--snakefile", str(folder.resolve() / "project" / "Snakefile"), "--cores", "2"]
    place = folder.resolve() / "run"
    return [*options, "--directory", str(place), "--configfile", str(place / "study.yaml")]


def whole_run(folder: Path, scale: float) -> list[str]:
    """Command of a whole run in a copy of the project, so that it can be changed; what an earlier one made is gone."""
    for name in ("run", "project"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(HERE.parents[1], folder / "project", ignore=shutil.ignore_patterns(*LEFT_OUT))
    (folder / "run").mkdir()
    leavers = max(5, round(100 * min(scale, 1)))
    study = STUDY.format(raw=(folder / "raw").resolve(), leavers=leavers)
    (folder / "run" / "study.yaml").write_text(study, encoding="utf-8")
    return python("own_share.py", folder / "run" / "share.json", *snakemake(folder))


def check(folder: Path) -> list[str]:
    """Command that checks the raw files before a run; its reports are under ``folder/run/logs``."""
    command = whole_run(folder, 1)
    return [*command, "--", "check"]


def usual_way(folder: Path, scale: float) -> list[str]:
    """Command of the same work done the usual way; lists displays and jobs of the whole run, untimed."""
    shutil.rmtree(folder / "usual", ignore_errors=True)
    (folder / "usual").mkdir()
    (folder / "usual" / "minimum_leavers.txt").write_text(str(max(5, round(100 * min(scale, 1)))), encoding="utf-8")
    run(python("usual/list_displays.py", folder))
    run(python("usual/list_jobs.py", folder))
    return python("usual/run.py", folder)


def change(folder: Path, path: str, before: str, after: str) -> None:
    """One edit in the copy of the project; raises ``ValueError`` where the text is not there once."""
    file = folder / "project" / path
    text = file.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{path} has {text.count(before)} times {before!r}")
    file.write_text(text.replace(before, after), encoding="utf-8")


def contestants(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Name, part and command of those that read registers and answer; R only where it has data.table."""
    yield "pyarrow", "parse only", python("parse_floor.py", folder)
    for stage in STAGES:
        yield "pipeline", stage, python("pipeline.py", stage, folder)
    yield "pipeline", FROM_CSV, python("pipeline.py", "follow_csv", folder)
    yield "pipeline", FROM_PARQUET, python("pipeline.py", "follow_parquet", folder)
    yield "pipeline", FROM_CLEAN, python("pipeline.py", "follow_clean", folder)
    yield "DuckDB", "official definition", python("duckdb_outcomes.py", folder)
    yield "polars", "official definition", python("polars_outcomes.py", folder)
    if has_data_table():
        yield "data.table", "official definition", ["Rscript", str(HERE / "outcomes.R"), str(folder)]
        yield "data.table", SAME_JOB, ["Rscript", str(HERE / "follow.R"), str(folder)]


def whole_ways(folder: Path, scale: float, whole: bool, usual: bool) -> Iterator[tuple[str, str, list[str]]]:
    """The whole run and the usual way, which takes scores and clean tables from it."""
    if whole:
        yield "pipeline", "whole run", whole_run(folder, scale)
    if usual:
        yield "usual way", "whole", usual_way(folder, scale)


def redone(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """What comes after a whole run: nothing to do, and one thing changed after the other."""
    start = [sys.executable, "-m", "snakemake"]
    yield "Snakemake", "--version", [*start, "--version"]
    yield "pipeline", "nothing to do", [*start, *snakemake(folder)]
    for words, path, before, after in CHANGES:
        change(folder, path, before, after)
        yield "pipeline", words, [*start, *snakemake(folder)]


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
        "d = answers.differing(f) | answers.followed_differing(f) | answers.usual_differing(f);"
        "sys.exit(f'answers differ: {d}' if any(d.values()) else 0)"
    )
    run([sys.executable, "-c", program, str(folder)])


def shares(folder: Path) -> Iterator[tuple[str, str, tuple[float, float, float]]]:
    """Parts of the whole ways that they have measured themselves: steps of the usual one, and Snakemake's own work.

    The displays, a process each, are one part: seconds added up, the largest peak.
    """
    share = folder / "run" / "share.json"
    if share.is_file():
        own = json.loads(share.read_text(encoding="utf-8"))["own"]
        yield "Snakemake", "own work in the whole run", (own, own, 0.0)
    steps, found = folder / "usual" / "steps.csv", {}
    if steps.is_file():
        with open(steps, newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                part = row["step"] if row["step"].islower() else "displays"
                wall, cpu, peak = found.get(part, (0.0, 0.0, 0.0))
                values = wall + float(row["wall_s"]), cpu + float(row["cpu_s"]), max(peak, float(row["peak_mb"]))
                found[part] = values
    yield from (("usual way", part, values) for part, values in found.items())


def measure(folder: Path, scale: float, table: Path, rounds: int, usual: int, whole: int) -> None:
    """Write the measurements of all rounds, a row a process; whole ways only in the first so many, and where the study
    is of national size or more: a smaller one has cells that the audit of a whole run would not let out."""
    prepare(folder)
    usual, whole = (n if scale >= NATIONAL else 0 for n in (min(usual, whole), whole))
    table.parent.mkdir(parents=True, exist_ok=True)
    with open(table, "w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)

        def note(turn: int, name: str, part: str, values: Sequence[float]) -> None:
            rows.writerow([scale, name, part, turn, *(f"{value:.3f}" for value in values)])
            stream.flush()

        for turn in range(1, rounds + 1):
            for name, part, command in contestants(folder):
                note(turn, name, part, run(command))
            for name, part, command in whole_ways(folder, scale, turn <= whole, turn <= usual):
                note(turn, name, part, run(command))
            if turn == 1:
                compare(folder)
            if turn <= whole:
                for name, part, values in shares(folder):
                    note(turn, name, part, values)
                for name, part, command in redone(folder):
                    note(turn, name, part, run(command))
                shutil.rmtree(folder / "usual", ignore_errors=True)


if __name__ == "__main__":
    measure(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:7]))
