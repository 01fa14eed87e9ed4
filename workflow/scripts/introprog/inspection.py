"""The check of raw extracts before a run: everything read and cleaned in memory, every fault counted, nothing written.

Faults of reading are all found at once. The rules of cleaning need sound tables, so they are tried only when reading
found nothing that stops a run; the report says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc

from introprog.cleaning.employment import clean_employment
from introprog.cleaning.tables import (
    municipality_mapping,
    open_reader,
    read_registers,
    read_surveys,
    register_tables,
    survey_tables,
)
from introprog.codebook import Extract
from introprog.errors import InputError, Problem
from introprog.matches import in_frame
from introprog.readers.extracts import Reader
from introprog.readers.raw import RawFile, RawTable, unmatched

FILES = ["extract", "file", "rows", "malformed", "columns_used", "columns_not_used"]
YEAR_OF = {
    "kostra_11b": "file_year",
    "nir_deltakere": "start_date",
    "nir_tiltak": "start_date",
    "bosted": "first_date",
    "utdanning_kurs": "first_date",
    "utdanning_niva": "valid_from",
    "nav": "period",
    "inntekt": "year",
    "kommuner": "year",
}
PROGRAMME = ("kostra_11b", "nir_deltakere")


@dataclass
class Inspection:
    """What a check found.

    ``files``: a row a file; ``counts``: the quality log (``table, rule, year, reason, action, n``); ``examples``: by
    table, rule and reason the first rows touched (``QualityLog.examples``); ``overlap``: ``of, found_in, persons,
    found, share``; ``coverage``: rows by year (index) and table. ``problems`` stop a run, ``tolerated`` do not.
    ``cleaned`` says whether the rules of cleaning were tried, ``left_out`` what a run does without for want of
    extracts.
    """

    problems: list[Problem] = field(default_factory=list)
    tolerated: list[Problem] = field(default_factory=list)
    files: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FILES))
    counts: pd.DataFrame = field(default_factory=pd.DataFrame)
    examples: Mapping[tuple[str, str, str], Sequence[str]] = field(default_factory=dict)
    overlap: pd.DataFrame = field(default_factory=pd.DataFrame)
    coverage: pd.DataFrame = field(default_factory=pd.DataFrame)
    cleaned: bool = False
    left_out: Sequence[str] = ()


def inspect_extracts(
    directory: str | Path,
    codebook_files: Iterable[str | Path],
    codelists: str | Path,
    study: Mapping,
    waves: Mapping[str, Mapping],
    overlays: Sequence[str] = (),
    corrections: str | Path | None = None,
    person_link: bool = False,
) -> Inspection:
    """Read and check every extract of ``directory``; arguments as ``cleaning.tables.clean_registers``.

    Never raises ``InputError``: all that is wrong is in the result, without any person key.
    """
    found = Inspection()
    try:
        reader = open_reader(directory, codebook_files, study, overlays, corrections)
    except InputError as error:
        found.problems = list(error.problems)
        return found
    seen: list[tuple] = []
    reader.seen = lambda file, extract, raw: seen.append(_file(file, extract, raw))
    raw = read_registers(reader)
    surveys = _surveys(reader, waves, person_link)
    people = pd.concat([raw[name]["person_id"] for name in PROGRAMME]).dropna().drop_duplicates()
    known = pd.concat([raw["demografi"]["person_id"], people]).drop_duplicates()
    employment = clean_employment(reader, known)
    responses = _clean(raw, surveys, reader, codelists, study, waves, found)
    found.problems = list({str(p): p for p in reader.log.problems}.values())
    found.tolerated = list({str(p): p for p in reader.log.tolerated}.values())
    found.files = pd.DataFrame(sorted(seen), columns=FILES)
    found.counts, found.examples = reader.log.frame(), reader.log.examples
    found.overlap = _overlap(people, raw, employment, responses, surveys)
    found.coverage = _coverage(raw, employment)
    return found


def _file(file: RawFile, extract: Extract, raw: RawTable) -> tuple:
    other = list(unmatched(raw, extract))
    return extract.name, file.name, raw.records, len(raw.malformed), len(raw.table.column_names), ", ".join(other)


def _surveys(reader: Reader, waves: Mapping[str, Mapping], person_link: bool) -> dict:
    try:
        return read_surveys(reader, waves, person_link)
    except InputError as error:
        reader.log.problems += error.problems
        return {}


def _clean(raw, surveys, reader: Reader, codelists, study: Mapping, waves: Mapping, found: Inspection):
    """Try the rules of cleaning when all files could be read; gives programmes, responses, frame and keys, or None."""
    if reader.log.problems:
        return None
    try:
        tables = register_tables(dict(raw), reader.origins, reader.log, codelists, study)
        mapping = municipality_mapping(raw, study["municipality_vintage"], reader.log)
        answers = survey_tables(surveys, reader, waves, mapping) if surveys else None
    except InputError as error:
        reader.log.problems += [p for p in error.problems if p not in reader.log.problems]
        return None
    found.cleaned = True
    return (tables["programmes"], *answers) if answers else (tables["programmes"], None, None, None)


def _overlap(people: pd.Series, raw, employment, cleaned, surveys) -> pd.DataFrame:
    registers = {name: raw[name]["person_id"] for name in raw if "person_id" in raw[name] and name not in PROGRAMME}
    registers["employment"] = pd.Series(pc.unique(employment["person_id"]).to_pylist(), dtype="str")
    rows = [_share("persons of the programme", name, people, ids) for name, ids in sorted(registers.items())]
    for name in PROGRAMME:
        rows.append(_share(f"persons of {name}", "demografi", raw[name]["person_id"], raw["demografi"]["person_id"]))
    if cleaned is not None and cleaned[1] is not None:
        programmes, responses, frame, keys = cleaned
        strata = in_frame(responses, frame)
        for wave, linked in keys.groupby("wave"):
            ids = linked["person_id"]
            rows.append(_share(f"keys of {wave} with consent", "demografi", ids, raw["demografi"]["person_id"]))
        for wave, answers in responses.groupby("wave"):
            there = strata.loc[answers.index]
            rows.append((f"answers of {wave}", "survey_frame", len(there), int(there.sum()), float(there.mean())))
            rows.append(
                _share(f"municipalities of {wave}", "programmes", answers["municipality"], programmes["municipality"])
            )
    return pd.DataFrame(rows, columns=["of", "found_in", "number", "found", "share"])


def _share(of: str, place: str, wanted: pd.Series, there: pd.Series) -> tuple:
    distinct = wanted.dropna().drop_duplicates()
    found = int(distinct.isin(there.dropna().unique()).sum())
    return of, place, len(distinct), found, found / len(distinct) if len(distinct) else float("nan")


def _coverage(raw: Mapping[str, pd.DataFrame], employment) -> pd.DataFrame:
    columns = {name: _years(raw[name], column) for name, column in YEAR_OF.items() if column in raw[name]}
    columns["employment"] = pd.Series(pc.year(employment["first_date"]).to_numpy())
    counts = {name: years.dropna().astype("int64").value_counts() for name, years in columns.items()}
    return pd.DataFrame(counts).fillna(0).astype("int64").sort_index()


def _years(frame: pd.DataFrame, column: str) -> pd.Series:
    values = frame[column]
    if values.dtype.kind == "M":
        return values.dt.year
    return values // 100 if column == "period" else values
