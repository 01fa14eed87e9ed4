"""What the numbers of a display are: synthetic, the researcher's own, the StatBank's or published.

Apart from the drawing of displays, since every call of Snakemake asks and must not load pandas to be answered.
"""

from collections.abc import Mapping

DATA_OF_SOURCE = {"synthetic": "synthetic", "extracts": "own", "statbank": "statbank"}


def data_kind(entry: Mapping, settings: Mapping) -> str:
    """``synthetic``, ``own``, ``statbank`` or, for displays of published figures, ``published``."""
    return "published" if entry.get("data") == "published" else DATA_OF_SOURCE[settings["source"]]
