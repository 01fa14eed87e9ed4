"""The outcomes table (contract, section 4) put together from the answers to every definition at every horizon.

It is written in pieces, each of which is a row group of the file: all rows of some persons, texts as dictionaries of
those that occur in the piece, sorted. The form follows from the content alone, so that a table put together from
shards has the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.careers import blocks
from introprog.registers import REASONS
from introprog.shards import sorted_dictionary

CODED = ("person_id", "municipality", "definition", "status", "reason")
PIECE = 1 << 19


@dataclass(frozen=True)
class Result:
    """One definition at one horizon for N persons: arrays of length N; status -1 and place -1 are missing.

    ``place`` is where the person lives; None where the definition counts by the municipality of the programme.
    """

    day: np.ndarray
    status: np.ndarray
    success: np.ndarray
    counted: np.ndarray
    reason: np.ndarray
    place: np.ndarray | None


def persons_a_piece(rows: int) -> int:
    """How many persons with so many ``rows`` each make a piece."""
    return max(PIECE // max(rows, 1), 1)


def in_pieces(outcomes: pa.Table) -> Iterator[pa.Table]:
    """A whole table in the pieces and the form in which ``OutcomeTable`` gives them."""
    persons = len(outcomes.column("person_id").unique())
    rows = len(outcomes) // max(persons, 1)
    for low, high in blocks(persons, persons_a_piece(rows)):
        piece = outcomes.slice(low * rows, (high - low) * rows)
        for name in CODED:
            place = piece.schema.get_field_index(name)
            piece = piece.set_column(place, name, sorted_dictionary(piece.column(name)))
        yield piece.combine_chunks()


class OutcomeTable:
    """Makes pieces of the table for the definitions and horizons ``names``, persons outermost."""

    def __init__(
        self, names: Sequence[tuple[str, int]], programme: pd.Series, residence: Sequence[str], statuses: Sequence[str]
    ):
        """``programme`` are the municipalities of the programme of all persons, ``residence`` those that
        ``Result.place`` numbers, and ``statuses`` the codes that ``Result.status`` numbers.
        """
        self.names, self.statuses = names, list(statuses)
        self.places = sorted({*residence, *programme.dropna()})
        places = pd.Index(self.places, dtype=object)
        self.programme = places.get_indexer(programme.astype(object)).astype(np.int32)
        self.residence = np.append(places.get_indexer(pd.Index(residence, dtype=object)), -1).astype(np.int32)

    def piece(self, people: pa.Array, exit_year: np.ndarray, results: Sequence[Result], first: int) -> pa.Table:
        """All rows of the persons with the ids ``people``, who begin at the position ``first`` of all persons."""
        n, r = len(people), len(self.names)
        own = self.programme[first : first + n]
        living = [own if x.place is None else self.residence.take(x.place) for x in results]
        counted = _by_person([x.counted for x in results], n)
        kinds = np.tile(np.arange(r, dtype=np.int32), n)
        horizons = np.array([horizon for _, horizon in self.names], dtype=np.int16)
        persons = np.repeat(np.arange(n, dtype=np.int32), r) if r else np.array([], dtype=np.int32)
        return pa.table(
            {
                "person_id": pa.DictionaryArray.from_arrays(persons, people if r else people.slice(0, 0)),
                "exit_year": pa.array(np.repeat(exit_year.astype(np.int16), r)),
                "municipality": coded(self.places, _by_person(living, n)),
                "horizon": pa.array(np.tile(horizons, n)),
                "definition": coded([name for name, _ in self.names], kinds),
                "reference_date": pa.array(_by_person([x.day for x in results], n)).view(pa.date32()),
                "status": coded(self.statuses, _by_person([x.status for x in results], n)),
                "success": pa.array(_by_person([x.success for x in results], n), mask=~counted),
                "in_denominator": pa.array(counted),
                "reason": coded(REASONS, _by_person([x.reason for x in results], n)),
            }
        )


def _by_person(parts: Sequence[np.ndarray], persons: int) -> np.ndarray:
    """The values of all parts, all of a person after each other."""
    return np.stack(parts, axis=1).ravel() if parts else np.array([], dtype=np.int32)


def coded(texts: Sequence[str], codes: np.ndarray) -> pa.DictionaryArray:
    """The texts of ``codes``, -1 = none, as an Arrow dictionary of those that occur, sorted."""
    counts = np.bincount(codes + 1, minlength=len(texts) + 1)
    found = sorted({texts[k] for k in np.flatnonzero(counts[1:])})
    rank = {text: k for k, text in enumerate(found)}
    place = np.array([*(rank.get(text, -1) for text in texts), -1], dtype=np.int32).take(codes)
    return pa.DictionaryArray.from_arrays(
        pa.array(place, mask=codes < 0 if counts[0] else None), pa.array(found, pa.string())
    )
