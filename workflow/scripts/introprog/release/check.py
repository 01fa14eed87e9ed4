"""From the released files to the audit's table and the problems that stop a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import yaml

from introprog.errors import Problem
from introprog.release.audit import audit, excepted, problems
from introprog.release.cells import as_text, collect
from introprog.release.records import primary_cells, summary
from introprog.tabular import read_table

PANEL = "municipality_panel"


def read_outputs(tables: Sequence[str | Path], panel: str | Path) -> dict[str, pd.DataFrame]:
    """Released CSV files and the panel by output id, every column text."""
    read = {Path(p).stem: pd.read_csv(p, dtype=str, keep_default_na=False, encoding="utf-8") for p in tables}
    return {**read, PANEL: as_text(read_table(panel))}


def check_release(
    tables: Sequence[str | Path],
    panel: str | Path,
    private_panel: pd.DataFrame,
    registry: str | Path,
    settings: Mapping,
) -> tuple[pd.DataFrame, list[Problem]]:
    """The audit's table (one row an output) and the problems, without those that an exception lets through.

    ``settings``: ``disclosure`` (block of the config), ``source``, ``official_definition``, ``casemix_horizon``,
    ``comparison_years`` and ``minimum_answers``. Figures of the StatBank are public: their cells are listed, not
    audited. Rounded counts are not hidden: that each is a multiple of the base is all there is to check.
    """
    block, known = settings["disclosure"], yaml.safe_load(Path(registry).read_text(encoding="utf-8"))
    outputs = read_outputs(tables, panel)
    cells = collect(outputs, known, settings)
    leaks = pd.DataFrame(columns=["cell", "fault", "width", "outputs"])
    widths = pd.DataFrame(columns=["cell", "width"])
    primary = pd.Series(dtype=bool)
    found: list[Problem] = []
    if settings["source"] != "statbank":
        found = few_answers(outputs, known, settings["minimum_answers"])
        if block["method"] == "suppress":
            result = audit(cells, known["universes"], block["threshold"], block["protection"])
            leaks, widths = result.leaks, result.widths
            primary = primary_cells(cells, private_panel, block["threshold"])
    leaks = leaks.assign(reason=excepted(leaks, block["exceptions"]))
    found += problems(leaks[leaks["reason"] == ""], block["threshold"], block["protection"])
    return summary(cells, widths, leaks, list(outputs), known, primary), found


def few_answers(outputs: Mapping[str, pd.DataFrame], registry: Mapping, least: int) -> list[Problem]:
    """Survey results of a single municipality with fewer answers than ``least``."""
    found = []
    for output, table in outputs.items():
        rule = registry["outputs"].get(output, {}).get("answers")
        if rule is None:
            continue
        for column, allowed in rule["where"].items():
            table = table[table[column].isin(list(map(str, allowed)))]
        few = int((pd.to_numeric(table[rule["column"]], errors="coerce") < least).sum())
        if few:
            what = f"{few} results of municipalities with too few answers are shown"
            found.append(
                Problem(f"results, {output}", "R2", what, f"{least} answers or more (surveys.minimum_answers)")
            )
    return found
