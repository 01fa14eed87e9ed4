"""A step of the usual way: who the leavers were, in three logits by formula, clustered on the municipality."""

import sys
from pathlib import Path

import pandas as pd
import statsmodels.api as sm  # noqa: F401 - as such scripts begin
import statsmodels.formula.api as smf
import yaml

ROOT = Path(__file__).parents[3]
REFERENCE = {"sex": "men", "age_group": "26-35", "schooling": "compulsory", "immigration_ground": "refuge"}
FACTORS = [*REFERENCE, "country_group", "centrality", "exit_year"]
MEASURES = {"measure_work": "04|06", "measure_school": "11"}


def gathered(folder: Path, years: list[int], horizon: int) -> pd.DataFrame:
    """Leavers of the years who are counted at the horizon, with what the models ask of them."""
    leavers = pd.read_parquet(folder / "clean" / "leavers.parquet").drop(columns=["municipality", "exit_year", "sex"])
    outcomes = pd.read_parquet(folder / "usual" / "outcomes.parquet")
    wanted = (outcomes["definition"] == "ssb_november") & (outcomes["horizon"] == horizon) & outcomes["in_denominator"]
    rows = outcomes[wanted & outcomes["exit_year"].between(*years)].merge(leavers, on="person_id")
    rows = rows.drop(columns=["centrality"], errors="ignore")
    towns = pd.read_parquet(folder / "clean" / "municipalities.parquet").rename(columns={"year": "exit_year"})
    towns = towns[["municipality", "exit_year", "unemployment", "centrality", "in_nav"]]
    rows = rows.merge(
        towns.astype({"exit_year": rows["exit_year"].dtype}), on=["municipality", "exit_year"], how="left"
    )
    for name, codes in MEASURES.items():
        rows[name] = rows["measures"].fillna("").str.contains(codes).astype(int)
    return rows.dropna(subset=["programme_months", "unemployment", "in_nav"])


def as_factor(values: pd.Series, reference: str | None) -> pd.Series:
    """A category with the reference first: the one named, else the most common; rare levels count with it."""
    text = values.astype("Int64") if pd.api.types.is_numeric_dtype(values) else values
    text = text.astype("string").fillna("unknown").astype(object)
    counts = text.value_counts()
    reference = reference if reference in counts.index else counts.index[0]
    levels = [reference, *sorted(set(counts.index[counts >= 10]) - {reference})]
    return pd.Categorical(text.where(text.isin(levels), reference), categories=levels)


def main(folder: Path) -> None:
    """Write ``usual/casemix.csv``."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    chosen = config["casemix"]
    rows = gathered(folder, config["comparison"]["exit_years"], chosen["horizon"])
    for name in FACTORS:
        rows[name] = as_factor(rows[name], REFERENCE.get(name))
    rows = rows.astype({"success": int, "in_nav": int})
    groups = rows["municipality"].astype("category").cat.codes
    tables, terms = [], ["exit_year"]
    for tier in ("person", "programme", "local"):
        terms += chosen[tier]
        fit = smf.logit("success ~ " + " + ".join(terms), rows).fit(
            cov_type="cluster", cov_kwds={"groups": groups}, disp=False
        )
        table = pd.DataFrame({"estimate": fit.params, "std_error": fit.bse})
        tables.append(table.rename_axis("term").reset_index().assign(model=tier))
    found = pd.concat(tables)
    found["term"] = found["term"].str.replace(r"\[T\.(.*)\]", r"=\1", regex=True).replace("Intercept", "constant")
    found.to_csv(folder / "usual" / "casemix.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
