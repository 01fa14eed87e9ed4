"""Raw files to typed tables: zeros kept, encodings checked, stray faults counted, wrong columns stopped."""

import pandas as pd
import pyarrow as pa
import pytest
from introprog.cleaning.quality import QualityLog, too_many
from introprog.readers.extracts import Reader
from introprog.readers.typed import convert
from raw_extracts import CODEBOOK, FILES, A, change, form_11b, write_extracts


@pytest.fixture
def folder(tmp_path):
    return write_extracts(tmp_path / "raw")


def read(folder, name, last_year=2019):
    reader = Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), last_year)
    return reader.read(name), reader


def messages(reader):
    return "\n".join(map(str, reader.log.problems))


def test_codes_keep_their_zeros_and_latin_1_is_read(folder):
    change(folder, "bosted.csv", ";6101;2015-01-10", ";0301;2015-01-10")
    residence, _ = read(folder, "bosted")
    assert residence["municipality_source"].tolist() == ["0301", "6102", "6103", "6102"]
    names, reader = read(folder, "kommuner")
    assert not reader.log.problems
    assert {"Ås", "Bø"} <= set(names["name"])


def test_decimal_comma_and_empty_amounts(folder):
    income, _ = read(folder, "inntekt")
    assert income["earnings"].tolist()[0] == 150000.5 and income["earnings"].isna().tolist() == [False, True]


def test_form_11b_is_cut_by_position(folder):
    form, reader = read(folder, "kostra_11b")
    assert not reader.log.problems and len(form) == 4
    row = form.iloc[1]
    assert row["start_date"] == pd.Timestamp(2014, 1, 15) and row["end_date"] == pd.Timestamp(2015, 6, 10)
    assert (row["measure_1"], row["measure_2"]) == ("01", "06") and pd.isna(row["measure_3"])
    assert row[["month_6", "month_7"]].notna().tolist() == [True, False]
    assert form["end_cause"].tolist() == ["still_in", "work", "still_in", "still_in"]
    assert form["file_year"].tolist() == [2015, 2015, 2016, 2016]


def test_two_digit_years_are_of_this_century_up_to_68():
    column = CODEBOOK.extracts["kostra_11b"].clean("start_date")
    days = convert(pd.Series(["010104", "311268", "010169", "310215", "ab0104"], dtype="str"), column)
    assert days.dt.year.tolist()[:3] == [2004, 2068, 1969] and days.isna().tolist() == [False] * 3 + [True, True]


def test_a_stray_code_is_counted_a_wrong_column_stops(folder):
    rows = "".join(f"{n:010d};6101;2015-01-01;;\n" for n in range(2000))
    header = "lopenr;kommnr;fra_dato;til_dato;sluttarsak\n"
    (folder / "bosted.csv").write_text(header + rows.replace(";6101;", ";61X1;", 8), encoding="utf-8-sig")
    residence, reader = read(folder, "bosted")
    assert not reader.log.problems and residence["municipality_source"].isna().sum() == 8
    counted = reader.log.frame()
    assert counted[["rule", "year", "n"]].values.tolist() == [["R1", 2015, 8]]
    assert counted["reason"].item().startswith("kommnr: ")
    (folder / "bosted.csv").write_text(header + rows.replace(";6101;", ";61X1;", 30), encoding="utf-8-sig")
    _, reader = read(folder, "bosted")
    assert "bosted.csv, column kommnr [R1]" in messages(reader) and "(30 rows)" in messages(reader)


def test_a_row_without_a_needed_value_is_dropped_and_counted(folder):
    change(folder, "bosted.csv", f"{A};6101;2015-01-10", f"{A};6101;")
    residence, reader = read(folder, "bosted")
    assert len(residence) == 3
    assert reader.log.frame()[["rule", "action", "n"]].values.tolist() == [["R5", "dropped", 1]]


def test_bom_quotes_and_blanks_do_no_harm(folder):
    text = '\ufefflopenr;"kommnr";fra_dato;til_dato;sluttarsak;annet\n0000000001;"0301" ;2015-01-01;;;x\n'
    (folder / "bosted.csv").write_text(text, encoding="utf-8")
    residence, reader = read(folder, "bosted")
    assert not reader.log.problems
    assert residence[["person_id", "municipality_source"]].values.tolist() == [["0000000001", "0301"]]


def test_the_same_rows_from_spss_stata_and_parquet(folder):
    import pyreadstat

    expected, _ = read(folder, "nir_deltakere")
    frame = pd.read_csv(folder / "nir_deltakere.csv", sep=";", decimal=",", dtype={"lopenr": str}, encoding="utf-8-sig")
    for name in ("startdato", "sluttdato", "registrert_dato"):
        frame[name] = pd.to_datetime(frame[name])
    (folder / "nir_deltakere.csv").unlink()
    writers = {
        ".parquet": lambda path: frame.to_parquet(path),
        ".sav": lambda path: pyreadstat.write_sav(frame, path),
        ".dta": lambda path: pyreadstat.write_dta(frame, path),
    }
    for suffix, write in writers.items():
        path = folder / f"nir_deltakere{suffix}"
        write(str(path))
        found, reader = read(folder, "nir_deltakere")
        assert not reader.log.problems, messages(reader)
        pd.testing.assert_frame_equal(found, expected)
        path.unlink()


