"""Finding the raw files of an extract in the researcher's folder: any format, packed or not, one or many."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from introprog.codebook import Extract
from introprog.errors import SHOWN, InputError, Problem, raise_if
from introprog.readers.raw import RawFile, template
from introprog.readers.sources import PACKED, entries

FORMATS = (
    ".csv", ".txt", ".tsv", ".sav", ".zsav", ".dta", ".sas7bdat", ".xpt", ".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls",
    ".ods",
)  # fmt: skip
LAST_NEEDED_MONTH = 11
LIKE = 0.7
DIGITS = re.compile(r"[0-9]+")
YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def locate(
    directory: str | Path, extract: Extract, last_year: int | None = None, wave: str | None = None
) -> list[RawFile]:
    """Files of an extract, sorted by year and month (both ``None`` for a file that holds all years).

    A file named in the codebook may also lie there in another format, or packed with gzip or zip, under the same stem;
    the format named comes first, then the order of ``FORMATS``. Yearly files must all be there from the first that
    exists to the last year of the codebook (or ``last_year``, whichever is first); monthly ones likewise, to November
    of the last year. With ``*`` in the name, every file that fits is a part of the extract. An optional extract may be
    absent. Raises ``InputError`` naming every file that is not found, with the nearest name in the folder.
    """
    folder = Path(directory)
    if not folder.is_dir():
        hint = "config.yaml, extracts: directory says where the raw files lie"
        raise InputError([Problem(folder.name, "F1", "the folder of extracts does not exist", hint=hint)])
    name = extract.file.replace("{wave}", wave or "")
    place, _, base = name.rpartition("/")
    names, archive = _listed(folder, place, extract)
    found = _chosen(names, base, archive or folder / place, archive is not None)
    if extract.optional and not found:
        return []
    if extract.years is not None:
        first, last = extract.years
        end = min(y for y in (last, last_year) if y is not None)
        found = [file for file in found if first <= (file.year or first) <= end]
    gaps = _gaps(found, name, extract, last_year)
    if len(gaps) > SHOWN:
        raise InputError([_missing_many(folder, place, names, gaps, extract)])
    raise_if([_missing(folder / place, names, n, extract) for n in gaps])
    return found


def fitting(directory: str | Path, extract: Extract, wave: str | None = None) -> list[RawFile]:
    """The files of an extract that are there, sorted, without a word on those that are not.

    Raises ``InputError`` for an archive that cannot be opened and for two files of one year.
    """
    place, _, base = extract.file.replace("{wave}", wave or "").rpartition("/")
    names, archive = _listed(Path(directory), place, extract)
    return _chosen(names, base, archive or Path(directory) / place, archive is not None)


def is_there(directory: str | Path, extract: Extract, wave: str | None = None) -> bool:
    """Whether anything has the name of the extract: a file, a folder, or something that only reading can judge."""
    name = extract.file.replace("{wave}", wave or "")
    try:
        return bool(fitting(directory, extract, wave)) or (Path(directory) / name).is_dir()
    except InputError:
        return True


def _listed(folder: Path, place: str, extract: Extract) -> tuple[list[str], Path | None]:
    inside = folder / place
    if place and not inside.resolve().is_relative_to(folder.resolve()):
        hint = "put the files into the folder, or let `extracts: directory` name the other one"
        what = "a link leads outside the folder of extracts"
        raise InputError([Problem(f"codebook of {extract.name}, file", "F12", what, hint=hint, values=[place])])
    if place.lower().endswith(".zip"):
        if not inside.is_file():
            raise InputError([_missing(inside.parent, sorted(p.name for p in folder.iterdir()), place, extract)])
        return entries(inside), inside
    return (sorted(p.name for p in inside.iterdir()) if inside.is_dir() else []), None


def _chosen(names: Sequence[str], base: str, place: Path, zipped: bool) -> list[RawFile]:
    stem, suffix = _split(base)
    pattern = template(stem)
    best: dict[tuple, tuple[int, str]] = {}
    for name in names:
        own_stem, own_suffix = _split(PurePosixPath(name).name)
        match = pattern.fullmatch(own_stem)
        if not match or not own_suffix or (not zipped and not (place / name).is_file()):
            continue
        parts = match.groupdict()
        key = (int(parts.get("year") or 0), int(parts.get("month") or 0), own_stem)
        rank = -1 if own_suffix == suffix else _rank(own_suffix)
        best[key] = min(best.get(key, (99, "")), (rank, name)) if key in best else (rank, name)
    raise_if(list(_twice(best, "*" in base)))
    return [
        RawFile(place, year or None, month or None, name)
        if zipped
        else RawFile(place / name, year or None, month or None)
        for (year, month, _), (_, name) in sorted(best.items())
    ]


def _split(name: str) -> tuple[str, str]:
    """Stem and suffix, packing included: ``a_2015.csv.gz`` gives ``a_2015`` and ``.csv.gz``."""
    stem, packing = (name[: -len(p)], p) if (p := Path(name).suffix).lower() in PACKED else (name, "")
    suffix = Path(stem).suffix
    if suffix.lower() in FORMATS:
        return stem[: -len(suffix)], (suffix + packing).lower()
    return (stem, packing.lower()) if packing.lower() == ".zip" else (name, "")


def _rank(suffix: str) -> int:
    packed = suffix.endswith(PACKED)
    plain = suffix.removesuffix(".gz").removesuffix(".zip")
    return (FORMATS.index(plain) if plain in FORMATS else len(FORMATS)) + packed * (len(FORMATS) + 1)


def _twice(best: Mapping[tuple, tuple[int, str]], parts: bool) -> Iterator[Problem]:
    seen: dict[tuple, str] = {}
    for (year, month, stem), (_, name) in sorted(best.items()):
        other = seen.setdefault((year, month), stem)
        if other != stem and not parts:
            what = f"two files of the same {'month' if month else 'year'}"
            yield Problem(name, "F11", what, expected="one file", hint=f"the other begins with {other!r}")


def _gaps(found: Sequence[RawFile], name: str, extract: Extract, last_year: int | None) -> list[str]:
    """Names of the files that should be there and are not."""
    monthly = "{month}" in name
    if extract.years is None:
        return [] if found else [name]
    first, last = extract.years
    end = min(y for y in (last, last_year) if y is not None)
    there = {(file.year, file.month) for file in found}
    begun = min(there) if there else (first, 0)
    if monthly:
        wanted = [(y, m) for y in range(first, end + 1) for m in range(1, 13) if (y, m) <= (end, LAST_NEEDED_MONTH)]
    else:
        wanted = [(y, None) for y in range(first, end + 1)]
    absent = [(y, m) for y, m in wanted if (y, m) not in there and (y, m or 0) >= (begun[0], begun[1] or 0)]
    return [name.replace("{year}", str(y)).replace("{month}", str(m)) for y, m in absent]


def _missing(folder: Path, names: Sequence[str], name: str, extract: Extract) -> Problem:
    if (folder / name).is_dir() or (folder / PurePosixPath(name).name).is_dir():
        return Problem(name, "F2", "is a folder, not a file", expected=extract.label["en"])
    there = [n for n in names if not (folder / n).is_dir()]
    return Problem(name, "F2", "file not found", expected=extract.label["en"], hint=_hint(folder, there, name, extract))


def _missing_many(folder: Path, place: str, names: Sequence[str], gaps: Sequence[str], extract: Extract) -> Problem:
    """One problem for the files of many years."""
    hint = _hint(folder / place, names, gaps[-1], extract)
    what = f"{len(gaps)} files not found, {PurePosixPath(gaps[0]).name} to {PurePosixPath(gaps[-1]).name}"
    return Problem(extract.file, "F2", what, f"{extract.label['en']}, a file a year or month", hint)


def _hint(folder: Path, names: Sequence[str], name: str, extract: Extract) -> str:
    """Where the file may be: inside an archive, or under a name that differs in more than its numbers."""
    if not names:
        return "the folder is empty"
    if packed := _in_archive(folder, names, extract):
        return packed
    near = nearest_name(PurePosixPath(name).name, names)
    if near and "{year}" not in extract.file and (year := YEAR.search(_split(near)[0])):
        pattern = f"{near[: year.start()]}{{year}}{near[year.end() :]}"
        return f'did you mean {near!r}? files by year are `file: "{pattern}"` in the codebook of {extract.name}'
    if near:
        return f"did you mean {near!r}?"
    return f"put the file in the folder, or change `file` in the codebook of {extract.name}"


def nearest_name(name: str, names: Sequence[str]) -> str:
    """The name that is nearest in its letters; of these, in its digits. Years alone make no two names alike."""
    letters = {n: DIGITS.sub("", _split(n)[0]).casefold() for n in names}
    close = difflib.get_close_matches(DIGITS.sub("", _split(name)[0]).casefold(), set(letters.values()), 1, LIKE)
    alike = [n for n in names if letters[n] in close]
    return next(iter(difflib.get_close_matches(name, alike, 1, 0.0)), "")


def _in_archive(folder: Path, names: Sequence[str], extract: Extract) -> str:
    pattern = template(_split(PurePosixPath(extract.file).name)[0])
    for archive in (n for n in names if n.lower().endswith(".zip") and (folder / n).is_file()):
        try:
            inside = [PurePosixPath(entry).name for entry in entries(folder / archive)]
        except InputError:
            continue
        if any(pattern.fullmatch(_split(entry)[0]) for entry in inside):
            place = f"{archive}/{PurePosixPath(extract.file).name}"
            return f'it is inside {archive}: write `file: "{place}"` in a codebook of {extract.name}'
    return ""
