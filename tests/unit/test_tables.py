"""The table object: HTML that a screen reader can follow, text that is escaped, cells that fit the columns."""

from html.parser import HTMLParser

import pytest
from introprog.tables import Column, Row, Table, save_table


class Cells(HTMLParser):
    """Counts columns by row, minding spans, and collects attributes."""

    def __init__(self):
        super().__init__()
        self.rows, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += int(attrs.get("colspan", 1))


def example(**changes):
    columns = [
        Column("Begge kjønn", "Personer"),
        Column("Menn", "Personer"),
        Column("Begge kjønn", "Prosent"),
        Column("Tekst", text=True),
    ]
    rows = [
        Row("I alt", ["10", "6", "100", "a & b"], 0, "total"),
        Row("Av dette:", kind="head"),
        Row("<Under>", [":", "-", ".", ""], 2),
    ]
    return Table(**{"language": "nb", "title": "Tittel & mer", "stub": "Status", "columns": columns, "rows": rows,
                    "footer": ["Kilde: SSB."], "stamp": "SYNTETISKE DATA"} | changes)  # fmt: skip


def test_html_has_language_caption_scopes_and_one_width():
    page = example().to_html()
    cells = Cells()
    cells.feed(page)
    assert '<html lang="nb">' in page
    assert "<caption>Tittel &amp; mer</caption>" in page
    assert "SYNTETISKE DATA" in page
    scopes = [a.get("scope") for t, a in cells.tags if t == "th"]
    assert None not in scopes
    assert {"col", "colgroup", "row", "rowgroup"} <= set(scopes)
    # the second head row stands beside a stub that spans both
    assert [w if i != 1 else w + 1 for i, w in enumerate(cells.rows)] == [5] * len(cells.rows)


def test_text_is_escaped_and_nothing_is_fetched():
    page = example().to_html()
    assert "&lt;Under&gt;" in page
    assert "http" not in page
    assert "<script" not in page


def test_lead_stands_above_and_details_below_the_table():
    page = example(lead=["Først <dette>."], details=["a & b", "c"], details_head="Resten").to_html()
    places = [
        page.index(text) for text in ("Først &lt;dette&gt;.", "<table>", "<summary>Resten</summary>", "Kilde: SSB.")
    ]
    assert places == sorted(places)
    assert "<li>a &amp; b</li>" in page
    assert "<details>" not in example().to_html()
    assert "a & b" in example(details=["a & b"]).to_csv()


def test_only_columns_of_long_texts_may_break_their_lines():
    long = [Row("x", ["1", "2", "3", "en setning som er lengre enn noen få ord"])]
    assert '<td class="text long">' in example(rows=long).to_html()
    assert "long" not in example().to_html().partition("<body>")[2]


def test_a_head_below_a_head_is_indented():
    rows = [Row("Gruppe", kind="head"), Row("Enhet", kind="head", indent=1)]
    assert 'class="head in1" colspan="5"' in example(rows=rows).to_html()


def test_no_stamp_where_the_data_are_real():
    assert 'class="stamp"' not in example(stamp="").to_html()


def test_a_row_that_does_not_fit_the_columns_is_refused():
    with pytest.raises(ValueError, match="2 cells for 4 columns"):
        example(rows=[Row("x", ["1", "2"])])


def test_files_are_the_same_bytes_twice_and_other_endings_are_refused(tmp_path):
    for name in ("t_nb.html", "t_nb.csv"):
        save_table(example(), tmp_path / name)
        first = (tmp_path / name).read_bytes()
        save_table(example(), tmp_path / name)
        assert (tmp_path / name).read_bytes() == first
        assert b"\r" not in first
    assert "Personer: Menn" in (tmp_path / "t_nb.csv").read_text(encoding="utf-8-sig")
    with pytest.raises(ValueError, match="html, csv or json"):
        save_table(example(), tmp_path / "t.docx")
