"""Shards of persons: the follow-up of a cohort in several jobs, whose results are put together exactly.

A person's shard follows from a hash of the id alone, so that it is the same in every table, on every machine and in
every run. Registers are scanned whole by each shard, and only the rows of its own persons are kept in memory.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

# Any fixed key of 16 bytes; another one would deal the persons anew.
HASH_KEY = "introprog-shards"


def shard_of(ids: pd.Series, shards: int) -> np.ndarray:
    """The shard of each person, 0..``shards`` - 1 (int64), by SipHash of the id as text."""
    text = ids.astype(object).to_numpy()
    return (pd.util.hash_array(text, hash_key=HASH_KEY, categorize=False) % np.uint64(shards)).astype(np.int64)


def of_shard(leavers: pd.DataFrame, shard: int, shards: int) -> pd.DataFrame:
    """The leavers that belong to a shard; none is a shard as well."""
    return leavers[shard_of(leavers["person_id"], shards) == shard]


def merge(pieces: Sequence[str | Path], coded: Sequence[str] = ()) -> pa.Table:
    """The tables of all shards as one, sorted by ``person_id``; within a person the rows keep their order.

    ``coded`` are the columns that are dictionaries of text; they come as ``sorted_dictionary`` gives them.
    """
    whole = pa.concat_tables([pq.read_table(path, read_dictionary=list(coded)) for path in pieces])
    for name in coded:
        place = whole.schema.get_field_index(name)
        whole = whole.set_column(place, name, sorted_dictionary(whole.column(name)))
    person = whole.column("person_id").combine_chunks()
    key = person.indices if pa.types.is_dictionary(person.type) else person
    order = pa.compute.sort_indices(
        pa.table({"key": key, "row": np.arange(len(whole))}), [("key", "ascending"), ("row", "ascending")]
    )
    return whole.take(order)


def sorted_dictionary(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of text as a dictionary of the values that occur, sorted: one form for the same content."""
    array = column.unify_dictionaries().combine_chunks()
    codes = array.indices.fill_null(-1).to_numpy()
    used = np.flatnonzero(np.bincount(codes + 1, minlength=len(array.dictionary) + 1)[1:])
    texts = array.dictionary.take(pa.array(used))
    order = pa.compute.sort_indices(texts)
    place = np.full(len(array.dictionary) + 1, -1, dtype=np.int32)
    place[used[order.to_numpy()]] = np.arange(len(used), dtype=np.int32)
    found = place[codes]
    return pa.DictionaryArray.from_arrays(pa.array(found, mask=found < 0), texts.take(order).cast(pa.string()))
