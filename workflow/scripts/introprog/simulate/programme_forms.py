"""The programme as municipalities reported it: KOSTRA form 11B a year to 2016, the national register from 2017.

A participation is what one municipality holds: a transfer gives two of them, a restart is a later programme.
"""

import numpy as np
import pandas as pd

from introprog.simulate.careers import Careers
from introprog.simulate.months import PROGRAMME_END, month_of, new_year, quota, stream, year_of
from introprog.simulate.places import Places
from introprog.simulate.targets import CAUSES, SEXES, Targets

CAUSE = {name: number for number, name in enumerate([*CAUSES, "moved", "missing", "auto_closed"])}
STATUS_11B = {"work": "01", "education": "02", "compulsory_school": "03", "qualification": "04", "moved": "05",
              "social_assistance": "07", "other_benefit": "08", "other": "09", "missing": "10",
               "auto_closed": "10"}  # fmt: skip
NIR_CAUSE = {"work": "ARBEID", "education": "UTDANNING", "compulsory_school": "GRUNNSKOLE", "moved": "FLYTTET",
             "qualification": "KVALIFISERING", "social_assistance": "SOSIALHJELP", "other_benefit": "ANNEN_YTELSE",
             "other": "ANNET", "missing": "", "auto_closed": "AUTOMATISK"}  # fmt: skip
MEASURES = {"01": 0.94, "02": 0.33, "03": 0.03, "04": 0.045, "06": 0.05, "07": 0.11, "08": 0.01, "10": 0.20, "11": 0.10,
            "99": 0.22}  # fmt: skip
ONLY_MOVED = 0.015
LAST_11B, FIRST_NIR = 2016, 2017


def draw_transfers(persons: pd.DataFrame, places: Places, rate: float, seed: int) -> pd.DataFrame:
    """Who changes municipality within the programme: person, date (last day in the first), gap, atom before it."""
    rng = stream(seed, "transfers")
    start = persons["start"].to_numpy("datetime64[D]")
    end = np.where(
        np.isnat(persons["exit"].to_numpy("datetime64[D]")), PROGRAMME_END, persons["exit"].to_numpy("datetime64[D]")
    )
    length = (end - start).astype(np.int64)
    able = np.flatnonzero(~np.isnat(start) & (length > 240))
    taking_part = int((~np.isnat(start)).sum())
    who = np.sort(rng.choice(able, min(round(rate * taking_part), len(able)), replace=False))
    date = start[who] + (length[who] * rng.uniform(0.3, 0.7, len(who))).astype(int)
    gap = np.where(rng.random(len(who)) < 0.5, 0, rng.integers(1, 31, len(who)))
    other = rng.integers(0, len(places.atoms), len(who))
    elsewhere = places.atoms["unit"].to_numpy()[other] != persons["unit"].to_numpy()[who]
    before = np.where(elsewhere, other, (other + 7) % len(places.atoms))
    return pd.DataFrame({"person": who, "date": date, "gap": gap, "atom_before": before})


def participations(
    persons: pd.DataFrame,
    careers: Careers,
    transfers: pd.DataFrame,
    gone: np.ndarray,
    targets: Targets,
    faults: dict,
    seed: int,
) -> pd.DataFrame:
    """One row a participation, sorted by person and part (0 before a transfer, 1 the programme, 2 a restart): person,
    atom, start, held (from when this municipality has it), end (not a time = open), cause (of ``CAUSE``; -1 = open)."""
    rng = stream(seed, "participations")
    inside = np.flatnonzero(persons["start"].notna())
    rows = pd.DataFrame(
        {
            "person": inside,
            "atom": persons["atom"].to_numpy()[inside],
            "start": persons["start"].to_numpy("datetime64[D]")[inside],
            "held": persons["start"].to_numpy("datetime64[D]")[inside],
            "end": persons["exit"].to_numpy("datetime64[D]")[inside],
            "part": 1,
        }
    )
    rows["cause"] = end_causes(persons, careers, targets, faults, rng)[inside]
    first = rows.set_index("person").loc[transfers["person"]].reset_index()
    first["atom"], first["end"], first["cause"], first["part"] = (
        transfers["atom_before"],
        transfers["date"],
        CAUSE["moved"],
        0,
    )
    later = transfers["date"] + pd.to_timedelta(transfers["gap"], unit="D")
    onward = np.where(transfers["gap"] > 0, later, first["start"])
    place = pd.Series(rows.index, index=rows["person"])[transfers["person"]]
    rows.loc[place, "start"] = onward
    rows.loc[place, "held"] = (transfers["date"] + pd.Timedelta(days=1)).to_numpy()
    again = _restarts(rows, gone, faults["restart"], rng)
    every = pd.concat([rows, first, again], ignore_index=True)
    return every.sort_values(["person", "part"], kind="stable", ignore_index=True)


