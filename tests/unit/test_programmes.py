"""Programmes from 11B and NIR: stacking, transfers, restarts, and the known faults by their stated rules."""

import pandas as pd
import pyarrow as pa
import pytest
from introprog.cleaning.municipality_codes import code_map
from introprog.cleaning.programmes import clean_programmes
from introprog.cleaning.quality import QualityLog
from introprog.readers.extracts import read_raw
from introprog.readers.raw import RawFile
from introprog.readers.typed import type_columns
from raw_extracts import CODEBOOK, A, B, C, form_11b

CODES = pd.DataFrame({"municipality": ["6101", "6102", "6103"], "year": 2016, "population": 1})
NO_CHANGES = pd.DataFrame(
    {"date": pd.to_datetime([]).astype("datetime64[s]"), "old_code": pd.array([], "str"), "new_code": pd.array([],
    "str"), "share": pd.array([], "float64"), "new_name": pd.array([], "str")}
)  # fmt: skip
PERSONS = pd.DataFrame({"person_id": [A, B, C], "birth_year": [1980, 2000, 1940], "birth_month": [1, 6, 1]})
RESIDENCE = pd.DataFrame(
    {"person_id": pd.array([], "str"), "first_date": NO_CHANGES["date"], "last_date": NO_CHANGES["date"],
     "municipality": pd.array([], "str")}
)  # fmt: skip
NIR = ["lopenr", "kommunenr", "startdato", "sluttdato", "avslutningsarsak", "fritak_permisjon_mnd", "timer_uke",
       "registrert_dato"]  # fmt: skip


@pytest.fixture
def clean(tmp_path):
    def run(lines=(), nir=(), measures=()):
        log, frames = QualityLog(CODEBOOK.rules), []
        extract = CODEBOOK.extracts["kostra_11b"]
        for year in sorted({int(line[4:6]) for line in lines}) or [16]:
            path = tmp_path / f"kostra_11b_20{year}.txt"
            path.write_text("\n".join(line for line in lines if int(line[4:6]) == year))
            table = read_raw(RawFile(path), extract).table
            frames.append(type_columns(table, extract, path.name, log, 2000 + year).assign(file_year=2000 + year))
        participants = _typed(nir, NIR, "nir_deltakere", log)
        taken = _typed(measures, ["lopenr", "startdato", "tiltak"], "nir_tiltak", log)
        mapping = code_map(NO_CHANGES, CODES, 2016)
        table = clean_programmes(
            pd.concat(frames, ignore_index=True), participants, taken, PERSONS, RESIDENCE, mapping, 2023, log
        )
        assert not log.problems, log.problems
        return table, log.frame().groupby("rule")["n"].sum().to_dict()

    return run


def _typed(rows, columns, name, log):
    cells = {c: pa.array([row[i] or None for row in rows], pa.string()) for i, c in enumerate(columns)}
    return type_columns(pa.table(cells), CODEBOOK.extracts[name], name, log)


def nir(person, start, end="", cause="", municipality="6101", registered="2023-01-01"):
    return (person, municipality, start, end, cause, "0", "30,0", registered)


def day(text):
    return pd.Timestamp(text)


def test_yearly_records_become_one_programme(clean):
    table, counts = clean(
        [
            form_11b("6101", 2012, A, "010312", "06", months=range(3, 13), measures=(1,)),
            form_11b("6101", 2013, A, "010312", "06", measures=(1, 7)),
            form_11b("6101", 2014, A, "010312", "02", "150514", months=range(1, 6), measures=(10,)),
        ]
    )
    row = table.iloc[0]
    assert len(table) == 1 and (row["start_date"], row["end_date"]) == (day("2012-03-01"), day("2014-05-15"))
    assert (row["end_cause"], row["source"], row["benefit_months"]) == ("education", "kostra11b", 27)
    assert row["measures"] == "01+07+10" and pd.isna(row["measure_hours"])
    assert counts == {}


def test_the_register_takes_over_where_the_form_ended(clean):
    table, counts = clean(
        [form_11b("6101", 2016, A, "010316", "06", months=range(3, 13), measures=(1,))],
        [nir(A, "2016-03-01", "2018-02-01", "ARBEID")],
        [(A, "2016-03-01", "07"), (A, "2016-03-01", "07")],
    )
    row = table.iloc[0]
    assert len(table) == 1 and (row["end_date"], row["end_cause"], row["source"]) == (day("2018-02-01"), "work", "nir")
    assert (row["measures"], row["benefit_months"], row["measure_hours"]) == ("01+07", 10, 30.0)
    assert counts == {"P11": 1}


def test_two_municipalities_in_a_year_are_one_programme_in_the_last(clean):
    table, counts = clean(
        [
            form_11b("6102", 2014, A, "010314", "06", months=range(6, 13)),
            form_11b("6101", 2014, A, "010314", "05", "310514", months=range(3, 7)),
        ]
    )
    row = table.iloc[0]
    assert len(table) == 1 and row["municipality"] == "6102" and pd.isna(row["end_date"]) and pd.isna(row["end_cause"])
    assert row["benefit_months"] == 10, "June is ticked by both and counts once"
    assert counts == {"P1": 1}


