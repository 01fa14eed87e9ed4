"""The page in a real browser: no violation of WCAG 2.2 AA by axe, the search by keyboard, links, phone and print."""

import pytest
import report_run as made
from browser import CHROMIUM, chromium, opened, violations
from introprog.report.content import gather
from introprog.report.html import render

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found")


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    run = made.write_run(folder)
    for language in ("nb", "en"):
        page = render(gather(**run, language=language), made.TEXTS)
        (folder / f"report_{language}.html").write_text(page, encoding="utf-8")
    return folder


def heading(page) -> str:
    return page.locator("#town-result h3").inner_text()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["nb", "en"])
def test_axe_finds_nothing_with_everything_open(browser, pages, language, width):
    with opened(browser, pages / f"report_{language}.html", width, "#municipality=1001") as page:
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        page.locator("#town-input").fill("a")
        assert page.locator("#town-list").is_visible()
        assert violations(page) == []


def test_axe_would_find_a_fault(browser, pages, tmp_path):
    text = (pages / "report_en.html").read_text(encoding="utf-8")
    (tmp_path / "worse.html").write_text(text.replace(' alt="What', ' data-alt="What'), encoding="utf-8")
    with opened(browser, tmp_path / "worse.html") as page:
        assert any(line.startswith("image-alt") for line in violations(page))


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(browser, pages, width):
    with opened(browser, pages / "report_nb.html", width, "#municipality=1001") as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_search_by_typing_and_enter(browser, pages):
    with opened(browser, pages / "report_en.html") as page:
        page.locator("#town-input").focus()
        page.keyboard.type("bvi")
        page.keyboard.press("Enter")
        assert heading(page) == "Bvik (1002)" and page.url.endswith("#municipality=1002")
        assert page.locator("#town-status").inner_text() == "Showing Bvik (1002)."
        assert page.locator("#town-list").is_hidden()


def test_search_by_arrow_keys_and_escape(browser, pages):
    with opened(browser, pages / "report_en.html") as page:
        field = page.locator("#town-input")
        field.focus()
        page.keyboard.type("vik")
        assert field.get_attribute("aria-expanded") == "true"
        assert page.locator("#town-list li").all_inner_texts() == ["Avik (1001)", "Bvik (1002)", "Cvik (1003)"]
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
            page.keyboard.press(key)
        assert field.get_attribute("aria-activedescendant") == "town-option-2"
        page.keyboard.press("Enter")
        assert heading(page) == "Cvik (1003)"
        field.fill("a")
        page.keyboard.press("Escape")
        assert field.get_attribute("aria-expanded") == "false" and heading(page) == "Cvik (1003)"


def test_the_whole_way_by_keyboard_alone(browser, pages):
    with opened(browser, pages / "report_en.html") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "town-input":
                break
        page.keyboard.type("avik")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert heading(page) == "Avik (1001)"
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "Cvik (1003)":
                break
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('#town-result h3').textContent.startsWith('Cvik')")


def test_what_is_not_found_or_hidden_is_said_with_names_that_are_near(browser, pages):
    with opened(browser, pages / "report_en.html") as page:
        told = {}
        for wanted in ("Aviik", "Dvik", "1004"):
            page.locator("#town-input").fill(wanted)
            page.keyboard.press("Enter")
            told[wanted] = page.locator("#town-status").inner_text()
        assert "Did you mean Avik (1001)" in told["Aviik"]
        assert told["Dvik"] == told["1004"] == "Dvik (1004) has too few former participants to be shown."
        assert page.locator("#town-result").inner_text() == ""


def test_a_link_keeps_the_choice_and_the_next_link_changes_it(browser, pages):
    with opened(browser, pages / "report_nb.html", 360, "#municipality=1001") as page:
        assert heading(page) == "Avik (1001)"
        pictures = page.locator("#town-result svg[role=img]")
        assert pictures.count() == 2 and "Avik" in pictures.nth(1).get_attribute("aria-label")
        assert page.locator("#town-result [data-part=similar] tr.own").inner_text().startswith("Avik (1001)")
        page.evaluate("location.hash = '#municipality=10'")
        page.wait_for_function("document.querySelector('#town-result h3').textContent === 'Afylke (10), fylke'")
        assert page.locator("#town-result [data-part=towns] tbody tr").count() == 3


def test_print_hides_the_tools_and_a_link_prints_one_municipality_alone(browser, pages):
    with opened(browser, pages / "report_nb.html") as page:
        page.emulate_media(media="print")
        for part in ("nav", ".tools button", "#town-form", "#municipality"):
            assert page.locator(part).first.is_hidden(), part
        assert page.locator("#F-D5 img").is_visible()
    # 688 pixels are the width of A4 between its margins
    with opened(browser, pages / "report_nb.html", 688, "#municipality=1001&print") as page:
        page.emulate_media(media="print")
        assert page.locator("#town-result h3").is_visible() and page.locator("#summary").is_hidden()
        wide = "all => all.filter(one => one.offsetWidth > one.parentElement.clientWidth + 1).map(one => one.outerHTML)"
        assert page.eval_on_selector_all("#town-result table", wide) == []


def test_figures_are_saved_as_svg_png_and_csv(browser, pages):
    with opened(browser, pages / "report_en.html") as page:
        for name, start in (("F-D5_en.svg", b"<svg"), ("F-D5_en.png", b"\x89PNG"), ("F-D5.csv", b"kind,")):
            with page.expect_download() as saved:
                page.get_by_label(f"{name.rsplit('.')[1].upper()}, F-D5").click()
            assert saved.value.suggested_filename == name
            assert saved.value.path().read_bytes().startswith(start)
