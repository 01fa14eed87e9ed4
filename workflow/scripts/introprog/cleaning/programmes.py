"""Programmes from their two registers: yearly 11B records (to 2016) and NIR participations (from 2017).

Every row becomes a record of one form. Records of the same person and start date are one programme: the last record
gives end, end cause and municipality, measures and benefit months are gathered from all. A programme that ends because
the person moved, and another that starts within 90 days, are one programme; so are one that was never closed and the
next start, when the first was still reported the year before. A start after leaving is a programme of its own. Where
the end is before the start, the person's other rows may tell which date is wrong; else the end is not believed, and
the person has not observably left.
"""

import numpy as np
import pandas as pd

from introprog.cleaning.municipality_codes import to_vintage
from introprog.cleaning.programme_records import (
    MEASURES,
    NIR_ORDER,
    count_bits,
    known_starts,
    kostra_records,
    nir_records,
)
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import UNKNOWN_ORIGIN
from introprog.readers.origin import Origin, joined

TRANSFER_DAYS = 90
AGES = (18, 67)


def clean_programmes(
    kostra: pd.DataFrame,
    nir: pd.DataFrame,
    nir_measures: pd.DataFrame,
    persons: pd.DataFrame,
    residence: pd.DataFrame,
    mapping: pd.DataFrame,
    last_year: int,
    log: QualityLog,
    form_origin: Origin = UNKNOWN_ORIGIN,
    register_origin: Origin = UNKNOWN_ORIGIN,
) -> pd.DataFrame:
    """One row a programme (docs/contracts.md, ``programmes``).

    ``kostra``, ``nir`` and ``nir_measures`` are typed extracts; ``persons`` and ``residence`` clean tables;
    ``mapping`` the result of ``municipality_codes.code_map``; ``last_year`` the last year of the data. The
    two origins turn the index of ``kostra`` and ``nir`` into row numbers.
    """
    starts = known_starts(kostra, nir)
    origin, before = joined(form_origin, register_origin), form_origin.size or len(kostra)
    forms = kostra_records(kostra, starts, log, form_origin)
    register = nir_records(nir, nir_measures, starts, log, register_origin)
    records = pd.concat([forms, register.set_axis(register.index + before)])
    late = records["end_date"] > pd.Timestamp(last_year, 12, 31)
    places, where = records.index[late], f"{origin.name('programmes')}, end date"
    expected = f"not after {last_year}"
    log.judge(where, "P10", late.to_numpy(), records["end_date"], expected, rows=origin.rows(places))
    log.note("programmes", "P10", records.loc[late, "start_date"].dt.year, rows=origin.examples(places))
    records["municipality"] = to_vintage(records, mapping, log, "programmes", "as_of", residence, origin)
    programmes = chain(one_row_a_start(records.assign(place=records.index), log, origin), log, origin)
    _flag(programmes, persons, log, origin)
    columns = ["person_id", "start_date", "end_date", "municipality", "municipality_source", "end_cause", "source"]
    return programmes[[*columns, "benefit_months", "measures", "measure_hours"]]


def one_row_a_start(records: pd.DataFrame, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN) -> pd.DataFrame:
    """Join the records of the same person and start date; the last one gives end, cause and municipality.

    Within a year the record of a person who moved away comes first. Adds ``order`` (last reporting year; 9999 = NIR),
    ``bits`` (measures) and ``benefit_months`` (months with the benefit over all 11B years; null without 11B). Column
    ``place`` is what ``origin`` turns into row numbers: here that of the last record.
    """
    records = records.assign(stayed=records["end_cause"].ne("moved"))
    order = ["person_id", "start_date", "order", "stayed", "last_month", "end_date", "municipality_source"]
    records = records.sort_values(order, na_position="last", kind="stable", ignore_index=True)
    same_start = _same_as_before(records, ["person_id", "start_date"])
    same_year = same_start & _same_as_before(records, ["order"])
    moved = same_year & ~_same_as_before(records, ["municipality_source"])
    year = records["order"].where(records["order"] < NIR_ORDER, records["start_date"].dt.year)
    log.note("programmes", "P1", year[moved], rows=origin.examples(records.loc[moved, "place"]))
    both = same_start & ~_same_as_before(records, ["source"])
    rows = origin.examples(records.loc[both, "place"])
    log.note("programmes", "P11", records.loc[both, "start_date"].dt.year, rows=rows)
    if records.empty:
        return records.assign(bits=0, benefit_months=pd.array([], "Int16"))
    first = np.flatnonzero(~same_start)
    last = np.append(first[1:], len(records)) - 1
    result = records.iloc[last].reset_index(drop=True)
    group = np.cumsum(~same_start) - 1
    places = records[["municipality", "municipality_source"]].groupby(group).last()
    return result.assign(
        municipality=places["municipality"],
        municipality_source=places["municipality_source"],
        bits=np.bitwise_or.reduceat(records["measures"].to_numpy(dtype="int64"), first),
        benefit_months=_benefit_months(records, same_year, group),
        measure_hours=records["measure_hours"].groupby(group).last(),
    )


