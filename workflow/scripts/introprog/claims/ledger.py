"""The claims as they stand in ``data/claims.yaml``, checked against their closed schema and their sources."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jsonschema import Draft202012Validator

from introprog.content import read_yaml
from introprog.errors import Problem, nearest, raise_if

SCHEMA = Path(__file__).parents[3] / "schemas" / "claims.schema.json"


def read_ledger(path: str | Path) -> dict[str, dict]:
    """Claims by id in the order of the file.

    Raises ``InputError`` with every misspelt key, missing text and impossible value.
    """
    content = read_yaml(path)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = sorted(Draft202012Validator(schema).iter_errors(content), key=lambda e: list(map(str, e.absolute_path)))
    problems = []
    for error in errors:
        where = f"{Path(path).name}, {': '.join(map(str, error.absolute_path))}".rstrip(", ")
        expected = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
        problems.append(Problem(where, "L1", error.message[:160], expected))
    raise_if(problems)
    return content["claims"]


def unknown_keys(claims: Mapping[str, Mapping], sources: Sequence[str], displays: Sequence[str]) -> Iterator[Problem]:
    """Sources and displays that a claim names and the project does not have."""
    for name, claim in claims.items():
        for rule, kind, named, known in (
            ("L2", "source", claim["source"], sources),
            ("L3", "display", claim["displays"], displays),
        ):
            for key in named:
                if key not in known:
                    yield Problem(f"claims.yaml, {name}", rule, f"unknown {kind} {key!r}", hint=nearest(key, known))
