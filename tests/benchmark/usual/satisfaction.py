"""A step of the usual way: satisfaction on result, a formula a model, with errors clustered on the municipality.

Every wave, score, definition and horizon, in turn: mean scores and results by municipality, then the models that
statsmodels has a formula for.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin
import statsmodels.formula.api as smf
import yaml
from statsmodels.miscmodels.ordinal_model import OrderedModel

ROOT = Path(__file__).parents[3]
COVARIATES = ["sex", "age_group", "country_group"]
LINEAR = "score ~ result + " + " + ".join(COVARIATES)


def codes(answers: pd.DataFrame) -> pd.DataFrame:
    """Covariates as categories, the most common first; those of fewer than ten answers count with it."""
    for name in COVARIATES:
        values = answers[name].fillna("unknown").astype(str)
        counts = values.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        frequent = counts.index[(counts >= 10) | (counts.index == counts.index[0])]
        values = values.where(values.isin(frequent), counts.index[0])
        answers[name] = pd.Categorical(values, categories=frequent)
    return answers


def results_of(panel: pd.DataFrame, wave: dict, definition: str, horizon: int) -> pd.DataFrame:
    """Leavers, successes and rate (in ten points) by municipality, of the years that stand against a wave."""
    first, last = (wave["year"] + shift for shift in wave["concurrent"])
    rows = panel[(panel["definition"] == definition) & (panel["horizon"] == horizon) & (panel["sex"] == "both")]
    rows = rows[rows["exit_year"].between(first, last)]
    towns = rows.groupby("municipality")[["n", "successes"]].sum()
    towns = towns[towns["n"] >= 5]
    return towns.assign(result=10 * towns["successes"] / towns["n"])


def models(answers: pd.DataFrame, towns: pd.DataFrame, official: bool) -> dict[str, tuple[float, float]]:
    """Estimate and standard error of the result in every model."""
    clustered = {"cov_type": "cluster", "cov_kwds": {"groups": answers["municipality"].cat.codes}}
    weights = answers["weight"]
    found = {
        "person_linear_adjusted": smf.wls(LINEAR, answers, weights=weights).fit(**clustered),
        "person_random_intercept": smf.mixedlm(LINEAR, answers, groups=answers["municipality"].cat.codes).fit(),
        "municipality_ols": smf.ols("score ~ result", towns).fit(),
    }
    if official:
        found["person_linear"] = smf.ols("score ~ result", answers).fit(**clustered)
        answered = answers[answers["level"].notna()]
        ordered = OrderedModel(answered["level"].astype(int), answered[["result"]], distr="logit")
        groups = {"cov_type": "cluster", "cov_kwds": {"groups": answered["municipality"].cat.codes.to_numpy()}}
        found["person_ordered"] = ordered.fit(method="bfgs", maxiter=200, disp=False, **groups)
    return {name: (fit.params["result"], fit.bse["result"]) for name, fit in found.items()}


def combinations(config: dict, folder: Path):
    """Every wave, score, definition and horizon, with the answers to it and the results of their municipalities."""
    scales = pd.read_parquet(folder / "usual" / "scales.parquet")
    panel = pd.read_csv(folder / "usual" / "panel.csv", dtype={"municipality": str})
    asked = config["association"]
    for name, wave in config["surveys"]["waves"].items():
        people = scales[scales["wave"] == name]
        for construct in ("satisfaction", "usefulness", "motivation"):
            answers = people[people[construct].notna()]
            for definition, block in config["definitions"].items():
                headline = construct == asked["construct"]
                official = definition == asked["definition"]
                years = 12 if block["moment"] == "anniversary" else 1
                wanted = [0] if block["moment"] == "exit" else [h * years for h in asked["horizons"]]
                for horizon in wanted if len(answers) and (headline or official) else []:
                    results = results_of(panel, wave, definition, horizon)
                    key = {"wave": name, "construct": construct, "definition": definition, "horizon": horizon}
                    yield key, answers, results


def joined(key: dict, answers: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Answers with score, ordered step and the result of their municipality; those of others are left out."""
    names = {key["construct"]: "score", f"{key['construct']}_level": "level"}
    answers = answers[["municipality", "weight", *COVARIATES, *names]].rename(columns=names)
    answers = answers.merge(results["result"].reset_index(), on="municipality")
    return answers.assign(municipality=answers["municipality"].astype("category"))


def main(folder: Path) -> None:
    """Write ``usual/models.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    warnings.simplefilter("ignore")
    rows = []
    for key, answers, results in combinations(config, folder):
        answers = joined(key, answers, results)
        if answers.empty:
            continue
        means = answers.groupby("municipality", observed=True).apply(
            lambda town: np.average(town["score"], weights=town["weight"])
        )
        means = results.join(means.rename("score"), how="inner")
        fits = models(codes(answers), means, key["definition"] == config["association"]["definition"])
        rows += [key | {"model": name, "estimate": e, "std_error": s} for name, (e, s) in fits.items()]
    pd.DataFrame(rows).to_csv(folder / "usual" / "models.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
