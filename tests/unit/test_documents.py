"""Word, Excel, LaTeX and PDF say what the printed table says, letter for letter and number for number."""

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import pypdf
import pytest
import read_documents as read
from hypothesis import given
from hypothesis import strategies as st
from introprog.documents.blocks import Box, Bullets, Document, Heading, Paragraph, Picture, Printed
from introprog.documents.latex import escaped, latex_of
from introprog.documents.pdf import pdf_of
from introprog.documents.printed_number import figure_of
from introprog.documents.widths import in_points, is_wide, letters
from introprog.documents.word import document_bytes, table_bytes
from introprog.documents.wording import words_of
from introprog.documents.workbook import workbook_bytes
from introprog.figures import save_figure
from introprog.labels import MINUS, NBSP, Labels
from introprog.tables import Column, Row, Table, read_printed, save_table
from introprog.tabular import inert

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "workflow" / "report" / "report.typ").read_text(encoding="utf-8")
LIVE = ("=1+1", "+A1", "-2+3", "@SUM(A1)", "=HYPERLINK(1)")


def example(language="nb", rows=None, **changes):
    columns = [Column("Begge kjønn", "Personer"), Column("Menn", "Personer"), Column("Andel", "Prosent"),
               Column("Merknad & mer", text=True)]  # fmt: skip
    number = Labels(language).number
    body = [
        Row("I alt", [number(1234567), number(-0.5, 1), Labels(language).percent_sign(0.625, 1), "0301"], 0, "total"),
        Row("Av dette: 50 % & mer_enn #1", kind="head"),
        *(Row(text, [":", ".", "-", text], 2) for text in LIVE),
        Row(r"a\b {c} ~d^ $5 <e> 'f' \"g\" |h|", ["+1,5", "<0,001", "[0,10; 0,20]", "≥ 4 timer – α × 2² …"], 1),
    ]
    footer = ["Definisjon: «minst én time» 50 % & mer.", "Kilde: SSB_2017."]
    values = {"title": "Hva & hvem? 50 %", "stub": "Status", "stamp": "SYNTETISKE DATA", "lead": ["Først."],
              "details": ["Punkt <1>"], "details_head": "Resten"}  # fmt: skip
    return Table(language, columns=columns, rows=body if rows is None else rows, footer=footer, **{**values, **changes})


def picture(folder):
    from introprog.displays.context import Context
    from introprog.house_style import house_style
    from matplotlib.figure import Figure

    texts = {"nb": "Alternativ tekst", "en": "Alternative text"}
    entry = {"title": {"nb": "Figuren", "en": "The figure"}, "alt": texts, "caption": texts}
    context = Context("F-B2", entry, {"source": "extracts"}, Labels("nb"))
    with house_style():
        figure = Figure(figsize=(4, 2))
        figure.subplots().plot([0, 1], [1, 0])
        for ending in ("svg", "png"):
            save_figure(figure, folder / f"F-B2_nb.{ending}", context)
    return Picture(
        "F-B2", "Figuren", "Bildetekst.", "Alternativ tekst", *(str(folder / f"F-B2_nb.{e}") for e in ("svg", "png"))
    )


def document(folder, language="nb"):
    wide = [Column(f"Kolonne nummer {n}", text=n == 20) for n in range(1, 21)]
    long = [Row(f"Rad {n}", [str(n)] * 20) for n in range(120)]
    blocks = [
        Heading("Sammendrag"),
        Heading("Hvor mange?", 2),
        Bullets(["Første #setning*.", "Andre _setning_."]),
        Paragraph("NORCE: påstand", "lead"),
        Paragraph("Brødtekst"),
        Box("Metode: Én", "Slik.", "Angrist (2017)"),
        Box("Metode: To", "Uten verk."),
        Printed("T-B1", example(language)),
        picture(folder),
        Printed("T-C6", Table(language, "Bred", "Stubb", wide, long, ["Kilde: x."])),
        Printed("", example(language, title="Egen")),
        Heading("Referanser", new_page=False),
        Bullets(["Forfatter. https://doi.org/10.1/x"]),
    ]
    return Document(language, "Rapporten", "Innledning.", "SYNTETISKE DATA", blocks)


