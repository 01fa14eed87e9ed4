"""Score and result of a municipality as they would be with the average person: case mix taken out on both sides.

Both sides use associations within municipalities, so that differences between municipalities do not decide how much
the composition counts (Raudenbush and Willms 1995, Journal of Educational and Behavioral Statistics 20, 307-335).
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from introprog.design import complete_cases, design_of, dummies
from introprog.errors import Problem, nearest, raise_if
from introprog.within_logit import effect_groups, fit_within_logit, set_level

KEY = ["wave", "alignment", "definition", "horizon", "municipality"]
COLUMNS = [*KEY, "n", "successes", "expected", "rate"]
ALIGNMENTS = ("concurrent", "published")


def adjusted_means(people: pd.DataFrame, construct: str, covariates: Sequence[str]) -> pd.Series:
    """Weighted mean score by municipality, moved to the average respondent by coefficients from within municipalities.

    ``people``: one wave of ``scales.parquet``. Returns scores (0-100 scale) by municipality.
    """
    kept = people[people[construct].notna() & people["municipality"].notna()]
    if kept.empty:
        return pd.Series(dtype=float, index=pd.Index([], name="municipality", dtype="str"))
    terms, _ = dummies(kept, covariates)
    codes, towns = pd.factorize(kept["municipality"], sort=True)
    weight, score = kept["weight"].to_numpy(float), kept[construct].to_numpy(float)
    both = np.column_stack([score, terms])
    total = np.bincount(codes, weight, len(towns))
    means = np.column_stack([np.bincount(codes, weight * column, len(towns)) / total for column in both.T])
    within = (both - means[codes]) * np.sqrt(weight)[:, None]
    slopes = np.linalg.lstsq(within[:, 1:], within[:, 0], rcond=1e-10)[0]
    typical = np.average(terms, axis=0, weights=weight)
    return pd.Series(means[:, 0] - (means[:, 1:] - typical) @ slopes, index=pd.Index(towns, name="municipality"))


def add_adjusted(
    link: pd.DataFrame, scores: pd.DataFrame, standard: pd.DataFrame, alignment: str, covariates: Sequence[str]
) -> pd.DataFrame:
    """``municipal_link`` with ``s_adjusted`` (mean score, 0-100), ``y_expected`` and ``y_adjusted`` (shares, 0-1).

    ``standard``: from ``standardise_results``; what it does not have is null.
    """
    pairs = link[["wave", "construct"]].drop_duplicates()
    means = [
        adjusted_means(scores[scores["wave"] == wave], construct, covariates)
        .rename("s_adjusted")
        .reset_index()
        .assign(wave=wave, construct=construct)
        for wave, construct in pairs.itertuples(index=False)
    ]
    own = standard[standard["alignment"] == alignment]
    results = own[["wave", "definition", "horizon", "municipality"]].assign(
        y_expected=own["expected"] / own["n"], y_adjusted=own["rate"]
    )
    table = link
    if means:
        table = table.merge(pd.concat(means), on=["wave", "construct", "municipality"], how="left")
    keys = ["wave", "definition", "horizon", "municipality"]
    return table.merge(results.astype({"horizon": link["horizon"].dtype}), on=keys, how="left", validate="many_to_one")


def years_of(wave: Mapping, alignment: str) -> range:
    """Years of leaving whose results stand against a wave (an entry of ``surveys.waves``)."""
    low, high = wave[alignment]
    return range(wave["year"] + low, wave["year"] + high + 1)


def span_of(waves: Mapping[str, Mapping]) -> tuple[int, int]:
    """First and last year of leaving that any wave is set against, whatever the alignment."""
    years = [year for entry in waves.values() for a in ALIGNMENTS for year in years_of(entry, a)]
    return min(years), max(years)


def cells_of(definitions: Mapping[str, Mapping], horizons: Sequence[int]) -> list[tuple[str, int]]:
    """Definition and horizon of every comparison: ``horizons`` in years, the same times in months for anniversaries
    that have them, 0 for measures taken on leaving."""
    cells = []
    for name, block in definitions.items():
        if block["moment"] == "exit":
            cells.append((name, 0))
        elif block["moment"] == "anniversary":
            cells += [(name, 12 * h) for h in horizons if 12 * h in block["horizons"]]
        else:
            cells += [(name, h) for h in horizons]
    return cells


def standardise_results(
    leavers: pd.DataFrame,
    outcomes: pd.DataFrame,
    waves: Mapping[str, Mapping],
    cells: Sequence[tuple[str, int]],
    variables: Sequence[str],
    minimum: int,
) -> pd.DataFrame:
    """Indirectly standardised result of every municipality, by wave, alignment, definition and horizon.

    ``leavers`` and ``outcomes``: contract sections 3 and 4; ``variables``: characteristics of leavers; ``minimum``:
    leavers a municipality needs for an effect of its own. As in the case-mix models: a logit with municipality effects
    over the years that stand against the wave, its level set so that expected and observed successes agree. ``rate`` is
    observed / expected times the rate of all, at most 1; ``expected`` and ``rate`` are null where the characteristics
    foretell the result fully. Raises ``InputError`` naming characteristics that leavers lack.
    """
    known = list(leavers.columns)
    raise_if(
        [
            Problem("config.yaml, casemix: person", "X1", f"no characteristic is called {v!r}", hint=nearest(v, known))
            for v in variables
            if v not in known
        ]
    )
    people = leavers[leavers["included"].fillna(False).astype(bool)]
    people = people[complete_cases(people, variables)].reset_index(drop=True)
    counted, places = _counted(outcomes, people)
    counties = people.drop_duplicates("municipality").set_index("municipality")["county"]
    county = pd.Series(places).map(counties).fillna("unknown")
    parts = []
    for wave, alignment in product(waves, ALIGNMENTS):
        pattern, matrix = _patterns(people, variables, years_of(waves[wave], alignment))
        for cell in (cell for cell in cells if cell in counted):
            person, place, success = counted[cell]
            inside = pattern[person] >= 0
            if inside.any():
                alike = place[inside] * len(matrix) + pattern[person[inside]]
                table = _expected(alike, success[inside], matrix, places, county, minimum)
                parts.append(table.assign(wave=wave, alignment=alignment, definition=cell[0], horizon=cell[1]))
    if not parts:
        return pd.DataFrame(columns=COLUMNS).astype(dict.fromkeys(COLUMNS[5:], float))
    return pd.concat(parts, ignore_index=True)[COLUMNS].sort_values(KEY, ignore_index=True)


def _counted(outcomes: pd.DataFrame, people: pd.DataFrame) -> tuple[dict, np.ndarray]:
    """By definition and horizon: person (row of ``people``), municipality (number) and success (0/1) of the rows that
    count; and the municipalities."""
    ids = outcomes["person_id"].astype("category")
    row = pd.Index(people["person_id"].astype("str")).get_indexer(pd.Index(ids.cat.categories.astype("str")))
    person = row[ids.cat.codes.to_numpy()]
    kept = (person >= 0) & outcomes["in_denominator"].fillna(False).to_numpy(bool)
    kept &= outcomes["success"].notna().to_numpy() & outcomes["municipality"].notna().to_numpy()
    rows = outcomes.loc[kept, ["municipality", "definition", "horizon"]].reset_index(drop=True)
    place, places = pd.factorize(rows["municipality"], sort=True)
    success = outcomes["success"].to_numpy(float, na_value=np.nan)[kept]
    groups = rows.groupby(["definition", "horizon"], observed=True, sort=False).indices
    person = person[kept]
    return {key: (person[at], place[at], success[at]) for key, at in groups.items()}, np.asarray(places, dtype=object)


def _patterns(people: pd.DataFrame, variables: Sequence[str], years: range) -> tuple[np.ndarray, np.ndarray]:
    """Combinations of characteristics among leavers of ``years``: the number of each person's (-1: other years), and a
    row of indicators each."""
    inside = people["exit_year"].isin(years).to_numpy()
    number = np.full(len(people), -1)
    if not inside.any():
        return number, np.empty((0, 0))
    matrix, number[inside] = np.unique(design_of(people[inside], variables).matrix[:, 1:], axis=0, return_inverse=True)
    return number, matrix


def _expected(
    alike: np.ndarray, success: np.ndarray, matrix: np.ndarray, places: np.ndarray, county: pd.Series, minimum: int
) -> pd.DataFrame:
    """Counts, expected successes and standardised rate by municipality.

    ``alike`` (n,) numbers municipality and combination of characteristics of each leaver: alike ones are one row of the
    logit.
    """
    cell, number = np.unique(alike, return_inverse=True)
    trials, reached = np.bincount(number).astype(float), np.bincount(number, success)
    used, town = np.unique(cell // len(matrix), return_inverse=True)
    n, successes = np.bincount(town, trials), np.bincount(town, reached)
    own = matrix[cell % len(matrix)]
    # a level in which all have the same outcome counts with the reference: its odds cannot be told
    own = own[:, (reached @ own > 0) & (reached @ own < trials @ own)]
    groups = effect_groups(pd.Series(places[used]), county.iloc[used], successes, minimum, n)[town]
    fit = fit_within_logit(own, reached, groups, town, trials)
    p = set_level(own @ np.nan_to_num(fit.coefficients), reached, trials) if fit.converged else np.nan
    expected = np.bincount(town, trials * p, len(used))
    rate = np.divide(successes, expected, out=np.full(len(used), np.nan), where=expected > 0) * success.mean()
    counts = {"n": n.astype(int), "successes": successes.astype(int), "expected": expected}
    return pd.DataFrame({"municipality": places[used], **counts, "rate": np.minimum(rate, 1)})
