"""The registry of displays (``workflow/displays.yaml``), read and checked against its schema."""

import json
from collections.abc import Mapping
from pathlib import Path

import yaml

from introprog.errors import Problem, raise_if

WORKFLOW = Path(__file__).parents[3]
REGISTRY = WORKFLOW / "displays.yaml"
SCHEMA = WORKFLOW / "schemas" / "displays.schema.json"


def registry(path: Path = REGISTRY) -> Mapping[str, Mapping]:
    """All entries, id -> entry, in order. Raises ``InputError`` with every breach of the schema and missing module."""
    from jsonschema import Draft202012Validator

    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    faults = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(content)
    raise_if(
        [
            Problem(f"{path.name}, {': '.join(map(str, fault.absolute_path))}", "D1", f"{fault.message:.160}")
            for fault in sorted(faults, key=lambda f: list(map(str, f.absolute_path)))
        ]
    )
    modules = {p.stem for p in Path(__file__).parent.glob("*.py")}
    raise_if(
        [
            Problem(f"{path.name}, {name}", "D2", f"no module displays/{entry['module']}.py")
            for name, entry in content["displays"].items()
            if entry["module"] not in modules
        ]
    )
    return content["displays"]
