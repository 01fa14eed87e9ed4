"""A step of the usual way: what few municipalities allow one to say, by fitting the model anew for every draw.

For the official definition: the linear model of the score with errors clustered on the municipality, its jackknife
(``statsmodels`` once without each municipality in turn) and the wild cluster bootstrap with the null imposed (one sign
a municipality and draw, the model fitted to the outcome made so, its clustered t set against that of the sample). It is
slow because each of the 999 draws is a fit, which is how the bootstrap is written down in the textbooks; statsmodels
has none. The bootstrap's interval, which asks for such draws at each of some fifty values, is left out.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
import yaml
from satisfaction import LINEAR, ROOT, codes, combinations, joined

SEED, DRAWS = 20191028, 999
WEBB = np.sqrt([0.5, 1.0, 1.5])
FORMULAS = {"person_linear": ("score ~ result", False), "person_linear_adjusted": (LINEAR, True)}


def signs(towns: int) -> np.ndarray:
    """A weight a municipality and draw: Webb's six values for fewer than twelve municipalities, else plus or minus."""
    values = np.r_[-WEBB, WEBB] if towns < 12 else np.array([-1.0, 1.0])
    return np.random.default_rng(SEED).choice(values, size=(towns, DRAWS))


def fitted(formula: str, answers: pd.DataFrame, weighted: bool):
    """The linear model by formula with clustered errors."""
    weights = answers["weight"] if weighted else np.ones(len(answers))
    return smf.wls(formula, answers, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": answers["municipality"].cat.codes}
    )


def jackknife(formula: str, answers: pd.DataFrame, weighted: bool, estimate: float) -> float:
    """Standard error of the result from fits without each municipality in turn."""
    left_out = []
    for town in answers["municipality"].cat.categories:
        rest = answers[answers["municipality"] != town]
        weights = rest["weight"] if weighted else np.ones(len(rest))
        left_out.append(smf.wls(formula, rest, weights=weights).fit().params["result"])
    count = len(left_out)
    return np.sqrt((count - 1) / count * ((np.array(left_out) - estimate) ** 2).sum())


def bootstrap(fit, answers: pd.DataFrame) -> float:
    """p-value of no association by the restricted wild cluster bootstrap."""
    design = pd.DataFrame(fit.model.exog, columns=fit.model.exog_names, index=answers.index)
    weights, groups = fit.model.weights, answers["municipality"].cat.codes.to_numpy()
    null = sm.WLS(answers["score"], design.drop(columns="result"), weights=weights).fit()
    clustered = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    drawn = signs(groups.max() + 1)
    found = []
    for draw in range(DRAWS):
        outcome = null.fittedvalues + drawn[groups, draw] * null.resid
        found.append(sm.WLS(outcome, design, weights=weights).fit(**clustered).tvalues["result"])
    return (1 + (np.abs(found) >= abs(fit.tvalues["result"]) - 1e-9).sum()) / (1 + DRAWS)


def main(folder: Path) -> None:
    """Write ``usual/few_municipalities.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    rows = []
    for key, answers, results in combinations(config, folder):
        if key["definition"] != config["association"]["definition"]:
            continue
        answers = joined(key, answers, results)
        if answers.empty:
            continue
        answers = codes(answers)
        for model, (formula, weighted) in FORMULAS.items():
            fit = fitted(formula, answers, weighted)
            error = jackknife(formula, answers, weighted, fit.params["result"])
            rows.append(key | {"model": model, "estimate": fit.params["result"], "jackknife": error,
                               "p_bootstrap": bootstrap(fit, answers)})  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "usual" / "few_municipalities.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
