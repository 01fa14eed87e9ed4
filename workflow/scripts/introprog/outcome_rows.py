"""The rows of the outcomes table (contract, section 4) that a question needs, read without the others.

The table holds millions of rows, one a person, definition and horizon; text comes as categories.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from introprog.errors import InputError, Problem, nearest

TEXT = ("person_id", "municipality", "definition", "status", "reason")
GONE = ("emigrated", "died", "no_residence")


def read_outcome_rows(
    path: str | Path,
    columns: Sequence[str],
    definitions: Sequence[str] | None = None,
    horizons: Sequence[int] | None = None,
    exit_years: Sequence[int] | None = None,
) -> pd.DataFrame:
    """The named columns of the rows of ``definitions``, ``horizons`` and ``exit_years`` (first and last); None takes
    all.

    A missing ``success`` comes as a nullable boolean. Read in batches, so that memory follows the rows kept.
    """
    wanted = list(dict.fromkeys([*columns, "definition", "horizon", "exit_year"]))
    kept = []
    with pq.ParquetFile(path, read_dictionary=[c for c in TEXT if c in wanted]) as file:
        schema = file.schema_arrow
        for batch in file.iter_batches(batch_size=1 << 20, columns=wanted):
            kept.append(pa.Table.from_batches([batch]).filter(_mask(batch, definitions, horizons, exit_years)))
    table = pa.concat_tables(kept) if kept else schema.empty_table().select(wanted)
    frame = (
        table.unify_dictionaries().select(list(columns)).to_pandas(date_as_object=False, strings_to_categorical=True)
    )
    for name in frame.columns.intersection(["success", "in_denominator"]):
        frame[name] = frame[name].astype("boolean")
    return frame


def _mask(batch: pa.RecordBatch, definitions, horizons, exit_years) -> pa.Array:
    mask = pc.is_valid(batch.column("horizon"))
    if definitions is not None:
        mask = pc.and_(mask, pc.is_in(batch.column("definition").cast(pa.string()), pa.array(list(definitions))))
    if horizons is not None:
        mask = pc.and_(mask, pc.is_in(batch.column("horizon").cast(pa.int64()), pa.array(list(horizons), pa.int64())))
    if exit_years is not None:
        year = batch.column("exit_year").cast(pa.int64())
        mask = pc.and_(mask, pc.and_(pc.greater_equal(year, exit_years[0]), pc.less_equal(year, exit_years[1])))
    return mask


def require_definition(name: str, definitions: Sequence[str], where: str) -> None:
    """Raise ``InputError`` when the config has no definition of that name."""
    if name not in definitions:
        what = f"{name!r} is no definition of the result"
        raise InputError([Problem(where, "C7", what, hint=nearest(name, sorted(definitions)))])
