"""The values of texts that come part by part: each text is turned to a value once, the first time that it is met."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.codebook import Column, Extract
from introprog.readers.typed import Encoded, distinct_texts, encode_column
from introprog.readers.words import Slots, distinct_words, short_words, text_of

MONTHS_OF = range(2000, 2030)
NARROW = 100
# More words than these can hardly be kept apart.
FEW = 600


class Irregular(Exception):
    """Something in the file asks for it to be read as a whole; a reader's word to itself."""


class Learned:
    """The values of a column's texts, each text turned to a value the first time that it is met.

    ``places`` says where the value of a text is in ``values``, ``met`` the same of short texts as words
    (``short_words``), which ``slots`` finds at once.
    """

    def __init__(self, column: Column, extract: Extract):
        self.column, self.extract = column, extract
        self.places: dict[str, int] = {}
        self.met: dict[int, int] = {}
        self.slots: Slots | None = None
        self.values = pd.Series()
        self.lock = Lock()

    def encode(self, values: pa.ChunkedArray) -> Encoded:
        """The column of a part; raises ``Irregular`` for a text that is no value of it, or none where needed."""
        words = short_words(one_array(values)) if pa.types.is_string(values.type) and not values.null_count else None
        slots, known = self.slots, self.values
        codes = slots.places(words) if slots is not None and words is not None else None
        if codes is None:
            known, codes = self._met(values, words)
        coded = Encoded(known, codes)
        if self.column.needed and coded.missing().any():
            raise Irregular
        return coded

    def _met(self, values: pa.ChunkedArray, words: np.ndarray | None) -> tuple[pd.Series, np.ndarray]:
        """Values and codes of a part that may have new texts."""
        if words is None:
            distinct, codes = distinct_texts(values)
            texts, known = distinct.to_pylist(), self.places
        else:
            distinct, codes = distinct_words(words)
            texts, known = distinct.tolist(), self.met
        with self.lock:
            new = [text for text in texts if text not in known]
            if new:
                plain = new if words is None else [text_of(word) for word in new]
                self._learn([text for text in plain if text not in self.places])
                known.update(zip(new, map(self.places.get, plain)))
            place = np.array([known[text] for text in texts] + [-1], dtype="int32")
            if words is not None and len(known) <= FEW and (new or self.slots is None):
                self.slots = Slots(np.array(list(known), "uint64"), np.array(list(known.values()), "int32"))
            return self.values, place[codes]

    def _learn(self, texts: list[str]) -> None:
        likely = [] if self.places else _likely(self.column, self.extract.decimal)
        new = [text for text in dict.fromkeys([*texts, *likely]) if text not in self.places]
        if not new:
            return
        found, faults, _ = encode_column(pa.chunked_array([pa.array(new, pa.string())]), self.column, self.extract)
        if faults:
            raise Irregular
        known = len(self.values)
        self.values = pd.concat([self.values, found.values], ignore_index=True) if known else found.values
        self.places.update(zip(new, range(known, len(self.values))))


def join_learned(parts: Sequence[Encoded]) -> Encoded:
    """One column of several parts, one after the other; their values were learned one after the other as well."""
    values = max((part.values for part in parts), key=len)
    return Encoded(values, np.concatenate([part.codes for part in parts]))


def _likely(column: Column, decimal: str) -> list[str]:
    """Texts that a column may well have, learned at once, since learning takes long for a single one: months, and
    numbers of up to two decimals where the range is narrow.
    """
    if column.type == "month":
        return [f"{year}{month:02d}" for year in MONTHS_OF for month in range(1, 13)]
    low, high = column.range
    if column.type != "number" or low is None or high is None or low < 0 or high - low > NARROW:
        return []
    decimals = ["", *(f"{decimal}{d}" for d in range(10)), *(f"{decimal}{d:02d}" for d in range(100))]
    return [f"{whole}{part}" for whole in range(int(low) + 1, int(high)) for part in decimals]


def one_array(values: pa.ChunkedArray) -> pa.Array:
    """The values of a column as one array."""
    return values.chunk(0) if values.num_chunks == 1 else pa.concat_arrays(values.chunks)
