"""What the researcher's own files can feed: extracts and columns that a study can do without, and what rests on them.

A register or column that the codebook calls optional may be missing, and so may the surveys, since few have any. What
rests on a missing one is left out and named; what is missing without being optional stays a fault, which reading tells.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from introprog.codebook import Codebook, Extract, load_codebook
from introprog.codebook_files import read_content
from introprog.errors import InputError
from introprog.readers.columns import column_names
from introprog.readers.files import fitting, is_there
from introprog.readers.raw import template
from introprog.reading import SURVEYS

SURVEY = "survey_"
LIKE = 0.75
STATES = ("nav", "inntekt.social_assistance_months", "ameld.weekly_hours")
# Tables whose numbers rest on something that may be missing: an extract, or one of its columns by clean name.
TABLES = {
    "states": STATES,
    "chronogram": STATES,
    "surrogate": STATES,
    "settlement": ("demografi.settlement_date",),
    "organisation": ("kommuner.in_nav",),
}
# And those that rest on the characteristics that config names under casemix.
ADJUSTED = ("casemix", "adjusted_rates", "organisation")
CHARACTERISTICS = {
    "immigration_ground": "demografi.immigration_ground",
    "schooling": "utdanning_niva",
    "measure_work": "nir_tiltak",
    "measure_school": "nir_tiltak",
    "unemployment": "kommuner.unemployment",
    "centrality": "kommuner.centrality",
    "labour_market_region": "kommuner.labour_market_region",
    "kostra_group": "kommuner.kostra_group",
    "in_nav": "kommuner.in_nav",
}


def tables_resting(casemix: Mapping) -> dict[str, list[str]]:
    """Table -> the extracts and columns that its numbers rest on, besides those without which there is no study.

    ``casemix``: config's block.
    """
    named = [v for tier in ("person", "programme", "local") for v in casemix[tier]]
    adjusted = [CHARACTERISTICS[v] for v in named if v in CHARACTERISTICS]
    found = {table: [*parts] for table, parts in TABLES.items()}
    for table in ADJUSTED:
        found[table] = list(dict.fromkeys([*found.get(table, []), *adjusted]))
    return found


def parts_of_definition(block: Mapping) -> list[str]:
    """The extracts and columns that a definition of the result (a block of the config) rests on, as above."""
    told = {
        "ameld.weekly_hours": block["min_hours"] > 0,
        "inntekt.earnings": block["earnings_g"] is not None,
        "inntekt.social_assistance_months": block["no_social_assistance"],
    }
    return [part for part, needed in told.items() if needed]


def lacking(
    directory: str | Path,
    codebook_files: Iterable[str | Path],
    overlays: Sequence[str],
    waves: Iterable[str],
    wanted: Iterable[str],
) -> dict[str, str]:
    """What is not there, of the surveys and of ``wanted`` (``extract`` or ``extract.column``) -> how to speak of it.

    Empty where the codebooks cannot be read and where the folder has no extract at all: those are faults.
    """
    own = Path(directory) / "codebook"
    try:
        codebook = load_codebook(codebook_files, overlays, own)
    except InputError:
        return {}
    registers = [e for name, e in codebook.extracts.items() if not name.startswith(SURVEY)]
    if not any(is_there(directory, extract) for extract in registers):
        return {}
    found = {name: _words(name, codebook) for name in sorted(set(wanted)) if _is_lacking(name, directory, codebook)}
    names = list(_survey_names(codebook, waves))
    if not _surveys_named(directory, own, names):
        found[SURVEYS] = f"no {' or '.join(Path(file).name for file in names[:2])}, ..."
    return found


def _is_lacking(name: str, directory: str | Path, codebook: Codebook) -> bool:
    extract, _, column = name.partition(".")
    parts = [codebook.extracts[part] for part in codebook.parts(extract)]
    there = [part for part in parts if not part.optional or is_there(directory, part)]
    return not any(_has(directory, part, column) for part in there) if column else not there


def _has(directory: str | Path, extract: Extract, name: str) -> bool:
    """Whether the extract has the column; one that must be there is taken to be, for reading asks for it."""
    columns = [c for c in extract.columns.values() if c.name == name and c.fill != ""]
    if not columns or not all(c.optional and c.fill is None for c in columns):
        return bool(columns)
    try:
        names = [n for file in fitting(directory, extract)[-1:] for n in column_names(file, extract)]
    except Exception:  # whatever ails the file, reading it says so
        return True
    sources = [template(source) for c in columns for source in c.join or (c.source,)]
    return any(source.fullmatch(n) for source in sources for n in names)


def _words(name: str, codebook: Codebook) -> str:
    extract, _, column = name.partition(".")
    about = codebook.extracts[extract]
    return f"{about.clean(column).label['en']}, {about.file}" if column else f"{about.label['en']}, {about.file}"


def _survey_names(codebook: Codebook, waves: Iterable[str]) -> Iterator[str]:
    """Files of the answers, then of the frames, as the codebooks name them."""
    waves = sorted(waves)
    answers = codebook.extracts[f"{SURVEY}responses"]
    for wave in waves:
        yield codebook.extracts.get(f"{SURVEY}{wave}", answers).file.replace("{wave}", wave)
    for wave in waves:
        yield codebook.extracts[f"{SURVEY}frame"].file.replace("{wave}", wave)


def _surveys_named(directory: str | Path, own: Path, names: Sequence[str]) -> bool:
    """Whether the researcher has, or means to have, a survey: a file of such a name, or nearly, or a codebook of it."""
    stems = [p.stem.casefold() for p in Path(directory).iterdir()]
    near = [name for name in names if difflib.get_close_matches(Path(name).stem.casefold(), stems, 1, LIKE)]
    inside = [name for name in names if "/" in name and (Path(directory) / name).exists()]
    return bool(near or inside) or any(_describes_survey(path) for path in sorted(own.glob("*.y*ml")))


def _describes_survey(path: Path) -> bool:
    try:
        content = read_content(path, partial=True)
    except InputError:
        return False
    return content["kind"] == "extract" and content["extract"].startswith(SURVEY)
