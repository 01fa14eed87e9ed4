"""Columns of whole numbers in a part of a file, told without a look at each distinct text."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.codebook import Column
from introprog.readers.words import ends, letters

# Longer numbers are not told apart from each other as floating-point numbers.
DIGITS = 15
ZERO, NINE, MINUS = b"09-"


@dataclass
class Numbers:
    """Whole numbers and whether each row has one, of a column of type number or integer."""

    values: np.ndarray
    missing: np.ndarray
    type: str

    def series(self) -> pd.Series:
        """Each row's value, typed as ``typed.type_columns`` does."""
        if self.type == "integer":
            return pd.Series(pd.arrays.IntegerArray(self.values, self.missing))
        values = self.values.astype("float64")
        values[self.missing] = np.nan
        return pd.Series(values)


def whole_numbers(texts: pa.Array, column: Column) -> Numbers | None:
    """The numbers of a column; None where a text is something else than a whole number in the range of the column, or
    where the column has other signs of a missing value than an empty text.
    """
    if column.missing or not pa.types.is_string(texts.type) or texts.null_count or not len(texts):
        return None
    signs, length = letters(texts), np.diff(ends(texts))
    if length.max() > DIGITS or ((signs < ZERO) & (signs != MINUS) | (signs > NINE)).any():
        return None
    missing = length == 0
    try:
        values = _numbers(texts, missing)
    except pa.ArrowInvalid:
        return None
    low, high = column.range
    held = values[~missing] if missing.any() else values
    if len(held) and ((low is not None and held.min() < low) or (high is not None and held.max() > high)):
        return None
    return Numbers(values, missing, column.type)


def _numbers(texts: pa.Array, missing: np.ndarray) -> np.ndarray:
    if not missing.any():
        return texts.cast(pa.int64()).to_numpy()
    values = np.zeros(len(texts), dtype="int64")
    there = np.flatnonzero(~missing)
    values[there] = texts.take(pa.array(there)).cast(pa.int64()).to_numpy()
    return values
