"""The shipped font with the kerning pairs of what is printed and no others.

HarfBuzz checks the whole kerning table each time a text is set: most of what a short text costs. As published, Open
Sans kerns 18,694 pairs, most of them of Greek and Cyrillic; 4,352 are of the letters of the report's pages.

``python -m introprog.fonts.kerning`` (with ``workflow/scripts`` on the path) takes the rest out of the files in place.
No outline, width or other table's content changes, and files that are lighter already stay as they are.
"""

from io import BytesIO
from pathlib import Path

from introprog.fonts import FACES, font_file
from introprog.fonts.web import CHARACTERS


def with_printed_pairs(content: bytes) -> bytes:
    """A TrueType file without the kerning pairs that hold a glyph of no character of ``CHARACTERS``.

    The publisher's signature, which would no longer hold, goes as well; the date stays.
    """
    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO(content), recalcTimestamp=False)
    known = font.getBestCmap()
    printed = {known[code] for code in CHARACTERS if code in known}
    pairs = font["kern"].kernTables[0].kernTable
    kept = {pair: shift for pair, shift in pairs.items() if printed.issuperset(pair)}
    if len(kept) == len(pairs) and "DSIG" not in font:
        return content
    font["kern"].kernTables[0].kernTable = kept
    if "DSIG" in font:
        del font["DSIG"]
    buffer = BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def main() -> None:
    """Rewrite the shipped files."""
    for face in FACES:
        path = Path(font_file(face))
        path.write_bytes(with_printed_pairs(path.read_bytes()))


if __name__ == "__main__":
    main()
