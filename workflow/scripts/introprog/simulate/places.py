"""Fictional municipalities: sizes, reforms that merge, split and renumber them, and what is true about each.

The finest pieces are atoms that never split. A municipality of a vintage is a set of atoms, so every reform, also
one that is undone later, is only another grouping of the same atoms.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pandas as pd

from introprog.simulate.months import new_year, stream

PERIODS = (2003, 2008, 2013, 2018, 2020, 2024)
CONTEXT_YEARS = range(2003, 2025)
UNITS = 350
SIZE_SPREAD, LARGEST = 1.35, 0.09
STEMS = [
    "Brisk", "Kvass", "Dugg", "Glimt", "Trolsk", "Skjelv", "Rimfros", "Tussel", "Myrull", "Knupp", "Snerk", "Vrang",
    "Gnist", "Lodden", "Skrukk", "Drysse", "Krusk", "Rufs", "Fnugg", "Tyttel", "Sprell", "Knirk", "Blunk", "Skvett",
    "Durve", "Mjuk", "Rasle", "Svirre", "Tasse", "Bruse", "Klukk", "Nurk", "Pjusk", "Romle", "Slengj", "Ynkel",
]  # fmt: skip
ENDINGS = [
    "heim", "vang", "nesset", "fjellet", "stranda", "bygda", "øya", "fjorden", "lia", "haugen", "moen", "viken",
    "elva", "sundet", "bakken", "myra",
]  # fmt: skip
KOSTRA_SIZES = (2000, 5000, 10000, 20000, 50000, 200000)
COUNTY_NAMES = {
    "61": "Knuppland", "62": "Fnuggfylket", "63": "Svirreland", "64": "Briskmark", "65": "Rimfrosland", "66": "Duggdal",
    "67": "Nord-Glimtmark", "68": "Sør-Glimtmark", "69": "Tusselvang", "70": "Vest-Kvassland", "71": "Øst-Kvassland",
    "72": "Skvettfjord", "73": "Myrullmark", "74": "Glimtmark", "75": "Storknupp", "76": "Kvassland", "77": "Knuppmark",
    "78": "Fnuggmark", "79": "Svirremark",
}  # fmt: skip
COUNTY_CHANGES = {
    2018: {"67": "74", "68": "74"},
    2020: {"61": "75", "62": "75", "63": "75", "70": "76", "71": "76"},
}
REVERSED_2024 = {"61": "77", "62": "78", "63": "79"}
NATIONAL_UNEMPLOYMENT = dict(
    zip(range(2003, 2025), [3.9, 3.9, 3.5, 2.6, 1.9, 1.7, 2.7, 2.9, 2.7, 2.5, 2.6, 2.8, 3.0, 3.0, 2.6, 2.4, 2.2, 5.0,
                            3.1, 1.8, 1.8, 2.0], strict=True)
)  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Atoms, units, changes and unemployment.

    ``atoms`` has one row each: unit, share of the unit, people in 2015, ``code_<period>``, ``name_<period>``.
    ``units`` has one row a municipality of the last vintage: quality and work_first (probit scale), climate (person
    standard deviations), size_weight (share of settlement), population, centrality, in_nav, active_from (first year
    it settles refugees); ``unemployment`` is units x ``CONTEXT_YEARS`` in per cent.
    """

    atoms: pd.DataFrame
    units: pd.DataFrame
    changes: pd.DataFrame
    unemployment: np.ndarray

    def codes(self, atom: np.ndarray, dates: np.ndarray) -> np.ndarray:
        """Municipality codes of atoms as valid on the given days."""
        return self._code_table()[atom, period_of(dates)]

    def earlier_codes(self, atom: np.ndarray, dates: np.ndarray) -> np.ndarray:
        """The code each place had one reform earlier; where none changed, the valid code."""
        table = self._code_table()
        period = period_of(dates)
        valid = table[atom, period]
        found = valid.copy()
        for back in range(len(PERIODS) - 1, 0, -1):
            older = table[atom, np.maximum(period - back, 0)]
            found = np.where(older != valid, older, found)
        return found

    def _code_table(self) -> np.ndarray:
        return self.atoms[[f"code_{p}" for p in PERIODS]].to_numpy(dtype="U4")


def period_of(dates: np.ndarray) -> np.ndarray:
    """Number of the code period that each day lies in."""
    starts = new_year(np.array(PERIODS))
    return np.clip(np.searchsorted(starts, dates, side="right") - 1, 0, None)


