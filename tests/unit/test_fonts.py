"""The shipped font: found whatever is installed, and with a glyph for everything that is printed."""

import re
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from introprog.fonts import FACES, FAMILY, FOLDER, font_file, use_shipped_fonts
from introprog.fonts.kerning import with_printed_pairs
from introprog.fonts.web import WEIGHTS, cut, face_rules, web_file
from introprog.house_style import house_style
from introprog.labels import Labels
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font

ROOT = Path(__file__).parents[2]
SIGNS = "æøåÆØÅáčđŋšŧžäöü«»“”’–—−×·≥≤≠±²³½°§§…\N{NO-BREAK SPACE}\N{THIN SPACE}%‰0123456789+-.,:;<>[]()"


def printed_characters() -> set[str]:
    """Every character of the project's printed words: terms, registry, report, code lists, and strings of displays."""
    texts = [SIGNS]
    for pattern in ("workflow/displays.yaml", "workflow/report/*.yaml", "data/codelists/*.csv", "data/published/*.csv"):
        texts += [path.read_text(encoding="utf-8") for path in ROOT.glob(pattern)]
    for path in (ROOT / "workflow/scripts/introprog").rglob("*.yaml"):
        texts.append(path.read_text(encoding="utf-8"))
    for path in (ROOT / "workflow/scripts/introprog/displays").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        texts += [source, *(unicodedata.lookup(name) for name in re.findall(r"\\N\{([A-Z -]+)\}", source))]
    for language in ("nb", "en"):
        labels = Labels(language)
        texts += [labels.number(-1234567.5, 1), labels.percent_sign(0.5), labels.interval(-1, 1), labels.years(1, 2)]
    return {sign for text in texts for sign in text if sign.isprintable() or sign.isspace()} - {"\n", "\r", "\t"}


@pytest.mark.parametrize("face", FACES)
def test_every_printed_sign_has_a_glyph(face):
    known = set(map(chr, get_font(str(font_file(face))).get_charmap()))
    assert len(printed_characters()) > 120
    lacking = {f"{sign} U+{ord(sign):04X}" for sign in printed_characters() - known - {"\N{BYTE ORDER MARK}"}}
    assert lacking == set()


def test_an_installed_font_of_the_same_name_is_not_taken(tmp_path):
    use_shipped_fonts.cache_clear()
    fontManager.ttflist.insert(0, FontEntry(fname=str(tmp_path / "other.ttf"), name=FAMILY, weight=400))
    with house_style():
        for face, style in (("regular", {}), ("bold", {"weight": "bold"}), ("italic", {"style": "italic"})):
            assert Path(findfont(FontProperties(family=[FAMILY], **style))) == font_file(face)
    assert not [entry for entry in fontManager.ttflist if entry.name == FAMILY and Path(entry.fname).parent != FOLDER]


def glyphs(content):
    """Advance width and outline of every character of a font file."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    font = TTFont(BytesIO(content))
    drawn = font.getGlyphSet()
    found = {}
    for code, name in font.getBestCmap().items():
        pen = DecomposingRecordingPen(drawn)
        drawn[name].draw(pen)
        found[chr(code)] = (drawn[name].width, tuple(map(str, pen.value)))
    return found


@pytest.mark.parametrize("face", WEIGHTS)
def test_the_font_of_the_pages_is_the_shipped_one_cut_to_what_is_printed(face):
    """If this fails: PYTHONPATH=workflow/scripts python -m introprog.fonts.web"""
    page, whole = glyphs(web_file(face).read_bytes()), glyphs(font_file(face).read_bytes())
    assert page == glyphs(cut(face))
    assert all(whole[sign] == drawn for sign, drawn in page.items())
    assert printed_characters() - set(page) <= set("\N{BYTE ORDER MARK}") | (printed_characters() - set(whole))
    assert len({page[digit][0] for digit in "0123456789"}) == 1


def test_the_font_of_the_pages_is_small_and_stands_in_the_style():
    assert sum(web_file(face).stat().st_size for face in WEIGHTS) < 60_000
    rules = face_rules()
    assert rules.count("@font-face") == len(WEIGHTS) and f"'{FAMILY}'" in rules
    assert "</" not in rules and "http" not in rules


def test_the_licence_ships_with_the_font():
    text = (FOLDER / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert all(name in text for name in FACES.values())


@pytest.mark.parametrize("face", FACES)
def test_the_shipped_font_kerns_what_is_printed_and_nothing_else(face):
    """If this fails: PYTHONPATH=workflow/scripts python -m introprog.fonts.kerning"""
    content = font_file(face).read_bytes()
    assert with_printed_pairs(content) == content
    pairs = TTFont(BytesIO(content))["kern"].kernTables[0].kernTable
    assert pairs["A", "V"] < 0 and len(pairs) == 4352


def test_taking_pairs_out_changes_no_printed_pair_and_no_other_table():
    published = TTFont(font_file())
    table = published["kern"].kernTables[0].kernTable
    before = dict(table)
    table["Alpha", "Tau"] = -50
    grown = BytesIO()
    published.save(grown)
    cut_again = TTFont(BytesIO(with_printed_pairs(grown.getvalue())))
    assert cut_again["kern"].kernTables[0].kernTable == before
    assert glyphs(grown.getvalue()) == glyphs(font_file().read_bytes())
    shipped = TTFont(font_file())
    assert all(cut_again.reader[tag] == shipped.reader[tag] for tag in shipped.reader.tables if tag != "head")
