"""The simulator's files: formats of the contract, the same bytes for the same seed, faults at their rates."""

import filecmp
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from introprog.errors import InputError
from introprog.simulate import simulate_extracts

STUDY = {"first_exit_year": 2005, "last_exit_year": 2022, "last_observed_year": 2023, "municipality_vintage": 2024}
FAULTS = {
    "duplicate_row": 0.02,
    "end_before_start": 0.01,
    "missing_end_cause": 0.05,
    "auto_closed": 0.04,
    "two_municipalities": 0.03,
    "restart": 0.04,
    "retired_code": 0.02,
    "illegal_age": 0.01,
    "staff_answer": 0.02,
    "illegal_code": 0.005,
}
SYNTHETIC = {
    "scale": 0.02,
    "seed": 7,
    "true_correlation": 0.3,
    "quality_sd": 0.16,
    "climate_sd": 0.4,
    "faults": FAULTS,
}
HEADERS = {
    "nir_deltakere.csv": "lopenr;kommunenr;startdato;sluttdato;avslutningsarsak;fritak_permisjon_mnd;timer_uke;"
    "registrert_dato",
    "nir_tiltak.csv": "lopenr;startdato;tiltak;fra_dato;til_dato",
    "demografi.csv": "lopenr;foedsels_aar_mnd;kjoenn;fodeland;landnavn;invgrunn;bosettingsdato;doedsdato",
    "bosted.csv": "lopenr;kommnr;fra_dato;til_dato;sluttarsak",
    "atmlto_2010.csv": "lopenr;arbforhold;startdato;stoppdato;timer_uke",
    "ameld_2019.csv": "lopenr;periode;arbforhold;arb_arbeidstid;arb_hovedarbeid",
    "utdanning_kurs.csv": "lopenr;nus2000;fra_dato;til_dato",
    "utdanning_niva.csv": "lopenr;bu;gjelder_fra",
    "nav_2016.csv": "lopenr;periode;tilstand",
    "inntekt.csv": "lopenr;aar;wyrkinnt;sosialhjelp_mnd;sosialhjelp_belop",
    "kommuner.csv": "kommunenr;kommunenavn;fylkesnr;fylkesnavn;aar;innbyggere;arbeidsledighet;sentralitet;"
    "arbeidsmarkedsregion;kostragruppe;nav_organisert",
    "kommune_endringer.csv": "dato;gammel_kode;gammelt_navn;ny_kode;nytt_navn;type;andel",
    "survey_ks_2015_frame.csv": "kommunenr;kjonn;alder5;landgruppe;antall",
}


def make(directory: Path, **changes) -> Path:
    simulate_extracts(directory, SYNTHETIC | changes, STUDY)
    return directory


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("raw"))


def read(raw: Path, name: str, encoding: str = "utf-8-sig") -> pd.DataFrame:
    return pd.read_csv(raw / name, sep=";", dtype=str, encoding=encoding, keep_default_na=False)


def forms(raw: Path) -> pd.DataFrame:
    lines = [line for y in range(2004, 2017) for line in form_lines(raw, y)]
    cuts = {"code": (0, 4), "year": (4, 6), "key": (18, 29), "sex": (41, 42), "start": (43, 49), "status": (72, 74)}
    cuts |= {"civil": (42, 43), "measures": (50, 72), "end": (74, 80), "months": (80, 104), "amount": (104, 111)}
    return pd.DataFrame({name: [line[a:b] for line in lines] for name, (a, b) in cuts.items()})


def form_lines(raw: Path, year: int) -> list[str]:
    return (raw / f"kostra_11b_{year}.txt").read_bytes().decode("latin-1").split("\r\n")[:-1]


def planted(raw: Path) -> dict:
    return json.loads((raw / "truth" / "settings.json").read_text(encoding="utf-8"))["planted"]


def test_same_seed_same_bytes_other_seed_other(raw, tmp_path):
    again, other = make(tmp_path / "again"), make(tmp_path / "other", seed=8)
    names = sorted(str(p.relative_to(raw)) for p in raw.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(again)) for p in again.rglob("*") if p.is_file())
    assert filecmp.cmpfiles(raw, again, names, shallow=False) == (names, [], [])
    _, differ, _ = filecmp.cmpfiles(raw, other, names, shallow=False)
    assert set(names) - set(differ) <= {"kommuner.csv", "kommune_endringer.csv"}


