"""A job ends with its run: when the Snakemake that started it is killed, the job does not go on writing by itself.

Otherwise a job left behind by a killed run could write its results over those of the next one, made by other choices.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from introprog.run_lock import begin_job

ORPHANED = 75
RUN = "INTROPROG_RUN"
PR_SET_PDEATHSIG = 1


def announce_run() -> None:
    """Tell the jobs that this process will start which run they belong to; called once, by the Snakefile."""
    os.environ[RUN] = str(os.getpid())


def end_with_run(seconds: float = 0.5, leave: Callable[[int], object] = os._exit) -> threading.Thread:
    """Tie this job to the run that it belongs to: when that is gone, leave with status 75.

    It is gone when the process that was announced is, or when this process has been given another parent; the first
    alone misses a killed run that nobody has buried, the second alone one killed while the job was still starting.
    Linux ends the job together with its parent; elsewhere, and for what that misses, a thread looks every ``seconds``.
    A thread by itself can be late: it waits while the job is in a long computation, or when the machine is busy.
    """
    parent, run = os.getppid(), int(os.environ.get(RUN, os.getppid()))
    _end_with_parent()
    begin_job()

    def lives() -> bool:
        return os.getppid() == parent and _exists(run)

    def watch() -> None:
        while lives():
            time.sleep(seconds)
        leave(ORPHANED)

    if not lives():
        leave(ORPHANED)
    thread = threading.Thread(target=watch, daemon=True, name="lifeline")
    thread.start()
    return thread


def _end_with_parent() -> None:
    """Ask Linux for SIGKILL when the thread that started this process is gone: prctl(2), PR_SET_PDEATHSIG."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    # a system that refuses leaves the job to the thread
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _exists(pid: int) -> bool:
    # signal 0 asks on POSIX only; elsewhere it would end the process
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_job() -> bool:
    """Whether this process is the script of a Snakemake rule."""
    return hasattr(sys.modules.get("__main__"), "snakemake")
