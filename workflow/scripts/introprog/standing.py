"""A step that has to run because a file is newer keeps its results where nothing that it reads has changed.

Snakemake goes by files: a table of all definitions is another file when one definition is another. A step that reads
the rows of one definition is then started, reads them, and finds them as they were. Beside its results lies a stamp:
digests of what they were made from, and of the files themselves.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def digest_file(path: str | Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def digest_frame(frame: pd.DataFrame) -> str:
    """Of names, types, order and every value as it is in memory: a CSV of it holds ten digits."""
    kinds = [f"{name} {kind!r}" for name, kind in frame.dtypes.items()]
    return digest("\n".join(kinds).encode() + pd.util.hash_pandas_object(frame).to_numpy().tobytes())


def stands(stamp: str | Path, basis: Mapping[str, object], outputs: Iterable[str]) -> bool:
    """Whether ``outputs`` are there as they were made, and were made from this ``basis``, by name: frames, files
    (``Path``), and settings with the hash of the code."""
    try:
        known = json.loads(Path(stamp).read_text(encoding="utf-8"))
        return known == _content(basis, outputs)
    except (OSError, ValueError):
        return False


def vouch(stamp: str | Path, basis: Mapping[str, object], outputs: Iterable[str]) -> None:
    """Write the stamp of ``outputs`` that have just been made from ``basis``."""
    Path(stamp).parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_content(basis, outputs), indent=1, sort_keys=True)
    Path(stamp).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _content(basis: Mapping[str, object], outputs: Iterable[str]) -> dict[str, dict[str, str]]:
    made_from = {name: _digest_part(value) for name, value in basis.items()}
    return {"made_from": made_from, "files": {path: digest_file(path) for path in sorted(map(str, outputs))}}


def _digest_part(value: object) -> str:
    if isinstance(value, pd.DataFrame):
        return digest_frame(value)
    return digest_file(value) if isinstance(value, Path) else digest(json.dumps(value, sort_keys=True).encode())
