"""From a folder of raw extracts to clean tables: reads all, reports every fault of every file at once, then cleans."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from introprog.cleaning.employment import clean_employment
from introprog.cleaning.income import IncomeRows, clean_income, read_income
from introprog.cleaning.monthly_states import StateMonths, read_states
from introprog.cleaning.municipality_codes import clean_municipalities, code_map
from introprog.cleaning.programmes import clean_programmes
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import (
    clean_education,
    clean_persons,
    clean_residence,
    clean_welfare,
    drop_duplicates,
)
from introprog.cleaning.survey import clean_frame, clean_wave, join_waves, unknown_instruments, wave_extract
from introprog.codebook import load_codebook, load_country_groups, load_schooling_levels
from introprog.contracts import check_table
from introprog.corrections import corrector, load_corrections
from introprog.errors import Problem, raise_if
from introprog.readers.extracts import Reader
from introprog.readers.files import nearest_name
from introprog.readers.origin import Origin, joined
from introprog.shortage import give_back

SMALL = ("kommuner", "kommune_endringer")
REGISTERS = (
    "demografi", "bosted", "kostra_11b", "nir_deltakere", "nir_tiltak", "utdanning_kurs", "utdanning_niva", "nav",
    "inntekt",
)  # fmt: skip
# Registers whose rows are brought to small numbers part by part.
BY_PARTS = {"nav": read_states, "inntekt": read_income}
KEYS = {"demografi": ["person_id"], "inntekt": ["person_id", "year"]}


def open_reader(
    directory: str | Path,
    codebook_files: Iterable[str | Path],
    study: Mapping,
    overlays: Sequence[str] = (),
    corrections: str | Path | None = None,
) -> Reader:
    """A reader of the folder ``directory`` by the shipped codebooks, the ``overlays`` and those in its ``codebook/``.

    ``corrections`` is the file of listed corrections, which may be absent.
    """
    codebook = load_codebook(codebook_files, overlays, Path(directory) / "codebook")
    reader = Reader(directory, codebook, QualityLog(codebook.rules), study["last_observed_year"])
    listed = load_corrections(corrections) if corrections and Path(corrections).is_file() else []
    reader.correct = corrector(listed) if listed else None
    return reader


def read_registers(reader: Reader) -> dict[str, pd.DataFrame | StateMonths | IncomeRows]:
    """Every register but employment as typed raw columns; faults go to ``reader.log``. Monthly states and income may
    come as small numbers, without the text of each row.
    """
    return {name: read_register(reader, name) for name in (*SMALL, *REGISTERS)}


def read_register(reader: Reader, name: str) -> pd.DataFrame | StateMonths | IncomeRows:
    """One register of ``read_registers``."""
    if name in BY_PARTS and reader.codebook.parts(name) == [name]:
        rows = BY_PARTS[name](reader, name)
        if rows is not None:
            return rows
    return _joined(reader, name)


def _joined(reader: Reader, name: str) -> pd.DataFrame:
    """An extract with its further parts: rows put below each other, or beside each other where the key is known."""
    names = list(reader.codebook.parts(name))
    parts = [reader.read(part) for part in names]
    give_back()
    if len(parts) == 1:
        return parts[0]
    if name in KEYS:
        log, key = reader.log, KEYS[name]
        single = [drop_duplicates(p, key, log, n, origin=reader.origins[n]) for p, n in zip(parts, names)]
        reader.origins[name] = Origin()
        return pd.concat(single, ignore_index=True).groupby(key, as_index=False, sort=True).first()
    reader.origins[name] = joined(*(reader.origins[part] for part in names))
    return pd.concat(parts, ignore_index=True)


def clean_registers(
    directory: str | Path,
    codebook_files: Iterable[str | Path],
    codelists: str | Path,
    study: Mapping,
    overlays: Sequence[str] = (),
    corrections: str | Path | None = None,
) -> dict[str, pd.DataFrame]:
    """The clean register tables, ``quality_log`` and ``read_log`` by name.

    ``codelists`` is the folder of country_groups.csv and nus2000_levels.csv. Raises ``InputError`` with all faults.
    """
    reader = open_reader(directory, codebook_files, study, overlays, corrections)
    raw = read_registers(reader)
    raise_if(reader.log.problems)
    tables = register_tables(raw, reader.origins, reader.log, codelists, study)
    raise_if(reader.log.problems)
    checked = {name: check_table(table, name) for name, table in tables.items()}
    return checked | {"quality_log": reader.log.frame(), "read_log": reader.read_log()}


def register_tables(
    raw: dict[str, pd.DataFrame],
    origins: Mapping[str, Origin],
    log: QualityLog,
    codelists: str | Path,
    study: Mapping,
) -> dict[str, pd.DataFrame]:
    """The clean register tables by name; faults go to ``log``, and the tables count only when it has no problems.

    ``origins`` says by extract where the rows stand in its files (``Reader.origins``).
    The largest extracts are taken out of ``raw`` as they are cleaned, so that they need not be held twice.
    """
    vintage, last_year = study["municipality_vintage"], study["last_observed_year"]
    mapping = municipality_mapping(raw, vintage, log)
    residence = clean_residence(raw["bosted"], mapping, log, origins["bosted"])
    started = [raw[name][["person_id", "start_date"]] for name in ("kostra_11b", "nir_deltakere")]
    starts = pd.concat(started).groupby("person_id")["start_date"].min()
    groups = load_country_groups(Path(codelists) / "country_groups.csv")
    levels = load_schooling_levels(Path(codelists) / "nus2000_levels.csv")
    persons = clean_persons(raw["demografi"], raw["utdanning_niva"], starts, groups, levels, log, origins["demografi"])
    give_back()
    registers = [raw.pop(name) for name in ("kostra_11b", "nir_deltakere", "nir_tiltak")]
    sources = (origins["kostra_11b"], origins["nir_deltakere"])
    programmes = clean_programmes(*registers, persons, residence, mapping, last_year, log, *sources)
    del registers
    give_back()
    return {
        "persons": persons,
        "programmes": programmes,
        "residence": residence,
        "education": clean_education(raw["utdanning_kurs"], log, origins["utdanning_kurs"]),
        "welfare": clean_welfare(raw.pop("nav"), log, origins["nav"]),
        "income": clean_income(raw.pop("inntekt"), log, origins["inntekt"]),
        "municipalities": clean_municipalities(raw["kommuner"], mapping, raw["kommune_endringer"], vintage),
    }


def clean_jobs(
    directory: str | Path,
    codebook_files: Iterable[str | Path],
    study: Mapping,
    overlays: Sequence[str] = (),
    corrections: str | Path | None = None,
) -> tuple[pa.Table, pd.DataFrame, pd.DataFrame]:
    """The clean employment table (Arrow) with its quality log and read log. Raises ``InputError`` with all faults."""
    reader = open_reader(directory, codebook_files, study, overlays, corrections)
    persons = _joined(reader, "demografi")["person_id"]
    reader.log.counts.clear()
    reader.rows.clear()
    employment: pa.Table = clean_employment(reader, persons)
    raise_if(reader.log.problems)
    return employment, reader.log.frame(), reader.read_log()


def clean_surveys(
    directory: str | Path,
    codebook_files: Iterable[str | Path],
    waves: Mapping[str, Mapping],
    study: Mapping,
    overlays: Sequence[str] = (),
    corrections: str | Path | None = None,
    person_link: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Survey responses, frames and keys of all ``waves`` (config: surveys: waves), with quality log and read log.

    Without ``person_link`` no key is read, and the table of keys has no rows.
    """
    reader = open_reader(directory, codebook_files, study, overlays, corrections)
    small = {name: reader.read(name) for name in SMALL}
    raw = read_surveys(reader, waves, person_link)
    raise_if(reader.log.problems)
    mapping = municipality_mapping(small, study["municipality_vintage"], reader.log)
    tables = zip(("survey_responses", "survey_frame", "survey_keys"), survey_tables(raw, reader, waves, mapping))
    raise_if(reader.log.problems)
    return *(check_table(table, name) for name, table in tables), reader.log.frame(), reader.read_log()


