"""Cumulative incidence of the first stable job, with emigration and death as competing events.

A person has a stable job from the first month in which he works and has worked in at least ``months`` of the latest
``window`` months after leaving. The event is counted in the month the rule is met, so that nobody's later months decide
whether he is still at risk; with 9 of 12 months the ninth month after leaving is the earliest. The month of leaving is
not counted, since the programme may fill it. Who leaves the register by emigration or death before has a competing
event; who is still waiting at the end of the data is censored.

Estimator: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5, 141-150, from counts by month; variance as
Aalen's in Marubini and Valsecchi (1995), Analysing Survival Data from Clinical Trials, section 10; limits on the
complementary log-log scale. Months hold many events, so ties are handled exactly: events before censorings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from introprog.errors import InputError, Problem
from introprog.months import DIED, EMIGRATED, UNOBSERVED, WORK_LONGER, WORK_SHORTER, state_grid

CAUSES = ("stable_job", "emigrated", "died")
CENSORED = -1
TOTAL = "all"
STEPS = (1, 3, 6, 12)
COLUMNS = ["group", "level", "cause", "month", "estimate", "std_error", "ci_low", "ci_high", "events", "at_risk", "n",
           "suppressed", "method"]  # fmt: skip


@dataclass(frozen=True)
class Curves:
    """Cumulative incidence of every cause at months 0..M: ``incidence`` and ``variance`` (causes, M + 1); ``events``
    (causes, M + 1) in the month; ``at_risk`` (M + 1,) at its start."""

    incidence: np.ndarray
    variance: np.ndarray
    events: np.ndarray
    at_risk: np.ndarray


def first_events(grid: np.ndarray, rule: Mapping) -> tuple[np.ndarray, np.ndarray]:
    """Month (int) and cause (position in ``CAUSES``, -1 = censored) of each person's first event.

    ``grid``: states of ``months`` (persons, months), -1 not observed; ``rule``: ``months``, ``window`` and
    ``longer_only`` (only longer work counts). A censored person was last seen waiting in the month given.
    """
    work = grid == WORK_LONGER if rule["longer_only"] else (grid == WORK_LONGER) | (grid == WORK_SHORTER)
    work[:, 0] = False
    sums = np.cumsum(work, axis=1, dtype=np.int16)
    sums[:, rule["window"] :] -= sums[:, : -rule["window"]].copy()
    happened = np.stack([work & (sums >= rule["months"]), grid == EMIGRATED, grid == DIED])
    never = grid.shape[1]
    first = np.where(happened.any(axis=2), happened.argmax(axis=2), never)
    cause = first.argmin(axis=0)
    month = first.min(axis=0)
    seen = grid != UNOBSERVED
    last_seen = np.where(seen.any(axis=1), never - 1 - seen[:, ::-1].argmax(axis=1), 0)
    return np.where(month < never, month, last_seen), np.where(month < never, cause, CENSORED)


def cumulative_incidence(month: np.ndarray, cause: np.ndarray, last: int) -> Curves:
    """Aalen-Johansen curves at months 0..``last`` from each person's month and cause (-1 = censored)."""
    shape = len(CAUSES), last + 1
    events = np.zeros(shape, dtype=np.int64)
    happened = cause >= 0
    np.add.at(events, (cause[happened], month[happened]), 1)
    leaving = np.bincount(month, minlength=last + 1)[: last + 1]
    at_risk = len(month) - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    everything = events.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(at_risk > 0, everything / at_risk, 0.0)
        survival = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
        steps = np.where(at_risk > 0, survival * events / at_risk, 0.0)
        incidence = np.cumsum(steps, axis=1)
        variance = np.stack(
            [_variance(incidence[k], survival, events[k], everything, at_risk) for k in range(shape[0])]
        )
    return Curves(incidence, variance, events, at_risk)


def _variance(
    incidence: np.ndarray, survival: np.ndarray, events: np.ndarray, everything: np.ndarray, at_risk: np.ndarray
) -> np.ndarray:
    """Variance of one cause's cumulative incidence: the sum over s <= t of the variance that month s brings.

    With F(t) - F(s) = gap, a month brings gap^2 d / (n (n - d)) + S^2 d1 (n - d1) / n^3 - 2 gap S d1 / n^2; expanding
    the square turns the double loop into cumulated sums.
    """
    n = np.maximum(at_risk, 1).astype(float)
    spread = np.where(at_risk > everything, everything / (n * np.maximum(n - everything, 1)), 0.0)
    cross = survival * events / n**2
    own = survival**2 * events * (n - events) / n**3
    linear = np.cumsum(incidence * spread + cross)
    square = np.cumsum(incidence**2 * spread + own + 2 * incidence * cross)
    return np.maximum(incidence**2 * np.cumsum(spread) - 2 * incidence * linear + square, 0.0)


