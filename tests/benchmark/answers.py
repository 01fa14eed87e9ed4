"""What the contestants answered, in one form, and where they differ: a fast wrong answer is no contestant."""

import json
from pathlib import Path

import pandas as pd

MODEL = ["wave", "construct", "definition", "horizon"]
KEY = ["person_id", "horizon"]
FILES = {
    "data.table": "data_table.csv",
    "DuckDB": "duckdb.parquet",
    "polars": "polars.parquet",
}


def read_answer(path: Path) -> pd.Series:
    """Status by person and horizon, sorted, of those that have one."""
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str)
    frame = frame[frame["status"].notna() & (frame["status"] != "nan")].astype({"horizon": int})
    return frame.astype({"person_id": str, "status": str}).set_index(KEY)["status"].sort_index()


def differing(folder: Path) -> dict[str, int]:
    """Rows of each contestant that are not the pipeline's, or lacking; contestants that did not run are left out."""
    ours = read_answer(folder / "answers" / "pipeline.parquet")
    found = {}
    for name, file in FILES.items():
        if (folder / "answers" / file).is_file():
            theirs = read_answer(folder / "answers" / file)
            both = pd.concat([ours, theirs], axis=1, keys=["ours", "theirs"])
            found[name] = int((both["ours"] != both["theirs"]).sum())
    return found


def usual_differing(folder: Path) -> dict[str, int]:
    """Rows of each step of the usual way that are not the pipeline's, or lacking; empty where it did not run.

    Outcomes, months and the panel must be equal row for row; estimates agree as far as their optimisers go: to 1e-6
    with errors, ordered logits and random intercepts to 1e-3; numbers of displays are the same bytes.
    """
    if not (folder / "usual" / "steps.csv").is_file():
        return {}
    models = folder / "run" / "results" / "models"
    found = {"usual outcomes": outcomes_differing(folder), "usual months": months_differing(folder)}
    found["panel"] = _panel_differing(folder)
    estimates = pd.read_csv(models / "association.csv").query("term == 'result_per_10_points'")
    first = estimates[~estimates["method"].str.startswith("not")].drop_duplicates([*MODEL, "model"])
    found["satisfaction"] = _unlike(folder / "usual" / "models.csv", first, [*MODEL, "model"], ["estimate"], 1e-3)
    usual = estimates[estimates["method"].str.endswith(("CRV1", "classical"))]
    found["clustered"] = _unlike(
        folder / "usual" / "models.csv", usual, [*MODEL, "model"], ["std_error"], 1e-3, "right"
    )
    curve = pd.read_csv(models / "association_specifications.csv").dropna(subset="estimate")
    curve = curve[(curve["adjustment"] == "none") & (curve["weighting"] != "precise")]
    key = [*MODEL, "alignment", "weighting"]
    found["specifications"] = _unlike(
        folder / "usual" / "specifications.csv", curve, key, ["estimate", "std_error"], 1e-5
    )
    logits = pd.read_csv(models / "casemix.csv")
    logits = logits[logits["method"].str.startswith("logit, clustered")]
    found["casemix"] = _unlike(
        folder / "usual" / "casemix.csv", logits, ["model", "term"], ["estimate", "std_error"], 1e-6
    )
    standard = pd.read_parquet(folder / "run" / "results" / "private" / "models" / "standardised_results.parquet")
    key = ["wave", "alignment", "definition", "horizon", "municipality"]
    numbers = ["successes", "expected", "rate"]
    found["standardise"] = _unlike(folder / "usual" / "standardised.csv", standard, key, numbers, 1e-5)
    listed = json.loads((folder / "usual" / "displays.json").read_text(encoding="utf-8"))
    twins = [one["numbers"] for one in listed.values()]
    found["displays"] = sum((folder / "usual" / p).read_bytes() != (folder / "run" / p).read_bytes() for p in twins)
    return found


