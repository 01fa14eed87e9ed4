"""The simulator's time axis: months counted from January 2003, and random streams that do not disturb each other."""

import zlib

import numpy as np

FIRST_YEAR = 2003
DATA_END = np.datetime64("2023-12-31", "D")
PROGRAMME_END = np.datetime64("2022-12-31", "D")
MONTHS = (2023 - FIRST_YEAR + 1) * 12


def stream(seed: int, name: str) -> np.random.Generator:
    """A random stream of its own for each subject, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def month_of(dates: np.ndarray) -> np.ndarray:
    """Month number (0 = January 2003) of ``datetime64[D]`` dates; not-a-time gives a month after the last."""
    months = dates.astype("datetime64[M]").astype(np.int64) - (FIRST_YEAR - 1970) * 12
    return np.where(np.isnat(dates), MONTHS + 1200, months).astype(np.int32)


def year_of(dates: np.ndarray) -> np.ndarray:
    """Calendar year of ``datetime64[D]`` dates."""
    return dates.astype("datetime64[Y]").astype(np.int64) + 1970


def first_day(months: np.ndarray) -> np.ndarray:
    """First day of the numbered months."""
    return (np.asarray(months) + (FIRST_YEAR - 1970) * 12).astype("datetime64[M]").astype("datetime64[D]")


def last_day(months: np.ndarray) -> np.ndarray:
    """Last day of the numbered months."""
    return first_day(np.asarray(months) + 1) - np.timedelta64(1, "D")


def november(year: int) -> int:
    """Month number of November."""
    return (year - FIRST_YEAR) * 12 + 10


def new_year(year: int | np.ndarray) -> np.ndarray:
    """1 January of the year(s)."""
    return (np.asarray(year) - 1970).astype("datetime64[Y]").astype("datetime64[D]")


def period_codes(months: np.ndarray) -> np.ndarray:
    """Months as integers ``YYYYMM``."""
    return (FIRST_YEAR + months // 12) * 100 + months % 12 + 1


def quota(shares: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """``n`` category numbers in random order, their counts as near to ``shares`` as whole numbers allow."""
    exact = np.asarray(shares, float) / np.sum(shares) * n
    counts = np.floor(exact).astype(int)
    short = n - counts.sum()
    counts[np.argsort(-(exact - counts) + 1e-9 * rng.random(len(exact)), kind="stable")[:short]] += 1
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))
