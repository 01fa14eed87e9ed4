"""One municipality or county on one A4 page, a tagged PDF (PDF/UA-1) from the data of the report's search."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from introprog.documents.pdf import set_by_typst
from introprog.errors import InputError, Problem
from introprog.fonts import FAMILY

NEAR = 3


def municipality_pdf(data: Mapping | None, code: str, language: str, stamp: str, template: str) -> bytes:
    """The page of ``code`` (four digits a municipality, two a county); ``data``: ``report.municipality.town_data``.

    Raises ``InputError`` for a number that is not known, with the nearest names, and for one that may not be shown.
    """
    place = find_place(data, code, f"results/report/municipality/{code}_{language}.pdf")
    shared = {key: data[key] for key in ("target", "words", "funnel")}
    content = {
        **shared,
        "place": {"county": False, **place},
        "language": language,
        "region": {"nb": "NO", "en": "GB"}[language],
        "font": FAMILY,
        "stamp": stamp,
    }
    return set_by_typst(template, json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8"))


def find_place(data: Mapping | None, code: str, where: str) -> Mapping:
    """The municipality or county of ``data`` with this number. Raises ``InputError`` as ``municipality_pdf``."""
    if data is None:
        raise InputError([Problem(where, "R7", "this run has no figures by municipality", hint="make display F-D5")])
    places = {place["code"]: place for place in (*data["towns"], *data["counties"])}
    if code in places:
        return places[code]
    hidden = dict(data["hidden"])
    if code in hidden:
        what = f"{_called(code, hidden[code])} has too few former participants to be shown"
        problem = Problem(where, "R7", what, hint="its county can be shown" if code[:2] in places else "")
        raise InputError([problem])
    near = _nearest(code, [(place["code"], place["name"]) for place in places.values()])
    hint = f"did you mean {' or '.join(near)}?" if near else f"{len(places)} numbers can be shown; see F-D5.csv"
    expected = "the number of a municipality (four digits) or county (two digits)"
    raise InputError([Problem(where, "R7", f"no municipality or county has the number {code!r}", expected, hint)])


def _nearest(wanted: str, known: Sequence[tuple[str, str]]) -> list[str]:
    """Places whose name, or else number, is nearest to what was asked for."""
    named = {name.lower(): (code, name) for code, name in reversed(known)}
    numbered = dict(known)
    close = [named[name] for name in get_close_matches(wanted.lower(), named, NEAR)]
    close += [(code, numbered[code]) for code in get_close_matches(wanted, numbered, NEAR, 0.7)]
    return [_called(*place) for place in dict.fromkeys(close)][:NEAR]


def _called(code: str, name: str) -> str:
    return code if name == code else f"{code} {name}"
