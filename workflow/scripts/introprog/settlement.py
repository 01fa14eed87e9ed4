"""Time from settlement to the first work or education, where it goes fast and where it goes slowly.

Municipalities picked out because their own participants were fast look better than they are: part of it was luck.
So those settled in even years are grouped by how their municipality did with those settled in odd years, and the other
way round; how much the gap would have been blown up by ranking and showing the same persons stands beside it. Only who
began a programme is in the data: who found work before is not, in any municipality. Mirrors Statistics Norway's report
2013/55 on the time from settlement; curves are Aalen-Johansen with emigration and death as competing events.
"""

from collections.abc import Mapping
from itertools import chain

import numpy as np
import pandas as pd
from scipy.special import ndtri

from introprog.errors import InputError, Problem
from introprog.horizons import FAR, data_end, to_dates, to_days
from introprog.incidence import cumulative_incidence, curve_rows, hidden_months
from introprog.registers import Source, read_spells

CAUSES = ("work_or_education", "emigrated", "died")
LEVELS = ("fastest", "slowest")
QUARTER, FEWEST = 4, 8
CURVE, SHARE = "curve", "share"
COLUMNS = ["model", "ranking", "group", "level", "cause", "month", "estimate", "std_error", "ci_low", "ci_high",
           "events", "at_risk", "n", "municipalities", "suppressed", "method"]  # fmt: skip


def settlement_table(
    programmes: pd.DataFrame,
    persons: pd.DataFrame,
    residence: pd.DataFrame,
    employment: Source,
    education: Source,
    settlement: Mapping,
    study: Mapping,
    threshold: int = 5,
) -> pd.DataFrame:
    """Curves of all and of the fastest and slowest quarter of municipalities, and their shares at one month.

    ``settlement``: ``years`` of settlement (first, last), ``last`` month followed, ``rank_at`` (the month by which the
    share in work or education ranks municipalities) and ``minimum`` (settled of either half that a municipality needs).
    Rows ``model`` = ``curve`` have the columns of ``incidence``; ``model`` = ``share`` the share at ``rank_at`` by
    ``ranking`` (``other_half``, ``same_persons``), with ``level`` = ``gap`` for fastest less slowest, limits from the
    spread between municipalities. Raises ``InputError`` when not everybody can be followed to ``rank_at``.
    """
    _check(settlement, study)
    people = settled_persons(programmes, persons, settlement["years"])
    month, cause = first_events(people, persons, residence, employment, education, settlement["last"], study)
    reached = (cause == 0) & (month <= settlement["rank_at"])
    named = {name: quarters(people, reached, settlement["minimum"], name) for name in ("other_half", "same_persons")}
    parts = [_curves(people, month, cause, named["other_half"], settlement, study["confidence"], threshold)]
    parts += [_shares(people, reached, level, name, settlement["rank_at"], study["confidence"], threshold)
              for name, level in named.items()]  # fmt: skip
    table = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    counts = {name: "Int64" for name in ("events", "at_risk", "n", "municipalities", "month")}
    return table.astype({**counts, "suppressed": bool})


def _check(settlement: Mapping, study: Mapping) -> None:
    last = settlement["years"][1] + (settlement["rank_at"] + 1) / 12
    if last > study["last_observed_year"] + 10 / 12 or settlement["rank_at"] > settlement["last"]:
        what = f"who settled in {settlement['years'][1]} cannot be followed for {settlement['rank_at']} months"
        hint = "settlement: years, rank_at and last must lie within study: last_observed_year"
        raise InputError([Problem("config.yaml, settlement", "J2", what, hint=hint)])


def settled_persons(programmes: pd.DataFrame, persons: pd.DataFrame, years: tuple[int, int]) -> pd.DataFrame:
    """Who settled in ``years`` and began a programme: person_id, municipality (of the first programme), day of
    settlement (days since 1970) and ``half`` (0 even, 1 odd years), sorted by person_id."""
    first = programmes.sort_values(["person_id", "start_date"], kind="stable").drop_duplicates("person_id")
    own = first[["person_id", "municipality", "start_date"]].merge(
        persons[["person_id", "settlement_date"]], on="person_id", validate="one_to_one"
    )
    own = own[own["settlement_date"].dt.year.between(*years) & own["municipality"].notna()]
    own = own[own["start_date"] >= own["settlement_date"]].sort_values("person_id", ignore_index=True)
    half = own["settlement_date"].dt.year % 2
    return own[["person_id", "municipality"]].assign(day=to_days(own["settlement_date"]), half=half.astype("int64"))


def first_events(
    people: pd.DataFrame,
    persons: pd.DataFrame,
    residence: pd.DataFrame,
    employment: Source,
    education: Source,
    last: int,
    study: Mapping,
) -> tuple[np.ndarray, np.ndarray]:
    """Month after settlement (0..``last``) and cause (position in ``CAUSES``, -1 = censored) of each first event.

    Any job (at least one hour) or course counts, also during the programme. Of events in one month, work or education
    goes first. Censored at ``last`` months or at the end of the data.
    """
    index = pd.Index(people["person_id"].astype(object))
    start = people["day"].to_numpy(dtype=np.int64)
    first = np.full((len(CAUSES), len(index)), FAR, dtype=np.int64)
    for spells in chain(read_spells(employment, index, {}, []), read_spells(education, index, {}, [])):
        since = np.maximum(spells.first, start[spells.person])
        here = spells.last >= start[spells.person]
        np.minimum.at(first[0], spells.person[here], since[here])
    gone = residence[residence["end_reason"] == "emigrated"]
    dead = persons[persons["death_date"].notna()]
    for k, (who, dates) in enumerate(
        ((gone["person_id"], gone["last_date"]), (dead["person_id"], dead["death_date"])), 1
    ):
        at, day = index.get_indexer(who), to_days(dates).astype(np.int64)
        here = (at >= 0) & (day >= start[at])
        np.minimum.at(first[k], at[here], day[here])
    settled = to_dates(start).astype("datetime64[M]")
    end = (to_dates(np.array([data_end(study["last_observed_year"])])).astype("datetime64[M]") - settled).astype(
        np.int64
    )
    limit = np.minimum(end, last)
    months = np.full(first.shape, np.iinfo(np.int32).max, dtype=np.int64)
    known = first < FAR
    months[known] = (
        to_dates(first[known]).astype("datetime64[M]") - np.broadcast_to(settled, first.shape)[known]
    ).astype(np.int64)
    cause, month = months.argmin(axis=0), months.min(axis=0)
    return np.minimum(month, limit), np.where(month <= limit, cause, -1)


