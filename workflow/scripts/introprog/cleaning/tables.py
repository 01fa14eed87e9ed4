"""From a folder of raw extracts to clean tables: reads all, reports every fault of every file at once, then cleans."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from introprog.cleaning.employment import clean_employment
from introprog.cleaning.municipality_codes import clean_municipalities, code_map
from introprog.cleaning.programmes import clean_programmes
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import clean_education, clean_income, clean_persons, clean_residence, clean_welfare
from introprog.cleaning.survey import clean_frame, clean_wave, join_waves, unknown_instruments, wave_extract
from introprog.codebook import Codebook, load_codebook, load_country_groups, load_schooling_levels
from introprog.contracts import check_table
from introprog.errors import Problem, raise_if
from introprog.readers.extracts import Reader

SMALL = ("kommuner", "kommune_endringer")
REGISTERS = (
    "demografi", "bosted", "kostra_11b", "nir_deltakere", "nir_tiltak", "utdanning_kurs", "utdanning_niva", "nav",
    "inntekt",
)  # fmt: skip


def clean_registers(
    directory: str | Path, codebook_files: Iterable[str | Path], codelists: str | Path, study: Mapping
) -> dict[str, pd.DataFrame]:
    """The clean register tables, ``quality_log`` and ``read_log`` by name.

    ``codelists`` is the folder of country_groups.csv and nus2000_levels.csv. Raises ``InputError`` with all faults.
    """
    reader = _reader(directory, load_codebook(codebook_files), study)
    raw = {name: reader.read(name) for name in (*SMALL, *REGISTERS)}
    log = reader.log
    raise_if(log.problems)
    vintage, last_year = study["municipality_vintage"], study["last_observed_year"]
    mapping = _mapping(raw, vintage, log)
    residence = clean_residence(raw["bosted"], mapping, log)
    starts = pd.concat([raw["kostra_11b"], raw["nir_deltakere"]]).groupby("person_id")["start_date"].min()
    groups = load_country_groups(Path(codelists) / "country_groups.csv")
    levels = load_schooling_levels(Path(codelists) / "nus2000_levels.csv")
    persons = clean_persons(raw["demografi"], raw["utdanning_niva"], starts, groups, levels, log)
    programmes = clean_programmes(
        raw["kostra_11b"], raw["nir_deltakere"], raw["nir_tiltak"], persons, residence, mapping, last_year, log
    )
    tables = {
        "persons": persons,
        "programmes": programmes,
        "residence": residence,
        "education": clean_education(raw["utdanning_kurs"], log),
        "welfare": clean_welfare(raw["nav"], log),
        "income": clean_income(raw["inntekt"], log),
        "municipalities": clean_municipalities(raw["kommuner"], mapping, raw["kommune_endringer"], vintage),
    }
    raise_if(log.problems)
    checked = {name: check_table(table, name) for name, table in tables.items()}
    return checked | {"quality_log": log.frame(), "read_log": reader.read_log()}


def clean_jobs(directory: str | Path, codebook_files: Iterable[str | Path], study: Mapping):
    """The clean employment table (Arrow) with its quality log and read log. Raises ``InputError`` with all faults."""
    reader = _reader(directory, load_codebook(codebook_files), study)
    persons = reader.read("demografi")["person_id"]
    demography = (list(reader.log.problems), list(reader.rows))
    reader.log.counts.clear()
    reader.rows.clear()
    employment: pa.Table = clean_employment(reader, persons)
    raise_if(list(dict.fromkeys(demography[0] + reader.log.problems)))
    return employment, reader.log.frame(), reader.read_log()


def clean_surveys(
    directory: str | Path, codebook_files: Iterable[str | Path], waves: Mapping[str, Mapping], study: Mapping
):
    """Survey responses and frames of all ``waves`` (config: surveys: waves), with quality log and read log."""
    codebook = load_codebook(codebook_files)
    raise_if(unknown_instruments(waves, codebook))
    extracts = {wave: wave_extract(codebook, wave, spec["instrument"]) for wave, spec in waves.items()}
    with_waves = Codebook(
        {**codebook.extracts, **{e.name: e for e in extracts.values()}}, codebook.instruments, codebook.rules
    )
    reader = _reader(directory, with_waves, study)
    small = {name: reader.read(name) for name in SMALL}
    answers = {wave: reader.read(extract.name) for wave, extract in extracts.items()}
    frames = {wave: reader.read("survey_frame", wave) for wave in waves}
    for extract in extracts.values():
        reader.log.problems += _twin_problems(directory, reader, extract)
    raise_if(reader.log.problems)
    mapping, log = _mapping(small, study["municipality_vintage"], reader.log), reader.log
    cleaned = [
        clean_wave(answers[wave], wave, spec["year"], codebook.instruments[spec["instrument"]], mapping, log)
        for wave, spec in sorted(waves.items())
    ]
    counted = [clean_frame(frames[wave], wave, spec["year"], mapping, log) for wave, spec in sorted(waves.items())]
    raise_if(log.problems)
    responses = check_table(join_waves(cleaned, codebook), "survey_responses")
    frame = check_table(pd.concat(counted, ignore_index=True), "survey_frame")
    return responses, frame, log.frame(), reader.read_log()


def _reader(directory: str | Path, codebook: Codebook, study: Mapping) -> Reader:
    return Reader(directory, codebook, QualityLog(codebook.rules), study["last_observed_year"])


def _mapping(raw: Mapping[str, pd.DataFrame], vintage: int, log: QualityLog) -> pd.DataFrame:
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
    if not twin.is_file() or extract.file not in rows:
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
