"""Draw the small made-up leavers and municipalities on which adjustment for composition is compared with R. Run once:
the files are kept."""

from pathlib import Path

import numpy as np
import pandas as pd


def main() -> None:
    """Write ``standardise_persons.csv`` (one row a leaver) and ``adjusted_towns.csv`` (one row a municipality)."""
    rng = np.random.default_rng(2020)
    count, folder = 15, Path(__file__).parent
    town = np.repeat(np.arange(count), rng.integers(20, 90, count))
    woman = rng.random(len(town)) < rng.uniform(0.2, 0.8, count)[town]
    family = rng.random(len(town)) < rng.uniform(0.1, 0.5, count)[town]
    odds = 0.7 - 0.8 * woman - 0.4 * family + rng.normal(0, 0.3, count)[town]
    persons = pd.DataFrame(
        {
            "municipality": [f"{1001 + t}" for t in town],
            "exit_year": rng.choice([2015, 2016, 2017], len(town)),
            "sex": np.where(woman, "women", "men"),
            "immigration_ground": np.where(family, "family", "refuge"),
            "success": (rng.random(len(town)) < 1 / (1 + np.exp(-odds))).astype(int),
        }
    )
    persons.to_csv(folder / "standardise_persons.csv", index=False, lineterminator="\n")
    towns = pd.read_csv(folder / "municipal_small.csv", dtype={"municipality": str})
    share = towns["y_successes"].sum() / towns["y_n"].sum()
    towns["y_expected"] = np.clip(share + rng.normal(0, 0.05, len(towns)), 0.3, 0.9)
    towns["y_adjusted"] = towns["y_successes"] / towns["y_n"] / towns["y_expected"] * share
    towns["s_adjusted"] = towns["s_mean"] + rng.normal(0, 2, len(towns))
    towns.round(8).to_csv(folder / "adjusted_towns.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
