"""What the contestants answered, in one form, and where they differ: a fast wrong answer is no contestant."""

import json
import pickle
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
    with errors, ordered logits and random intercepts to 1e-3; errors from other draws to a fifth; numbers of displays
    are the same bytes, and so are the files of rules that run as they are.
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
    found["specifications"] = specifications_differing(folder)
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
    found["displays"] = files_differing(folder, [one["numbers"] for one in listed.values()])
    jobs = pickle.loads((folder / "usual" / "jobs.pkl").read_bytes())
    found["own"] = files_differing(folder, [path for job in jobs.values() for path in job["output"]])
    return found | survey_differing(folder) | inference_differing(folder) | noise_differing(folder)


def files_differing(folder: Path, paths: list[str]) -> int:
    """How many files of the usual way are other bytes than those of the whole run."""
    return sum((folder / "usual" / path).read_bytes() != (folder / "run" / path).read_bytes() for path in paths)


def specifications_differing(folder: Path) -> int:
    """Specifications with another correlation or error, to 1e-5, or that one side lacks."""
    curve = pd.read_csv(folder / "run" / "results" / "models" / "association_specifications.csv")
    key, numbers = [*MODEL, "alignment", "adjustment", "weighting"], ["estimate", "std_error"]
    return _unlike(folder / "usual" / "specifications.csv", curve.dropna(subset="estimate"), key, numbers, 1e-5)


def survey_differing(folder: Path) -> dict[str, int]:
    """Answers whose weight or scores are not the pipeline's, and scales with another alpha or omega, to 1e-6."""
    results, key = folder / "run" / "results", ["wave", "response_id"]
    usual = pd.read_parquet(folder / "usual" / "scales.parquet")
    numbers = [n for n in usual if n not in (*key, "municipality", "sex", "age_group", "country_group")]
    ours = pd.read_parquet(results / "private" / "survey" / "scales.parquet", columns=[*key, *numbers])
    quality = pd.read_csv(results / "models" / "measurement.csv").query("construct != 'index'")
    usual.to_csv(folder / "usual" / "scales.csv", index=False)
    return {
        "scales": _unlike(folder / "usual" / "scales.csv", ours, key, numbers, 1e-6),
        "measurement": _unlike(
            folder / "usual" / "measurement.csv", quality, ["wave", "construct"], ["alpha", "omega"], 1e-6
        ),
    }


def inference_differing(folder: Path) -> dict[str, int]:
    """Models with another jackknife error (to 1e-6) or another p-value of the bootstrap (the draws are the same), and
    weighted ordered logits with another estimate, or error where the pipeline has that of CRV1, to 1e-3. Their
    jackknife is by one step in the pipeline and by fits in the usual way, so that errors agree to a twentieth.
    """
    models, key = pd.read_csv(folder / "run" / "results" / "models" / "association.csv"), [*MODEL, "model"]
    models = models.query("term == 'result_per_10_points' and not method.str.startswith('not')")
    files = (folder / "usual" / f"{name}.csv" for name in ("few_municipalities", "ordered", "ordered_jackknife"))
    few, ordered, without = files
    left_out = models[models["method"].str.endswith("CRV3")].rename(columns={"std_error": "jackknife"})
    drawn = models[models["method"].str.contains("wild cluster")].rename(columns={"p_value": "p_bootstrap"})
    logits = models[models["method"].str.contains("ordered logit, weighted")]
    usual = logits[logits["method"].str.endswith("CRV1")]
    return {
        "jackknife": _unlike(few, left_out, key, ["estimate", "jackknife"], 1e-6),
        "bootstrap": _unlike(few, drawn, key, ["p_bootstrap"], 1e-6),
        "ordered": _unlike(ordered, logits.drop_duplicates(key), key, ["estimate"], 1e-3),
        "ordered errors": _unlike(ordered, usual, key, ["std_error"], 1e-3, "right"),
        "ordered jackknife": int((~_ratio(without, logits, key).between(0.95, 1.05)).sum()),
    }


def _ratio(without: Path, logits: pd.DataFrame, key: list[str]) -> pd.Series:
    """Jackknife errors by fits without each municipality over those by one Newton step instead of each fit."""
    step = logits[logits["method"].str.endswith("jackknife")].set_index(key)["std_error"]
    refitted = pd.read_csv(without).set_index(key)["jackknife"]
    return refitted / step.reindex(refitted.index)


def noise_differing(folder: Path) -> dict[str, int]:
    """Rank correlations with another estimate (to 1e-6), or an error from other draws that is off by a fifth."""
    key = ["horizon", "horizon_other", "term"]
    ours = pd.read_csv(folder / "run" / "results" / "models" / "rank_correlation.csv")
    usual = folder / "usual" / "rank_correlation.csv"
    sides = [pd.read_csv(usual).set_index(key)["std_error"], ours.set_index(key)["std_error"]]
    ratio, unknown = sides[0] / sides[1], sides[0].isna() & sides[1].isna()
    return {
        "rank correlations": _unlike(usual, ours, key, ["estimate"], 1e-6),
        "their errors": int((~ratio.between(0.8, 1.25) & ~unknown).sum()),
    }


def _unlike(usual: Path, ours: pd.DataFrame, key: list[str], numbers: list[str], tolerance: float, how="outer") -> int:
    """Rows whose numbers differ by more than ``tolerance``, relative or absolute, or that one side lacks."""
    theirs = pd.read_csv(usual, dtype={"municipality": str, "response_id": str})
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
