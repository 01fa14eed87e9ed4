"""Records of the two programme registers in one form, each checked by the rules of its source.

Form 11B gives a record a person, municipality and year; NIR gives one a participation. Where the end is before the
start, the person's other rows may tell which of the dates is wrong; else the end is not believed, and the person has
not observably left.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import UNKNOWN_ORIGIN, drop_duplicates, two_dates
from introprog.readers.origin import Origin

MEASURES = ("01", "02", "03", "04", "06", "07", "08", "10", "11", "99")
LONGEST_YEARS = 6
NIR_ORDER = 9999
EXCHANGED = "are the two date columns exchanged, or day and month?"
MONTHLY_LIMITS = (1_000, 20_000)
YEARLY_LIMIT = 220_000
FIELDS = [
    "person_id", "start_date", "end_date", "end_cause", "municipality_source", "as_of", "source", "order", "last_month",
    "months", "measures", "measure_hours",
]  # fmt: skip


def known_starts(*registers: pd.DataFrame) -> pd.DataFrame:
    """Start dates that the registers' own rows vouch for: ``person_id, start_date, first_end``, sorted by start.

    Rows that end before they start vouch for nothing; ``first_end`` is the first end that any row gives the start.
    """
    rows = pd.concat(
        [r.loc[~(r["end_date"] < r["start_date"]), ["person_id", "start_date", "end_date"]] for r in registers]
    )
    starts = rows.groupby(["person_id", "start_date"])["end_date"].min().rename("first_end").reset_index()
    return starts.sort_values(["start_date", "person_id"], ignore_index=True)


def kostra_records(
    raw: pd.DataFrame, starts: pd.DataFrame, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN
) -> pd.DataFrame:
    """Records of form 11B, checked as the form's control program does (rules K16-K24).

    The index of ``raw``, which ``origin`` turns into row numbers, is kept.
    """
    raw = raw.assign(report_year=2000 + raw["report_year"].astype("int64"))
    stray = (raw["report_year"] != raw["file_year"]).to_numpy()
    where, places = f"{origin.name('kostra_11b')}, report year", raw.index[stray]
    log.judge(where, "E2", stray, raw["report_year"], "the year in the file's name", rows=origin.rows(places))
    log.note("programmes", "E2", raw.loc[stray, "file_year"], rows=origin.examples(places))
    raw = raw[~stray]
    month_columns = [f"month_{i}" for i in range(1, 13)]
    ticked = raw[month_columns].notna().to_numpy()
    last_month = np.where(ticked.any(axis=1), 12 - ticked[:, ::-1].argmax(axis=1), 0)
    raw = raw.assign(last_month=last_month, months=ticked @ (1 << np.arange(12)))
    order = ["person_id", "start_date", "municipality_source", "report_year", "last_month", "end_date"]
    raw = raw.sort_values(order, ascending=[True, True, True, True, False, False], kind="stable")
    key = ["person_id", "start_date", "municipality_source", "report_year"]
    raw = drop_duplicates(raw, key, log, "programmes", raw["report_year"], origin)
    year = raw["report_year"]
    raw = _check_dates(raw, year, starts, log, origin)
    still_in = raw["end_cause"].eq("still_in") | (raw["end_cause"].isna() & raw["end_date"].isna())
    _check_benefit(raw, still_in, log, origin)
    slots = [f"measure_{i}" for i in range(1, 12)]
    return raw.assign(
        as_of=pd.to_datetime(pd.DataFrame({"year": year, "month": 1, "day": 1})).astype("datetime64[s]"),
        end_cause=raw["end_cause"].fillna("missing").mask(still_in),
        source="kostra11b",
        order=year,
        measures=_measure_bits(raw[slots]),
        measure_hours=np.nan,
    )[FIELDS]


def _check_dates(
    raw: pd.DataFrame, year: pd.Series, starts: pd.DataFrame, log: QualityLog, origin: Origin
) -> pd.DataFrame:
    where = f"{origin.name('kostra_11b')}, column sluttdato"
    contradictory = raw["end_cause"].eq("still_in") & raw["end_date"].notna()
    _apply("P4", contradictory, year, log, where, origin)
    raw = raw.assign(end_date=raw["end_date"].mask(contradictory))
    raw = settle_reversed(raw, year, starts, log, where, origin)
    end_year = raw["end_date"].dt.year
    for rule, rows in (("K17", end_year < year), ("K24", end_year > year)):
        log.note("programmes", rule, year[rows], rows=origin.examples(raw.index[rows]))
    ended = raw["end_cause"].notna() & raw["end_cause"].ne("still_in") & raw["end_date"].isna()
    _apply("P9", ended, year, log, where, origin)
    return raw


def settle_reversed(
    raw: pd.DataFrame, year: pd.Series, starts: pd.DataFrame, log: QualityLog, where: str, origin: Origin
) -> pd.DataFrame:
    """Deal with ends before the start (K16), by what the person's other rows say (``known_starts``).

    If another row starts on the end date, the two dates are exchanged (K16b). Else, if another row started earlier, at
    most ``LONGEST_YEARS`` before, and gives that start no earlier end, the start is taken from there (K16c). Else the
    end is not believed and dropped.
    """
    wrong = raw["end_date"] < raw["start_date"]
    dates = two_dates(raw["start_date"], raw["end_date"], wrong.to_numpy())
    log.judge(where, "K16", wrong.to_numpy(), dates, hint=EXCHANGED, rows=origin.rows(raw.index[wrong]))
    rows = raw.loc[wrong, ["person_id", "start_date", "end_date"]].assign(row=raw.index[wrong]).sort_values("end_date")
    found = pd.merge_asof(
        rows, starts.rename(columns={"start_date": "known"}), left_on="end_date", right_on="known", by="person_id",
        tolerance=pd.Timedelta(days=366 * LONGEST_YEARS),
    ).set_index("row")  # fmt: skip
    exchanged = found["known"] == found["end_date"]
    moved = found["known"].notna() & ~exchanged & ~(found["first_end"] < found["end_date"])
    raw = raw.copy()
    swap, shift = found.index[exchanged], found.index[moved]
    lost = found.index[~exchanged & ~moved]
    raw.loc[swap, ["start_date", "end_date"]] = found.loc[swap, ["end_date", "start_date"]].to_numpy()
    raw.loc[shift, "start_date"] = found.loc[shift, "known"]
    raw.loc[lost, "end_date"] = pd.NaT
    for rule, touched in (("K16b", swap), ("K16c", shift), ("K16", lost)):
        log.note("programmes", rule, year[touched], rows=origin.examples(touched))
    return raw


def _apply(rule: str, rows: pd.Series, year: pd.Series, log: QualityLog, where: str, origin: Origin) -> None:
    places = rows.index[rows]
    log.judge(where, rule, rows.to_numpy(), hint=EXCHANGED, rows=origin.rows(places))
    log.note("programmes", rule, year[rows], rows=origin.examples(places))


def _check_benefit(raw: pd.DataFrame, still_in: pd.Series, log: QualityLog, origin: Origin) -> None:
    months = count_bits(raw["months"].to_numpy())
    benefit = raw["benefit"].astype("float64").to_numpy()
    a_month = np.divide(benefit, months, out=np.full(len(raw), np.nan), where=months > 0)
    december = raw["months"].to_numpy() >> 11 & 1
    checks = {
        "K18": still_in.to_numpy() & (december == 0),
        "K19": a_month > MONTHLY_LIMITS[1],
        "K20": a_month < MONTHLY_LIMITS[0],
        "K23": benefit >= YEARLY_LIMIT,
    }
    for rule, rows in checks.items():
        log.note("programmes", rule, raw.loc[rows, "report_year"], rows=origin.examples(raw.index[rows]))


def nir_records(
    raw: pd.DataFrame,
    measures: pd.DataFrame,
    starts: pd.DataFrame,
    log: QualityLog,
    origin: Origin = UNKNOWN_ORIGIN,
) -> pd.DataFrame:
    """Records of NIR; of rows with the same person, start and municipality the one registered last stays.

    The index of ``raw``, which ``origin`` turns into row numbers, is kept.
    """
    order = ["person_id", "start_date", "municipality_source", "registered", "end_date"]
    raw = raw.sort_values(order, ascending=[True, True, True, False, False], kind="stable")
    raw = drop_duplicates(raw, order[:3], log, "programmes", raw["start_date"].dt.year, origin)
    year, where = raw["start_date"].dt.year, f"{origin.name('nir_deltakere')}, column sluttdato"
    raw = settle_reversed(raw, year, starts, log, where, origin)
    _apply("P9", raw["end_cause"].notna() & raw["end_date"].isna(), year, log, where, origin)
    bits = pd.Series(_measure_bits(measures[["measure"]]), index=measures.index, name="measures")
    keys = ["person_id", "start_date"]
    gathered = pd.concat([measures[keys], bits], axis=1).drop_duplicates().groupby(keys)["measures"].sum()
    raw = raw.join(gathered, on=keys)
    ended = raw["end_date"].notna()
    return raw.assign(
        as_of=raw["start_date"],
        end_cause=raw["end_cause"].where(raw["end_cause"].notna() | ~ended, "missing"),
        source="nir",
        order=NIR_ORDER,
        last_month=0,
        months=-1,
        measures=raw["measures"].fillna(0).astype("int64"),
    )[FIELDS]


def _measure_bits(codes: pd.DataFrame) -> np.ndarray:
    bit = np.append(1 << np.arange(len(MEASURES)), 0)
    bits = np.zeros(len(codes), dtype="int64")
    for name in codes.columns:
        place = pc.index_in(pa.array(codes[name], pa.string()), pa.array(MEASURES))
        bits |= bit[place.fill_null(len(MEASURES)).to_numpy()]
    return bits


def count_bits(values: np.ndarray) -> np.ndarray:
    """Number of months in each mask of twelve."""
    return (values[:, None].astype("int64") >> np.arange(12) & 1).sum(axis=1)
