"""A named group of municipalities and the others, before and after: difference in differences, and year by year.

Mirrors the question that NIBR 2019:4 put to the efficiency network: did results change otherwise in its municipalities
than elsewhere? A municipality's change is regressed on being in the group, weighted n1 n0 / (n1 + n0), which is
weighted least squares on all persons with municipality and period held fixed. One change a municipality: inference is
clustered by municipality through CR2 with Satterthwaite degrees of freedom, and a restricted wild bootstrap. The group
chose itself, so the figure describes; it is no estimate of what the network did.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from introprog.clustered import cr2, fit_clustered, wild_bootstrap
from introprog.composition import net_of_composition
from introprog.errors import InputError, Problem, nearest
from introprog.estimable import NotEstimable
from introprog.intervals import wilson

COLUMNS = [
    "model",
    "definition",
    "horizon",
    "term",
    "exit_year",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "p_value",
    "n",
    "clusters",
    "dof",
    "suppressed",
    "method",
]
PERIODS = ("before", "after")
POWER = 0.80
METHOD = "weighted change by municipality, CR2, Satterthwaite"


def group_codes(named: str | Sequence[str], survey_frame: pd.DataFrame | None, known: Sequence[str]) -> list[str]:
    """Codes of the group: those listed, or all municipalities in the frame of the survey wave that ``named`` names.

    A list needs no ``survey_frame``.

    Raises ``InputError`` for a wave that does not exist and for codes that nobody left the programme in.
    """
    if isinstance(named, str):
        waves = sorted(survey_frame["wave"].unique())
        if named not in waves:
            fault = Problem(
                "config.yaml, network", "N1", f"no survey wave is called {named!r}", hint=nearest(named, waves)
            )
            raise InputError([fault])
        found = set(survey_frame.loc[survey_frame["wave"] == named, "municipality"])
        return sorted(found & set(known))
    lacking = sorted(set(map(str, named)) - set(known))
    if lacking:
        hint = "codes are text of four digits, of the vintage in study: municipality_vintage"
        what = "municipalities where nobody left the programme"
        raise InputError([Problem("config.yaml, network", "N2", what, hint=hint, values=lacking, count=len(lacking))])
    return sorted(map(str, named))


def compare_network(
    outcomes: pd.DataFrame,
    leavers: pd.DataFrame,
    group: Sequence[str],
    network: Mapping,
    confidence: float = 0.95,
    threshold: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Table and event plot in one: ``COLUMNS``, shares 0-1.

    ``outcomes``: rows (contract section 4) of one definition at one horizon; ``network``: ``before`` and ``after``
    (first and last year of leaving), ``covariates`` (columns of ``leavers``, may be empty). Models: ``rates`` (terms
    ``network_before``, ``network_after``, ``other_before``, ``other_after``, Wilson limits, and ``network_change``,
    ``other_change``), ``difference_in_differences`` and ``adjusted`` (term ``network_after`` and
    ``smallest_detectable``, 80 per cent power), ``event`` (term ``network_year``: change since the last year before, in
    the group less elsewhere, by year of leaving).
    """
    persons = _persons(outcomes, leavers, group)
    keys = (
        {"definition": str(outcomes["definition"].iloc[0]), "horizon": int(outcomes["horizon"].iloc[0])}
        if len(outcomes)
        else {}
    )
    spans = {name: network[name] for name in PERIODS}
    parts = [_group_rates(persons, spans, confidence, threshold)]
    before, after = (persons[persons["exit_year"].between(*spans[name])] for name in PERIODS)
    parts.append(_difference(before, after, "difference_in_differences", confidence, seed))
    if network["covariates"]:
        adjusted = _adjusted(
            pd.concat([before.assign(period=0), after.assign(period=1)]), leavers, network["covariates"]
        )
        halves = [adjusted[adjusted["period"] == i] for i in (0, 1)]
        parts.append(_difference(*halves, "adjusted", confidence, seed))
    base = spans["before"][1]
    start = persons[persons["exit_year"] == base]
    for year in sorted(set(persons["exit_year"]) - {base}):
        found = _difference(start, persons[persons["exit_year"] == year], "event", confidence, None)
        parts.append(found.assign(exit_year=year, term="network_year"))
    table = pd.concat(parts, ignore_index=True).assign(**keys)
    table["suppressed"] = table.get("suppressed", pd.Series(False, table.index)).fillna(False).astype(bool)
    table = table.reindex(columns=COLUMNS)
    return table.astype({"n": "Int64", "exit_year": "Int64", "clusters": "Int64"})