def read_surveys(
    reader: Reader, waves: Mapping[str, Mapping], person_link: bool = False
) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Answers and frame of each wave as typed raw columns; faults go to ``reader.log``.

    Raises ``InputError`` at once for a wave whose instrument has no codebook.
    """
    raise_if(unknown_instruments(waves, reader.codebook))
    extracts = {
        wave: wave_extract(reader.codebook, wave, spec["instrument"], person_link) for wave, spec in waves.items()
    }
    known = {**reader.codebook.extracts, **{e.name: e for e in extracts.values()}}
    reader.codebook = replace(reader.codebook, extracts=known)
    stems = {wave: Path(extract.file).stem for wave, extract in extracts.items()}
    raw, log = {}, reader.log
    for wave, extract in extracts.items():
        known = len(log.problems)
        raw[wave] = (reader.read(extract.name), reader.read("survey_frame", wave))
        others = [stem for name, stem in stems.items() if name != wave]
        there = [p.name for p in (Path(reader.directory) / extract.file).parent.glob("*")]
        left = [name for name in there if not name.startswith(tuple(others))]
        log.problems[known:] = [_ways_out(problem, wave, others, left) for problem in log.problems[known:]]
    for extract in extracts.values():
        reader.log.problems += _twin_problems(reader.directory, reader, extract)
    return raw


def _ways_out(problem: Problem, wave: str, others: Sequence[str], left: Sequence[str]) -> Problem:
    """A file of a wave that is not found, with what to do.

    The file of another wave (``others``: beginnings of their names) is no likely misspelling of it; ``left`` are the
    files that are no other wave's.
    """
    if problem.rule != "F2":
        return problem
    near = problem.hint
    if any(stem in problem.hint for stem in others):
        likely = nearest_name(problem.where, left)
        near = f"did you mean {likely!r}?" if likely else ""
    ways = f"two ways out: add the file, or take {wave} out of `surveys: waves` in config.yaml"
    return replace(problem, what=f"{problem.what}: wave {wave}", hint="; ".join(filter(None, (near, ways))))


def survey_tables(
    raw: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]],
    reader: Reader,
    waves: Mapping[str, Mapping],
    mapping: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Clean responses, frame and keys of all waves; ``mapping`` is the result of ``municipality_mapping``."""
    forms, log = reader.codebook.instruments, reader.log
    answers, frames, keys = [], [], []
    for wave, spec in sorted(waves.items()):
        answered, eligible = raw[wave]
        form, known = forms[spec["instrument"]], reader.origins
        given, linked = clean_wave(answered, wave, spec["year"], form, mapping, log, known[f"survey_{wave}"])
        answers.append(given)
        keys.append(linked)
        frames.append(clean_frame(eligible, wave, spec["year"], mapping, log, known[f"survey_frame_{wave}"]))
    return join_waves(answers, reader.codebook), *(pd.concat(parts, ignore_index=True) for parts in (frames, keys))


