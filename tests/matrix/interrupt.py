"""A study that is killed, starved of disk and robbed of files, again and again: does the next run make it whole?

``python tests/matrix/interrupt.py`` kills (signal 9) a small study 50 times at seeded random moments, now the main
process, now a job, and goes on in the same folder each time; then lets the disk run full and removes files under a
run. Whenever a run ends well, every result must have the bytes of a run that nobody disturbed. It prints a line for
each disturbance and writes ``docs/interrupted-runs.csv``. Linux only: it reads process ids from /proc.
"""

import argparse
import csv
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from matrix.studies import ROOT, SMALL, checksums, command, run, unequal

# Displays of every kind of rule, so that a run is short and kills fall on all of them.
DISPLAYS = ["T-A5", "F-B2-published", "T-B7", "F-C3", "F-C4", "F-C7", "T-D2", "T-E10", "T-F4", "F-F3"]
CHANGES = f"{SMALL}displays: [{', '.join(DISPLAYS)}]\n"


@dataclass(frozen=True)
class Disturbance:
    """What was done to a run, what was running then, and what the next one found.

    ``jobs_left``: jobs of a killed run that were there 1.5 seconds later, still loading what they need.
    """

    what: str
    seconds: float
    rule: str
    jobs_left: int
    outcome: str


def children(pid: int) -> list[int]:
    """Processes that ``pid`` has started and that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(after[1]) == pid and after[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def rule_of(pid: int) -> str:
    """Name of the script that a job's process runs, empty when it is no job."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    scripts = [word.decode() for word in words if b".snakemake/scripts/" in word]
    return Path(scripts[0]).name.split(".", 1)[1].removesuffix(".py") if scripts else ""


def jobs_of(pid: int) -> dict[int, str]:
    """The jobs of a run: process id and rule."""
    found = {child: rule_of(child) for child in children(pid)}
    return {child: rule for child, rule in found.items() if rule}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for_end(pids: Iterable[int], seconds: float = 60.0) -> None:
    """Wait for jobs of a killed run that were still loading their modules; an error when one goes on after that."""
    until = time.monotonic() + seconds
    while any(map(alive, pids)):
        if time.monotonic() > until:
            raise RuntimeError("a job goes on without its run")
        time.sleep(0.2)