def limits(estimate: np.ndarray, variance: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Confidence limits of a cumulative incidence (0-1) by the complementary log-log; both are the estimate at 0 and
    1."""
    inside = (estimate > 0) & (estimate < 1) & (variance > 0)
    safe = np.where(inside, estimate, 0.5)
    half = ndtri(0.5 + confidence / 2) * np.sqrt(variance) / np.abs(safe * np.log(safe))
    low, high = safe ** np.exp(half), safe ** np.exp(-half)
    return np.where(inside, low, estimate), np.where(inside, high, estimate)


def incidence_table(
    states: pd.DataFrame,
    leavers: pd.DataFrame,
    rule: Mapping,
    by: Sequence[str] = ("sex", "schooling"),
    confidence: float = 0.95,
    threshold: int = 5,
) -> pd.DataFrame:
    """Curves of every cause for all leavers and by each column of ``leavers`` named in ``by``: ``COLUMNS``.

    ``events`` is cumulated, ``at_risk`` is at the month's start. A curve moves in steps of at least ``threshold``
    persons: the months between are suppressed, jointly for all levels of a grouping, so that no step can be had by
    subtraction. Raises ``InputError`` for a rule that nobody can meet.
    """
    grid = state_grid(states)
    if rule["months"] > rule["window"] or rule["window"] >= grid.shape[1]:
        what = f"{rule['months']} of {rule['window']} months cannot be met in the {grid.shape[1] - 1} months followed"
        raise InputError([Problem("config.yaml, stable_job", "J1", what, "months <= window <= months: last")])
    month, cause = first_events(grid, rule)
    traits = leavers.set_index("person_id").reindex(states["person_id"])
    method = f"Aalen-Johansen; {rule['months']} of {rule['window']} months"
    parts = []
    for name in (TOTAL, *by):
        level = traits[name].astype("object").fillna("unknown") if name != TOTAL else pd.Series(TOTAL, traits.index)
        codes, levels = pd.factorize(level, sort=True)
        curves = {
            lv: cumulative_incidence(month[codes == i], cause[codes == i], grid.shape[1] - 1)
            for i, lv in enumerate(levels)
        }
        hidden = hidden_months(curves, threshold) if curves else np.empty(0)
        for value, curve in curves.items():
            parts += [
                curve_rows(name, value, k, curve, hidden[k], confidence, threshold, method) for k in range(len(CAUSES))
            ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def hidden_months(curves: Mapping[str, Curves], threshold: int) -> np.ndarray:
    """Months (causes, M + 1) to suppress, so that between months shown every level has no event or ``threshold`` of
    them.

    Each cause is shown every month, quarter, half-year or year, the finest that hides nothing more; if none is, it is
    shown in those years in which the rule holds.
    """
    events = np.stack([c.events for c in curves.values()])
    return np.stack([_marks(events[:, cause].cumsum(axis=1), threshold) for cause in range(len(CAUSES))])


def _marks(total: np.ndarray, threshold: int) -> np.ndarray:
    """Hidden months of one cause from its cumulated events (levels, M + 1)."""
    months = np.arange(total.shape[1])
    for step in STEPS:
        at = months[months % step == 0]
        hidden = np.ones(len(months), dtype=bool)
        shown = 0
        for month in at:
            since = total[:, month] - total[:, shown]
            if ((since == 0) | (since >= threshold)).all():
                hidden[month], shown = False, month
        if not hidden[at].any():
            break
    return hidden


def curve_rows(
    group: str,
    level: str,
    cause: int,
    curve: Curves,
    hidden: np.ndarray,
    confidence: float,
    threshold: int,
    method: str,
    causes: Sequence[str] = CAUSES,
) -> pd.DataFrame:
    """One cause (position in ``causes``) of the curves of a level: ``COLUMNS``, null in the ``hidden`` months."""
    low, high = limits(curve.incidence[cause], curve.variance[cause], confidence)
    frame = pd.DataFrame(
        {
            "month": np.arange(len(hidden)),
            "estimate": curve.incidence[cause],
            "std_error": np.sqrt(curve.variance[cause]),
            "ci_low": low,
            "ci_high": high,
            "events": pd.array(np.cumsum(curve.events[cause]), dtype="Int64"),
            "at_risk": pd.array(curve.at_risk, dtype="Int64"),
            "suppressed": hidden,
        }
    )
    shown = ["estimate", "std_error", "ci_low", "ci_high", "events", "at_risk"]
    for name in shown:
        frame[name] = frame[name].mask(hidden)
    frame["at_risk"] = frame["at_risk"].mask(frame["at_risk"].between(1, threshold - 1).fillna(False))
    return frame.assign(group=group, level=level, cause=causes[cause], n=int(curve.at_risk[0]), method=method)[COLUMNS]
