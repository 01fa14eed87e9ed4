"""What a number of municipalities can decide about a correlation: power to find it, and power to rule it out.

Analytic, on Fisher's z: no data enter. Measurement error on both sides shrinks the correlation that can be seen by the
root of the two reliabilities (Spearman 1904, doi 10.2307/1412159), and with it the bound that an equivalence test has
to keep within.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

FEWEST = 4


def attenuated(true_r: ArrayLike, reliability_x: ArrayLike, reliability_y: ArrayLike) -> np.ndarray:
    """The correlation of two observed means whose true means correlate ``true_r``; elementwise."""
    return np.asarray(true_r, float) * np.sqrt(np.asarray(reliability_x, float) * np.asarray(reliability_y, float))


def power_of_test(r: ArrayLike, units: ArrayLike, alpha: float = 0.05) -> np.ndarray:
    """Probability (0-1) that a two-sided test of no correlation at ``alpha`` finds the correlation ``r`` of observed
    means in ``units`` pairs; elementwise.

    Normal approximation of Fisher's z, as ``verdict.smallest_detectable``. Raises ``ValueError`` under four pairs.
    """
    shift = np.arctanh(np.asarray(r, float)) * _root(units)
    limit = ndtri(1 - alpha / 2)
    return ndtr(shift - limit) + ndtr(-shift - limit)


def power_of_equivalence(r: ArrayLike, units: ArrayLike, bound: ArrayLike, alpha: float = 0.05) -> np.ndarray:
    """Probability (0-1) that two one-sided tests at ``alpha`` place the correlation of observed means within ``bound``
    on either side, when it is ``r``; elementwise.

    0 where the bound is so narrow that no sample of that size could pass. Raises ``ValueError`` under four pairs.
    """
    root = _root(units)
    room = np.arctanh(np.asarray(bound, float)) * root - ndtri(1 - alpha)
    shift = np.arctanh(np.asarray(r, float)) * root
    return np.where(room > 0, ndtr(room - shift) - ndtr(-room - shift), 0.0)


def units_needed(r: float, power: float = 0.80, alpha: float = 0.05) -> int:
    """The fewest pairs in which ``power_of_test`` of the observed correlation ``r`` (not 0) reaches ``power``."""
    guess = ((ndtri(1 - alpha / 2) + ndtri(power)) / np.arctanh(abs(r))) ** 2 + 3
    units = max(FEWEST, int(np.floor(guess)) - 1)
    while power_of_test(r, units, alpha) < power:
        units += 1
    return units


def power_table(
    units: Sequence[int],
    true_r: Sequence[float],
    reliabilities: Sequence[float],
    bound: float,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Power by number of units, true correlation and reliability (the same on both sides).

    One row a question: ``test`` (``difference``: the true correlation is found; ``equivalence``: with none, one of
    ``bound`` or more between the true means is ruled out), ``reliability``, ``true_r``, ``observed_r``, ``units``,
    ``power``. The equivalence bound is brought to the scale of the observed means.
    """
    parts = []
    steps = np.asarray(units, dtype=int)
    for reliability in reliabilities:
        for true in true_r:
            seen = float(attenuated(true, reliability, reliability))
            found = power_of_test(seen, steps, alpha)
            parts.append(_rows("difference", reliability, true, seen, steps, found))
        narrowed = float(attenuated(bound, reliability, reliability))
        shown = power_of_equivalence(0.0, steps, narrowed, alpha)
        parts.append(_rows("equivalence", reliability, 0.0, 0.0, steps, shown))
    return pd.concat(parts, ignore_index=True)


def _rows(test: str, reliability: float, true: float, seen: float, units: np.ndarray, power: np.ndarray):
    fixed = {"test": test, "reliability": float(reliability), "true_r": float(true), "observed_r": seen}
    return pd.DataFrame({**fixed, "units": units, "power": power})


def _root(units: ArrayLike) -> np.ndarray:
    count = np.asarray(units, float)
    if (count < FEWEST).any():
        raise ValueError(f"a correlation needs at least {FEWEST} pairs")
    return np.sqrt(count - 3)
