"""What a missing end cause could hide: the direct-exit share if all missing were successes, and if none were.

Worst and best case as in Horowitz and Manski (2000), doi 10.1080/01621459.2000.10473902. IMDi keeps those without a
registered cause, and those closed by the register itself, in the denominator as not achieved; this is the lower bound.
"""

from collections.abc import Sequence

import pandas as pd

from introprog.intervals import wilson

UNKNOWN = ("missing", "auto_closed")
SUCCESS = ("work", "education")
COUNTS = ["n", "unknown", "successes"]
SHARES = ["share_known", "bound_low", "bound_high", "ci_low", "ci_high", "share_unknown"]


def end_cause_bounds(
    leavers: pd.DataFrame, exit_years: Sequence[int] | None = None, confidence: float = 0.95, threshold: int = 5
) -> pd.DataFrame:
    """By ``exit_year`` and ``sex``: n, unknown, successes, share_known (complete cases), bound_low (as published),
    bound_high, ci_low and ci_high (Wilson limits of the two bounds, outward), share_unknown, suppressed.

    Success is work, or education beyond compulsory school. A year in which some group has fewer than ``threshold``
    persons is shown for both sexes together, or not at all.
    """
    rows = leavers[leavers["included"].astype(bool)]
    if exit_years is not None:
        rows = rows[rows["exit_year"].between(*exit_years)]
    frame = pd.DataFrame(
        {
            "exit_year": rows["exit_year"].astype("int64"),
            "sex": rows["sex"].astype("object"),
            "n": 1,
            "unknown": (rows["end_cause"].isin(UNKNOWN) | rows["end_cause"].isna()).astype("int64"),
            "successes": rows["end_cause"].isin(SUCCESS).astype("int64"),
        }
    )
    both = pd.concat([frame, frame.assign(sex="both")])
    table = both.groupby(["exit_year", "sex"], sort=True)[COUNTS].sum().reset_index()
    known = table["n"] - table["unknown"]
    table["share_known"] = (table["successes"] / known).where(known > 0)
    table["bound_low"] = table["successes"] / table["n"]
    table["bound_high"] = (table["successes"] + table["unknown"]) / table["n"]
    table["ci_low"] = wilson(table["successes"], table["n"], confidence)[0]
    table["ci_high"] = wilson(table["successes"] + table["unknown"], table["n"], confidence)[1]
    table["share_unknown"] = table["unknown"] / table["n"]
    table["suppressed"] = _hidden(table, threshold)
    table = table.astype(dict.fromkeys(COUNTS, "Int64"))
    for name in (*COUNTS, *SHARES):
        table[name] = table[name].mask(table["suppressed"])
    return table[["exit_year", "sex", *COUNTS, *SHARES, "suppressed"]]


def _hidden(table: pd.DataFrame, threshold: int) -> pd.Series:
    rest = table["n"] - table["unknown"] - table["successes"]
    parts = pd.concat([table["unknown"], table["successes"], rest], axis=1)
    small = ((parts > 0) & (parts < threshold)).any(axis=1)
    # one sex hidden alone would be both sexes less the other
    one_sex = small & (table["sex"] != "both")
    return small | ((table["sex"] != "both") & one_sex.groupby(table["exit_year"]).transform("any"))
