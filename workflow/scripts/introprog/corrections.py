"""Listed corrections of known faults in a delivery: applied before anything else, counted, refused for another file.

A correction names the file with its SHA-256, the row number in the file (never a person), what to do, why, and whether
it is in use. Row numbers mean nothing in another delivery, so a changed file refuses its corrections.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml
from jsonschema import Draft202012Validator

from introprog.cleaning.quality import QualityLog
from introprog.codebook import Extract
from introprog.errors import InputError, Problem, raise_if
from introprog.readers.raw import RawFile, RawTable

SCHEMA = Path(__file__).parents[2] / "schemas" / "corrections.schema.json"
RULE = "C7"


def load_corrections(path: str | Path) -> list[dict]:
    """The corrections of the file; raises ``InputError`` with all faults of the list."""
    name = Path(path).name
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        what = " ".join(str(error).split())
        raise InputError([Problem(name, "B1", "cannot be read as YAML", expected=what[:160])]) from None
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    raise_if(
        [
            Problem(
                f"{name}, {': '.join(map(str, e.absolute_path))}",
                "B3",
                e.message[:160],
                e.schema.get("description", ""),
            )
            for e in sorted(validator.iter_errors(content), key=str)
        ]
    )
    return content["corrections"]


def file_hash(path: Path) -> str:
    """SHA-256 of a file, as `sha256sum` prints it."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def corrector(corrections: Sequence[Mapping]) -> Callable[[RawFile, Extract, RawTable, QualityLog], RawTable]:
    """A function that applies the corrections in use to the raw files they name (``Reader.correct``)."""
    in_use = [c for c in corrections if c["status"] == "in use"]

    def correct(file: RawFile, extract: Extract, raw: RawTable, log: QualityLog) -> RawTable:
        mine = [c for c in in_use if c["file"] == file.name]
        if not mine:
            return raw
        digest = file_hash(file.path)
        raise_if(list(dict.fromkeys(_refusal(c, file.name) for c in mine if c["sha256"] != digest)))
        return _apply(mine, extract, file, raw, log)

    return correct


def _refusal(correction: Mapping, file: str) -> Problem:
    hint = "look whether the new delivery still has the faults, then give its sha256, or set `status: withdrawn`"
    return Problem(file, RULE, "the file is not the one that its corrections were made for", "the same sha256", hint)


def _apply(corrections: Sequence[Mapping], extract: Extract, file: RawFile, raw: RawTable, log: QualityLog) -> RawTable:
    raw, lines = raw.plain(), raw.line(np.arange(raw.table.num_rows))
    problems, columns, keep = [], {}, np.ones(len(lines), dtype=bool)
    for correction in corrections:
        place, column = np.flatnonzero(lines == correction["row"]), correction.get("column")
        where = f"{file.name}, row {correction['row']}"
        if not len(place):
            problems.append(Problem(where, RULE, "a correction names a row that the file does not have"))
        elif correction["action"] == "drop":
            keep[place] = False
        elif column not in raw.table.column_names:
            problems.append(Problem(where, RULE, f"a correction names a column {column!r} that is not read"))
        else:
            values = columns.setdefault(column, raw.table[column].to_pylist())
            values[place[0]] = correction["value"] or None
        log.note(extract.name, RULE, None if file.year is None else [file.year], n=1, what=correction["reason"])
    raise_if(problems)
    table = raw.table
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))
    dropped = np.flatnonzero(~keep)
    if len(dropped):
        kept = np.flatnonzero(keep)
        return RawTable(table.take(pa.array(kept)), raw.names, raw.first, raw.malformed, lines[kept])
    return RawTable(table, raw.names, raw.first, raw.malformed, raw.lines)
