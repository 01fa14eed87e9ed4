"""Finding the raw files of an extract in the researcher's folder."""

from pathlib import Path

from introprog.codebook import Extract
from introprog.errors import InputError, Problem, nearest, raise_if

OTHER_FORMATS = (".sav", ".dta", ".sas7bdat", ".parquet")


def locate(
    directory: str | Path, extract: Extract, last_year: int | None = None, wave: str | None = None
) -> dict[int | None, Path]:
    """Files of an extract by year (``None`` for one file that holds all years).

    A file named in the codebook may also lie there as Stata, SPSS, SAS or Parquet under the same stem. Yearly files
    must all be there from the first that exists to the last year of the codebook (or ``last_year``, whichever is
    first). Raises ``InputError`` naming every file that is not found, with the nearest name in the folder.
    """
    folder = Path(directory)
    if not folder.is_dir():
        hint = "config.yaml, extracts: directory says where the raw files lie"
        raise InputError([Problem(folder.name, "F1", "the folder of extracts does not exist", hint=hint)])
    if extract.years is None:
        name = extract.file.format(wave=wave) if wave else extract.file
        found = {None: _file(folder, name)}
        expected = {None: name}
    else:
        first, last = extract.years
        end = min(y for y in (last, last_year) if y is not None)
        expected = {year: extract.file.format(year=year) for year in range(first, end + 1)}
        found = {year: _file(folder, name) for year, name in expected.items()}
        begun = [year for year, path in found.items() if path]
        if begun:
            expected = {year: name for year, name in expected.items() if year >= begun[0]}
    raise_if([_missing(folder, expected[year], extract) for year in expected if found[year] is None])
    return {year: found[year] for year in expected}


def _file(folder: Path, name: str) -> Path | None:
    path = folder / name
    return next((p for p in (path, *(path.with_suffix(s) for s in OTHER_FORMATS)) if p.is_file()), None)


def _missing(folder: Path, name: str, extract: Extract) -> Problem:
    there = sorted(p.name for p in folder.iterdir() if p.is_file())
    hint = nearest(name, there) if there else "the folder is empty"
    if hint.startswith("known:"):
        hint = f"put the file in the folder, or change `file` in the codebook of {extract.name}"
    return Problem(name, "F2", "file not found", expected=extract.label["en"], hint=hint)
