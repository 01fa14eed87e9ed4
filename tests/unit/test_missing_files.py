"""Files that are not found: one message an extract, and where they may be instead; a delivery as it really comes."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.tables import clean_registers, read_surveys
from introprog.contracts import CONTRACTS
from introprog.errors import InputError, Problem
from introprog.readers.extracts import Reader
from introprog.readers.files import is_there, locate
from introprog.tabular import write_table
from raw_extracts import CODEBOOK, ROOT, STUDY, write_extracts

BOOKS = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))
NAV, NIR, HOME = (CODEBOOK.extracts[name] for name in ("nav", "nir_deltakere", "bosted"))


def problems(folder: Path, extract, last=2019):
    with pytest.raises(InputError) as caught:
        locate(folder, extract, last)
    return caught.value.problems


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("x", encoding="utf-8")
    return folder


def test_the_years_of_an_extract_that_is_not_there_are_one_problem(tmp_path):
    folder = touch(tmp_path / "raw", *(f"atmlto_{year}.csv" for year in range(2004, 2015)))
    (problem,) = problems(folder, NAV)
    assert str(problem).startswith("nav_{year}.csv [F2]: 16 files not found, nav_2004.csv to nav_2019.csv")
    assert "atmlto" not in str(problem) and "put the file in the folder" in problem.hint


def test_a_few_years_are_named_one_by_one(tmp_path):
    names = [f"nav_{year}.csv" for year in range(2004, 2020) if year not in (2010, 2012)]
    found = problems(touch(tmp_path / "raw", *names), NAV)
    assert [p.where for p in found] == ["nav_2010.csv", "nav_2012.csv"]


def test_files_by_year_instead_of_one_are_told_how_to_be_named(tmp_path):
    folder = touch(tmp_path / "raw", *(f"nir_deltakere_{year}.csv" for year in (2017, 2018)))
    (problem,) = problems(folder, NIR)
    assert 'files by year are `file: "nir_deltakere_{year}.csv"` in the codebook of nir_deltakere' in problem.hint


def test_a_name_that_differs_in_its_letters_is_suggested(tmp_path):
    (problem,) = problems(touch(tmp_path / "raw", "Bosteder.csv", "inntekt.csv"), HOME)
    assert problem.hint == "did you mean 'Bosteder.csv'?"


def test_files_inside_an_archive_are_pointed_to(tmp_path):
    folder = touch(tmp_path / "raw", "broken.zip")
    with zipfile.ZipFile(folder / "Levering 2024.zip", "w") as archive:
        for year in range(2004, 2020):
            archive.writestr(f"data/nav_{year}.csv", "x")
    (problem,) = problems(folder, NAV)
    assert problem.hint == (
        'it is inside Levering 2024.zip: write `file: "Levering 2024.zip/nav_{year}.csv"` in a codebook of nav'
    )
    assert not is_there(folder, NAV)


def delivery(folder: Path) -> Path:
    """The extracts as a sender may send them: Norwegian names in Latin-1, Stata, files by year, a zip with a folder."""
    write_extracts(folder)
    people = pd.read_csv(folder / "demografi.csv", sep=";", dtype=str, encoding="latin-1", keep_default_na=False)
    names = ["Løpenummer", "Fødselsmåned", "Kjønn", "Fødeland", "Landnavn", "Innvandringsgrunn", "Bosatt dato", "Død"]
    people = people.set_axis(names, axis=1).assign(Kjønn=people["kjoenn"].map({"1": "Mann", "2": "Kvinne"}))
    people.to_csv(folder / "Befolkning født utlandet.csv", sep=";", index=False, encoding="latin-1")
    home = pd.read_csv(folder / "bosted.csv", sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    home.to_stata(folder / "bosted.dta", write_index=False, version=118)
    register = pd.read_csv(
        folder / "nir_deltakere.csv", sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False
    )
    for year, rows in register.groupby(register["startdato"].str[:4]):
        rows.to_csv(folder / f"nir_deltakere_{year}.csv", sep=";", index=False, encoding="utf-8")
    with zipfile.ZipFile(folder / "Levering 2024.zip", "w") as archive:
        for path in [*folder.glob("nav_*"), *folder.glob("utdanning_*")]:
            archive.write(path, f"data/{path.name}")
            path.unlink()
    for name in ("demografi", "bosted", "nir_deltakere"):
        (folder / f"{name}.csv").unlink()
    return folder


def describe(folder: Path) -> None:
    """The researcher's codebooks of it: what docs/own-files.md says, and the hints of the check."""
    packed = {name: f"Levering 2024.zip/{name}.csv" for name in ("nav_{year}", "utdanning_kurs", "utdanning_niva")}
    books = {
        "demografi": "file: Befolkning født utlandet.csv\ncolumns:\n  Løpenummer: {name: person_id}\n"
        "  Fødselsmåned: {name: birth_month}\n  Kjønn: {name: sex, values: {Mann: men, Kvinne: women}}\n"
        "  Fødeland: {name: birth_country}\n  Innvandringsgrunn: {name: immigration_ground}\n"
        "  Bosatt dato: {name: settlement_date}\n  Død: {name: death_date}\n",
        "nir_deltakere": 'file: "nir_deltakere_{year}.csv"\n',
        **{name.removesuffix("_{year}"): f'file: "{file}"\n' for name, file in packed.items()},
    }
    (folder / "codebook").mkdir()
    for name, text in books.items():
        content = f"kind: extract\nextract: {name}\n{text}"
        (folder / "codebook" / f"{name}.yaml").write_text(content, encoding="utf-8")


