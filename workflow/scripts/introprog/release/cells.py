"""Every released count as a cell with a name of its own, so that the same cell is known again in another output.

``workflow/release.yaml`` says what the counts of an output mean: the universe (a population with its dimensions) and,
for each dimension, the column or the constant that gives its code. Two cells with the same universe and codes are the
same number, wherever they stand; sums over a dimension tie cells to one another (``introprog.release.sums``).
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

NAME = "cell"
COLUMNS = ["output", "universe", NAME, "value", "hidden"]


def collect(outputs: Mapping[str, pd.DataFrame], registry: Mapping, settings: Mapping) -> pd.DataFrame:
    """The count cells of all outputs: ``output, universe, cell, value, hidden`` plus one column a dimension.

    ``outputs``: tables by id, every column text with ``""`` for empty; ``registry``: the parsed ``release.yaml``.
    ``value`` is a float, missing where hidden and where a cell is only named (``when: named``); ``cell`` is universe
    and codes joined by ``/``. Codes that a universe does not have are ``""``.
    """
    parts = [
        _of_block(output, table, block, registry["universes"], settings)
        for output, table in outputs.items()
        for block in registry["outputs"].get(output, {}).get("cells", ())
    ]
    dimensions = list(dict.fromkeys(d for u in registry["universes"].values() for d in u["dimensions"]))
    if not parts:
        return pd.DataFrame(columns=[*COLUMNS, *dimensions])
    table = pd.concat(parts, ignore_index=True)
    own = {name: universe["dimensions"] for name, universe in registry["universes"].items()}
    table[NAME] = pd.concat([names(rows, name, own[name]) for name, rows in table.groupby("universe", sort=False)])
    table = table.reindex(columns=[*COLUMNS, *dimensions])
    table[dimensions] = table[dimensions].astype(str).fillna("")
    return table.sort_values([NAME, "output"], kind="stable", ignore_index=True)


def _of_block(output: str, table: pd.DataFrame, block: Mapping, universes: Mapping, settings: Mapping) -> pd.DataFrame:
    """The cells of one block of the registry: the rows that it takes, once a count column."""
    table = rows_of(table, block.get("where", {}))
    dimensions = universes[block["universe"]]["dimensions"]
    shared = {name: codes(table, spec, dimensions[name], settings) for name, spec in block["keys"].items()}
    closed = table["suppressed"].str.lower().eq("true") if "suppressed" in table else pd.Series(False, table.index)
    parts = []
    for column, extra in {**block.get("counts", {}), **block.get("rates", {})}.items():
        extra = dict(extra)
        value, when = _numbers(table[column]), extra.pop("when", "")
        if column in block.get("rates", {}):
            value = (value * _numbers(table[extra.pop("of")])).round()
        own = {**shared, **{name: codes(table, spec, dimensions[name], settings) for name, spec in extra.items()}}
        cells = pd.DataFrame({name: own[name] for name in dimensions}, index=table.index)
        known = value.notna()
        # an empty count that the output does not call suppressed is no count of that row (a term of a model, a limit)
        keep = known | (closed & (when != "shown"))
        parts.append(cells.assign(value=value.where(known), hidden=~known & (when != "named"))[keep])
    return pd.concat(parts, ignore_index=True).assign(output=output, universe=block["universe"])


def names(cells: pd.DataFrame, universe: str, dimensions: Iterable[str]) -> pd.Series:
    """``universe/code/code ...`` of each row."""
    name = pd.Series(universe, cells.index, dtype="object")
    for dimension in dimensions:
        name = name + "/" + cells[dimension].astype("object")
    return name.astype(str)


def rows_of(table: pd.DataFrame, where: Mapping) -> pd.DataFrame:
    """The rows whose columns have one of the values of ``where``."""
    for column, allowed in where.items():
        table = table[table[column].isin(list(map(str, allowed)))]
    return table


def _numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").astype("float64")


def codes(table: pd.DataFrame, spec: object, dimension: Mapping, settings: Mapping) -> pd.Series:
    """The codes of one dimension for the rows of ``table``.

    ``spec``: ``=code`` (a constant), ``@name`` (a choice of the config, in ``settings``), a column's name,
    ``[first, last]`` (columns of a span of years), or a mapping with ``column`` (or ``columns``, joined by ``:``),
    ``codes`` to translate and a ``prefix``. In a dimension of kind ``groups`` the total of any grouping is ``all``.
    """
    if isinstance(spec, str):
        constant = {"=": spec[1:], "@": settings.get(spec[1:], "")}.get(spec[0])
        found = table[spec].astype(str) if constant is None else pd.Series(str(constant), table.index, dtype=str)
    elif isinstance(spec, list):
        first, last = (table[name].astype(str) for name in spec)
        found = first.where(first == last, first + "-" + last)
    else:
        columns = spec.get("columns") or [spec["column"]]
        found = table[columns[0]].astype(str)
        for column in columns[1:]:
            found = found + ":" + table[column].astype(str)
        found = found.replace({str(k): str(v) for k, v in spec.get("codes", {}).items()})
        found = spec.get("prefix", "") + found
    if dimension["kind"] == "groups":
        found = found.where(~found.str.endswith((":total", ":all")), "all")
    return found.astype(str)


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """A typed table (the panel) as ``collect`` reads tables: every column text, ``""`` for missing."""
    return table.apply(lambda column: column.astype("object").where(column.notna(), "").map(str))


def conflicts(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells that outputs do not agree on: hidden here and shown there; and shown with different numbers.

    Both have one row a cell: ``cell, hidden_in, shown_in`` and ``cell, shown_in, values``.
    """
    grouped = cells.groupby(NAME, sort=True)
    mixed = grouped["hidden"].agg(["any", "all"])
    several = grouped["value"].max() > grouped["value"].min()
    leaks = [_told(cells, name) for name in mixed.index[mixed["any"] & ~mixed["all"]]]
    wrong = [
        {
            NAME: name,
            "shown_in": ", ".join(sorted(set(rows["output"]))),
            "values": ", ".join(f"{v:g}" for v in np.unique(rows["value"].dropna())),
        }
        for name in several.index[several]
        for rows in [cells[cells[NAME] == name]]
    ]
    return pd.DataFrame(leaks, columns=[NAME, "hidden_in", "shown_in"]), pd.DataFrame(
        wrong, columns=[NAME, "shown_in", "values"]
    )


def _told(cells: pd.DataFrame, name: str) -> dict[str, str]:
    rows = cells[cells[NAME] == name]
    return {
        NAME: name,
        "hidden_in": ", ".join(sorted(set(rows.loc[rows["hidden"], "output"]))),
        "shown_in": ", ".join(sorted(set(rows.loc[~rows["hidden"], "output"]))),
    }
