"""Small studies run in folders of their own, and what two of them have in common: used by the matrix and the kills."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[2]
SMALL = "synthetic: {scale: 0.02}\ncomparison: {minimum_leavers: 5}\n"
# The manifest names Python's version and the commit by design; its digest, which is compared apart, leaves them out.
OWN = {"manifest.json", ".snakemake_timestamp"}


def copy_project(target: Path) -> Path:
    """The project without its history and results."""
    ignore = shutil.ignore_patterns(".git", ".venv", "results", "logs", ".snakemake", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, target, ignore=ignore)
    return target


def command(folder: Path, checkout: Path, python: str, *arguments: str) -> list[str]:
    """The command line of a run of ``checkout`` in ``folder``, with its ``changes.yaml``."""
    start = [python, "-m", "snakemake", "--snakefile", str(checkout / "Snakefile"), "--directory", str(folder)]
    return [*start, "--configfile", str(folder / "changes.yaml"), *arguments]


def run(
    folder: Path,
    *arguments: str,
    checkout: Path = ROOT,
    python: str = sys.executable,
    changes: str = SMALL,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess:
    """A run to its end; stdout and stderr come back as one text. ``environment`` is laid over the present one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "changes.yaml").write_text(changes, encoding="utf-8")
    return subprocess.run(
        command(folder, checkout, python, *arguments),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **(environment or {})},
        check=False,
    )


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every result, by path relative to ``results``; not of the manifest."""
    results = folder / "results"
    return {
        str(p.relative_to(results)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(results.rglob("*"))
        if p.is_file() and p.name not in OWN
    }


def digest(folder: Path) -> str:
    """The manifest's one digest of config, code, versions, seeds, inputs and outputs; empty without a manifest."""
    if not (folder / "results" / "manifest.json").is_file():
        return ""
    return json.loads((folder / "results" / "manifest.json").read_text(encoding="utf-8"))["digest"]


def unequal(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Files that differ between two runs or are in one of them only, sorted."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def packages(folder: Path) -> dict[str, str]:
    """Versions of the packages that numbers depend on, as the manifest has them; empty without a manifest."""
    if not (folder / "results" / "manifest.json").is_file():
        return {}
    return json.loads((folder / "results" / "manifest.json").read_text(encoding="utf-8"))["run"]["packages"]


def numbers_differ(names: Sequence[str], one: Path, other: Path, relative: float = 0, absolute: float = 0) -> list[str]:
    """Those of ``names`` that hold other numbers, beyond the tolerance; a missing table counts.

    ``one`` and ``other`` are the folders of two runs. Printed files hold no numbers of their own: their CSV has them.
    """
    found = []
    for name in names:
        if name.endswith((".csv", ".parquet")):
            paths = [folder / "results" / name for folder in (one, other)]
            if not all(path.is_file() for path in paths) or not _same(*map(_table, paths), relative, absolute):
                found.append(name)
    return found


def _table(path: Path) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, low_memory=False)


def _same(one: "pd.DataFrame", other: "pd.DataFrame", relative: float, absolute: float) -> bool:
    import numpy as np

    if list(one) != list(other) or len(one) != len(other) or list(one.dtypes) != list(other.dtypes):
        return False
    for column in one:
        if one[column].dtype.kind == "f":
            pair = one[column].to_numpy("float64"), other[column].to_numpy("float64")
            if not np.isclose(*pair, rtol=relative, atol=absolute, equal_nan=True).all():
                return False
        elif not one[column].equals(other[column]):
            return False
    return True
