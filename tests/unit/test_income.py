"""Income that goes part by part gives what the reading of whole files gives, faults and row numbers included."""

import numpy as np
import pandas as pd
import pytest
from introprog.cleaning.income import IncomeRows, clean_income, income_table
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.tables import read_register
from introprog.readers import streamed
from introprog.readers.extracts import Reader
from raw_extracts import CODEBOOK, A, B, C, write_extracts

HEADER = "lopenr;aar;wyrkinnt;sosialhjelp_mnd;sosialhjelp_belop\n"


def rows(n=2000, seed=4):
    rng = np.random.default_rng(seed)
    people = np.array([A, B, C, "5555555555"])[rng.integers(0, 4, n)]
    amounts = np.where(rng.random(n) < 0.1, "", rng.integers(-5, 900_000, n).astype(str))
    months = np.where(rng.random(n) < 0.1, "", rng.integers(0, 13, n).astype(str))
    return [
        f"{p};{y};{a};{m};{s}" for p, y, a, m, s in zip(people, rng.integers(1990, 2020, n), amounts, months, months)
    ]


def reader_of(folder):
    return Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), 2019)


CHANGES = {
    "as it is": lambda lines: lines,
    "sorted": sorted,
    "each once": lambda lines: sorted({line[:15]: line for line in lines}.values()),
    "decimals": lambda lines: [*lines[:900], f"{A};2001;12,75;3;1,5", *lines[900:]],
    "one row": lambda lines: lines[:1],
}
ODD = {
    "an amount that is none": lambda lines: [*lines[:900], f"{A};2001;1x;3;1", *lines[900:]],
    "a year out of range": lambda lines: [*lines[:900], f"{A};1891;1;3;1", *lines[900:]],
    "no year": lambda lines: [*lines[:900], f"{A};;1;3;1", *lines[900:]],
    "an id too short": lambda lines: [*lines[:900], "123;2001;1;3;1", *lines[900:]],
}


@pytest.mark.parametrize("change", [*CHANGES, *ODD])
def test_part_by_part_and_as_a_whole_are_the_same(tmp_path, monkeypatch, change):
    folder = write_extracts(tmp_path / "raw")
    lines = (CHANGES | ODD)[change](rows())
    (folder / "inntekt.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8-sig")
    monkeypatch.setattr(streamed, "BLOCK", 1 << 12)
    found = []
    for whole in (False, True):
        if whole:
            monkeypatch.setattr(streamed, "_is_plain", lambda *_: False)
        reader = reader_of(folder)
        raw = read_register(reader, "inntekt")
        assert isinstance(raw, IncomeRows) == (not whole and change in CHANGES)
        table = clean_income(raw, reader.log, reader.origins["inntekt"])
        faults = [str(problem) for problem in reader.log.problems + reader.log.tolerated]
        found.append((table, reader.log.counts, reader.log.examples, reader.rows, faults))
    pd.testing.assert_frame_equal(found[0][0], found[1][0])
    assert found[0][1:] == found[1][1:]
    assert change in ("each once", "one row") or ("income", "D2") in {key[:2] for key in found[0][1]}


def test_of_rows_of_a_person_and_year_the_highest_earnings_stay_and_the_table_is_sorted(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    lines = [f"{B};2001;5;0;0", f"{A};2002;1;0;0", f"{A};2001;7;1;9", f"{A};2001;9;2;8", f"{B};2001;5;0;0"]
    (folder / "inntekt.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8-sig")
    reader = reader_of(folder)
    table = income_table(read_register(reader, "inntekt"), reader.log, reader.origins["inntekt"])
    expected = [(A, 2001, 9.0, 2, 8.0), (A, 2002, 1.0, 0, 0.0), (B, 2001, 5.0, 0, 0.0)]
    assert [tuple(row.values()) for row in table.to_pylist()] == expected
    assert {key[1]: n for key, n in reader.log.counts.items()} == {"D1": 1, "D2": 1}
    assert [rows for (_, rule, _), rows in reader.log.examples.items() if rule == "D1"] == [["inntekt.csv 6"]]
