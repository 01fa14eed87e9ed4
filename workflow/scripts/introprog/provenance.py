"""What a result depends on besides its inputs: the code that a script imports, and the versions of the packages."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
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


# They begin with a word, not with the start of a line: a search for the word is twenty times as fast.
_FROM = re.compile(
    rf"from[ \t]+(?P<base>{PACKAGE}\b[.\w]*|\.[.\w]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n]+)", re.ASCII
)
_IMPORT = re.compile(rf"import[ \t]+(?P<modules>[^\n]*\b{PACKAGE}\b[^\n]*)", re.ASCII)
_TEXT = re.compile(r"""["']([^"'\n]+)["']""")


class Sources:
    """The package as it is at one moment: each file is read and hashed once, however many rules ask for it.

    Imports are read from the text, since a syntax tree of every module would cost each call of Snakemake half a second.
    """

    def __init__(self):
        self._root = os.path.realpath(ROOT)
        self._modules = dict(self._walk())
        self._read: dict[str, tuple[bytes, tuple[str, ...]]] = {}

    def code_hash(self, entries: Iterable[Path]) -> str:
        """``code <hash>, packages <hash>``: one changes with a script or a module it imports, the other with a version.

        Snakemake sees only the script file itself; this goes into ``params`` so that an edited module re-runs exactly
        the rules whose scripts import it, and so that the reason which Snakemake prints says which of the two it was.
        """
        digest = hashlib.sha256()
        # Whole paths, so that the order is the same wherever the project lies and is called from.
        for path in self.imported(entries):
            digest.update(os.path.basename(path).encode())
            digest.update(self._facts(path)[0])
        return f"code {digest.hexdigest()[:16]}, packages {_packages_hash()}"

    def imported(self, entries: Iterable[Path]) -> list[str]:
        """``entries`` and every file of the package that they import, directly or through others, sorted."""
        seen: set[str] = set()
        todo = [os.path.realpath(entry) for entry in entries]
        while todo:
            path = todo.pop()
            if path not in seen:
                seen.add(path)
                todo += self._facts(path)[1]
        return sorted(seen, key=lambda path: path.split(os.sep))

    def imports(self, path: Path) -> list[str]:
        """Files of the package that ``path`` imports, wherever the import stands, and files beside it that it names."""
        return sorted(self._facts(os.path.realpath(path))[1])

    def module(self, name: str) -> str | None:
        """The file of ``introprog...`` module ``name``, or None when it is no module of the package."""
        return self._modules.get(name)

    def _walk(self) -> Iterator[tuple[str, str]]:
        for folder, _, names in os.walk(self._root):
            package = ".".join(self._within(folder))
            for name in names:
                if name.endswith(".py"):
                    module = package if name == "__init__.py" else f"{package}.{name.removesuffix('.py')}"
                    yield module, os.path.join(folder, name)

    def _within(self, folder: str) -> list[str]:
        inside = os.path.relpath(folder, self._root)
        return [PACKAGE, *(part for part in inside.split(os.sep) if part != os.curdir)]

    def _facts(self, path: str) -> tuple[bytes, tuple[str, ...]]:
        """Hash of a file's content, and the files that it imports or names."""
        if path not in self._read:
            with open(path, "rb") as stream:
                content = stream.read()
            found = self._links(content.decode("utf-8"), path) if path.endswith(".py") else set()
            self._read[path] = hashlib.sha256(content).digest(), tuple(found)
        return self._read[path]

    def _links(self, text: str, path: str) -> set[str]:
        names = []
        for match in filter(_begins_line, _FROM.finditer(text)):
            base = self._absolute(match["base"], path)
            names += [base, *(f"{base}.{name}" for name in _listed(match["names"]))]
        names += [name for match in filter(_begins_line, _IMPORT.finditer(text)) for name in _listed(match["modules"])]
        parts = [name.split(".") for name in names]
        modules = {".".join(one[:n]) for one in parts for n in range(1, len(one) + 1)}
        found = {module for module in map(self.module, modules) if module is not None}
        return found | self._beside(text, os.path.dirname(path))

    def _beside(self, text: str, folder: str) -> set[str]:
        if not any(ending in text for ending in SIDE_FILES):
            return set()
        named = (name.rsplit("/", 1)[-1] for name in _TEXT.findall(text) if name.endswith(SIDE_FILES))
        return {path for path in (os.path.join(folder, name) for name in named) if os.path.isfile(path)}

    def _absolute(self, base: str, path: str) -> str:
        """The module that ``from <base> import`` names in the file ``path``, its leading points resolved."""
        name = base.lstrip(".")
        if name == base:
            return base
        package = os.path.dirname(path)
        for _ in range(len(base) - len(name) - 1):
            package = os.path.dirname(package)
        return ".".join([*self._within(package), *([name] if name else [])])


def _begins_line(match: re.Match) -> bool:
    text, start = match.string, match.start()
    return not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t")


def _listed(names: str) -> list[str]:
    """The names of an import statement, without what they are called afterwards."""
    parts = re.sub(r"#[^\n]*", "", names).strip("() \n").split(",")
    return [part.split()[0] for part in parts if part.strip()]


def code_hash(entries: Iterable[Path]) -> str:
    """``Sources.code_hash`` of the files as they are now."""
    return Sources().code_hash(entries)


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
def _packages_hash() -> str:
    return hashlib.sha256(repr(sorted(package_versions().items())).encode()).hexdigest()[:8]
