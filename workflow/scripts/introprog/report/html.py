"""Renders the gathered report as one HTML file that needs no network: font, style, script, pictures and numbers
inside."""

import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from introprog.fonts.web import face_rules
from introprog.report.content import Report

TEMPLATE = "report.html.j2"
SCRIPTS = ("report.js", "municipality.js")


def as_script(data: object) -> Markup:
    """JSON that is safe between ``<script>`` tags: no ``<``, ``>`` or ``&`` stands in it."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def render(report: Report, folder: str | Path) -> str:
    """The page; ``folder`` holds ``report.html.j2`` with its parts, ``report.css`` and the scripts."""
    folder = Path(folder)
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts: Mapping[str, object] = {
        "report": report,
        "w": report.word,
        "style": Markup(f"{face_rules()}\n{(folder / 'report.css').read_text(encoding='utf-8')}"),
        "script": Markup("".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)),
        "as_script": as_script,
        "markup": Markup,
    }
    return environment.get_template(TEMPLATE).render(parts).rstrip() + "\n"
