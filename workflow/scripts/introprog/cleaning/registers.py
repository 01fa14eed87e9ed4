"""Persons, residence, education, welfare and income: from typed raw columns to the clean tables of docs/contracts.md.

Common rules: a row that is there twice is dropped (D1); of rows with the same key and other content one is kept (D2); a
spell that ends before it begins is dropped (S1). Monthly states become spells of consecutive months.

The index of a raw frame is kept until its rows have been judged: ``origin`` turns it into row numbers of the files.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.monthly_states import StateMonths, of_rows
from introprog.cleaning.municipality_codes import to_vintage
from introprog.cleaning.quality import QualityLog
from introprog.readers.origin import Origin
from introprog.tabular import increases

UNKNOWN_ORIGIN = Origin()
DUPLICATED = "was a file put in twice, or are two extracts in one file?"


def drop_duplicates(
    frame: pd.DataFrame,
    key: Sequence[str],
    log: QualityLog,
    table: str,
    years: pd.Series | None = None,
    origin: Origin = UNKNOWN_ORIGIN,
    others: int = 0,
) -> pd.DataFrame:
    """Drop rows that are there twice (D1), then rows with the same ``key`` (D2); the first in the order given stays.

    ``others`` counts rows of the table that are not in ``frame`` because no other has their key. The index is kept. The
    row numbers told are those of the rows dropped; of like rows, those of the later ones.
    """
    year = pd.Series(np.nan, index=frame.index) if years is None else years
    sound = increases(frame, key)
    several = np.zeros(len(frame), dtype=bool) if sound else frame.duplicated(list(key), keep=False).to_numpy()
    for rule, columns in (("D1", list(frame.columns)), ("D2", list(key))):
        twice = several.copy()
        twice[several] = frame[several].duplicated(columns).to_numpy()
        places = later(frame[several], columns) if rule == "D1" else frame.index[twice]
        total = len(frame) + others
        log.judge_count(origin.name(table), rule, int(twice.sum()), total, hint=DUPLICATED, rows=origin.rows(places))
        log.note(table, rule, year[twice], rows=origin.examples(places))
        if twice.any():
            frame, year, several = frame[~twice], year[~twice], several[~twice]
    return frame


def later(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Index:
    """The places of rows that stand before in the extract with the same content, whatever the order is now."""
    ordered = frame.sort_index()
    return ordered.index[ordered.duplicated(list(columns)).to_numpy()]


def drop_reversed(frame: pd.DataFrame, log: QualityLog, table: str, origin: Origin = UNKNOWN_ORIGIN) -> pd.DataFrame:
    """Drop spells whose ``last_date`` is before their ``first_date`` (S1); the index is kept."""
    wrong = (frame["last_date"] < frame["first_date"]).to_numpy()
    places, dates = frame.index[wrong], two_dates(frame["first_date"], frame["last_date"], wrong)
    hint = "are the two date columns exchanged, or day and month?"
    log.judge(f"{origin.name(table)}, dates", "S1", wrong, dates, hint=hint, rows=origin.rows(places))
    log.note(table, "S1", frame.loc[wrong, "first_date"].dt.year, rows=origin.examples(places))
    return frame[~wrong]


def two_dates(first: pd.Series, last: pd.Series, shown: np.ndarray) -> pd.Series:
    """The spells marked in ``shown`` as texts, the others missing."""
    texts = pd.Series(None, index=first.index, dtype="str")
    chosen = np.flatnonzero(shown)
    if len(chosen):
        form = "%Y-%m-%d"
        parts = [dates.iloc[chosen].dt.strftime(form).fillna("open") for dates in (first, last)]
        texts.iloc[chosen] = parts[0] + " to " + parts[1]
    return texts


def clean_persons(
    demography: pd.DataFrame,
    levels: pd.DataFrame,
    first_starts: pd.Series,
    country_groups: pd.Series,
    schooling_levels: pd.Series,
    log: QualityLog,
    origin: Origin = UNKNOWN_ORIGIN,
) -> pd.DataFrame:
    """One row a person with fixed traits and schooling at the first programme start.

    ``first_starts`` is the first start date by person; a person who never started has the last schooling registered.
    ``country_groups`` and ``schooling_levels`` are the code lists of ``codebook.load_country_groups`` and
    ``load_schooling_levels``.
    """
    persons = drop_duplicates(demography, ["person_id"], log, "persons", origin=origin)
    group = persons["birth_country"].map(country_groups)
    ungrouped = (persons["birth_country"].notna() & group.isna()).to_numpy()
    places, where = persons.index[ungrouped], f"{origin.name('demografi')}, fodeland"
    expected = "a code in country_groups.csv"
    log.judge(where, "R1", ungrouped, persons["birth_country"], expected, rows=origin.rows(places))
    log.note("persons", "R1", n=int(ungrouped.sum()), what="fodeland", rows=origin.examples(places))
    persons, group = persons.reset_index(drop=True), group.reset_index(drop=True)
    schooling = _schooling_at(levels, first_starts, schooling_levels)
    return pd.DataFrame(
        {
            "person_id": persons["person_id"],
            "sex": persons["sex"],
            "birth_year": (persons["birth_month"] // 100).astype("Int16"),
            "birth_month": (persons["birth_month"] % 100).astype("Int8"),
            "birth_country": persons["birth_country"],
            "country_group": group.astype("str"),
            "immigration_ground": persons["immigration_ground"],
            "settlement_date": persons["settlement_date"],
            "death_date": persons["death_date"],
            "schooling": persons["person_id"].map(schooling).fillna("unknown").astype("str"),
        }
    )


def _schooling_at(levels: pd.DataFrame, first_starts: pd.Series, schooling_levels: pd.Series) -> pd.Series:
    start = first_starts.reindex(levels["person_id"]).set_axis(levels.index)
    valid = levels["nus2000"].notna() & (levels["valid_from"].isna() | start.isna() | (levels["valid_from"] <= start))
    known = levels[valid].sort_values(["person_id", "valid_from", "nus2000"], na_position="first", kind="stable")
    last = known.drop_duplicates("person_id", keep="last").set_index("person_id")["nus2000"]
    return last.str[0].astype("int64").map(schooling_levels)


def clean_residence(
    raw: pd.DataFrame, mapping: pd.DataFrame, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN
) -> pd.DataFrame:
    """Residence spells that never overlap, with the municipality at the target vintage.

    Where two spells of a person overlap, the earlier ends the day before the later begins (S2; an overlap of one day,
    the day of moving, is not counted). Splits are settled by the person's other spells.
    """
    order = ["person_id", "first_date", "last_date"]
    raw = raw.assign(end_reason=raw["end_reason"].fillna(""))
    raw = drop_reversed(raw, log, "residence", origin).sort_values(order, na_position="last", kind="stable")
    raw = raw.iloc[::-1]
    spells = drop_duplicates(raw, ["person_id", "first_date"], log, "residence", raw["first_date"].dt.year, origin)
    spells = spells.iloc[::-1]
    following = spells["first_date"].shift(-1).where(spells["person_id"] == spells["person_id"].shift(-1))
    overlap = following.notna() & (spells["last_date"].isna() | (spells["last_date"] >= following))
    long = overlap & ~(spells["last_date"] == following)
    places, dates = spells.index[long], two_dates(spells["first_date"], spells["last_date"], long.to_numpy())
    where = f"{origin.name('residence')}, dates"
    log.judge(where, "S2", long.to_numpy(), dates, "one residence at a time", rows=origin.rows(places))
    log.note("residence", "S2", spells.loc[long, "first_date"].dt.year, rows=origin.examples(places))
    spells["last_date"] = spells["last_date"].mask(overlap, following - pd.Timedelta(days=1))
    split = mapping.loc[mapping.duplicated("code"), "code"]
    unsplit = spells[~spells["municipality_source"].isin(split)]
    targets = mapping.drop_duplicates("code").set_index("code")["target"]
    certain = unsplit.assign(municipality=unsplit["municipality_source"].map(targets))
    spells["municipality"] = to_vintage(spells, mapping, log, "residence", "first_date", certain, origin)
    columns = ["person_id", "first_date", "last_date", "municipality", "municipality_source", "end_reason"]
    return spells[columns].reset_index(drop=True)


def clean_education(raw: pd.DataFrame, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN) -> pd.DataFrame:
    """Education spells with NUS2000 and its level 0-9; of equal starts the spell that lasts longest stays."""
    raw = drop_reversed(raw, log, "education", origin)
    far = raw["last_date"].fillna(pd.Timestamp("2200-01-01"))
    raw = raw.assign(far=far).sort_values(
        ["person_id", "first_date", "nus2000", "far"], ascending=[True, True, True, False]
    )
    key, years = ["person_id", "first_date", "nus2000"], raw["first_date"].dt.year
    spells = drop_duplicates(raw.drop(columns="far"), key, log, "education", years, origin).reset_index(drop=True)
    level = spells["nus2000"].str[0].astype("int8")
    return spells.assign(level=level)[["person_id", "first_date", "last_date", "nus2000", "level"]]


def clean_welfare(raw: pd.DataFrame | StateMonths, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN) -> pd.DataFrame:
    """Spells of consecutive months in the same state, from monthly rows ``person_id, period, state, file_year``."""
    table = welfare_spells(raw, log, origin)
    names, states = (pd.Series(table[name].chunk(0).dictionary, dtype="str") for name in ("person_id", "state"))
    who, what = (table[name].chunk(0).indices.to_numpy() for name in ("person_id", "state"))
    dates = {name: table[name].to_numpy().astype("datetime64[s]") for name in ("first_date", "last_date")}
    return pd.DataFrame({"person_id": names.array.take(who), **dates, "state": states.array.take(what)})


def welfare_spells(raw: pd.DataFrame | StateMonths, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN) -> pa.Table:
    """The same as an Arrow table, persons and states as dictionaries in order; what ``raw`` holds is given up."""
    if isinstance(raw, pd.DataFrame):
        raw = drop_other_years(raw, log, "welfare", origin)
        raw = of_rows(raw["person_id"], raw["state"], month_number(raw["period"]), raw.index)
    again, month = raw.repeated()
    where = origin.name("welfare")
    log.judge_count(where, "D1", len(again), raw.rows, hint=DUPLICATED, rows=origin.rows(again))
    log.note("welfare", "D1", month // 12, rows=origin.examples(again))
    persons, who, states, what, first, last = raw.spells()
    calendar = np.arange(int(last.max(initial=0)) + 1)
    days = (day(calendar).astype("datetime64[D]").astype("int32") for day in (first_day, last_day))
    first_date, last_date = (pa.array(day[month]).view(pa.date32()) for day, month in zip(days, (first, last)))
    return pa.table(
        {
            "person_id": pa.DictionaryArray.from_arrays(who, persons),
            "first_date": first_date,
            "last_date": last_date,
            "state": pa.DictionaryArray.from_arrays(what, states),
        }
    )


def drop_other_years(raw: pd.DataFrame, log: QualityLog, table: str, origin: Origin = UNKNOWN_ORIGIN) -> pd.DataFrame:
    """Drop monthly rows whose period is not of the year of their file (E2); one file of all years has none."""
    if "file_year" not in raw:
        return raw
    stray = (raw["period"] // 100 != raw["file_year"]).to_numpy()
    if not stray.any():
        return raw
    where, places = f"{origin.name(table)}, periode", raw.index[stray]
    log.judge(where, "E2", stray, raw["period"], "months of the file's year", rows=origin.rows(places))
    log.note(table, "E2", raw.loc[stray, "file_year"], rows=origin.examples(places))
    return raw[~stray]


def month_number(period: pd.Series) -> np.ndarray:
    """Months since year 0 from YYYYMM, so that consecutive months differ by one."""
    value = period.to_numpy(dtype="int64")
    return value // 100 * 12 + value % 100 - 1


def first_day(month: np.ndarray) -> np.ndarray:
    """First day of months since year 0, as ``datetime64[s]``."""
    return (month - 1970 * 12).astype("datetime64[M]").astype("datetime64[s]")


def last_day(month: np.ndarray) -> np.ndarray:
    """Last day of months since year 0, as ``datetime64[s]``."""
    return ((month + 1 - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]") - 1).astype("datetime64[s]")
