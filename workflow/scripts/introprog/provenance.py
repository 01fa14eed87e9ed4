"""What a result depends on besides its inputs: the code that a script imports, and the versions of the packages."""

import ast
import hashlib
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
    """Files of the package that ``path`` imports, wherever the import stands, and files beside it that it names."""
    if path.suffix != ".py":
        return ()
    found: list[Path | None] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path)
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(SIDE_FILES):
            beside = path.with_name(node.value.rsplit("/", 1)[-1])
            found.append(beside if beside.is_file() else None)
        for name in names:
            parts = name.split(".")
            found += [module_path(".".join(parts[:n])) for n in range(1, len(parts) + 1)]
    return tuple(sorted({p for p in found if p is not None}))


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = path.parent
    for _ in range(node.level - 1):
        package = package.parent
    parts = [PACKAGE, *package.relative_to(ROOT).parts, *([node.module] if node.module else [])]
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
    found = {}
    for name in PINNED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


@cache
def _digest(path: Path, changed: int) -> bytes:
    """Hash of a file; ``changed`` (its time stamp) keeps an edited file from being taken for the old one."""
    return hashlib.sha256(path.read_bytes()).digest()


def code_hash(entries: Iterable[Path]) -> str:
    """Sixteen hex digits that change when a script, a module it imports or a package version changes.

    Snakemake sees only the script file itself; this goes into ``params`` so that an edited module re-runs exactly the
    rules whose scripts import it.
    """
    digest = hashlib.sha256(repr(sorted(package_versions().items())).encode())
    for path in imported_files(entries):
        digest.update(path.name.encode())
        digest.update(_digest(path, path.stat().st_mtime_ns))
    return digest.hexdigest()[:16]
