"""Published figures and the basic amount: every number has a source, and sums and percentages agree with each other."""

from pathlib import Path

import pytest
import yaml
from introprog.errors import InputError
from introprog.published import citations, national, read_published, year_span
from introprog.tabular import read_csv

DATA = Path(__file__).resolve().parents[2] / "data"
FIGURES, SOURCES = DATA / "published" / "figures.csv", DATA / "published" / "sources.csv"


@pytest.fixture(scope="module")
def published():
    return read_published(FIGURES, SOURCES)


def test_every_figure_has_a_source_and_a_number(published):
    assert published["source"].notna().all() and published["value"].notna().all() and len(published) > 1500
    assert published.loc[published["municipality_code"] != "", "municipality_code"].str.fullmatch(r"\d{2}|\d{4}").all()
    assert {"0301", "09"} <= set(published["municipality_code"])
    sources = read_csv(SOURCES, ["source_key", "publisher", "year", "title"])
    assert citations(sources)["imdi_resultater_2016"] == "IMDi (2017): Resultater for introduksjonsprogram 2016"
    claims = yaml.safe_load((DATA / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    cited = {key for claim in claims.values() for key in claim["source"]}
    assert set(sources["source_key"]) == set(published["source_key"]) | cited


def test_counts_and_percentages_of_the_national_tables_agree(published):
    rows = national(published, "status_1y_national", "status_by_horizon_national")
    cell = ["exit_year", "horizon_years", "sex", "source_key"]
    counts = rows[rows["unit"] == "persons"].set_index([*cell, "category"])["value"]
    percent = rows[rows["unit"] == "percent"].set_index([*cell, "category"])["value"]
    compared = 0
    for key, value in percent.items():
        if key in counts.index and (*key[:-1], "total") in counts.index:
            assert abs(100 * counts[key] / counts[(*key[:-1], "total")] - value) <= 0.5 + 1e-9, key
            compared += 1
    assert compared > 100
    sexes = counts.unstack("sex").dropna()
    assert len(sexes) > 50 and (sexes["men"] + sexes["women"] == sexes["both"]).all()


@pytest.mark.parametrize(
    ("text", "span"), [("2010", (2010, 2010)), ("2007-2011", (2007, 2011)), ("", None), ("1-2", None)]
)
def test_year_spans(text, span):
    assert year_span(text) == span


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [("direct_exit-00077", "direct_exit-00078", "P2"), (",4469,,", ",4 469,,", "P3"),
     ("imdi_resultater_2016", "imdi_x", "P4"), ("exit_year", "year", "P1")],
)  # fmt: skip
def test_faults_are_reported(tmp_path, old, new, rule):
    text = FIGURES.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "figures.csv").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=rule):
        read_published(tmp_path / "figures.csv", SOURCES)


def test_the_basic_amount_averages_four_months_old_and_eight_months_new():
    table = read_csv(DATA / "codelists" / "basic_amount.csv").set_index("year")
    assert table.index.tolist() == list(range(2000, 2024))
    average = (4 * table["from_1_may"].shift() + 8 * table["from_1_may"]) / 12
    assert ((average - table["average"]).abs().iloc[1:] <= 0.5).all()
    known = {2010: 74721, 2014: 87328, 2015: 89502, 2020: 100853, 2023: 116239}
    assert {y: table.loc[y, "average"] for y in known} == known
