"""Texts as machine words: equal where the texts are, in their order, and found again among known ones."""

import numpy as np
import pyarrow as pa
import pytest
from introprog.readers.words import (
    Lookup,
    Slots,
    big_words,
    digit_numbers,
    distinct_words,
    run_starts,
    short_words,
    text_of,
)

RNG = np.random.default_rng(3)
SHORT = ["", "1", "0", "37,5", "375", "201501", "12345678", "A", "a", "~"]
DIGITS = [f"{n:011d}" for n in RNG.choice(10**11, 3000, replace=False)]
KEYS = [f"p{n:08d}x" for n in range(2000)]


def test_short_texts_as_words_are_told_apart_and_read_back():
    words = short_words(pa.array(SHORT))
    assert [text_of(int(word)) for word in words] == SHORT and len(set(words.tolist())) == len(SHORT)
    fixed = ["201501", "201512"]
    assert [text_of(int(word)) for word in short_words(pa.array(fixed))] == fixed
    assert short_words(pa.array(["123456789"])) is None
    sliced = pa.array(["ab", *SHORT, "yz"]).slice(1, len(SHORT))
    assert (short_words(sliced) == words).all()


def test_distinct_words_come_in_the_order_in_which_they_are_met():
    words = short_words(pa.array(["b", "a", "b", "c", "a"]))
    distinct, codes = distinct_words(words)
    assert [text_of(int(word)) for word in distinct] == ["b", "a", "c"] and codes.tolist() == [0, 1, 0, 2, 1]


@pytest.mark.parametrize("texts", [DIGITS, SHORT, ["a" * n for n in range(1, 30)], ["ab", "a", "abc", "b"]])
def test_words_put_texts_in_their_order(texts):
    words = big_words(pa.array(texts))
    order = np.lexsort([word for word in reversed(words)])
    assert [texts[k] for k in order] == sorted(texts)


def test_runs_begin_where_another_text_does():
    texts = ["x", "x", "y", "yy", "yy", "x"]
    assert run_starts(pa.array(texts)).tolist() == [0, 2, 3, 5] and run_starts(pa.array([], pa.string())).tolist() == []


def test_slots_find_known_words_and_say_when_one_is_not_known():
    known = short_words(pa.array([f"{n / 10:.1f}".replace(".", ",") for n in range(400)]))
    slots = Slots(known, np.arange(400, dtype="int32"))
    drawn = RNG.integers(0, 400, 5000)
    assert slots.factor is not None and (slots.places(known[drawn]) == drawn).all()
    for text in ("", "40,0", "~"):
        assert slots.places(np.append(known, short_words(pa.array([text])))) is None


def test_slots_that_cannot_keep_words_apart_find_none():
    words = np.arange(20_000, dtype="uint64")
    assert Slots(words, np.arange(20_000, dtype="int32")).places(words[:5]) is None


def test_texts_of_digits_are_their_numbers():
    assert digit_numbers(pa.array(DIGITS)).tolist() == [int(text) for text in DIGITS]
    longest = ["9" * 19, "0" * 19]
    assert digit_numbers(pa.array(longest)).tolist() == [int(text) for text in longest]
    for texts in (["1", "22"], ["1" * 20], ["12a"], ["1/2"], ["1:2"], [""]):
        assert digit_numbers(pa.array(texts)) is None


@pytest.mark.parametrize("known", [DIGITS, KEYS, ["1", "22", "333"], ["7"]])
def test_texts_are_found_where_they_stand_among_known_ones(known):
    lookup = Lookup(pa.array(known))
    drawn = RNG.integers(0, len(known), 500)
    width = len(known[0])
    asked = [known[k] for k in drawn if len(known[k]) == width]
    assert lookup.places(pa.array(asked)).tolist() == [known.index(text) for text in asked]
    strange = ["9" * width if "9" * width not in known else "8" * width, "x" * width]
    assert lookup.places(pa.array(strange)).tolist() == [-1, -1]
    assert lookup.places(pa.array(["0" * (width + 40)])).tolist() == [-1]


def test_a_text_of_other_signs_is_no_number_of_the_known_ones():
    lookup = Lookup(pa.array(["000", "010", "123"]))
    # in ASCII the sign after 9 is a colon: "00:" would be 10 if signs were not looked at
    assert lookup.places(pa.array(["00:", "123", "010"])).tolist() == [-1, 2, 1]
