"""Draw made-up answers in three languages, one of them with items of its own difficulty, for measurement.R and the unit
tests. Run once: the file is kept."""

from pathlib import Path

import numpy as np
import pandas as pd

SIZES = {"ar": 320, "en": 210, "ti": 260}


def main() -> None:
    """Write ``answers_small.csv``: language, item1-item5 (1-4, item5 1-3, gaps), level (1-4), x, woman."""
    rng = np.random.default_rng(77)
    language = np.repeat(list(SIZES), list(SIZES.values()))
    n = len(language)
    mood = rng.standard_normal(n) + np.where(language == "ti", 0.3, 0.0)
    frame = pd.DataFrame({"language": language})
    for number, loading in enumerate((0.8, 0.7, 0.75, 0.6, 0.65), 1):
        pull = np.where((language == "en") & (number == 2), 0.35, loading)
        harder = np.where((language == "ti") & (number == 4), 0.6, 0.0)
        latent = pull * mood + np.sqrt(1 - pull**2) * rng.standard_normal(n) - harder
        cuts = [-0.8, 0.6] if number == 5 else [-1.4, -0.5, 0.7]
        answer = pd.array(np.digitize(latent, cuts) + 1, dtype="Int16")
        answer[rng.random(n) < 0.02] = pd.NA
        frame[f"item{number}"] = answer
    frame["x"] = rng.normal(0, 1, n).round(4)
    frame["woman"] = rng.integers(0, 2, n)
    spread = np.exp(0.15 * frame["x"])
    frame["level"] = (
        np.digitize(0.4 * frame["x"] + 0.2 * frame["woman"] + spread * rng.logistic(size=n), [-1.5, 0, 1.6]) + 1
    )
    frame.to_csv(Path(__file__).parent / "answers_small.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
