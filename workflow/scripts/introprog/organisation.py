"""Programmes placed in NAV and elsewhere: results side by side, raw and with composition and labour market evened out.

Mirrors the question of NIBR 2015:2. Who takes part and what the programme held are taken out with coefficients from
within municipalities; the labour market, which only differs between them, in the regression of the municipalities on
how they are organised, weighted by leavers. Inference is clustered by municipality (CR2, Satterthwaite). Municipalities
choose how they are organised, so the figures describe and say nothing of what moving a programme would do.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from introprog.casemix import observed_leavers
from introprog.clustered import cr2, fit_clustered
from introprog.composition import net_of_composition
from introprog.design import complete_cases, design_of, gather_covariates
from introprog.estimable import NotEstimable

MODELS = ("raw", "person", "programme", "local")
TERMS = ("outside", "inside")
POWER = 0.80
METHOD = "weighted means of municipalities, CR2, Satterthwaite"
COLUMNS = ["model", "definition", "horizon", "term", "estimate", "std_error", "ci_low", "ci_high", "p_value", "n",
           "clusters", "dof", "first_exit_year", "last_exit_year", "suppressed", "method"]  # fmt: skip


def compare_organisation(
    leavers: pd.DataFrame,
    outcomes: pd.DataFrame,
    municipalities: pd.DataFrame,
    casemix: Mapping,
    exit_years: Sequence[int],
    definition: str,
    confidence: float = 0.95,
    threshold: int = 5,
) -> pd.DataFrame:
    """Results inside and outside NAV (``COLUMNS``, shares 0-1), leavers of ``exit_years`` at ``casemix['horizon']``.

    ``in_nav`` is that of the municipality in the year of leaving; who has it unknown is counted under
    ``persons_left_out``. Models: ``raw``; ``person``: who the participants were and when they left; ``programme``: and
    what the programme held; ``local``: and the labour market, which is ``casemix['local']`` without ``in_nav``. Terms:
    ``outside`` and ``inside`` (at the mean of what is evened out), ``difference`` (inside less outside) and
    ``smallest_detectable`` (with 80 per cent power). The same persons are in every model.
    """
    local = [name for name in casemix["local"] if name != "in_nav"]
    every = [*casemix["person"], *casemix["programme"], *local, "in_nav"]
    frame = observed_leavers(leavers, outcomes, definition, casemix["horizon"], exit_years)
    frame = gather_covariates(frame, municipalities, every)
    whole = complete_cases(frame, [v for v in every if v != "in_nav"]) & frame["in_nav"].notna().to_numpy()
    used = frame[whole].reset_index(drop=True)
    # one row a municipality and organisation, so that one that changed counts on both sides
    inside = used["in_nav"].astype(bool).to_numpy()
    places = pd.MultiIndex.from_arrays([used["municipality"].astype(str), inside])
    place, unique = pd.factorize(places, sort=True)
    parts = [_left_out(int((~whole).sum()), threshold)]
    hidden = _small(used, inside, threshold)
    variables: list[str] = []
    for model in MODELS:
        variables += ["exit_year", *casemix["person"]] if model == "person" else casemix.get(model, [])
        shared = [v for v in variables if v not in casemix["local"]]
        design = design_of(used, shared).matrix[:, 1:] if shared and len(used) else np.empty((len(used), 0))
        net = net_of_composition(used["success"].to_numpy(float), design, place)
        market = design_of(used, local).matrix[:, 1:] if model == "local" and local else np.empty((len(used), 0))
        rows = _municipal(net, market, place, unique)
        parts += [{"model": model, **row} for row in _estimates(rows, used, inside, confidence, hidden)]
    table = pd.DataFrame(parts).assign(
        definition=definition,
        horizon=casemix["horizon"],
        first_exit_year=exit_years[0],
        last_exit_year=exit_years[1],
    )
    table["suppressed"] = table["suppressed"].astype("boolean").fillna(False).astype(bool)
    return table.reindex(columns=COLUMNS).astype({"n": "Int64", "clusters": "Int64"})


def _left_out(persons: int, threshold: int) -> dict:
    small = 0 < persons < threshold
    row = {"model": "raw", "term": "persons_left_out", "suppressed": small, "method": "not known"}
    return row if small else {**row, "estimate": persons}


def _small(used: pd.DataFrame, inside: np.ndarray, threshold: int) -> bool:
    """Whether a group has too few persons with, or without, success to be shown."""
    counts = [c for group in (inside, ~inside) for c in np.bincount(used.loc[group, "success"], minlength=2)]
    return min(counts) < threshold


def _municipal(net: np.ndarray, market: np.ndarray, place: np.ndarray, unique: pd.MultiIndex) -> pd.DataFrame:
    """Means by municipality and organisation: rate, n, inside, municipality, and the market centred on persons."""
    size = np.bincount(place, minlength=len(unique))
    table = pd.DataFrame({"municipality": [u[0] for u in unique], "inside": [float(u[1]) for u in unique], "n": size})
    table["rate"] = np.bincount(place, net, minlength=len(unique)) / np.maximum(size, 1)
    for i, column in enumerate(market.T):
        table[f"market{i}"] = np.bincount(place, column - column.mean(), minlength=len(unique)) / np.maximum(size, 1)
    return table


def _estimates(
    rows: pd.DataFrame, used: pd.DataFrame, inside: np.ndarray, confidence: float, hidden: bool
) -> list[dict]:
    """The four terms of one model."""
    persons = {"inside": int(inside.sum()), "outside": int((~inside).sum())}
    towns = {
        name: used.loc[group, "municipality"].nunique() for name, group in zip(TERMS, (~inside, inside), strict=True)
    }
    whole = {"n": len(used), "clusters": used["municipality"].nunique()}
    base = [{"term": t, "n": persons[t], "clusters": towns[t], "suppressed": hidden} for t in TERMS]
    base += [{"term": t, **whole, "suppressed": hidden} for t in ("difference", "smallest_detectable")]
    if hidden:
        return [{**row, "n": row["n"] if row["n"] == len(used) else None, "method": "suppressed"} for row in base]
    market = rows.filter(like="market").to_numpy()
    market = market[:, np.ptp(market, axis=0) > 0] if len(rows) else market
    side = rows["inside"].to_numpy()
    try:
        if min(towns.values()) < 2:
            raise NotEstimable("fewer than two municipalities in a group")
        args = rows["municipality"], rows["n"]
        levels = cr2(fit_clustered(rows["rate"], np.column_stack([1 - side, side, market]), *args), confidence)
        gap = cr2(fit_clustered(rows["rate"], np.column_stack([np.ones(len(rows)), side, market]), *args), confidence)
    except NotEstimable as error:
        return [{**row, "method": error.method} for row in base]
    names = ("estimate", "std_error", "ci_low", "ci_high", "dof")
    found = [{**row, **{k: float(getattr(levels, k)[i]) for k in names}} for i, row in enumerate(base[:2])]
    found.append({**base[2], **{k: float(getattr(gap, k)[1]) for k in (*names, "p_value")}})
    dof = float(gap.dof[1])
    needed = (stdtrit(dof, 0.5 + confidence / 2) + stdtrit(dof, POWER)) * float(gap.std_error[1])
    found.append({**base[3], "estimate": needed, "dof": dof})
    return [{**row, "method": METHOD} for row in found]
