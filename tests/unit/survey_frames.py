"""Made-up surveys and panels with a known correlation between municipalities, for the tests of the survey part."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from introprog.standardisation import ALIGNMENTS, COLUMNS, years_of

ROOT = Path(__file__).parents[2]
CODEBOOKS = ROOT / "data" / "codebook"
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
INSTRUMENTS = {n: yaml.safe_load((CODEBOOKS / f"survey_{n}.yaml").read_text(encoding="utf-8")) for n in ("ks", "imdi")}
WAVES = {
    "ks_2015": {"instrument": "ks", "year": 2015, "concurrent": [0, 2], "published": [-3, -1]},
    "imdi_2020": {"instrument": "imdi", "year": 2020, "concurrent": [0, 2], "published": [-3, -1]},
}
SURVEYS = {
    "alignment": "concurrent",
    "minimum_answers": 15,
    "minimum_municipal_leavers": 5,
    "minimum_language_answers": 100,
    "waves": WAVES,
}
ASSOCIATION = {
    "horizons": [1, 2],
    "definition": "ssb_november",
    "construct": "satisfaction",
    "smallest_effect": 0.2,
    "alpha": 0.05,
    "primary": {"wave": "imdi_2020", "construct": "satisfaction", "definition": "ssb_november", "horizon": 1},
    "covariates": ["sex", "age_group", "country_group"],
    **{name: CONFIG["association"][name] for name in ("definitions", "models", "standing", "specifications")},
}
INDEX = {
    "wave": "ks_2015",
    "horizon": 1,
    "weights": {"outcome": 2, "overall": 1, "result": 1, "participation": 1, "respect": 1},
}
DEFINITIONS = {
    "ssb_november": {"moment": "november", "geography": "programme", "label": {"nb": "Offisiell", "en": "Official"}},
    "direct_exit": {"moment": "exit", "geography": "programme", "label": {"nb": "Ved avslutning", "en": "On leaving"}},
}
AGES = ["18-25", "26-35", "36-45", "46-55", "56+"]
GROUPS = ["africa_horn", "asia_other", "syria"]


def codes(towns: int) -> list[str]:
    return [f"{1000 + t:04d}" for t in range(1, towns + 1)]


def survey(rng, wave: str, climate: np.ndarray, answers: int) -> pd.DataFrame:
    """Clean ``survey_responses`` of one wave: ``climate`` (towns,) in person standard deviations, about ``answers`` a
    town."""
    sizes = 3 + rng.poisson(answers - 3, len(climate))
    town = np.repeat(np.arange(len(climate)), sizes)
    n = len(town)
    frame = pd.DataFrame(
        {
            "wave": wave,
            "instrument": WAVES[wave]["instrument"],
            "response_id": [f"{i:06d}" for i in range(n)],
            "municipality": np.array(codes(len(climate)))[town],
            "sex": rng.choice(["men", "women"], n, p=[0.6, 0.4]),
            "age_group": rng.choice(AGES, n, p=[0.25, 0.35, 0.2, 0.12, 0.08]),
            "country_group": rng.choice(GROUPS, n),
            "schooling": "unknown",
            "residence_years": 2,
            "language": "nb",
            "assisted": False,
        }
    )
    mood = climate[town] + rng.normal(size=n)
    items = {}
    for name, entry in {**INSTRUMENTS["ks"]["items"], **INSTRUMENTS["imdi"]["items"]}.items():
        low, high = entry["scale"]
        step = np.clip(
            np.round((low + high) / 2 + (high - low) / 5 * (mood + 0.7 * rng.normal(size=n))), low, high
        ).astype(int)
        step = low + high - step if entry["reversed"] else step
        missing = rng.choice([0, 97, 98, 99], n, p=[0.94, 0.03, 0.01, 0.02])
        items[name] = pd.array(np.where(missing > 0, missing, step), dtype="Int16")
        if name not in INSTRUMENTS[WAVES[wave]["instrument"]]["items"]:
            items[name] = pd.array([pd.NA] * n, dtype="Int16")
    return pd.concat([frame, pd.DataFrame(items)], axis=1)


def survey_frame(rng, responses: pd.DataFrame) -> pd.DataFrame:
    """A frame with two to five eligible persons for each answer."""
    keys = ["wave", "municipality", "sex", "age_group", "country_group"]
    counts = responses.groupby(keys).size().rename("eligible").reset_index()
    return counts.assign(eligible=counts["eligible"] * rng.integers(2, 6, len(counts)))


def panel(rng, quality: np.ndarray, leavers: int, years=range(2012, 2023), last: int = 2023) -> pd.DataFrame:
    """A municipality panel with rates logistic(0.6 + quality), observed to ``last``."""
    rows = []
    for horizon in (1, 2):
        for year in years:
            n = 1 + rng.poisson(leavers - 1, len(quality))
            n = n if year + horizon <= last else 0 * n
            good = rng.binomial(n, 1 / (1 + np.exp(-0.6 - quality)))
            rows.append(
                pd.DataFrame(
                    {
                        "municipality": codes(len(quality)),
                        "exit_year": year,
                        "horizon": horizon,
                        "n": n,
                        "successes": good,
                    }
                )
            )
    frame = pd.concat(rows, ignore_index=True)
    return frame.assign(definition="ssb_november", geography="programme", sex="both", suppressed=False)


def world(seed: int, towns: int, rho: float, answers: int = 18, leavers: int = 30):
    """Responses of both waves, frame and panel; the true correlation of climate and quality is ``rho``."""
    rng = np.random.default_rng(seed)
    climate, quality = rng.multivariate_normal([0, 0], [[0.16, rho * 0.16], [rho * 0.16, 0.16]], towns).T
    responses = pd.concat([survey(rng, wave, climate, answers) for wave in WAVES], ignore_index=True)
    return responses, survey_frame(rng, responses), panel(rng, quality, leavers)


def standard(panel: pd.DataFrame, waves=WAVES) -> pd.DataFrame:
    """Standardised results of ``panel`` when everywhere the leavers are alike: as expected means as in the country."""
    tables = []
    for wave, entry in waves.items():
        for alignment in ALIGNMENTS:
            rows = panel[panel["exit_year"].isin(years_of(entry, alignment)) & (panel["n"] > 0)]
            keys = ["definition", "horizon"]
            sums = rows.groupby([*keys, "municipality"], as_index=False)[["n", "successes"]].sum()
            total = sums.groupby(keys)[["n", "successes"]].transform("sum")
            sums["expected"] = sums["n"] * total["successes"] / total["n"]
            tables.append(sums.assign(rate=sums["successes"] / sums["n"], wave=wave, alignment=alignment))
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def with_exits(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with the results of one year after also as those on leaving."""
    exits = panel[panel["horizon"] == 1].assign(horizon=0, definition="direct_exit")
    return pd.concat([panel, exits], ignore_index=True)