def test_lost_zeros_of_numeric_codes_come_back_from_statistical_files(folder):
    frame = pd.DataFrame(
        {"lopenr": [A], "kommnr": [301.0], "fra_dato": ["2015-01-01"], "til_dato": [None], "sluttarsak": [None]}
    )
    (folder / "bosted.csv").unlink()
    frame.to_parquet(folder / "bosted.parquet")
    residence, reader = read(folder, "bosted")
    assert not reader.log.problems and residence["municipality_source"].tolist() == ["0301"]


def test_short_lines_of_form_11b_are_counted_and_all_wrong_lines_stop(folder):
    good = [form_11b("6101", 2016, f"{n:010d}", "010216", "06") for n in range(1000)]
    (folder / "kostra_11b_2016.txt").write_bytes("\n".join([*good, good[0][:90]]).encode())
    form, reader = read(folder, "kostra_11b")
    assert not reader.log.problems and (form["file_year"] == 2016).sum() == 1000
    assert reader.log.frame()[["rule", "year", "n"]].values.tolist() == [["R6", 2016, 1]]
    assert ("kostra_11b", "kostra_11b_2016.txt", 1001) in reader.rows
    (folder / "kostra_11b_2016.txt").write_bytes("\r\n".join(line[:-1] for line in good).encode())
    _, reader = read(folder, "kostra_11b")
    assert "no line has 111 characters" in messages(reader) and "'110'" in messages(reader)


def test_years_before_the_first_file_may_be_missing_years_between_may_not(folder):
    (folder / "nav_2017.csv").unlink()
    _, reader = read(folder, "nav")
    assert [p.where for p in reader.log.problems] == ["nav_2017.csv"]


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [(0, 100, False), (5, 100, False), (6, 100, True), (3, 5, True), (2, 5, False), (0, 0, False)],
)
def test_what_is_too_many(count, total, expected):
    assert too_many(count, total, 0.01) is expected


def test_unchecked_chunks_share_one_dictionary():
    from introprog.readers.typed import encode_columns

    extract = CODEBOOK.extracts["nir_tiltak"]
    chunked = {
        "lopenr": pa.chunked_array([[A], [A, "0000000002"]]),
        "startdato": pa.chunked_array([["2015-01-01"], [None, "2015-01-01"]], type=pa.string()),
        "tiltak": pa.chunked_array([["01"], ["02", "01"]]),
    }
    columns = encode_columns(pa.table(chunked), extract, "nir_tiltak.csv", QualityLog(CODEBOOK.rules))
    assert columns["measure"].series().tolist() == ["01", "02", "01"]
    assert columns["start_date"].missing().tolist() == [False, True, False]


def test_person_keys_are_never_shown_and_lines_are_counted_as_the_file_has_them(folder):
    header = "lopenr;kommnr;fra_dato;til_dato;sluttarsak\n"
    short = "".join(f"{n};6101;2015-01-01;;\n" for n in range(100, 120))
    full = "".join(f"{n:010d};6101;2015-01-01;;\n" for n in range(100))
    (folder / "bosted.csv").write_text(header + full + short, encoding="utf-8-sig")
    _, reader = read(folder, "bosted")
    text = messages(reader)
    assert "column lopenr [R1]" in text and "leading zeros" in text and "rows: 102, 103" in text
    assert "'100'" not in text and "values" not in text
    (folder / "kostra_11b_2016.txt").write_text(form_11b("61x1", 2016, A, "010216", "06"), encoding="latin-1")
    _, reader = read(folder, "kostra_11b")
    assert "column kommunenr [K2]" in messages(reader) and "rows: 1" in messages(reader)


def test_plain_and_coded_texts_are_the_same_column():
    from introprog.readers.typed import distinct_texts

    chunks = [["b", None, "a"], [], ["a", "c", "b"]]
    plain = pa.chunked_array([pa.array(c, pa.string()) for c in chunks])
    coded = pa.chunked_array([pa.array(c, pa.string()).dictionary_encode() for c in chunks])
    for column in (plain, coded):
        texts, codes = distinct_texts(column)
        assert texts.to_pylist() == ["b", "a", "c"] and codes.tolist() == [0, -1, 1, 1, 2, 0]
    for nothing in (plain.slice(0, 0), pa.chunked_array([], pa.string())):
        assert [len(part) for part in distinct_texts(nothing)] == [0, 0]


def test_a_byte_that_is_no_utf_8_is_found_where_it_is(folder):
    good = FILES["bosted.csv"][1].encode("utf-8-sig")
    (folder / "bosted.csv").write_bytes(good + "1;Ås;\n".encode() + b"1;\xc5s;\n")
    reader = Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), 2019)
    reader.read("bosted")
    assert "both UTF-8 and another encoding" in str(reader.log.problems[0])
    assert reader.log.problems[0].rows == [good.count(b"\n") + 2]
