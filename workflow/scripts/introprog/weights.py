"""Raking: weights that bring a wave's answers to the frame's margins (Deming & Stephan 1940; Deville & Särndal 1992,
doi 10.1080/01621459.1992.10475217), and what the weighting costs in precision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.errors import InputError, Problem

UNCOVERED_LIMIT = 0.10


@dataclass(frozen=True)
class Raked:
    """Weights (n,) with mean 1; ``design_effect`` is Kish's; ``uncovered``: margin, category, share of the frame."""

    weights: np.ndarray
    design_effect: float
    iterations: int
    uncovered: pd.DataFrame


def design_effect(weights: np.ndarray) -> float:
    """Kish's design effect of unequal weights, n x sum(w^2) / (sum w)^2."""
    return float(len(weights) * (weights**2).sum() / weights.sum() ** 2)


def rake(
    answers: pd.DataFrame,
    frame: pd.DataFrame,
    margins: Sequence[str],
    where: str = "survey",
    iterations: int = 500,
    tolerance: float = 1e-8,
) -> Raked:
    """Rake ``answers`` (one row a response) to ``frame`` (columns of ``margins`` and ``eligible``, counts).

    Answers that do not state a margin keep their share of the total on it and are not moved by it. A category of the
    frame without answers cannot be represented: it is left out of the target and listed in ``uncovered``. Raises
    ``InputError`` when such categories make up more than a tenth of the frame, when answers fall in a category the
    frame has not, when the frame is empty, and when the margins contradict each other (no convergence).
    """
    problems, targets, codes, uncovered = [], [], [], []
    for margin in margins:
        target, code, missing, faults = _target(answers[margin], frame, margin, where)
        problems += faults
        targets.append(target)
        codes.append(code)
        uncovered.append(missing)
    if problems:
        raise InputError(problems)
    weights = np.ones(len(answers))
    for turn in range(1, iterations + 1):
        largest = 0.0
        for target, code in zip(targets, codes, strict=True):
            known = code >= 0
            if not len(target):
                continue
            current = np.bincount(code[known], weights[known], len(target))
            factor = target * weights[known].sum() / current
            weights[known] *= factor[code[known]]
            largest = max(largest, float(np.abs(factor - 1).max()))
        if largest < tolerance:
            weights /= weights.mean()
            return Raked(weights, design_effect(weights), turn, pd.concat(uncovered, ignore_index=True))
    hint = "a group of answers is too small: merge categories, or leave a margin out of surveys"
    raise InputError([Problem(where, "S3", f"raking did not settle in {iterations} turns", hint=hint)])


def _target(
    stated: pd.Series, frame: pd.DataFrame, margin: str, where: str
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame, list[Problem]]:
    """Target shares by category, the category number of each answer (-1 not stated), what is uncovered, and faults."""
    counts = frame.groupby(margin, observed=True)["eligible"].sum()
    counts = counts[counts > 0]
    present = pd.Index(sorted(stated.dropna().unique()))
    faults = []
    if counts.empty:
        faults.append(Problem(where, "S1", f"the frame has no eligible participants by {margin}"))
    unknown = present.difference(counts.index)
    if len(unknown) and len(counts):
        what = f"answers from categories of {margin} that the frame does not have"
        hint = "check the frame file: it must count every group that answered"
        number = int(stated.isin(unknown).sum())
        faults.append(
            Problem(where, "S2", what, expected=", ".join(counts.index), hint=hint, count=number, values=unknown)
        )
    missing = counts[~counts.index.isin(present)] / max(counts.sum(), 1)
    if len(counts) and missing.sum() > UNCOVERED_LIMIT:
        what = f"{missing.sum():.0%} of the frame is in categories of {margin} without answers"
        faults.append(Problem(where, "S4", what, expected="at most 10 per cent", values=missing.index))
    kept = counts[counts.index.isin(present)]
    table = pd.DataFrame({"margin": margin, "category": missing.index, "share": missing.to_numpy()})
    share = (kept / kept.sum()).to_numpy() if len(kept) else np.empty(0)
    return share, kept.index.get_indexer(stated), table, faults
