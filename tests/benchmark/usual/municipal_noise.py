"""A step of the usual way: how well the results of municipalities at one moment agree with those at another, with
and without the noise of chance.

Leavers are drawn anew within municipality and year of leaving, a thousand times, as pandas has it: ``groupby.sample``
with replacement, then ``groupby.mean``. It is slow because each draw sorts all leavers into their groups twice. Rank
sets, shrunken rates, funnel and verdicts against the target are left out.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin
import yaml

ROOT = Path(__file__).parents[3]
DRAWS = 1000


def persons(folder: Path, config: dict, minimum: int) -> pd.DataFrame:
    """Success of each leaver at leaving and in every November after, of municipalities with enough at each of them."""
    first, last = config["comparison"]["exit_years"]
    moments = [("direct_exit", 0), *((config["official_definition"], h) for h in config["comparison"]["horizons"])]
    outcomes = pd.read_parquet(folder / "usual" / "outcomes.parquet")
    outcomes = outcomes[outcomes["in_denominator"] & outcomes["exit_year"].between(first, last)]
    parts = [outcomes[(outcomes["definition"] == d) & (outcomes["horizon"] == h)] for d, h in moments]
    wide = pd.concat(parts).astype({"success": float, "municipality": str})
    wide = wide.pivot(index=["person_id", "municipality", "exit_year"], columns="horizon", values="success")
    large = (wide.groupby("municipality").count() >= minimum).all(axis=1)
    places = wide.index.get_level_values("municipality")
    return wide[places.isin(large.index[large])].reset_index("person_id", drop=True)


def mean_noise(wide: pd.DataFrame) -> np.ndarray:
    """Covariance that chance puts into the rates of a municipality at two moments, on average over municipalities."""
    there = wide.notna().astype(float)
    residual = (wide - wide.groupby(level=[0, 1]).transform("mean")).fillna(0).to_numpy()
    some = (there.groupby(level=[0, 1]).sum() > 0).astype(float)
    within = residual.T @ residual / (there.T.to_numpy() @ there.to_numpy() - some.T.to_numpy() @ some.to_numpy())
    found = []
    for _, own in there.groupby(level=0):
        size = own.sum().to_numpy()
        found.append(within * (own.T.to_numpy() @ own.to_numpy()) / np.outer(size, size))
    return np.mean(found, axis=0)


def root(matrix: np.ndarray) -> np.ndarray:
    """Symmetric square root, negative eigenvalues as zero."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T


def correlations(rates: pd.DataFrame, noise: np.ndarray) -> pd.DataFrame:
    """Rank correlations between moments: as they are, and of rates without noise by 6/pi arcsin(r/2)."""
    signal = rates.cov().to_numpy() - noise
    sd = np.sqrt(np.where(np.diag(signal) > 0, np.diag(signal), np.nan))
    true = 6 / np.pi * np.arcsin(np.clip(signal / np.outer(sd, sd), -1, 1) / 2)
    both = {"raw": rates.corr(method="spearman").to_numpy(), "corrected": true}
    upper = np.triu_indices(len(noise), 1)
    names = [rates.columns[axis] for axis in upper]
    return pd.concat(
        [pd.DataFrame({"horizon": names[0], "horizon_other": names[1], "term": t, "estimate": v[upper]})
         for t, v in both.items()], ignore_index=True,
    )  # fmt: skip


def main(folder: Path) -> None:
    """Write ``usual/rank_correlation.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    wide = persons(folder, config, int((folder / "usual" / "minimum_leavers.txt").read_text()))
    rates, noise = wide.groupby(level=0).mean(), mean_noise(wide)
    found = correlations(rates, noise)
    observed = rates.cov().to_numpy()
    shrink = root(observed - noise) @ np.linalg.pinv(root(observed), hermitian=True)
    true = rates.mean() + (rates - rates.mean()) @ shrink.T
    true.columns = rates.columns
    people = wide.groupby(level=0).size()
    cells = wide.groupby(level=[0, 1]).size().groupby(level=0).size()
    scale, drawn = np.sqrt(people / (people - cells)), []
    for draw in range(DRAWS):
        sample = wide.groupby(level=[0, 1]).sample(frac=1, replace=True, random_state=draw)
        deviation = sample.groupby(level=0).mean() - rates
        drawn.append(correlations(true + deviation.mul(scale, axis=0), noise)["estimate"])
    drawn = pd.concat(drawn, axis=1).T
    limits = drawn.quantile([0.025, 0.975])
    found = found.assign(std_error=drawn.std(), ci_low=limits.loc[0.025], ci_high=limits.loc[0.975])
    found.loc[found["estimate"].isna(), ["std_error", "ci_low", "ci_high"]] = np.nan
    found.to_csv(folder / "usual" / "rank_correlation.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
