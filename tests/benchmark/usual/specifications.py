"""Step seven of the usual way: the correlation of score and result under every specification, each by itself.

Both time orders, answers weighted and alike, results as they are: the specifications that need no adjustment for
composition. The error is that of Fisher's z, from leaving out one municipality after the other.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin
import yaml

ROOT = Path(__file__).parents[3]
CONSTRUCTS = ("satisfaction", "usefulness", "motivation")


def cells(config: dict) -> list[tuple[str, int]]:
    """Every definition and horizon of the question, anniversaries at the same times in months."""
    found = []
    for name, block in config["definitions"].items():
        times = {"exit": [0], "anniversary": [12 * h for h in config["association"]["horizons"]]}
        found += [(name, h) for h in times.get(block["moment"], config["association"]["horizons"])]
    return found


def score_means(answers: pd.DataFrame, construct: str, weighting: str) -> pd.Series:
    """Mean score by municipality, with the survey's weights or every answer alike."""
    if weighting == "plain":
        return answers.groupby("municipality")[construct].mean()
    return answers.groupby("municipality").apply(lambda town: np.average(town[construct], weights=town["weight"]))


def correlation(towns: pd.DataFrame) -> tuple[float, float]:
    """Pearson's r of score and result, and the jackknife error of its z."""
    pair, count = towns[["score", "result"]].to_numpy().T, len(towns)
    left_out = np.arctanh([np.corrcoef(np.delete(pair, town, axis=1))[0, 1] for town in range(count)])
    return np.corrcoef(pair)[0, 1], np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())


def main(folder: Path) -> None:
    """Write ``usual/specifications.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    scales = pd.read_parquet(folder / "run" / "results" / "private" / "survey" / "scales.parquet")
    panel = pd.read_csv(folder / "usual" / "panel.csv", dtype={"municipality": str})
    panel, rows = panel[panel["sex"] == "both"], []
    for wave, block in config["surveys"]["waves"].items():
        people = scales[scales["wave"] == wave]
        for alignment in config["association"]["specifications"]["alignments"]:
            first, last = (block["year"] + shift for shift in block[alignment])
            own = panel[panel["exit_year"].between(first, last)]
            for construct in CONSTRUCTS:
                answers = people[people[construct].notna()]
                for definition, horizon in cells(config) if len(answers) else []:
                    towns = own[(own["definition"] == definition) & (own["horizon"] == horizon)]
                    towns = towns.groupby("municipality")[["n", "successes"]].sum()
                    towns = towns[towns["n"] >= 5].assign(result=lambda t: t["successes"] / t["n"])
                    for weighting in ("raked", "plain"):
                        means = score_means(answers, construct, weighting).rename("score")
                        both = towns.join(means, how="inner")
                        if len(both) < 5:
                            continue
                        r, error = correlation(both)
                        rows.append([wave, construct, definition, horizon, alignment, weighting, r, error])
    names = ["wave", "construct", "definition", "horizon", "alignment", "weighting", "estimate", "std_error"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "usual" / "specifications.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
