"""Published national figures (``data/published/figures.csv``): one share a cohort, horizon and sex.

Where several publications give the same share, the one with the number of persons goes first, then Statistics Norway's
own pages. The first-published one-year series (before the revision of the 2007-2010 leavers) is kept apart.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.displays.context import Context
from introprog.intervals import wilson

SUCCESS = "employed_or_education_total"
GROUPS = ("status_1y_national", "status_by_horizon_national")


def single_years(published: pd.DataFrame) -> pd.DataFrame:
    """Rows for one leaving year, one horizon and all ages and backgrounds, with numeric keys and ``persons``."""
    whole = (
        (published["municipality_code"] == "")
        & (published["age"] == "all")
        & (published["country_background"] == "all")
    )
    exact = published["exit_year"].str.fullmatch(r"\d{4}") & published["horizon_years"].str.fullmatch(r"\d+")
    rows = published[whole & exact].copy()
    rows["exit_year"] = rows["exit_year"].astype("int64")
    rows["horizon"] = rows["horizon_years"].astype("int64")
    rows["persons"] = pd.to_numeric(rows["n"], errors="coerce").astype("Int64")
    return rows


def national_shares(published: pd.DataFrame, settings: Mapping) -> pd.DataFrame:
    """``exit_year, horizon, sex, series, n, share, ci_low, ci_high, source_key``, one row a cohort, horizon and sex.

    ``share`` is the published percentage (whole per cent) as 0-1; the interval is Wilson's at the published n.
    """
    rows = single_years(published)
    rows = rows[rows["table_group"].isin(GROUPS) & (rows["category"] == SUCCESS) & (rows["unit"] == "percent")].copy()
    first = rows["note"].str.startswith("first-published")
    # the same early figures also stand in sources without that note; at one year the revised series starts in 2010
    first |= (rows["horizon"] == 1) & (rows["exit_year"] < 2010)
    rows["series"] = np.where(first, "first_published", "official")
    rows["rank"] = rows["persons"].isna().astype(int) * 2 + (~rows["source_key"].str.startswith("ssb")).astype(int)
    keys = ["exit_year", "horizon", "sex"]
    rows = rows.sort_values([*keys, "rank", "source_key"], kind="stable").drop_duplicates(keys)
    rows["share"] = rows["value"] / 100
    rows["ci_low"], rows["ci_high"] = wilson(
        rows["share"] * rows["persons"].astype("Float64"), rows["persons"], settings["study"]["confidence"]
    )
    return rows.assign(n=rows["persons"])[
        [*keys, "series", "n", "share", "ci_low", "ci_high", "source_key"]
    ].reset_index(drop=True)


def sources_text(keys: pd.Series, context: Context) -> str:
    """The source line: publishers and the keys of ``data/published/sources.csv``."""
    names = ", ".join(sorted(keys.dropna().unique()))
    text = {
        "nb": f"Publiserte tall fra Statistisk sentralbyrå og IMDi, delvis gjengitt av andre "
        f"(data/published/sources.csv: {names})",
        "en": f"Published figures of Statistics Norway and IMDi, in part as quoted by others "
        f"(data/published/sources.csv: {names})",
    }
    return context.labels.pick(text)
