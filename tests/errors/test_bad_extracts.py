"""Bad raw files: one message with file, column, count, examples, what was expected and a hint; nothing written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from introprog.cleaning.tables import clean_jobs, clean_registers
from introprog.errors import InputError

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "unit"))

from raw_extracts import FILES, STUDY, A, B, C, change, codebook_files, write_extracts  # noqa: E402


def message(folder):
    with pytest.raises(InputError) as caught:
        clean_registers(folder, codebook_files(), ROOT / "data" / "codelists", STUDY)
    text = str(caught.value)
    assert not any(person in text for person in (A, B, C)), "a person key is in the message"
    return text


@pytest.fixture
def folder(tmp_path):
    return write_extracts(tmp_path / "raw")


def remove(name):
    return lambda folder: (folder / name).unlink()


def replace(name, old, new):
    return lambda folder: change(folder, name, old, new)


def recode(name, encoding):
    def damage(folder):
        (folder / name).write_bytes(FILES[name][1].encode(encoding))

    return damage


def rewrite(name, text, encoding="utf-8-sig"):
    return lambda folder: (folder / name).write_bytes(text.encode(encoding))


CASES = {
    "missing file": (remove("bosted.csv"), ["bosted.csv [F2]: file not found", "Residence"]),
    "misspelt file": (
        lambda folder: (folder / "bosted.csv").rename(folder / "bosteder.csv"),
        ["bosted.csv [F2]", "did you mean 'bosteder.csv'?"],
    ),
    "missing year": (remove("nav_2018.csv"), ["nav_2018.csv [F2]: file not found"]),
    "missing column": (
        replace("bosted.csv", ";kommnr;", ";kommune_nr;"),
        ["bosted.csv, column kommnr [F6]: column not found", "did you mean 'kommune_nr'?"],
    ),
    "doubled column": (replace("bosted.csv", ";sluttarsak", ";kommnr"), ["the column is there twice"]),
    "unknown code": (
        replace("demografi.csv", ";1;", ";M;"),
        [
            "demografi.csv, column kjoenn [R1]: unknown code in 66.7% of the rows (2 rows)",
            "'M'",
            "expected: one of 1, 2",
        ],
    ),
    "UTF-8 for Latin-1": (
        recode("demografi.csv", "utf-8"),
        ["demografi.csv [F4]: wrong encoding: UTF-8 in a file that should be latin-1", "`encoding`"],
    ),
    "Latin-1 for UTF-8": (recode("kommuner.csv", "latin-1"), ["kommuner.csv [F4]", "seems to be Latin-1", "rows: 2"]),
    "UTF-16": (recode("inntekt.csv", "utf-16"), ["inntekt.csv [F4]: wrong encoding: UTF-16"]),
    "comma between fields": (
        rewrite("nir_tiltak.csv", FILES["nir_tiltak.csv"][1].replace(";", ",")),
        ["nir_tiltak.csv [F5]: wrong separator: comma between the fields", "expected: semicolon"],
    ),
    "decimal point": (
        rewrite(
            "inntekt.csv", FILES["inntekt.csv"][1].replace("150000,5", "150000.5").replace("2018;;", "2018;1200.0;")
        ),
        ["inntekt.csv, column wyrkinnt [R3]", "'150000.5'", "the decimal mark is '.'"],
    ),
    "lost zeros": (
        rewrite(
            "demografi.csv", FILES["demografi.csv"][1].replace(";564;", ";64;").replace(";346;", ";46;"), "latin-1"
        ),
        ["column fodeland [R1]", "'64'", "leading zeros are lost"],
    ),
    "dates the other way round": (
        rewrite("utdanning_kurs.csv", "lopenr;nus2000;fra_dato;til_dato\n" + f"{A};401101;15.08.2017;\n" * 3),
        ["utdanning_kurs.csv, column fra_dato [R2]: not a date in 100.0% of the rows", "the day comes first"],
    ),
    "empty file": (rewrite("bosted.csv", "", "utf-8"), ["bosted.csv [F3]: the file is empty"]),
    "header alone": (rewrite("bosted.csv", FILES["bosted.csv"][1].split("\n")[0] + "\n"), ["the file has no rows"]),
    "too few fields": (
        rewrite("inntekt.csv", FILES["inntekt.csv"][1] + f"{A};2017;5\n" * 9),
        ["inntekt.csv [R6]: wrong number of fields"],
    ),
    "spreadsheet of form 11B": (
        rewrite("kostra_11b_2016.txt", "6101;16;J1\r\n", "latin-1"),
        ["kostra_11b_2016.txt [F8]: no line has 111 characters", "'10'"],
    ),
    "form of another year": (
        lambda folder: (folder / "kostra_11b_2015.txt").replace(folder / "kostra_11b_2014.txt"),
        ["kostra_11b_2015.txt [F2]"],
    ),
    "wrong code in the change list": (
        replace(
            "kommune_endringer.csv",
            ";6110;Ny;SAMMENSLAAING;1,0\n2020-01-01;6102",
            ";611;Ny;SAMMENSLAAING;1,0\n2020-01-01;6102",
        ),
        ["kommune_endringer.csv, column ny_kode [R1]", "'611'"],
    ),
    "change list of another country": (
        rewrite("kommune_endringer.csv", FILES["kommune_endringer.csv"][1].replace("6110", "6199")),
        ["bosted"],
    ),
}


@pytest.mark.parametrize("case", list(CASES)[:-1])
def test_message(folder, case):
    damage, parts = CASES[case]
    damage(folder)
    text = message(folder)
    for part in parts:
        assert part in text, text


def test_a_change_list_that_loses_codes(folder):
    CASES["change list of another country"][0](folder)
    text = message(folder)
    assert "bosted.csv, municipality code [M3]" in text and "'6101'" in text and "kommune_endringer.csv" in text


def test_all_faults_of_all_files_at_once(folder):
    for case in ("missing file", "unknown code", "comma between fields", "decimal point", "missing year"):
        CASES[case][0](folder)
    text = message(folder)
    assert text.startswith("5 problems in the input:")
    for name in ("bosted.csv", "demografi.csv", "nir_tiltak.csv", "inntekt.csv", "nav_2018.csv"):
        assert name in text


def test_no_folder(tmp_path):
    assert "the folder of extracts does not exist" in message(tmp_path / "nowhere")


SCRIPT = """
import sys, types
sys.path.insert(0, {scripts!r})
class Names(dict):
    __getattr__ = dict.__getitem__