@pytest.mark.parametrize(("second_start", "programmes"), [("300814", 1), ("310814", 2)])
def test_a_move_is_continued_within_ninety_days(clean, second_start, programmes):
    table, counts = clean(
        [
            form_11b("6101", 2014, A, "010314", "05", "010614", months=range(3, 7), measures=(1,)),
            form_11b("6103", 2014, A, second_start, "01", "201214", months=range(9, 13), measures=(6,)),
        ]
    )
    assert len(table) == programmes
    if programmes == 1:
        row = table.iloc[0]
        assert (row["start_date"], row["end_date"]) == (day("2014-03-01"), day("2014-12-20"))
        assert (row["municipality"], row["end_cause"], row["measures"]) == ("6103", "work", "01+06")
        assert row["benefit_months"] == 8 and counts == {"P5": 1}
    else:
        assert table["end_cause"].tolist() == ["moved", "work"] and counts == {"P7": 1}


def test_a_restart_is_a_programme_of_its_own(clean):
    table, counts = clean(
        nir=[nir(A, "2017-01-01", "2018-01-01", "ANNET"), nir(A, "2018-02-01", "2019-01-01", "ARBEID")]
    )
    assert table["end_cause"].tolist() == ["other", "work"] and counts == {"P7": 1}


def test_missing_and_automatic_end_causes_are_kept_and_counted(clean):
    table, counts = clean(
        nir=[nir(A, "2017-01-01", "2018-01-01"), nir(B, "2017-01-01", "2018-01-01", "AUTOMATISK"), nir(C, "2017-01-01")]
    )
    assert table["end_cause"].tolist()[:2] == ["missing", "auto_closed"] and pd.isna(table["end_cause"][2])
    assert {"P2": 1, "P3": 1}.items() <= counts.items()


def test_end_before_start_that_nothing_explains_loses_the_end(clean):
    table, counts = clean(
        nir=[
            nir(A, "2018-05-01", "2018-01-01", "ARBEID"),
            *(nir(B, f"20{y}-01-01", f"20{y}-06-01", "ANNET") for y in range(17, 23)),
        ]
    )
    row = table.iloc[0]
    assert pd.isna(row["end_date"]) and row["end_cause"] == "work" and row["start_date"] == day("2018-05-01")
    assert counts["K16"] == 1 and counts["P9"] == 1


def test_end_before_start_is_mended_by_the_persons_other_rows(clean):
    table, counts = clean(
        [
            form_11b("6101", 2013, A, "010313", "06", months=range(3, 13)),
            form_11b("6101", 2014, A, "011214", "01", "010614", months=range(1, 7)),
            form_11b("6101", 2013, B, "010313", "06", months=range(3, 13)),
            form_11b("6101", 2014, B, "010614", "01", "010313", months=range(1, 7)),
        ]
    )
    assert table["start_date"].tolist() == [day("2013-03-01")] * 2
    assert table["end_date"].tolist() == [day("2014-06-01")] * 2
    assert counts["K16c"] == 1 and counts["K16b"] == 1 and "K16" not in counts


def test_duplicates_and_later_registrations(clean):
    line = form_11b("6101", 2014, A, "010314", "06")
    table, counts = clean(
        [line, line],
        [
            nir(B, "2017-01-01", registered="2017-02-01"),
            nir(B, "2017-01-01", "2018-01-01", "ARBEID", registered="2018-02-01"),
        ],
    )
    assert len(table) == 2 and counts["D1"] == 1 and counts["D2"] == 1
    assert table.set_index("person_id").loc[B, "end_cause"] == "work"


def test_checks_of_the_control_program(clean):
    _, counts = clean(
        [
            form_11b("6101", 2014, A, "010313", "01", "151213", months=[1], benefit=10_000),
            form_11b("6101", 2014, B, "010314", "06", months=range(3, 12), benefit=230_000),
            form_11b("6101", 2014, C, "010314", "06", months=range(3, 13), benefit=900),
        ]
    )
    expected = {"K17": 1, "K18": 1, "K19": 1, "K20": 1, "K21": 1, "K22": 1, "K23": 1}
    assert {rule: counts.get(rule) for rule in expected} == expected


def test_an_end_date_of_one_still_in_is_not_used(clean):
    others = [form_11b("6101", 2014, person, "010314", "06") for person in (B, C)]
    table, counts = clean([form_11b("6101", 2014, A, "010314", "06", "010614"), *others])
    assert pd.isna(table["end_date"][0]) and counts["P4"] == 1


def test_an_open_programme_reported_until_the_next_start_goes_on(clean):
    lines = [
        form_11b("6101", 2012, A, "010312", "06"),
        form_11b("6101", 2013, A, "010413", "01", "011213"),
        form_11b("6101", 2008, B, "010308", "06"),
        form_11b("6101", 2013, B, "010413", "01", "011213"),
    ]
    table, counts = clean(lines)
    assert table["person_id"].tolist() == [A, B, B] and counts["P8"] == 1
    assert table["start_date"].tolist() == [day("2012-03-01"), day("2008-03-01"), day("2013-04-01")]


def test_nothing_in_gives_an_empty_table(clean):
    table, counts = clean()
    assert table.empty and "measures" in table and counts == {}
