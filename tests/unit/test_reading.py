"""Which extracts must be read before anything is made, and where what is read waits."""

import copy
from pathlib import Path

import pytest
import yaml
from introprog.places import PLACES, PRIVATE
from introprog.plan import Plan
from introprog.reading import READERS, WITHOUT_SURVEYS, readers

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def plan(**changes) -> Plan:
    return Plan({**copy.deepcopy(CONFIG), **changes}, ROOT)


def test_every_extract_is_read_first_unless_no_display_needs_a_survey():
    assert plan().readers == list(READERS)
    assert plan(displays=["T-A5", "F-D5"]).readers == ["clean_registers", "clean_employment"]
    assert plan(displays=["T-A5", "T-E1"]).readers == list(READERS)


def test_a_table_that_nobody_has_thought_of_is_taken_to_need_the_surveys():
    registry = {"F-X1": {"needs": ["a_new_table"]}}
    assert readers(registry, ["F-X1"]) == list(READERS)
    assert not WITHOUT_SURVEYS & set(READERS["clean_survey"])


def test_displays_that_are_said_to_need_no_survey_are_not_based_on_one():
    own = plan()
    for name in own.displays:
        if own.registry[name].get("basis", "register") != "register":
            assert set(own.registry[name]["needs"]) - WITHOUT_SURVEYS, name


def test_displays_of_registers_need_no_survey():
    """A new table that needs none is named in WITHOUT_SURVEYS, or who has no survey goes without its displays."""
    own = plan()
    for name, entry in own.registry.items():
        if entry.get("basis", "register") == "register":
            assert set(entry["needs"]) <= WITHOUT_SURVEYS, name


def test_what_is_read_waits_in_the_private_folder_under_a_name_of_its_own():
    waiting = [path for reader in READERS for path in plan().staged(reader).values()]
    assert len(waiting) == len(set(waiting)) and all(path.startswith(f"{PRIVATE}/reading/") for path in waiting)
    assert not set(waiting) & set(PLACES.values())


@pytest.mark.parametrize(("source", "place"), [("extracts", "read_log"), ("statbank", "region_status")])
def test_displays_of_published_figures_wait_for_the_readers(source, place):
    own = plan(source=source)
    published = [name for name in own.displays if own.registry[name].get("data") == "published"]
    assert own.batch_inputs(published)["read_first"] == PLACES[place]
    assert "read_first" not in {need for needs in own.batch_params(published)["needs"].values() for need in needs}
    assert "read_first" not in plan().batch_inputs(published), "synthetic extracts have no unknown faults"
