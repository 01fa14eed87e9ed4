"""Draw the small made-up survey that the R scripts of this folder and the unit tests share. Run once: the files are
kept."""

from pathlib import Path

import numpy as np
import pandas as pd


def main() -> None:
    """Write ``survey_small.csv`` (one row an answer) and ``municipal_small.csv`` (one row a municipality)."""
    rng = np.random.default_rng(2019)
    count = 24
    sizes = rng.integers(4, 30, count)
    quality, climate = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], count).T
    leavers = rng.integers(8, 120, count)
    successes = rng.binomial(leavers, 1 / (1 + np.exp(-0.5 - 0.4 * quality)))
    town = np.repeat(np.arange(count), sizes)
    woman, age = rng.integers(0, 2, len(town)), rng.integers(18, 60, len(town))
    latent = 0.5 * climate[town] + 0.2 * woman - 0.01 * (age - 40) + rng.logistic(size=len(town))
    frame = pd.DataFrame(
        {
            "municipality": [f"{1001 + t}" for t in town],
            "result": (successes / leavers * 10)[town].round(6),
            "woman": woman,
            "age": age,
            "weight": rng.lognormal(0, 0.4, len(town)).round(4),
            "level": np.digitize(latent, [-2, -0.7, 1.0]) + 1,
            "score": (60 + 10 * latent + rng.normal(0, 4, len(town))).round(3),
        }
    )
    for item in range(1, 6):
        frame[f"item{item}"] = np.clip((3.5 + 0.8 * latent + rng.normal(0, 1, len(town))).round(), 1, 6).astype(int)
    folder = Path(__file__).parent
    frame.to_csv(folder / "survey_small.csv", index=False, lineterminator="\n")
    towns = frame.groupby("municipality")["score"].agg(s_mean="mean", s_n="size").reset_index()
    within = frame["score"] - frame.groupby("municipality")["score"].transform("mean")
    towns["s_se"] = np.sqrt((within**2).sum() / (len(frame) - count) / towns["s_n"])
    towns["y_n"], towns["y_successes"] = leavers, successes
    towns.round(8).to_csv(folder / "municipal_small.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
