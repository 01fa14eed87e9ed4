"""Takes away the lock that a killed run has left in its folder, and never that of a run that lives.

Snakemake's lock is a file that a killed run cannot take away. Here every run, and every job of it, also holds a lock of
the operating system on ``RUNS``, which ends with the process, however that ends. Who gets it for itself alone knows
that no run and no job in this folder is alive, and that what Snakemake's lock says is of the past.
"""

import hashlib
import os
import platform
import time
import uuid
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: there a lock is taken away by hand
    fcntl = None

RUNS = Path(".snakemake", "runs")
LOCKS = Path(".snakemake", "locks")
AWAY = "jobs on other machines"

_held: list[int] = []


def begin_run(seconds: float = 1.0) -> list[str]:
    """Hold the folder for this process until it ends; names of the lock files of dead runs that were taken away.

    None is taken away unless every run here has been on this machine, with jobs of its own processes (``went_away``),
    and has announced itself. Some network disks do not pass locks of the operating system on to other machines: that
    is why a folder that another machine has used is left to the user. ``seconds``: how long to wait for the jobs of a
    run that was killed this very moment.
    """
    known = RUNS.is_file()
    handle = _open()
    if handle is None:
        return []
    gone: list[str] = []
    if known and _lock_files() and _alone(handle, seconds) and _machines() == {_machine()} != {AWAY}:
        # listed under the lock: what a run that waits for it writes later is not among them
        gone = [path.name for path in _lock_files()]
        for name in gone:
            (LOCKS / name).unlink(missing_ok=True)
    fcntl.flock(handle, fcntl.LOCK_SH)
    _note(handle, _machine())
    _held.append(handle)
    return gone


def begin_job() -> None:
    """Hold the folder for this job as well: it may outlive its run by a moment."""
    if RUNS.is_file() and (handle := _open()) is not None:
        fcntl.flock(handle, fcntl.LOCK_SH)
        _note(handle, _machine())
        _held.append(handle)


def went_away() -> None:
    """Note that jobs of this run may live where this machine cannot see them: from now on no lock is taken away."""
    if _held:
        _note(_held[0], AWAY)


def _open() -> int | None:
    """The file that the lock is on; None where it cannot be had, and then nothing is ever taken away."""
    if fcntl is None:
        return None
    try:
        RUNS.parent.mkdir(exist_ok=True)
        return os.open(RUNS, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError:
        return None


def _alone(handle: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)


def _lock_files() -> list[Path]:
    return sorted(LOCKS.glob("*.lock"))


def _machine() -> str:
    """This machine, as a hash of its name and its network address, either of which another may share.

    Where it has no address Python draws one (with the multicast bit): it cannot be known again, so nothing is its own.
    """
    address = uuid.getnode()
    if address >> 40 & 1:
        return AWAY
    return hashlib.sha256(f"{platform.node()} {address}".encode()).hexdigest()[:16]


def _machines() -> set[str]:
    return set(RUNS.read_text(encoding="utf-8").splitlines())


def _note(handle: int, line: str) -> None:
    if line not in _machines():
        try:
            os.write(handle, f"{line}\n".encode())
        except OSError:
            # a full disk: a file without this machine is not this machine's alone, so nothing is taken away
            return