def municipality_mapping(raw: Mapping[str, pd.DataFrame], vintage: int, log: QualityLog) -> pd.DataFrame:
    """Codes of all years at the target vintage; raises ``InputError`` when municipalities of the last list get lost."""
    mapping = code_map(raw["kommune_endringer"], raw["kommuner"], vintage)
    latest = raw["kommuner"]["year"].max()
    current = raw["kommuner"].loc[raw["kommuner"]["year"] == latest, "municipality"]
    lost = sorted(set(current) - set(mapping["code"]))
    if lost:
        what = f"municipalities of {latest} that do not lead to the list of {vintage}"
        hint = "add the changes between the two years, or change study: municipality_vintage"
        raise_if([Problem("kommune_endringer.csv", "M3", what, hint=hint, count=len(lost), values=lost), *log.problems])
    return mapping


def _twin_problems(directory: str | Path, reader: Reader, extract) -> list[Problem]:
    """A survey that lies there both as CSV and as SPSS file must have the same number of answers in both."""
    twin = Path(directory) / Path(extract.file).with_suffix(".sav").name
    rows = {file: n for name, file, n in reader.rows if name == extract.name}
    if twin.name == extract.file or not twin.is_file() or extract.file not in rows:
        return []
    import pyreadstat

    answers = pyreadstat.read_sav(str(twin), metadataonly=True)[1].number_rows
    if answers == rows[extract.file]:
        return []
    what = f"{rows[extract.file]} answers, but {twin.name} has {answers}"
    return [
        Problem(
            extract.file, "F10", what, expected="the same answers in both", hint="remove the one that is not to be used"
        )
    ]