def _restarts(rows: pd.DataFrame, gone: np.ndarray, rate: float, rng: np.random.Generator) -> pd.DataFrame:
    """A second programme some months after leaving, by leavers early enough to be back before the data end."""
    stays = gone[rows["person"]] > month_of(rows["end"].to_numpy("datetime64[D]")) + 26
    able = rows[stays & (rows["end"] < pd.Timestamp("2021-09-01"))]
    wanted = min(round(rate * int(rows["end"].notna().sum())), len(able))
    again = able.iloc[np.sort(rng.choice(len(able), wanted, replace=False))].copy()
    again["start"] = again["end"] + pd.to_timedelta(rng.integers(100, 300, len(again)), unit="D")
    end = again["start"] + pd.to_timedelta(rng.integers(150, 420, len(again)), unit="D")
    again["held"] = again["start"]
    again["end"] = end.where(end <= pd.Timestamp(PROGRAMME_END))
    later = np.array([CAUSE[c] for c in ("work", "education", "qualification", "other")])[
        rng.integers(0, 4, len(again))
    ]
    again["cause"], again["part"] = np.where(again["end"].isna(), -1, later), 2
    return again


def end_causes(
    persons: pd.DataFrame, careers: Careers, targets: Targets, faults: dict, rng: np.random.Generator
) -> np.ndarray:
    """The case-worker's end cause: nearest to work by the work index at leaving goes to work, and so on; -1 = still in.

    Work and education have their published share of the leavers who did not just move, the missing and automatically
    closed among them included; so their share of the causes before any is lost is a little higher.
    """
    n = len(persons)
    exit_date = persons["exit"].to_numpy("datetime64[D]")
    month = np.clip(month_of(exit_date), 0, careers.work_index.shape[0] - 1)
    work = careers.work_index[month, np.arange(n)] + 0.7 * rng.standard_normal(n)
    study = careers.study_index[
        np.clip(month // 6, 0, len(careers.study_index) - 1), np.arange(n)
    ] + 0.6 * rng.standard_normal(n)
    cause = np.full(n, -1)
    for year in np.unique(year_of(exit_date[~np.isnat(exit_date)])):
        lost = faults["missing_end_cause"] + (faults["auto_closed"] if year >= FIRST_NIR else 0)
        for sex in range(2):
            cell = np.flatnonzero((year_of(exit_date) == year) & (persons["sex"].to_numpy() == sex))
            cause[cell] = _causes_of(
                work[cell], study[cell], targets.causes.loc[(int(year), SEXES[sex])].to_numpy(), lost, rng
            )
    return cause


def _causes_of(
    work: np.ndarray, study: np.ndarray, shares: np.ndarray, lost: float, rng: np.random.Generator
) -> np.ndarray:
    n = len(work)
    wanted = shares[:2] * (1 - ONLY_MOVED) / (1 - lost)
    found = np.full(n, -1)
    to_work = np.argsort(-work, kind="stable")[: round(float(wanted[0] * n))]
    found[to_work] = CAUSE["work"]
    rest = np.flatnonzero(found < 0)
    found[rest[np.argsort(-study[rest], kind="stable")][: round(float(wanted[1] * n))]] = CAUSE["education"]
    rest = np.flatnonzero(found < 0)
    other = np.append(shares[2:] * (1 - ONLY_MOVED / shares[2:].sum()), ONLY_MOVED)
    found[rest] = 2 + quota(other, len(rest), rng)
    return found


def measures_of(rows: pd.DataFrame, seed: int) -> np.ndarray:
    """Participations x measures: which measures each one takes."""
    rng = stream(seed, "measures")
    shares = np.array(list(MEASURES.values()))
    taken = rng.random((len(rows), len(shares))) < shares
    taken[:, list(MEASURES).index("11")] &= year_of(rows["start"].to_numpy("datetime64[D]")) >= 2010
    return taken


def form_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of form 11B: participation (row number of ``rows``), year, ended (bool), first and last month of benefit."""
    start, end = rows["held"].to_numpy("datetime64[D]"), rows["end"].to_numpy("datetime64[D]")
    parts = []
    for year in range(2004, LAST_11B + 1):
        here = (start < new_year(year + 1)) & (np.isnat(end) | (end >= new_year(year)))
        number = np.flatnonzero(here)
        ended = end[number] < new_year(year + 1)
        low = np.where(start[number] >= new_year(year), month_of(start[number]) % 12, 0)
        high = np.where(ended, month_of(end[number]) % 12, 11)
        parts.append(pd.DataFrame({"row": number, "year": year, "ended": ended, "low": low, "high": high}))
    return pd.concat(parts, ignore_index=True)


def register_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Participations open on or after 1 January 2017, with the index of ``rows``."""
    end = rows["end"].to_numpy("datetime64[D]")
    return rows[np.isnat(end) | (end >= new_year(FIRST_NIR))]
