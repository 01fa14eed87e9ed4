"""A step of the usual way: one figure or table, in a process of its own: ``python display.py <folder> <id>``.

The drawing itself is the pipeline's own, so that the same is drawn; what is usual is that each display is a script that
loads what such scripts load, reads its tables and writes its files.
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt  # noqa: F401 - as such scripts begin
import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin

sys.path.insert(0, str(Path(__file__).parents[3] / "workflow" / "scripts"))

from introprog.displays.context import Context
from introprog.displays.making import draw_to, make_numbers, make_table, paths_of, read_inputs
from introprog.tables import save_table
from introprog.tabular import write_csv


def main(folder: Path, display: str) -> pd.DataFrame:
    """Make the display from the tables of the whole run, under ``usual/results``; returns its numbers."""
    recipe = json.loads((folder / "usual" / "displays.json").read_text(encoding="utf-8"))[display]
    entry, settings = recipe["entry"], recipe["settings"] | {"statbank_days": {}}
    inputs = read_inputs({name: str(folder / "run" / path) for name, path in recipe["inputs"].items()})
    files = [str(folder / "usual" / path) for path in recipe["files"]]
    numbers = make_numbers(entry, inputs, settings)
    write_csv(numbers, str(folder / "usual" / recipe["numbers"]))
    for language in recipe["languages"]:
        context = Context.of(display, entry, settings, language)
        if entry["form"] == "figure":
            draw_to(files, numbers, context)
        else:
            for path in paths_of(files, language):
                save_table(make_table(numbers, context), path)
    return numbers


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
