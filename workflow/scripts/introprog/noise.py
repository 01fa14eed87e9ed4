"""Rates of the same municipalities at several moments, and the noise that chance puts into them.

The same leavers are measured at every moment, so the noise is shared between moments. Its covariance comes from the
persons, within municipality and cohort; where only counts are known, noise is taken as independent between moments.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from introprog.pooling import Measure, Persons


@dataclass(frozen=True)
class Rates:
    """Municipalities x measures.

    ``rates``: shares; ``both``: municipalities x measures x measures, leavers counted at both measures (on the diagonal
    at the one); ``within``: measures x measures, covariance of persons' outcomes within municipality and cohort;
    ``paired``: whether persons are followed, so that the off-diagonals are known.
    """

    municipalities: np.ndarray
    measures: tuple[Measure, ...]
    rates: np.ndarray
    both: np.ndarray
    within: np.ndarray
    persons: Persons | None = None

    @property
    def paired(self) -> bool:
        return self.persons is not None

    @property
    def sizes(self) -> np.ndarray:
        """Leavers, municipalities x measures."""
        return np.einsum("mhh->mh", self.both)

    @property
    def noise(self) -> np.ndarray:
        """Sampling covariance of each municipality's rates, municipalities x measures x measures."""
        n = np.maximum(self.sizes, 1)
        return self.within * self.both / (n[:, :, None] * n[:, None, :])

    @property
    def person_correlation(self) -> np.ndarray:
        """Correlation of persons' outcomes between measures within municipality and cohort, measures x measures."""
        sd = np.sqrt(np.maximum(np.diag(self.within), 1e-300))
        return self.within / np.outer(sd, sd)


def rates_from_counts(counts: pd.DataFrame, measures: list[Measure]) -> Rates:
    """Rates from the frame of ``pooling.comparable`` when persons are not at hand."""
    names = np.array(sorted(counts["municipality"].unique()), dtype=object)
    shape = (len(measures), len(names))
    n = counts["n"].to_numpy(dtype=float).reshape(shape).T
    p = counts["successes"].to_numpy(dtype=float).reshape(shape).T / n
    within = np.diag((n * p * (1 - p)).sum(axis=0) / np.maximum((n - 1).sum(axis=0), 1))
    return Rates(names, tuple(measures), p, np.einsum("mh,hk->mhk", n, np.eye(len(measures))), within)


def rates_from_persons(persons: Persons, measures: list[Measure]) -> Rates:
    """Rates and their noise covariance from persons; outcomes may be any number, not only 0 and 1."""
    there = (~np.isnan(persons.outcomes)).astype(float)
    y = np.nan_to_num(persons.outcomes)
    starts, places = _starts(persons.stratum), _starts(persons.municipality)
    size = np.add.reduceat(there, starts)
    mean = np.add.reduceat(y, starts) / np.maximum(size, 1)
    residual = np.where(there > 0, y - mean[persons.stratum], 0.0)
    some = (size > 0).astype(float)
    pairs = there.T @ there - some.T @ some
    both = np.stack([np.add.reduceat(there * there[:, [h]], places) for h in range(y.shape[1])], axis=1)
    within = residual.T @ residual / np.maximum(pairs, 1)
    rates = np.add.reduceat(y, places) / np.maximum(np.add.reduceat(there, places), 1)
    return Rates(persons.municipalities, tuple(measures), rates, both, within, persons)


def noise_draws(rates: Rates, draws: int, seed: int) -> np.ndarray:
    """Sampling noise of the rates, draws x municipalities x measures, mean zero.

    Persons are resampled with replacement within municipality and cohort, all their outcomes together; a municipality's
    deviation is scaled by sqrt(n / (n - cohorts)), which undoes the loss of variance in small cells. Raises
    ``ValueError`` for rates from counts.
    """
    if rates.persons is None:
        raise ValueError("noise is drawn from persons; these rates hold counts only")
    rng = np.random.default_rng(seed)
    persons = rates.persons
    there = (~np.isnan(persons.outcomes)).astype(np.float32)
    data = np.hstack([np.nan_to_num(persons.outcomes).astype(np.float32), there])
    starts, places = _starts(persons.stratum), _starts(persons.municipality)
    length = np.diff(np.r_[starts, len(data)])[persons.stratum].astype(np.float32)
    begin = starts[persons.stratum]
    people, cells = np.bincount(persons.municipality), np.bincount(persons.municipality[starts])
    scale = np.sqrt(people / np.maximum(people - cells, 1))[:, None]
    result = np.empty((draws, *rates.rates.shape))
    for b in range(draws):
        step = np.minimum(rng.random(len(data), dtype=np.float32) * length, length - 1)
        sums = np.add.reduceat(data[begin + step.astype(np.int64)], places)
        half = sums.shape[1] // 2
        share = np.where(sums[:, half:] > 0, sums[:, :half] / np.maximum(sums[:, half:], 1), rates.rates)
        result[b] = (share - rates.rates) * scale
    return result


def _starts(codes: np.ndarray) -> np.ndarray:
    """First position of each run of equal codes."""
    return np.flatnonzero(np.r_[True, np.diff(codes) != 0])