def _persons(outcomes: pd.DataFrame, leavers: pd.DataFrame, group: Sequence[str]) -> pd.DataFrame:
    rows = outcomes[outcomes["in_denominator"].fillna(False).astype(bool) & outcomes["success"].notna()]
    frame = pd.DataFrame({"person_id": rows["person_id"].astype(str), "success": rows["success"].astype(float)})
    frame = frame.merge(leavers[["person_id", "municipality", "exit_year"]], on="person_id", validate="one_to_one")
    frame = frame.dropna(subset="municipality").astype({"exit_year": "int64"})
    frame["network"] = frame["municipality"].isin(list(group)).astype(float)
    return frame.sort_values("person_id", ignore_index=True)


def _group_rates(persons: pd.DataFrame, spans: Mapping, confidence: float, threshold: int) -> pd.DataFrame:
    rows = []
    for name, inside in (("network", 1.0), ("other", 0.0)):
        part = persons[persons["network"] == inside]
        counts = [part.loc[part["exit_year"].between(*spans[p]), "success"] for p in PERIODS]
        for period, values in zip(PERIODS, counts, strict=True):
            n, x = len(values), int(values.sum())
            low, high = wilson(x, n, confidence)
            small = min(x, n - x) < threshold
            places = part.loc[values.index, "municipality"].nunique()
            row = {
                "term": f"{name}_{period}",
                "estimate": x / n if n else np.nan,
                "ci_low": float(low),
                "ci_high": float(high),
            }
            hidden = dict.fromkeys(("estimate", "ci_low", "ci_high"), np.nan) if small else {}
            rows.append({**row, "n": n, "clusters": places, **hidden, "suppressed": small, "method": "Wilson"})
        change = rows[-1]["estimate"] - rows[-2]["estimate"]
        rows.append(
            {"term": f"{name}_change", "estimate": change, "n": rows[-1]["n"] + rows[-2]["n"], "method": "shares"}
        )
    return pd.DataFrame(rows).assign(model="rates")


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """By municipality with persons at both times: ``network, change, weight, n``; see the module's text for the
    weight."""
    cells = [
        part.groupby("municipality").agg(n=("success", "size"), rate=("success", "mean"), network=("network", "first"))
        for part in (before, after)
    ]
    both = cells[0].join(cells[1], how="inner", suffixes=("0", "1"))
    weight = both["n0"] * both["n1"] / (both["n0"] + both["n1"])
    return pd.DataFrame(
        {
            "network": both["network0"],
            "change": both["rate1"] - both["rate0"],
            "weight": weight,
            "n": both["n0"] + both["n1"],
        }
    )


def _difference(
    before: pd.DataFrame, after: pd.DataFrame, model: str, confidence: float, seed: int | None
) -> pd.DataFrame:
    cells = changes(before, after)
    row = {"model": model, "term": "network_after", "n": int(cells["n"].sum()), "clusters": len(cells)}
    try:
        if min(int(cells["network"].sum()), int((1 - cells["network"]).sum())) < 2:
            raise NotEstimable("fewer than two municipalities in a group have leavers at both times")
        design = np.column_stack([np.ones(len(cells)), cells["network"]])
        fit = fit_clustered(cells["change"], design, cells.index, cells["weight"])
        found = cr2(fit, confidence)
    except NotEstimable as error:
        return pd.DataFrame([{**row, "method": error.method}])
    names = ("estimate", "std_error", "ci_low", "ci_high", "p_value", "dof")
    rows = [{**row, **{n: float(getattr(found, n)[1]) for n in names}, "method": METHOD}]
    if seed is not None:
        boot = wild_bootstrap(fit, 1, seed, level=confidence)
        shared = {**row, "estimate": rows[0]["estimate"]}
        limits = {"ci_low": boot.ci_low, "ci_high": boot.ci_high, "p_value": boot.p_value}
        rows.append({**shared, **limits, "method": f"wild cluster bootstrap, {boot.weights}, {boot.replicates} draws"})
        dof = rows[0]["dof"]
        needed = (stdtrit(dof, 0.5 + confidence / 2) + stdtrit(dof, POWER)) * rows[0]["std_error"]
        rows.append({**row, "term": "smallest_detectable", "estimate": float(needed), "dof": dof, "method": METHOD})
    return pd.DataFrame(rows)


def _adjusted(persons: pd.DataFrame, leavers: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """``persons`` with success net of composition: coefficients from differences within municipality and period."""
    traits = leavers.set_index("person_id").reindex(persons["person_id"])[list(covariates)].astype("object")
    columns = pd.get_dummies(traits.fillna("unknown"), drop_first=True).to_numpy(dtype=float)
    cell = pd.factorize(pd.MultiIndex.from_frame(persons[["municipality", "period"]]))[0]
    return persons.assign(success=net_of_composition(persons["success"].to_numpy(), columns, cell))