@given(st.floats(-1e9, 1e9), st.integers(0, 4), st.sampled_from(["nb", "en"]), st.booleans())
def test_a_printed_number_is_read_back(value, decimals, language, signed):
    labels = Labels(language)
    text = labels.signed(value, decimals) if signed else labels.number(value, decimals)
    figure = figure_of(text, language)
    assert figure.value == pytest.approx(float(f"{value:.{decimals}f}"), abs=1e-12)
    assert ("#,##0" in figure.format) == (abs(float(f"{value:.{decimals}f}")) >= 1000)
    assert len(figure.format.split(";")[0].partition(".")[2]) == decimals


@pytest.mark.parametrize(
    "text",
    [":", ".", "-", "", "0301", "05", "1,2,3", "[0,1; 0,2]", "<0,001", "4 h", "1 234", f"12{NBSP}34", "1e5", "NaN"],
)
def test_what_is_no_plain_figure_stays_text(text):
    assert figure_of(text, "nb") is None


def test_per_cent_and_signs_keep_their_look():
    assert figure_of(f"62{NBSP}%", "nb").value == 0.62
    assert figure_of("61.5%", "en").format == "0.0%"
    assert figure_of(f"{MINUS}3", "nb").value == -3
    assert figure_of("+1,5", "nb").format == '+0.0;"−"0.0;0.0'


def test_a_table_comes_back_whole_from_json(tmp_path):
    save_table(example(), tmp_path / "t.json")
    again = read_printed(tmp_path / "t.json")
    assert again.to_html() == example().to_html()
    assert again.to_csv() == example().to_csv()


def test_every_format_holds_the_same_cells():
    table = example()
    wanted = read.lines_of(table)
    word = docx.Document(io.BytesIO(table_bytes("T-B1", table)))
    assert read.lines_of_word(word.tables[0]) == wanted
    assert read.lines_of_latex(latex_of("T-B1", table)) == wanted
    assert read.lines_of_html(table.to_html()) == wanted
    printed = read.lines_of_csv(table.to_csv(), len(wanted))
    # Read by spreadsheets: a text that would run as a formula has an apostrophe before it there.
    assert [[cell.lstrip(" ") if at == 0 else cell for at, cell in enumerate(line)] for line in printed] == [
        [inert(cell) for cell in (line if len(line) > 1 else line + [""] * len(table.columns))] for line in wanted
    ]
    assert ["'=1+1" in line for line in printed].count(True) == 1


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_workbook_has_numbers_symbols_and_no_formula(language):
    table = example(language)
    content = workbook_bytes({"T-B1": table, "T-C6": example(language)}, language)
    rows = read.sheet_of(content, "T-B1")
    assert rows[0][0] == f"T-B1 {table.title}"
    assert rows[1][0] == table.stamp
    total = next(row for row in rows if row[0] == "I alt")
    assert total[1:5] == [1234567, -0.5, 0.625, "0301"]
    for text in LIVE:
        assert next(row for row in rows if row[0] == text)[1:5] == [":", ".", "-", text]
    texts = {row[0] for row in rows if isinstance(row[0], str)}
    assert {*table.footer, *table.lead, *table.details} <= texts
    assert any(words_of(language)["symbol_hidden"] in text for text in texts)
    contents = read.sheet_of(content, words_of(language)["contents"])
    assert [row[0] for row in contents if row[0] in ("T-B1", "T-C6")] == ["T-B1", "T-C6"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 3
    assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
    assert all("hyperlink " in sheet and "<pane " in sheet for sheet in sheets[1:])


def test_latex_escapes_what_it_must():
    assert escaped(r"50 % & a_b #1 $ {x} \ ~ ^") == (
        r"50 \% \& a\_b \#1 \$ \{x\} \textbackslash{} \textasciitilde{} \textasciicircum{}"
    )
    assert escaped(f"{MINUS}0,5{NBSP}%") == r"\ensuremath{-}0,5~\%"


def test_a_long_table_breaks_over_pages_in_latex():
    source = latex_of("T-X1", example(rows=[Row(f"Rad {n}", ["1", "2", "3", "x"]) for n in range(60)]))
    assert r"\begin{longtable}" in source and r"\endhead" in source
    assert len(read.lines_of_latex(source)) == 60
    assert r"\begin{longtable}" not in latex_of("T-X1", example())


def test_the_word_file_is_made_of_words_own_parts(tmp_path):
    word = docx.Document(io.BytesIO(document_bytes(document(tmp_path))))
    assert len(word.tables) == 3
    headings = [p.text for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert headings == ["Sammendrag", "Hvor mange?", "T-B1 Hva & hvem? 50 %", "F-B2 Figuren", "T-C6 Bred", "Referanser"]
    captions = [p.text for p in word.paragraphs if p.style.name == "Caption"]
    assert captions[0].startswith("Tabell ") and captions[1].startswith("Figur ")
    body = word.element.body.xml
    assert body.count("SEQ Tabell") == 3 and body.count("SEQ Figur") == 1 and r"TOC \o" in body
    anchors, marks = (set(re.findall(rf'{name}="(_Toc\d+)"', body)) for name in ("w:anchor", "w:name"))
    assert anchors == marks and len(marks) == len(headings)
    assert body.count("<w:tblHeader/>") == 2 + 1 + 2
    assert 'descr="Alternativ tekst"' in body
    assert 'w:val="nb-NO"' in word.styles.element.xml
    assert [s.orientation for s in word.sections] == [0, 1, 0]
    assert word.sections[0].header.paragraphs[0].text == "SYNTETISKE DATA"


def test_the_pdf_is_tagged_and_says_the_same(tmp_path):
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(document(tmp_path), TEMPLATE)))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] and catalog["/Lang"].lower().startswith("nb")
    assert b"pdfuaid:part>1" in catalog["/Metadata"].get_data()
    assert reader.metadata.title == "Rapporten"
    assert reader.metadata.get("/CreationDate") is None
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles == ["Sammendrag", "Referanser"]
    alts = [str(obj.get_object().get("/Alt")) for obj in _objects(reader) if obj.get("/Alt")]
    assert "Alternativ tekst" in alts
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
    for cell in (
        "1 234 567",
        "−0,5",
        "0301",
        *LIVE,
        "[0,10; 0,20]",
        "Første #setning*.",
        "Andre _setning_.",
        "Rad 119",
    ):
        assert cell.replace(NBSP, " ") in text.replace(NBSP, " "), cell
    # the head of a long table stands on each of its pages
    pages = [page.extract_text() for page in reader.pages]
    assert sum("Stubb" in page for page in pages) == sum(bool(re.search(r"Rad \d", page)) for page in pages) > 1
    fonts = {str(obj["/BaseFont"]).rpartition("+")[2] for obj in _objects(reader) if "/BaseFont" in obj}
    assert fonts and all(font.startswith("OpenSans") for font in fonts)


