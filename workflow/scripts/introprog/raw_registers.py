"""The registers that a follow-up asks for straight from the raw files, each cleaned when it is asked for."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pyarrow as pa

from introprog.cleaning.employment import job_spells
from introprog.cleaning.income import income_table
from introprog.cleaning.registers import clean_education, welfare_spells
from introprog.cleaning.tables import read_register
from introprog.readers.extracts import Reader
from introprog.shortage import give_back

# Bytes of files that are read beside others: larger ones would hold too much memory together.
SMALL = 100_000_000
CLEANERS = {"utdanning_kurs": clean_education, "nav": welfare_spells, "inntekt": income_table}


def raw_registers(
    reader: Reader, person_ids: pd.Series, residence: Callable[[], pd.DataFrame]
) -> Iterator[pa.Table | pd.DataFrame]:
    """The clean tables that ``Following`` asks for, each read and cleaned when it is asked for, and then let go; those
    of small files are made beside employment.

    ``person_ids`` are those of all persons and ``residence`` gives the clean table. Faults go to ``reader.log``; the
    caller raises them when all registers have been read.
    """
    give_back()
    with ThreadPoolExecutor(1) as pool:
        apart = {name: reader.apart() for name in CLEANERS}
        beside = {name: pool.submit(_cleaned, apart[name], name) for name in CLEANERS if _size(reader, name) <= SMALL}
        yield job_spells(reader, person_ids)
        for name, own in apart.items():
            table = beside.pop(name).result() if name in beside else _cleaned(own, name)
            reader.enter(own)
            yield table
            del table
    yield residence()


def _size(reader: Reader, name: str) -> int:
    """Bytes of the files of an extract and its further parts."""
    reader = reader.apart()
    extracts = [reader.codebook.extracts[part] for part in reader.codebook.parts(name)]
    return sum(file.path.stat().st_size for extract in extracts for file in reader.files(extract))


def _cleaned(reader: Reader, name: str) -> pa.Table | pd.DataFrame:
    rows = [read_register(reader, name)]
    give_back()
    table = CLEANERS[name](rows.pop(), reader.log, reader.origins[name])
    give_back()
    return table
