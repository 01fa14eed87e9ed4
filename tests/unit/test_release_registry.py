"""workflow/release.yaml says of every display what its counts mean, in words that the audit knows."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

WORKFLOW = Path(__file__).parents[2] / "workflow"


@pytest.fixture(scope="module")
def registry():
    return yaml.safe_load((WORKFLOW / "release.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def displays():
    return yaml.safe_load((WORKFLOW / "displays.yaml").read_text(encoding="utf-8"))["displays"]


def test_it_follows_its_schema(registry):
    schema = json.loads((WORKFLOW / "schemas" / "release.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [e.message for e in Draft202012Validator(schema).iter_errors(registry)] == []


def test_every_display_is_described(registry, displays):
    assert sorted(set(displays) - set(registry["outputs"])) == [], "add them to workflow/release.yaml"


def test_every_block_names_all_dimensions_of_its_universe(registry):
    for output, entry in registry["outputs"].items():
        for block in entry.get("cells", ()):
            dimensions = set(registry["universes"][block["universe"]]["dimensions"])
            for extra in {**block.get("counts", {}), **block.get("rates", {})}.values():
                assert set(block["keys"]) | (set(extra) - {"of", "when"}) == dimensions, output


def test_every_part_of_a_tree_is_text(registry):
    for universe in registry["universes"].values():
        for dimension in universe["dimensions"].values():
            for tree in dimension.get("trees", ()):
                assert all(isinstance(part, str) for parts in tree.values() for part in parts)