def _objects(reader):
    for number in range(1, len(reader.xref[0]) + 1):
        try:
            found = reader.get_object(number)
        except Exception:
            continue
        if isinstance(found, dict):
            yield found


def test_files_have_no_clock_in_them(tmp_path):
    made = document(tmp_path)
    makers = [lambda: document_bytes(made), lambda: table_bytes("T-B1", example()), lambda: pdf_of(made, TEMPLATE),
              lambda: workbook_bytes({"T-B1": example()}, "nb")]  # fmt: skip
    year = str(datetime.now().year).encode()
    for make in makers:
        content = make()
        assert make() == content
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert {info.date_time[:3] for info in archive.infolist()} == {(1980, 1, 1)}
                about = archive.read("docProps/core.xml")
                assert b"1980-01-01" in about and year not in about
        else:
            assert b"/CreationDate" not in content


def test_widths_give_figures_room_and_let_texts_break():
    table = example()
    narrow, wide = in_points(table, 8, 200), in_points(table, 8, 900)
    assert sum(narrow) == pytest.approx(200, abs=0.01) and sum(wide) < 900
    many = [Column(f"Tall {n}") for n in range(30)]
    assert is_wide(Table("nb", "x", "y", many, [Row("a", ["1 234 567"] * 30)]), 8, 470)
    assert not is_wide(table, 8, 470)
    assert letters(Table("nb", "x", "y", many[:1], [Row("a" * 300, ["1"])]))[0] == 40


def test_a_fault_in_the_layout_is_told_with_typsts_own_words(tmp_path):
    with pytest.raises(RuntimeError, match="unknown variable"):
        pdf_of(document(tmp_path), "#nothing-of-the-kind")
