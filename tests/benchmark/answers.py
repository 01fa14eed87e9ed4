"""What the contestants answered, in one form, and where they differ: a fast wrong answer is no contestant."""

from pathlib import Path

import pandas as pd

KEY = ["person_id", "horizon"]
FILES = {
    "usual pandas": "usual_pandas.csv",
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


def shares_differing(folder: Path) -> int:
    """Cells (year of leaving, horizon, sex) whose counts by the usual way are not those of the pipeline's outcomes."""
    ours = read_answer(folder / "answers" / "pipeline.parquet").reset_index()
    leavers = pd.read_csv(folder / "clean" / "leavers.csv", dtype={"person_id": str})
    rows = ours.merge(leavers, on="person_id").assign(success=lambda d: d["status"].isin(["11", "15", "05"]))
    cell = ["exit_year", "horizon", "sex"]
    counts = rows.groupby(cell)["success"].agg(n="size", successes="sum")
    usual = pd.read_csv(folder / "answers" / "usual_pandas_shares.csv").set_index(cell)
    both = counts.join(usual, how="outer", rsuffix="_usual")
    return int(((both["n"] != both["n_usual"]) | (both["successes"] != both["successes_usual"])).sum())
