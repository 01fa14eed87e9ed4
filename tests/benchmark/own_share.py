"""Snakemake in this process, and its own part of the CPU time: ``python own_share.py <file> <arguments of Snakemake>``.

Jobs are processes of their own, so that what this process used is Snakemake's. Writes both, in seconds, as JSON.
"""

import json
import resource
import runpy
import sys
from pathlib import Path


def seconds(who: int) -> float:
    """CPU time of this process or of those that it has waited for."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    target = Path(sys.argv[1])
    sys.argv = ["snakemake", *sys.argv[2:]]
    try:
        runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    finally:
        used = {"own": seconds(resource.RUSAGE_SELF), "jobs": seconds(resource.RUSAGE_CHILDREN)}
        target.write_text(json.dumps(used) + "\n", encoding="utf-8")
