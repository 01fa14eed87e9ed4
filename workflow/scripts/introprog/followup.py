"""The same leavers followed from horizon to horizon, by group: sex, age, country background, county, municipality.

Leaving cohorts are taken together only where all of them are observed, so that a line never changes its people: a set
of recent cohorts ends where the first of them ends. How many cohorts make a set is read off the data, the number asked
for being the most. Everything returned has been through disclosure control.
"""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from introprog.county_sums import hidden_cells
from introprog.disclosure import blank, protect_shares
from introprog.errors import InputError, Problem, nearest
from introprog.region_counts import pooled, successes, with_intervals

ALL = "all"
UNKNOWN = "unknown"
PLACED = "programme"
PERIOD = ["first_exit_year", "last_exit_year"]
TRAITS = ("age_group", "country_group")
COUNTS = ["n", "successes"]
COLUMNS = ["group", "level", *PERIOD, "horizon", "definition", *COUNTS, "share", "ci_low", "ci_high", "suppressed"]


def cohort_sets(seen: pd.DataFrame, horizons: Sequence[int], cohort_years: int, balanced: bool = False) -> pd.DataFrame:
    """Sets of cohorts that can be followed together: ``exit_year, first_exit_year, last_exit_year, horizon``.

    ``seen``: a row a cohort (``exit_year``) and ``horizon`` that is observed. The sets are laid from the latest cohort
    with the most horizons, backwards and forwards, ``cohort_years`` wide, or as much narrower as it takes for that
    cohort's set to be followed as long as itself. A horizon counts when every cohort of the set is seen at it.
    ``balanced`` keeps the sets seen at every horizon of that cohort, and those horizons. Empty when nothing is seen.
    """
    rows = seen[seen["horizon"].isin(list(horizons))]
    held = {int(year): frozenset(own.astype(int)) for year, own in rows.groupby("exit_year")["horizon"]}
    if not held:
        return pd.DataFrame(columns=["exit_year", *PERIOD, "horizon"], dtype="int64")
    most = max(map(len, held.values()))
    anchor = max(year for year, own in held.items() if len(own) == most)
    width = next(
        w for w in range(cohort_years, 0, -1) if _shared(held, range(anchor - w + 1, anchor + 1), True) == held[anchor]
    )
    found = []
    for start in range(anchor + 1 - width * (1 + (anchor - min(held)) // width), max(held) + 1, width):
        years = [year for year in range(start, start + width) if year in held]
        shared = _shared(held, years) & (held[anchor] if balanced else set(horizons))
        if years and not (balanced and shared != held[anchor]):
            found += [(year, years[0], years[-1], horizon) for year in years for horizon in sorted(shared)]
    return pd.DataFrame(found, columns=["exit_year", *PERIOD, "horizon"])


def _shared(held: Mapping[int, frozenset], years: Sequence[int], whole: bool = False) -> frozenset:
    """Horizons at which all ``years`` are seen; with ``whole`` a year that is not there counts as never seen."""
    known = [held.get(year, frozenset()) for year in years if whole or year in held]
    return frozenset.intersection(*known) if known else frozenset()


def status_by_group(
    region_status: pd.DataFrame,
    public_panel: pd.DataFrame,
    definition: str,
    followup: Mapping,
    confidence: float,
    threshold: int,
    outcomes: pd.DataFrame | None = None,
    leavers: pd.DataFrame | None = None,
    windows: Sequence[Sequence[int]] = (),
    panel: pd.DataFrame | None = None,
    compared: Sequence[int] = (),
    protection: int = 0,
) -> pd.DataFrame:
    """Shares by group, level, set of cohorts and horizon: ``COLUMNS``; ``level`` ``all`` is everybody.

    ``region_status``: contract section 5, country and counties; ``public_panel``: the municipality panel after
    disclosure control, so that a sum over cohorts never gives away a cohort that is hidden there; ``outcomes``
    (person_id, exit_year, horizon, success, in_denominator of ``definition``) and ``leavers`` (person_id and
    ``TRAITS``) where there are persons; ``windows``: first and last year of the cohorts that displays pool by
    municipality, and ``panel``, the municipality panel before disclosure control, of which they are sums; ``compared``:
    first and last year of the comparison, and ``protection``, the room in persons that a hidden cell of the panel keeps
    beside all county sums together (``introprog.county_sums``; not looked at when nil).
    ``followup``: block of the config. Raises ``InputError`` for a municipality of the config that is not in the panel,
    or when nobody is observed.
    """
    counts = successes(region_status, [definition], ("country", "county"))
    counts = counts[counts["n"].isna() | (counts["n"] > 0)]
    country = counts[counts["region_level"] == "country"]
    sets = cohort_sets(
        country[country["sex"] == "both"], followup["horizons"], followup["cohort_years"], followup["balanced"]
    )
    if sets.empty:
        what, hint = f"nobody is observed at the horizons {followup['horizons']}", "followup: horizons in config.yaml"
        raise InputError([Problem("region_status", "X3", what, hint=hint)])
    whole = country[country["sex"] == "both"].assign(level=ALL)
    sum_up = summing(sets, confidence, threshold)
    towns = of_both(public_panel, definition)
    regions = counts[(counts["region_level"] == "county") & (counts["sex"] == "both")].assign(
        level=lambda d: d["region"]
    )
    panel = None if panel is None else of_both(panel, definition)
    told = _told_by_municipalities(regions, towns, sets, threshold, windows, panel)
    hidden = hidden_cells(towns, panel, compared, threshold, protection) if protection and panel is not None else None
    counties = pd.concat([whole, regions])
    parts = [
        sum_up("sex", country.assign(level=country["sex"].map({"both": ALL}).fillna(country["sex"]))),
        sum_up("county", counties, told)
        if hidden is None
        else hidden.protect(lambda more: sum_up("county", counties, more), told, True),
        sum_up("municipality", _chosen(towns, sets, followup), tree=False),
    ]
    if outcomes is not None:
        parts += [sum_up(trait, _by_trait(outcomes, leavers, trait)) for trait in TRAITS]
    table = pd.concat(parts, ignore_index=True).assign(definition=definition)
    return table.sort_values(["group", "level", *PERIOD, "horizon"], ignore_index=True)[COLUMNS]


def employed_by_trait(
    region_status: pd.DataFrame,
    definition: str,
    horizons: Sequence[int],
    followup: Mapping,
    confidence: float,
    threshold: int,
    outcomes: pd.DataFrame,
    leavers: pd.DataFrame,
) -> pd.DataFrame:
    """Shares by ``TRAITS``, set of cohorts and horizon under another ``definition``, at its own ``horizons``.

    Arguments and columns as in ``status_by_group``; ``outcomes`` are of ``definition``. Empty when the panel has no
    such definition or nobody is observed.
    """
    if not (region_status["definition"] == definition).any():
        return pd.DataFrame(columns=COLUMNS)
    counts = successes(region_status, [definition])
    counts = counts[(counts["sex"] == "both") & (counts["n"].isna() | (counts["n"] > 0))]
    sets = cohort_sets(counts, horizons, followup["cohort_years"], followup["balanced"])
    if sets.empty:
        return pd.DataFrame(columns=COLUMNS)
    sum_up = summing(sets, confidence, threshold)
    parts = [sum_up(trait, _by_trait(outcomes, leavers, trait)) for trait in TRAITS]
    table = pd.concat(parts, ignore_index=True).assign(definition=definition)
    return table.sort_values(["group", "level", *PERIOD, "horizon"], ignore_index=True)[COLUMNS]


def summing(sets: pd.DataFrame, confidence: float, threshold: int) -> Callable[..., pd.DataFrame]:
    """A function from counts by level, cohort and horizon to shares by level, set of cohorts and horizon."""
    keys = ["level", *PERIOD, "horizon"]
    first, last = int(sets["exit_year"].min()), int(sets["exit_year"].max())

    def sum_up(group: str, counts: pd.DataFrame, also: pd.DataFrame | None = None, tree: bool = True) -> pd.DataFrame:
        rows = counts.merge(sets, on=["exit_year", "horizon"])[[*keys, "exit_year", *COUNTS]]
        rows = pooled(rows.rename(columns={name: f"set_{name}" for name in PERIOD}), (first, last), _renamed(keys))
        rows = rows.drop(columns=PERIOD).rename(columns={f"set_{name}": name for name in PERIOD})
        levels = tuple(sorted(set(rows["level"]) - {ALL}))
        trees = {"level": {ALL: levels}} if tree and levels else {}
        given = None if also is None else _marked(rows, also, keys)
        hidden = protect_shares(rows, keys, trees, threshold, given)
        full = with_intervals(rows, confidence)
        return blank(full, hidden, [*COUNTS, "share", "ci_low", "ci_high"]).assign(group=group)

    return sum_up


def of_both(panel: pd.DataFrame, definition: str) -> pd.DataFrame:
    """Rows of a municipality panel for a definition and both sexes, by programme municipality."""
    rows = (panel["definition"] == definition) & (panel["sex"] == "both") & (panel["geography"] == PLACED)
    return panel[rows]


def _renamed(keys: Sequence[str]) -> list[str]:
    return [f"set_{key}" if key in PERIOD else key for key in keys]


def _marked(rows: pd.DataFrame, also: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    return pd.Series(pd.MultiIndex.from_frame(rows[keys]).isin(pd.MultiIndex.from_frame(also[keys])), index=rows.index)


def _by_trait(outcomes: pd.DataFrame, leavers: pd.DataFrame, trait: str) -> pd.DataFrame:
    """Counts by level of a person's trait, cohort and horizon, and of everybody; who has none is ``unknown``."""
    counted = outcomes[outcomes["in_denominator"].fillna(False).astype(bool)]
    level = leavers.set_index("person_id")[trait].astype("object")
    rows = pd.DataFrame(
        {
            "level": counted["person_id"].astype("object").map(level).fillna(UNKNOWN).to_numpy(),
            "exit_year": counted["exit_year"].to_numpy(),
            "horizon": counted["horizon"].to_numpy(),
            "hit": counted["success"].fillna(False).to_numpy(dtype=bool),
        }
    )
    keys = ["level", "exit_year", "horizon"]
    rows = pd.concat([rows, rows.assign(level=ALL)], ignore_index=True)
    return rows.groupby(keys, sort=True)["hit"].agg(n="size", successes="sum").reset_index()


def _chosen(towns: pd.DataFrame, sets: pd.DataFrame, followup: Mapping) -> pd.DataFrame:
    """Panel rows of the municipalities that the config names, or of the largest ones."""
    named = [str(code) for code in followup["municipalities"]]
    known = sorted(towns["municipality"].unique())
    unknown = [code for code in named if code not in known]
    if unknown:
        where, what = "config.yaml, followup: municipalities", "not in the municipality panel"
        raise InputError([Problem(where, "X4", what, hint=nearest(unknown[0], known), values=unknown)])
    if not named:
        named = _largest(towns, sets).head(followup["largest"])
    return towns[towns["municipality"].isin(list(named))].assign(level=lambda d: d["municipality"])


def _largest(towns: pd.DataFrame, sets: pd.DataFrame) -> pd.Series:
    """Municipalities by the leavers of those sets of cohorts that can be shown whole, then by those of any cohort."""
    seen = towns.merge(sets, on=["exit_year", "horizon"])
    whole = ~seen["n"].isna().groupby([seen[key] for key in ("municipality", *PERIOD, "horizon")]).transform("any")
    size = seen.assign(whole=seen["n"].where(whole)).groupby("municipality")[["whole", "n"]].sum().reset_index()
    return size.sort_values(["whole", "n", "municipality"], ascending=[False, False, True])["municipality"]


def _told_by_municipalities(
    regions: pd.DataFrame,
    towns: pd.DataFrame,
    sets: pd.DataFrame,
    threshold: int,
    windows: Sequence[Sequence[int]],
    panel: pd.DataFrame | None,
) -> pd.DataFrame:
    """County sums (``level``, period, horizon) that would give away what the municipality panel hides.

    The county less the municipalities shown is what the hidden cells hold: one cell, or fewer than ``threshold`` with
    success or without. Where everything that one of ``windows`` hides of a municipality lies in the set, the sum of
    those cells is known from the displays that pool the window: the others must do without them.
    """
    keys, at = ["level", *PERIOD, "horizon"], ["municipality", "exit_year", "horizon"]
    cells = towns.assign(level=towns["municipality"].str[:2]).merge(sets, on=["exit_year", "horizon"])
    closed = cells[cells["suppressed"].astype(bool)]
    county = regions.merge(sets, on=["exit_year", "horizon"]).groupby(keys)[COUNTS].sum()
    rest = county.sub(cells.groupby(keys)[COUNTS].sum().reindex(county.index, fill_value=0)).astype("Float64")
    told = [_too_little(rest, closed.groupby(keys).size(), threshold)]
    true = closed.drop(columns=COUNTS)
    true = true.assign(n=pd.NA, successes=pd.NA) if panel is None else true.merge(panel[[*at, *COUNTS]], on=at)
    for first, last in windows:
        own = towns[towns["suppressed"].astype(bool) & towns["exit_year"].between(first, last)]
        pooled_cells = own.groupby(["municipality", "horizon"]).size().rename("pooled").reset_index()
        within = true["exit_year"].between(first, last)
        here = within.groupby([true[key] for key in [*keys, "municipality"]]).transform("sum")
        whole = true.merge(pooled_cells, on=["municipality", "horizon"], how="left")["pooled"].to_numpy()
        others = true[~(within & (here.to_numpy() == whole))]
        sums = others.astype(dict.fromkeys(COUNTS, "Float64")).groupby(keys)[COUNTS].sum(min_count=1)
        told.append(_too_little(sums, others.groupby(keys).size(), threshold))
    return pd.concat(told, ignore_index=True).drop_duplicates()


def _too_little(sums: pd.DataFrame, cells: pd.Series, threshold: int) -> pd.DataFrame:
    """The keys of ``sums`` (n, successes) that stand for one cell, or for too few with success or without."""
    least = pd.concat([sums["successes"], sums["n"] - sums["successes"]], axis=1).min(axis=1).rename("least")
    table = pd.concat([cells.rename("cells"), least], axis=1).rename_axis(sums.index.names).reset_index()
    table = table.fillna({"cells": 0, "least": 0})
    few = (table["cells"] == 1) | ((table["cells"] > 1) & (table["least"] < threshold))
    return table.loc[few, list(sums.index.names)]
