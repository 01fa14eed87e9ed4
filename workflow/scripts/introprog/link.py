"""Put a municipality's answers beside its results: whose results is a choice of time, and who is left out is written
down.

``concurrent``: leavers of the years when the participants asked left the programme. ``published``: leavers before the
survey, as in the published comparisons. Persons cannot be linked; answers and results meet in the municipality (of the
programme).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

CELL = ["definition", "horizon"]
KEY = ["wave", "construct", *CELL]
LINKED, NO_RESULT, FEW, SUPPRESSED = "linked", "no_result", "few_leavers", "suppressed"


@dataclass(frozen=True)
class Thresholds:
    """Answers a municipality needs to be shown by itself, and leavers its result needs to count at all."""

    answers: int
    leavers: int


def survey_means(scores: pd.DataFrame, column: str) -> pd.DataFrame:
    """Weighted mean, standard error and number of answers by municipality: municipality, s_mean, s_se, s_n.

    ``scores`` is one wave of ``scales.parquet``. The standard error takes the variance within municipalities as common
    to all, since few answers say little of their own spread; it is null when no municipality has two answers.
    """
    kept = scores.loc[scores[column].notna() & scores["municipality"].notna(), ["municipality", "weight", column]]
    value, weight = kept[column].to_numpy(float), kept["weight"].to_numpy(float)
    codes, towns = pd.factorize(kept["municipality"], sort=True)
    if not len(towns):
        return pd.DataFrame(
            {"municipality": pd.Series(dtype="str"), "s_mean": [], "s_se": [], "s_n": pd.Series(dtype=int)}
        )
    number, total = np.bincount(codes), np.bincount(codes, weight)
    plain = np.bincount(codes, value) / number
    free = len(value) - len(towns)
    within = ((value - plain[codes]) ** 2).sum() / free if free > 0 else np.nan
    error = np.sqrt(within * np.bincount(codes, weight**2)) / total
    mean = np.bincount(codes, weight * value) / total
    return pd.DataFrame({"municipality": towns, "s_mean": mean, "s_se": error, "s_n": number})


def aligned_results(panel: pd.DataFrame, years: Iterable[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leavers and successes over ``years`` by definition, horizon and municipality (y_n, y_successes, hidden), and the
    span.

    ``panel`` has one geography a definition, both sexes. A year in which nobody has been observed at a horizon (the
    reference day lies after the data) is left out for all municipalities alike; the span, by definition and horizon,
    says which first and last year were used. A municipality with a suppressed year has no known sum.
    """
    rows = panel[panel["exit_year"].isin(list(years))]
    rows = rows.assign(hidden=rows["suppressed"].astype(bool) | rows["n"].isna())
    rows[["n", "successes"]] = rows[["n", "successes"]].astype("Float64").fillna(0).astype(float)
    rows = rows[rows.groupby([*CELL, "exit_year"])["n"].transform("sum") > 0]
    sums = rows.groupby([*CELL, "municipality"], sort=True).agg(
        y_n=("n", "sum"), y_successes=("successes", "sum"), hidden=("hidden", "any")
    )
    span = rows.groupby(CELL).agg(first_exit_year=("exit_year", "min"), last_exit_year=("exit_year", "max"))
    return sums.reset_index(), span.reset_index()


def join_results(wanted: pd.DataFrame, results: pd.DataFrame, thresholds: Thresholds) -> pd.DataFrame:
    """``wanted`` (municipality, CELL, s_n) with its results, ``status`` and ``shown``; results null unless they are
    known."""
    joined = wanted.merge(results, on=[*CELL, "municipality"], how="left", validate="many_to_one")
    number = joined["y_n"].fillna(0).to_numpy()
    hidden = joined["hidden"].eq(True).to_numpy()
    status = np.select([hidden, number == 0, number < thresholds.leavers], [SUPPRESSED, NO_RESULT, FEW], LINKED)
    known = ~hidden & (number > 0)
    joined["y_rate"] = np.where(known, joined["y_successes"] / joined["y_n"], np.nan)
    for name in ("y_n", "y_successes"):
        joined[name] = joined[name].where(known).astype("Int64")
    shown = (status == LINKED) & (joined["s_n"].to_numpy() >= thresholds.answers)
    return joined.assign(status=status, shown=shown).drop(columns="hidden")


def link_surveys(
    scores: pd.DataFrame,
    panel: pd.DataFrame,
    waves: Mapping[str, Mapping],
    alignment: str,
    columns: Mapping[str, list[str]],
    definitions: Mapping[str, str],
    horizons: Iterable[int] | Mapping[str, Iterable[int]],
    thresholds: Thresholds,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Link every wave, score, definition and horizon: ``municipal_link``, and one row of counts for each combination.

    ``waves`` is ``config: surveys.waves``, ``columns`` the scores of each wave, ``definitions`` the geography of each
    definition, ``horizons`` those of all definitions or by definition. Counts: ``survey_only`` (municipalities with
    answers and no usable result), ``results_only`` (enough leavers, no answers) and the years used, null where no year
    is observed.
    """
    own = panel[(panel["sex"] == "both") & (panel["geography"] == panel["definition"].map(definitions))]
    links, counts = [], []
    own_horizons = horizons if isinstance(horizons, Mapping) else {name: list(horizons) for name in definitions}
    cells = [(name, horizon) for name in definitions for horizon in own_horizons[name]]
    for wave, settings in waves.items():
        low, high = settings[alignment]
        results, span = aligned_results(own, range(settings["year"] + low, settings["year"] + high + 1))
        part = scores[scores["wave"] == wave]
        means = [survey_means(part, name).assign(construct=name) for name in columns[wave]]
        keys = pd.DataFrame([(c, *cell) for c, cell in product(columns[wave], cells)], columns=["construct", *CELL])
        link = join_results(keys.merge(pd.concat(means), on="construct"), results, thresholds)
        links.append(link.assign(wave=wave))
        counts.append(_count(keys, link, results, span, thresholds).assign(wave=wave, alignment=alignment))
    table = pd.concat(links, ignore_index=True)
    tally = pd.concat(counts, ignore_index=True).astype({"first_exit_year": "Int64", "last_exit_year": "Int64"})
    order = [*KEY, *(c for c in table if c not in KEY)]
    return table[order].sort_values([*KEY, "municipality"], ignore_index=True), tally.sort_values(
        KEY, ignore_index=True
    )


def _count(keys: pd.DataFrame, link: pd.DataFrame, results: pd.DataFrame, span: pd.DataFrame, thresholds: Thresholds):
    enough = results[~results["hidden"] & (results["y_n"] >= thresholds.leavers)].groupby(CELL).size()
    group = ["construct", *CELL]
    unusable = (link["status"] != LINKED).groupby([link[c] for c in group]).sum().rename("survey_only")
    met = (link["status"] == LINKED).groupby([link[c] for c in group]).sum().rename("met")
    table = keys.merge(span, on=CELL, how="left").join(unusable, on=group).join(met, on=group)
    table = table.join(enough.rename("enough"), on=CELL).fillna({"survey_only": 0, "met": 0, "enough": 0})
    table["results_only"] = (table["enough"] - table["met"]).astype(int)
    return table.astype({"survey_only": int}).drop(columns=["met", "enough"])
