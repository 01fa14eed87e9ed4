"""polars' plain answer from the raw rows as typed Parquet: lazy scans and joins, two threads."""

import os
import sys
from datetime import date
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import polars as pl
from study import HORIZONS

STATES = ["HELT_LEDIG", "TILTAK", "NEDSATT_TILTAK", "AAP", "HELSE", "KONTANT_OVERGANG"]
CODES = ["21", "22", "32", "31", "33", "34"]


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

    def raw(name: str) -> pl.LazyFrame:
        return pl.scan_parquet(folder / "parquet" / f"{name}.parquet").rename({"lopenr": "person_id"})

    def touching(spells: pl.LazyFrame, first: str, last: pl.Expr) -> pl.LazyFrame:
        spells = spells.select("person_id", first_date=first, last_date=last)
        window = (pl.col("first_date") <= pl.col("sunday")) & (pl.col("last_date") >= pl.col("monday"))
        window &= pl.col("last_date") >= pl.col("first_date")
        return here.join(spells, on="person_id").filter(window)

    def in_november(name: str, *columns: str) -> pl.LazyFrame:
        rows = raw(name).filter(pl.col("periode") % 100 == 11)
        return rows.select("person_id", *columns, year=pl.col("periode") // 100)

    open_job = pl.col("stoppdato").fill_null(pl.date(pl.col("startdato").dt.year(), 12, 31))
    months = here.join(in_november("ameld_*").unique(), on=["person_id", "year"]).select(key)
    spells = touching(raw("atmlto_*"), "startdato", open_job).select(key)
    job = pl.concat([months, spells]).unique().with_columns(job=True)
    far_end = pl.col("til_dato").fill_null(date(2200, 1, 1))
    course = touching(raw("utdanning_kurs"), "fra_dato", far_end).select(key).unique().with_columns(course=True)
    rank = pl.col("tilstand").replace_strict(STATES, list(range(6)), return_dtype=pl.Int8)
    nav = in_november("nav_*", "tilstand").group_by("person_id", "year").agg(rank.min().alias("rank"))
    nav = here.join(nav, on=["person_id", "year"])
    nav = nav.select(*key, state=pl.col("rank").replace_strict(list(range(6)), CODES, return_dtype=pl.String))
    money = (
        raw("inntekt")
        .group_by("person_id", pl.col("aar").cast(pl.Int32).alias("year"))
        .agg(pl.col("sosialhjelp_mnd").max().alias("social_assistance_months"))
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
