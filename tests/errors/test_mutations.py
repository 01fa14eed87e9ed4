"""Each damage of mutations.py is answered with exactly its message of messages.yaml, and no message names a person."""

import re
from pathlib import Path

import pytest
import yaml
from introprog.cleaning.quality import QualityLog
from introprog.errors import InputError
from introprog.inspection import inspect_extracts
from introprog.readers.extracts import Reader
from mutations import MUTATIONS, PERSONS, ROOT, WAVES, good_extracts
from raw_extracts import CODEBOOK, STUDY

MESSAGES = yaml.safe_load((Path(__file__).parent / "messages.yaml").read_text(encoding="utf-8"))
BOOKS = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))


def contents(folder: Path) -> dict[str, bytes | None]:
    return {p.name: p.read_bytes() if p.is_file() else None for p in folder.iterdir()}


def message(folder: Path, touched: set[str]) -> str:
    """What the check says of the folder, without what is tolerated.

    The extracts touched are read first: when they cannot be, the others would add nothing, and the test is fast.
    """
    known = set(CODEBOOK.extracts) - {"ameld"} if "codebook" not in touched else set()
    names = {re.sub(r"_\d{4}$", "", name.split(".")[0]) for name in touched} & known
    reader = Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), STUDY["last_observed_year"])
    for name in sorted(names):
        reader.read(name)
    problems = reader.log.problems or checked(folder)
    return str(InputError(problems)) if problems else ""


def checked(folder: Path) -> list:
    return inspect_extracts(folder, BOOKS, ROOT / "data" / "codelists", STUDY, WAVES).problems


def test_the_undamaged_extracts_have_no_problem(tmp_path):
    assert checked(good_extracts(tmp_path / "raw")) == []


def test_every_damage_has_its_message_and_every_message_its_damage():
    assert len(MUTATIONS) >= 60 and set(MESSAGES) == set(MUTATIONS)


@pytest.mark.parametrize("name", MUTATIONS)
def test_message(tmp_path, name):
    folder = good_extracts(tmp_path / "raw")
    before = contents(folder)
    MUTATIONS[name](folder)
    after = contents(folder)
    touched = {file for file in {*before, *after} if before.get(file, b"") != after.get(file, b"")}
    text = message(folder, touched)
    assert text == MESSAGES[name].rstrip("\n")
    assert not [person for person in PERSONS if person in text], "a person key is in the message"


def test_damages_of_many_files_are_told_at_once(tmp_path):
    folder = good_extracts(tmp_path / "raw")
    names = ("file missing", "decimal point", "sex as letters", "unknown end cause", "unknown state",
             "five digits of education", "zeros lost in measures", "form 11B with unknown status",
             "unemployment with a point", "hours of a month", "survey without an item")  # fmt: skip
    for name in names:
        MUTATIONS[name](folder)
    text = str(InputError(checked(folder)))
    for name in names:
        assert "\n".join(MESSAGES[name].rstrip("\n").split("\n")[1:]) in text, name


def test_the_messages_hold_no_row_and_no_name_of_a_person():
    text = (Path(__file__).parent / "messages.yaml").read_text(encoding="utf-8")
    assert not re.search(r"[0-9]{9,}", text.replace("10000000", "")) and "Traceback" not in text
