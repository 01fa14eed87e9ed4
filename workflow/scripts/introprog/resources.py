"""What a job may use, as a function of the size of its inputs: for clusters, and for machines with little memory."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

MEGABYTE = 1e6
# The machine of a queue may be slower than the one that was measured, and have others on it.
SLOWER = 10


def megabytes(paths: Iterable[str]) -> float:
    """Size of files and of all files in folders. Raises ``FileNotFoundError`` for what is not there yet."""
    total = 0
    for path in paths:
        found = [p for p in Path(path).rglob("*") if p.is_file()] if Path(path).is_dir() else [path]
        total += sum(os.path.getsize(p) for p in found)
    return total / MEGABYTE


def declared(rule: str, table: Mapping, scale: float) -> dict[str, Callable]:
    """``mem_mb`` and ``runtime`` (minutes) of a rule as Snakemake calls them; a job that failed gets more next time.

    ``table``: ``workflow/resources.yaml``; ``scale``: size of the simulated study, 1 is national.
    """
    entry = table["rules"].get(rule, table["default"])
    known = scale if entry.get("of") == "scale" else None
    return {
        "mem_mb": partial(_needed, entry["memory"], known, 1.0),
        "runtime": partial(_needed, entry["seconds"], known, 60 / SLOWER),
    }


def _needed(line: tuple[float, float], known: float | None, unit: float, wildcards, input, attempt: int) -> int:
    size = megabytes(input) if known is None else known
    return attempt * -int(-(line[0] + line[1] * size) // unit)
