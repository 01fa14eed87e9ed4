"""A step of the usual way: municipal results as with the average leaver, a logit by formula for every comparison.

For each survey wave, time order, definition and horizon: success on characteristics and an effect a municipality (small
ones share one a county), then the successes to be expected of such leavers.
"""

import sys
from pathlib import Path

import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
import yaml
from casemix import REFERENCE, ROOT, as_factor
from specifications import cells

CHARACTERISTICS = ["sex", "age_group", "country_group", "schooling", "immigration_ground"]


def told_apart(values: pd.Series, success: pd.Series) -> pd.Series:
    """A factor in which levels whose persons all have the same outcome count with the reference."""
    share = success.groupby(values.astype(object)).mean()
    same = share.index[share.isin([0, 1])].difference([values.cat.categories[0]])
    return values.where(~values.isin(same), values.cat.categories[0]).cat.remove_unused_categories()


def effects(rows: pd.DataFrame, minimum: int) -> pd.Series:
    """Municipalities with enough leavers and both outcomes by themselves, the others by county, what is left as one."""
    by_town = rows.groupby("municipality")["success"].agg(["size", "mean"])
    own = by_town.index[(by_town["size"] >= minimum) & ~by_town["mean"].isin([0, 1])]
    label = rows["municipality"].where(rows["municipality"].isin(own), "county " + rows["town_county"])
    share = rows["success"].groupby(label).mean()
    return label.where(~label.isin(share.index[share.isin([0, 1])]), "rest")


def expected_in(rows: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Leavers, successes, those expected and the standardised rate of each municipality."""
    for name in CHARACTERISTICS:
        rows[name] = told_apart(rows[name], rows["success"])
    rows["effect"] = effects(rows, minimum)
    varied = [name for name in CHARACTERISTICS if rows[name].cat.categories.size > 1]
    fit = smf.logit("success ~ " + " + ".join(varied) + " + C(effect)", rows).fit(disp=False, maxiter=100)
    design = pd.DataFrame(fit.model.exog, columns=fit.model.exog_names, index=rows.index)
    own = [name for name in design if name.split("[")[0] in varied]
    line = design[own] @ fit.params[own]
    level = sm.GLM(rows["success"], pd.Series(1.0, rows.index), family=sm.families.Binomial(), offset=line).fit()
    rows["expected"] = level.fittedvalues
    towns = rows.groupby("municipality").agg(
        n=("success", "size"), successes=("success", "sum"), expected=("expected", "sum")
    )
    return towns.assign(rate=(towns["successes"] / towns["expected"] * rows["success"].mean()).clip(upper=1))


def main(folder: Path) -> None:
    """Write ``usual/standardised.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    outcomes = pd.read_parquet(folder / "usual" / "outcomes.parquet").drop(columns=["sex", "exit_year"])
    outcomes = outcomes[outcomes["in_denominator"]].dropna(subset=["success", "municipality"])
    outcomes = outcomes.astype({"success": int})
    leavers = pd.read_parquet(folder / "clean" / "leavers.parquet").query("included")
    counties = leavers.drop_duplicates("municipality").set_index("municipality")["county"]
    leavers, parts = leavers[["person_id", "exit_year", *CHARACTERISTICS]], []
    minimum = int((folder / "usual" / "minimum_leavers.txt").read_text())
    for wave, block in config["surveys"]["waves"].items():
        for alignment in ("concurrent", "published"):
            first, last = (block["year"] + shift for shift in block[alignment])
            people = leavers[leavers["exit_year"].between(first, last)].copy()
            for name in CHARACTERISTICS:
                people[name] = as_factor(people[name], REFERENCE.get(name))
            for definition, horizon in cells(config):
                asked = (outcomes["definition"] == definition) & (outcomes["horizon"] == horizon)
                rows = outcomes[asked].merge(people, on="person_id")
                if len(rows):
                    rows["town_county"] = rows["municipality"].map(counties).fillna("unknown")
                    keys = {"wave": wave, "alignment": alignment, "definition": definition, "horizon": horizon}
                    parts.append(expected_in(rows, minimum).reset_index().assign(**keys))
    pd.concat(parts).to_csv(folder / "usual" / "standardised.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
