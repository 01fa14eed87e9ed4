"""What a row of an extract stands for in time, held against its rows: fixed traits, statuses at a date.

Spells that may not overlap need the clean dates and are judged where they are cleaned (rules S1, S2 and P6).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from introprog.cleaning.quality import QualityLog
from introprog.codebook import Extract
from introprog.readers.origin import Origin

PERSON = "person_id"
# Strangers share fewer: sex, month and country of birth and ground of immigration are alike for thousands.
KNOWN_TRAITS = 5


def check_temporality(
    frame: pd.DataFrame, extract: Extract, log: QualityLog, origin: Origin | None = None
) -> pd.DataFrame:
    """The rows of an extract with what contradicts its ``temporality`` corrected and counted, or told as a problem.

    Fixed traits: a person with two values of a trait keeps the first (T1, by column), and rows alike in all but the
    person key are flagged (D4) where five traits are known, or all that the extract has. Statuses: of two at one date
    the first stays (T2). ``frame`` has clean names; ``origin`` knows the row numbers of its rows.
    """
    checks: dict[str, Callable] = {"fixed": _fixed, "status": _statuses}
    check = checks.get(extract.temporality)
    return frame if check is None or PERSON not in frame else check(frame, extract, log, origin or Origin())


def _fixed(frame: pd.DataFrame, extract: Extract, log: QualityLog, origin: Origin) -> pd.DataFrame:
    traits = [name for name in frame.columns if name not in (PERSON, "file_year")]
    frame = frame.copy()
    several = frame[PERSON].duplicated(keep=False).to_numpy()
    for name in traits if several.any() else ():
        rows = frame.loc[several, [PERSON, name]]
        first = rows.groupby(PERSON, sort=False)[name].transform("first")
        varies = np.zeros(len(frame), dtype=bool)
        varies[several] = (rows[name].notna() & rows[name].ne(first)).to_numpy(dtype=bool, na_value=False)
        hint = "are two deliveries in one file, or rows of two persons under one key?"
        source, places = extract.clean(name).source, np.flatnonzero(varies)
        log.judge(f"{extract.file}, column {source}", "T1", varies, hint=hint, rows=origin.rows(places))
        log.note(extract.name, "T1", n=int(varies.sum()), what=source, rows=origin.examples(places))
        frame.loc[several, name] = first
    known = frame[traits].notna().sum(axis=1).to_numpy() >= min(KNOWN_TRAITS, len(traits))
    distinct = ~frame[PERSON].duplicated().to_numpy()
    alike = np.zeros(len(frame), dtype=bool)
    alike[known & distinct] = frame.loc[known & distinct, traits].duplicated().to_numpy()
    hint = "has one person got two keys? ask the sender which one is in force; twins are expected to be few"
    places = np.flatnonzero(alike)
    log.judge(extract.file, "D4", alike, hint=hint, rows=origin.rows(places))
    log.note(extract.name, "D4", n=int(alike.sum()), rows=origin.examples(places))
    return frame


def _statuses(frame: pd.DataFrame, extract: Extract, log: QualityLog, origin: Origin) -> pd.DataFrame:
    keys = [PERSON, "first_date"]
    content = [name for name in frame.columns if name != "file_year"]
    again = frame.duplicated(keys).to_numpy() & frame["first_date"].notna().to_numpy()
    other = again & ~frame.duplicated(content).to_numpy()
    hint = "a person has one status at a date: are two registers in one file?"
    places, same = np.flatnonzero(other), again & ~other
    log.judge(extract.file, "T2", other, hint=hint, rows=origin.rows(places))
    log.note(extract.name, "T2", frame.loc[other, "first_date"].dt.year, rows=origin.examples(places))
    log.note(extract.name, "D1", frame.loc[same, "first_date"].dt.year, rows=origin.examples(np.flatnonzero(same)))
    return frame[~again]
