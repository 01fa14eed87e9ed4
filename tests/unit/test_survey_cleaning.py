"""Survey answers: missing codes kept apart, staff and doubles out, both instruments in one table."""

import pandas as pd
import pytest
from introprog.cleaning.tables import clean_surveys
from introprog.contracts import check_table
from introprog.errors import InputError
from raw_extracts import CODEBOOK, STUDY, codebook_files, write_extracts

WAVES = {"ks_2015": {"instrument": "ks", "year": 2015}, "imdi_2020": {"instrument": "imdi", "year": 2019}}
BASE = "resp_id;kommune_nr;aar;runde;spraak;modus;kjonn;alder5;botid;utd4;landgruppe;startet;levert"
START = "2015-01-01;2015-01-02"


def answer(number, items, municipality="6101", mode="selv", background="1;2;3,5;1;3"):
    sex, age, years, school, group = background.split(";")
    return f"R{number};{municipality};2015;1;ar;{mode};{sex};{age};{years};{school};{group};{START};" + ";".join(
        map(str, items)
    )


def write(folder, wave, form, lines):
    header = ";".join([BASE, *CODEBOOK.instruments[form].items])
    (folder / f"survey_{wave}.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8-sig")
    frame = "kommunenr;kjonn;alder5;landgruppe;antall\n6101;1;2;3;40\n6102;1;2;3;10\n6103;2;1;1;5\n"
    (folder / f"survey_{wave}_frame.csv").write_text(frame, encoding="utf-8-sig")


@pytest.fixture
def folder(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    many = [answer(n, [n % 6 + 1] * 17 + [1], "6102") for n in range(10, 40)]
    lines = [
        answer(1, [6, 97, 98, 99, *[5] * 13, 2]),
        answer(2, [1] * 17 + [97], mode="hjelp", background="2;5;12;9;6"),
        answer(3, [6] * 17 + [1], mode="ansatt"),
        answer(4, [99] * 18),
        answer(5, [4] * 17 + [1], municipality="6103"),
        answer(5, [4] * 17 + [1], municipality="6103"),
        answer(6, [4] * 16 + [7, 1]),
    ]
    write(folder, "ks_2015", "ks", lines + many)
    write(folder, "imdi_2020", "imdi", [answer(1, [4, 4, 3, 1, 2, 97, 98, 99, 2]), answer(2, [1] * 9)])
    return folder


def clean(folder):
    return clean_surveys(folder, codebook_files(), WAVES, STUDY)


def test_answers_keep_their_missing_codes(folder):
    responses, _, _, log, _ = clean(folder)
    first = responses.set_index(["wave", "response_id"]).loc[("ks_2015", "R1")]
    assert first[["q01", "q02", "q03", "q04", "q18"]].tolist() == [6, 97, 98, 99, 2]
    assert pd.isna(first["trivsel"]) and str(responses["q01"].dtype) == "Int16"
    sixth = responses.set_index(["wave", "response_id"]).loc[("ks_2015", "R6")]
    assert pd.isna(sixth["q17"]), "7 is no answer"
    counted = log.groupby("rule")["n"].sum()
    assert counted[["R1", "V1", "V2", "D1"]].tolist() == [1, 1, 1, 1]


def test_background_and_instruments(folder):
    responses, _, _, _, read_log = clean(folder)
    second = responses.set_index(["wave", "response_id"]).loc[("ks_2015", "R2")]
    expected = ["women", "56+", "america_oceania", "unknown", 12.0, "ar", True]
    names = ["sex", "age_group", "country_group", "schooling", "residence_years", "language", "assisted"]
    assert second[names].tolist() == expected
    assert responses.groupby("wave")["instrument"].first().to_dict() == {"imdi_2020": "imdi", "ks_2015": "ks"}
    assert "R3" not in set(responses.query("wave == 'ks_2015'")["response_id"])
    assert read_log.query("extract == 'survey_ks_2015'")["rows"].item() == 37
    check_table(responses, "survey_responses")


def test_municipalities_and_frame_are_of_the_target_list(folder):
    responses, frame, _, _, _ = clean(folder)
    assert set(responses["municipality"]) == {"6110", "6103"}
    merged = frame.query("wave == 'ks_2015' and municipality == '6110'")
    assert merged["eligible"].tolist() == [50], "two municipalities that merged are one stratum"


def test_like_answers_are_flagged_not_dropped(folder):
    responses, _, _, log, _ = clean(folder)
    assert (responses["wave"] == "ks_2015").sum() == 37 - 3
    assert log.query("rule == 'D3'")["n"].sum() == 24, "30 answers of six kinds"


def test_the_same_answers_from_the_spss_file(folder):
    import pyreadstat

    expected = clean(folder)
    for wave in WAVES:
        path = folder / f"survey_{wave}.csv"
        text = ["resp_id", "kommune_nr", "spraak", "modus"]
        frame = pd.read_csv(path, sep=";", decimal=",", dtype=dict.fromkeys(text, str), encoding="utf-8-sig")
        form = CODEBOOK.instruments[WAVES[wave]["instrument"]]
        ranges = {item: [{"lo": 97, "hi": 99}] for item in form.items}
        pyreadstat.write_sav(frame, path.with_suffix(".sav"), missing_ranges=ranges)
        path.unlink()
    found = clean(folder)
    pd.testing.assert_frame_equal(found[0], expected[0])


def test_csv_and_spss_files_that_differ_stop(folder):
    import pyreadstat

    pyreadstat.write_sav(pd.DataFrame({"resp_id": ["R1"]}), folder / "survey_ks_2015.sav")
    with pytest.raises(InputError, match=r"37 answers, but survey_ks_2015\.sav has 1"):
        clean(folder)


def test_an_instrument_without_codebook(folder):
    waves = {"ks_2015": {"instrument": "kss", "year": 2015}}
    with pytest.raises(InputError, match="no codebook of the instrument 'kss'"):
        clean_surveys(folder, codebook_files(), waves, STUDY)
