"""The municipality panel as it may be shown: vectorised suppression for a table too long for cell-by-cell search."""

from collections.abc import Sequence

import pandas as pd

CELL = ["municipality", "exit_year", "horizon", "definition", "geography"]
KEY = [*CELL, "sex"]


def release_panel(panel: pd.DataFrame, definitions: Sequence[str], threshold: int) -> pd.DataFrame:
    """The panel (docs/contracts.md, 5) with every row hidden that would tell of fewer than ``threshold`` persons.

    Only the named definitions are kept: two definitions that differ by few persons, shown side by side for one
    municipality and year, would tell of those few. A row is hidden when those with success, those without, or all are
    fewer than ``threshold``; men and women are hidden together, or one would follow from the other and the sum; and
    where a single municipality of a year is hidden, the smallest shown one is hidden too, or the national figure would
    tell it. Hidden rows keep their key, with ``n`` and ``successes`` null and ``suppressed`` true.
    """
    rows = panel[panel["definition"].isin(definitions)].copy()
    n, successes = rows["n"].astype("Float64"), rows["successes"].astype("Float64")
    least = pd.concat([n, successes, n - successes], axis=1).min(axis=1, skipna=False)
    rows["hidden"] = rows["suppressed"].fillna(True).astype(bool) | (least < threshold).fillna(True).astype(bool)
    rows["hidden"] = _both_sexes(rows)
    rows["hidden"] |= _lonely(rows)
    rows["suppressed"] = _both_sexes(rows)
    for column in ("n", "successes"):
        rows[column] = rows[column].astype("Int64").mask(rows["suppressed"])
    return rows[[*KEY, "n", "successes", "suppressed"]].sort_values(KEY, ignore_index=True)


def _both_sexes(rows: pd.DataFrame) -> pd.Series:
    """``hidden``, with men and women of a cell hidden together."""
    by_sex = rows["sex"] != "both"
    together = rows[by_sex].groupby(CELL, sort=False)["hidden"].transform("any")
    return rows["hidden"].where(~by_sex, together.reindex(rows.index, fill_value=False)).astype(bool)


def _lonely(rows: pd.DataFrame) -> pd.Series:
    """Rows to hide beside the only hidden municipality of their year, horizon, definition and sex."""
    group = ["exit_year", "horizon", "definition", "geography", "sex"]
    alone = rows.groupby(group, sort=False)["hidden"].transform("sum") == 1
    shown = rows[alone & ~rows["hidden"]]
    smallest = shown.sort_values(["n", "municipality"]).groupby(group, sort=False).head(1).index
    return pd.Series(rows.index.isin(smallest), index=rows.index)
