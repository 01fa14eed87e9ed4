"""Municipalities that are alike: the released profile of each, and which others lie nearest to it.

Four sides weigh the same: size (logarithm of the population), centrality, unemployment and who the leavers were (women,
compulsory schooling at most, the Horn of Africa, Syria). Every measure is divided by its standard deviation over the
municipalities compared; the distance is the root of the mean over sides of the mean squared difference, over the
measures that both municipalities show (Gower 1971, doi 10.2307/2528823, with squared differences). Results and
satisfaction are no part of it, so that alike places can be compared on them.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from introprog.disclosure import blank, protect_shares

TRAITS = {
    "compulsory": ("schooling", "compulsory"),
    "horn_of_africa": ("country_group", "africa_horn"),
    "syria": ("country_group", "syria"),
}
COMPOSITION = ("women", *TRAITS)
SIDES = {
    "size": ("log_population",),
    "centrality": ("centrality",),
    "unemployment": ("unemployment",),
    "composition": COMPOSITION,
}
PROFILE = ["municipality", "name", "county", "county_name", "year", "population", "unemployment", "centrality",
           *COMPOSITION]  # fmt: skip


def municipal_profile(
    leavers: pd.DataFrame,
    municipalities: pd.DataFrame,
    public_panel: pd.DataFrame,
    definition: str,
    exit_years: Sequence[int],
    threshold: int,
) -> pd.DataFrame:
    """One row a municipality, sorted: context in the latest year up to the last leaving year (``population``,
    ``unemployment`` per cent, ``centrality`` 1-6) and shares 0-1, to two decimals, of the leavers of ``exit_years``;
    null where hidden.

    ``leavers`` and ``municipalities``: contract sections 3 and 2. Shares of women come from cells of the panel after
    disclosure control, so that no hidden cell follows from them; the others, which no other file shows by municipality,
    are hidden where fewer than ``threshold`` have the trait or lack it.
    """
    first, last = exit_years
    known = municipalities[municipalities["year"] <= last]
    known = known.sort_values(["municipality", "year"]).drop_duplicates("municipality", keep="last")
    who = leavers[leavers["included"] & leavers["exit_year"].between(first, last)]
    shares = [_women(public_panel, definition, exit_years, threshold)]
    shares += [_trait(who, column, value, threshold).rename(name) for name, (column, value) in TRAITS.items()]
    table = known.set_index("municipality").join(shares)
    table[list(COMPOSITION)] = table[list(COMPOSITION)].astype(float).round(2)
    return table.reset_index()[PROFILE].sort_values("municipality", ignore_index=True)


def _women(panel: pd.DataFrame, definition: str, exit_years: Sequence[int], threshold: int) -> pd.Series:
    rows = panel[
        (panel["definition"] == definition)
        & (panel["horizon"] == 1)
        & (panel["geography"] == "programme")
        & panel["exit_year"].between(*exit_years)
        & panel["sex"].isin(["both", "women"])
    ]
    wide = rows.pivot(index=["municipality", "exit_year"], columns="sex", values="n").astype("Float64")
    sums = wide.reindex(columns=["both", "women"]).dropna().groupby("municipality").sum()
    few = (sums["women"] < threshold) | (sums["both"] - sums["women"] < threshold)
    return (sums["women"] / sums["both"]).mask(few).astype(float).rename("women")


def _trait(leavers: pd.DataFrame, column: str, value: str, threshold: int) -> pd.Series:
    known = leavers[leavers[column].notna() & (leavers[column] != "unknown")]
    counts = (known[column] == value).groupby(known["municipality"]).agg(n="size", successes="sum").reset_index()
    counts["share"] = counts["successes"] / counts["n"]
    hidden = protect_shares(counts, ["municipality"], {}, threshold)
    return blank(counts, hidden, ["share"]).set_index("municipality")["share"]


def nearest_municipalities(profile: pd.DataFrame, count: int = 5) -> pd.DataFrame:
    """The ``count`` nearest of every municipality of ``profile``: ``municipality, place`` (1 = nearest), ``other,
    distance`` (in standard deviations). Equal distances go by number. Empty for fewer than two municipalities."""
    columns = ["municipality", "place", "other", "distance"]
    ordered = profile.sort_values("municipality", ignore_index=True)
    if len(ordered) < 2:
        return pd.DataFrame(columns=columns)
    squared = _squared_distance(ordered.assign(log_population=np.log(ordered["population"].astype(float))))
    np.fill_diagonal(squared, np.inf)
    nearest = np.argsort(squared, axis=1, kind="stable")[:, : min(count, len(ordered) - 1)]
    codes = ordered["municipality"].to_numpy()
    places = nearest.shape[1]
    return pd.DataFrame(
        {
            "municipality": np.repeat(codes, places),
            "place": np.tile(np.arange(1, places + 1), len(codes)),
            "other": codes[nearest].ravel(),
            "distance": np.sqrt(np.take_along_axis(squared, nearest, axis=1)).ravel(),
        }
    )[columns]


def _squared_distance(profile: pd.DataFrame) -> np.ndarray:
    """Mean over the sides that both show of the mean squared difference over the measures that both show."""
    sides = []
    for names in SIDES.values():
        values = profile[list(names)].astype(float)
        spread = values.std(ddof=0)
        scaled = (values / spread.where(spread > 0, 1.0)).to_numpy()
        squares = (scaled[:, None, :] - scaled[None, :, :]) ** 2
        both = np.isfinite(squares)
        number = both.sum(axis=2)
        total = np.where(both, squares, 0.0).sum(axis=2)
        sides.append(np.where(number > 0, total / np.maximum(number, 1), np.nan))
    stacked = np.stack(sides)
    return np.nansum(stacked, axis=0) / np.maximum(np.isfinite(stacked).sum(axis=0), 1)
