"""Spares processes work that does nothing for them.

The one that runs Snakemake does without the libraries that only its jobs need, and neither it nor a job searches all
the modules it has loaded, again and again, for objects that nothing refers to. That is half of finding that nothing is
to be done, and up to half a second of each job.
"""

import gc
import os
import sys

# Nothing that reaches Snakemake as a parameter is a frame of these.
FRAMES = ("pandas", "polars")
# Objects made before a search, and searches before a deeper one: Python's own are 700, 10, 10.
SELDOM = (100_000, 50, 50)


def do_without_frames() -> None:
    """Let Snakemake find that the libraries of data frames are not there, in this process alone.

    It asks each parameter of each job whether it is a frame, and loads pandas for the question wherever it can; that
    takes longer than all else in finding that nothing is to be done. Snakemake allows for their absence, and records
    parameters as plain values then as before. Jobs are processes of their own and load what they like.

    An entry None in ``sys.modules`` is Python's own way to say that a module cannot be imported. A library that is
    loaded already stays.
    """
    for name in FRAMES:
        sys.modules.setdefault(name, None)


def keep_what_is_loaded() -> None:
    """Take what is loaded by now, which stays to the end, out of the search for objects that nothing refers to.

    Otherwise that search goes through all of Snakemake again and again while the jobs are listed, and once more when
    the process ends. What comes later is searched less often, since hardly any of it becomes free.
    """
    gc.freeze()
    gc.set_threshold(*SELDOM)


def ask_one_allocator() -> None:
    """Let Arrow take its memory where all others do, so that what one has freed the next can use: a fifth less at the
    peak of reading, in no more time. Has an effect before Arrow is loaded, and where nobody has chosen another.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def load_without_search() -> None:
    """No search while a job loads its libraries: what they make stays. ``start_work`` takes the search up again."""
    gc.disable()


def start_work() -> None:
    """Search again, but not through what is loaded, and seldom: figures and tables are made of many small objects."""
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


def end_work() -> None:
    """Let the process end without a last search: all of it goes."""
    gc.freeze()
