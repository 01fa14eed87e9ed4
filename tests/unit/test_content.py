"""The content of a codebook: its wording does not count, everything else does."""

import pytest
from introprog.content import content_hash, without_words

BOOK = """
label: {nb: Skjema, en: Form}
columns:
  kjonn: {name: sex, values: {"1": men, "2": women}, label: {nb: Kjønn, en: Sex}}
items:
  - {name: q01, text: {nb: Nyttig, en: Useful}, scale: [1, 6]}
"""


@pytest.fixture
def hashed(tmp_path):
    def call(text: str, *words: str) -> str:
        path = tmp_path / "book.yaml"
        path.write_text(text, encoding="utf-8")
        return content_hash(path, words)

    return call


def test_words_are_taken_out_at_every_depth_and_nothing_else():
    held = {"label": 1, "a": {"label": {"nb": 2}, "b": [{"text": 3, "c": 4}]}}
    assert without_words(held, ("label", "text")) == {"a": {"b": [{"c": 4}]}}
    assert without_words(held, ()) == held


@pytest.mark.parametrize(
    "old, new, same",
    [
        ("en: Sex", "en: Gender", True),
        ("en: Useful", "en: Of use", True),
        ("label: {nb: Skjema", "# a comment\nlabel: {nb: Et skjema", True),
        ('"2": women', '"3": women', False),
        ("scale: [1, 6]", "scale: [1, 5]", False),
        ("name: sex", "name: gender", False),
    ],
)
def test_the_hash_is_of_what_a_computation_reads(hashed, old, new, same):
    assert old in BOOK
    assert (hashed(BOOK, "label", "text") == hashed(BOOK.replace(old, new), "label", "text")) is same
    if old != new and "comment" not in new:
        assert hashed(BOOK) != hashed(BOOK.replace(old, new))


def test_the_order_of_entries_counts(hashed):
    assert hashed("a: 1\nb: 2\n") != hashed("b: 2\na: 1\n")


def test_what_is_no_yaml_is_hashed_as_it_is(hashed):
    assert hashed("a: [1", "label") != hashed("a: [2", "label") and len(hashed("a: [1", "label")) == 64
