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
SOURCE = ("source_key", "publisher", "publication_year", "source")
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


def with_sources(rows: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """``rows`` with ``publisher, publication_year`` and ``source`` (title) of their ``source_key`` beside it."""
    told = sources.set_index("source_key")
    publisher = told["publisher"].replace(r"^(Statistics Norway|.*\bSSB\b).*$", "SSB", regex=True)
    columns = {"publisher": publisher, "publication_year": told["year"], "source": told["title"]}
    return rows.assign(**{name: rows["source_key"].map(values) for name, values in columns.items()})


def sources_text(numbers: pd.DataFrame, context: Context) -> str:
    """The source line: publishers with the years of publication, those who quote them after them."""
    keys = numbers.drop_duplicates("source_key")
    first = [_cited(keys[keys["publisher"] == name], name, context) for name in ("SSB", "IMDi")]
    others = sorted(set(keys["publisher"].dropna()) - {"SSB", "IMDi"}, key=str.casefold)
    quoted = [_cited(keys[keys["publisher"] == name], name, context) for name in others]
    text = ", ".join(filter(None, first))
    if quoted:
        text += context.labels.pick({"nb": "; gjengitt av ", "en": "; as quoted by "}) + ", ".join(quoted)
    lists = {"nb": "alle kilder i data/published/sources.csv", "en": "all sources in data/published/sources.csv"}
    return f"{text}; {context.labels.pick(lists)}"


def _cited(keys: pd.DataFrame, publisher: str, context: Context) -> str:
    if keys.empty:
        return ""
    names = {"SSB": {"nb": "Statistisk sentralbyrå", "en": "Statistics Norway"}}
    years = ", ".join(sorted(set(keys["publication_year"].dropna().astype(str)) - {""}))
    bank = {"nb": ", statistikkbanken tabell 10824", "en": ", StatBank table 10824"}
    table = context.labels.pick(bank) if (keys["source_key"] == "ssb_statbank_10824").any() else ""
    name = context.labels.pick(names[publisher]) if publisher in names else publisher
    return f"{name} ({years}{table})" if years else name
