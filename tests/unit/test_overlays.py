"""Overlays: a researcher's own names and layouts are mappings, and a wrong mapping is explained by its own file."""

import pandas as pd
import pyreadstat
import pytest
import yaml
from extract_formats import typed_frame
from introprog.cleaning.employment import clean_employment
from introprog.cleaning.tables import clean_jobs, clean_registers, open_reader
from introprog.codebook import load_codebook
from introprog.errors import InputError
from introprog.readers.spells import join_statuses
from raw_extracts import CODEBOOK, ROOT, STUDY, A, B, C, write_extracts

FILES = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))
SHIPPED = sorted(p.name for p in (ROOT / "data" / "codebook" / "overlays").iterdir())
LISTS = ROOT / "data" / "codelists"


def own(folder, name="mine", **book):
    (folder / "codebook").mkdir(parents=True, exist_ok=True)
    (folder / "codebook" / f"{name}.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")


def fault(folder, overlays=()):
    with pytest.raises(InputError) as caught:
        load_codebook(FILES, overlays, folder / "codebook")
    return str(caught.value)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_overlay_is_sound_and_keeps_the_clean_names(name):
    laid = load_codebook(FILES, [name])
    for extract, base in CODEBOOK.extracts.items():
        names = {c.name for c in laid.extracts[extract].columns.values()}
        assert names == {c.name for c in base.columns.values()}, extract


def test_overlays_are_not_used_unless_named():
    assert load_codebook(FILES).extracts == CODEBOOK.extracts
    assert "lopenr_person" in load_codebook(FILES, ["ssb_loan"]).extracts["nav"].columns


def test_the_rule_of_laying_over(tmp_path):
    own(tmp_path, kind="extract", extract="demografi", encoding="utf-8",
        columns={"sex": {"name": "sex", "values": {"0": "men", "1": "women"}}})  # fmt: skip
    laid = load_codebook(FILES, [], tmp_path / "codebook").extracts["demografi"]
    base = CODEBOOK.extracts["demografi"]
    assert laid.encoding == "utf-8" and laid.file == base.file
    assert dict(laid.columns["sex"].values) == {"0": "men", "1": "women"}, "code lists are replaced, not mixed"
    assert laid.columns["sex"].label == base.columns["kjoenn"].label and "kjoenn" not in laid.columns
    assert [c.name for c in laid.columns.values()] == [c.name for c in base.columns.values()]


def test_own_codebooks_come_last(tmp_path):
    own(tmp_path, kind="extract", extract="nav", columns={"pnr": {"name": "person_id"}})
    assert "pnr" in load_codebook(FILES, ["ssb_loan"], tmp_path / "codebook").extracts["nav"].columns


def test_rules_may_be_made_stricter(tmp_path):
    own(tmp_path, kind="rules", rules={"R1": {"tolerated": 0.0}})
    rules = load_codebook(FILES, [], tmp_path / "codebook").rules
    assert rules["R1"].tolerated == 0 and rules["R1"].reason == CODEBOOK.rules["R1"].reason


@pytest.mark.parametrize(
    ("book", "parts"),
    [
        ({"kind": "extract", "extract": "bosteder"}, ["mine.yaml [B5]", "did you mean 'bosted'?"]),
        ({"kind": "extract", "extract": "survey_x", "like": "survey_response"}, ["did you mean 'survey_responses'?"]),
        ({"kind": "extract", "extract": "bosted", "colums": {}}, ["mine.yaml [B2]", "did you mean 'columns'?"]),
        ({"kind": "extract", "extract": "bosted", "encoding": "ansi"}, ["mine.yaml, encoding [B3]", "encoding of the"]),
        (
            {"kind": "extract", "extract": "bosted", "columns": {"knr": {"name": "municipality"}}},
            ["mine.yaml, columns: knr [B6]", "did you mean 'municipality_source'?"],
        ),
        (
            {"kind": "extract", "extract": "bosted", "columns": {"til_dato": {"name": "first_date"}}},
            ["mine.yaml, columns: til_dato [B7]"],
        ),
        (
            {"kind": "extract", "extract": "bosted", "columns": {"a": {"name": "first_date", "fill": "{yaer}-01-01"}}},
            ["mine.yaml, columns: a: fill [B3]"],
        ),
        (
            {"kind": "extract", "extract": "bosted", "columns": {"a": {"name": "first_date", "rule": "Q9"}}},
            ["unknown rule 'Q9'"],
        ),
        ({"kind": "extrakt", "extract": "bosted"}, ["unknown kind 'extrakt'", "did you mean 'extract'?"]),
        ({"kind": "instrument", "instrument": "new"}, ["mine.yaml [B3]", "required"]),
    ],
)
def test_a_wrong_overlay_is_explained(tmp_path, book, parts):
    own(tmp_path, **book)
    text = fault(tmp_path)
    for part in parts:
        assert part in text, text


