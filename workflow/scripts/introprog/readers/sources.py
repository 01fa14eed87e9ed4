"""The bytes of a raw file, unpacked from gzip or zip in memory: nothing is written to disk."""

import gzip
import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath

from introprog.errors import InputError, Problem, nearest
from introprog.readers.raw import RawFile
from introprog.shortage import check_room

PACKED = (".gz", ".zip")


def inner_suffix(file: RawFile) -> str:
    """The suffix that says the format, in small letters, with the packing taken off."""
    name = Path(file.entry or file.path.name)
    if file.entry is None and name.suffix.lower() in PACKED:
        inner = only_entry(file.path) if name.suffix.lower() == ".zip" else name.stem
        return Path(inner).suffix.lower()
    return name.suffix.lower()


def is_packed(file: RawFile) -> bool:
    """Whether the file must be unpacked to be read."""
    return file.entry is not None or file.path.suffix.lower() in PACKED


def contents(file: RawFile, mark: bytes = b"") -> bytes:
    """The bytes of the file, unpacked; raises ``InputError`` for damaged, protected or unsafe archives.

    A ``mark`` that a plain file begins with is passed over, which saves a second copy of a large file.
    """
    suffix = file.path.suffix.lower()
    try:
        if file.entry is not None or suffix == ".zip":
            with zipfile.ZipFile(file.path) as archive:
                return archive.read(file.entry or only_entry(file.path))
        if suffix == ".gz":
            with gzip.open(file.path) as stream:
                return stream.read()
        check_room(file.name, file.path.stat().st_size)
        return _after_mark(file.path, mark)
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile):
        what = f"cannot be unpacked as {suffix}"
        raise InputError(
            [Problem(file.name, "F9", what, hint="was the file cut off under way? fetch it again")]
        ) from None
    except RuntimeError:
        what = "the archive is protected by a password"
        raise InputError([Problem(file.name, "F9", what, hint="unpack it in your own safe area first")]) from None
    except PermissionError:
        what = "the file may not be read by this user"
        raise InputError([Problem(file.name, "F9", what, hint="ask for read access to the folder")]) from None


def _after_mark(path: Path, mark: bytes) -> bytes:
    with open(path, "rb", buffering=0) as source:
        if not mark or source.read(len(mark)) != mark:
            source.seek(0)
        return source.readall()


def stream(file: RawFile) -> BytesIO | str:
    """What a reader of statistical files or spreadsheets can open: the path itself, or the unpacked bytes."""
    return BytesIO(contents(file)) if is_packed(file) else str(file.path)


def entries(path: Path) -> list[str]:
    """Files in a zip archive; raises ``InputError`` when it is no archive or an entry leaves its folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            listed = [i for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX/")]
    except (zipfile.BadZipFile, OSError):
        hint = "was the file cut off under way? fetch it again"
        raise InputError([Problem(path.name, "F9", "cannot be unpacked as .zip", hint=hint)]) from None
    names = [i.filename for i in listed]
    links = [i.filename for i in listed if stat.S_ISLNK(i.external_attr >> 16)]
    if links:
        what = "an entry of the archive is a link"
        raise InputError([Problem(path.name, "F12", what, expected="plain files", values=links)])
    unsafe = [name for name in names if _leaves(name)]
    if unsafe:
        what = "an entry of the archive names a path outside its folder"
        raise InputError([Problem(path.name, "F12", what, expected="plain file names", values=unsafe)])
    return sorted(names)


def _leaves(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def only_entry(path: Path) -> str:
    """The entry of an archive that holds one file, or one of its own name; raises ``InputError`` for any other."""
    names = entries(path)
    if len(names) == 1:
        return names[0]
    same = [name for name in names if PurePosixPath(name).stem == path.stem]
    if len(same) == 1:
        return same[0]
    what = f"the archive holds {len(names)} files" if names else "the archive is empty"
    hint = f"{nearest(path.stem, names)}; set `file` to {path.name}/<one of them> in a codebook" if names else ""
    raise InputError([Problem(path.name, "F12", what, expected="one file", hint=hint)])
