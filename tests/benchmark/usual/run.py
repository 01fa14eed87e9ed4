"""The whole usual way: ``python run.py <folder>``, one process a step, two at a time, as ``make -j 2`` would.

The steps and what each waits for stand in ``STEPS``; every display is a step, and so is every rule of ``own.RULES``.
Writes ``usual/steps.csv`` with wall and CPU seconds and peak memory of each. Ends with the first step that fails.
"""

import csv
import json
import os
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from own import RULES

HERE = Path(__file__).resolve().parent
# Those that others wait for and those that take longest come first.
STEPS = {
    "read_registers": [],
    "survey": [],
    "outcomes": ["read_registers"],
    "months": ["read_registers"],
    "panel": ["outcomes"],
    "ordered_jackknife": ["panel", "survey"],
    "few_municipalities": ["panel", "survey"],
    "ordered": ["panel", "survey"],
    "satisfaction": ["panel", "survey"],
    "standardise": ["outcomes"],
    "specifications": ["panel", "survey", "standardise"],
    "municipal_noise": ["outcomes"],
    "casemix": ["outcomes"],
}
AT_ONCE = 2


def steps_of(folder: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Command of each step and the steps that it waits for; displays wait for nothing, since their tables are there."""
    displays = json.loads((folder / "usual" / "displays.json").read_text(encoding="utf-8"))
    commands = {name: ([f"{name}.py", str(folder)], needs) for name, needs in STEPS.items()}
    commands |= {rule: (["own.py", str(folder), rule], []) for rule in RULES}
    commands |= {display: (["display.py", str(folder), display], []) for display in displays}
    return {name: ([sys.executable, str(HERE / call[0]), *call[1:]], needs) for name, (call, needs) in commands.items()}


def run(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory (MB) of one step; raises when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[1:])}: {told.decode(errors='replace')[-2000:]}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def run_all(folder: Path) -> dict[str, tuple[float, float, float]]:
    """Every step as soon as what it waits for is done, in the order of the list, two at a time."""
    waiting, found, running = steps_of(folder), {}, {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while waiting or running:
            ready = [name for name, (_, needs) in waiting.items() if found.keys() >= set(needs)]
            for name in ready[: AT_ONCE - len(running)]:
                running[pool.submit(run, waiting.pop(name)[0])] = name
            done: set[Future] = wait(running, return_when=FIRST_COMPLETED).done
            found |= {running.pop(future): future.result() for future in done}
    return found


def main(folder: Path) -> None:
    """Run the steps and write what each took."""
    found = run_all(folder)
    with open(folder / "usual" / "steps.csv", "w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["step", "wall_s", "cpu_s", "peak_mb"])
        rows.writerows([name, *(f"{value:.3f}" for value in values)] for name, values in found.items())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
