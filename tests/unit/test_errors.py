"""Messages show what, where, how many, examples, what was expected and a hint, and stop without a traceback."""

import pytest
from introprog.errors import InputError, Problem, nearest, raise_if, reported


def test_a_problem_prints_everything_a_researcher_needs():
    problem = Problem(
        "demografi.csv, column kjoenn",
        "K12",
        "unknown code",
        expected="1 or 2",
        hint="IMDi codes women as 0",
        count=1200,
        rows=range(2, 40),
        values=["0", "0", "9", "3", "4", "5", "6"],
    )
    assert str(problem).splitlines() == [
        "demografi.csv, column kjoenn [K12]: unknown code (1,200 rows)",
        "  values: '0', '9', '3', '4', '5'",
        "  rows: 2, 3, 4, 5, 6",
        "  expected: 1 or 2",
        "  hint: IMDi codes women as 0",
    ]


def test_no_problem_raises_nothing():
    raise_if([])


def test_nearest_names_the_word_meant_or_all():
    assert nearest("kjonn", ["kjoenn", "alder"]) == "did you mean 'kjoenn'?"
    assert nearest("zzz", ["kjoenn", "alder"]) == "known: kjoenn, alder"


def test_reported_ends_without_a_traceback(tmp_path, capsys):
    log = tmp_path / "rule.log"
    with pytest.raises(SystemExit) as stopped, reported(str(log)):
        raise InputError([Problem("a.csv", "F1", "the file is missing")])
    assert stopped.value.code == 1
    assert "a.csv [F1]: the file is missing" in capsys.readouterr().err
    assert "a.csv [F1]: the file is missing" in log.read_text(encoding="utf-8")


def test_a_fault_of_the_pipeline_keeps_its_traceback_and_hides_values(tmp_path, capsys):
    log = tmp_path / "rule.log"
    with pytest.raises(SystemExit) as stopped, reported(str(log)):
        try:
            _ = {"0000001234": 1}["0000001235"]
        except KeyError as error:
            error.add_note("while reading lopenr=01018012345 of survey_ks_2015")
            raise ValueError("no row for 'w19_0001234' in 2015") from error
    told = capsys.readouterr().err
    assert stopped.value.code == 1 and told.strip() == log.read_text(encoding="utf-8").strip()
    assert "in test_a_fault_of_the_pipeline" in told and "KeyError: '(hidden)'" in told
    assert "while reading lopenr=(hidden) of survey_ks_2015" in told
    assert "ValueError: no row for '(hidden)' in 2015" in told
    assert "1235" not in told.replace('["0000001235"]', "")
