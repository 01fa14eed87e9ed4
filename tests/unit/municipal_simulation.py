"""Persons of made-up municipalities whose true rates are known, for tests of what compares municipalities."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from introprog.noise import Rates, rates_from_counts, rates_from_persons
from introprog.pooling import Persons
from scipy.special import ndtr, ndtri

OFFICIAL, AT_EXIT = "ssb_november", "direct_exit"
LEVELS = (0.62, 0.64, 0.64, 0.62, 0.61)


def draw(
    seed: int,
    municipalities: int = 60,
    leavers: int = 6000,
    sd: float = 0.16,
    kept: float = 0.7,
    person: float = 0.5,
    levels: Sequence[float] = LEVELS,
    years: Sequence[int] = (2012, 2013, 2014, 2015),
    shared: Sequence[float] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Municipality and exit year of each person, success (persons x horizons), true rates (municipalities x horizons).

    On the probit scale municipalities differ by ``sd``, of which the share ``kept`` is the same at every horizon, and
    persons keep the share ``person`` of their variance from horizon to horizon. ``shared``: sizes by share.
    """
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0, 1, municipalities) if shared is None else np.asarray(shared, dtype=float)
    place = np.sort(rng.choice(municipalities, leavers, p=weight / weight.sum()))
    lasting, passing = rng.standard_normal((municipalities, 1)), rng.standard_normal((municipalities, len(levels)))
    quality = sd * (np.sqrt(kept) * lasting + np.sqrt(1 - kept) * passing) + ndtri(np.asarray(levels))
    luck = np.sqrt(person) * rng.standard_normal((leavers, 1))
    luck = luck + np.sqrt(1 - person) * rng.standard_normal((leavers, len(levels)))
    return place, rng.choice(years, leavers), quality[place] + luck > 0, ndtr(quality)


def simulate(seed: int, **options) -> tuple[pd.DataFrame, np.ndarray]:
    """Outcomes (contract section 4) at horizons 1, 2, ... and the true rates."""
    place, year, success, true = draw(seed, **options)
    leavers, horizons = success.shape
    frame = pd.DataFrame(
        {
            "person_id": np.tile([f"p{i:06d}" for i in range(leavers)], horizons),
            "exit_year": np.tile(year, horizons),
            "municipality": np.tile(np.array([f"{301 + m:04d}" for m in range(len(true))])[place], horizons),
            "horizon": np.repeat(np.arange(1, horizons + 1), leavers),
            "definition": OFFICIAL,
            "success": pd.array(success.T.ravel(), dtype="boolean"),
            "in_denominator": True,
        }
    )
    return frame, true


def two_moments(seed: int, minimum: int = 30, **options) -> tuple[Rates, Rates, np.ndarray]:
    """Rates at two moments where there are ``minimum`` leavers: persons followed, counts only, and the true rates."""
    place, year, success, true = draw(seed, **{"levels": (0.62, 0.61), **options})
    large = np.flatnonzero(np.bincount(place, minlength=len(true)) >= minimum)
    keep = np.isin(place, large)
    place, year, success = np.searchsorted(large, place[keep]), year[keep], success[keep].astype(float)
    order = np.lexsort((year, place))
    stratum = np.unique(np.column_stack([place, year])[order], axis=0, return_inverse=True)[1].ravel()
    names = np.array([f"{301 + m:04d}" for m in large], dtype=object)
    measures = [(OFFICIAL, 1), (OFFICIAL, 2)]
    persons = Persons(names, place[order], year[order], stratum, success[order])
    counts = pd.DataFrame(
        {
            "measure": np.repeat([0, 1], len(large)),
            "municipality": np.tile(names, 2),
            "n": np.tile(np.bincount(place), 2),
            "successes": np.concatenate([np.bincount(place, success[:, h]) for h in (0, 1)]),
        }
    )
    return rates_from_persons(persons, measures), rates_from_counts(counts, measures), true[large]


def panel_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The municipality panel (contract section 5) of such outcomes, both sexes, by programme municipality."""
    counted = outcomes[outcomes["in_denominator"]]
    keys = ["municipality", "exit_year", "horizon", "definition"]
    panel = counted.groupby(keys).agg(n=("success", "size"), successes=("success", "sum")).reset_index()
    panel = panel.astype({"n": "Int64", "successes": "Int64"})
    return panel.assign(geography="programme", sex="both", suppressed=False)
