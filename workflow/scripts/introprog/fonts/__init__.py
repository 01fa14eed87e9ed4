"""The font of every figure and document: Open Sans, shipped so that no output depends on what a machine has installed.

Open Sans (Apache License 2.0, ``LICENSE.txt``) is the text font of Statistics Norway's own pages, and its figures have
one width, so columns of numbers stand straight.
"""

from functools import cache
from pathlib import Path

FAMILY = "Open Sans"
FACES = {"regular": "OpenSans-Regular.ttf", "bold": "OpenSans-Bold.ttf", "italic": "OpenSans-Italic.ttf"}
FOLDER = Path(__file__).parent


def font_file(face: str = "regular") -> Path:
    """The file of ``regular``, ``bold`` or ``italic``."""
    return FOLDER / FACES[face]


@cache
def use_shipped_fonts() -> None:
    """Let matplotlib find the shipped files under ``FAMILY``, and no installed font of the same name."""
    from matplotlib.font_manager import fontManager

    fontManager.ttflist = [entry for entry in fontManager.ttflist if entry.name != FAMILY]
    for name in FACES.values():
        fontManager.addfont(FOLDER / name)
