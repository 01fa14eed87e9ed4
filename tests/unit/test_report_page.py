"""The page: self-contained, complete, the same bytes again, and usable without eyes, mouse or network."""

import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urlparse

import pytest
import report_run as made
import yaml
from introprog.report.chapters import order_of
from introprog.report.content import gather
from introprog.report.embedding import compact_svg, data_uri, head_of_csv, table_parts
from introprog.report.html import as_script, render
from introprog.tables import Column, Row, Table

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "img", "input", "br", "link"}


class Reader(HTMLParser):
    """All start tags with their attributes, and whether tags close in order."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.open, self.faults = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def all(self, *names: str) -> list[dict]:
        return [attrs for tag, attrs in self.tags if tag in names]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made.write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module", params=["nb", "en"])
def page(request, run):
    report = gather(**run, language=request.param)
    return report, render(report, made.TEXTS)


def test_same_run_same_bytes(run, page):
    report, text = page
    assert render(gather(**run, language=report.language), made.TEXTS) == text


def test_tags_close_in_order_and_ids_are_unique(page):
    reader = Reader(page[1])
    assert reader.faults == [] and reader.open == []
    ids = Counter(attrs["id"] for _, attrs in reader.tags if "id" in attrs)
    assert [name for name, count in ids.items() if count > 1] == []


def test_nothing_is_fetched_from_anywhere(page):
    reader = Reader(page[1])
    assert all(attrs["src"].startswith("data:") for attrs in reader.all("img"))
    assert not any("src" in attrs for attrs in reader.all("script")) and reader.all("link") == []
    outside = [a["href"] for a in reader.all("a") if urlparse(a["href"]).scheme in ("http", "https")]
    assert outside and all(address.startswith("https://doi.org/") for address in outside)
    assert "@import" not in page[1]
    inside = "url(data:font/woff;base64,"
    assert page[1].count("url(") == page[1].count(inside) == 2


def test_links_and_labels_point_at_things_that_exist(page):
    reader = Reader(page[1])
    ids = {attrs["id"] for _, attrs in reader.tags if "id" in attrs}
    for _, attrs in reader.tags:
        assert not attrs.get("href", "").startswith("#") or attrs["href"][1:] in ids, attrs
        for name in ("aria-labelledby", "aria-describedby", "aria-controls", "for"):
            assert attrs.get(name, "content") in ids, attrs


def test_headings_go_down_one_step_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in Reader(page[1]).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_language_landmarks_and_alternative_texts(page):
    report, text = page
    reader = Reader(text)
    assert reader.all("html")[0]["lang"] == report.language
    assert len(reader.all("main")) == len(reader.all("nav")) == 1
    assert all(attrs["alt"].startswith("What") for attrs in reader.all("img")) and len(reader.all("img")) == 4
    assert all(attrs.get("scope") for attrs in reader.all("th"))
    assert reader.all("a")[0]["href"] == "#content"


def test_chapters_take_what_the_run_has_in_the_order_of_ids(page):
    report, text = page
    assert [one.id for c in report.chapters for one in c.shown] == [
        "F-B2-published",
        "F-C1-county",
        "F-C4",
        "T-C6",
        "F-D5",
    ]
    ids = ["F-C10", "T-B7", "F-C4", "F-B2-published", "F-B2", "T-D9", "F-D9"]
    assert sorted(ids, key=order_of) == ["F-B2", "F-B2-published", "T-B7", "F-C4", "F-C10", "F-D9", "T-D9"]
    assert report.word("page.no_displays") in text
    with pytest.raises(ValueError, match="no id"):
        order_of("figure 1")


def test_synthetic_data_are_marked_in_title_and_every_section_but_not_published_figures(page):
    report, text = page
    assert report.stamp in re.search("<title>(.*?)</title>", text)[1]
    for part in ("summary", "claims", "municipality", *(f"chapter-{c}" for c in "ABCDEF"), "F-D5", "T-C6"):
        start = text.index(f'id="{part}"')
        assert report.stamp in text[start : start + 1500], part
    published = text[text.index('id="F-B2-published"') :].split("<figure>")[0]
    assert report.stamp not in published and report.word("page.published") in published


def test_own_data_carry_no_mark(run):
    settings = {**run["settings"], "source": "extracts"}
    text = render(gather(**{**run, "settings": settings}, language="en"), made.TEXTS)
    assert "SYNTHETIC" not in text and 'class="stamp"' not in text


def test_numbers_are_shown_capped_and_saved_whole(page):
    text = page[1]
    part = text[text.index('id="F-B2-published"') :].split("</article>")[0]
    assert part.count("<tr>") == 61
    assert "100" in part and "results/figures/F-B2-published.csv" in part and "make_printed" in part
    address = re.search(r'href="(data:text/csv[^"]*)"', part)[1]
    assert len(made.decoded(address).splitlines()) == 101


def test_claims_are_answered_from_the_run_or_said_not_to_be(page):
    report, text = page
    part = text[text.index('id="claims"') :].split("</section>")[0]
    words = {"nb": "Kan ikke prøves", "en": "Not testable"}[report.language]
    own = [part.split(f'id="claim-{name}"')[1].split("</div>")[0] for name in ("K2", "K3", "K10")]
    assert [one.count(words) for one in own] == [1, 1, 1]
    assert report.said["association"].text.split("<")[0].strip() in part
    gap = part.split('id="claim-K5"')[1].split("</div>")[0]
    assert {"nb": "Publiserte tall: Holder", "en": "Published figures: Holds"}[report.language] in gap


def test_a_report_without_verdicts_says_so(run):
    models = {name: path for name, path in run["models"].items() if name != "claims"}
    report = gather(**{**run, "models": models}, language="en")
    part = render(report, made.TEXTS).split('id="claims"')[1].split("</section>")[0]
    assert part.count(report.word("page.not_in_run")) == len(report.claims) > 20


def test_only_cited_references_are_listed_and_both_languages_cite_the_same():
    methods = {x: yaml.safe_load((made.TEXTS / f"methods_{x}.yaml").read_text(encoding="utf-8")) for x in ("nb", "en")}
    cited = {x: [b["references"] for c in m.values() for b in c["boxes"]] for x, m in methods.items()}
    known = yaml.safe_load((made.TEXTS / "references.yaml").read_text(encoding="utf-8"))
    assert cited["nb"] == cited["en"]
    assert {key for box in cited["nb"] for key in box} == set(known)
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", work["doi"]) for work in known.values())


def test_precedence_lists_every_status_a_person_can_have_once(page):
    report, _ = page
    assert [row[1] for row in report.precedence] == [
        "15",
        "11",
        "05",
        "21",
        "22",
        "32",
        "31",
        "33",
        "34",
        "35",
        "80",
        "08",
    ]
    assert report.definitions[0]["official"] and len(report.definitions) == len(made.CONFIG["definitions"])


def test_the_statbank_run_has_a_report_too(run):
    settings = {**run["settings"], "source": "statbank"}
    few = {name: run["entries"][name] for name in ("F-B2-published", "T-C6")}
    report = gather(**{**run, "settings": settings, "entries": few, "models": {}}, language="nb")
    assert report.town is None and "association" not in report.said
    assert 'id="municipality"' not in render(report, made.TEXTS)


def test_text_from_data_cannot_break_out_of_the_page(page):
    assert page[1].count("</script>") == 2
    assert json.loads(as_script({"a": "</script><b>&"})) == {"a": "</script><b>&"}


def test_compact_picture_keeps_scale_and_title_and_rounds_places():
    small = compact_svg(made.SVG)
    assert "scale(0.085 -0.085)" in small and "translate(10.12 20)" in small
    assert 'd="M1.23 2 30 40.5z"' in small and "<title>Title</title>" in small and "stroke-width: 0.125" in small
    assert "metadata" not in small and "remark" not in small and "DOCTYPE" not in small


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("M 1 2 L 3 -4 L -5 6 z", "M1 2 3-4-5 6z"),
        ("M 1 2 C 3 4 5 6 7 8 L 9 9 L 10 10", "M1 2C3 4 5 6 7 8L9 9 10 10"),
        ("M 0 0 L 1 1 M 5 5 L 6 6 L 7 -7 Z", "M0 0 1 1M5 5 6 6 7-7Z"),
        ("M 0 0 Q 1 1 2 2 L 3 3 Q 4 4 5 5", "M0 0Q1 1 2 2L3 3Q4 4 5 5"),
    ],
)
def test_paths_lose_only_what_says_nothing(path, short):
    assert compact_svg(f'<path d="{path}"/>') == f'<path d="{short}"/>'


def test_addresses_hold_any_text_and_no_markup():
    text = "<a b=\"c & d\">æ 100 % #1 'x'</a>\n"
    address = data_uri("image/svg+xml", text)
    assert made.decoded(address) == text and not set(address) & set("<>&\"'#\n")


def test_table_pieces_are_those_of_the_printed_table():
    table = Table("nb", "T", "S", [Column("C")], [Row("a", ["1"])], ["foot <1>"])
    parts = table_parts(table.to_html())
    assert parts.foot == ("foot &lt;1&gt;",) and parts.table.startswith("<table>") and parts.table.endswith("</table>")
    assert parts.lead == parts.details == ()
    full = replace(table, lead=["above"], details=["one", "two"], details_head="More")
    parts = table_parts(full.to_html())
    assert (parts.lead, parts.details_head, parts.details) == (("above",), "More", ("one", "two"))
    with pytest.raises(ValueError, match="no table"):
        table_parts("<p>nothing</p>")


def test_head_of_csv_keeps_commas_inside_quotes():
    numbers = head_of_csv('a,b\n"x, y",1\nz,2\n', 1)
    assert numbers.rows == (("x, y", "1"),) and numbers.total == 2 and not numbers.complete


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found")
@pytest.mark.parametrize("width", [400, 1300])
def test_a_link_shows_its_municipality_in_a_browser(run, tmp_path, width):
    report = gather(**run, language="en")
    (tmp_path / "report.html").write_text(render(report, made.TEXTS), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},800", "--enable-logging=stderr"]
    address = (tmp_path / "report.html").as_uri() + "#municipality=1001"
    command = [CHROMIUM, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    result = done.stdout.split('id="town-result"')[1].split("<script")[0]
    assert "Avik (1001)" in result and "1–2 of 2" in result and "above" in result and report.stamp in result
    assert 'role="img"' in result and "outside the 95 per cent limit" in result
    assert not [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert "<button" in done.stdout and not re.search("<(button|form)[^>]* hidden", done.stdout)


def test_every_heading_and_button_text_is_used():
    files = [
        *made.TEXTS.glob("*.j2"),
        *made.TEXTS.glob("*.js"),
        *(made.ROOT / "workflow/scripts/introprog/report").glob("*.py"),
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    unused = [
        f"{part}.{name}"
        for part in ("page", "town", "words")
        for name in made.WORDS[part]
        if not re.search(rf"\b{part}\.{name}\b|\bw\.{name}\b|words\.{name}\b|['\"]{name}['\"]", code)
    ]
    assert set(unused) <= {"town.observed", "town.person", "town.programme", "town.local"}
