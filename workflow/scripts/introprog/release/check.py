"""From the released files to the audit's table and the problems that stop a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from introprog.content import read_yaml
from introprog.errors import Problem
from introprog.release.audit import audit, excepted, problems
from introprog.release.cells import as_text, collect, rows_of
from introprog.release.dominance import enough_for_quantile
from introprog.release.records import primary_cells, summary
from introprog.release.rounding import unrounded
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
    block, known = settings["disclosure"], read_yaml(registry)
    outputs = read_outputs(tables, panel)
    cells = collect(outputs, known, settings)
    leaks = pd.DataFrame(columns=["cell", "fault", "width", "outputs"])
    widths = pd.DataFrame(columns=["cell", "width"])
    primary = pd.Series(dtype=bool)
    found: list[Problem] = []
    if settings["source"] != "statbank":
        found = too_few(outputs, known, settings)
        if block["method"] == "suppress":
            result = audit(cells, known["universes"], block["threshold"], block["protection"])
            leaks, widths = result.leaks, result.widths
            primary = primary_cells(cells, private_panel, block["threshold"])
        else:
            found += [
                Problem(f"results, {output}", "R3", f"{odd} counts are not rounded", f"multiples of {block['base']}")
                for output, odd in unrounded(outputs, known, block["base"]).items()
            ]
    leaks = leaks.assign(reason=excepted(leaks, block["exceptions"]))
    found += problems(leaks[leaks["reason"] == ""], block["threshold"], block["protection"])
    return summary(cells, widths, leaks, list(outputs), known, primary), found


def too_few(outputs: Mapping[str, pd.DataFrame], registry: Mapping, settings: Mapping) -> list[Problem]:
    """Survey results of a municipality with too few answers; ranks and quantiles with too few persons behind them.

    The registry's ``enough`` names rows, the column that counts persons and the minimum: ``answers`` or ``quantile``
    (persons on the thin side of ``share``).
    """
    least = {"answers": settings["minimum_answers"], "quantile": settings["disclosure"]["quantile_persons"]}
    names = {"answers": "answers (surveys.minimum_answers)", "quantile": "persons (disclosure.quantile_persons)"}
    found = []
    for output, table in outputs.items():
        for rule in registry["outputs"].get(output, {}).get("enough", ()):
            rows = rows_of(table, rule.get("where", {}))
            persons = pd.to_numeric(rows[rule["column"]], errors="coerce").dropna()
            share = rule.get("share", 1.0)
            thin = ~enough_for_quantile(persons, share, least[rule["least"]]) if share < 1 else None
            few = int((persons < least[rule["least"]]).sum() if thin is None else thin.sum())
            if few:
                what = f"{few} results with too few persons behind them are shown"
                expected = f"{least[rule['least']]} {names[rule['least']]} or more"
                found.append(Problem(f"results, {output}", "R2", what, expected))
    return found
