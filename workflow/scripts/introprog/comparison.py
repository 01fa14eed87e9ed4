"""Municipalities compared at every moment of measuring: everything that goes with one panel, in one pass."""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.correlation import rank_correlations, resampled_rates
from introprog.errors import InputError, Problem
from introprog.forecast import forecast_table
from introprog.funnel import funnel_points
from introprog.noise import Rates, rates_from_counts, rates_from_persons
from introprog.pooling import Measure, comparable, least_ranked, person_outcomes, pool_panel, shared_cohorts
from introprog.ranks import ranks_by_measure
from introprog.signal import signal_table
from introprog.target import target_changes, target_verdicts


def compare(
    panel: pd.DataFrame,
    comparison: Mapping,
    definition: str,
    target: float,
    confidence: float = 0.95,
    seed: int = 0,
    outcomes: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """All tables of the municipal comparison, by name.

    ``panel``: contract section 5; ``comparison``: config block (``exit_years, minimum_leavers, horizons``, and
    ``ranked_leavers`` for ``ranks``); ``definition``: the one compared across horizons, with the exit measure (horizon
    0) before it when the panel has one; ``outcomes``: contract section 4, absent when only counts exist. Names:
    ``signal, funnel, target_verdicts`` (a horizon each), ``rank_correlation, target_changes, forecast, ranks`` (only
    cohorts seen at every horizon).
    Raises ``InputError`` when nobody is left to compare.
    """
    pooled = pool_panel(panel, comparison["exit_years"])
    wanted = [*_exit_measures(pooled), *((definition, h) for h in comparison["horizons"])]
    shown = _shown(pooled, wanted, definition, comparison["exit_years"])
    wanted, cohorts = shared_cohorts(panel, wanted, comparison["exit_years"])
    same = pool_panel(panel[panel["exit_year"].isin(cohorts)], comparison["exit_years"])
    measures, counts = comparable(same, wanted, comparison["minimum_leavers"])
    if outcomes is not None:
        outcomes = outcomes[outcomes["exit_year"].isin(cohorts)]
    rates = _rates(counts, measures, outcomes, comparison["exit_years"])
    draws = resampled_rates(rates, seed=seed) if len(rates.municipalities) > 1 else None
    kept, ranked = comparable(same, wanted, least_ranked(comparison))
    ranks = ranks_by_measure(ranked, [h for _, h in kept], confidence, seed)
    return {
        "signal": signal_table(pooled, confidence),
        "rank_correlation": rank_correlations(rates, definition, draws, confidence),
        "target_changes": target_changes(rates, definition, target, confidence, seed),
        "forecast": forecast_table(rates, draws, confidence),
        "ranks": ranks.assign(first_exit_year=cohorts[0], last_exit_year=cohorts[-1]),
        "funnel": _by_horizon(shown),
        "target_verdicts": target_verdicts(shown, target, confidence),
    }


def _shown(pooled: pd.DataFrame, wanted: list[Measure], definition: str, exit_years: Sequence[int]) -> pd.DataFrame:
    """The counts of the wanted measures; ``InputError`` when the definition has none."""
    shown = pooled[pd.MultiIndex.from_frame(pooled[["definition", "horizon"]]).isin(wanted) & (pooled["n"] > 0)]
    if not (shown["definition"] == definition).any():
        what = f"no leavers of {definition} in {exit_years[0]}-{exit_years[1]}"
        hint = "comparison: exit_years and horizons must lie within what the source covers"
        raise InputError([Problem("municipality panel", "X3", what, hint=hint)])
    return shown


def _exit_measures(pooled: pd.DataFrame) -> list[Measure]:
    """The measure at leaving itself, if there is one."""
    at_exit = sorted(pooled.loc[pooled["horizon"] == 0, "definition"].unique())
    return [(at_exit[0], 0)] if at_exit else []


def _rates(
    counts: pd.DataFrame, measures: list[Measure], outcomes: pd.DataFrame | None, exit_years: Sequence[int]
) -> Rates:
    if outcomes is None or counts.empty:
        return rates_from_counts(counts, measures)
    names = sorted(counts["municipality"].unique())
    return rates_from_persons(person_outcomes(outcomes, measures, exit_years, names), measures)


def _by_horizon(shown: pd.DataFrame) -> pd.DataFrame:
    groups = shown.groupby("horizon", sort=True)
    frame = pd.concat([funnel_points(group).assign(horizon=horizon) for horizon, group in groups], ignore_index=True)
    order = ["municipality", "horizon", *(c for c in frame if c not in ("municipality", "horizon"))]
    return frame[order].sort_values(["municipality", "horizon"], ignore_index=True)
