"""Every reason that the code can give for having no estimate is known in Norwegian."""

import ast
from pathlib import Path

import pytest
from introprog.reasons import FORETOLD, NOT_OBSERVED, WORDS, reason

PACKAGE = Path(__file__).parents[2] / "workflow" / "scripts" / "introprog"
WHERE = {"NotEstimable": 0, "require_units": 2, "require_variation": 1}
FORM = {"NotEstimable": "{}", "require_units": "{}: 1, at least 5 needed", "require_variation": "{} does not vary"}


def literal(node):
    """The text of a string or f-string, a number in every gap; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


def reasons_in_the_code():
    for path in sorted(set(PACKAGE.rglob("*.py")) - {PACKAGE / "estimable.py"}):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            name = getattr(getattr(node, "func", None), "id", None)
            if name in WHERE and len(node.args) > WHERE[name] and (text := literal(node.args[WHERE[name]])):
                yield FORM[name].format(text)
            text = None if id(node) in parts else literal(node)
            if text and text.startswith("not estimable: ") and len(text) > len("not estimable: "):
                yield text.removeprefix("not estimable: ")


FOUND = sorted({text for text in reasons_in_the_code() if "<reason>" not in text})


def test_the_search_finds_the_reasons():
    assert len(FOUND) > 30
    assert "municipalities: 1, at least 5 needed" in FOUND


@pytest.mark.parametrize("text", [*FOUND, NOT_OBSERVED, "the terms are collinear", "3 observations for 4 terms"])
def test_every_reason_is_translated(text):
    told = reason(f"not estimable: {text}", "nb")
    assert told != text
    assert not any(word in told.split() for word in ("the", "not", "of", "needed", "municipalities"))
    assert reason(text, "en") == text


def test_numbers_are_kept():
    assert (
        reason("municipalities for 7 terms: 3, at least 8 needed", "nb")
        == "kommuner for 7 variabler: 3, minst 8 trengs"
    )
    assert reason("item q03 does not vary", "nb") == "spørsmål q03 varierer ikke"


def test_no_translation_is_left_over():
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "reasons.py")
    flat = " ".join(code.replace('"\n', '"').split())
    assert [
        text
        for text in WORDS
        if text not in flat and text not in (NOT_OBSERVED, FORETOLD) and text.split(":")[0] not in flat
    ] == []
