"""A job ends with its run: when the Snakemake that started it is killed, the job does not go on writing by itself.

Otherwise a job left behind by a killed run could write its results over those of the next one, made by other choices.
"""

import os
import sys
import threading
import time
from collections.abc import Callable

ORPHANED = 75


def end_with_parent(seconds: float = 0.5, leave: Callable[[int], object] = os._exit) -> threading.Thread:
    """Watch, in a thread of its own, for the parent process to end; then leave at once with status 75.

    ``seconds`` lie between two looks. Systems that give no new parent to an orphan (Windows) never see a change.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(seconds)
        leave(ORPHANED)

    thread = threading.Thread(target=watch, daemon=True, name="lifeline")
    thread.start()
    return thread


def is_job() -> bool:
    """Whether this process is the script of a Snakemake rule."""
    return hasattr(sys.modules.get("__main__"), "snakemake")
