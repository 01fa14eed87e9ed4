"""T-E14: the match report in print, and what the audit of all outputs makes of it."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from introprog.displays import t_e14
from introprog.displays.context import Context
from introprog.displays.making import read_inputs
from introprog.errors import InputError
from introprog.matches import shown
from introprog.plan import Plan
from introprog.release.audit import audit
from introprog.release.cells import collect
from introprog.tabular import write_csv

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
RELEASE = yaml.safe_load((ROOT / "workflow" / "release.yaml").read_text(encoding="utf-8"))
ENTRY = yaml.safe_load((ROOT / "workflow" / "displays.yaml").read_text(encoding="utf-8"))["displays"]["T-E14"]
SETTINGS = {"source": "extracts", "study": CONFIG["study"], "disclosure": CONFIG["disclosure"]}
STATUSES = {"linked": 40, "refused": 3, "no_key": 30, "not_found": 27}


def row(part, of, found_in, n, found, year=None):
    level = "all" if year is None else "year"
    return {"part": part, "of": of, "found_in": found_in, "level": level, "year": year, "n": n, "found": found}


@pytest.fixture
def report() -> pd.DataFrame:
    """Persons by year in two registers, one year with two of them missing; answers with three refusals."""
    years = {2010: (80, 78, 60), 2011: (90, 90, 70), 2012: (100, 90, 80)}
    rows = [row("register", "programmes", r, v[0], v[1 + i], y)
            for y, v in years.items() for i, r in enumerate(("income", "persons"))]  # fmt: skip
    rows += [row("register", "programmes", r, 270, n) for r, n in (("income", 258), ("persons", 210))]
    rows += [row("person_link", "answers of ks_2015", status, 100, n) for status, n in STATUSES.items()]
    rows += [row("frame", "answers of ks_2015", "survey_frame", 100, 93)]
    rows += [row("results", "answers of ks_2015", "leavers", 100, 88)]
    rows += [row("results", "municipalities of ks_2015", "leavers", 9, 8)]
    table = pd.DataFrame(rows).astype({"year": "Int64"}).assign(municipality=None)
    return table.assign(share=table["found"] / table["n"])


def numbers_of(report: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """The numbers as a run makes them: from the file of what may be shown."""
    write_csv(shown(report, 5), folder / "matches.csv")
    return t_e14.numbers(read_inputs({"matches": str(folder / "matches.csv")}), SETTINGS)


def printed(table: pd.DataFrame, language: str):
    return t_e14.table(table, Context.of("T-E14", ENTRY, SETTINGS, language))


def cells(table: pd.DataFrame) -> pd.DataFrame:
    text = table.assign(data="own").astype("object").where(table.assign(data="own").notna(), "").map(str)
    settings = {"official_definition": "x", "casemix_horizon": 1, "comparison_years": "1", "index_years": "1"}
    return collect({"T-E14": text}, RELEASE, settings)


def test_what_is_hidden_is_printed_as_hidden_and_the_year_named_may_be_shown(report, tmp_path):
    table = numbers_of(report, tmp_path)
    assert list(table.columns) == t_e14.COLUMNS and len(table) == len(report)
    made = printed(table, "en")
    rows = {line.label: line.cells for line in made.rows if line.cells}
    assert rows["Persons"][:3] == ["270", "210", "77.8"]
    persons = table[(table["found_in"] == "persons") & (table["level"] == "year")].dropna(subset=["share"])
    least = persons.loc[persons["share"].idxmin()]
    assert rows["Persons"][3] == f"{100 * least['share']:.1f} ({least['year']})"
    income = table[(table["found_in"] == "income") & (table["level"] == "year")]
    assert income["found"].isna().sum() >= 2 and rows["Income and social assistance"][3] == ":"
    assert rows["KS 2015, consent refused"][1] == ":" and list(rows.values())[-1] != ""
    assert rows["KS 2015, municipalities"] == ["9", "8", "88.9", ""]
    assert any("270 persons" in line for line in made.footer) and any("suppressed figures" in x for x in made.footer)


def test_both_languages_have_the_same_rows_and_numbers(report, tmp_path):
    table = numbers_of(report, tmp_path)
    made = [printed(table, language) for language in ("nb", "en")]
    assert [len(m.rows) for m in made] == [len(made[0].rows)] * 2 and made[0].rows[0].label != made[1].rows[0].label
    assert "KS 2015, samtykket ikke" in {line.label for line in made[0].rows}
    digits = [["".join(c for c in cell if c.isdigit()) for line in m.rows for cell in line.cells] for m in made]
    assert digits[0] == digits[1]


def test_no_year_is_named_where_all_are_alike():
    context = Context.of("T-E14", ENTRY, SETTINGS, "en")
    years = pd.DataFrame({"year": [2010, 2011], "share": [1.0, 1.0]})
    assert t_e14._lowest(years, context) == "100.0"
    assert t_e14._lowest(years.assign(share=[1.0, 0.5]), context) == "50.0 (2011)"
    assert t_e14._lowest(years.assign(share=[None, 0.5]), context) == "50.0 (2011)"


def test_nothing_hidden_can_be_worked_out_by_the_audit(report, tmp_path):
    table = numbers_of(report, tmp_path)
    found = audit(cells(table), RELEASE["universes"], 5, 5)
    assert len(found.widths) > 3 and found.leaks.empty


@pytest.mark.parametrize(("where", "fault"), [
    ({"found_in": "refused"}, "small and shown"),
    ({"found_in": "income", "year": 2010}, "small and left over"),
])  # fmt: skip
def test_the_audit_finds_what_should_have_been_hidden(report, where, fault):
    bare = report.assign(suppressed=False)
    found = audit(cells(t_e14.numbers({"matches": bare}, SETTINGS)), RELEASE["universes"], 5, 5)
    assert fault in set(found.leaks["fault"])


def test_it_is_made_only_where_answers_are_linked():
    asked = {**CONFIG, "surveys": {**CONFIG["surveys"], "person_link": True}}
    with_link, without = Plan(asked, ROOT), Plan(CONFIG, ROOT)
    assert "T-E14" in with_link.displays and "T-E14" not in without.displays
    assert with_link.place("matches") in with_link.models and without.place("matches") not in without.models
    with pytest.raises(InputError, match="'T-E14' needs surveys: person_link: true"):
        Plan({**CONFIG, "displays": ["T-E14"]}, ROOT)
