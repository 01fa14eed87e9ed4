"""Leavers and successes by region, cohort, horizon and sex from the region table: counts, sums over cohorts, shares."""

from collections.abc import Sequence

import pandas as pd

from introprog.intervals import wilson

KEYS = ["region_level", "region", "exit_year", "horizon", "definition", "sex"]


def successes(
    region_status: pd.DataFrame, definitions: Sequence[str], levels: Sequence[str] = ("country",)
) -> pd.DataFrame:
    """Counts ``n, successes`` a region, cohort, horizon, definition and sex, by the definition's own geography.

    The success count is the pseudo-status ``success`` where the panel has it, else status ``1``. Null when hidden.
    """
    rows = region_status[region_status["definition"].isin(definitions) & region_status["region_level"].isin(levels)]
    only = rows.groupby("definition")["geography"].transform("nunique") == 1
    rows = rows[only | (rows["geography"] == "programme")]
    wide = rows[rows["status"].isin(["00", "1", "success"])].pivot(index=KEYS, columns="status", values="n")
    own = wide["success"] if "success" in wide else pd.Series(pd.NA, index=wide.index, dtype="Int64")
    hits = own.fillna(wide["1"]) if "1" in wide else own
    return pd.DataFrame({"n": wide["00"].astype("Int64"), "successes": hits.astype("Int64")}).reset_index()


def pooled(counts: pd.DataFrame, exit_years: Sequence[int], by: Sequence[str]) -> pd.DataFrame:
    """Counts summed over the cohorts first-last, by the columns ``by``; null when one of them is hidden."""
    rows = counts[counts["exit_year"].between(*exit_years)]
    columns = ["n", "successes"]
    grouped = rows.groupby(list(by), sort=True)
    hidden = rows[columns].isna().groupby([rows[b] for b in by], sort=True).any()
    sums = grouped[columns].sum().astype("Int64").mask(hidden)
    return sums.join(grouped["exit_year"].agg(first_exit_year="min", last_exit_year="max")).reset_index()


def with_intervals(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Adds ``share, ci_low, ci_high`` (0-1, Wilson) to rows of ``n, successes``."""
    low, high = wilson(frame["successes"], frame["n"], confidence)
    n = frame["n"].astype("Float64")
    return frame.assign(share=(frame["successes"].astype("Float64") / n.mask(n == 0)), ci_low=low, ci_high=high)
