"""What a change redoes: the edits of tests/matrix/changes.py fit the project, are taken back, and are told apart."""

import pytest
from conftest import ROOT
from matrix.changes import CHANGES, PAGE, finished, made, planned, renewed, row


@pytest.mark.parametrize("change", [c for c in CHANGES if c.before], ids=lambda change: change.words)
def test_what_a_change_looks_for_is_there_once(change):
    assert (ROOT / change.path).read_text(encoding="utf-8").count(change.before) == 1


def test_a_change_is_taken_back_with_its_time(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("# Languages of every figure\n", encoding="utf-8")
    before = path.stat().st_mtime_ns
    with made(CHANGES[0], tmp_path):
        assert "The languages" in path.read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "# Languages of every figure\n" and path.stat().st_mtime_ns == before


def test_a_row_tells_own_reasons_and_followers_apart():
    found = [("estimate", "a module that it uses has been edited"), ("draw", "follows from estimate")]
    assert row("x", found) == "| x | `estimate` | a module that it uses has been edited | `draw` |"
    assert row("x", []) == "| x | nothing |  |  |"
    many = [("read", "a file it reads has changed: a.csv"), *((f"rule_{n}", "follows from read") for n in range(14))]
    assert row("x", many).endswith("`rule_7` and 2 more |")
    page = renewed(PAGE.read_text(encoding="utf-8"), "a new table")
    assert "a new table" in page and "statbank.py" not in page and page.startswith("# Change one thing")


@pytest.mark.heavy
def test_nothing_is_redone_for_a_comment(tmp_path):
    study = finished(tmp_path / "intro")
    assert planned(study) == []
    with made(CHANGES[0], study):
        assert planned(study) == []
