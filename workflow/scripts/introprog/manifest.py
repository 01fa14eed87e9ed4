"""The manifest of a run: config, code, versions and seeds, and hash and row count of every input and output.

All of it is under one digest, so that two people compare runs by one line; no time, host or absolute path is in it. The
platform and the commit stand beside the digest, not under it: the same run on another machine, or from an archive
without its history, gives the same digest.
"""

import ast
import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path

from introprog.provenance import package_versions
from introprog.review.expectation import file_hash

TEXT = (".csv", ".txt")


def git_state(root: str | Path) -> dict[str, str]:
    """``commit`` and ``state`` (``clean``, ``changed files: n``) of the project in ``root``.

    Where the project is not its own Git repository, or Git is absent, ``commit`` is empty and ``state`` says so.
    """
    absent = {"commit": "", "state": "not under version control"}
    try:
        top = _git(root, "rev-parse", "--show-toplevel")
        if Path(top).resolve() != Path(root).resolve():
            return absent
        commit, changes = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return absent
    count = len(changes.splitlines())
    return {"commit": commit, "state": f"changed files: {count}" if count else "clean"}


def _git(root: str | Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()


def row_count(path: str | Path) -> int | None:
    """Rows of a Parquet table, records of a text file without its header line, or None for what has no rows."""
    path = Path(path)
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.read_metadata(path).num_rows
    if path.suffix not in TEXT:
        return None
    with open(path, "rb") as stream:
        lines = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    return max(lines - (path.suffix == ".csv"), 0)


def listed(paths: Iterable[str | Path], bases: Sequence[str | Path] = ("",)) -> list[dict]:
    """``file`` (relative to the first of ``bases`` that it lies in), ``sha256``, ``rows``; sorted, each once.

    Folders stand for all their files.
    """
    entries = {_named(one, bases): one for path in paths for one in _files(Path(path))}
    return [{"file": name, "sha256": file_hash(one), "rows": row_count(one)} for name, one in sorted(entries.items())]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [p for p in path.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    # neither hidden files nor what a tool keeps in a hidden folder are part of a study
    return [p for p in found if not any(part.startswith(".") for part in p.relative_to(path).parts)]


def _named(path: Path, bases: Sequence[str | Path]) -> str:
    """The path as a reader elsewhere can follow it; the bare name where it lies in none of ``bases``."""
    for base in bases:
        if path.resolve().is_relative_to(Path(base).resolve()):
            return path.resolve().relative_to(Path(base).resolve()).as_posix()
    return path.name


def workflow_hash(root: str | Path) -> str:
    """One hash of the Snakefile and all files of the workflow, by name and content."""
    files = listed([Path(root, "Snakefile"), Path(root, "workflow")], [root])
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def fixed_seeds(scripts: str | Path) -> dict[str, int]:
    """Seeds that scripts fix (``SEED = ...`` at the top of ``scripts/<rule>.py``), by rule."""
    found = {}
    for path in sorted(Path(scripts).glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SEED":
                found[path.stem] = ast.literal_eval(node.value)
    return found


def installed() -> dict[str, str]:
    """Version of every installed package, by name in small letters."""
    return dict(sorted({d.metadata["Name"].lower(): d.version for d in distributions()}.items()))


def manifest(
    config: Mapping, root: str | Path, inputs: Iterable[str], outputs: Iterable[str], folder: str | Path = ""
) -> dict:
    """``run`` (all that is hashed), ``digest`` (SHA-256 of ``run`` as sorted JSON), ``version_control`` and
    ``platform``; ``root`` is the project's folder, ``folder`` that of the researcher's own files."""
    seeds = {name: config[name]["seed"] for name in ("synthetic", "calibration")}
    run = {
        "config": dict(config),
        "workflow": workflow_hash(root),
        "packages": package_versions(),
        "seeds": {**seeds, **fixed_seeds(Path(root, "workflow", "scripts"))},
        "inputs": listed(inputs, [root, "", folder] if folder else [root, ""]),
        "outputs": listed(outputs),
    }
    text = json.dumps(run, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {
        "run": run,
        "digest": hashlib.sha256(text.encode("utf-8")).hexdigest(),
        "version_control": git_state(root),
        "platform": {
            "python": platform.python_version(),
            "system": platform.system(),
            "machine": platform.machine(),
            "packages": installed(),
        },
    }


def write_manifest(content: Mapping, path: str | Path) -> None:
    """Write ``content`` as JSON that people can read and compare line by line."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
    Path(path).write_text(f"{text}\n", encoding="utf-8", newline="\n")
