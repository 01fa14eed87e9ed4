"""The same people under every reasonable specification: definition x horizon x denominator x geography.

Specification curve as in Simonsohn, Simmons and Nelson (2020), doi 10.1038/s41562-020-0912-z: all combinations that
make sense are computed and shown, none is chosen. Definitions of the config that differ only in denominator or
geography are one criterion; the two choices are then made for every criterion. The cohorts are the same at every
horizon.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from introprog.intervals import wilson
from introprog.outcome_rows import GONE, require_definition

CRITERION = ("moment", "min_hours", "education", "novembers", "earnings_g", "no_social_assistance")
COLUMNS = ["estimand", "definition", "horizon", "denominator", "geography", "estimate", "ci_low", "ci_high", "n",
           "municipalities", "official"]  # fmt: skip
DENOMINATORS = ("residents", "all_leavers")
SEX = {"men": 0, "women": 1}


def criteria(definitions: Mapping[str, Mapping], moment: str = "november") -> list[str]:
    """Definitions of one kind of moment, without those that repeat another's criterion; the first named is kept."""
    seen: dict[tuple, str] = {}
    for name, block in definitions.items():
        if block["moment"] == moment:
            seen.setdefault(tuple(block[k] for k in CRITERION), name)
    return list(seen.values())


def present_definition(definitions: Mapping[str, Mapping], moment: str = "november") -> str | None:
    """A definition held by present municipality, or None."""
    return next((n for n, b in definitions.items() if b["geography"] == "present" and b["moment"] == moment), None)


