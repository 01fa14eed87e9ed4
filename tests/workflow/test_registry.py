"""A walk through the registry on a finished run: every display has its function, numbers, files and words in both
languages, with caption, definition, number, source and stamp, and says nothing that is missing."""

import csv
import re
from functools import cache

import pytest
import yaml
from conftest import ROOT, SMALL, jobs
from introprog.displays.context import Context
from introprog.displays.making import make_numbers, make_table, module_of, read_inputs
from introprog.displays.registry import registry
from introprog.house_style import house_style
from introprog.labels import Labels
from introprog.plan import Plan

pytestmark = pytest.mark.heavy
ENTRIES = {
    name: entry for name, entry in registry().items() if "synthetic" in entry["sources"] and "asked" not in entry
}
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
BLANK = re.compile(r"(?<![\w])(nan|None(?! of)|<NA>|NaT|inf|not estimable: )(?![\w])")


@cache
def settings():
    merged = {**CONFIG, "displays": "all"}
    for block, changes in yaml.safe_load(SMALL).items():
        merged[block] = {**merged[block], **changes}
    return merged


@pytest.fixture(scope="module")
def made(project):
    """The numbers of a display, made once from the run's tables."""
    plan = Plan(settings(), ROOT)

    @cache
    def numbers(name):
        paths = {n: p if p.startswith(str(ROOT)) else str(project / p) for n, p in plan.inputs(name).items()}
        return make_numbers(ENTRIES[name], read_inputs(paths), settings())

    return numbers


def words(name, numbers, language):
    """All that is printed on a display, a line a text."""
    context = Context.of(name, ENTRIES[name], settings(), language)
    if ENTRIES[name]["form"] == "table":
        return make_table(numbers, context).to_csv().splitlines()
    with house_style():
        figure = module_of(ENTRIES[name]).draw(numbers, context)
    texts = [t.get_text() for t in figure.findobj() if hasattr(t, "get_text")]
    return [t for t in texts if t.strip()]


@pytest.mark.parametrize("name", ENTRIES)
def test_a_display_has_its_files_in_both_languages(name, project):
    entry = ENTRIES[name]
    folder, labels = project / "results" / f"{entry['form']}s", {lang: Labels(lang) for lang in ("nb", "en")}
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][0] == "data" and len(rows) > 1 and all(re.fullmatch(r"[a-z0-9_]+", head) for head in rows[0])
    assert {row[0] for row in rows[1:]} <= {"synthetic", "published"}
    for language in ("nb", "en"):
        if entry["form"] == "table":
            page = (folder / f"{name}_{language}.html").read_text(encoding="utf-8")
            assert f'<html lang="{language}">' in page and "<caption>" in page and 'scope="row"' in page
        else:
            svg = (folder / f"{name}_{language}.svg").read_text(encoding="utf-8")
            assert f'xml:lang="{language}"' in svg and "<desc " in svg and 'role="img"' in svg
            assert entry["alt"][language].split("“")[0].split("&")[0][:30] in svg
            assert (folder / f"{name}_{language}.png").read_bytes()[:4] == b"\x89PNG"
            assert (folder / f"{name}_{language}.pdf").read_bytes()[:5] == b"%PDF-"
        assert labels[language].pick(entry["title"])


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("name", ENTRIES)
def test_a_display_says_what_it_is_how_many_and_from_where(name, language, made):
    entry, lines = ENTRIES[name], words(name, made(name), language)
    text = re.sub(r"\s+", " ", " ".join(lines))
    labels = Labels(language)
    assert not BLANK.search(text), BLANK.search(text)
    for key in ("title", "caption"):
        if entry["form"] == "figure" or key == "caption":
            assert re.sub(r"\s+", " ", labels.pick(entry[key])).replace('"', "") in text.replace('"', ""), key
    for key in ("footer.definition", "footer.n", "footer.source"):
        head = labels.term(key).split("{")[0].strip()
        assert head in text, head
    number = text.split(labels.term("footer.n").split("{")[0].strip(), 1)[1].split(".")[0]
    assert re.search(r"\d", number) or "n" in made(name), number
    assert (labels.term("stamp.synthetic") in text) == (entry.get("data") != "published")


@pytest.mark.parametrize("name", ENTRIES)
def test_the_two_languages_are_two_texts_and_one_number(name, made):
    nb, en = (words(name, made(name), language) for language in ("nb", "en"))
    assert nb != en
    for key in ("title", "caption", "alt"):
        assert ENTRIES[name][key]["nb"] != ENTRIES[name][key]["en"]


@pytest.mark.parametrize("name", ENTRIES)
def test_hidden_numbers_are_empty_in_the_file(name, made):
    numbers = made(name)
    if "suppressed" not in numbers:
        return
    hidden = numbers[numbers["suppressed"].fillna(False).astype(bool)]
    # where a part's ``count`` is hidden, ``successes`` is the sum of the parts
    names = ("share", "estimate", "persons", "rate", "count" if "count" in hidden else "successes")
    shown = [c for c in names if c in hidden]
    assert hidden[shown].isna().all(axis=None)


def test_the_target_displays_is_all_of_them_and_no_report(again):
    run = again("--forceall", "--dry-run", "displays")
    assert run.returncode == 0, run.stdout[-3000:]
    asked = jobs(run.stdout)
    assert {"draw_chapter_a", "draw_chapter_f", "draw_published"} <= asked
    assert "write_report" not in asked
