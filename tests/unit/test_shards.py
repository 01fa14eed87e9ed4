"""Shards: whatever their number, the tables put together have the bytes of the undivided follow-up."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from introprog import months, outcomes
from introprog.shards import merge, of_shard, shard_of, sorted_dictionary
from introprog.status import read_statuses
from introprog.tabular import write_arrow
from test_outcomes import AMOUNTS, DEFINITIONS, STUDY, as_tables, frame, leaver, random_registers

MONTHS = {"last": 60, "longer_hours": 20}


@pytest.fixture(scope="module")
def world():
    people = random_registers(5, 70)
    cohort = frame([p for p, _ in people.values()], list(leaver(date(2016, 1, 1))))
    return cohort, as_tables(people)


def follow(cohort, tables):
    registers = [tables[name] for name in ("employment", "education", "welfare", "income", "residence")]
    found = outcomes.compute_outcomes(cohort, *registers, DEFINITIONS, STUDY, AMOUNTS, read_statuses())
    return found, months.to_arrow(months.trace_months(cohort, *registers, STUDY, MONTHS))


def written(table, path):
    write_arrow(table, path)
    return path.read_bytes()


@pytest.mark.parametrize("shards", [1, 4, 16, 500])
def test_the_same_bytes_for_any_number_of_shards(world, shards, tmp_path):
    cohort, tables = world
    whole = [written(table, tmp_path / "whole.parquet") for table in follow(cohort, tables)]
    pieces, empty = ([], []), 0
    for shard in range(shards) if shards < 500 else sorted({*shard_of(cohort["person_id"], shards), 1, 2, 3, 4}):
        own = of_shard(cohort, shard, shards)
        empty += own.empty
        for kind, table in enumerate(follow(own, tables)):
            pieces[kind].append(tmp_path / f"{kind}_{shard}.parquet")
            write_arrow(table, pieces[kind][-1])
    merged = merge(pieces[0], outcomes.CODED), merge(pieces[1])
    assert [written(table, tmp_path / "merged.parquet") for table in merged] == whole
    assert (empty > 0) == (shards == 500)


def test_a_person_with_a_hundred_thousand_rows_changes_nothing_for_others(world):
    cohort, tables = world
    heavy, end = cohort.loc[cohort["included"], ["person_id", "end_date"]].sort_values("end_date").iloc[0]
    first = [end.date() + timedelta(k % 700) for k in range(100_000)]
    spells = [
        {"person_id": heavy, "first_date": day, "last_date": day + timedelta(3), "weekly_hours": 1.0} for day in first
    ]
    rows = frame(spells, list(tables["employment"]))
    more = {**tables, "employment": pd.concat([tables["employment"], rows], ignore_index=True)}
    for before, after in zip(follow(cohort, tables), follow(cohort, more), strict=True):
        before, after = before.to_pandas(), after.to_pandas()
        others = before["person_id"] != heavy
        pd.testing.assert_frame_equal(before[others], after[others])
    year = after.set_index("person_id").loc[heavy, [f"m{k}" for k in range(1, 13)]]
    here = [months.STATES.index(state) for state in ("work_longer", "emigrated", "died")]
    assert year.isin(here).all() and (year == here[0]).any()


def test_persons_are_dealt_evenly_and_by_their_id_alone():
    ids = pd.Series([f"{k:010d}" for k in range(40_000)])
    dealt = shard_of(ids, 16)
    assert np.bincount(dealt, minlength=16) == pytest.approx(2500, rel=0.1)
    again = shard_of(ids.iloc[::-1].astype("str"), 16)[::-1]
    assert (dealt == again).all() and shard_of(ids.iloc[:3], 16).tolist() == dealt[:3].tolist()


def test_a_dictionary_keeps_what_occurs_sorted_and_what_is_missing():
    first = pa.DictionaryArray.from_arrays(pa.array([0, 2, None]), pa.array(["b", "never", "a"]))
    second = pa.DictionaryArray.from_arrays(pa.array([1]), pa.array(["b", "c"]))
    found = sorted_dictionary(pa.chunked_array([first, second]))
    assert found.dictionary.to_pylist() == ["a", "b", "c"] and found.to_pylist() == ["b", "a", None, "c"]
