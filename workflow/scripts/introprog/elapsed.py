"""How long after leaving the «one year after» measure really looks: from the end date to the week in November.

Who left on 31 December is looked at ten and a half months later, who left on 1 January after twenty-two and a half. The
share in work or education is given for each length, and its slope: the difference that goes with one more month.
"""

import numpy as np
import pandas as pd

from introprog.clustered import crv1, fit_clustered
from introprog.disclosure import protect_shares
from introprog.estimable import NotEstimable
from introprog.horizons import reference_day, to_days
from introprog.intervals import wilson

MONTH = 365.25 / 12
SHORTEST, LONGEST = 11, 22
COLUMNS = ["term", "elapsed_months", "estimate", "std_error", "ci_low", "ci_high", "p_value", "n", "clusters", "dof",
           "suppressed", "method"]  # fmt: skip


def elapsed_months(end_date: pd.Series, exit_year: pd.Series, day: int = 16, horizon: int = 1) -> np.ndarray:
    """Months (365.25 / 12 days) from each end date to the reference day in November ``horizon`` years after leaving."""
    year = exit_year.to_numpy(dtype=np.int64) + horizon
    return (reference_day(year, day).astype(np.int64) - to_days(end_date)) / MONTH


def elapsed_table(
    leavers: pd.DataFrame, outcomes: pd.DataFrame, day: int = 16, confidence: float = 0.95, threshold: int = 5
) -> pd.DataFrame:
    """Distribution of elapsed months among those counted, and success by elapsed months: ``COLUMNS``.

    ``outcomes``: the rows of one definition at one year. Terms: ``leavers`` (share of all with elapsed months that
    round to ``elapsed_months``, 11-22), ``success`` (their share in work or education, Wilson), ``mean``, ``p10``,
    ``median``, ``p90`` (months), and ``slope``: difference in success (0-1) per further month among those who left in
    the same year, linear probability, clustered on municipality.
    """
    rows = outcomes[outcomes["in_denominator"].fillna(False).astype(bool) & outcomes["success"].notna()]
    people = leavers.set_index("person_id").reindex(rows["person_id"].astype(str))
    months = elapsed_months(people["end_date"], people["exit_year"], day)
    success = rows["success"].to_numpy(dtype=float)
    whole = np.clip(np.floor(months + 0.5), SHORTEST, LONGEST).astype(np.int64)
    bins = pd.DataFrame({"elapsed_months": range(SHORTEST, LONGEST + 1)})
    bins["n"] = np.bincount(whole - SHORTEST, minlength=len(bins))
    bins["successes"] = np.bincount(whole - SHORTEST, success, len(bins)).astype(np.int64)
    parts = [_bins(bins, confidence, threshold), _summary(months)]
    if len(rows):
        parts.append(_slope(success, months, people, confidence))
    return pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)


def _bins(bins: pd.DataFrame, confidence: float, threshold: int) -> pd.DataFrame:
    total = bins[["n", "successes"]].sum().to_frame().T.assign(elapsed_months=0)
    keyed = pd.concat([bins, total], ignore_index=True).astype({"elapsed_months": "str"})
    tree = {"elapsed_months": {"0": tuple(map(str, bins["elapsed_months"]))}}
    hidden = protect_shares(keyed, ["elapsed_months"], tree, threshold).iloc[: len(bins)].to_numpy(dtype=bool)
    low, high = wilson(bins["successes"], bins["n"], confidence)
    rate = np.where(bins["n"] > 0, bins["successes"] / bins["n"].where(bins["n"] > 0, 1), np.nan)
    n = pd.array(bins["n"], dtype="Int64")
    n[hidden] = pd.NA
    shared = {"elapsed_months": bins["elapsed_months"], "n": n, "suppressed": hidden}
    leavers = pd.DataFrame({"term": "leavers", **shared, "estimate": bins["n"] / max(bins["n"].sum(), 1)})
    success = pd.DataFrame({"term": "success", **shared, "estimate": rate, "ci_low": low, "ci_high": high})
    table = pd.concat([leavers, success], ignore_index=True)
    for name in ("estimate", "ci_low", "ci_high"):
        table[name] = table[name].mask(table["suppressed"])
    return table.assign(method=np.where(table["term"] == "success", "Wilson", "count"))


def _summary(months: np.ndarray) -> pd.DataFrame:
    if not len(months):
        return pd.DataFrame(columns=COLUMNS)
    values = [months.mean(), *np.quantile(months, [0.1, 0.5, 0.9])]
    frame = pd.DataFrame({"term": ["mean", "p10", "median", "p90"], "estimate": values})
    return frame.assign(n=pd.array([len(months)] * 4, dtype="Int64"), suppressed=False, method="months")


def _slope(success: np.ndarray, months: np.ndarray, people: pd.DataFrame, confidence: float) -> pd.DataFrame:
    row = {"term": "slope", "n": len(success), "suppressed": False}
    year = people["exit_year"].to_numpy()
    known = people["municipality"].notna().to_numpy()
    frame = pd.DataFrame({"y": success, "x": months, "year": year})[known]
    centred = frame[["y", "x"]] - frame.groupby("year")[["y", "x"]].transform("mean")
    method = "linear probability within year of leaving, clustered on municipality"
    try:
        fit = fit_clustered(centred["y"], centred[["x"]], people.loc[known, "municipality"].astype(str))
        found = crv1(fit, confidence)
    except NotEstimable as error:
        return pd.DataFrame([{**row, "method": error.method}])
    names = ("estimate", "std_error", "ci_low", "ci_high", "p_value", "dof")
    values = {name: float(getattr(found, name)[0]) for name in names}
    return pd.DataFrame([{**row, **values, "n": int(known.sum()), "clusters": fit.clusters, "method": method}])
