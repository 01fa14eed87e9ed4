"""Income and social assistance of each calendar year: from typed raw rows to the clean table, by numbers alone.

A large file is read part by part; of its rows stay the amounts and a number for each person.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import UNKNOWN_ORIGIN, drop_duplicates
from introprog.readers.extracts import Reader
from introprog.readers.learned import Irregular
from introprog.readers.origin import Origin
from introprog.readers.streamed import Part, enter_files, stream_parts
from introprog.readers.whole_numbers import Numbers
from introprog.registers import as_texts
from introprog.tabular import coded_texts

AMOUNTS = {"earnings": "float64", "social_assistance_months": "int8", "social_assistance": "float64"}
KEY = ["person_id", "year"]


@dataclass
class IncomeRows:
    """Rows of persons and calendar years: ``persons`` are the ids in order, ``person`` the place of each row's among
    them (int32), ``year`` is int16, and ``amounts`` are zero where the register has none.
    """

    persons: pa.Array
    person: np.ndarray
    year: np.ndarray
    amounts: dict[str, np.ndarray]

    def frame(self, rows: np.ndarray) -> pd.DataFrame:
        """Some rows, their positions as the index."""
        person_id = pd.Series(self.persons.take(pa.array(self.person[rows])), dtype="str")
        columns = {"person_id": person_id, "year": self.year[rows], **{n: a[rows] for n, a in self.amounts.items()}}
        return pd.DataFrame(columns).set_index(rows)

    def sort(self, order: np.ndarray) -> None:
        """Take the rows at the positions ``order``, a column after the other."""
        self.person, self.year = self.person[order], self.year[order]
        for name in self.amounts:
            self.amounts[name] = self.amounts[name][order]


def read_income(reader: Reader, name: str) -> IncomeRows | None:
    """The rows of the extract ``name``; None when a file asks to be read as a whole. Only what went well is entered in
    the read log.
    """
    extract = reader.codebook.extracts[name]
    if not {"year", *AMOUNTS} <= {column.name for column in extract.columns.values()}:
        return None
    read, parts = [], []
    try:
        for file in reader.apart().files(extract):
            found = list(stream_parts(file, extract, reader, _amounts_of, directly=True))
            read.append((file, sum(rows for rows, _ in found)))
            parts += [part for _, part in found]
    except Irregular:
        return None
    if not read:
        return None
    enter_files(reader, extract, read)
    ids = pd.Series(pa.chunked_array([ids for ids, _, _ in parts]), dtype="str")
    persons, person = coded_texts(ids)
    person = np.repeat(person, np.concatenate([runs for _, runs, _ in parts]))
    columns = [values for _, _, values in parts]
    year = np.concatenate([values.pop("year") for values in columns])
    amounts = {name: np.concatenate([values.pop(name) for values in columns]) for name in AMOUNTS}
    return IncomeRows(as_texts(persons), person, year, amounts)


def _amounts_of(part: Part) -> tuple[pa.Array, np.ndarray, dict[str, np.ndarray]]:
    """Ids and lengths of runs of rows of a person, and the columns of numbers."""
    values = {}
    for name, kind in {"year": "int16", **AMOUNTS}.items():
        column = part.columns[name]
        if isinstance(column, Numbers):
            values[name] = np.where(column.missing, 0, column.values).astype(kind)
        else:
            values[name] = np.nan_to_num(column.numbers("float64")).astype(kind)
    return part.ids, part.runs.astype("int32"), values


def _of_frame(raw: pd.DataFrame) -> IncomeRows:
    """The same of rows as typed raw columns, whose index is their positions."""
    persons, person = coded_texts(raw["person_id"])
    amounts = {name: raw[name].fillna(0).to_numpy(dtype=kind) for name, kind in AMOUNTS.items()}
    return IncomeRows(as_texts(persons), person, raw["year"].to_numpy(dtype="int16"), amounts)


def income_table(raw: pd.DataFrame | IncomeRows, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN) -> pa.Table:
    """Earnings and social assistance by calendar year, persons as a dictionary in order; empty amounts are zero, as in
    the register's zero-filled files. What ``raw`` holds as numbers is given up.
    """
    rows = _of_frame(raw) if isinstance(raw, pd.DataFrame) else raw
    key = _key(rows)
    if not (key[1:] > key[:-1]).all():
        rows.sort(_order(rows, key, log, origin))
    del key
    person = pa.DictionaryArray.from_arrays(rows.person, rows.persons)
    return pa.table({"person_id": person, "year": rows.year, **rows.amounts})


def clean_income(raw: pd.DataFrame | IncomeRows, log: QualityLog, origin: Origin = UNKNOWN_ORIGIN) -> pd.DataFrame:
    """The same as a frame with the text of each person."""
    table = income_table(raw, log, origin)
    person = table["person_id"].combine_chunks()
    names = pd.Series(person.dictionary, dtype="str").array.take(person.indices.to_numpy())
    return pd.DataFrame({"person_id": names, **{n: table[n].to_numpy() for n in table.column_names[1:]}})


def _key(rows: IncomeRows) -> np.ndarray:
    """Person and year as one number that sorts, of four bytes where these will do."""
    low, high = (int(of(rows.year)) if len(rows.year) else 0 for of in (np.min, np.max))
    years = high - low + 1
    kind = "int32" if len(rows.persons) * years < 1 << 31 else "int64"
    key = rows.person.astype(kind)
    key *= years
    key += rows.year - np.int16(low)
    return key


def _order(rows: IncomeRows, key: np.ndarray, log: QualityLog, origin: Origin) -> np.ndarray:
    """The rows to keep in their order; of those of a person and year the one that is there with the highest earnings,
    the others are entered in the log.
    """
    order = np.argsort(key, kind="stable").astype("int32")
    sorted_key = key[order]
    same = sorted_key[1:] == sorted_key[:-1]
    del sorted_key
    if not same.any():
        return order
    several = np.append(same, False) | np.append(False, same)
    like = order[several]
    like = like[np.lexsort((-rows.amounts["earnings"][like], key[like]))]
    frame = rows.frame(like)
    kept = drop_duplicates(frame, KEY, log, "income", frame["year"].astype("float64"), origin, len(key) - len(like))
    order[several], sound = like, ~several
    sound[several] = frame.index.isin(kept.index)
    return order[sound]