def test_every_file_of_the_contract_and_no_other(raw):
    years = range(2004, 2024)
    wanted = {f"kostra_11b_{y}.txt" for y in range(2004, 2017)} | {f"nav_{y}.csv" for y in years}
    wanted |= {f"atmlto_{y}.csv" for y in range(2004, 2015)} | {f"ameld_{y}.csv" for y in range(2015, 2024)}
    wanted |= {name for name in HEADERS if not name.startswith(("atmlto", "ameld", "nav", "survey"))}
    for wave in ("ks_2015", "imdi_2020", "imdi_2021"):
        wanted |= {f"survey_{wave}.csv", f"survey_{wave}.sav", f"survey_{wave}_frame.csv"}
    found = {str(p.relative_to(raw)) for p in raw.rglob("*") if p.is_file()}
    assert found == wanted | {"truth/municipality.csv", "truth/settings.json"}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_and_encodings(raw, name):
    content = (raw / name).read_bytes()
    latin = name.startswith(("demografi", "atmlto"))
    assert content.startswith(b"\xef\xbb\xbf") is not latin
    first, second = content.decode("latin-1" if latin else "utf-8-sig").splitlines()[:2]
    assert first == HEADERS[name]
    assert second.count(";") == first.count(";")
    assert '"' not in content.decode("latin-1")


def test_form_lines_are_111_characters_with_legal_fields(raw):
    for year in range(2004, 2017):
        content = (raw / f"kostra_11b_{year}.txt").read_bytes()
        lines = content.split(b"\r\n")
        assert lines[-1] == b"" and {len(line) for line in lines[:-1]} == {111}
    form = forms(raw)
    assert form["key"].str.fullmatch(r"\d{10} ").all()
    assert form["start"].str.fullmatch(r"\d{6}").all()
    known = form["status"] != "12"
    assert (form["end"].str.strip().eq("") == form["status"].eq("06"))[known].all()
    ended = form[form["end"].str.strip() != ""]
    assert (ended["end"].str[4:] == ended["year"]).all()
    slots = pd.DataFrame({i + 1: form["measures"].str[2 * i : 2 * i + 2] for i in range(11)})
    assert set(slots[9]) == {"00"} and set(slots[1]) == {"00", "01"}
    old = form["year"].astype(int) < 11
    assert set(slots.loc[old, 11]) == {"00", "99"} and set(slots.loc[~old, 11]) == {"00", "11"}
    months = pd.DataFrame({i + 1: form["months"].str[2 * i : 2 * i + 2] for i in range(12)})
    assert all(set(months[i]) <= {"00", f"{i:02d}"} for i in months)
    paid = (months != "00").sum(axis=1)
    assert paid.min() >= 1
    assert (form["amount"].astype(int) <= 20_000 * paid).all()


def test_a_programme_over_new_year_2017_stands_in_both_sources(raw):
    form, nir = forms(raw), read(raw, "nir_deltakere.csv")
    open_then = form[(form["year"] == "16") & (form["status"] == "06")]["key"].str.strip()
    assert len(open_then) > 100
    assert open_then.isin(nir["lopenr"]).mean() > 0.99
    assert (nir["sluttdato"].eq("") | (nir["sluttdato"] >= "2017-01-01")).all()


def test_decimal_comma_and_missing_hours(raw):
    hours = read(raw, "ameld_2019.csv")["arb_arbeidstid"]
    assert hours[hours != ""].str.fullmatch(r"\d{1,2},\d").all()
    assert 0.005 < (hours == "").mean() < 0.08
    values = hours[hours != ""].str.replace(",", ".").astype(float)
    assert 0.10 < (values < 20).mean() < 0.45
    assert (values < 4).any() and (values == 37.5).any()


def test_a_job_is_held_by_one_person_and_rows_are_unique(raw):
    jobs = pd.concat([read(raw, f"ameld_{y}.csv") for y in range(2015, 2024)])
    assert jobs.groupby("arbforhold")["lopenr"].nunique().max() == 1
    assert not jobs.duplicated(["periode", "arbforhold"]).any()
    assert (jobs[jobs["arb_hovedarbeid"] == "1"].groupby(["lopenr", "periode"]).size() == 1).all()


def test_yearly_spells_touch_the_november_week_or_miss_the_month(raw):
    for year in (2007, 2012):
        jobs = read(raw, f"atmlto_{year}.csv", "latin-1")
        assert (jobs["startdato"].str[:4] == str(year)).all() and (jobs["startdato"] <= jobs["stoppdato"]).all()
        in_month = (jobs["startdato"] <= f"{year}-11-30") & (jobs["stoppdato"] >= f"{year}-11-01")
        in_week = (jobs["startdato"] <= f"{year}-11-13") & (jobs["stoppdato"] >= f"{year}-11-19")
        assert (in_month == in_week).all()


