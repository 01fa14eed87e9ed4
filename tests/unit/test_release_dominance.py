"""Sums of amounts that tell of one or two contributors, and quantiles with too few persons behind them."""

import pandas as pd
import pytest
from introprog.release.dominance import enough_for_quantile, sensitive_sums


def rules(*amounts, **options):
    frame = pd.DataFrame({"group": "a", "amount": [float(a) for a in amounts]})
    return sensitive_sums(frame, ["group"], "amount", options.pop("threshold", 3), **options).loc["a"]


def test_even_amounts_are_not_sensitive():
    assert not rules(10, 10, 10, 10, 10).sensitive


def test_a_single_contributor_and_too_few():
    one = rules(100, 0, 0, 0)
    assert (one.contributors, one.few, one.dominated, one.close) == (1, True, True, True)
    assert rules(10, 10).few and not rules(10, 10, 10).few


def test_dominance_is_more_than_the_share():
    assert not rules(75, 10, 10, 5).dominated
    assert rules(76, 10, 10, 4).dominated
    assert rules(45, 40, 10, 5, largest=2).dominated and not rules(45, 40, 10, 5).dominated


def test_the_second_largest_comes_too_close_to_the_largest():
    """Of 50 + 40 + 7 the one with 40 knows that the other large one has at most 57: within 14 per cent."""
    assert rules(50, 40, 7, p=0.15).close
    assert not rules(50, 40, 4, 4, p=0.15).close


def test_nobody_has_an_amount():
    assert not rules(0, 0).sensitive


def test_negative_and_missing_amounts_are_refused():
    for amount in (-1, None):
        with pytest.raises(ValueError, match="not negative"):
            sensitive_sums(pd.DataFrame({"g": [1], "x": [amount]}, dtype="float64"), ["g"], "x", 3)


def test_quantiles_need_persons_on_the_thin_side():
    n = pd.Series([9, 10, 49, 50])
    assert enough_for_quantile(n, 0.5, 5).tolist() == [False, True, True, True]
    assert enough_for_quantile(n, 0.9, 5).tolist() == [False, False, False, True]