snakemake = types.SimpleNamespace(
    input=Names(codebook={codebook!r}), log=[{out!r} + ".log"],
    params=Names(directory={raw!r}, study={study!r}, overlays=[], corrections=None),
    output=Names({{n: {out!r} + "/" + n for n in ("persons", "programmes", "quality_log", "read_log")}}))
exec(compile(open({script!r}).read(), "clean_registers.py", "exec"))
"""


def test_the_script_ends_with_a_message_and_leaves_nothing(folder, tmp_path):
    CASES["missing file"][0](folder)
    out = tmp_path / "clean"
    code = SCRIPT.format(
        scripts=str(ROOT / "workflow" / "scripts"),
        codebook=list(map(str, codebook_files())),
        raw=str(folder),
        study=STUDY,
        out=str(out),
        script=str(ROOT / "workflow" / "scripts" / "clean_registers.py"),
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr and "bosted.csv [F2]" in run.stderr
    assert not out.exists() and "bosted.csv" in (tmp_path / "clean.log").read_text(encoding="utf-8")


def test_a_broken_demography_is_told_once_and_not_as_strangers_in_every_job_file(folder):
    change(folder, "demografi.csv", "kjoenn", "kjonn")
    with pytest.raises(InputError) as caught:
        clean_jobs(folder, codebook_files(), STUDY)
    assert [p.rule for p in caught.value.problems] == ["F6"]
