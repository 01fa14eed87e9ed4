"""The tables of docs/definitions.md, written from config.yaml and its schema so that they cannot differ.

``PYTHONPATH=workflow/scripts python -m introprog.definition_tables`` writes the page, from the project's folder.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from introprog.labels import Labels
from introprog.report.definitions import HEADS, definition_rows, precedence_rows
from introprog.tabular import read_csv

PAGE = Path("docs") / "definitions.md"
HEAD = """# Definitions

This page is written by `introprog.definition_tables` from `config.yaml`, its schema and `data/codelists/status.csv`; a
test keeps it in step. [extending.md](extending.md) shows how to add a definition of your own.

## What counts as a result

One row a block of `definitions:` in `config.yaml`; the official one comes first. November horizons are counted in years
from the year of leaving, anniversaries in months from the person's own end date.
"""
STATUS = """## The order that decides a status

The first line whose requirement is met gives the status of the reference week. The list is Statistics Norway's of
StatBank table 10824; the requirements are this project's reading of its notes
([assumptions.md](assumptions.md), no. 3).
"""
CHOICES = """## Every choice of the study

The keys of `config.yaml`, what they mean and the value that ships. `definitions` and `surveys: waves` hold blocks by
name.
"""
STATUS_TEXT = ("code", "parent", "group", "precedence", "requires")


def definition_page(root: str | Path) -> str:
    """The whole page as Markdown, from the project in ``root``."""
    root = Path(root)
    config = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    schema = json.loads((root / "workflow" / "schemas" / "config.schema.json").read_text(encoding="utf-8"))
    words = yaml.safe_load((root / "workflow" / "report" / "words.yaml").read_text(encoding="utf-8"))
    status = read_csv(root / "data" / "codelists" / "status.csv", text=STATUS_TEXT)
    english = Labels("en")
    picked = [english.pick(words["definition"][key]) for key in ("name", *HEADS)]
    parts = [
        HEAD,
        _table(["Id", *picked, "In Norwegian"], _definitions(config, words)),
        STATUS,
        _table(["No.", "Code", "Status", "Requires", "Group"], precedence_rows(status, english, words)),
        CHOICES,
        _table(["Key", "Value as shipped", "Meaning"], choices(schema, config)),
    ]
    return "\n".join(parts)


def _definitions(config: Mapping, words: Mapping) -> list[list[str]]:
    blocks = config["definitions"]
    rows = definition_rows(blocks, config["official_definition"], Labels("en"), words)
    return [[f"`{row['id']}`", row["label"], *row["cells"], blocks[row["id"]]["label"]["nb"]] for row in rows]


def choices(schema: Mapping, config: Mapping, prefix: str = "") -> list[list[str]]:
    """Key, value and meaning of every single choice, in the schema's order; a block by name shows its keys once."""
    return list(_choices(schema, config, prefix))


def _choices(schema: Mapping, config: Mapping, prefix: str) -> Iterator[list[str]]:
    for name, node in schema.get("properties", {}).items():
        key, value = f"{prefix}{name}", (config or {}).get(name)
        named = next(iter(node.get("patternProperties", {}).values()), node.get("additionalProperties"))
        if isinstance(named, Mapping):
            yield [f"`{key}`", ", ".join(f"`{block}`" for block in value or {}), node["description"]]
            yield from _choices(named, {}, f"{key}: <name>: ")
        elif "properties" in node:
            yield from _choices(node, value, f"{key}: ")
        else:
            yield [f"`{key}`", "" if value is None else _code(value), node.get("description", "")]


def _code(value: object) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    (root / PAGE).write_text(definition_page(root), encoding="utf-8", newline="\n")
