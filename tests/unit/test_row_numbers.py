"""Whatever a rule finds, and however late, is told with the row of the file: one planted fault a rule and file."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from extract_formats import WRITERS, typed_frame
from introprog.inspection import inspect_extracts
from introprog.inspection_page import as_html, as_text, first_rows
from introprog.readers.origin import Origin, joined
from raw_extracts import CODEBOOK, FILES, ROOT, STUDY, YEARLY, A, B, C, form_11b

sys.path.insert(0, str(ROOT / "tests" / "errors"))

from mutations import WAVES, answer, good_extracts, survey

BOOKS = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))
ANSWER = answer(30)
JOB = f"{B};J8;2014-06-01;2014-03-31;37,5"
LATE = "2092-02-20"


def encoding(name: str) -> str:
    return FILES[name][0].removesuffix("-sig") if name in FILES else "latin-1" if name[:2] in ("ko", "at") else "utf-8"


def add(folder: Path, name: str, *lines: str) -> list[int]:
    """Put lines at the end of a file; the row numbers that they get, the header counted."""
    end = "\r\n" if name.startswith("kostra") else "\n"
    with open(folder / name, "r+b") as stream:
        before = stream.read().count(b"\n")
        stream.write("".join(line + end for line in lines).encode(encoding(name)))
    return [before + 1 + n for n in range(len(lines))]


def line(folder: Path, name: str, row: int) -> str:
    return (folder / name).read_bytes().decode(encoding(name)).splitlines()[row - 1].lstrip("\ufeff")


def inspect(folder: Path, **options):
    return inspect_extracts(folder, BOOKS, ROOT / "data" / "codelists", STUDY, WAVES, **options)


def told(found, rule: str, name: str) -> list:
    """Problems of a rule that speak of one file, by its name or by the pattern of its year."""
    stem = name.split(".")[0].rstrip("0123456789")
    return [p for p in [*found.problems, *found.tolerated] if p.rule == rule and stem in p.where]


def row_of(problem, name: str) -> list[int]:
    """Row numbers told for one file."""
    several = any(isinstance(row, str) for row in problem.rows)
    rows = [str(row).rpartition(" ") for row in problem.rows]
    return [int(number) for file, _, number in rows if not several or file == name]


# rule, file, lines added, which of them are at fault, what is told of their values
FAULTS = {
    "D1 income": ("D1", "inntekt.csv", [f"{A};2019;5;0;0", f"{A};2019;5;0;0"], [1], ()),
    "D1 residence": ("D1", "bosted.csv", [f"{B};6103;2017-06-01;;"], [0], ()),
    "D1 education": ("D1", "utdanning_kurs.csv", [f"{A};401101;2017-08-15;"], [0], ()),
    "D1 welfare": ("D1", "nav_2018.csv", [f"{A};201803;AAP", f"{B};201812;AAP"], [1], ()),
    "D1 form": ("D1", "kostra_11b_2016.txt", [form_11b("6101", 2016, A, "010315", "06", measures=(2,))], [0], ()),
    "D1 register": ("D1", "nir_deltakere.csv", [FILES["nir_deltakere.csv"][1].splitlines()[1]], [0], ()),
    "D1 months of jobs": ("D1", "ameld_2017.csv", [f"{A};201702;J1;37,5;1"], [0], ()),
    "D1 years of jobs": ("D1", "atmlto_2014.csv", [f"{B};J9;2014-02-01;2014-12-31;"], [0], ()),
    "D1 survey": ("D1", "survey_ks_2015.csv", [ANSWER, ANSWER], [1], ()),
    "D2 income": ("D2", "inntekt.csv", [f"{A};2019;5;0;0", f"{A};2019;9;0;0", f"{A};2019;7;0;0"], [0, 2], ()),
    "D2 residence": ("D2", "bosted.csv", [f"{A};6102;2015-01-10;2015-02-01;FLYTTET"], [0], ()),
    "D2 persons": ("T1", "demografi.csv", [f"{A};198005;2;564;Syria;FLUKT;2015-01-10;"], [0], ()),
    "D2 education": ("D2", "utdanning_kurs.csv", [f"{B};201199;2015-08-15;2015-12-20"], [0], ()),
    "D2 form": ("D2", "kostra_11b_2016.txt", [form_11b("6102", 2016, C, "010216", "06", months=[2])], [0], ()),
    "D2 register": ("D2", "nir_deltakere.csv", [f"{A};6101;2015-03-01;2017-03-20;ARBEID;0;30,0;2017-02-20"], [0], ()),
    "D2 months of jobs": ("D2", "ameld_2017.csv", [f"{A};201702;J1;20,0;1"], [0], ()),
    "D2 years of jobs": ("D2", "atmlto_2014.csv", [f"{B};J9;2014-02-01;2014-03-31;"], [0], ()),
    "S1 residence": ("S1", "bosted.csv", [f"{C};6102;2019-05-01;2019-04-01;"], [0], ("2019-05-01 to 2019-04-01",)),
    "S1 education": ("S1", "utdanning_kurs.csv", [f"{C};401101;2019-05-01;2019-04-01"], [0],
                     ("2019-05-01 to 2019-04-01",)),
    "S1 jobs": ("S1", "atmlto_2014.csv", [JOB], [0], ("2014-06-01 to 2014-03-31",)),
    "S2 residence": ("S2", "bosted.csv", [f"{C};6101;2014-01-01;2016-05-01;FLYTTET"], [0],
                     ("2014-01-01 to 2016-05-01",)),
    "E2 form": ("E2", "kostra_11b_2016.txt", [form_11b("6101", 2014, C, "010214", "06")], [0], ("2014",)),
    "E2 welfare": ("E2", "nav_2018.csv", [f"{A};201703;AAP"], [0], ("201703",)),
    "E2 months of jobs": ("E2", "ameld_2017.csv", [f"{A};201602;J1;37,5;1"], [0], ("201602",)),
    "E2 years of jobs": ("E2", "atmlto_2014.csv", [f"{B};J7;2012-02-01;2012-12-31;"], [0],
                         ("2012-02-01 to 2012-12-31",)),
    "M3 residence": ("M3", "bosted.csv", [f"{C};9998;2019-05-01;;"], [0], ("9998",)),
    "M3 form": ("M3", "kostra_11b_2016.txt", [form_11b("9998", 2016, C, "010916", "06", months=[12])], [0], ("9998",)),
    "M3 register": ("M3", "nir_deltakere.csv", [f"{C};9998;2018-03-01;;;0;30,0;2018-03-02"], [0], ("9998",)),
    "M3 survey": ("M3", "survey_ks_2015.csv", [answer(40, municipality="9998")], [0], ("9998",)),
    "M3 frame": ("M3", "survey_ks_2015_frame.csv", ["9998;1;2;3;4"], [0], ("9998",)),
    "P10 register": ("P10", "nir_deltakere.csv", [f"{C};6102;2018-03-01;{LATE};ARBEID;0;30,0;2018-03-02"], [0],
                     (LATE,)),
    "K16 register": ("K16", "nir_deltakere.csv", [f"{C};6102;2018-03-01;2018-02-01;ARBEID;0;30,0;2018-03-02"], [0],
                     ("2018-03-01 to 2018-02-01",)),
    "K16 form": ("K16", "kostra_11b_2016.txt", [form_11b("6101", 2016, B, "010916", "01", "010816")], [0],
                 ("2016-09-01 to 2016-08-01",)),
    "P4 form": ("P4", "kostra_11b_2016.txt", [form_11b("6101", 2016, B, "010916", "06", "011016")], [0], ()),
    "P9 form": ("P9", "kostra_11b_2016.txt", [form_11b("6101", 2016, B, "010916", "01")], [0], ()),
    "P9 register": ("P9", "nir_deltakere.csv", [f"{C};6102;2018-03-01;;ARBEID;0;30,0;2018-03-02"], [0], ()),
    "V1 survey": ("V1", "survey_ks_2015.csv", [answer(41, mode="ansatt")], [0], ()),
    "V2 survey": ("V2", "survey_ks_2015.csv", [answer(42).split(";5;4")[0] + ";99" * 18], [0], ()),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_every_rule_names_the_row_of_the_file(tmp_path, case):
    rule, name, lines, bad, values = FAULTS[case]
    folder = good_extracts(tmp_path / "raw")
    rows = add(folder, name, *lines)
    assert line(folder, name, rows[bad[0]]) == lines[bad[0]]
    (problem,) = told(inspect(folder), rule, name)
    assert row_of(problem, name) == [rows[place] for place in bad]
    assert problem.count == len(bad) and tuple(problem.values) == values


COUNTED = {
    "K17": ("kostra_11b_2016.txt", form_11b("6101", 2016, B, "010115", "01", "101115")),
    "K18": ("kostra_11b_2016.txt", form_11b("6101", 2016, B, "010916", "06", months=[9])),
    "K19": ("kostra_11b_2016.txt", form_11b("6101", 2016, B, "010916", "06", months=[12], benefit=30_000)),
    "K20": ("kostra_11b_2016.txt", form_11b("6101", 2016, B, "010916", "06", months=[12], benefit=900)),
    "K23": ("kostra_11b_2016.txt", form_11b("6101", 2016, B, "010116", "06", benefit=230_000)),
    "K24": ("kostra_11b_2016.txt", form_11b("6101", 2016, B, "010116", "01", "010217")),
    "P2": ("nir_deltakere.csv", f"{C};6102;2018-03-01;2018-09-01;;0;30,0;2018-03-02"),
    "P6": ("nir_deltakere.csv", f"{C};6102;2017-10-01;2018-09-01;ARBEID;0;30,0;2018-03-02"),
    "P7": ("nir_deltakere.csv", f"{C};6102;2018-06-01;2018-09-01;ARBEID;0;30,0;2018-03-02"),
    "D3": ("survey_ks_2015.csv", answer(43, sex="2")),
    "M4": ("kostra_11b_2016.txt", form_11b("6199", 2016, B, "010916", "06", months=[12])),
}


@pytest.mark.parametrize("rule", COUNTED)
def test_rules_that_only_count_name_the_row_too(tmp_path, rule):
    name, text = COUNTED[rule]
    folder = good_extracts(tmp_path / "raw")
    if rule == "M4":  # a code that was out of use two years before the row
        with open(folder / "kommune_endringer.csv", "a", encoding="utf-8") as stream:
            stream.write("2014-01-01;6199;Gammel;6101;Ås;SAMMENSLAAING;1,0\n")
    if rule == "D3":  # no two alike
        survey(*(answer(n, sex=str(1 + n // 6), first=str(1 + n % 6)) for n in range(12)))(folder)
    before = [example for key, rows in inspect(folder).examples.items() if key[1] == rule for example in rows]
    rows = add(folder, name, *text.split("\n"))
    found = inspect(folder)
    examples = [e for key, e in found.examples.items() if key[1] == rule]
    assert len(examples) == 1
    assert f"{name} {rows[-1]}" in examples[0] and f"{name} {rows[-1]}" not in before
    shown = first_rows(examples[0])
    assert shown in as_text(found, "raw") and shown in as_html(found, "raw")


@pytest.mark.parametrize(("suffix", "before"), [(".xlsx", 0), (".parquet", 1), (".dta", 1), (".sav", 1), (".xpt", 1)])
def test_every_format_names_its_own_rows(tmp_path, suffix, before):
    """The header is a row where the format has one: row 7 of a CSV or Excel file is observation 6 of a Stata file."""
    folder = good_extracts(tmp_path / "raw")
    lines = [f"{C};6102;2019-05-01;2019-04-01;", f"{C};9998;2019-06-01;;", f"{B};6103;2017-06-01;;"]
    rows = add(folder, "bosted.csv", *lines)
    by_rule = dict(zip(("S1", "M3", "D1"), rows))
    found = inspect(folder)
    assert {rule: told(found, rule, "bosted.csv")[0].rows for rule in by_rule} == {r: [n] for r, n in by_rule.items()}
    frame = typed_frame(folder / "bosted.csv", CODEBOOK.extracts["bosted"])
    (folder / "bosted.csv").unlink()
    WRITERS[suffix](frame, folder / f"bosted{suffix}")
    found = inspect(folder)
    for rule, row in by_rule.items():
        (problem,) = told(found, rule, f"bosted{suffix}")
        assert problem.where.startswith(f"bosted{suffix}") and problem.rows == [row - before]


def test_rows_before_it_that_were_left_out_do_not_move_the_number(tmp_path):
    """A malformed row, one without a key and a listed correction stand above the fault."""
    folder = good_extracts(tmp_path / "raw")
    rows = add(folder, "bosted.csv", f"{A};6101", ";6101;2015-01-01;;", f"{C};6102;2019-05-01;2019-04-01;")
    problems = told(inspect(folder), "S1", "bosted.csv")
    assert [p.rows for p in problems] == [[rows[-1]]]


def test_one_file_of_all_years_and_files_in_parts_name_their_rows(tmp_path):
    folder = good_extracts(tmp_path / "raw")
    (folder / "codebook").mkdir()
    texts = [(folder / f"ameld_{year}.csv").read_text(encoding="utf-8-sig").splitlines() for year in range(2015, 2020)]
    for year in range(2015, 2020):
        (folder / f"ameld_{year}.csv").unlink()
    lines = [texts[0][0], *(line for text in texts for line in text[1:]), f"{A};201702;J1;37,5;1"]
    (folder / "ameld.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "codebook" / "a.yaml").write_text("{kind: extract, extract: ameld, file: ameld.csv, years: null}")
    text = (folder / "bosted.csv").read_text(encoding="utf-8-sig").splitlines()
    (folder / "bosted.csv").unlink()
    (folder / "bosted_1.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    (folder / "bosted_2.csv").write_text(f"{text[0]}\n{text[1]}\n", encoding="utf-8")
    (folder / "codebook" / "b.yaml").write_text("{kind: extract, extract: bosted, file: 'bosted_*.csv'}")
    found = inspect(folder)
    (months,), (places,) = told(found, "D1", "ameld.csv"), told(found, "D1", "bosted")
    assert months.rows == [len(lines)] and places.rows == ["bosted_2.csv 2"]


def test_statuses_of_wide_files_and_parts_beside_each_other_name_the_row(tmp_path):
    """A municipality that nobody knows in a wide residence file; an amount twice in a file put beside another."""
    folder = good_extracts(tmp_path / "raw")
    (folder / "bosted.csv").unlink()
    years = [f"bostedskommune_01_01_{year}" for year in (2016, 2017)]
    rows = [[A, "6101", "6101"], [B, "6102", "9998"], [C, "6102", ""]]
    text = "\n".join(";".join(row) for row in [["lopenr_person", *years], *rows])
    (folder / "kommnr.csv").write_text(text + "\n", encoding="latin-1")
    (folder / "codebook").mkdir()
    book = (
        "kind: extract\nextract: bosted\nfile: kommnr.csv\ntemporality: status\nencoding: latin-1\ncolumns:\n"
        "  lopenr_person: {name: person_id}\n"
        '  "bostedskommune_01_01_{year}": {name: municipality_source}\n'
        '  fra_dato: {name: first_date, fill: "{year}-01-01"}\n'
        '  til_dato: {name: last_date, fill: ""}\n  sluttarsak: {name: end_reason, fill: ""}\n'
    )
    (folder / "codebook" / "a.yaml").write_text(book, encoding="utf-8")
    more = "kind: extract\nextract: sosialhjelp\nlike: inntekt\nfile: sosialhjelp.csv\ncolumns:\n" + "".join(
        f"  {source}: {{name: {name}{rest}}}\n"
        for source, name, rest in (
            ("lopenr", "person_id", ""), ("aar", "year", ""), ("wyrkinnt", "earnings", ', fill: ""'),
            ("sosialhjelp_mnd", "social_assistance_months", ""), ("sosialhjelp_belop", "social_assistance", ""),
        )
    )  # fmt: skip
    (folder / "codebook" / "s.yaml").write_text(more, encoding="utf-8")
    amounts = f"lopenr;aar;sosialhjelp_mnd;sosialhjelp_belop\n{B};2019;3;21000\n{A};2019;1;5000\n{B};2019;4;28000\n"
    (folder / "sosialhjelp.csv").write_text(amounts, encoding="utf-8")
    found = inspect(folder)
    (places,), (twice,) = told(found, "M3", "kommnr.csv"), told(found, "D2", "sosialhjelp.csv")
    assert places.rows == [3] and places.values == ["9998"] and twice.rows == [4]


def test_an_origin_counts_through_files_and_knows_nothing_without_any():
    first, second = Origin(label="a_{year}.csv"), Origin()
    first.add("a_1.csv", pd.RangeIndex(2, 6).to_numpy())
    first.add("a_2.csv", pd.Index([2, 5]).to_numpy())
    second.add("b.csv", pd.Index([1, 2, 3]).to_numpy())
    assert first.size == 6 and first.rows([5, 3, 0]) == ["a_1.csv 2", "a_1.csv 5", "a_2.csv 5"]
    assert first.name("x") == "a_{year}.csv" and second.name("x") == "b.csv" and Origin().name("x") == "x"
    both = joined(first, second)
    assert both.rows([6, 8]) == ["b.csv 1", "b.csv 3"] and both.name("x") == "a_{year}.csv and b.csv"
    assert Origin().rows([1, 2]) == [] and second.rows(range(3)) == [1, 2, 3]
    assert first_rows(both.examples([0, 1, 4, 8])) == "a_1.csv 2, 3; a_2.csv 2; b.csv 3"


def test_no_file_of_the_hand_written_set_is_left_out():
    """Every register that can hold the fault is tried: the cases name each of their files."""
    named = {fault[1].split("_20")[0].split(".")[0] for fault in FAULTS.values()}
    rows = {name.split(".")[0] for name in FILES} | set(YEARLY) | {"kostra_11b", "atmlto", "survey_ks"}
    assert named >= rows - {"kommuner", "kommune_endringer", "nir_tiltak", "utdanning_niva"}
