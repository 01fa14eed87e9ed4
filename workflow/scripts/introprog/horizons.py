"""When a former participant is looked at: the reference date and reference window of every horizon.

Three kinds of moment. *november*: the week, Monday to Sunday, that holds the reference day (16 November) of the year of
leaving plus the horizon in years, as in Statistics Norway's statistics of former participants. *anniversary*: the
person's own end date plus the horizon in months. *exit*: the end date itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

FAR = np.iinfo(np.int32).max
STEP = {"november": 1, "anniversary": 12, "exit": 0}

Key = tuple[str, int]


class DayPlaces:
    """For any day how many of some sorted days lie before it, found by one look-up."""

    def __init__(self, days: np.ndarray, side: str):
        """``days`` since 1970-01-01; with ``side`` right, days that are the same count as well."""
        self.low, self.high = int(days[0]) - 1, int(days[-1]) + 1
        self.place = np.searchsorted(days, np.arange(self.low, self.high + 1), side=side).astype(np.int32)

    def __call__(self, day: np.ndarray) -> np.ndarray:
        """The number for each ``day`` (int32)."""
        return self.place.take(np.clip(day, self.low, self.high) - self.low)


@dataclass(frozen=True)
class Weeks:
    """The distinct reference weeks of the Novembers, in order: ``first`` and ``last`` day, length W.

    ``group`` (N,) is a number for all persons who left in the same year, ``moment`` (groups, W) the row in ``Moments``
    at which persons of a group are looked at in a week, -1 = never.
    """

    first: np.ndarray
    last: np.ndarray
    group: np.ndarray
    moment: np.ndarray

    @cached_property
    def ended(self) -> DayPlaces:
        """How many weeks have ended before a day."""
        return DayPlaces(self.last, "left")

    @cached_property
    def begun(self) -> DayPlaces:
        """How many weeks have begun by a day."""
        return DayPlaces(self.first, "right")


@dataclass(frozen=True)
class Moments:
    """Reference times of N persons at M moments.

    ``keys`` are (moment, horizon) pairs, sorted; ``day`` (reference date), ``first`` and ``last`` (reference window,
    both ends included) are int32 arrays of shape (M, N) in days since 1970-01-01; ``year`` is the calendar year of the
    reference date, int16, same shape.
    """

    keys: tuple[Key, ...]
    day: np.ndarray
    first: np.ndarray
    last: np.ndarray
    year: np.ndarray

    def at(self, key: Key) -> int:
        """Row of a (moment, horizon) pair."""
        return self.keys.index(key)

    @property
    def own(self) -> list[int]:
        """Rows of the moments at which every person has a day of his or her own."""
        return [row for row, (moment, _) in enumerate(self.keys) if moment != "november"]

    @cached_property
    def weeks(self) -> Weeks | None:
        """The weeks of the Novembers; None without any."""
        shared = [row for row, (moment, _) in enumerate(self.keys) if moment == "november"]
        if not shared or not self.day.size:
            return None
        _, example, group = np.unique(self.first[shared[0]], return_index=True, return_inverse=True)
        first, last = self.first[np.ix_(shared, example)], self.last[np.ix_(shared, example)]
        weeks = np.unique(first)
        moment = np.full((len(example), len(weeks)), -1, dtype=np.int32)
        moment[np.arange(len(example)), np.searchsorted(weeks, first)] = np.array(shared)[:, None]
        return Weeks(weeks, np.unique(last), group, moment)


def to_days(dates: pd.Series | pd.DatetimeIndex | np.ndarray, missing: int = FAR) -> np.ndarray:
    """Dates as int32 days since 1970-01-01; missing dates become ``missing`` (by default: still open)."""
    values = np.asarray(dates, dtype="datetime64[D]")
    days = values.astype(np.int64)
    return np.where(np.isnat(values), missing, days).astype(np.int32)


def to_dates(days: np.ndarray) -> np.ndarray:
    """Days since 1970-01-01 as ``datetime64[D]``."""
    return np.asarray(days).astype(np.int64).astype("datetime64[D]")


def reference_day(year: np.ndarray, day: int = 16) -> np.ndarray:
    """The reference day in November of each year, as days since 1970-01-01."""
    months = (np.asarray(year, dtype=np.int64) - 1970) * 12 + 10
    return (months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1).astype(np.int32)


def reference_week(year: np.ndarray, day: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Monday and Sunday of the week that holds the reference day, as days since 1970-01-01 (a Thursday)."""
    date = reference_day(year, day)
    monday = date - (date + 3) % 7
    return monday, monday + np.int32(6)


def add_months(days: np.ndarray, months: int) -> np.ndarray:
    """Days since 1970-01-01 moved by whole months; a day that the month lacks becomes the month's last day."""
    date = to_dates(days)
    month = date.astype("datetime64[M]")
    target = month + months
    length = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
    within = np.minimum((date - month.astype("datetime64[D]")).astype(np.int64), length - 1)
    return (target.astype("datetime64[D]").astype(np.int64) + within).astype(np.int32)


def calendar_year(days: np.ndarray) -> np.ndarray:
    """Calendar year of days since 1970-01-01, int16."""
    return (to_dates(days).astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.int16)


def data_end(last_observed_year: int) -> int:
    """Last day that the registers are taken to cover: 30 November of the last observed year."""
    return int(np.datetime64(f"{last_observed_year}-11-30").astype(np.int64))


def earlier(moment: str, horizon: int, times: int) -> list[Key]:
    """The moments of ``times`` yearly successes that end at the horizon; empty when they begin before leaving."""
    keys = [(moment, horizon - STEP[moment] * back) for back in range(times)]
    return keys if times == 1 or keys[-1][1] > 0 else []


def needed_moments(definitions: Mapping[str, Mapping]) -> tuple[Key, ...]:
    """Every (moment, horizon) that some definition looks at, sorted; earlier Novembers of lasting success included."""
    wanted = {
        key
        for block in definitions.values()
        for horizon in block["horizons"]
        for key in [(block["moment"], horizon), *earlier(block["moment"], horizon, block["novembers"])]
    }
    return tuple(sorted(wanted))


def build_moments(exit_year: np.ndarray, end_date: np.ndarray, keys: Iterable[Key], day: int = 16) -> Moments:
    """Reference dates and windows of N persons at the given moments.

    ``exit_year`` is the year of leaving and ``end_date`` the last day in the programme as days since 1970-01-01, both
    of length N; ``day`` is the reference day in November.
    """
    keys = tuple(keys)
    shape = (len(keys), len(exit_year))
    dates, first, last = (np.empty(shape, dtype=np.int32) for _ in range(3))
    left, since = np.unique(np.asarray(exit_year, dtype=np.int64), return_inverse=True)
    for row, (moment, horizon) in enumerate(keys):
        if moment == "november":
            dates[row] = reference_day(left + horizon, day)[since]
            first[row], last[row] = (end[since] for end in reference_week(left + horizon, day))
        else:
            dates[row] = add_months(end_date, horizon) if moment == "anniversary" else end_date
            first[row] = last[row] = dates[row]
    return Moments(keys, dates, first, last, calendar_year(dates))
