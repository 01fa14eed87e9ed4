"""The code hash follows imports, and only imports."""

import ast
from itertools import accumulate
from pathlib import Path

from introprog import provenance
from introprog.provenance import Sources, code_hash

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def imported_files(entry: Path) -> set[Path]:
    return set(map(Path, Sources().imported([entry])))


def names(entry: Path) -> set[str]:
    return {str(p.relative_to(SCRIPTS)) for p in imported_files(entry) if p != entry}


def test_imports_are_followed_through_modules_and_into_functions(tmp_path):
    script = tmp_path / "a.py"
    script.write_text("def f():\n    from introprog.settings import check_config\n    return check_config\n")
    assert names(script) == {
        "introprog/__init__.py",
        "introprog/settings.py",
        "introprog/errors.py",
        "introprog/lifeline.py",
        "introprog/light_start.py",
        "introprog/run_lock.py",
        "introprog/shortage.py",
    }


def test_relative_imports_are_resolved(tmp_path, monkeypatch):
    package = tmp_path / "introprog"
    (package / "rooms").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "errors.py": "",
        "rooms/__init__.py": "from .one import x\n",
        "rooms/one.py": "from . import two\nfrom ..errors import y\n",
        "rooms/two.py": "",
    }.items():
        (package / name).write_text(text)
    monkeypatch.setattr(provenance, "ROOT", package)
    found = {str(p.relative_to(package)) for p in imported_files(package / "rooms" / "__init__.py")}
    assert found == {"__init__.py", "errors.py", "rooms/__init__.py", "rooms/one.py", "rooms/two.py"}


def test_hash_changes_with_an_imported_module_and_with_nothing_else(tmp_path, monkeypatch):
    package = tmp_path / "introprog"
    package.mkdir()
    for name, text in {"__init__.py": "", "a.py": "x = 1\n", "b.py": "x = 1\n"}.items():
        (package / name).write_text(text)
    script = tmp_path / "script.py"
    script.write_text("from introprog.a import x\n")
    monkeypatch.setattr(provenance, "ROOT", package)
    before = code_hash([script])
    (package / "b.py").write_text("x = 2\n")
    assert code_hash([script]) == before
    (package / "a.py").write_text("x = 2\n")
    assert code_hash([script]) != before


def test_files_beside_a_module_that_it_names_count(tmp_path):
    (tmp_path / "terms.yaml").write_text("a: 1\n")
    script = tmp_path / "labels.py"
    script.write_text('from pathlib import Path\nTERMS = Path(__file__).with_name("terms.yaml")\nOTHER = "no.yaml"\n')
    before = code_hash([script])
    assert tmp_path / "terms.yaml" in imported_files(script)
    (tmp_path / "terms.yaml").write_text("a: 2\n")
    assert code_hash([script]) != before


def test_module_path_knows_packages_modules_and_strangers():
    module = Sources().module
    assert Path(module("introprog.errors")) == SCRIPTS / "introprog" / "errors.py"
    assert Path(module("introprog")) == SCRIPTS / "introprog" / "__init__.py"
    assert module("introprog.nothing") is None
    assert module("pandas.core") is None


def test_the_text_of_every_module_gives_the_imports_of_its_syntax_tree():
    """Imports as Python's own parser finds them, in each script and module of the project."""
    files, sources = sorted(SCRIPTS.rglob("*.py")), Sources()
    assert len(files) > 100
    for path in files:
        wanted = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                named = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            wanted |= {part for name in named for part in accumulate(name.split("."), "{}.{}".format)}
        found = {p for p in sources.imports(path) if p.endswith(".py")}
        assert found == {p for p in map(sources.module, wanted) if p is not None}, path


def test_each_file_is_read_once_however_many_scripts_import_it(tmp_path, monkeypatch):
    package = tmp_path / "introprog"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("x = 1\n")
    scripts = [tmp_path / f"{name}.py" for name in "pq"]
    for script in scripts:
        script.write_text(f"from introprog.a import x\nname = {script.stem!r}\n")
    monkeypatch.setattr(provenance, "ROOT", package)
    sources = Sources()
    first = sources.code_hash(scripts[:1])
    (package / "a.py").write_text("x = 2\n")
    assert sources.code_hash(scripts[:1]) == first
    assert sources.code_hash(scripts[1:]) != code_hash(scripts[1:])
    assert code_hash(scripts[:1]) != first


def test_what_only_looks_like_an_import_is_none(tmp_path):
    script = tmp_path / "a.py"
    script.write_text('x = 1  # taken from introprog.panel import y\ntext = "import introprog.ranks"\n')
    assert names(script) == set()