def test_an_overlay_that_is_not_shipped(tmp_path):
    assert "no overlay 'ssb_loans' is shipped" in (text := fault(tmp_path, ["ssb_loans"])) and "'ssb_loan'" in text


def test_yaml_cannot_make_objects(tmp_path):
    (tmp_path / "codebook").mkdir()
    (tmp_path / "codebook" / "mine.yaml").write_text("kind: !!python/object/apply:os.getcwd []", encoding="utf-8")
    assert "mine.yaml [B1]: cannot be read as YAML" in fault(tmp_path)


def as_loan(folder):
    """Bring the hand-written extracts to the files of a loan (domain notes 4.3)."""
    read = {
        stem: typed_frame(folder / f"{stem}.csv", CODEBOOK.extracts[stem]).rename(columns={"lopenr": "lopenr_person"})
        for stem in ("demografi", "utdanning_kurs", "utdanning_niva", "inntekt", "nir_deltakere", "nir_tiltak")
    }
    people = read["demografi"].drop(columns=["bosettingsdato", "doedsdato"])
    people["doeds_aar_mnd"] = ["", "", "201806"]
    income = read["inntekt"]
    places = pd.DataFrame({"lopenr_person": [A, B, C]})
    for year in range(2014, 2020):
        there = [
            "6101" if year > 2015 else "",
            "6102" if year <= 2017 else "6103",
            "6102" if 2016 <= year < 2019 else "",
        ]
        places[f"bostedskommune_01_01_{year}"] = there
    loan = {
        "faste_oppl": people,
        "kommnr": places,
        "f_utd_kurs": read["utdanning_kurs"],
        "f_utd_demografi": read["utdanning_niva"],
        "nir_deltakere": read["nir_deltakere"],
        "nir_tiltak": read["nir_tiltak"],
        "inntekt2018": income[["lopenr_person", "wyrkinnt"]],
        "sosialhjelp2018": income[["lopenr_person", "sosialhjelp_mnd", "sosialhjelp_belop"]],
        "inntekt2019": income[["lopenr_person", "wyrkinnt"]].iloc[:1],
        "sosialhjelp2019": income[["lopenr_person", "sosialhjelp_mnd", "sosialhjelp_belop"]].iloc[1:],
    }
    for year in range(2015, 2020):
        nav = typed_frame(folder / f"nav_{year}.csv", CODEBOOK.extracts["nav"])
        loan[f"nav_{year}"] = nav.rename(columns={"lopenr": "lopenr_person"})
        jobs = typed_frame(folder / f"ameld_{year}.csv", CODEBOOK.extracts["ameld"])
        jobs = jobs.rename(columns={"lopenr": "lopenr_person", "arbforhold": "arb_yrke"}).assign(virk_komm_nr="6101")
        for month in range(1, 13):
            mine = jobs[jobs["periode"] == year * 100 + month].drop(columns="periode")
            loan[f"ameld_statdata_{year}_m{month}"] = mine
    old = typed_frame(folder / "atmlto_2014.csv", CODEBOOK.extracts["atmlto"])
    loan["atmlto2014"] = old.rename(columns={"lopenr": "lopenr_person", "timer_uke": "korr_tim"})
    for path in folder.glob("*.csv"):
        if not path.stem.startswith("kommune"):
            path.unlink()
    for name, frame in loan.items():
        days = frame.copy()
        for column in days.columns[days.dtypes.map(lambda d: d.kind == "M")]:
            days[column] = [None if pd.isna(v) else v.date() for v in days[column]]
        pyreadstat.write_dta(days, str(folder / f"{name}.dta"))
    return folder


