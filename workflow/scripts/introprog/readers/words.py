"""Texts of a column as machine words: their bytes side by side, compared and told apart without a text a row."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WORD = 8
SHORT = np.array([(1 << (8 * n)) - 1 for n in range(WORD)] + [(1 << 64) - 1], "uint64")
# Numbers of more digits do not all fit a word.
DIGITS = 19
SLOT_BITS = 14
SHIFT = np.uint64(64 - SLOT_BITS)
# No text of ASCII is this word.
NO_TEXT = np.uint64((1 << 64) - 1)
SPREAD = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)))

# Odd numbers by which words are dealt over the slots; the first that keeps them apart is taken.
FACTORS = np.cumsum(np.full(64, 0x9E3779B97F4A7C14, "uint64")) | np.uint64(1)


def ends(texts: pa.Array) -> np.ndarray:
    """Where each text begins and the last one ends among the bytes of the array's buffer (int32)."""
    return np.frombuffer(texts.buffers()[1], dtype="int32")[texts.offset : texts.offset + len(texts) + 1]


def letters(texts: pa.Array) -> np.ndarray:
    """The bytes of all texts, one after the other."""
    if not len(texts):
        return np.array([], "uint8")
    at = ends(texts)
    return np.frombuffer(texts.buffers()[2] or b"", dtype="uint8")[at[0] : at[-1]]


def widths(texts: pa.Array) -> tuple[int, int]:
    """Bytes of the shortest and of the longest text; (0, 0) without texts."""
    length = np.diff(ends(texts)) if len(texts) else np.zeros(1, "int32")
    return int(length.min()), int(length.max())


def big_words(texts: pa.Array) -> list[np.ndarray]:
    """Words (uint64) that put texts in the order of their bytes, the first word first; shorter texts end in zeros.

    All words of two texts are equal only where the texts are.
    """
    least, width = widths(texts)
    if least != width:
        texts = pc.ascii_rpad(texts, width, padding="\0")
    bytes_ = letters(texts)
    if width < WORD:
        padded = np.zeros((len(texts), WORD), dtype="uint8")
        padded[:, :width] = bytes_.reshape(-1, width) if width else 0
        bytes_, width = padded.ravel(), WORD
    places = [*range(0, width - WORD, WORD), width - WORD]
    return [np.ndarray((len(texts),), ">u8", bytes_, at, (width,)).astype("uint64") for at in places]


def text_numbers(texts: pa.Array) -> np.ndarray:
    """A number (uint64) for each text, the same for equal texts and hardly ever for others; for up to 8 bytes never.

    Texts of one array are compared: the longest of them says how they are read.
    """
    first, *others = big_words(texts)
    for word in others:
        first = mixed(first) ^ word
    return first


def mixed(number: np.ndarray) -> np.ndarray:
    """The numbers dealt evenly over all of 64 bits, one to one (the finalizer of SplitMix64)."""
    spread = number + SPREAD[0]
    spread = (spread ^ (spread >> np.uint64(30))) * SPREAD[1]
    spread = (spread ^ (spread >> np.uint64(27))) * SPREAD[2]
    return spread ^ (spread >> np.uint64(31))


def run_starts(texts: pa.Array) -> np.ndarray:
    """Where another text begins than the one before it (int64), the first place included."""
    if not len(texts):
        return np.array([], "int64")
    other = np.zeros(len(texts) - 1, dtype=bool)
    for word in big_words(texts):
        other |= word[1:] != word[:-1]
    return np.append(0, np.flatnonzero(other) + 1)


def distinct_words(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct words in the order in which they first occur, and a code a row (int32)."""
    coded = pa.array(words).dictionary_encode()
    return coded.dictionary.to_numpy(), coded.indices.to_numpy()


def text_of(word: int) -> str:
    """The text (ASCII) that a word of ``short_words`` stands for."""
    return word.to_bytes(WORD, "little").rstrip(b"\0").decode("ascii")


def short_words(texts: pa.Array) -> np.ndarray | None:
    """Each text as one word (uint64) that ``text_of`` reads; None where a text has more than eight bytes."""
    least, width = widths(texts)
    if width > WORD:
        return None
    if least == width:
        padded = np.zeros((len(texts), WORD), dtype="uint8")
        padded[:, :width] = letters(texts).reshape(len(texts), width)
        return padded.view("<u8").ravel()
    at = ends(texts)
    bytes_ = np.append(letters(texts), np.zeros(WORD, "uint8"))
    words = np.ndarray((len(bytes_) - WORD + 1,), "<u8", bytes_, strides=(1,))
    return words[at[:-1] - at[0]] & SHORT[np.diff(at)]


class Slots:
    """Finds the places of words among a few known ones: each has a slot of its own, found by one multiplication."""

    def __init__(self, words: np.ndarray, places: np.ndarray):
        """``words`` are distinct. Where no factor keeps them apart, ``places`` finds none of them."""
        self.words, self.slot = np.full(1 << SLOT_BITS, NO_TEXT), np.empty(1 << SLOT_BITS, "int32")
        self.factor = next((f for f in FACTORS if len(np.unique(words * f >> SHIFT)) == len(words)), None)
        if self.factor is not None:
            at = words * self.factor >> SHIFT
            self.words[at], self.slot[at] = words, places

    def places(self, words: np.ndarray) -> np.ndarray | None:
        """The place of each word (int32); None where one of them is not known."""
        if self.factor is None:
            return None
        at = (words * self.factor >> SHIFT).view("int64")
        return self.slot.take(at) if (self.words.take(at) == words).all() else None


def digit_numbers(texts: pa.Array) -> np.ndarray | None:
    """Texts of one width, all of digits, as the numbers (uint64) that they are; None for others and for long ones."""
    least, width = widths(texts)
    if least != width or not 0 < width <= DIGITS:
        return None
    digits = letters(texts).reshape(-1, width) - np.uint8(ord("0"))
    if digits.max() > 9:
        return None
    number = np.zeros(len(texts), dtype="uint64")
    for place in digits.T:
        number *= np.uint64(10)
        number += place
    return number


class Lookup:
    """Finds the places of texts in a list of distinct texts, as a rule all of one width.

    Ids of digits are looked up by their number, which for sorted ones goes through the list in its order.
    """

    def __init__(self, known: pa.Array):
        self.known = known
        least, self.width = widths(known)
        numbers = digit_numbers(known)
        self.digits = numbers is not None
        numbers = text_numbers(known) if numbers is None else numbers
        self.order = np.argsort(numbers, kind="stable").astype("int32")
        self.numbers = numbers[self.order]
        self.plain = least == self.width > 0 and not (self.numbers[1:] == self.numbers[:-1]).any()

    def places(self, texts: pa.Array) -> np.ndarray:
        """The place of each text among the known ones (int32), -1 = not there; all ``texts`` are of one width."""
        if not self.plain:
            return pc.index_in(texts, self.known).fill_null(-1).to_numpy()
        if widths(texts) != (self.width, self.width):
            return np.full(len(texts), -1, dtype="int32")
        number = digit_numbers(texts) if self.digits else text_numbers(texts)
        if number is None:
            return pc.index_in(texts, self.known).fill_null(-1).to_numpy()
        at = np.minimum(np.searchsorted(self.numbers, number), len(self.numbers) - 1)
        place = self.order[at]
        found = self.numbers[at] == number
        if self.width > WORD and not self.digits:
            known, own = (letters(array).reshape(-1, self.width) for array in (self.known, texts))
            found &= (known[place] == own).all(axis=1)
        return np.where(found, place, np.int32(-1))
