"""What is expected of a run: its releasable numbers and the hashes of its pictures, stored in a folder and found again.

A folder of an expectation holds ``expectation.json`` (whose run it was, and of which files the hashes are) and
``figures/``, ``tables/`` and ``models/`` with the CSV files of the run, plain or gzipped. Nothing private is taken.
"""

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from introprog.arithmetic import instructions
from introprog.errors import InputError, Problem
from introprog.provenance import package_versions

RECORD = "expectation.json"
ARITHMETIC = "processor"
KINDS = ("figures", "tables", "models")
# What changes no number: a choice among displays or languages, and the review's own settings.
NOT_COMPARED = ("displays", "languages", "review", "calibration")


@dataclass(frozen=True)
class Expectation:
    """One stored expectation: where it lies, whose run it is, what it was made with, and hash by picture."""

    folder: Path
    config: Mapping
    packages: Mapping[str, str]
    pictures: Mapping[str, str]

    @property
    def tables(self) -> dict[str, Path]:
        """Stored CSV by its name without ``.gz``, such as ``figures/F-C1.csv``."""
        found = [p for kind in KINDS for p in self.folder.joinpath(kind).glob("*.csv*")]
        return {p.relative_to(self.folder).as_posix().removesuffix(".gz"): p for p in sorted(found)}


def identity(config: Mapping) -> dict[str, object]:
    """What must be equal for two runs to be comparable: source, and for simulated data their scale and seed too."""
    extra = {name: config["synthetic"][name] for name in ("scale", "seed")} if config["source"] == "synthetic" else {}
    return {"source": config["source"], **extra}


def made_with() -> dict[str, str]:
    """Versions of packages, and the processor: with others, last digits and bytes of pictures may differ."""
    return {**package_versions(), ARITHMETIC: instructions()}


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_text_table(path: str | Path) -> pd.DataFrame:
    """A CSV as text, empty where it is empty; gzipped or not."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def store(
    tables: Sequence[str],
    pictures: Sequence[str],
    config: Mapping,
    folder: str | Path,
    compressed: bool = False,
    project: str | Path = "",
) -> int:
    """Replace the expectation in ``folder`` by ``tables`` (CSV) and hashes of ``pictures``: ``results/<kind>/<file>``
    under ``project``.

    Returns the number of tables. Raises ``InputError`` when ``folder`` holds something that is no expectation, and
    ``ValueError`` for a private path: that is a fault of the pipeline.
    """
    project, folder = Path(project), Path(folder)
    private = [name for name in (*tables, *pictures) if "private" in PurePosixPath(name).parts]
    if private:
        raise ValueError(f"not releasable: {', '.join(private)}")
    _clear(folder)
    for name in tables:
        target = folder / (short(name) + ".gz" * compressed)
        target.parent.mkdir(parents=True, exist_ok=True)
        content = (project / name).read_bytes()
        target.write_bytes(gzip.compress(content, mtime=0) if compressed else content)
    record = {
        "config": {key: config[key] for key in sorted(config)},
        "packages": made_with(),
        "pictures": {short(name): file_hash(project / name) for name in sorted(pictures)},
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / RECORD).write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return len(tables)


def short(path: str) -> str:
    """``figures/F-C1.csv`` of ``results/figures/F-C1.csv``: the name in an expectation."""
    return PurePosixPath(path).relative_to("results").as_posix()


def _clear(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RECORD).is_file():
        hint = f"name an empty folder, or one that an earlier freeze made ({RECORD} is in it)"
        raise InputError([Problem("config.yaml, review: expectation", "X1", f"{folder} holds other files", hint=hint)])
    for kind in KINDS:
        shutil.rmtree(folder / kind, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def read_expectation(folder: str | Path) -> Expectation:
    """The expectation in ``folder``; raises ``InputError`` when its record cannot be read."""
    path = Path(folder) / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Expectation(path.parent, record["config"], record["packages"], record["pictures"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "snakemake --cores 4 freeze writes it anew"
        raise InputError([Problem(str(path), "X2", f"cannot be read: {error}", hint=hint)]) from None


def find(config: Mapping, folders: Sequence[str | Path]) -> Expectation:
    """The expectation of this study: source, scale and seed must match; of several the one with the nearest config.

    Raises ``InputError``, which says how to make one, when there is none.
    """
    known = [read_expectation(f) for f in folders if (Path(f) / RECORD).is_file()]
    fitting = [one for one in known if identity(one.config) == identity(config)]
    if not fitting:
        has = "; ".join(f"{one.folder.name}: {worded(identity(one.config))}" for one in known)
        problem = Problem(
            "review",
            "X3",
            f"no expectation is stored for this study ({worded(identity(config))})",
            f"one of those that are stored ({has or 'none'})",
            "look at the results, then store them as what is expected: snakemake --cores 4 freeze",
        )
        raise InputError([problem])
    return min(fitting, key=lambda one: len(list(config_differences(one.config, config))))


def worded(values: Mapping[str, object]) -> str:
    """``source synthetic, scale 1.0``."""
    return ", ".join(f"{key} {value}" for key, value in values.items())


def config_differences(expected: Mapping, own: Mapping, path: str = "") -> Iterator[tuple[str, object, object]]:
    """Keys whose values differ: ``(key, expected, own)``; choices that change no number are passed over."""
    for key in sorted({*expected, *own}, key=str):
        if not path and key in NOT_COMPARED:
            continue
        name, old, new = f"{path}{key}", expected.get(key), own.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from config_differences(old, new, f"{name}: ")
        elif old != new:
            yield name, old, new
