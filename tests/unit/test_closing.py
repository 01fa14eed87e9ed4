"""The last words of a run speak of that run alone."""

import pandas as pd
import pytest
from introprog.closing import closing_lines, written
from introprog.tabular import write_csv

DISPLAYS = {"F-B2": ["F-B2.csv", "F-B2_nb.svg"], "F-C4": ["F-C4.csv"], "T-A5": ["T-A5.csv", "T-A5_nb.html"]}
REPORT = "results/report/report_en.html"


@pytest.fixture
def verdict(tmp_path):
    rows = [(False, "other", "annet"), (True, "Cannot be told.", "Kan ikke sies.")]
    path = tmp_path / "verdict.csv"
    write_csv(pd.DataFrame(rows, columns=["primary", "sentence_en", "sentence_nb"]), path)
    return str(path)


def test_a_first_run_counts_displays_and_names_the_report(verdict):
    files = [path for paths in DISPLAYS.values() for path in paths]
    after = dict.fromkeys([*files, REPORT, "results/report/report_en.pdf", verdict], 1)
    assert closing_lines({}, after, DISPLAYS, verdict, "en") == [
        "Made: 2 figures and 1 table.",
        f"Look first at: {REPORT}",
        "To take further: results/report/report_en.pdf",
        "Satisfaction and results: Cannot be told.",
    ]


def test_what_stood_there_before_is_not_spoken_of(verdict):
    before = {"F-B2.csv": 1, "F-B2_nb.svg": 1, "T-A5.csv": 1, REPORT: 1, verdict: 1}
    assert closing_lines(before, before, DISPLAYS, verdict, "en") == []
    assert closing_lines(before, {**before, "F-B2_nb.svg": 2}, DISPLAYS, verdict, "en") == ["Made: 1 figure."]
    anew = closing_lines(before, {**before, verdict: 2}, DISPLAYS, verdict, "nb")
    assert anew == ["Satisfaction and results: Kan ikke sies."]


def test_only_files_that_exist_have_a_time(tmp_path):
    (tmp_path / "a").write_text("x", encoding="utf-8")
    assert list(written([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path)])) == [str(tmp_path / "a")]
