"""A step of the usual way: scores of the survey answers, weights to the frame, and how well the scales measure.

A wave at a time: items to per cent of their range, means of items by row, raking margin by margin with groupby until
nothing moves, alpha by its formula and omega from the factor model of statsmodels. Nothing here is slow. Answers are
taken as the pipeline cleaned them; categorical omega and intraclass correlations are left out.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin
import yaml
from statsmodels.multivariate.factor import Factor

ROOT = Path(__file__).parents[3]
MARGINS = ["sex", "age_group", "country_group"]


def recoded(people: pd.DataFrame, items: dict) -> pd.DataFrame:
    """Items as per cent of their range, the best answer 100; whatever is no step of the scale is missing."""
    values = pd.DataFrame(index=people.index)
    for name, item in items.items():
        low, high = item["scale"]
        code = people[name].astype("float64")
        share = (code.where(code.between(low, high)) - low) / (high - low) * 100
        yes_no = item.get("dimension") is None and [low, high] == [1, 2]
        values[name] = 100 - share if item["reversed"] or yes_no else share
    return values


def mean_of(values: pd.DataFrame) -> pd.Series:
    """Mean of the items that were answered, where half of them were."""
    return values.mean(axis=1).where(values.notna().mean(axis=1) >= 0.5)


def scores(values: pd.DataFrame, items: dict) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Score of every dimension and construct, the lead item's step of constructs, and the items of each."""
    found, groups = pd.DataFrame(index=values.index), {}
    for kind in ("dimension", "construct"):
        for name in dict.fromkeys(item[kind] for item in items.values() if item.get(kind)):
            groups[name] = own = [item for item in items if items[item].get(kind) == name]
            found[name] = mean_of(values[own])
            if kind == "construct":
                lead = next((item for item in own if items[item].get("lead")), own[-1])
                low, high = items[lead]["scale"]
                found[f"{name}_level"] = (values[lead] / 100 * (high - low) + 1).round()
    return found, groups


def raked(people: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Weights that bring the answers to the frame of their municipalities, margin by margin; not stated, not moved."""
    frame = frame[frame["municipality"].isin(people["municipality"])]
    weights = pd.Series(1.0, index=people.index)
    for _ in range(500):
        before = weights.copy()
        for margin in MARGINS:
            known = people[margin].notna()
            wanted = frame.groupby(margin, observed=True)["eligible"].sum()
            wanted = wanted[wanted.index.isin(people.loc[known, margin]) & (wanted > 0)]
            current = weights[known].groupby(people.loc[known, margin].astype(str)).sum()
            factor = wanted / wanted.sum() * weights[known].sum() / current
            weights[known] *= people.loc[known, margin].astype(str).map(factor)
        if (weights / before - 1).abs().max() < 1e-9:
            break
    return weights / weights.mean()


def quality(values: pd.DataFrame) -> tuple[float, float]:
    """Cronbach's alpha, and omega of one factor by maximum likelihood, of complete answers."""
    full, count = values.dropna(), values.shape[1]
    alpha = omega = np.nan
    if count >= 2:
        alpha = count / (count - 1) * (1 - full.var().sum() / full.sum(axis=1).var())
    if count >= 3:
        found = Factor(full.to_numpy(), n_factor=1, method="ml").fit(maxiter=500)
        common = (found.loadings[:, 0] * full.std().to_numpy()).sum() ** 2
        omega = common / (common + (found.uniqueness * full.var().to_numpy()).sum())
    return alpha, omega


def main(folder: Path) -> None:
    """Write ``usual/scales.parquet`` and ``usual/measurement.csv``."""
    clean = folder / "run" / "results" / "private" / "clean"
    answers, frame = (pd.read_parquet(clean / f"survey_{name}.parquet") for name in ("responses", "frame"))
    parts, rows = [], []
    for wave, people in answers.groupby("wave"):
        book = ROOT / "data" / "codebook" / f"survey_{people['instrument'].iloc[0]}.yaml"
        items = yaml.safe_load(book.read_text(encoding="utf-8"))["items"]
        values = recoded(people, items)
        scored, groups = scores(values, items)
        own = frame[frame["wave"] == wave]
        people = people[["wave", "response_id", "municipality", *MARGINS]].assign(weight=raked(people, own))
        parts.append(people.join(scored))
        rows += [[wave, name, *quality(values[own])] for name, own in groups.items()]
    pd.concat(parts).to_parquet(folder / "usual" / "scales.parquet", index=False)
    names = ["wave", "construct", "alpha", "omega"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "usual" / "measurement.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