def test_a_delivery_as_it_comes_gives_the_same_tables(tmp_path):
    lists = ROOT / "data" / "codelists"
    plain = clean_registers(write_extracts(tmp_path / "plain"), BOOKS, lists, STUDY)
    folder = delivery(tmp_path / "sent")
    with pytest.raises(InputError) as caught:
        clean_registers(folder, BOOKS, lists, STUDY)
    said = str(caught.value)
    assert said.count("[F2]") == 5 and said.count("it is inside Levering 2024.zip") == 3, said
    describe(folder)
    found = clean_registers(folder, BOOKS, lists, STUDY)
    for name in set(plain) & set(CONTRACTS):
        for label, tables in (("plain", plain), ("sent", found)):
            write_table(tables[name], tmp_path / f"{label}_{name}", CONTRACTS[name].key)
        assert (tmp_path / f"plain_{name}").read_bytes() == (tmp_path / f"sent_{name}").read_bytes(), name


WAVES = {
    "ks_2015": {"instrument": "ks", "year": 2015},
    "imdi_2020": {"instrument": "imdi", "year": 2020},
    "imdi_2021": {"instrument": "imdi", "year": 2021},
}


def surveys_of(folder: Path, *waves: str) -> Path:
    folder.mkdir()
    for wave in waves:
        for name in (f"survey_{wave}.csv", f"survey_{wave}_frame.csv"):
            (folder / name).write_text("resp_id;kommune_nr\n", encoding="utf-8")
    return folder


def told_of(folder: Path) -> dict[str, Problem]:
    reader = Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), STUDY["last_observed_year"])
    read_surveys(reader, WAVES)
    return {p.where: p for p in reader.log.problems if p.rule == "F2"}


@pytest.mark.parametrize("wave", WAVES)
def test_one_wave_of_several_that_is_missing_is_named_with_the_two_ways_out(tmp_path, wave):
    """Another wave's file is not taken for a misspelling of it."""
    told = told_of(surveys_of(tmp_path / "raw", *(name for name in WAVES if name != wave)))
    assert list(told) == [f"survey_{wave}.csv", f"survey_{wave}_frame.csv"]
    for problem in told.values():
        assert problem.what == f"file not found: wave {wave}"
        assert problem.hint == f"two ways out: add the file, or take {wave} out of `surveys: waves` in config.yaml"


def test_a_wave_whose_file_is_misspelt_is_found_by_its_name(tmp_path):
    folder = surveys_of(tmp_path / "raw", "ks_2015", "imdi_2020", "imdi_2021")
    (folder / "survey_imdi_2021.csv").rename(folder / "survey_imdy_2021.csv")
    told = told_of(folder)["survey_imdi_2021.csv"]
    assert told.hint.startswith("did you mean 'survey_imdy_2021.csv'?") and "two ways out" in told.hint