def _benefit_months(records: pd.DataFrame, same_year: np.ndarray, group: np.ndarray) -> pd.Series:
    years = np.flatnonzero(~same_year)
    known = records["months"].to_numpy()[years] >= 0
    months = np.bitwise_or.reduceat(np.maximum(records["months"].to_numpy(dtype="int64"), 0), years)
    counted = pd.Series(count_bits(months), dtype="Int16").where(pd.Series(known))
    return counted.groupby(group[years]).sum(min_count=1).astype("Int16")


def chain(programmes: pd.DataFrame, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN) -> pd.DataFrame:
    """Join a programme to the one before it where the person moved and went on, or the first was never closed.

    Takes the result of ``one_row_a_start``, sorted by person and start. Counts P5 (moved), P8 (never closed), P6
    (overlap) and P7 (restart); the two last stay programmes of their own.
    """
    before = programmes.shift(1)
    same = programmes["person_id"].eq(before["person_id"])
    start, end = programmes["start_date"], before["end_date"]
    year = start.dt.year
    transfer = same & before["end_cause"].eq("moved") & (end.isna() | (start <= end + pd.Timedelta(days=TRANSFER_DAYS)))
    reported = before["order"].fillna(0) + 1 >= year
    unclosed = same & end.isna() & before["end_cause"].isna() & reported
    linked = (transfer | unclosed).to_numpy()
    overlaps, restarts = same & ~linked & (start <= end), same & ~linked & (start > end)
    for rule, rows in (("P5", transfer), ("P8", unclosed), ("P6", overlaps), ("P7", restarts)):
        log.note("programmes", rule, year[rows], rows=origin.examples(programmes.loc[rows, "place"]))
    if programmes.empty:
        return programmes.assign(measures=pd.array([], "str"))
    first = np.flatnonzero(~linked)
    last = np.append(first[1:], len(programmes)) - 1
    group = np.cumsum(~linked) - 1
    gathered = programmes.groupby(group)
    bits = np.bitwise_or.reduceat(programmes["bits"].to_numpy(), first)
    result = programmes.iloc[last].reset_index(drop=True)
    return result.assign(
        start_date=start.iloc[first].to_numpy(),
        municipality=gathered["municipality"].last(),
        municipality_source=gathered["municipality_source"].last(),
        measures=_measure_text(bits),
        benefit_months=gathered["benefit_months"].sum(min_count=1).astype("Int16"),
        measure_hours=gathered["measure_hours"].last().astype("float64"),
    )


def _flag(programmes: pd.DataFrame, persons: pd.DataFrame, log: QualityLog, origin: Origin) -> None:
    age = age_at(programmes["start_date"], programmes["person_id"], persons)
    ended, started = (programmes[name].dt.year for name in ("end_date", "start_date"))
    flags = {
        "P2": (programmes["end_cause"].eq("missing"), ended),
        "P3": (programmes["end_cause"].eq("auto_closed"), ended),
        "K21": (age < AGES[0], started),
        "K22": (age > AGES[1], started),
    }
    for rule, (flagged, year) in flags.items():
        rows = flagged.to_numpy()
        log.note("programmes", rule, year[rows], rows=origin.examples(programmes.loc[rows, "place"]))


def age_at(dates: pd.Series, person_ids: pd.Series, persons: pd.DataFrame) -> pd.Series:
    """Age in full years at ``dates``, by month (a birthday counts from the first of its month); NaN when unknown."""
    birth = persons.set_index("person_id")[["birth_year", "birth_month"]].astype("float64")
    born = (birth["birth_year"] * 12 + birth["birth_month"]).reindex(person_ids).to_numpy()
    months = dates.dt.year * 12 + dates.dt.month - born
    return months // 12


def _same_as_before(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    same = np.ones(len(frame), dtype=bool)
    same[:1] = False
    for name in columns:
        values, before = frame[name], frame[name].shift(1)
        same &= ((values == before).fillna(False).astype(bool) | (values.isna() & before.isna())).to_numpy()
    return same


def _measure_text(bits: np.ndarray) -> pd.Series:
    known, inverse = np.unique(bits, return_inverse=True)
    texts = ["+".join(code for place, code in enumerate(MEASURES) if value >> place & 1) for value in known.tolist()]
    return pd.Series(np.array(texts, dtype=object)[inverse], dtype="str")
