"""Shards: whatever their number, the tables put together have the bytes of the undivided follow-up."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from introprog import months, outcome_table, outcomes
from introprog.shards import merge, of_shard, shard_of, sorted_dictionary
from introprog.status import read_statuses
from introprog.tabular import write_arrow, write_pieces
from test_outcomes import AMOUNTS, DEFINITIONS, STUDY, as_tables, frame, leaver, random_registers

MONTHS = {"last": 60, "longer_hours": 20}


@pytest.fixture(scope="module")
def world():
    people = random_registers(5, 70)
    cohort = frame([p for p, _ in people.values()], list(leaver(date(2016, 1, 1))))
    return cohort, as_tables(people)


def registers_of(tables):
    return [tables[name] for name in ("employment", "education", "welfare", "income", "residence")]


def pieces_of(cohort, tables):
    return outcomes.outcome_pieces(cohort, *registers_of(tables), DEFINITIONS, STUDY, AMOUNTS, read_statuses())


def states_of(cohort, tables):
    return months.to_arrow(months.trace_months(cohort, *registers_of(tables), STUDY, MONTHS))


def follow(cohort, tables):
    return pa.concat_tables(pieces_of(cohort, tables)), states_of(cohort, tables)


def bytes_of(write, table, path):
    write(table, path)
    return path.read_bytes()


@pytest.mark.parametrize("persons", [70, 9])
@pytest.mark.parametrize("shards", [1, 4, 16, 500])
def test_the_same_bytes_for_any_number_of_shards(world, shards, persons, tmp_path, monkeypatch):
    cohort, tables = world
    rows = sum(len(block["horizons"]) for block in DEFINITIONS.values())
    monkeypatch.setattr(outcome_table, "PIECE", persons * rows)
    file = tmp_path / "whole.parquet"
    whole = [
        bytes_of(write_pieces, pieces_of(cohort, tables), file),
        bytes_of(write_arrow, states_of(cohort, tables), file),
    ]
    answers, states, empty = [], [], 0
    for shard in range(shards) if shards < 500 else sorted({*shard_of(cohort["person_id"], shards), 1, 2, 3, 4}):
        own = of_shard(cohort, shard, shards)
        empty += own.empty
        answers.append(tmp_path / f"outcomes_{shard}.parquet")
        states.append(tmp_path / f"states_{shard}.parquet")
        write_pieces(pieces_of(own, tables), answers[-1])
        write_arrow(states_of(own, tables), states[-1])
    merged = outcome_table.in_pieces(merge(answers, outcome_table.CODED))
    assert [bytes_of(write_pieces, merged, file), bytes_of(write_arrow, merge(states), file)] == whole
    assert (empty > 0) == (shards == 500)
    assert shards > 1 or (pq.ParquetFile(answers[0]).num_row_groups > 1) == (persons == 9)


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
