"""docs/change-one-thing.md says what each kind of change redoes, and why; here each change is made."""

import pytest
from conftest import ROOT
from matrix.changes import CHANGES, PACKAGE, PAGE, made, planned, renewed, row, upgraded

ROWS = {line.split(" | ")[0].removeprefix("| "): line for line in PAGE.read_text(encoding="utf-8").splitlines()}


@pytest.mark.heavy
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.words)
def test_a_change_redoes_what_the_page_says_and_says_why(project, change):
    """If this fails after a change of the workflow: python tests/matrix/changes.py --study <a finished small run>"""
    with made(change, project):
        assert row(change.words, planned(project)) == ROWS[change.words]
    assert planned(project) == []


@pytest.mark.heavy
def test_a_new_version_of_a_package_redoes_everything_and_says_so(project, tmp_path):
    with upgraded("matplotlib", tmp_path) as environment:
        found = planned(project, environment)
    own = {rule: why for rule, why in found if not why.startswith("follows from")}
    assert {"simulate_extracts", "build_panel", "draw_chapter_c"} <= set(own)
    assert all("a package has another version" in why for why in own.values())
    assert f"| {PACKAGE} |" in PAGE.read_text(encoding="utf-8")


def test_every_change_of_the_page_is_one_that_is_tried():
    listed = [words for words, line in ROWS.items() if line.startswith("| ") and line.count(" | ") == 3]
    assert [w for w in listed if w not in ("what is changed",)] == [*(c.words for c in CHANGES), PACKAGE]


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
    assert renewed("a <!-- changes: begin --> old <!-- changes: end --> b", "new").count("old") == 0
