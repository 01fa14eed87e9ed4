"""From released files to the audit's verdict: a clean set passes, a leak planted between two displays stops the run."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from introprog.release.check import check_release
from introprog.release.records import controls, primary_cells, record, write_record
from introprog.tabular import write_csv, write_table

REGISTRY = Path(__file__).parents[2] / "workflow" / "release.yaml"
KEY = ["municipality", "exit_year", "horizon", "definition", "geography", "sex"]
SETTINGS = {
    "source": "synthetic",
    "official_definition": "ssb_november",
    "casemix_horizon": 1,
    "comparison_years": "2015-2016",
    "minimum_answers": 15,
    "disclosure": {
        "threshold": 5,
        "method": "suppress",
        "base": 5,
        "protection": 5,
        "quantile_persons": 5,
        "exceptions": [],
    },
}
TRUE = {("0301", 2015): (60, 40), ("0301", 2016): (50, 30), ("1103", 2015): (4, 2), ("1103", 2016): (30, 20)}
TRUE |= {("4601", 2015): (12, 6), ("4601", 2016): (14, 7)}
HIDDEN = {("1103", 2015), ("4601", 2015)}


def panel(hidden=frozenset()):
    rows = [(m, y, 1, "ssb_november", "programme", "both", n, s, (m, y) in hidden) for (m, y), (n, s) in TRUE.items()]
    frame = pd.DataFrame(rows, columns=[*KEY, "n", "successes", "suppressed"])
    return frame.astype({"n": "Int64", "successes": "Int64"}).assign(
        n=lambda f: f["n"].astype("Int64").mask(f["suppressed"]),
        successes=lambda f: f["successes"].astype("Int64").mask(f["suppressed"]),
    )


def by_year():
    """F-B2 of the same persons."""
    years = {y: [sum(v[i] for (_, year), v in TRUE.items() if year == y) for i in (0, 1)] for y in (2015, 2016)}
    rows = [(y, "both", "ssb_november", n, s, False) for y, (n, s) in years.items()]
    return pd.DataFrame(rows, columns=["exit_year", "sex", "definition", "n", "successes", "suppressed"])


def pooled(*municipalities):
    """F-D5 of some municipalities."""
    rows = []
    for m in municipalities:
        n, s = (sum(v[i] for (town, _), v in TRUE.items() if town == m) for i in (0, 1))
        rows.append(("municipality", 1, 2015, 2016, m, n, s / n, False))
    names = ["kind", "horizon", "first_exit_year", "last_exit_year", "municipality", "n", "rate", "suppressed"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture
def checked(tmp_path):
    def check(settings=SETTINGS, hidden=HIDDEN, **displays):
        paths = []
        for name, table in displays.items():
            paths.append(tmp_path / f"{name.replace('_', '-')}.csv")
            write_csv(table, paths[-1])
        write_table(panel(hidden), tmp_path / "municipality_panel.parquet", KEY)
        return check_release(paths, tmp_path / "municipality_panel.parquet", panel(), REGISTRY, settings)

    return check


def test_hidden_municipalities_that_cover_one_another_pass(checked):
    table, problems = checked(F_B2=by_year(), F_D5=pooled("0301"))
    assert problems == []
    row = table.set_index("output").loc["municipality_panel"]
    assert (row["hidden"], row["hidden_primary"], row["hidden_secondary"]) == (4, 2, 2)
    assert (row["least_width"], row["smallest_shown"], row["persons"]) == (5, 7, 60)


def test_a_leak_between_two_displays_is_told_without_the_number(checked):
    _, problems = checked(F_B2=by_year(), F_D5=pooled("0301", "1103"))
    message = "\n".join(map(str, problems))
    assert "F-D5" in message and "municipality_panel" in message
    assert "leavers/ssb_november/1/programme/2015/1103/both/all" in message
    assert "hidden counts can be told too closely" in message and "disclosure.exceptions" in message


def test_an_exception_lets_it_through_with_its_reason(checked):
    agreed = [{"output": name, "reason": "agreed with the data owner"} for name in ("municipality_panel", "F-D5")]
    block = {**SETTINGS["disclosure"], "exceptions": agreed}
    table, problems = checked({**SETTINGS, "disclosure": block}, F_B2=by_year(), F_D5=pooled("0301", "1103"))
    assert problems == []
    row = table.set_index("output").loc["municipality_panel"]
    assert row["exception"] == "agreed with the data owner" and row["leaks"] > 0


def test_the_same_numbers_from_the_statbank_are_public(checked):
    _, problems = checked({**SETTINGS, "source": "statbank"}, F_B2=by_year(), F_D5=pooled("0301", "1103"))
    assert problems == []


def test_two_displays_that_contradict_one_another(checked):
    wrong = by_year().assign(n=lambda f: f["n"] - 1)
    _, problems = checked(F_B2=wrong, F_D5=pooled("0301"), hidden=frozenset())
    assert any("contradict" in str(p) for p in problems)


def test_a_survey_result_from_few_answers(checked):
    towns = pd.DataFrame({"kind": ["all", "municipality", "municipality"], "n": [400, 15, 14]})
    _, problems = checked(F_B2=by_year(), F_E5=towns)
    assert [str(p).split(":")[0] for p in problems] == ["results, F-E5 [R2]"]
    assert "15 answers" in str(problems[0])


def test_a_quantile_needs_persons_on_its_thin_side(checked):
    moments = pd.DataFrame({"term": ["median", "p10"], "elapsed_months": "", "estimate": 12.0, "n": [49, 49]})
    _, problems = checked(F_C8=moments.assign(suppressed=False))
    assert [str(p).split(":")[0] for p in problems] == ["results, F-C8 [R2]"]


def test_primary_cells_of_a_pooled_figure():
    name = "leavers/ssb_november/1/programme/2015-2016/1103/both/all"
    keys = dict(
        zip(["definition", "horizon", "geography", "years", "region", "sex", "part"], name.split("/")[1:], strict=True)
    )
    cells = pd.DataFrame([{"universe": "leavers", "cell": name, "hidden": True, **keys}])
    assert primary_cells(cells, panel(), 5).to_dict() == {name: False}
    assert primary_cells(cells, panel(), 13).to_dict() == {name: True}


def test_a_record_says_what_and_how(tmp_path):
    row = {"cells": 12, "hidden": 3, "smallest_shown": 7.0, "persons": 60.0, "least_width": 5.0, "exception": ""}
    about = {"kind": "figure", "title": {"nb": "a", "en": "b"}, "data": "own", "universes": ["leavers"]}
    done = controls(row, SETTINGS["disclosure"], 0, True)
    write_record(record("F-X1", about, row, {"b.csv": "2", "a.csv": "1"}, done), tmp_path / "F-X1.yaml")
    read = yaml.safe_load((tmp_path / "F-X1.yaml").read_text(encoding="utf-8"))
    assert read["hidden"] == 3 and read["exception"] is None and list(read["files"]) == ["a.csv", "b.csv"]
    assert any("can vary by 5" in words for words in read["controls"])
