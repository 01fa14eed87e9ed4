"""A municipality or county on one page: tagged, one A4 page, the same bytes again; other numbers get an answer."""

import io

import pypdf
import pytest
import report_run as made
from introprog.documents.municipality_pdf import find_place, municipality_pdf
from introprog.errors import InputError
from introprog.labels import Labels
from introprog.report.municipality import town_data

LAYOUT = (made.TEXTS / "municipality.typ").read_text(encoding="utf-8")


def data(language: str) -> dict:
    tables = {"F-D5": made.f_d5(), "F-C4": made.f_c4(), "F-C1-county": made.f_c1_county()}
    tables["municipality_profile"] = made.profile()
    return town_data(tables, made.panel(), made.CONFIG, Labels(language), made.WORDS)


def page(code: str, language: str) -> tuple[pypdf.PdfReader, str]:
    made_pdf = municipality_pdf(data(language), code, language, "SYNTHETIC", LAYOUT)
    assert made_pdf == municipality_pdf(data(language), code, language, "SYNTHETIC", LAYOUT)
    reader = pypdf.PdfReader(io.BytesIO(made_pdf))
    return reader, " ".join(reader.pages[0].extract_text().split())


@pytest.mark.parametrize(("language", "share"), [("nb", "90,0"), ("en", "90.0")])
def test_a_municipality_is_one_tagged_page_with_its_numbers_and_those_alike(language, share):
    reader, text = page("1001", language)
    assert len(reader.pages) == 1
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and reader.trailer["/Root"]["/Lang"].startswith(language)
    assert reader.metadata.title == "Avik (1001)"
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    assert "SYNTHETIC" in text and share in text and "Cvik (1003)" in text and "1–2" in text


def test_the_verdict_that_cannot_be_told_is_said():
    assert "cannot be told" in page("1003", "en")[1] and "kan ikke sies" in page("1003", "nb")[1]


def test_a_county_shows_its_municipalities_and_no_rank():
    reader, text = page("10", "en")
    assert len(reader.pages) == 1 and "Afylke (10), county" in text and "Avik (1001)" in text
    assert "Rank" not in text and "2012–2014" in text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("1004", ["1004 Dvik has too few former participants to be shown", "county"]),
        ("1009", ["no municipality or county has the number '1009'", "did you mean 100"]),
        ("avk", ["did you mean 1001 Avik"]),
        ("zzzzzz", ["4 numbers can be shown"]),
    ],
)
def test_other_numbers_end_in_a_message(code, told):
    with pytest.raises(InputError) as error:
        find_place(data("en"), code, "x.pdf")
    assert all(part in str(error.value) for part in told), error.value


def test_a_run_without_municipal_figures_says_so():
    with pytest.raises(InputError, match="no figures by municipality"):
        find_place(None, "1001", "x.pdf")