def test_nobody_has_rows_after_emigration_or_death(raw):
    homes = read(raw, "bosted.csv")
    gone = homes[homes["sluttarsak"].isin(["UTVANDRET", "DOED"])].set_index("lopenr")["til_dato"]
    assert len(gone) > 10 and gone.index.is_unique
    jobs = pd.concat([read(raw, f"ameld_{y}.csv") for y in range(2015, 2024)])
    left = jobs["lopenr"].map(gone.str[:7].str.replace("-", ""))
    assert not (jobs["periode"] > left).any()
    died = read(raw, "demografi.csv", "latin-1").query("doedsdato != ''").set_index("lopenr")["doedsdato"]
    assert (
        homes[homes["sluttarsak"] == "DOED"].set_index("lopenr")["til_dato"].sort_index() == died.sort_index()
    ).all()


def test_residence_spells_follow_each_other(raw):
    homes = read(raw, "bosted.csv").sort_values(["lopenr", "fra_dato"])
    same = homes["lopenr"] == homes["lopenr"].shift(-1)
    assert (homes.loc[same, "sluttarsak"] == "FLYTTET").all()
    next_day = (pd.to_datetime(homes["fra_dato"].shift(-1)) - pd.to_datetime(homes["til_dato"])).dt.days[same]
    assert (next_day == 1).all()
    assert (homes.loc[~same, "til_dato"].eq("") == homes.loc[~same, "sluttarsak"].eq("")).all()


def test_faults_are_planted_at_their_rates(raw):
    noted = planted(raw)
    assert set(noted) == set(FAULTS)
    for fault, rate in FAULTS.items():
        rows = sum(file["rows"] for file in noted[fault].values())
        hits = sum(file["planted"] for file in noted[fault].values())
        scarce = fault == "retired_code"
        assert hits / rows == pytest.approx(rate, rel=0.15) or (scarce and 0 < hits / rows < rate), fault


def test_planted_faults_are_in_the_files(raw):
    noted, form, nir = planted(raw), forms(raw), read(raw, "nir_deltakere.csv")
    dates = pd.to_datetime(form["start"], format="%d%m%y"), pd.to_datetime(form["end"].str.strip(), format="%d%m%y")
    backwards = ((dates[1] < dates[0]) & ~form.duplicated()).sum()
    assert backwards == noted["end_before_start"]["kostra_11b"]["planted"]
    assert (nir.drop_duplicates()["avslutningsarsak"] == "UKJENT_99").sum() == noted["illegal_code"]["nir_deltakere"][
        "planted"
    ]
    assert nir.duplicated().sum() == noted["duplicate_row"]["nir_deltakere"]["planted"]
    assert ((form["civil"] == "9") | (form["status"] == "12") | (form["measures"].str[8:10] == "05")).sum() > 0
    assert (nir["avslutningsarsak"] == "AUTOMATISK").any() and (form["status"] == "10").any()
    born = read(raw, "demografi.csv", "latin-1").set_index("lopenr")["foedsels_aar_mnd"].str[:4].astype(int)
    age = nir["startdato"].str[:4].astype(int) - nir["lopenr"].map(born)
    assert ((age < 12) | (age > 75)).any()
    answers = read(raw, "survey_imdi_2020.csv")
    assert (answers["modus"] == "ansatt").sum() == noted["staff_answer"]["survey_imdi_2020"]["planted"]


def test_without_faults_there_are_none(tmp_path):
    clean = make(tmp_path, faults=dict.fromkeys(FAULTS, 0), scale=0.005)
    form, nir = forms(clean), read(clean, "nir_deltakere.csv")
    assert not form.duplicated().any() and not nir.duplicated().any()
    assert not (nir.duplicated("lopenr").any() or (nir["avslutningsarsak"] == "AUTOMATISK").any())
    ended = nir[nir["sluttdato"] != ""]
    assert (ended["avslutningsarsak"] != "").all() and (ended["sluttdato"] > ended["startdato"]).all()
    assert not (form["status"] == "10").any()


def test_a_transfer_gives_two_municipalities_and_a_restart_comes_later(raw):
    nir = read(raw, "nir_deltakere.csv").drop_duplicates()
    moved = nir[nir["avslutningsarsak"] == "FLYTTET"].merge(nir, on="lopenr", suffixes=("", "_next"))
    onward = moved[(moved["sluttdato_next"] != moved["sluttdato"])]
    gap = (pd.to_datetime(onward["startdato_next"]) - pd.to_datetime(onward["sluttdato"])).dt.days
    assert ((onward["startdato_next"] == onward["startdato"]) | gap.between(0, 90) | (gap > 90)).mean() > 0.9
    assert (onward["kommunenr_next"] != onward["kommunenr"]).mean() > 0.9