def simulate_places(seed: int, true_correlation: float, quality_sd: float, climate_sd: float) -> Places:
    """Draw the municipalities; their sample correlation of quality and climate is ``true_correlation`` exactly."""
    rng = stream(seed, "places")
    units = _units(rng, true_correlation, quality_sd, climate_sd)
    atoms = _code_atoms(_atoms(rng, units))
    units["municipality"] = atoms.groupby("unit")["code_2024"].first().to_numpy()
    effects = rng.normal(0, 0.6, (UNITS, 1))
    drift = np.cumsum(rng.normal(0, 0.15, (UNITS, len(CONTEXT_YEARS))), axis=1)
    national = np.array([NATIONAL_UNEMPLOYMENT[y] for y in CONTEXT_YEARS])
    unemployment = np.clip(national * np.exp(0.28 * (effects + drift)), 0.3, None).round(1)
    return Places(atoms, units, _changes(atoms), unemployment)


def _units(rng: np.random.Generator, correlation: float, quality_sd: float, climate_sd: float) -> pd.DataFrame:
    weight = rng.permutation(np.exp(SIZE_SPREAD * _normal_scores(UNITS)))
    weight[0] = LARGEST / (1 - LARGEST) * weight[1:].sum()
    population = np.exp(np.log(weight / weight.sum() * 5.2e6) + rng.normal(0, 0.45, UNITS))
    urban = pd.Series(np.log(population) + rng.normal(0, 0.5, UNITS)).rank(pct=True, ascending=False).to_numpy()
    drawn = rng.standard_normal((UNITS, 3))
    drawn -= drawn.mean(axis=0)
    quality = drawn[:, 0] / drawn[:, 0].std()
    free = drawn[:, 1] - quality * (quality @ drawn[:, 1]) / UNITS
    climate = correlation * quality + np.sqrt(1 - correlation**2) * free / free.std()
    small = np.flatnonzero(weight < np.quantile(weight, 0.45))
    late = np.isin(np.arange(UNITS), rng.choice(small, int(0.68 * len(small)), replace=False))
    return pd.DataFrame(
        {
            "quality": quality_sd * quality,
            "climate": climate_sd * climate,
            "work_first": 0.12 * drawn[:, 2] / drawn[:, 2].std(),
            "size_weight": weight / weight.sum(),
            "population": np.maximum(population, 250),
            "centrality": 1 + np.searchsorted([0.02, 0.09, 0.21, 0.41, 0.68], urban),
            "in_nav": rng.random(UNITS) < 0.5,
            "active_from": np.where(late, 2013 + rng.integers(0, 4, UNITS), 2003),
        }
    )


def _normal_scores(n: int) -> np.ndarray:
    """Standard normal quantiles at equal steps, so that every seed has the same sizes in another order."""
    return np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])


def _atoms(rng: np.random.Generator, units: pd.DataFrame) -> pd.DataFrame:
    """Pieces of units and which municipality (``group_<period>``) each belonged to in each period."""
    pieces = np.ones(UNITS, int)
    merged = rng.permutation(np.arange(1, UNITS - 6))[:62]
    pieces[merged] = np.where(rng.random(62) < 0.25, 3, 2)
    unit = np.repeat(np.arange(UNITS), pieces)
    raw = np.exp(rng.normal(0, 0.8, len(unit)))
    share = raw / np.bincount(unit, raw)[unit]
    county = np.array([f"{61 + c}" for c in rng.permutation(UNITS) % 13])
    county[UNITS - 6 :] = ["64", "64", "65", "65", "66", "66"]
    people = units["population"].to_numpy()[unit] * share
    atoms = pd.DataFrame({"unit": unit, "share": share, "people": people, "county": county[unit]})
    own = np.arange(len(atoms)) + 1000
    when = np.full(UNITS, 2020)
    when[merged[:10]], when[merged[10:12]], when[merged[12:13]] = 2018, 2008, 2013
    for period in PERIODS:
        atoms[f"group_{period}"] = np.where(when[unit] <= period, unit, own)
    last = {u: int(np.flatnonzero(unit == u)[0]) for u in range(UNITS - 6, UNITS)}
    pair = [(UNITS - 6, UNITS - 5), (UNITS - 4, UNITS - 3), (UNITS - 2, UNITS - 1)]
    _join(atoms, last, pair[0], [2020])
    _join(atoms, last, pair[1], [p for p in PERIODS if p < 2024])
    _join(atoms, last, pair[2], [p for p in PERIODS if p < 2020])
    return atoms


def _join(atoms: pd.DataFrame, position: dict[int, int], pair: tuple[int, int], periods: list[int]) -> None:
    for period in periods:
        atoms.loc[[position[u] for u in pair], f"group_{period}"] = 5000 + pair[0]


