"""Numbers and words as they are printed in the two languages."""

import numpy as np
import pandas as pd
import pytest
from introprog.labels import LANGUAGES, Labels, _terms

NB, EN = Labels("nb"), Labels("en")


@pytest.mark.parametrize(
    ("value", "decimals", "nb", "en"),
    [
        (4790, 0, "4\xa0790", "4,790"),
        (1234.5, 1, "1\xa0234,5", "1,234.5"),
        (-0.07, 2, "\u22120,07", "\u22120.07"),
        (-0.004, 2, "0,00", "0.00"),
        (-1234567.8, 1, "\u22121\xa0234\xa0567,8", "\u22121,234,567.8"),
        (np.nan, 1, ".", "."),
        (pd.NA, 0, ".", "."),
        (None, 0, ".", "."),
        (np.int64(0), 0, "0", "0"),
    ],
)
def test_numbers(value, decimals, nb, en):
    assert NB.number(value, decimals) == nb
    assert EN.number(value, decimals) == en


def test_shares_are_printed_as_per_cent_with_the_spacing_of_the_language():
    assert NB.percent(0.62) == "62\xa0prosent"
    assert EN.percent(0.62) == "62\xa0per cent"
    assert NB.percent_sign(0.998, 1) == "99,8\xa0%"
    assert EN.percent_sign(0.998, 1) == "99.8%"


def test_signed_numbers_and_p_values():
    assert NB.signed(1.25, 1) == "+1,2"
    assert NB.signed(0.001, 1) == "0,0"
    assert EN.signed(-3, 1) == "\u22123.0"
    assert NB.p_value(0.0004) == "<0,001"
    assert EN.p_value(0.047) == "0.047"


def test_intervals_use_a_separator_that_is_no_decimal_mark():
    assert NB.interval(-0.2, 0.3, 1) == "[\u22120,2; 0,3]"
    assert EN.interval(-0.2, 0.3, 1) == "[\u22120.2, 0.3]"
    assert NB.interval(np.nan, 0.3) == "."


def test_years_have_no_thousands_mark():
    assert NB.years(2016, 2016) == "2016"
    assert EN.years(2012, 2018) == "2012\u20132018"


def test_every_term_has_both_languages_and_nothing_else():
    def leaves(node, path=()):
        if set(node) & set(LANGUAGES):
            yield path, node
        else:
            for key, value in node.items():
                yield from leaves(value, (*path, key))

    found = list(leaves(_terms()))
    assert len(found) > 80
    assert all(set(node) == set(LANGUAGES) and all(isinstance(t, str) for t in node.values()) for _, node in found)
    assert all(isinstance(part, str) for path, _ in found for part in path)


def test_unknown_term_and_language_are_refused():
    with pytest.raises(KeyError, match=r"sex\.other"):
        NB.term("sex.other")
    assert NB.term("sex.other", default="x") == "x"
    with pytest.raises(ValueError, match="sv"):
        Labels("sv")
