"""The shipped font for the pages of the report: the letters of Norwegian, Sámi and English, small enough to embed.

``python -m introprog.fonts.web`` (with ``workflow/scripts`` on the path) cuts the files of ``web/`` from the whole
ones; the cut files are shipped, so that a page has the same bytes whatever compresses here. The first version of WOFF,
since the second needs a further package to save a few kilobytes.
"""

from base64 import b64encode
from pathlib import Path

from introprog.fonts import FACES, FAMILY, FOLDER, font_file

WEB = FOLDER / "web"
WEIGHTS = {"regular": 400, "bold": 700}
# Latin with the letters of Norwegian and Sámi, and the signs of Norwegian and English texts and numbers
CHARACTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2027),
    *(0x2009, 0x202F, 0x2030, 0x2039, 0x203A, 0x2044, 0x20AC, 0x2122),
    *(0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265),
)


def web_file(face: str) -> Path:
    """The cut file of ``regular`` or ``bold``."""
    return WEB / FACES[face].replace(".ttf", ".woff")


def cut(face: str) -> bytes:
    """A face with ``CHARACTERS`` alone as WOFF, kerning kept, no hints and no date."""
    from io import BytesIO

    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(font_file(face), recalcTimestamp=False)
    options = Options(layout_features=["kern", "mark", "ccmp", "locl"], hinting=False, name_IDs=[0, 1, 2, 13, 14])
    cutter = Subsetter(options)
    cutter.populate(unicodes=CHARACTERS)
    cutter.subset(font)
    font.flavor = "woff"
    buffer = BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def face_rules() -> str:
    """CSS that brings the font with the page."""
    source = "src:url(data:font/woff;base64,{}) format('woff')"
    rule = "@font-face{{font-family:'{}';font-weight:{};font-display:swap;" + source + "}}"
    return "\n".join(
        rule.format(FAMILY, weight, b64encode(web_file(face).read_bytes()).decode("ascii"))
        for face, weight in WEIGHTS.items()
    )


def main() -> None:
    """Write the cut files."""
    WEB.mkdir(exist_ok=True)
    for face in WEIGHTS:
        web_file(face).write_bytes(cut(face))


if __name__ == "__main__":
    main()
