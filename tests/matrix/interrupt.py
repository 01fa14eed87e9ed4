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
from collections.abc import Iterable, Iterator, Sequence
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

    ``jobs_left``: jobs of a killed run that were there a fifth of a second later.
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


def words_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-words.txt")


def start(folder: Path, cores: int = 2) -> subprocess.Popen:
    """A run in the background; its words go beside its folder, where there is room also when its disk is full."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "changes.yaml").write_text(CHANGES, encoding="utf-8")
    with words_of(folder).open("ab") as words:
        return subprocess.Popen(
            command(folder, ROOT, sys.executable, "--cores", str(cores)),
            cwd=folder,
            stdout=words,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )


def locked(folder: Path) -> bool:
    """Whether a run has left Snakemake's lock; the next one has to take it away by itself."""
    return any((folder / ".snakemake" / "locks").glob("*.lock"))


def kill_once(folder: Path, chance: random.Random, longest: float, cores: int) -> Disturbance | None:
    """Start the study, kill it or one of its jobs after a random while; None when it had ended by itself before."""
    seconds, want_job = chance.uniform(1.0, longest), chance.random() < 0.5
    process = start(folder, cores)
    try:
        process.wait(timeout=seconds)
        if process.returncode:
            raise RuntimeError(words_of(folder).read_text(encoding="utf-8", errors="replace")[-3000:])
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
    time.sleep(0.2)
    left = sum(map(alive, running))
    told = "its lock was left" if locked(folder) else "no lock yet"
    # otherwise the next run begins at once, and has to wait for them itself
    if chance.random() < 0.5:
        wait_for_end(running)
    return Disturbance("run killed", seconds, " ".join(sorted(running.values())), left, told)


def finish(folder: Path, expected: dict[str, str], removed: Sequence[str] = ()) -> str:
    """Let the study finish undisturbed and compare; an error when it does not, or when a byte is not as expected.

    Tables that were ``removed`` need not be there when no display of this short run needs them: private ones, and
    models that a job wrote beside those that it was asked for.
    """
    done = run(folder, "--cores", "2", changes=CHANGES)
    if done.returncode:
        raise RuntimeError(done.stdout[-3000:])
    odd = unequal(checksums(folder), expected)
    spared = [name for name in odd if name in removed and not (folder / "results" / name).exists()]
    if odd and odd == [name for name in spared if name.startswith(("private/", "models/"))]:
        return f"nothing needed {', '.join(spared)} any more; all else whole again, same bytes"
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


def full_disk(folder: Path, expected: dict[str, str], free: Sequence[int]) -> Iterator[Disturbance]:
    """Runs on a disk with so many megabytes left, one after another, then one after room has been made."""
    with small_disk(folder, 400):
        for megabytes in free:
            begun = time.monotonic()
            words_of(folder).unlink(missing_ok=True)
            fill(folder / "ballast", megabytes)
            process = start(folder)
            process.wait()
            if process.returncode == 0:
                raise RuntimeError(f"{megabytes} MB were enough; the disk was never full")
            told = words_of(folder).read_text(encoding="utf-8", errors="replace")
            (folder / "ballast").unlink()
            # a step says the one; Snakemake, when it is itself that finds no room, the other
            said = [words for words in ("the disk or the quota is full", "No space left on device") if words in told]
            if not said:
                raise RuntimeError(f"the run did not say what was wrong: {told[-2000:]}")
            outcome = f"the run ended and said: {said[0]}"
            yield Disturbance(f"disk full at {megabytes} MB", time.monotonic() - begun, "", 0, outcome)
        yield Disturbance("none: room was made", 0.0, "", 0, finish(folder, expected))


def fill(path: Path, megabytes: int) -> None:
    """Write zeros until the disk has so many megabytes left."""
    left = shutil.disk_usage(path.parent).free - megabytes * 1024 * 1024
    with path.open("wb") as ballast:
        for _ in range(left // (1024 * 1024)):
            ballast.write(bytes(1024 * 1024))


def robbed(folder: Path, expected: dict[str, str], chance: random.Random, count: int = 3) -> Iterator[Disturbance]:
    """Files that a run has made are removed while it goes on, each once it has made a random number of them."""
    process, begun = start(folder), time.monotonic()
    moments = sorted(chance.sample(range(1, int(0.8 * len(expected))), count))
    removed: list[str] = []
    while process.poll() is None and len(removed) < count:
        time.sleep(0.5)
        made = sorted(made_so_far(folder) & set(expected))
        if len(made) >= moments[len(removed)]:
            removed.append(chance.choice(made))
            (folder / "results" / removed[-1]).unlink(missing_ok=True)
            running = " ".join(sorted(jobs_of(process.pid).values()))
            yield Disturbance(f"removed {removed[-1]}", time.monotonic() - begun, running, 0, "the run went on")
    status = process.wait()
    # a run that misses a file ends; one that ends well before the first removal has tried nothing
    if not removed or (not status and len(removed) < count):
        raise RuntimeError(f"the run ended with {len(removed)} of {count} files removed")
    outcome = f"run ended with status {status}; next: {finish(folder, expected, removed)}"
    yield Disturbance("none: after the removals", 0.0, "", 0, outcome)


def made_so_far(folder: Path) -> set[str]:
    """The results that are there, by path relative to ``results``; folders may vanish meanwhile."""
    results = folder / "results"
    return {str((Path(home) / name).relative_to(results)) for home, _, names in os.walk(results) for name in names}


def others(scratch: Path, expected: dict[str, str], chance: random.Random) -> Iterator[Disturbance]:
    """A file removed under each of six runs, and three full disks."""
    for number in range(6):
        yield from robbed(scratch / f"robbed-{number}", expected, chance, count=1)
    try:
        yield from full_disk(scratch / "full", expected, (1, 3, 5))
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