def _unlike(usual: Path, ours: pd.DataFrame, key: list[str], numbers: list[str], tolerance: float, how="outer") -> int:
    """Rows whose numbers differ by more than ``tolerance``, relative or absolute, or that one side lacks."""
    theirs = pd.read_csv(usual, dtype={"municipality": str})
    ours = ours[[*key, *numbers]].astype({name: "object" for name in key if ours[name].dtype != "int64"})
    theirs = theirs.astype({name: "object" for name in key if theirs[name].dtype != "int64"})
    both = theirs[[*key, *numbers]].merge(ours.astype({n: "int64" for n in key if n == "horizon"}), on=key, how=how,
                                          suffixes=("", "_ours"))  # fmt: skip
    both = both[both["model"].isin(set(theirs["model"]))] if "model" in key else both
    wrong = pd.Series(False, index=both.index)
    for name in numbers:
        one, other = both[name].astype(float), both[f"{name}_ours"].astype(float)
        near = (one - other).abs() <= tolerance * other.abs().clip(lower=1)
        wrong |= ~(near | (one.isna() & other.isna()))
    return int(wrong.sum())


def _same(one: pd.Series, other: pd.Series) -> pd.Series:
    return (one.isna() & other.isna()) | one.eq(other).fillna(False).astype(bool)


def outcomes_differing(folder: Path, theirs: Path | None = None) -> int:
    """Persons, definitions and horizons of the usual way, or of another file, that are other than in the pipeline's
    outcomes.
    """
    key, values = ["person_id", "definition", "horizon"], ["status", "success", "in_denominator", "municipality"]
    sides = []
    for path in (theirs or folder / "usual" / "outcomes.parquet", folder / "answers" / "outcomes.parquet"):
        rows = _rows(path, [*key, *values]).astype(dict.fromkeys(["person_id", "definition"], "str"))
        sides.append(rows.astype({"status": "str", "municipality": "str", "success": "boolean", "horizon": int}))
    both = sides[0].merge(sides[1], on=key, how="outer", suffixes=("", "_ours"), indicator=True)
    right = both["_merge"] == "both"
    for name in values:
        right &= _same(both[name], both[f"{name}_ours"])
    return int((~right).sum())


def _rows(path: Path, columns: list[str]) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path, columns=columns)
    flags = dict.fromkeys(["success", "in_denominator"], "boolean")
    text = dict.fromkeys(["person_id", "definition", "status", "municipality"], "str")
    return pd.read_csv(path, usecols=columns, dtype=text | flags)


def months_differing(folder: Path, theirs: Path | None = None) -> int:
    """Persons with another state in some month; of the usual way, or of another file."""
    ours = pd.read_parquet(folder / "answers" / "states.parquet").set_index("person_id").sort_index()
    if theirs is None:
        other = pd.read_parquet(folder / "usual" / "states.parquet")
    else:
        other = pd.read_csv(theirs, dtype={"person_id": str})
    other = other.set_index("person_id").sort_index()
    if not other.index.equals(ours.index) or list(other) != list(ours):
        return len(ours)
    return int((other.to_numpy() != ours.to_numpy()).any(axis=1).sum())


def followed_differing(folder: Path) -> dict[str, int]:
    """Rows of data.table's outcomes and months that are not the pipeline's, or lacking; empty where it did not run."""
    outcomes, states = (folder / "answers" / f"data_table_{name}.csv" for name in ("outcomes", "states"))
    if not outcomes.is_file():
        return {}
    return {"outcomes": outcomes_differing(folder, outcomes), "months": months_differing(folder, states)}


def _panel_differing(folder: Path) -> int:
    key = ["municipality", "exit_year", "horizon", "definition", "sex"]
    ours = pd.read_parquet(folder / "run" / "results" / "private" / "panel" / "municipality_panel.parquet")
    usual = pd.read_csv(folder / "usual" / "panel.csv", dtype={"municipality": str})
    sides = [side.astype({n: "object" for n in ("municipality", "definition", "sex")}) for side in (usual, ours)]
    both = sides[0].merge(sides[1].astype({"exit_year": "int64", "horizon": "int64"}), on=key, how="outer",
                          suffixes=("", "_ours"))  # fmt: skip
    return int((~(_same(both["n"], both["n_ours"]) & _same(both["successes"], both["successes_ours"]))).sum())
