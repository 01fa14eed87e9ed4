"""Pages in headless Chromium for tests: opened from a file, with what the console said, checked by axe."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
AXE = ROOT / "tests" / "vendor" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator:
    """A headless browser of the system."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env={**os.environ, "TZ": "UTC"})
        yield browser
        browser.close()


@contextmanager
def opened(browser, path: Path, width: int = 1280, fragment: str = "") -> Iterator:
    """The file in a window ``width`` wide; fails when the console or the page reports an error, or a request leaves.

    Content-Security-Policy of the page is bypassed for the checker alone.
    """
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page, faults = context.new_page(), []
    page.on("console", lambda told: faults.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: faults.append(asked.url) if asked.url.startswith("http") else None)
    page.goto(path.as_uri() + fragment)
    yield page
    context.close()
    assert not faults, faults


def violations(page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and its best practices: rule, target and why, a line each."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(done => done.violations)", WCAG
    )
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]
