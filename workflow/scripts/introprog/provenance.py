"""What a result depends on besides its inputs: the code that a script imports, and the versions of the packages."""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = "introprog"
ROOT = Path(__file__).parent
SIDE_FILES = (".yaml", ".mplstyle", ".ttf")
PINNED = (
    *("pandas", "numpy", "scipy", "pyarrow", "statsmodels", "matplotlib", "pyreadstat", "python-calamine"),
    *("jinja2", "typst", "python-docx", "XlsxWriter"),
)


_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<base>[.\w]+)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n]+)"
    r"|import[ \t]+(?P<modules>[^\n]+))",
    re.MULTILINE,
)
_TEXT = re.compile(r"""["']([^"'\n]+)["']""")


def module_path(name: str) -> Path | None:
    """The file of ``introprog...`` module ``name``, or None when it is no module of the package."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    base = ROOT.joinpath(*parts[1:])
    for path in (base.with_suffix(".py") if parts[1:] else None, base / "__init__.py"):
        if path is not None and path.is_file():
            return path
    return None


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """Files of the package that ``path`` imports, wherever the import stands, and files beside it that it names.

    Read from the text, since a syntax tree of every module would cost each call of Snakemake half a second.
    """
    if path.suffix != ".py":
        return ()
    text = path.read_text(encoding="utf-8")
    beside = (path.with_name(name.rsplit("/", 1)[-1]) for name in _TEXT.findall(text) if name.endswith(SIDE_FILES))
    found: list[Path | None] = [side for side in beside if side.is_file()]
    for match in _IMPORT.finditer(text):
        listed = re.sub(r"#[^\n]*", "", match["names"] or match["modules"]).strip("() \n")
        names = [part.split()[0] for part in listed.split(",") if part.strip()]
        if match["base"]:
            base = _absolute(match["base"], path)
            names = [base, *(f"{base}.{name}" for name in names)]
        for name in names:
            parts = name.split(".")
            found += [module_path(".".join(parts[:n])) for n in range(1, len(parts) + 1)]
    return tuple(sorted({p for p in found if p is not None}))


def _absolute(base: str, path: Path) -> str:
    """The module that ``from <base> import`` names in the file ``path``, its leading points resolved."""
    name = base.lstrip(".")
    if name == base:
        return base
    package = path.parent
    for _ in range(len(base) - len(name) - 1):
        package = package.parent
    parts = [PACKAGE, *package.relative_to(ROOT).parts, *([name] if name else [])]
    return ".".join(parts)


def imported_files(entries: Iterable[Path]) -> list[Path]:
    """``entries`` and every file of the package that they import, directly or through others, sorted."""
    seen: set[Path] = set()
    todo = list(entries)
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += _imports(path)
    return sorted(seen)


def package_versions() -> dict[str, str]:
    """Installed versions of the packages that numbers and pictures depend on."""
    return {name: _version(name) for name in PINNED}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


@cache
def _digest(path: Path, changed: int) -> bytes:
    """Hash of a file; ``changed`` (its time stamp) keeps an edited file from being taken for the old one."""
    return hashlib.sha256(path.read_bytes()).digest()


def code_hash(entries: Iterable[Path]) -> str:
    """``code <hash>, packages <hash>``: one changes with a script or a module it imports, the other with a version.

    Snakemake sees only the script file itself; this goes into ``params`` so that an edited module re-runs exactly the
    rules whose scripts import it, and so that the reason which Snakemake prints says which of the two it was.
    """
    digest = hashlib.sha256()
    # Whole paths, so that the order is the same wherever the project lies and is called from.
    for path in imported_files([entry.resolve() for entry in entries]):
        digest.update(path.name.encode())
        digest.update(_digest(path, path.stat().st_mtime_ns))
    packages = hashlib.sha256(repr(sorted(package_versions().items())).encode())
    return f"code {digest.hexdigest()[:16]}, packages {packages.hexdigest()[:8]}"