def start(folder: Path, cores: int = 2) -> subprocess.Popen:
    """A run in the background; its words go to ``words.txt``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "changes.yaml").write_text(CHANGES, encoding="utf-8")
    with (folder / "words.txt").open("ab") as words:
        return subprocess.Popen(
            command(folder, ROOT, sys.executable, "--cores", str(cores)),
            cwd=folder,
            stdout=words,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )


def unlock(folder: Path, quick: bool = False) -> None:
    """What a researcher does after a run was killed; ``quick``: what ``--unlock`` does, without starting Snakemake."""
    if quick:
        shutil.rmtree(folder / ".snakemake" / "locks", ignore_errors=True)
        return
    done = run(folder, "--unlock", changes=CHANGES)
    if done.returncode:
        raise RuntimeError(done.stdout)


def kill_once(folder: Path, chance: random.Random, longest: float, cores: int) -> Disturbance | None:
    """Start the study, kill it or one of its jobs after a random while; None when it had ended by itself before."""
    seconds, want_job = chance.uniform(1.0, longest), chance.random() < 0.5
    process = start(folder, cores)
    try:
        process.wait(timeout=seconds)
        if process.returncode:
            raise RuntimeError((folder / "words.txt").read_text(encoding="utf-8", errors="replace")[-3000:])
        return None
    except subprocess.TimeoutExpired:
        pass
    running = jobs_of(process.pid)
    until = time.monotonic() + 10
    while want_job and not running and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
        running = jobs_of(process.pid)
    if want_job and running:
        victim = chance.choice(sorted(running))
        os.kill(victim, signal.SIGKILL)
        process.wait()
        return Disturbance("job killed", seconds, running[victim], 0, f"run ended with status {process.returncode}")
    process.kill()
    process.wait()
    time.sleep(1.5)
    left = sum(map(alive, running))
    unlock(folder, quick=chance.random() < 0.7)
    wait_for_end(running)
    return Disturbance("run killed", seconds, " ".join(sorted(running.values())), left, "unlocked")


def finish(folder: Path, expected: dict[str, str], removed: str = "") -> str:
    """Let the study finish undisturbed and compare; an error when it does not, or when a byte is not as expected.

    A private table that was ``removed`` need not be there: it is made when something needs it.
    """
    done = run(folder, "--cores", "2", changes=CHANGES)
    if done.returncode:
        raise RuntimeError(done.stdout[-3000:])
    odd = unequal(checksums(folder), expected)
    if odd == [removed] and removed.startswith("private/") and not (folder / "results" / removed).exists():
        return "nothing needed it any more; the rest has the same bytes"
    if odd:
        raise RuntimeError(f"not the bytes of an undisturbed run: {', '.join(odd[:20])}")
    return "whole again, same bytes"


def undisturbed(folder: Path) -> dict[str, str]:
    """The bytes that every other run is held against."""
    done = run(folder, "--cores", "2", changes=CHANGES)
    if done.returncode:
        raise RuntimeError(done.stdout[-3000:])
    return checksums(folder)


def kills(
    folder: Path, expected: dict[str, str], count: int, seed: int, longest: float, cores: int = 2
) -> Iterator[Disturbance]:
    """``count`` kills in one folder, after 1 to ``longest`` seconds each; a study that gets through is begun anew."""
    chance, done = random.Random(seed), 0
    while done < count:
        found = kill_once(folder, chance, longest, cores)
        if found:
            done += 1
            yield found
            continue
        yield Disturbance("none: the run came through", 0.0, "", 0, finish(folder, expected))
        shutil.rmtree(folder)
    yield Disturbance("none: the last run", 0.0, "", 0, finish(folder, expected))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of its own for ``folder``; needs root."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        raise PermissionError("only root can mount a small disk here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def full_disk(folder: Path, expected: dict[str, str], free: int) -> Disturbance:
    """A run on a disk with ``free`` megabytes left, then one after room has been made."""
    with small_disk(folder, 400):
        begun = time.monotonic()
        with (folder / "ballast").open("wb") as ballast:
            ballast.truncate(0)
            ballast.write(b"\0" * ((400 - free) * 1024 * 1024))
        process = start(folder)
        process.wait()
        if process.returncode == 0:
            raise RuntimeError(f"{free} MB were enough; the disk was never full")
        told = (folder / "words.txt").read_text(encoding="utf-8", errors="replace")
        (folder / "ballast").unlink()
        if "No space left on device" not in told:
            # the words had no room either: what a terminal shows is asked for again with room to say it
            told = "the log itself was cut short"
        else:
            told = "run said: No space left on device"
        if (folder / ".snakemake" / "locks").is_dir() and any((folder / ".snakemake" / "locks").iterdir()):
            unlock(folder)
        outcome = finish(folder, expected)
        return Disturbance(f"disk full at {free} MB", time.monotonic() - begun, "", 0, f"{told}; {outcome}")


def robbed(folder: Path, expected: dict[str, str], chance: random.Random) -> Disturbance:
    """A file that a run has made is removed while it goes on, once it has made a random number of them."""
    process, begun, gone = start(folder), time.monotonic(), ""
    enough = chance.randrange(1, int(0.9 * len(expected)))
    while process.poll() is None and not gone:
        time.sleep(0.5)
        made = sorted(made_so_far(folder) & set(expected))
        if len(made) >= enough:
            gone = chance.choice(made)
            (folder / "results" / gone).unlink(missing_ok=True)
    seconds, running = time.monotonic() - begun, " ".join(sorted(jobs_of(process.pid).values()))
    if not gone:
        raise RuntimeError(f"the run ended before {enough} files were there")
    status = process.wait()
    return Disturbance(f"removed {gone}", seconds, running, 0, f"status {status}; {finish(folder, expected, gone)}")


def made_so_far(folder: Path) -> set[str]:
    """The results that are there, by path relative to ``results``; folders may vanish meanwhile."""
    results = folder / "results"
    return {str((Path(home) / name).relative_to(results)) for home, _, names in os.walk(results) for name in names}


def others(scratch: Path, expected: dict[str, str], chance: random.Random) -> Iterator[Disturbance]:
    """Three removed files and three full disks, each in a folder of its own."""
    for number in range(3):
        yield robbed(scratch / f"robbed-{number}", expected, chance)
    for free in (2, 8, 14):
        try:
            yield full_disk(scratch / f"full-{free}", expected, free)
        except PermissionError as error:
            print(f"not tried: {error}")


def begin(path: Path) -> None:
    """A table with its head and no row."""
    path.write_text(",".join(field.name for field in fields(Disturbance)) + "\n", encoding="utf-8", newline="")


def add(one: Disturbance, path: Path) -> None:
    """A row more, at once: what has been tried is kept when the trying itself is cut short."""
    with path.open("a", encoding="utf-8", newline="") as stream:
        row = (one.what, f"{one.seconds:.1f}", one.rule, one.jobs_left, one.outcome)
        csv.writer(stream, lineterminator="\n").writerow(row)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20191028)
    parser.add_argument("--longest", type=float, help="seconds that a run is left alone at most; default: 0.4 of it")
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--append", action="store_true", help="add to the table instead of beginning it anew")
    parser.add_argument("--kills-only", action="store_true")
    given = parser.parse_args()
    scratch = given.scratch or Path(tempfile.mkdtemp(prefix="interrupt-"))
    begun = time.monotonic()
    expected = undisturbed(scratch / "undisturbed")
    whole = time.monotonic() - begun
    print(f"an undisturbed run: {len(expected)} files in {whole:.0f} seconds", flush=True)
    table = ROOT / "docs" / "interrupted-runs.csv"
    if not given.append:
        begin(table)
    killed = kills(scratch / "killed", expected, given.kills, given.seed, given.longest or 0.4 * whole)
    rest = () if given.kills_only else others(scratch, expected, random.Random(given.seed))
    for one in itertools.chain(killed, rest):
        add(one, table)
        print(*astuple(one), sep=" | ", flush=True)
    if not given.scratch:
        shutil.rmtree(scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
