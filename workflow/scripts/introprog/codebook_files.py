"""Codebook files: YAML read safely, checked against the closed schema, and the researcher's own laid over the shipped.

The rule of laying over: an overlay names the extract (or instrument) it changes; mappings are merged key by key, any
other value replaces the shipped one. In ``columns`` an entry belongs to the shipped column with the same clean
``name``, and its key is the name of the column in the researcher's file (or, with ``fill`` or ``join``, of none). What
comes out must be a whole codebook.
"""

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from introprog.errors import InputError, Problem, nearest, raise_if

SCHEMA = Path(__file__).parents[2] / "schemas" / "codebook.schema.json"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KINDS = ("extract", "instrument", "rules")
OVERLAYS = "overlays"
SURVEY = "survey_"
MADE = ("fill", "join")


def read_contents(
    paths: Iterable[str | Path], overlays: Sequence[str] = (), own: str | Path | None = None
) -> list[dict]:
    """The contents of all codebook files, overlays laid over them in the order given, those in ``own`` last.

    Files under a folder ``overlays`` among ``paths`` are used only when ``overlays`` names their folder. Raises
    ``InputError`` with all faults of all files.
    """
    files = sorted(p for p in map(Path, paths) if p.suffix in (".yaml", ".yml"))
    shipped = [p for p in files if p.parent.parent.name != OVERLAYS]
    problems: list[Problem] = []
    contents = {_key(c): c for c in _read_all(shipped, problems, partial=False)}
    raise_if(problems)
    layers = []
    for name in overlays:
        layer = [p for p in files if p.parent.parent.name == OVERLAYS and p.parent.name == name]
        if not layer:
            known = sorted({p.parent.name for p in files if p.parent.parent.name == OVERLAYS})
            where = "config.yaml, extracts: overlays"
            problems.append(Problem(where, "B5", f"no overlay {name!r} is shipped", hint=nearest(name, known)))
        layers += layer
    if own is not None and Path(own).is_dir():
        layers += sorted(p for p in Path(own).iterdir() if p.suffix in (".yaml", ".yml"))
    for path in layers:
        for content in _read_all([path], problems, partial=True):
            _lay_over(contents, content, path.name, problems)
    raise_if(problems)
    return list(contents.values())


def read_content(path: Path, partial: bool = False) -> dict:
    """One codebook file, checked; with ``partial`` only what is there is checked, as for an overlay."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        what = " ".join(str(error).split())
        raise InputError([Problem(path.name, "B1", "cannot be read as YAML", expected=what[:160])]) from None
    kind = content.get("kind") if isinstance(content, dict) else None
    if kind not in KINDS:
        raise InputError([Problem(path.name, "B1", f"unknown kind {kind!r}", hint=nearest(str(kind), KINDS))])
    content = _text_keys(content)
    raise_if(_faults(content, path.name, partial))
    return content


def _read_all(paths: Iterable[Path], problems: list[Problem], partial: bool) -> list[dict]:
    found = []
    for path in paths:
        try:
            found.append(read_content(path, partial))
        except InputError as error:
            problems += error.problems
    return found


def _key(content: Mapping) -> tuple[str, str]:
    kind = content["kind"]
    return kind, content.get(kind, "") if kind != "rules" else ""


def _lay_over(contents: dict, overlay: dict, file: str, problems: list[Problem]) -> None:
    kind, name = key = _key(overlay)
    base = contents.get(("extract", overlay["like"]) if "like" in overlay else key)
    if base is None and kind == "extract":
        known = [n for k, n in contents if k == "extract"]
        wanted = overlay.get("like", name)
        problems.append(Problem(file, "B5", f"there is no extract {wanted!r} to lay over", hint=nearest(wanted, known)))
        return
    merged = copy.deepcopy(base) if base else {}
    columns = overlay.get("columns", {})
    _merge(merged, {k: v for k, v in overlay.items() if k != "columns" or kind != "extract"})
    if kind == "extract":
        merged["columns"] = _merge_columns(merged["columns"], columns, name, file, problems)
        if merged.get("years", ()) is None:
            del merged["years"]
    faults = _faults(merged, file, partial=False)
    problems += faults
    if not faults:
        contents[key] = merged


def _merge(base: dict, over: Mapping) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict) and key != "values":
            _merge(base[key], value)
        else:
            base[key] = copy.deepcopy(value)


def _merge_columns(base: Mapping, over: Mapping, extract: str, file: str, problems: list[Problem]) -> dict:
    place = {spec["name"]: source for source, spec in base.items()}
    renamed = {}
    for source, spec in over.items():
        if spec["name"] in place:
            merged = {k: copy.deepcopy(v) for k, v in base[place[spec["name"]]].items() if k not in MADE}
            if "values" in spec:
                merged.pop("valid", None)
            _merge(merged, spec)
            renamed[spec["name"]] = (source, merged)
        elif extract.startswith(SURVEY):
            renamed[spec["name"]] = (source, {"type": "code", "label": {"nb": source, "en": source}, **spec})
        else:
            where = f"{file}, columns: {source}"
            hint = nearest(spec["name"], list(place))
            problems.append(Problem(where, "B6", f"{extract} has no column with the name {spec['name']!r}", hint=hint))
    kept = [renamed.pop(spec["name"], (source, spec)) for source, spec in base.items()]
    columns = [*kept, *renamed.values()]
    twice = sorted({source for source, _ in columns if [s for s, _ in columns].count(source) > 1})
    for source in twice:
        problems.append(Problem(f"{file}, columns: {source}", "B7", "two columns of the codebook are read from it"))
    return dict(columns)


@cache
def _definitions() -> dict:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]


def _faults(content: dict, file: str, partial: bool) -> list[Problem]:
    kind = content["kind"]
    definitions = copy.deepcopy(_definitions())
    if partial:
        definitions[kind] = _loosened(definitions[kind])
        definitions[kind]["required"] = ["kind"] if kind == "rules" else ["kind", kind]
        if kind == "extract":
            definitions[kind]["properties"]["columns"]["additionalProperties"]["required"] = ["name"]
    validator = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": definitions})
    return [_explain(file, error) for error in sorted(validator.iter_errors(content), key=str)]


def _loosened(schema: object) -> object:
    """The schema without what must be there; texts stay whole (nb and en)."""
    if isinstance(schema, dict):
        whole = set(schema.get("properties", {})) == {"nb", "en"}
        return {k: _loosened(v) for k, v in schema.items() if whole or k != "required"}
    return [_loosened(item) for item in schema] if isinstance(schema, list) else schema


def _explain(file: str, error) -> Problem:
    place = ": ".join(map(str, error.absolute_path))
    where = file + (f", {place}" if place else "")
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        extra = next(key for key in error.instance if key not in known)
        return Problem(where, "B2", f"unknown key {extra!r}", hint=nearest(extra, known))
    if error.validator == "pattern":
        return Problem(where, "B3", f"{error.instance!r:.60} is not possible", error.schema.get("description", ""))
    return Problem(where, "B3", error.message[:160], expected=error.schema.get("description", ""))


def _text_keys(content: object) -> object:
    if isinstance(content, dict):
        return {str(key): _text_keys(value) for key, value in content.items()}
    return [_text_keys(value) for value in content] if isinstance(content, list) else content
