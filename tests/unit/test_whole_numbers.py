"""Whole numbers read at once are those that the reading of texts gives, and anything else is left to it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from introprog.readers.typed import encode_column
from introprog.readers.whole_numbers import whole_numbers
from raw_extracts import CODEBOOK

EXTRACT = CODEBOOK.extracts["inntekt"]
EARNINGS, MONTHS = EXTRACT.columns["wyrkinnt"], EXTRACT.columns["sosialhjelp_mnd"]


@pytest.mark.parametrize(
    ("column", "texts"),
    [(EARNINGS, ["0", "12", "", "-5", "100000", "00012"]), (MONTHS, ["0", "12", "", "3"]), (EARNINGS, ["", ""])],
)
def test_they_are_what_the_texts_say(column, texts):
    values = pa.array(texts)
    found, faults, _ = encode_column(pa.chunked_array([values]), column, EXTRACT)
    assert not faults
    pd.testing.assert_series_equal(whole_numbers(values, column).series(), found.series())
    sliced = pa.array(["1", *texts, "2"]).slice(1, len(texts))
    pd.testing.assert_series_equal(whole_numbers(sliced, column).series(), found.series())


@pytest.mark.parametrize(
    ("column", "text"),
    [(EARNINGS, "1,5"), (EARNINGS, "1.5"), (EARNINGS, "1e3"), (EARNINGS, " 1"), (EARNINGS, "--1"), (EARNINGS, "1-"),
     (EARNINGS, "-"), (EARNINGS, "1/2"), (EARNINGS, "1:2"), (EARNINGS, "9" * 16), (EARNINGS, "100000001"),
     (MONTHS, "13"), (MONTHS, "-1"), (EARNINGS, "å")],
)  # fmt: skip
def test_anything_else_is_left_to_the_reading_of_texts(column, text):
    assert whole_numbers(pa.array(["1", text, ""]), column) is None


def test_signs_of_a_missing_value_are_left_to_the_reading_of_texts():
    from dataclasses import replace

    assert whole_numbers(pa.array(["1"]), replace(EARNINGS, missing=("9",))) is None
    assert whole_numbers(pa.array([1, 2]), EARNINGS) is None
    assert whole_numbers(pa.array(["1", None]), EARNINGS) is None
    assert (whole_numbers(pa.array(["1", ""]), EARNINGS).missing == np.array([False, True])).all()
