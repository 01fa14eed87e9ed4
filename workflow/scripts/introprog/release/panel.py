"""The municipality panel as it may be shown: vectorised suppression for a table too long for cell-by-cell search."""

from collections.abc import Sequence

import pandas as pd

CELL = ["municipality", "exit_year", "horizon", "definition", "geography"]
KEY = [*CELL, "sex"]


def release_panel(
    panel: pd.DataFrame, definitions: Sequence[str], threshold: int, windows: Sequence[Sequence[int]] = ()
) -> pd.DataFrame:
    """The panel (docs/contracts.md, 5) with every row hidden that would tell of fewer than ``threshold`` persons.

    Only the named definitions are kept: two definitions that differ by few persons, shown side by side for one
    municipality and year, would tell of those few. A row is hidden when those with success, those without, or all are
    fewer than ``threshold``; men and women are hidden together, or one would follow from the other and the sum; and
    where a single municipality of a year is hidden, the smallest shown one is hidden too, or the national figure would
    tell it. ``windows`` (first and last year of leaving) are the cohorts that displays pool by municipality: the hidden
    years of a municipality within one must be two or more and hold ``threshold`` persons with and without success, or
    the pooled figure less the shown years would tell them; so must those of a window less another within it. Hidden
    rows keep their key, with ``n`` and ``successes`` null and ``suppressed`` true.
    """
    rows = panel[panel["definition"].isin(definitions)].copy()
    n, successes = rows["n"].astype("Float64"), rows["successes"].astype("Float64")
    least = pd.concat([n, successes, n - successes], axis=1).min(axis=1, skipna=False)
    rows["hidden"] = rows["suppressed"].fillna(True).astype(bool) | (least < threshold).fillna(True).astype(bool)
    rows["hidden"] = _both_sexes(rows)
    spans = _spans(windows)
    before = -1
    while rows["hidden"].sum() != before:
        before = rows["hidden"].sum()
        rows["hidden"] |= _lonely(rows)
        for years in spans:
            rows["hidden"] |= _left_over(rows, years, threshold)
        rows["hidden"] |= _parts_of_hidden(rows)
    rows["suppressed"] = _both_sexes(rows)
    for column in ("n", "successes"):
        rows[column] = rows[column].astype("Int64").mask(rows["suppressed"])
    return rows[[*KEY, "n", "successes", "suppressed"]].sort_values(KEY, ignore_index=True)


def _both_sexes(rows: pd.DataFrame) -> pd.Series:
    """``hidden``, with men and women of a cell hidden together."""
    by_sex = rows["sex"] != "both"
    together = rows[by_sex].groupby(CELL, sort=False)["hidden"].transform("any")
    return rows["hidden"].where(~by_sex, together.reindex(rows.index, fill_value=False)).astype(bool)


def _parts_of_hidden(rows: pd.DataFrame) -> pd.Series:
    """Men and women of a cell whose sum is hidden: the two together would tell it."""
    sums = rows["hidden"] & (rows["sex"] == "both")
    closed = sums.groupby([rows[name] for name in CELL], sort=False).transform("any")
    return closed & (rows["sex"] != "both")


def _lonely(rows: pd.DataFrame) -> pd.Series:
    """Rows to hide beside the only hidden municipality of their year, horizon, definition and sex."""
    group = ["exit_year", "horizon", "definition", "geography", "sex"]
    alone = rows.groupby(group, sort=False)["hidden"].transform("sum") == 1
    shown = rows[alone & ~rows["hidden"]]
    smallest = shown.sort_values(["n", "municipality"]).groupby(group, sort=False).head(1).index
    return pd.Series(rows.index.isin(smallest), index=rows.index)


def _spans(windows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Years whose sum is known: of each window, and of one less another that lies within it."""
    whole = [frozenset(range(first, last + 1)) for first, last in windows]
    return sorted(map(sorted, {*whole, *(one - other for one in whole for other in whole if other < one)}))


def _left_over(rows: pd.DataFrame, years: Sequence[int], threshold: int) -> pd.Series:
    """Rows to hide beside the hidden years of a municipality, smallest first, until what the pooled figure of
    ``years`` leaves over covers enough persons."""
    group = ["municipality", "horizon", "definition", "geography"]
    within = rows[(rows["sex"] == "both") & rows["exit_year"].isin(years)]
    within = within.assign(failures=within["n"] - within["successes"]).sort_values(["n", "exit_year"], kind="stable")
    added = pd.Series(False, index=rows.index)
    while len(within):
        keys = [within[name] for name in group]
        closed = within["hidden"].astype(bool)
        covered = within[["successes", "failures"]].where(closed, 0).astype("Float64").groupby(keys).transform("sum")
        hidden = closed.groupby(keys).transform("sum")
        short = (hidden > 0) & ((hidden < 2) | (covered.min(axis=1) < threshold).fillna(False).astype(bool))
        chosen = within[short & ~closed].groupby(group, sort=False).head(1).index
        if not len(chosen):
            break
        added[chosen] = True
        within.loc[chosen, "hidden"] = True
    return added
