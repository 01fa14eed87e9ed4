"""The persons of the study, as employment files are asked about them: who is known, and whose rows are left out."""

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.quality import QualityLog
from introprog.codebook import Extract
from introprog.errors import SHOWN
from introprog.readers.typed import Lines, in_file
from introprog.readers.words import Lookup

UNKNOWN = -1


class Persons:
    """The persons that are known, by code; asked by files that are read as a whole and by those read part by part."""

    def __init__(self, ids: np.ndarray):
        self.index = pd.Index(ids)
        self.lookup = Lookup(pa.array(self.index, pa.string()))

    def __len__(self) -> int:
        return len(self.index)


def known_persons(columns, persons: Persons, extract: Extract, file: str, year: int, log: QualityLog, line: Lines):
    """Rows to keep (every needed value there, person known) and the code of the person of every row; ``line`` numbers
    rows.
    """
    needed = [columns[c.name].missing() for c in extract.columns.values() if c.needed]
    lacking = np.logical_or.reduce(needed)
    log.judge(file, "R5", lacking, rows=line(np.flatnonzero(lacking)[:SHOWN]))
    examples = in_file(file, line(np.flatnonzero(lacking)[:SHOWN]))
    log.note(extract.name, "R5", np.full(int(lacking.sum()), np.nan if year is None else year), rows=examples)
    ids = columns["person_id"]
    code = np.append(persons.index.get_indexer(ids.values), UNKNOWN).astype("int32")[ids.codes]
    stranger = (code == UNKNOWN) & ~lacking
    judge_strangers(stranger, persons, extract, file, year, log, line)
    return np.flatnonzero(~lacking & ~stranger), code


def judge_strangers(stranger, persons: Persons, extract: Extract, file: str, year, log: QualityLog, line: Lines):
    """Judge and count the rows marked in ``stranger``, whose persons are not known."""
    where = f"{file}, column {extract.clean('person_id').source}"
    rows = line(np.flatnonzero(stranger)[:SHOWN])
    if len(persons):  # without a readable demography nobody is known, and that has been told
        log.judge(where, "E1", stranger, hint="are the person keys of the same project, and text?", rows=rows)
    years = np.full(int(stranger.sum()), np.nan if year is None else year)
    log.note("employment", "E1", years, rows=in_file(file, rows))
