"""The verdict against the national target: which municipalities are above it, which below, and which cannot be told.

A verdict is given when the exact limits of the rate exclude the target, so a municipality that lies exactly on it is
called above, or below, in at most half of one minus the confidence. How many verdicts change between two moments is
held against what chance alone changes: rates drawn from their posterior under no true change, the same persons
measured twice with the correlation that persons show.
"""

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from introprog.intervals import binomial_quantile, clopper_pearson, exact_p_value
from introprog.noise import Rates
from introprog.signal import signal_of

DRAWS = 400
VERDICTS = ("below", "cannot be told", "above")


def target_verdicts(pooled: pd.DataFrame, target: float, confidence: float = 0.95) -> pd.DataFrame:
    """Verdict of every municipality at every horizon of ``pooled`` (``municipality, horizon, n, successes``).

    Returns ``municipality, horizon, n, rate, ci_low, ci_high, reached, verdict, p_value, error_rate``: ``reached`` is
    what the rate alone says, ``verdict`` what it can bear, ``error_rate`` the greatest probability of a wrong one.
    """
    rows = pooled[pooled["n"] > 0]
    x, n = rows["successes"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=float)
    low, high = clopper_pearson(x, n, confidence)
    frame = pd.DataFrame({"municipality": rows["municipality"].to_numpy(), "horizon": rows["horizon"].to_numpy()})
    frame["n"], frame["rate"], frame["ci_low"], frame["ci_high"] = n.astype(int), x / n, low, high
    frame["reached"] = x >= target * n
    frame["verdict"] = np.array(VERDICTS, dtype=object)[verdict_of(x, n, target, confidence) + 1]
    frame["p_value"] = exact_p_value(x, n, target)
    frame["error_rate"] = (1 - confidence) / 2
    return frame.sort_values(["municipality", "horizon"], ignore_index=True)


def verdict_of(successes: np.ndarray, n: np.ndarray, target: float, confidence: float = 0.95) -> np.ndarray:
    """1 above, -1 below, 0 cannot be told; the same as comparing Clopper-Pearson limits with ``target``."""
    tail = (1 - confidence) / 2
    above = successes > binomial_quantile(1 - tail, n, target)
    below = successes < binomial_quantile(tail, n, target)
    return above.astype(int) - below.astype(int)


def target_changes(
    rates: Rates, definition: str, target: float, confidence: float = 0.95, seed: int = 0, draws: int = DRAWS
) -> pd.DataFrame:
    """Verdicts that differ between each pair of measures, beside what noise and a common shift would change.

    One row a pair and rule (``point``: the rate against the target; ``tested``: the three verdicts). ``changed`` and
    ``reversed`` (above to below or back) are counts among ``municipalities``; ``noise`` (mean and central limits) is
    expected with no true change at all, ``noise_and_shift`` when all municipalities move with the national rate, and
    ``beyond`` is ``changed`` minus the latter. ``p_value``: of at least so many changes from noise and shift.
    """
    rng = np.random.default_rng(seed)
    how = "persons followed" if rates.paired else "counts only: noise taken as independent, so its part is too large"
    rows = []
    for a in range(len(rates.measures)):
        for b in range(a + 1, len(rates.measures)):
            rows += _pair(rates, a, b, target, confidence, draws, rng)
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame.insert(0, "definition", definition)
    frame["method"] = how
    return frame.sort_values(["definition", "horizon", "horizon_other", "rule"], ignore_index=True)


_COLUMNS = [
    *("horizon", "horizon_other", "rule", "municipalities", "changed", "reversed"),
    *("noise", "noise_low", "noise_high", "noise_and_shift", "noise_and_shift_low", "noise_and_shift_high"),
    *("beyond", "p_value"),
]


def _pair(rates: Rates, a: int, b: int, target: float, confidence: float, draws: int, rng) -> list[dict]:
    n = rates.sizes[:, [a, b]]
    x = np.rint(rates.rates[:, [a, b]] * n)
    still, moved = (_simulate(rates, a, b, draws, shift, rng) for shift in (False, True))
    rows = []
    for rule in ("point", "tested"):
        seen = _changes(x[None], n, rule, target, confidence)
        changed, turned = int(seen[0][0]), int(seen[1][0])
        noise, shift = (_changes(s, n, rule, target, confidence)[0] for s in (still, moved))
        tail = (1 - confidence) / 2
        limits = [np.quantile(s, [tail, 1 - tail]) for s in (noise, shift)]
        p = (1 + np.sum(shift >= changed)) / (draws + 1)
        horizons = rates.measures[a][1], rates.measures[b][1]
        values = [*horizons, rule, len(n), changed, turned, noise.mean(), *limits[0], shift.mean(), *limits[1]]
        rows.append(dict(zip(_COLUMNS, [*values, changed - shift.mean(), p])))
    return rows


def _changes(x: np.ndarray, n: np.ndarray, rule: str, target: float, confidence: float) -> tuple[np.ndarray, ...]:
    """Number of changed and of reversed verdicts in each draw; ``x``: draws x municipalities x 2."""
    verdict = np.where(x >= target * n, 1, -1) if rule == "point" else verdict_of(x, n, target, confidence)
    first, second = verdict[..., 0], verdict[..., 1]
    return (first != second).sum(axis=1), (first * second == -1).sum(axis=1)


def _simulate(rates: Rates, a: int, b: int, draws: int, shift: bool, rng: np.random.Generator) -> np.ndarray:
    """Successes at two measures under no true change (or only a common one), draws x municipalities x 2."""
    n_a, n_b, n_both = rates.both[:, a, a], rates.both[:, b, b], rates.both[:, a, b]
    phi = float(np.clip(rates.person_correlation[a, b], -1, 1))
    mean = (rates.rates[:, a] + rates.rates[:, b]) / 2
    # Two correlated looks at the same persons inform like 2 / (1 + phi) looks.
    n = (n_a + n_b) / (1 + phi)
    signal = signal_of(mean * n, n)
    if signal.variance > 0:
        size = signal.leavers_at_half
        true = rng.beta(signal.mean * size + mean * n, (1 - signal.mean) * size + (1 - mean) * n, (draws, len(n)))
    else:
        true = np.full((draws, len(n)), signal.mean)
    p_a, p_b = true, true
    if shift:
        level = [np.average(rates.rates[:, k], weights=rates.both[:, k, k]) for k in (a, b)]
        middle = logit(np.clip(np.mean(level), 1e-6, 1 - 1e-6))
        p_a, p_b = (expit(logit(true) + logit(np.clip(v, 1e-6, 1 - 1e-6)) - middle) for v in level)
    joint = p_a * p_b + phi * np.sqrt(p_a * (1 - p_a) * p_b * (1 - p_b))
    joint = np.clip(joint, np.maximum(0, p_a + p_b - 1), np.minimum(p_a, p_b))
    at_a = rng.binomial(n_both.astype(int), p_a)
    stay = rng.binomial(at_a, np.clip(joint / np.maximum(p_a, 1e-12), 0, 1))
    come = rng.binomial((n_both - at_a).astype(int), np.clip((p_b - joint) / np.maximum(1 - p_a, 1e-12), 0, 1))
    only_a, only_b = (rng.binomial((m - n_both).astype(int), p) for m, p in ((n_a, p_a), (n_b, p_b)))
    return np.stack([at_a + only_a, stay + come + only_b], axis=2)
