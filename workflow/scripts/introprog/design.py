"""Design matrices for models of persons: covariates gathered, factors as indicators, what cannot be told said why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.errors import InputError, Problem, nearest

MEASURES = {
    "measure_language": ("01", "02"),
    "measure_approval": ("03",),
    "measure_work": ("04", "06"),
    "measure_practice": ("07", "08"),
    "measure_course": ("10",),
    "measure_school": ("11",),
}
REFERENCES = {"sex": "men", "age_group": "26-35", "schooling": "compulsory", "immigration_ground": "refuge"}
FACTORS = ("centrality", "exit_year")
RARE = 10


@dataclass(frozen=True)
class Term:
    """A column of the design: ``name`` (``variable`` or ``variable=level``), its variable, level and kind.

    ``kind``: ``factor``, ``binary`` or ``number``; ``missing``: why it is not in the design, empty if it is.
    """

    name: str
    variable: str
    level: str
    kind: str
    missing: str = ""


@dataclass(frozen=True)
class Design:
    """``matrix``: persons x (constant and the estimable terms); ``terms``: all terms, in order; ``columns``: the
    estimable ones, as the columns of ``matrix`` after the constant."""

    matrix: np.ndarray
    terms: tuple[Term, ...]
    columns: tuple[Term, ...]


def gather_covariates(leavers: pd.DataFrame, municipalities: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """``leavers`` (contract section 3) with the covariates ``wanted``.

    ``measure_*`` come from the measure codes (taken part at any time); what ``leavers`` lacks comes from
    ``municipalities`` in the year of leaving. Raises ``InputError`` naming every covariate that is nowhere.
    """
    local = [c for c in wanted if c not in MEASURES and c not in leavers and c in municipalities]
    known = [*leavers.columns, *MEASURES, *municipalities.columns]
    problems = [
        Problem("config.yaml, casemix", "X1", f"no covariate is called {name!r}", hint=nearest(name, known))
        for name in wanted
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    frame = leavers.copy()
    for name in (c for c in wanted if c in MEASURES and c not in leavers):
        frame[name] = frame["measures"].fillna("").str.contains("|".join(MEASURES[name]), regex=True).astype(bool)
    if not local:
        return frame
    right = municipalities[["municipality", "year", *local]].rename(columns={"year": "exit_year"})
    right = right.astype({"exit_year": frame["exit_year"].dtype})
    return frame.merge(right, on=["municipality", "exit_year"], how="left", validate="many_to_one")


def dummies(frame: pd.DataFrame, covariates: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Indicator columns (n, k) and names ``covariate: category``; the most common category is the reference.

    Not stated is a category of its own, ``unknown``: no answer is dropped for it. A category with fewer than ten
    answers is counted with the reference: it says nothing of its own and would tell an answer step apart completely.
    """
    columns, names = [np.empty((len(frame), 0))], []
    for covariate in covariates:
        values = frame[covariate].astype("str").fillna("unknown")
        counts = values.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        others = sorted(counts.index[1:][counts.iloc[1:] >= RARE])
        columns.append((values.to_numpy()[:, None] == np.array(others, dtype=object)).astype(float))
        names += [f"{covariate}: {category}" for category in others]
    return np.column_stack(columns), names


def complete_cases(frame: pd.DataFrame, variables: Sequence[str]) -> np.ndarray:
    """Rows with every numeric covariate known; a missing factor level is a level of its own (``unknown``)."""
    numbers = [v for v in variables if not _is_factor(frame[v], v)]
    return frame[numbers].notna().all(axis=1).to_numpy(dtype=bool)


def design_of(
    frame: pd.DataFrame,
    variables: Sequence[str],
    outcome: np.ndarray | None = None,
    references: Mapping[str, str] = REFERENCES,
    rare: int = RARE,
) -> Design:
    """Constant, numbers as they are, factors as indicators against a reference level.

    The reference is the one named, else the most frequent level. Levels of fewer than ``rare`` persons, or in which all
    have the same ``outcome`` (0/1), are counted with the reference: their odds cannot be told. Constant and collinear
    columns are left out. All this is told in ``Term.missing``.
    """
    terms, columns, values = [], [], [np.ones(len(frame))]
    for variable in variables:
        for term, column in _columns(frame[variable], variable, outcome, references, rare):
            terms.append(term)
            if column is not None:
                columns.append(term)
                values.append(column)
    matrix = np.column_stack(values)
    dependent = _dependent(matrix)
    lost = {columns[j - 1] for j in dependent if j}
    reasons = {t: "no variation" if np.ptp(matrix[:, 1 + columns.index(t)]) == 0 else "collinear" for t in lost}
    terms = [Term(t.name, t.variable, t.level, t.kind, reasons[t]) if t in lost else t for t in terms]
    kept = [j for j in range(matrix.shape[1]) if j not in dependent]
    return Design(matrix[:, kept], tuple(terms), tuple(t for t in columns if t not in lost))


def _is_factor(series: pd.Series, variable: str) -> bool:
    return variable in FACTORS or not (pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series))


def _columns(
    series: pd.Series, variable: str, outcome: np.ndarray | None, references: Mapping[str, str], rare: int
) -> Iterator[tuple[Term, np.ndarray | None]]:
    """Terms of one variable, each with its column, or with None when it has none."""
    if not _is_factor(series, variable):
        values = series.to_numpy(dtype=float)
        yield Term(variable, variable, "", "binary" if np.isin(values, (0, 1)).all() else "number"), values
        return
    whole = series.astype("Int64") if pd.api.types.is_numeric_dtype(series) else series
    text = whole.astype("string").fillna("unknown")
    counts = text.value_counts()
    named = references.get(variable)
    reference = named if named in counts.index else str(min(counts[counts == counts.max()].index))
    for level in sorted(counts.index):
        name = f"{variable}={level}"
        if level == reference:
            yield Term(name, variable, str(level), "factor", "reference"), None
        elif counts[level] < rare:
            reason = f"fewer than {rare} persons, counted with the reference"
            yield Term(name, variable, str(level), "factor", reason), None
        elif outcome is not None and np.ptp(outcome[(text == level).to_numpy(dtype=bool)]) == 0:
            reason = "all have the same outcome, counted with the reference"
            yield Term(name, variable, str(level), "factor", reason), None
        else:
            yield Term(name, variable, str(level), "factor"), (text == level).to_numpy(dtype=float)


def _dependent(matrix: np.ndarray) -> set[int]:
    """Columns that are combinations of the columns before them."""
    size = np.linalg.norm(matrix, axis=0)
    r = np.linalg.qr(matrix / np.where(size > 0, size, 1), mode="r")
    return set(np.flatnonzero(np.abs(np.diag(r)) < 1e-8).tolist())