def specification_table(
    outcomes: pd.DataFrame,
    leavers: pd.DataFrame,
    definitions: Mapping[str, Mapping],
    official: str,
    comparison: Mapping,
    target: float,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Every estimand under every specification: ``COLUMNS``, sorted by estimand and estimate.

    Estimands: ``share`` (0-1, Wilson limits) and ``sex_difference`` (men less women, Newcombe's limits) of the whole
    country, where geography makes no difference (``any``); ``at_target``, the share of municipalities at or above
    ``target``, and ``rank_correlation`` (Spearman) of municipal rates with the official ones at the first horizon, both
    over municipalities with ``comparison['minimum_leavers']``. Who is gone lives in no municipality, so that all
    leavers and present municipality do not meet. ``outcomes``: contract section 4, of ``comparison['exit_years']``.
    """
    require_definition(official, list(definitions), "config.yaml, official_definition")
    names = criteria(definitions)
    cells = _Cells(outcomes, leavers, names, comparison["horizons"], present_definition(definitions))
    reference = _municipal(cells, (official, min(comparison["horizons"])), "residents", "programme")
    rows = []
    for pair in cells.pairs:
        for denominator in DENOMINATORS:
            rows += _national(cells, pair, denominator, confidence)
            for geography in cells.geographies if denominator == "residents" else ("programme",):
                found = _municipal(cells, pair, denominator, geography)
                rows += _between(
                    found, reference, (*pair, denominator, geography), target, comparison["minimum_leavers"]
                )
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    block = definitions[official]
    plain = table["geography"].isin([block["geography"], "any"]) & (table["denominator"] == block["denominator"])
    table["official"] = plain & (table["definition"] == official) & (table["horizon"] == min(comparison["horizons"]))
    order = ["estimand", "estimate", "definition", "horizon", "denominator", "geography"]
    return table.dropna(subset="estimate").sort_values(order, kind="stable", ignore_index=True)


class _Cells:
    """Counts (pairs, places, sexes) of residents, of those gone and of successes, by programme and present
    municipality."""

    def __init__(self, outcomes, leavers, names: Sequence[str], horizons: Sequence[int], present: str | None):
        rows = outcomes[outcomes["definition"].isin(names) & outcomes["horizon"].isin(list(horizons))]
        rows = rows[rows["reason"].isin(["resident", *GONE])]
        times = sorted(horizons)
        self.pairs = [(n, h) for n in names for h in times]
        when = np.searchsorted(times, rows["horizon"].to_numpy(dtype=np.int64))
        pair = pd.Categorical(rows["definition"], categories=names).codes.astype(np.int64) * len(times) + when
        person, persons = pd.factorize(rows["person_id"])
        persons = pd.Index(persons).astype(str)
        traits = leavers.set_index("person_id").reindex(persons)
        sex = traits["sex"].map(SEX).to_numpy(dtype=np.int64)[person]
        place, places = pd.factorize(traits["municipality"], sort=True)
        homes = {"programme": (place[person], places)}
        if present is not None:
            own = outcomes[(outcomes["definition"] == present) & outcomes["horizon"].isin(times)]
            place, places = pd.factorize(own["municipality"].astype(object), sort=True)
            lived = np.full((len(persons) + 1, len(times)), -1)
            at = persons.get_indexer(own["person_id"].astype(str))
            lived[at, np.searchsorted(times, own["horizon"].to_numpy(dtype=np.int64))] = place
            homes["present"] = (lived[person, when], places)
        self.geographies = tuple(homes)
        resident = (rows["reason"] == "resident").to_numpy()
        success = resident & rows["success"].fillna(False).to_numpy(dtype=bool)
        self.counts = {}
        for geography, (place, places) in homes.items():
            shape = (len(self.pairs), len(places) + 1, 2)
            index = np.ravel_multi_index((pair, np.where(place < 0, len(places), place), sex), shape)
            count = [
                np.bincount(index[m], minlength=int(np.prod(shape))).reshape(shape)
                for m in (resident, ~resident, success)
            ]
            self.counts[geography] = (places, *count)

    def of(self, pair: tuple[str, int], denominator: str, geography: str):
        """Municipalities, n and successes (places and the unplaced, sexes) of one specification."""
        places, residents, gone, successes = self.counts[geography]
        row = self.pairs.index(pair)
        n = residents[row] + gone[row] if denominator == "all_leavers" else residents[row]
        return places, n, successes[row]


def _national(cells: _Cells, pair: tuple[str, int], denominator: str, confidence: float) -> list[tuple]:
    _, n, x = cells.of(pair, denominator, "programme")
    n, x = n.sum(axis=0), x.sum(axis=0)
    low, high = wilson(x.sum(), n.sum(), confidence)
    keys = (*pair, denominator, "any")
    share = x.sum() / n.sum() if n.sum() else np.nan
    rows = [("share", *keys, share, float(low), float(high), int(n.sum()), np.nan)]
    if (n > 0).all():
        men, women = x / n
        low, high = wilson(x, n, confidence)
        gap = men - women
        below = gap - np.hypot(men - low[0], high[1] - women)
        above = gap + np.hypot(high[0] - men, women - low[1])
        rows.append(("sex_difference", *keys, gap, below, above, int(n.sum()), np.nan))
    return rows


def _municipal(cells: _Cells, pair: tuple[str, int], denominator: str, geography: str) -> pd.DataFrame:
    places, n, x = cells.of(pair, denominator, geography)
    return pd.DataFrame({"n": n.sum(axis=1)[:-1], "x": x.sum(axis=1)[:-1]}, index=pd.Index(places))


def _between(found: pd.DataFrame, reference: pd.DataFrame, keys: tuple, target: float, minimum: int) -> list[tuple]:
    enough = found[found["n"] >= minimum]
    if len(enough) < 3:
        return []
    rate = enough["x"] / enough["n"]
    persons = int(enough["n"].sum())
    rows = [("at_target", *keys, float((rate >= target).mean()), np.nan, np.nan, persons, len(enough))]
    both = rate.index.intersection(reference.index[reference["n"] >= minimum])
    other = reference.loc[both, "x"] / reference.loc[both, "n"]
    if len(both) >= 3 and np.ptp(rate[both]) > 0 and np.ptp(other) > 0:
        r = float(np.corrcoef(rate[both].rank(), other.rank())[0, 1])
        rows.append(("rank_correlation", *keys, r, np.nan, np.nan, int(enough.loc[both, "n"].sum()), len(both)))
    return rows
