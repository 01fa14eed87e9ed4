"""Words of the Word, Excel and PDF files besides the report's own (``words.yaml`` beside this module)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from introprog.content import read_yaml

WORDS = Path(__file__).with_name("words.yaml")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return read_yaml(WORDS)


def word_of(key: str, language: str) -> str:
    """The word or sentence ``key`` in ``language`` (nb, en). Raises ``KeyError`` for an unknown key."""
    return _words()[key][language]


def words_of(language: str) -> dict[str, str]:
    """All of them in one language."""
    return {key: texts[language] for key, texts in _words().items()}
