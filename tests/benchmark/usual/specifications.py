"""A step of the usual way: the correlation of score and result under every specification, each by itself.

Both time orders, the score as it is or adjusted for who answered, the result as it is or standardised, answers
weighted, alike, or weighted with municipalities counting by the precision of their score. The error is that of Fisher's
z, from leaving out one municipality after the other, which is what takes the time: a correlation for each of a hundred
municipalities in each of thousands of specifications.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
import yaml
from satisfaction import COVARIATES, codes
from scipy.optimize import minimize_scalar

ROOT = Path(__file__).parents[3]
CONSTRUCTS = ("satisfaction", "usefulness", "motivation")


def cells(config: dict) -> list[tuple[str, int]]:
    """Every definition and horizon of the question, anniversaries at the same times in months."""
    found = []
    for name, block in config["definitions"].items():
        times = {"exit": [0], "anniversary": [12 * h for h in config["association"]["horizons"]]}
        found += [(name, h) for h in times.get(block["moment"], config["association"]["horizons"])]
    return found


def score_means(answers: pd.DataFrame, construct: str) -> pd.DataFrame:
    """Mean score by municipality with the given weights, its error, and the mean as with the average respondent."""
    score, weight = answers[construct], answers["weight"]
    fit = smf.wls(f"{construct} ~ {' + '.join(COVARIATES)} + C(municipality)", answers, weights=weight).fit()
    design = pd.DataFrame(fit.model.exog, columns=fit.model.exog_names, index=answers.index)
    own = [name for name in design if name.startswith(tuple(COVARIATES))]
    typical = np.average(design[own], axis=0, weights=weight)
    rows = answers.assign(score=score, adjusted=score - (design[own] - typical) @ fit.params[own])
    towns = rows.groupby("municipality")
    spread = (score - towns["score"].transform("mean")).pow(2).sum() / (len(rows) - towns.ngroups)
    return towns.apply(
        lambda town: pd.Series(
            {
                "none": np.average(town["score"], weights=town["weight"]),
                "survey": np.average(town["adjusted"], weights=town["weight"]),
                "error": np.sqrt(spread * (town["weight"] ** 2).sum()) / town["weight"].sum(),
            }
        )
    )


def precision(mean: pd.Series, error: pd.Series) -> np.ndarray:
    """One over the variance of each score: that of sampling, and that between municipalities by REML."""

    def deviance(between: float) -> float:
        weight = 1 / (error**2 + between)
        centre = np.average(mean, weights=weight)
        return -np.log(weight).sum() + np.log(weight.sum()) + (weight * (mean - centre) ** 2).sum()

    found = minimize_scalar(deviance, bounds=(0, 10 * mean.var()), method="bounded", options={"xatol": 1e-9})
    return (1 / (error**2 + (found.x if found.fun < deviance(0) else 0))).to_numpy()


def weighted_r(pair: np.ndarray, weights: np.ndarray | None) -> float:
    """Pearson's r of two rows, each pair by its weight."""
    covariance = np.cov(pair, aweights=weights)
    return covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])


def correlation(pair: np.ndarray, weights: np.ndarray | None) -> tuple[float, float]:
    """Pearson's r of score and result, and the jackknife error of its z."""
    count, left_out = pair.shape[1], []
    for town in range(count):
        rest = None if weights is None else np.delete(weights, town)
        left_out.append(np.arctanh(weighted_r(np.delete(pair, town, axis=1), rest)))
    left_out = np.array(left_out)
    return weighted_r(pair, weights), np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())


def specified(towns: pd.DataFrame, plain: pd.DataFrame, raked: pd.DataFrame) -> list[list]:
    """Estimate and error of every adjustment and weighting in one wave, score, definition, horizon and time order."""
    rows = []
    for weighting, means in (("raked", raked), ("plain", plain), ("precise", raked)):
        both = towns.join(means, how="inner")
        for adjustment in ("none", "survey", "both") if len(both) >= 5 else ():
            score = both["none" if adjustment == "none" else "survey"]
            result = both["rate" if adjustment == "both" else "result"]
            if result.isna().any():
                continue
            weights = precision(score, both["error"]) if weighting == "precise" else None
            rows.append([adjustment, weighting, *correlation(np.stack([score, result]), weights)])
    return rows


def main(folder: Path) -> None:
    """Write ``usual/specifications.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    scales = pd.read_parquet(folder / "usual" / "scales.parquet")
    panel = pd.read_csv(folder / "usual" / "panel.csv", dtype={"municipality": str})
    standard = pd.read_csv(folder / "usual" / "standardised.csv", dtype={"municipality": str})
    panel, rows = panel[panel["sex"] == "both"], []
    for (wave, block), construct in product(config["surveys"]["waves"].items(), CONSTRUCTS):
        answers = scales[(scales["wave"] == wave) & scales[construct].notna() & scales["municipality"].notna()]
        if answers.empty:
            continue
        answers = codes(answers.copy())
        raked, plain = score_means(answers, construct), score_means(answers.assign(weight=1.0), construct)
        for alignment in config["association"]["specifications"]["alignments"]:
            first, last = (block["year"] + shift for shift in block[alignment])
            own = panel[panel["exit_year"].between(first, last)]
            adjusted = standard[(standard["wave"] == wave) & (standard["alignment"] == alignment)]
            for definition, horizon in cells(config):
                towns = own[(own["definition"] == definition) & (own["horizon"] == horizon)]
                towns = towns.groupby("municipality")[["n", "successes"]].sum()
                towns = towns[towns["n"] >= 5].assign(result=lambda t: t["successes"] / t["n"])
                same = adjusted[(adjusted["definition"] == definition) & (adjusted["horizon"] == horizon)]
                towns = towns.join(same.set_index("municipality")["rate"])
                keys = [wave, construct, definition, horizon, alignment]
                rows += [keys + found for found in specified(towns, plain, raked)]
    names = ["wave", "construct", "definition", "horizon", "alignment", "adjustment", "weighting"]
    names += ["estimate", "std_error"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "usual" / "specifications.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
