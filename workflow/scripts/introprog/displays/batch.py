"""Several displays made in one process, each from its own needs alone, and only those whose making has changed.

Beside every display lies a stamp: digests of its entry, settings, languages, code and inputs, and of the files that
were made of them. A display whose stamp still holds is kept as it is. So a batch costs one start and one reading of
each table, and an edited caption or module redoes its own displays only.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.making import draw_to, make_numbers, make_table, paths_of, read_inputs, with_days
from introprog.errors import InputError, raise_if
from introprog.tables import save_table
from introprog.tabular import write_csv

ALWAYS = ("source", "disclosure")


@dataclass(frozen=True)
class Recipe:
    """All that a display is made from: registry entry, blocks of config, languages, code hash and inputs by name."""

    id: str
    entry: Mapping
    settings: Mapping
    languages: Sequence[str]
    code: str
    inputs: Mapping[str, str]

    def digests(self, digest_of: Mapping[str, str]) -> dict[str, str]:
        """One short digest of each thing the display depends on; ``digest_of`` has those of the input files."""
        own = {"entry": self.entry, "settings": self.settings, "languages": list(self.languages), "code": self.code}
        parts = {name: _digest(json.dumps(value, sort_keys=True).encode()) for name, value in own.items()}
        return {**parts, **{f"input {name}": digest_of[path] for name, path in sorted(self.inputs.items())}}


def recipes(params: Mapping, inputs: Mapping[str, str]) -> list[Recipe]:
    """The recipes of a batch from ``Plan.batch_params`` and the paths of all its inputs by name."""
    return [
        Recipe(
            id=name,
            entry=entry,
            settings={
                name: entry.get(name) if name == "disclosure" and name in entry else params["settings"][name]
                for name in (*ALWAYS, *entry.get("settings", []))
            },
            languages=params["languages"],
            code=params["codes"][name],
            inputs={need: inputs[need] for need in params["needs"][name]},
        )
        for name, entry in params["entries"].items()
    ]


def make_batch(batch: Sequence[Recipe], files: Sequence[str]) -> list[str]:
    """Make the displays of ``batch`` that have changed; ``files`` are the paths of all their files, stamps included.

    Returns one line a display: kept, or made and why. Raises ``InputError`` with the problems of all displays, each
    under its display's id; whatever else a display raises carries the id as a note.
    """
    digest_of = {path: _digest_file(path) for path in sorted({p for one in batch for p in one.inputs.values()})}
    due = {one.id: _due(one, own_files(files, one.id), digest_of) for one in batch}
    tables = _Inputs(one for one in batch if due[one.id])
    lines, problems = [], []
    for one in batch:
        if not due[one.id]:
            lines.append(f"{one.id}: kept")
            continue
        try:
            _make(one, tables.of(one), own_files(files, one.id), digest_of)
        except InputError as error:
            problems += [replace(problem, where=f"{one.id}: {problem.where}") for problem in error.problems]
            continue
        except Exception as error:
            error.add_note(f"while making {one.id}")
            raise
        lines.append(f"{one.id}: made ({due[one.id]})")
    raise_if(problems)
    return lines


def own_files(files: Iterable[str], display: str) -> list[str]:
    """Those of ``files`` that belong to ``display``: its numbers ``<id>.csv``, its stamp ``<id>.json`` and what is
    printed, ``<id>_<language>.<ending>``; marks without an ending are nobody's."""
    return [path for path in files if Path(path).suffix and Path(path).stem.partition("_")[0] == display]


def _make(one: Recipe, inputs: Mapping[str, object], files: Sequence[str], digest_of: Mapping[str, str]) -> None:
    """Write the numbers, the printed files and, last, the stamp that vouches for them."""
    settings = with_days(one.settings, one.inputs.get("statbank_days"))
    stamp = Path(_bare(files, ".json"))
    stamp.unlink(missing_ok=True)
    numbers = make_numbers(one.entry, inputs, settings)
    write_csv(numbers, _bare(files, ".csv"))
    for language in one.languages:
        context = Context.of(one.id, one.entry, settings, language)
        if one.entry["form"] == "figure":
            draw_to(files, numbers, context)
        else:
            table = make_table(numbers, context)
            for path in paths_of(files, language):
                save_table(table, path)
    content = {"made_from": one.digests(digest_of), "files": {path: _digest_file(path) for path in _printed(files)}}
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")


def _due(one: Recipe, files: Sequence[str], digest_of: Mapping[str, str]) -> str:
    """Why a display has to be made, in words; empty when its stamp and files still hold."""
    stamp = Path(_bare(files, ".json"))
    if not stamp.is_file():
        return "new"
    try:
        known = json.loads(stamp.read_text(encoding="utf-8"))
        before, made = dict(known["made_from"]), dict(known["files"])
    except (ValueError, KeyError, TypeError):
        return "its stamp cannot be read"
    now = one.digests(digest_of)
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if changed:
        return f"changed: {', '.join(changed)}"
    odd = [path for path in _printed(files) if not Path(path).is_file() or made.get(path) != _digest_file(path)]
    return f"missing or altered: {', '.join(Path(path).name for path in odd)}" if odd else ""


def _bare(files: Sequence[str], ending: str) -> str:
    """The file of a display that is of no language: numbers or stamp."""
    return next(path for path in files if path.endswith(ending) and "_" not in Path(path).stem)


def _printed(files: Sequence[str]) -> list[str]:
    """All files of a display but its stamp."""
    return sorted(set(files) - {_bare(files, ".json")})


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _digest_file(path: str) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


class _Inputs:
    """Input tables read once each, when first needed, and let go after the last display that needs them."""

    def __init__(self, due: Iterable[Recipe]):
        self.uses = Counter((name, path) for one in due for name, path in one.inputs.items())
        self.read: dict[tuple[str, str], object] = {}

    def of(self, one: Recipe) -> dict[str, object]:
        """The inputs of a display, its own to change: a display never sees what another did with a table."""
        found = {}
        for name, path in one.inputs.items():
            key = (name, path)
            if key not in self.read:
                self.read[key] = read_inputs({name: path})[name]
            value = self.read[key]
            found[name] = value.copy(deep=False) if isinstance(value, pd.DataFrame) else deepcopy(value)
            self.uses[key] -= 1
            if not self.uses[key]:
                del self.read[key]
        return found
