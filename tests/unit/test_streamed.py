"""Files that go part by part give what the reading of whole files gives, and odd files are read as a whole."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from introprog.cleaning import employment
from introprog.cleaning.quality import QualityLog
from introprog.readers import streamed
from introprog.readers.extracts import Reader
from introprog.readers.learned import Irregular
from introprog.readers.streamed import stream_parts
from introprog.readers.words import text_numbers
from raw_extracts import CODEBOOK, A, B, C, write_extracts

HEADER = "lopenr;periode;arbforhold;arb_arbeidstid;arb_hovedarbeid\n"
EXTRACT = CODEBOOK.extracts["ameld"]


def reader_of(folder):
    return Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), 2015)


def rows(n=3000, seed=5):
    rng = np.random.default_rng(seed)
    people = np.array([A, B, C, "5555555555"])[np.sort(rng.integers(0, 4, n))]
    jobs = np.array(["J1", "J2", "J33", "J-4444"])[rng.integers(0, 4, n)]
    hours = rng.choice(["37,5", "7,1", "", "0"], n)
    return [f"{p};2015{m:02d};{j};{h};1" for p, m, j, h in zip(people, rng.integers(1, 13, n), jobs, hours)]


def both(folder, lines, monkeypatch, end="\n", encoding="utf-8-sig"):
    """Table, counts, problems, read log and examples of a file read part by part, and of the same read whole."""
    path = folder / "ameld_2015.csv"
    path.write_bytes((HEADER + "\n".join(lines) + end).encode(encoding))
    monkeypatch.setattr(streamed, "BLOCK", 1 << 12)
    found = []
    for whole in (False, True):
        reader = reader_of(folder)
        if whole:
            monkeypatch.setattr(streamed, "_is_plain", lambda *_: False)
        table = employment.clean_employment(reader, pd.Series([A, B, C]))
        problems = [str(p) for p in reader.log.problems + reader.log.tolerated]
        found.append((table.to_pydict(), reader.log.counts, problems, reader.rows, reader.log.examples))
    return found


@pytest.fixture
def folder(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    (folder / "atmlto_2014.csv").write_text("lopenr;arbforhold;startdato;stoppdato;timer_uke\n", encoding="latin-1")
    return folder


ODD = {
    "quotation marks": lambda lines: [line.replace(";J1;", ';"J1";') for line in lines],
    "blanks around values": lambda lines: [line.replace(";J1;", "; J1;") for line in lines],
    "a value that is none": lambda lines: [*lines[:2000], f"{A};201513;J1;37,5;1", *lines[2000:]],
    "hours out of range": lambda lines: [*lines[:2000], f"{A};201501;J1;375;1", *lines[2000:]],
    "a line too short": lambda lines: [*lines[:2000], f"{A};201501", *lines[2000:]],
    "a job left out": lambda lines: [*lines[:2000], f"{A};201501;;37,5;1", *lines[2000:]],
    "an id too short": lambda lines: [*lines[:2000], "123;201501;J1;37,5;1", *lines[2000:]],
    "the header again": lambda lines: [*lines[:2000], HEADER.strip(), *lines[2000:]],
    "letters of another alphabet": lambda lines: [line.replace("J2", "J\u00e5") for line in lines],
}
PLAIN = {
    "as it is": lambda lines: lines,
    "in any order": lambda lines: [lines[i] for i in np.random.default_rng(1).permutation(len(lines))],
    "ends of lines of Windows": lambda lines: [line + "\r" for line in lines],
    "months of another year": lambda lines: [f"{A};201412;J1;37,5;1", *lines],
}


@pytest.mark.parametrize("change", [*ODD, *PLAIN])
def test_part_by_part_and_as_a_whole_are_the_same(folder, monkeypatch, change):
    parts, whole = both(folder, (ODD | PLAIN)[change](rows()), monkeypatch)
    assert parts == whole
    assert {("employment", "D1"), ("employment", "E1")} <= {key[:2] for key in parts[1]} or parts[2]


@pytest.mark.parametrize("change", [*ODD, *PLAIN])
def test_only_odd_files_are_read_as_a_whole(folder, change):
    (folder / "ameld_2015.csv").write_bytes(
        (HEADER + "\n".join((ODD | PLAIN)[change](rows())) + "\n").encode("utf-8-sig")
    )
    reader = reader_of(folder)
    file = reader.files(EXTRACT)[0]
    if change in PLAIN:
        assert sum(count for count, _ in stream_parts(file, EXTRACT, reader, lambda part: None)) >= 3000
    else:
        with pytest.raises(Irregular):
            list(stream_parts(file, EXTRACT, reader, lambda part: None))


def test_the_last_line_needs_no_end(folder, monkeypatch):
    parts, whole = both(folder, rows(), monkeypatch, end="")
    assert parts == whole and ("ameld", "ameld_2015.csv", 3000) in parts[3]


def test_a_typed_parquet_file_goes_part_by_part_and_gives_the_same(folder, monkeypatch):
    lines = rows()
    text, _ = both(folder, lines, monkeypatch)
    monkeypatch.undo()
    (folder / "ameld_2015.csv").unlink()
    cells = [line.split(";") for line in lines]
    hours = [float(h.replace(",", ".")) if h else None for *_, h, _ in cells]
    names = HEADER.strip().split(";")
    typed = [pa.array([c[0] for c in cells]), pa.array([int(c[1]) for c in cells], pa.int32())]
    typed += [pa.array([c[2] for c in cells]), pa.array(hours), pa.array([1] * len(cells), pa.int8())]
    pq.write_table(pa.table(typed, names=names), folder / "ameld_2015.parquet")
    reader = reader_of(folder)
    assert sum(n for n, _ in stream_parts(reader.files(EXTRACT)[0], EXTRACT, reader, lambda part: None)) == 3000
    table = employment.clean_employment(reader, pd.Series([A, B, C]))
    assert (table.to_pydict(), reader.log.counts) == text[:2]


def by_person(lines):
    return sorted(lines, key=lambda line: line[:10])


def by_month(lines):
    return sorted(lines, key=lambda line: (line[11:17], line[:10]))


@pytest.mark.parametrize(("order", "readings"), [(by_person, [False]), (by_month, [False, True])])
def test_rows_are_all_kept_only_where_persons_stand_in_several_parts(folder, monkeypatch, order, readings):
    rng = np.random.default_rng(8)
    people = [f"{n:010d}" for n in range(200)]
    lines = [f"{p};2015{m:02d};J{j};{rng.integers(1, 40)},0;1" for p in people for m in range(1, 13) for j in range(2)]
    again = [lines[k] for k in rng.integers(0, len(lines), 20)]
    path = folder / "ameld_2015.csv"
    path.write_text(HEADER + "\n".join(order([*lines, *again])) + "\n", encoding="utf-8-sig")
    monkeypatch.setattr(streamed, "BLOCK", 1 << 12)
    tried, kept = [], []
    years, spells = employment._years_of_work, employment.YearOfWork.spells

    def noted(*given, keep_all):
        tried.append(keep_all)
        return years(*given, keep_all=keep_all)

    def counted(work, *given):
        kept.append(sum(len(part.cell) for part in work.kept))
        return spells(work, *given)

    monkeypatch.setattr(employment, "_years_of_work", noted)
    monkeypatch.setattr(employment.YearOfWork, "spells", counted)
    found = []
    for whole in (False, True):
        if whole:
            monkeypatch.setattr(streamed, "_is_plain", lambda *_: False)
        reader = reader_of(folder)
        table = employment.clean_employment(reader, pd.Series(people))
        found.append((table.to_pydict(), reader.log.counts, reader.log.examples, sorted(reader.rows)))
    assert found[0] == found[1] and tried == [*readings, False]
    rows = len(lines) + len(again)
    assert kept[0] == rows if readings[-1] else 0 < kept[0] < rows
    assert sum(n for key, n in found[0][1].items() if key[1] == "D1") == len(again)


def test_two_files_of_a_year_with_rows_of_the_same_person_are_told_apart(folder):
    first = [f"{A};201501;J1;37,5;1", f"{A};201502;J1;37,5;1", f"{B};201501;J1;20,0;1"]
    second = [f"{A};201502;J1;37,5;1", f"{C};201503;J2;10,0;1"]
    path = folder / "ameld_2015.csv"
    path.write_text(HEADER + "\n".join([*first, *second]) + "\n", encoding="utf-8-sig")
    reader = reader_of(folder)
    expected = employment.clean_employment(reader, pd.Series([A, B, C])).to_pydict()
    files = []
    for name, lines in (("a.csv", first), ("b.csv", second)):
        (folder / name).write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8-sig")
        files.append(replace(reader.files(EXTRACT)[0], path=folder / name))
    apart = reader_of(folder)
    apart.files = lambda extract: files if extract.name == "ameld" else Reader.files(apart, extract)
    assert employment.clean_employment(apart, pd.Series([A, B, C])).to_pydict() == expected
    assert {key[1]: n for key, n in apart.log.counts.items()} == {key[1]: n for key, n in reader.log.counts.items()}


def test_equal_texts_have_equal_numbers_and_others_have_others():
    texts = ["A1", "A1", "B1", "A10", "a name of more than eight bytes", "a name of more than eight bytes!", ""]
    texts += [f"{n:08d}" for n in range(20_000)] + [f"job {n:020d}" for n in range(20_000)]
    numbers = text_numbers(pa.array(texts))
    assert len(set(numbers.tolist())) == len(set(texts)) and numbers[0] == numbers[1]
    assert (text_numbers(pa.array(texts)[2:5]) == text_numbers(pa.array(texts[2:5]))).all()
