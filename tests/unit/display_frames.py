"""Small made-up tables in the shapes of docs/contracts.md, for the tests of the displays. The numbers mean nothing."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
STATUSES = ("11", "15", "05", "21", "22", "32", "31", "33", "34", "35", "80", "08")
PARTS = {"1": STATUSES[:3], "2": STATUSES[3:5], "3": STATUSES[5:]}
SHARES = np.array([0.31, 0.13, 0.17, 0.05, 0.05, 0.03, 0.04, 0.02, 0.03, 0.06, 0.08, 0.03])
PLACES = [f"{61 + i // 8}{i % 8 + 1:02d}" for i in range(48)]
YEARS = range(2005, 2023)


def settings(source: str = "synthetic", **changes: object) -> dict:
    """All blocks of the config as shipped."""
    return {**CONFIG, "source": source, **changes}


def _groups() -> pd.DataFrame:
    pairs = [(name, h) for name, block in CONFIG["definitions"].items() for h in block["horizons"]]
    rows = [
        (m, year, h, name, sex)
        for (name, h), m, year, sex in product(pairs, PLACES, YEARS, ("men", "women"))
        if name in ("ssb_november", "direct_exit") or m < "63"
    ]
    frame = pd.DataFrame(rows, columns=["municipality", "exit_year", "horizon", "definition", "sex"])
    shift = {"hours_20": -0.15, "hours_30": -0.25, "direct_exit": -0.14, "self_supporting": -0.3, "work_only": -0.15}
    place = frame["municipality"].map({m: 0.12 * np.sin(i) for i, m in enumerate(PLACES)})
    sex = np.where(
        frame["sex"] == "men",
        0.09 - 0.008 * frame["horizon"].clip(upper=10),
        -0.11 + 0.01 * frame["horizon"].clip(upper=10),
    )
    frame["p"] = (0.61 + place + sex + frame["definition"].map(shift).fillna(0.0)).clip(0.05, 0.95)
    size = frame["municipality"].map({m: 3 + 60 / (1 + i) for i, m in enumerate(PLACES)})
    frame["size"] = (size * np.where(frame["sex"] == "men", 1.1, 0.9)).round().astype(int)
    return frame


def region_status(seed: int = 1) -> pd.DataFrame:
    """Country, county and municipality counts of every status, cohort, horizon and definition."""
    rng = np.random.default_rng(seed)
    frame = _groups()
    hits = rng.binomial(frame["size"], frame["p"])
    parts = np.vstack([rng.multinomial(h, SHARES[:3] / SHARES[:3].sum()) for h in hits])
    rest = np.vstack([rng.multinomial(n, SHARES[3:] / SHARES[3:].sum()) for n in frame["size"] - hits])
    counts = pd.DataFrame(np.hstack([parts, rest]), columns=list(STATUSES))
    for code, members in PARTS.items():
        counts[code] = counts[list(members)].sum(axis=1)
    counts["00"] = frame["size"].to_numpy()
    keys = ["exit_year", "horizon", "definition", "sex"]
    long = pd.concat([frame[["municipality", *keys]], counts], axis=1).melt(
        ["municipality", *keys], var_name="status", value_name="n"
    )
    long = pd.concat([long, long.assign(sex="both")])
    levels = {"country": "0", "county": long["municipality"].str[:2], "municipality": long["municipality"]}
    out = [
        long.assign(region_level=level, region=region)
        .groupby(["region_level", "region", *keys, "status"], as_index=False)["n"]
        .sum()
        for level, region in levels.items()
    ]
    return pd.concat(out, ignore_index=True).assign(geography="programme", suppressed=False).astype({"n": "Int64"})


def municipalities() -> pd.DataFrame:
    """Names and counties of one year."""
    names = [f"Vik{i + 1}" for i in range(len(PLACES))]
    return pd.DataFrame(
        {
            "municipality": PLACES,
            "year": 2022,
            "name": names,
            "county": [p[:2] for p in PLACES],
            "county_name": [f"Fylke {p[:2]}" for p in PLACES],
        }
    )


def flow() -> pd.DataFrame:
    """A flow that adds up, with a change of unit."""
    rows = [
        ("raw_rows", 26000, 25700, "rows"),
        ("programmes", 14000, 13950, "spells"),
        ("known_person", 12400, 12390, "persons"),
        ("has_end_date", 12390, 10100, "persons"),
        ("exit_year_in_study", 10100, 9300, "persons"),
        ("age_in_range", 9300, 9297, "persons"),
        ("resident_h1", 9297, 9010, "persons"),
    ]
    frame = pd.DataFrame(rows, columns=["criterion", "n_in", "n_out", "unit"])
    frame["excluded"] = frame["n_in"] - frame["n_out"]
    frame.insert(0, "step", range(1, len(frame) + 1))
    return frame