def test_loan_files_are_read_by_mapping_alone(tmp_path):
    plain = write_extracts(tmp_path / "plain")
    expected = clean_registers(plain, FILES, LISTS, STUDY)
    expected_jobs = clean_jobs(plain, FILES, STUDY)[0].to_pandas()
    folder = as_loan(write_extracts(tmp_path / "loan"))
    found = clean_registers(folder, FILES, LISTS, STUDY, ["ssb_loan"])
    jobs = clean_jobs(folder, FILES, STUDY, ["ssb_loan"])[0].to_pandas()
    for name in ("education", "welfare"):
        pd.testing.assert_frame_equal(found[name], expected[name])
    apart = ["settlement_date", "death_date"]
    pd.testing.assert_frame_equal(found["persons"].drop(columns=apart), expected["persons"].drop(columns=apart))
    assert found["persons"]["death_date"].dropna().tolist() == [pd.Timestamp(2018, 6, 1)]
    pd.testing.assert_frame_equal(jobs, expected_jobs)
    income = found["income"].set_index(["person_id", "year"])
    assert income.loc[(A, 2018)].tolist() == [150000.5, 0, 0] and income.loc[(B, 2018)].tolist() == [0, 3, 21000]
    assert income.loc[(B, 2019)].tolist() == [0, 3, 21000] and income.loc[(A, 2019), "earnings"] == 150000.5


def test_wide_residence_becomes_spells(tmp_path):
    folder = as_loan(write_extracts(tmp_path / "loan"))
    spells = clean_registers(folder, FILES, LISTS, STUDY, ["ssb_loan"])["residence"]
    found = [
        (p, str(a.date()), None if pd.isna(b) else str(b.date()), m)
        for p, a, b, m in spells[["person_id", "first_date", "last_date", "municipality_source"]].itertuples(
            index=False
        )
    ]
    assert found == [
        (A, "2016-01-01", None, "6101"),
        (B, "2014-01-01", "2017-12-31", "6102"),
        (B, "2018-01-01", None, "6103"),
        (C, "2016-01-01", "2018-12-31", "6102"),
    ]


def test_statuses_with_a_gap_are_two_spells():
    days = pd.to_datetime(["2015-01-01", "2016-01-01", "2018-01-01", "2015-01-01", "2017-01-01"]).astype(
        "datetime64[s]"
    )
    frame = pd.DataFrame({"person_id": list("aaabb"), "municipality_source": "0301", "first_date": days})
    spells = join_statuses(frame.assign(last_date=pd.NaT, file_year=2015))
    assert spells["person_id"].tolist() == ["a", "a", "b", "b"]
    assert [None if pd.isna(d) else d.year for d in spells["last_date"]] == [2016, None, 2015, 2017]


def test_a_month_that_is_not_there_is_named(tmp_path):
    folder = as_loan(write_extracts(tmp_path / "loan"))
    (folder / "ameld_statdata_2017_m7.dta").unlink()
    (folder / "ameld_statdata_2019_m12.dta").unlink()
    with pytest.raises(InputError) as caught:
        clean_jobs(folder, FILES, STUDY, ["ssb_loan"])
    assert [p.where for p in caught.value.problems] == ["ameld_statdata_2017_m7.dta"], "December of the last year may"


