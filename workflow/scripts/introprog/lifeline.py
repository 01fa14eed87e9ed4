"""A job ends with its run: when the Snakemake that started it is killed, the job does not go on writing by itself.

Otherwise a job left behind by a killed run could write its results over those of the next one, made by other choices.
"""

import os
import sys
import threading
import time
from collections.abc import Callable

ORPHANED = 75
RUN = "INTROPROG_RUN"


def announce_run() -> None:
    """Tell the jobs that this process will start which run they belong to; called once, by the Snakefile."""
    os.environ[RUN] = str(os.getpid())


def end_with_run(seconds: float = 0.5, leave: Callable[[int], object] = os._exit) -> threading.Thread:
    """Watch the run that this job belongs to, in a thread of its own; when it is gone, leave at once with status 75.

    It is gone when the process that was announced is, or when this process has been given another parent; the first
    alone misses a killed run that nobody has buried, the second alone one killed while the job was still starting.
    ``seconds`` lie between two looks.
    """
    parent, run = os.getppid(), int(os.environ.get(RUN, os.getppid()))

    def watch() -> None:
        while os.getppid() == parent and _exists(run):
            time.sleep(seconds)
        leave(ORPHANED)

    thread = threading.Thread(target=watch, daemon=True, name="lifeline")
    thread.start()
    return thread


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
