"""Reads whole extracts (one file or a file a year) by codebook and keeps account of what was read."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.quality import QualityLog
from introprog.codebook import Codebook, Extract
from introprog.errors import InputError, Problem
from introprog.readers.delimited import read_delimited
from introprog.readers.files import locate
from introprog.readers.fixed_width import read_fixed_width
from introprog.readers.statistical import SUFFIXES, read_statistical
from introprog.readers.typed import type_columns

READ_LOG = ["extract", "file", "rows"]


@dataclass
class Reader:
    """Reads extracts of ``directory`` by ``codebook``; counts go to ``log``, faults to ``log.problems``.

    ``last_year`` ends yearly series whose last year the codebook leaves open. ``rows`` holds the read log.
    """

    directory: str | Path
    codebook: Codebook
    log: QualityLog
    last_year: int
    rows: list[tuple[str, str, int]] = field(default_factory=list)

    def read(self, name: str, wave: str | None = None) -> pd.DataFrame:
        """All files of the extract ``name`` in one frame, with ``file_year`` for yearly files.

        Faults never raise here: they are added to ``log.problems`` and the frame lacks what could not be read, so that
        the caller can read on and raise all problems together.
        """
        extract = self.codebook.extracts[name]
        try:
            files = locate(self.directory, extract, self.last_year, wave)
        except InputError as error:
            self.log.problems += error.problems
            return _empty(extract, self.log)
        frames = [self._file(path, extract, year) for year, path in files.items()]
        return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]

    def _file(self, path: Path, extract: Extract, year: int | None) -> pd.DataFrame:
        try:
            table, malformed = text_table(path, extract)
        except InputError as error:
            self.log.problems += error.problems
            return _empty(extract, self.log)
        self.account(extract, path, table.num_rows, malformed, year)
        if not table.num_rows and year is None:
            self.log.problems.append(Problem(path.name, "F3", "the file has no rows", expected=extract.label["en"]))
        frame = type_columns(table, extract, path.name, self.log, year)
        return frame if year is None else frame.assign(file_year=year)

    def account(self, extract: Extract, path: Path, good: int, malformed: int, year: int | None = None) -> None:
        """Enter a file in the read log, and its malformed rows in the quality log."""
        self.rows.append((extract.name, path.name, good + malformed))
        if malformed:
            self.log.note(extract.name, "R6", np.full(malformed, np.nan if year is None else year))
            rows = np.arange(good + malformed) < malformed
            self.log.judge(path.name, "R6", rows, hint="is the file cut off, or a separator inside a text?")

    def read_log(self) -> pd.DataFrame:
        """What was read: ``extract, file, rows``, sorted; malformed rows are counted among the rows."""
        return pd.DataFrame(sorted(self.rows), columns=READ_LOG)


def text_table(path: Path, extract: Extract, columns: list[str] | None = None) -> tuple[pa.Table, int]:
    """One file of an extract as columns of text, whatever its format; and the number of malformed rows left out."""
    if path.suffix in SUFFIXES:
        return read_statistical(path, extract, columns), 0
    if extract.line_width:
        return read_fixed_width(path, extract)
    return read_delimited(path, extract, columns)


def _empty(extract: Extract, log: QualityLog) -> pd.DataFrame:
    table = pa.table({source: pa.array([], pa.string()) for source in extract.columns})
    frame = type_columns(table, extract, extract.file, log)
    return frame.assign(file_year=0) if extract.years else frame
