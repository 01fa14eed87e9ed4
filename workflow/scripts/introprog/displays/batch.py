"""Several displays made in one process, each from its own needs alone, and only those whose making has changed.

Beside every display lies a stamp: digests of its entry, settings, languages, code and inputs, of its numbers, and of
the files that were made of them. A display whose stamp still holds is kept as it is; one whose inputs have changed is
drawn only if its numbers have. So a batch costs one start and one reading of each table, and an edited caption or
module, or a definition that few displays show, redoes those displays only.
"""

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
from introprog.standing import digest, digest_file, digest_frame
from introprog.tables import save_table
from introprog.tabular import write_csv

ALWAYS = ("source", "disclosure")
# The one input that settings are filled from.
DAYS = "input statbank_days"


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
        parts = {name: digest(json.dumps(value, sort_keys=True).encode()) for name, value in own.items()}
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

    Returns one line a display: kept, made and why, or looked at and kept since its numbers are the same. Raises
    ``InputError`` with the problems of all displays, each under its display's id; whatever else a display raises
    carries the id as a note.
    """
    digest_of = {path: digest_file(path) for path in sorted({p for one in batch for p in one.inputs.values()})}
    due = {one.id: _due(one, own_files(files, one.id), digest_of) for one in batch}
    tables = _Inputs(one for one in batch if due[one.id])
    lines, problems = [], []
    for one in batch:
        if not due[one.id]:
            lines.append(f"{one.id}: kept")
            continue
        try:
            drawn = _make(one, tables.of(one), own_files(files, one.id), digest_of)
        except InputError as error:
            problems += [replace(problem, where=f"{one.id}: {problem.where}") for problem in error.problems]
            continue
        except Exception as error:
            error.add_note(f"while making {one.id}")
            raise
        lines.append(f"{one.id}: {'made' if drawn else 'kept, same numbers'} ({due[one.id]})")
    raise_if(problems)
    return lines


def own_files(files: Iterable[str], display: str) -> list[str]:
    """Those of ``files`` that belong to ``display``: its numbers ``<id>.csv``, its stamp ``<id>.json`` and what is
    printed, ``<id>_<language>.<ending>``; marks without an ending are nobody's."""
    return [path for path in files if Path(path).suffix and Path(path).stem.partition("_")[0] == display]


def _make(one: Recipe, inputs: Mapping[str, object], files: Sequence[str], digest_of: Mapping[str, str]) -> bool:
    """Write the numbers, the printed files where they are not made of the same ones, and, last, the stamp that vouches
    for them; whether files were printed."""
    settings = with_days(one.settings, one.inputs.get("statbank_days"))
    stamp = Path(_bare(files, ".json"))
    before = _read_stamp(stamp)
    stamp.unlink(missing_ok=True)
    numbers = make_numbers(one.entry, inputs, settings)
    write_csv(numbers, _bare(files, ".csv"))
    now = {"made_from": one.digests(digest_of), "numbers": digest_frame(numbers)}
    same = before is not None and _same_drawing(before, now) and not _odd(before["files"], files)
    if not same:
        _print(one, numbers, settings, files)
    content = {**now, "files": {path: digest_file(path) for path in _printed(files)}}
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    return not same


def _print(one: Recipe, numbers: pd.DataFrame, settings: Mapping, files: Sequence[str]) -> None:
    for language in one.languages:
        context = Context.of(one.id, one.entry, settings, language)
        if one.entry["form"] == "figure":
            draw_to(files, numbers, context)
        else:
            table = make_table(numbers, context)
            for path in paths_of(files, language):
                save_table(table, path)


def _same_drawing(before: Mapping, now: Mapping) -> bool:
    """Whether all that printing goes by is as it was: numbers, entry, settings, days of data, languages and code."""

    def basis(stamp: Mapping) -> dict:
        drawn_by = {k: v for k, v in stamp["made_from"].items() if not k.startswith("input ") or k == DAYS}
        return {**drawn_by, "numbers": stamp.get("numbers")}

    return basis(before) == basis(now)


def _due(one: Recipe, files: Sequence[str], digest_of: Mapping[str, str]) -> str:
    """Why a display has to be made, in words; empty when its stamp and files still hold."""
    stamp = Path(_bare(files, ".json"))
    if not stamp.is_file():
        return "new"
    known = _read_stamp(stamp)
    if known is None:
        return "its stamp cannot be read"
    before, now = known["made_from"], one.digests(digest_of)
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if changed:
        return f"changed: {', '.join(changed)}"
    odd = _odd(known["files"], files)
    return f"missing or altered: {', '.join(Path(path).name for path in odd)}" if odd else ""


def _read_stamp(stamp: Path) -> dict | None:
    try:
        known = json.loads(stamp.read_text(encoding="utf-8"))
        return {**known, "made_from": dict(known["made_from"]), "files": dict(known["files"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _odd(made: Mapping[str, str], files: Sequence[str]) -> list[str]:
    """Files that are not there as they were made."""
    return [path for path in _printed(files) if not Path(path).is_file() or made.get(path) != digest_file(path)]


def _bare(files: Sequence[str], ending: str) -> str:
    """The file of a display that is of no language: numbers or stamp."""
    return next(path for path in files if path.endswith(ending) and "_" not in Path(path).stem)


def _printed(files: Sequence[str]) -> list[str]:
    """All files of a display but its stamp."""
    return sorted(set(files) - {_bare(files, ".json")})


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
