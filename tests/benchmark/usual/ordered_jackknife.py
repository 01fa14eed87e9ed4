"""A step of the usual way: the jackknife error of the weighted ordered logit, a fit without each municipality.

Errors clustered on few municipalities are too small, and statsmodels has no other for the ordered logit. Each fit
starts from the estimates of all answers; it is slow because there are a hundred of them or more, with numerical
derivatives. The pipeline takes one Newton step for each, for every score and definition; here it is only the score and
the definition of the question that is asked.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin
import yaml
from ordered import fit
from satisfaction import ROOT, codes, combinations, joined


def left_out(answers: pd.DataFrame) -> tuple[float, float]:
    """Estimate of the result and its jackknife error."""
    whole = fit(answers)
    found = []
    for town in answers["municipality"].cat.categories:
        rest = answers[answers["municipality"] != town]
        found.append(fit(rest, whole.params.to_numpy()).params["result"])
    count, found = len(found), np.array(found)
    return whole.params["result"], np.sqrt((count - 1) / count * ((found - whole.params["result"]) ** 2).sum())


def main(folder: Path) -> None:
    """Write ``usual/ordered_jackknife.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    asked = {name: config["association"][name] for name in ("definition", "construct")}
    warnings.simplefilter("ignore")
    rows = []
    for key, answers, results in combinations(config, folder):
        if any(key[name] != value for name, value in asked.items()):
            continue
        answers = joined(key, answers, results)
        if answers["result"].min() < answers["result"].max():
            estimate, error = left_out(codes(answers))
            rows.append(key | {"model": "person_ordered_adjusted", "estimate": estimate, "jackknife": error})
    pd.DataFrame(rows).to_csv(folder / "usual" / "ordered_jackknife.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
