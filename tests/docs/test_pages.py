"""What docs/ and README say exists does: links, modules, tests, references, displays, config keys and commands."""

import re
import shlex

import pytest
import yaml
from docs.pages import PAGES, ROOT, blocks, commands
from introprog.definition_tables import choices, definition_page

LIBRARY = ROOT / "workflow" / "scripts" / "introprog"
METHODS = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
ASSUMPTIONS = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
DISPLAYS = yaml.safe_load((ROOT / "workflow" / "displays.yaml").read_text(encoding="utf-8"))["displays"]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
FIELDS = ("What", "Assumes", "Code", "Checked", "Fails when")


def estimators() -> dict[str, str]:
    """Heading and text of each section of methods.md."""
    parts = re.split(r"^### (.+)$", METHODS, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def module_exists(name: str) -> bool:
    path = LIBRARY.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def test_definitions_page_is_in_step_with_config_and_schema():
    """If this fails: PYTHONPATH=workflow/scripts python -m introprog.definition_tables"""
    assert (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8") == definition_page(ROOT)


def test_every_definition_and_every_key_is_on_the_page():
    page = definition_page(ROOT)
    assert all(f"| `{name}` | {block['label']['en']} |" in page for name, block in CONFIG["definitions"].items())
    assert "| `study: target_share` | `0.7` |" in page and "`definitions: <name>: min_hours`" in page
    schema = {"properties": {"a": {"properties": {"b": {"description": "B | c."}}}}}
    assert choices(schema, {"a": {"b": [1]}}) == [["`a: b`", "`[1]`", "B | c."]]


@pytest.mark.parametrize("heading", estimators())
def test_an_estimator_says_all_there_is_to_say(heading):
    text = estimators()[heading]
    assert [f for f in FIELDS if f"- **{f}:**" not in text] == []
    code = re.search(r"- \*\*Code:\*\* (.+)", text)[1]
    modules = re.findall(r"`([\w.]+)`", code)
    assert modules and [m for m in modules if not module_exists(m)] == []
    tests = re.findall(r"`(test_\w+\.py)`", text)
    assert [t for t in tests if not (ROOT / "tests" / "unit" / t).is_file()] == []


def test_references_of_methods_are_in_the_list():
    known = yaml.safe_load((ROOT / "workflow" / "report" / "references.yaml").read_text(encoding="utf-8"))
    cited = {
        key for group in re.findall(r"\[([a-z]+_\d{4}(?:, [a-z]+_\d{4})*)\]", METHODS) for key in group.split(", ")
    }
    assert len(cited) > 15 and cited <= set(known)


def test_no_estimating_module_is_without_a_method_note():
    """Modules that the rules of models and moments call, and those they cite a source for, have a note."""
    rules = [ROOT / "workflow" / "rules" / f"{name}.smk" for name in ("models", "moments")]
    scripts = re.findall(r'"\.\./scripts/(\w+)\.py"', "".join(p.read_text(encoding="utf-8") for p in rules))
    called = set()
    for script in scripts:
        text = (ROOT / "workflow" / "scripts" / f"{script}.py").read_text(encoding="utf-8")
        called |= set(re.findall(r"^ *from introprog\.([\w.]+) import", text, re.MULTILINE))
    called -= {"content", "contracts", "errors", "tabular", "settings", "plan", "standing"}
    assert len(called) > 8
    noted = set(re.findall(r"`([\w.]+)`", METHODS))
    assert {name for name in called if name not in noted} == set()


def test_assumptions_are_numbered_and_what_they_name_exists():
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", ASSUMPTIONS, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1)) and len(rows) >= 20
    for number, row in rows:
        cells = row.split(" | ")
        assert len(cells) == 4, number
        shown = re.findall(r"\b[FT]-[A-G]\d+(?:-[a-z]+)*", cells[3])
        tests = re.findall(r"`(test_\w+\.py)`", cells[3])
        assert shown or tests or "`" in cells[3], number
        assert set(shown) <= set(DISPLAYS), number
        assert [t for t in tests if not (ROOT / "tests" / "unit" / t).is_file()] == [], number


def named_keys(text: str) -> list[list[str]]:
    """``study: target_share`` in backquotes, as a path into the config."""
    paths = [name.split(": ") for name in re.findall(r"`(\w+(?:: \w+)+)`", text)]
    return [path for path in paths if path[0] in CONFIG]


def test_config_keys_that_are_named_exist():
    for text in (METHODS, ASSUMPTIONS):
        paths = named_keys(text)
        assert len(paths) > 3
        for path in paths:
            node = CONFIG
            for key in path:
                # the last name may be the value itself: `surveys: alignment: published`
                assert isinstance(node, (dict, str)), path
                node = node[key] if isinstance(node, dict) else node


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_displays_of_a_page_exist(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
    named = set(re.findall(r"(?<![\w-])[FT]-[A-G]\d+(?:-[a-z]+)?(?![\w-])", text))
    # an example that the reader makes himself
    assert named - set(DISPLAYS) <= {"T-B99"}, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_yaml_and_python_of_a_page_can_be_read(page):
    for block in blocks(page):
        if block.language == "yaml":
            assert yaml.safe_load(block.text) is not None, block.text
        elif block.language == "python" and not block.under:
            compile(block.text, page.name, "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page_name_targets_and_modules_that_exist(page):
    smk = [*(ROOT / "workflow" / "rules").glob("*.smk"), ROOT / "Snakefile"]
    rules = set(re.findall(r"^ *rule (\w+):", "".join(p.read_text(encoding="utf-8") for p in smk), re.MULTILINE))
    for line in (line for block in blocks(page) for line in commands(block)):
        words = shlex.split(line, comments=True)
        for at, word in enumerate(words):
            if word == "-m" and words[at + 1].startswith("introprog."):
                assert module_exists(words[at + 1].removeprefix("introprog.")), line
            if word.startswith("tests/") and word.endswith(".py"):
                assert (ROOT / word).is_file(), line
        if "snakemake" in words:
            rest = words[words.index("snakemake") + 1 :]
            options = {"--cores", "--config", "--configfile", "--until", "--summary"}
            targets = [
                w for at, w in enumerate(rest) if not w.startswith("-") and rest[at - 1 if at else 0] not in options
            ]
            targets = [t for t in targets if "/" not in t and "=" not in t and t not in (".", "&&")]
            assert [t for t in targets if t not in rules and t not in {*DISPLAYS, "T-B99"}] == [], line
