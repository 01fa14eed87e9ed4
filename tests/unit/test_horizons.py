"""Reference dates: weeks, months, ends of data, and which moments the definitions need."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from introprog.horizons import (
    FAR,
    add_months,
    build_moments,
    calendar_year,
    data_end,
    earlier,
    needed_moments,
    reference_week,
    to_dates,
    to_days,
)
from plain_outcomes import months_later, november_week

EPOCH = date(1970, 1, 1)


def test_the_week_is_monday_to_sunday_and_holds_the_day_in_every_year():
    years = np.arange(1970, 2100)
    for day in (16, 15, 30):
        first, last = reference_week(years, day)
        for year, monday, sunday in zip(years, first, last):
            expected = november_week(int(year), day)
            assert (EPOCH + timedelta(int(monday)), EPOCH + timedelta(int(sunday))) == expected


def test_sixteenth_on_a_sunday_and_on_a_monday():
    first, last = reference_week(np.array([2014, 2015]))
    assert to_dates(first).astype(str).tolist() == ["2014-11-10", "2015-11-16"]
    assert to_dates(last).astype(str).tolist() == ["2014-11-16", "2015-11-22"]


def test_months_equal_the_plain_calendar_for_every_day_of_a_leap_cycle():
    days = np.arange((date(2015, 1, 1) - EPOCH).days, (date(2020, 1, 1) - EPOCH).days, dtype=np.int32)
    for months in (6, 12, 24, 36, 48, 60):
        got = to_dates(add_months(days, months)).astype(object)
        assert all(g == months_later(EPOCH + timedelta(int(d)), months) for d, g in zip(days, got))


def test_missing_dates_are_open_and_years_right_at_their_ends():
    series = pd.Series(pd.to_datetime(["2016-02-29", None]))
    assert to_days(series).tolist() == [(date(2016, 2, 29) - EPOCH).days, FAR]
    ends = to_days(np.array(["2015-12-31", "2016-01-01", "1969-12-31"], dtype="datetime64[D]"))
    assert calendar_year(ends).tolist() == [2015, 2016, 1969]
    assert to_dates(np.array([data_end(2023)])).astype(str).tolist() == ["2023-11-30"]


def test_earlier_moments_of_lasting_success():
    assert earlier("november", 3, 3) == [("november", 3), ("november", 2), ("november", 1)]
    assert earlier("november", 2, 3) == []
    assert earlier("anniversary", 24, 2) == [("anniversary", 24), ("anniversary", 12)]
    assert earlier("exit", 0, 1) == [("exit", 0)]
    block = {"moment": "november", "horizons": [5], "novembers": 3}
    assert needed_moments({"a": block}) == (("november", 3), ("november", 4), ("november", 5))


@pytest.mark.parametrize("horizon", [1, 5])
def test_november_follows_the_year_of_leaving_and_not_the_day(horizon):
    ends = to_days(np.array(["2016-01-01", "2016-12-31"], dtype="datetime64[D]"))
    moments = build_moments(np.array([2016, 2016]), ends, [("november", horizon)])
    assert to_dates(moments.day[0]).astype(str).tolist() == [f"{2016 + horizon}-11-16"] * 2
    assert (moments.year[0] == 2016 + horizon).all()
