"""Writes the made-up municipalities that municipal_comparison.R and the unit tests read; run in this folder."""

import numpy as np
import pandas as pd


def main() -> None:
    rng = np.random.default_rng(11)
    n = np.r_[rng.integers(3, 20, 10), rng.integers(20, 120, 25), rng.integers(200, 700, 5)]
    names = np.array([f"{i:04d}" for i in range(301, 341)])
    x = rng.binomial(n, rng.beta(0.62 * 25, 0.38 * 25, 40))
    counts = pd.DataFrame({"municipality": names, "n": n, "successes": x})
    counts.to_csv("municipal_counts.csv", index=False, lineterminator="\n")

    size = rng.integers(12, 90, 30)
    place = np.repeat(np.arange(30), size)
    quality = rng.normal(0, 0.5, 30)
    women = (rng.random(len(place)) < 0.45 + 0.15 * np.tanh(quality[place])).astype(int)
    months = rng.integers(6, 37, len(place))
    line = 0.6 + quality[place] - 0.5 * women + 0.02 * (months - 20)
    success = (rng.random(len(place)) < 1 / (1 + np.exp(-line))).astype(int)
    persons = pd.DataFrame({"municipality": names[place], "women": women, "months": months, "success": success})
    persons.to_csv("municipal_persons.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
