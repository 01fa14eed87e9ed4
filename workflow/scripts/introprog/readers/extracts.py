"""Reads whole extracts (one file or a file a year) by codebook and keeps account of what was read."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.cleaning.quality import QualityLog
from introprog.codebook import Codebook, Extract
from introprog.errors import SHOWN, InputError, Problem, raise_if
from introprog.readers.delimited import BOM, read_delimited
from introprog.readers.files import locate
from introprog.readers.fixed_width import read_fixed_width
from introprog.readers.origin import Origin
from introprog.readers.raw import RawFile, RawTable, repeated_header, shape
from introprog.readers.sources import contents, inner_suffix
from introprog.readers.spells import join_statuses
from introprog.readers.statistical import SUFFIXES, read_statistical
from introprog.readers.temporality import check_temporality
from introprog.readers.typed import in_file, type_columns

READ_LOG = ["extract", "file", "rows"]


@dataclass
class Reader:
    """Reads extracts of ``directory`` by ``codebook``; counts go to ``log``, faults to ``log.problems``.

    ``last_year`` ends yearly series whose last year the codebook leaves open. ``rows`` holds the read log. ``correct``
    is asked to correct each raw file before anything else is done with it, ``seen`` is told of each file read.
    ``origins`` knows by extract (and wave, as ``<extract>_<wave>``) where the rows of a frame stand in the files.
    ``typed`` keeps what texts of large extracts have been turned to, from file to file (``streamed``).
    """

    directory: str | Path
    codebook: Codebook
    log: QualityLog
    last_year: int
    rows: list[tuple[str, str, int]] = field(default_factory=list)
    correct: Callable[[RawFile, Extract, RawTable, QualityLog], RawTable] | None = None
    seen: Callable[[RawFile, Extract, RawTable], None] | None = None
    origins: dict[str, Origin] = field(default_factory=dict)
    typed: dict[str, dict] = field(default_factory=dict, repr=False)

    def read(self, name: str, wave: str | None = None) -> pd.DataFrame:
        """All files of the extract ``name`` in one frame, with ``file_year`` for yearly files.

        The index of the frame is the place of the row in the extract, which ``origins`` turns into row numbers.

        Faults never raise here: they are added to ``log.problems`` and the frame lacks what could not be read, so that
        the caller can read on and raise all problems together.
        """
        extract, known = self.codebook.extracts[name], len(self.log.problems)
        origin = Origin(label=extract.file.replace("{wave}", wave or ""))
        self.origins[name if wave is None else f"{name}_{wave}"] = origin
        frames = [
            self._typed(raw, extract, file, origin)
            for file in self.files(extract, wave)
            if (raw := self.raw(file, extract)) is not None
        ]
        frame = pd.concat(frames, ignore_index=True) if frames else _empty(extract, self.log)
        if len(self.log.problems) == known:
            frame = check_temporality(frame, extract, self.log, origin)
        return join_statuses(frame) if extract.temporality == "status" else frame

    def files(self, extract: Extract, wave: str | None = None) -> list[RawFile]:
        """The files of the extract; those that are not found are problems."""
        try:
            return locate(self.directory, extract, self.last_year, wave)
        except InputError as error:
            self.log.problems += error.problems
            return []

    def raw(self, file: RawFile, extract: Extract) -> RawTable | None:
        """One file as columns of text, entered in the read log; ``None`` when it cannot be read."""
        try:
            raw = read_raw(file, extract)
            if self.correct is not None:
                raw = self.correct(file, extract, raw, self.log)
            raise_if(list(repeated_header(raw, file)))
        except InputError as error:
            self.log.problems += error.problems
            return None
        self.rows.append((extract.name, file.name, raw.records))
        if not raw.records and extract.years is None:
            self.log.problems.append(Problem(file.name, "F3", "the file has no rows", expected=extract.label["en"]))
        if len(raw.malformed):
            self._malformed(extract, file, raw)
        if self.seen is not None:
            self.seen(file, extract, raw)
        return shape(raw, extract, file)

    def _typed(self, raw: RawTable, extract: Extract, file: RawFile, origin: Origin) -> pd.DataFrame:
        frame = type_columns(raw.table, extract, file.name, self.log, file.year, raw.line)
        origin.add(file.name, raw.line(frame.index.to_numpy()))
        return frame if file.year is None else frame.assign(file_year=file.year)

    def _malformed(self, extract: Extract, file: RawFile, raw: RawTable) -> None:
        count = len(raw.malformed)
        years = np.full(count, np.nan if file.year is None else file.year)
        self.log.note(extract.name, "R6", years, rows=in_file(file.name, raw.malformed[:SHOWN]))
        bad = np.arange(raw.records) < count
        hint = "is the file cut off, or a separator inside a text?"
        self.log.judge(file.name, "R6", bad, hint=hint, rows=raw.malformed)

    def apart(self) -> "Reader":
        """A reader of the same files with a log of its own, which ``enter`` takes over."""
        return replace(self, log=QualityLog(self.log.rules), rows=[])

    def enter(self, other: "Reader") -> None:
        """What a reader apart has read and found, after what this one has."""
        self.log.join(other.log)
        self.rows += other.rows

    def read_log(self) -> pd.DataFrame:
        """What was read: ``extract, file, rows``, sorted; malformed rows are counted among the rows."""
        return pd.DataFrame(sorted(self.rows), columns=READ_LOG)


def read_raw(file: RawFile, extract: Extract) -> RawTable:
    """One file of an extract as columns of text, whatever its format; raises ``InputError`` when it cannot be read."""
    if inner_suffix(file) in SUFFIXES:
        return read_statistical(file, extract)
    if extract.line_width:
        return read_fixed_width(contents(file), file.name, extract)
    return read_delimited(contents(file, BOM), file.name, extract)


def _empty(extract: Extract, log: QualityLog) -> pd.DataFrame:
    table = pa.table({source: pa.array([], pa.string()) for source in extract.columns})
    frame = type_columns(table, extract, extract.file, log)
    return frame.assign(file_year=0) if extract.years else frame