@pytest.mark.parametrize(
    ("wave", "answers", "places"), [("ks_2015", 1100, 33), ("imdi_2020", 2700, 150), ("imdi_2021", 2245, 129)]
)
def test_surveys_have_the_published_size_at_any_scale(raw, wave, answers, places):
    rows, frame = read(raw, f"survey_{wave}.csv"), read(raw, f"survey_{wave}_frame.csv")
    assert len(rows) == answers
    assert rows.loc[rows["kommune_nr"] != "9999", "kommune_nr"].nunique() == places
    eligible = frame.groupby("kommunenr")["antall"].agg(lambda n: n.astype(int).sum())
    given = rows[rows["kommune_nr"] != "9999"].groupby("kommune_nr").size()
    assert (given <= eligible.reindex(given.index)).all()


def test_survey_margins_are_the_published_ones(raw):
    ks, imdi = read(raw, "survey_ks_2015.csv"), read(raw, "survey_imdi_2021.csv")

    def share(answers: pd.Series, values: list[str], outside: tuple[str, ...] = ("97", "98", "99")) -> float:
        return answers[~answers.isin(outside)].isin(values).mean()

    assert share(ks["q05"], ["1", "2", "3"]) == pytest.approx(0.33, abs=0.015)
    assert share(ks["q18"], ["2"], ("98", "99")) == pytest.approx(0.10, abs=0.015)
    assert share(imdi["nytte"], ["3"]) == pytest.approx(0.80, abs=0.02)
    assert share(imdi["nytte"], ["2"]) == pytest.approx(0.16, abs=0.015)
    assert share(imdi["respekt"], ["3", "4"]) == pytest.approx(0.90, abs=0.015)
    assert share(imdi["plan"], ["1"], ("98", "99")) == pytest.approx(0.78, abs=0.02)


@pytest.mark.parametrize("wave", ["ks_2015", "imdi_2020"])
def test_sav_holds_the_same_content_with_labels(raw, wave):
    frame, meta = pyreadstat.read_sav(raw / f"survey_{wave}.sav", user_missing=True)
    rows = read(raw, f"survey_{wave}.csv")
    assert list(frame) == list(rows)
    for name in rows:
        stored = frame[name] if rows[name].equals(frame[name].astype(str)) else frame[name].astype(int).astype(str)
        assert (stored == rows[name]).all(), name
    item = rows.columns[13]
    assert meta.missing_ranges[item] == [{"lo": 97.0, "hi": 99.0}]
    assert meta.variable_value_labels[item][97.0] == "Vet ikke"
    assert meta.column_names_to_labels["kjonn"] == "Kjønn"
    plain, _ = pyreadstat.read_sav(raw / f"survey_{wave}.sav")
    assert plain[item].isna().sum() == rows[item].isin(["97", "98", "99"]).sum() > 0


def test_staff_answers_are_straight_lines_at_the_best_end(raw):
    rows = read(raw, "survey_ks_2015.csv")
    staff = rows[rows["modus"] == "ansatt"]
    assert (staff["q17"] == "6").all() and (staff["q06"] == "1").all() and (staff["q18"] == "1").all()
    minutes = (pd.to_datetime(rows["levert"]) - pd.to_datetime(rows["startet"])).dt.total_seconds() / 60
    assert minutes[rows["modus"] == "ansatt"].max() < minutes[rows["modus"] != "ansatt"].min()


def test_impossible_settings_are_refused_together(tmp_path):
    with pytest.raises(InputError) as caught:
        simulate_extracts(
            tmp_path / "none",
            SYNTHETIC | {"true_correlation": 1.4, "scale": 0},
            STUDY | {"first_exit_year": 1999, "municipality_vintage": 2018},
        )
    assert len(caught.value.problems) == 4
    assert not (tmp_path / "none").exists()


def test_person_keys_are_text_of_ten_digits_and_keep_zeros(raw):
    people = read(raw, "demografi.csv", "latin-1")
    assert people["lopenr"].is_unique and people["lopenr"].str.fullmatch(r"\d{10}").all()
    assert people["lopenr"].str.startswith("0").any()
    every = np.unique(np.concatenate([forms(raw)["key"].str.strip(), read(raw, "nir_deltakere.csv")["lopenr"]]))
    assert np.isin(every, people["lopenr"]).all() and len(every) < len(people)
