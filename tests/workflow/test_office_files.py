"""Files that people take further, from a whole run: the same cells in every format; Snakemake's report; last words."""

import io
import json
import re
import zipfile

import docx
import pypdf
import pytest
import read_documents as read
from introprog.documents.printed_number import figure_of
from introprog.tables import read_printed

pytestmark = pytest.mark.heavy
LANGUAGES = ("nb", "en")


def printed(project, language):
    paths = sorted((project / "results/tables").glob(f"*_{language}.json"))
    return {path.stem.removesuffix(f"_{language}"): read_printed(path) for path in paths}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_the_same_cells_in_every_format(project, language):
    tables = printed(project, language)
    assert len(tables) > 14
    workbook = (project / f"results/report/tables_{language}.xlsx").read_bytes()
    for name, table in tables.items():
        base = project / "results/tables" / f"{name}_{language}"
        text = {ending: base.with_suffix(f".{ending}").read_text(encoding="utf-8") for ending in ("html", "csv", "tex")}
        wanted = read.lines_of(table)
        assert read.lines_of_html(text["html"]) == wanted, name
        assert read.lines_of_latex(text["tex"]) == wanted, name
        assert read.lines_of_word(docx.Document(str(base.with_suffix(".docx"))).tables[0]) == wanted, name
        for row, line in zip(table.rows, read.lines_of_csv(text["csv"], len(wanted)), strict=True):
            assert line == ["  " * row.indent + row.label, *(row.cells or [""] * len(table.columns))], name
        check_sheet(table, read.sheet_of(workbook, name))


def check_sheet(table, rows):
    """The body of a sheet: figures as numbers in the printed rounding, all else as the text that is printed."""
    top = next(at for at, row in enumerate(rows) if row[0] == table.stub and at > 0)
    body = rows[top + 1 + bool(table.groups) :][: len(table.rows)]
    for row, found in zip(table.rows, body, strict=True):
        assert found[0] == row.label
        for column, cell, value in zip(table.columns, row.cells, found[1:], strict=False):
            figure = None if column.text else figure_of(cell, table.language)
            if figure is None:
                assert value == cell
            else:
                assert isinstance(value, float | int) and value == pytest.approx(figure.value, abs=1e-12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_word_and_pdf_hold_every_table_and_every_sentence_of_the_page(project, language):
    folder = project / "results/report"
    page = (folder / f"report_{language}.html").read_text(encoding="utf-8")
    word = docx.Document(str(folder / f"report_{language}.docx"))
    reader = pypdf.PdfReader(folder / f"report_{language}.pdf")
    tables = printed(project, language)
    in_word = [read.lines_of_word(table) for table in word.tables]
    assert all(read.lines_of(table) in in_word for table in tables.values())
    pdf = squeezed(" ".join(part.extract_text() for part in reader.pages))
    cells = {cell for table in tables.values() for row in table.rows for cell in (row.label, *row.cells)}
    assert {cell for cell in cells if squeezed(cell) not in pdf} == set()
    said = re.findall(r"<li>([^<]{60,})", page.partition('id="claims"')[0].partition('id="summary"')[2])
    assert len(said) > 8
    words = squeezed(" ".join(paragraph.text for paragraph in word.paragraphs))
    # the last four say how to read the page, the first of them of its buttons
    for sentence in map(squeezed, map(read.unescaped, said[:-4])):
        assert sentence in words and sentence in pdf
    assert len(word.inline_shapes) == len(list((project / "results/figures").glob(f"*_{language}.png")))
    assert all(shape._inline.docPr.get("descr") for shape in word.inline_shapes)


def squeezed(text):
    return re.sub(r"\s", "", text)


def test_snakemakes_own_report_is_built_with_chapters_and_labels(project, again):
    run = again("--report", "provenance.zip")
    assert run.returncode == 0, run.stdout[-5000:]
    content = (project / "provenance.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        script = "".join(archive.read(name).decode() for name in names if name.endswith((".js", ".html")))
    entries = json.loads((project / "results/private/displays/T-F4.json").read_text(encoding="utf-8"))
    assert entries["made_from"]
    figures = {path.name for path in (project / "results/figures").glob("*_??.svg")}
    assert figures and figures <= {name.rpartition("/")[2] for name in names}
    assert "F Satisfaction against results" in script and "T-F4" in script
    assert "Ingen sammenheng, eller ikke nok data?" in script


def test_a_run_ends_by_saying_what_it_made(again):
    run = again("--forcerun", "write_report")
    assert run.returncode == 0, run.stdout[-5000:]
    assert "Look first at: results/report/report_en.html, results/report/report_nb.html" in run.stdout
    assert "Made:" not in run.stdout
    assert "Look first at" not in again("--dry-run", "--forcerun", "write_report").stdout
    assert "Look first at" not in again().stdout