def _code_atoms(atoms: pd.DataFrame) -> pd.DataFrame:
    """Give every municipality of every period a code (never used for another) and a name."""
    names = _names(len(atoms))
    share = atoms["share"].to_numpy()
    taken = dict.fromkeys(COUNTY_NAMES, 0)
    previous: dict[tuple[str, tuple], tuple[str, str]] = {}
    county = list(atoms["county"])
    for period in PERIODS:
        moved = COUNTY_CHANGES.get(period, {})
        county = [moved.get(now, now) for now in county]
        if period == 2024:
            county = [REVERSED_2024.get(old, now) for old, now in zip(atoms["county"], county, strict=True)]
        current, labels = {}, np.empty((len(atoms), 2), "U40")
        for _, members in sorted(atoms.groupby(f"group_{period}").indices.items()):
            key = (county[members[0]], tuple(members))
            if key in previous:
                current[key] = previous[key]
            else:
                taken[key[0]] += 1
                current[key] = (f"{key[0]}{taken[key[0]]:02d}", names[members[share[members].argmax()]])
            labels[members] = current[key]
        atoms[f"code_{period}"], atoms[f"name_{period}"] = labels.T
        previous = current
    return atoms


def _names(n: int) -> list[str]:
    every = [stem + ending for ending in ENDINGS for stem in STEMS]
    order = np.random.default_rng(1).permutation(len(every))
    return [every[i] for i in order[:n]]


def _changes(atoms: pd.DataFrame) -> pd.DataFrame:
    """One row an old-new pair of codes at each reform; ``andel`` is the share of the old population that goes there."""
    rows = []
    for before, after in pairwise(PERIODS):
        old, new = [f"code_{before}", f"name_{before}"], [f"code_{after}", f"name_{after}"]
        pairs = atoms.groupby([*old, *new], as_index=False)["people"].sum()
        pairs.columns = ["gammel_kode", "gammelt_navn", "ny_kode", "nytt_navn", "people"]
        to = pairs.groupby("gammel_kode")["ny_kode"].transform("size")
        joined = pairs.groupby("ny_kode")["gammel_kode"].transform("size")
        pairs["type"] = np.select([to > 1, joined > 1], ["DELING", "SAMMENSLAAING"], "NYTT_NUMMER")
        pairs["andel"] = (pairs["people"] / pairs.groupby("gammel_kode")["people"].transform("sum")).round(4)
        changed = pairs["gammel_kode"] != pairs["ny_kode"]
        rows.append(pairs[changed].assign(dato=f"{after}-01-01"))
    columns = ["dato", "gammel_kode", "gammelt_navn", "ny_kode", "nytt_navn", "type", "andel"]
    return pd.concat(rows)[columns].sort_values([*columns[:2], "ny_kode"], ignore_index=True)


def municipality_context(places: Places) -> pd.DataFrame:
    """``kommuner.csv``: one row a municipality valid in each year, with people, unemployment and groups."""
    rows = pd.concat([_context_of(places, year) for year in CONTEXT_YEARS], ignore_index=True)
    rows["fylkesnr"] = rows["kommunenr"].str[:2]
    rows["fylkesnavn"] = rows["fylkesnr"].map(COUNTY_NAMES)
    rows["arbeidsledighet"] = (rows["jobless"] / rows["people"]).round(1)
    rows["innbyggere"] = rows["people"].round().astype(int)
    front = ["kommunenr", "kommunenavn", "fylkesnr", "fylkesnavn", "aar", "innbyggere"]
    rows["arbeidsmarkedsregion"] = _regions(rows["kommunenr"])
    rows["kostragruppe"] = _kostra_groups(rows["innbyggere"])
    return rows[[*front, "arbeidsledighet", "sentralitet", "arbeidsmarkedsregion", "kostragruppe", "nav_organisert"]]


def _regions(code: pd.Series) -> pd.Series:
    """Labour-market regions: some ten neighbours in number within a county, such as 6401 to 6410."""
    return code.str[:2] + ((code.str[2:].astype(int) - 1) // 10).astype(str)


def _kostra_groups(people: pd.Series) -> pd.Series:
    """Groups by size alone; the real ones weigh costs and income as well."""
    group = 1 + np.searchsorted(KOSTRA_SIZES, people.to_numpy())
    return pd.Series(group, index=people.index).map("KG{:02d}".format)


def _context_of(places: Places, year: int) -> pd.DataFrame:
    """Municipalities of one year; centrality and organisation are those of the largest piece."""
    period = PERIODS[period_of(new_year(year))]
    unit = places.atoms["unit"].to_numpy()
    people = places.atoms["people"].to_numpy() * 1.009 ** (year - 2015)
    pieces = pd.DataFrame(
        {
            "kommunenr": places.atoms[f"code_{period}"],
            "kommunenavn": places.atoms[f"name_{period}"],
            "people": people,
            "jobless": people * places.unemployment[unit, CONTEXT_YEARS.index(year)],
            "sentralitet": places.units["centrality"].to_numpy()[unit],
            "nav_organisert": places.units["in_nav"].to_numpy()[unit].astype(int),
        }
    ).sort_values(["kommunenr", "people"], ascending=[True, False], kind="stable")
    how = {"people": "sum", "jobless": "sum", "sentralitet": "first", "nav_organisert": "first"}
    return pieces.groupby(["kommunenr", "kommunenavn"], as_index=False).agg(how).assign(aar=year)