def test_a_wide_fault_is_told_with_the_row_of_the_file(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    people = "".join(f"{n:010d};6101;{'x' if n > 30 else '6101'}\n" for n in range(40))
    (folder / "bosted.csv").write_text("lopenr;kommune_2015;kommune_2016\n" + people, encoding="utf-8")
    columns = {
        "kommune_{year}": {"name": "municipality_source"},
        "fra_dato": {"name": "first_date", "fill": "{year}-01-01"},
        "til_dato": {"name": "last_date", "fill": ""},
        "sluttarsak": {"name": "end_reason", "fill": ""},
    }
    own(folder, kind="extract", extract="bosted", temporality="status", columns=columns)
    reader = open_reader(folder, FILES, STUDY)
    reader.read("bosted")
    text = "\n".join(map(str, reader.log.problems))
    assert "column kommune_{year} [R1]" in text and "rows: 33, 34, 35" in text and "'x'" in text, text


def test_a_wave_may_have_names_of_its_own(tmp_path):
    from introprog.cleaning.survey import wave_extract

    own(tmp_path, kind="extract", extract="survey_ks_2015", like="survey_responses", file="KS brukere 2015.sav",
        columns={"Q7_1": {"name": "q01"}, "kommunenummer": {"name": "municipality_source"}})  # fmt: skip
    extract = wave_extract(load_codebook(FILES, [], tmp_path / "codebook"), "ks_2015", "ks")
    assert extract.file == "KS brukere 2015.sav" and extract.columns["Q7_1"].name == "q01"
    assert extract.columns["Q7_1"].values["97"] == "97" and "q01" not in extract.columns
    assert extract.columns["kommunenummer"].name == "municipality_source" and "q02" in extract.columns


def test_a_month_that_is_there_twice_is_named(tmp_path):
    folder = as_loan(write_extracts(tmp_path / "loan"))
    twin = folder / "ameld_statdata_2017_m07.dta"
    twin.write_bytes((folder / "ameld_statdata_2017_m7.dta").read_bytes())
    with pytest.raises(InputError, match=r"\[F11\]: two files of the same month"):
        clean_jobs(folder, FILES, STUDY, ["ssb_loan"])


def test_names_and_keys_of_microdata(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    people = (
        "PERSONID,BEFOLKNING_FOEDSELS_AAR_MND,BEFOLKNING_KJOENN,BEFOLKNING_LANDBAK3GEN,BEFOLKNING_KOMMNR_FORMELL_2016,"
        "BEFOLKNING_KOMMNR_FORMELL_2017,INNTEKT_WYRKINNT_2018,SOSHJELP_MND_2018,SOSHJELP_BELOP_2018,NUDB_BU_2015\n"
        f"{A},198005,1,564,6101,6102,150000.5,,,301101\n{B},199011,2,346,,6103,,3,21000,\n"
    )
    (folder / "microdata_personer.csv").write_text(people, encoding="utf-8")
    months = f"PERSONID,ARBLONN_ARB_ARBEIDSTID_2018_01,ARBLONN_ARB_ARBEIDSTID_2018_02\n{A},37.5,37.5\n{B},,20\n"
    (folder / "microdata_arblonn.csv").write_text(months, encoding="utf-8")
    for name in ("demografi", "bosted", "inntekt", "ameld", "utdanning_niva"):
        own(folder, name, kind="extract", extract=name, separator=",", decimal=".")
    (folder / "atmlto_2014.csv").unlink()
    reader = open_reader(folder, FILES, STUDY, ["microdata"])
    residence, income, levels = (reader.read(n) for n in ("bosted", "inntekt", "utdanning_niva"))
    assert residence[["person_id", "municipality_source"]].values.tolist() == [[A, "6101"], [A, "6102"], [B, "6103"]]
    assert income["year"].tolist() == [2018, 2018] and income["earnings"].tolist()[0] == 150000.5
    assert levels["nus2000"].tolist() == ["301101"] and levels["valid_from"].dt.year.tolist() == [2015]
    spells = clean_employment(reader, pd.Series([A, B])).to_pandas()
    assert spells[["person_id", "weekly_hours"]].values.tolist() == [[A, 37.5], [B, 20.0]]
    assert [str(d) for d in spells["last_date"]] == ["2018-02-28", "2018-02-28"]
    assert not reader.log.problems, "atmlto is optional there"


def test_an_extract_may_be_declared_absent(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    for path in folder.glob("nav_*.csv"):
        path.unlink()
    (folder / "nir_tiltak.csv").unlink()
    for name in ("nav", "nir_tiltak"):
        own(folder, name, kind="extract", extract=name, optional=True)
    tables = clean_registers(folder, FILES, LISTS, STUDY)
    assert tables["welfare"].empty and len(tables["programmes"]) == 3
