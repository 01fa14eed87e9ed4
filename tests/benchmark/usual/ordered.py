"""A step of the usual way: weighted ordered logits of the lead item on the result, with characteristics.

statsmodels' ``OrderedModel`` takes no weights; the usual remedy is a class of three lines that multiplies each
answer's log-likelihood by its weight. It is slow because the derivatives stay the numerical ones of statsmodels, some
twenty evaluations for each of a hundred steps. ``ordered_jackknife.py`` leaves municipalities
out.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin
import yaml
from satisfaction import COVARIATES, ROOT, codes, combinations, joined
from statsmodels.miscmodels.ordinal_model import OrderedModel


class WeightedOrdered(OrderedModel):
    """The ordered logit with a weight an answer."""

    def __init__(self, endog, exog, weights, **options):
        super().__init__(endog, exog, distr="logit", **options)
        self.weights = np.asarray(weights)

    def loglikeobs(self, params):
        """Log-likelihood of each answer, times its weight."""
        return self.weights * super().loglikeobs(params)


def fit(answers: pd.DataFrame, start: np.ndarray | None = None):
    """The weighted logit by BFGS, errors clustered on the municipality; from ``start``, where that is known."""
    answered = answers[answers["level"].notna()]
    indicators = pd.get_dummies(answered[COVARIATES], drop_first=True, dtype=float)
    indicators = indicators.loc[:, indicators.any() & ~indicators.all()]
    exog = pd.concat([answered[["result"]], indicators], axis=1)
    groups = answered["municipality"].cat.codes.to_numpy()
    model = WeightedOrdered(answered["level"].astype(int), exog, answered["weight"])
    start = start if start is not None and len(start) == len(model.start_params) else None
    options = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    return model.fit(start, method="bfgs", maxiter=500, disp=False, **options)


def main(folder: Path) -> None:
    """Write ``usual/ordered.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    warnings.simplefilter("ignore")
    rows = []
    for key, answers, results in combinations(config, folder):
        answers = joined(key, answers, results)
        if answers["result"].min() < answers["result"].max():
            found = fit(codes(answers))
            numbers = {"estimate": found.params["result"], "std_error": found.bse["result"]}
            rows.append(key | {"model": "person_ordered_adjusted"} | numbers)
    pd.DataFrame(rows).to_csv(folder / "usual" / "ordered.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