def quarters(people: pd.DataFrame, reached: np.ndarray, minimum: int, ranking: str) -> np.ndarray:
    """``fastest``, ``slowest`` or ``""`` of each person, by the place of the municipality's share ``reached``.

    ``ranking`` = ``other_half``: the share of those settled in the years of the other parity; ``same_persons``: of all.
    Municipalities with ``minimum`` settled of either parity are ranked; with fewer than ``FEWEST`` of them nobody is.
    """
    cells = pd.DataFrame({"m": people["municipality"].to_numpy(), "half": people["half"].to_numpy(), "x": reached})
    counts = cells.groupby(["m", "half"])["x"].agg(["size", "sum"]).unstack("half", fill_value=0)
    large = counts[(counts["size"].reindex(columns=[0, 1], fill_value=0) >= minimum).all(axis=1)]
    level = np.full(len(people), "", dtype=object)
    if len(large) < FEWEST:
        return level
    take = len(large) // QUARTER
    for half in (0, 1):
        used = [1 - half] if ranking == "other_half" else [0, 1]
        share = large["sum"][used].sum(axis=1) / large["size"][used].sum(axis=1)
        order = share.sort_index().sort_values(ascending=False, kind="stable").index
        ends = dict.fromkeys(order[:take], "fastest") | dict.fromkeys(order[len(order) - take :], "slowest")
        mine = cells["half"].to_numpy() == half
        level[mine] = cells.loc[mine, "m"].map(ends).fillna("").to_numpy(dtype=object)
    return level


def _curves(people, month, cause, level, settlement: Mapping, confidence: float, threshold: int) -> pd.DataFrame:
    """Curves of all and of both ends; months are hidden for all of them together, the rest included."""
    members = {"all": np.ones(len(people), bool), **{name: level == name for name in LEVELS}, "rest": level == ""}
    curves = {n: cumulative_incidence(month[m], cause[m], settlement["last"]) for n, m in members.items() if m.any()}
    if not curves:
        return pd.DataFrame(columns=COLUMNS)
    hidden = hidden_months({n: c for n, c in curves.items() if n != "all" or len(curves) == 1}, threshold)
    method = "Aalen-Johansen, persons as independent"
    parts = []
    for name in ("all", *LEVELS):
        if name not in curves:
            continue
        places = people.loc[members[name], "municipality"].nunique()
        group = "all" if name == "all" else "speed"
        parts += [
            curve_rows(group, name, k, curves[name], hidden[k], confidence, threshold, method, CAUSES).assign(
                municipalities=places
            )
            for k in range(len(CAUSES))
        ]
    return pd.concat(parts, ignore_index=True).assign(model=CURVE, ranking="other_half")


def _shares(
    people: pd.DataFrame, reached: np.ndarray, level: np.ndarray, ranking: str, month: int, confidence: float,
    threshold: int,
) -> pd.DataFrame:  # fmt: skip
    """Share at ``month`` of both ends and the gap; the variance is that of means over municipalities."""
    shared = {"model": SHARE, "ranking": ranking, "group": "speed", "cause": CAUSES[0], "month": month}
    rows, variances = [], []
    for name in LEVELS:
        own = pd.DataFrame({"m": people["municipality"].to_numpy()[level == name], "x": reached[level == name]})
        if own.empty:
            reason = f"not estimable: fewer than {FEWEST} municipalities with enough settled of both halves"
            missing = [{**shared, "level": n, "suppressed": False, "method": reason} for n in (*LEVELS, "gap")]
            return pd.DataFrame(missing)
        small = min(int(own["x"].sum()), int((~own["x"]).sum())) < threshold
        sums = own.groupby("m")["x"].agg(["size", "sum"])
        share = sums["sum"].sum() / sums["size"].sum()
        spread = ((sums["sum"] - share * sums["size"]) ** 2).sum() / sums["size"].sum() ** 2
        variances.append(spread * len(sums) / max(len(sums) - 1, 1))
        found = {} if small else _interval(share, variances[-1], confidence)
        rows.append({**shared, "level": name, "n": len(own), "municipalities": len(sums), "suppressed": small, **found})
    hidden = any(row["suppressed"] for row in rows)
    found = {} if hidden else _interval(rows[0]["estimate"] - rows[1]["estimate"], sum(variances), confidence)
    places = people.loc[level != "", "municipality"].nunique()
    whole = {"n": rows[0]["n"] + rows[1]["n"], "municipalities": places}
    rows.append({**shared, "level": "gap", **whole, "suppressed": hidden, **found})
    return pd.DataFrame(rows).assign(method="share, spread between municipalities")


def _interval(estimate: float, variance: float, confidence: float) -> dict[str, float]:
    error = float(np.sqrt(variance))
    half = float(ndtri(0.5 + confidence / 2)) * error
    return {"estimate": estimate, "std_error": error, "ci_low": estimate - half, "ci_high": estimate + half}
