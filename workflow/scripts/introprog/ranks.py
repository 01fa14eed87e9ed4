"""Ranks of municipalities with confidence sets that say which ranks the data allow.

Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91, 476-518, section 3: simultaneous two-sided
tests of all differences that concern a municipality (marginal set) or of all differences (simultaneous sets), by the
maximum of the studentised differences, stepping down. Rank 1 is the highest rate.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from introprog.signal import shrink, signal_of

DRAWS = 1000
CHUNK = 2_000_000


def rank_sets(
    estimates: ArrayLike, std_errors: ArrayLike, confidence: float = 0.95, seed: int = 0, draws: int = DRAWS
) -> pd.DataFrame:
    """Confidence sets for ranks from independent estimates, in the order given.

    Returns ``rank, rank_low, rank_high`` (marginal: each contains its true rank with ``confidence``) and
    ``rank_low_simultaneous, rank_high_simultaneous`` (all at once contain the true ranks with ``confidence``). Ties
    share the best rank. Critical values are simulated from the normal distribution with ``seed``.
    """
    theta, se = np.asarray(estimates, dtype=float), np.asarray(std_errors, dtype=float)
    k = len(theta)
    rank = 1 + np.sum(theta[None, :] > theta[:, None], axis=1)
    if k < 2:
        return pd.DataFrame({c: np.ones(k, dtype=int) for c in _COLUMNS})
    noise = (np.random.default_rng(seed).standard_normal((draws, k)) * se).astype(np.float32)
    spread = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    distance = (theta[None, :] - theta[:, None]) / spread
    np.fill_diagonal(distance, 0.0)
    marginal = np.vstack([_marginal(j, distance[j], noise, spread[j], confidence) for j in range(k)])
    joint = _simultaneous(distance, noise, spread, confidence)
    columns = [rank]
    for different in (marginal, joint):
        columns += [1 + np.sum(different & (distance > 0), axis=1), k - np.sum(different & (distance < 0), axis=1)]
    return pd.DataFrame(dict(zip(_COLUMNS, columns)))


_COLUMNS = ("rank", "rank_low", "rank_high", "rank_low_simultaneous", "rank_high_simultaneous")


def _marginal(j: int, distance: np.ndarray, noise: np.ndarray, spread: np.ndarray, confidence: float) -> np.ndarray:
    """Which municipalities differ from municipality j."""
    values = np.abs(noise - noise[:, [j]]) / spread.astype(np.float32)
    open_ = np.arange(len(distance)) != j
    return _step_down(np.abs(distance), values, open_, confidence)


def _simultaneous(distance: np.ndarray, noise: np.ndarray, spread: np.ndarray, confidence: float) -> np.ndarray:
    """Which pairs differ, over all pairs at once; the pairs are worked through in chunks of draws."""
    k = len(distance)
    a, b = np.triu_indices(k, 1)
    observed, se = np.abs(distance[a, b]), spread[a, b].astype(np.float32)
    open_ = np.ones(len(a), dtype=bool)
    step = max(1, CHUNK // len(a))
    while open_.any():
        i, j, s = a[open_], b[open_], se[open_]
        highest = np.concatenate(
            [
                np.max(np.abs(noise[r : r + step, i] - noise[r : r + step, j]) / s, axis=1)
                for r in range(0, len(noise), step)
            ]
        )
        beyond = open_ & (observed > np.quantile(highest, confidence))
        if not beyond.any():
            break
        open_ &= ~beyond
    different = np.zeros((k, k), dtype=bool)
    different[a[~open_], b[~open_]] = True
    return different | different.T


def _step_down(observed: np.ndarray, values: np.ndarray, open_: np.ndarray, confidence: float) -> np.ndarray:
    """Reject what exceeds the quantile of the maximum over what is still open, until nothing more is rejected."""
    rejected = np.zeros(len(observed), dtype=bool)
    while open_.any():
        critical = np.quantile(values[:, open_].max(axis=1), confidence)
        beyond = open_ & (observed > critical)
        if not beyond.any():
            break
        rejected |= beyond
        open_ = open_ & ~beyond
    return rejected


def rate_std_error(shrunken: ArrayLike, n: ArrayLike) -> np.ndarray:
    """Standard error of a rate, from the shrunken rate: sqrt(s(1-s)/n).

    With the observed rate, small municipalities that happen to lie far from 50 per cent look too sure, and rank sets
    cover too seldom (simulated at 5-60 leavers and no true differences: 89 per cent; so, 95).
    """
    s, n = np.asarray(shrunken, dtype=float), np.asarray(n, dtype=float)
    return np.sqrt(s * (1 - s) / n)


def ranks_by_measure(
    counts: pd.DataFrame, horizons: list[int], confidence: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Rates, shrunken rates and rank sets of the same municipalities at each measure of ``pooling.comparable``.

    ``counts``: ``measure, municipality, n, successes``; ``horizons``: the horizon of each measure. Returns
    ``municipality, horizon, n, rate, shrunken, reliability, rank, rank_low, rank_high, rank_low_simultaneous,
    rank_high_simultaneous``. The sets hold at each horizon by itself.
    """
    frames = []
    for measure, group in counts.groupby("measure", sort=True):
        x, n = group["successes"].to_numpy(dtype=float), group["n"].to_numpy(dtype=float)
        eb = shrink(x, n, signal_of(x, n, confidence), confidence)
        frame = pd.DataFrame({"municipality": group["municipality"].to_numpy(), "horizon": horizons[int(measure)]})
        frame["n"], frame["rate"] = n.astype(int), x / n
        frame["shrunken"], frame["reliability"] = eb["shrunken"].to_numpy(), eb["reliability"].to_numpy()
        sets = rank_sets(x / n, rate_std_error(eb["shrunken"], n), confidence, seed)
        frames.append(pd.concat([frame, sets], axis=1))
    if not frames:
        columns = ["municipality", "horizon", "n", "rate", "shrunken", "reliability", *_COLUMNS]
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True).sort_values(["municipality", "horizon"], ignore_index=True)
