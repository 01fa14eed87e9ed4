"""polars' plain answer from the clean Parquet tables: lazy scans and joins, two threads."""

import os
import sys
from datetime import date
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import polars as pl
from study import HORIZONS

PRECEDENCE = ["21", "22", "32", "31", "33", "34"]


def answer(folder: Path) -> None:
    """Write the answer."""

    def scan(name: str) -> pl.LazyFrame:
        return pl.scan_parquet(folder / "clean" / f"{name}.parquet")

    key = ["person_id", "horizon"]
    far = pl.col("last_date").fill_null(date(2200, 1, 1))
    horizons = pl.LazyFrame({"horizon": list(HORIZONS)}, schema={"horizon": pl.Int32})
    moments = (
        scan("leavers")
        .filter("included")
        .select("person_id", "exit_year")
        .join(horizons, how="cross")
        .with_columns(year=pl.col("exit_year").cast(pl.Int32) + pl.col("horizon"))
        .filter(pl.col("year") <= 2023)
        .with_columns(day=pl.date("year", 11, 16))
        .with_columns(monday=pl.col("day").dt.truncate("1w"))
        .with_columns(sunday=pl.col("monday") + pl.duration(days=6))
    )
    residence = scan("residence").select("person_id", "first_date", far)
    covers = (pl.col("first_date") <= pl.col("day")) & (pl.col("last_date") >= pl.col("day"))
    here = moments.join(residence, on="person_id").filter(covers).unique(key).drop("first_date", "last_date").cache()

    def touching(name: str, *columns: str) -> pl.LazyFrame:
        spells = scan(name).select("person_id", "first_date", far, *columns)
        window = (pl.col("first_date") <= pl.col("sunday")) & (pl.col("last_date") >= pl.col("monday"))
        return here.join(spells, on="person_id").filter(window)

    job = touching("employment").select(key).unique().with_columns(job=True)
    course = touching("education").select(key).unique().with_columns(course=True)
    rank = pl.col("state").replace_strict(PRECEDENCE, list(range(6)), return_dtype=pl.Int8)
    nav = touching("welfare", "state").group_by(key).agg(pl.col("state").sort_by(rank).first())
    money = (
        scan("income")
        .group_by("person_id", pl.col("year").cast(pl.Int32))
        .agg(pl.col("social_assistance_months").max())
    )
    joined = here.join(job, on=key, how="left").join(course, on=key, how="left").join(nav, on=key, how="left")
    joined = joined.join(money, on=["person_id", "year"], how="left")
    assisted = pl.col("social_assistance_months")
    status = (
        pl.when(pl.col("job") & pl.col("course"))
        .then(pl.lit("15"))
        .when(pl.col("job"))
        .then(pl.lit("11"))
        .when(pl.col("course"))
        .then(pl.lit("05"))
        .when(pl.col("state").is_not_null())
        .then(pl.col("state"))
        .when(assisted > 0)
        .then(pl.lit("35"))
        .when(assisted.is_not_null())
        .then(pl.lit("80"))
        .otherwise(pl.lit("08"))
    )
    joined.select(*key, status=status).collect().write_parquet(folder / "answers" / "polars.parquet")


if __name__ == "__main__":
    answer(Path(sys.argv[1]))
