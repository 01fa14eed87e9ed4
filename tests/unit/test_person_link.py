"""Answers are linked to persons by key where consent is given, never else; and what is found where is counted."""

import pandas as pd
import pytest
from introprog.cleaning.tables import clean_surveys
from introprog.matches import match_report, shown
from introprog.person_link import link_persons
from raw_extracts import STUDY, A, B, C, codebook_files, write_extracts

WAVES = {"ks_2015": {"instrument": "ks", "year": 2015}}
HEAD = "resp_id;kommune_nr;aar;runde;spraak;modus;kjonn;alder5;botid;utd4;landgruppe;startet;levert;lopenr;samtykke"
ITEMS = [f"q{n:02d}" for n in range(1, 19)]
STRANGER = "0000009999"


def write(folder, *rows):
    """Survey rows of ``(key, consent)``; response R1 is the first."""
    lines = [";".join([HEAD, *ITEMS])]
    for number, (key, consent) in enumerate(rows, 1):
        answers = ";".join(str(1 + (number + item) % 6) for item in range(17))
        lines.append(f"R{number};6101;2015;1;ar;selv;1;2;3,5;1;3;t;t;{key};{consent};{answers};1")
    (folder / "survey_ks_2015.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    frame = "kommunenr;kjonn;alder5;landgruppe;antall\n6101;1;2;3;40\n"
    (folder / "survey_ks_2015_frame.csv").write_text(frame, encoding="utf-8-sig")


@pytest.fixture
def folder(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    write(folder, (A, "1"), (B, "0"), (C, ""), ("", "1"), (STRANGER, "1"), (B, "1"), (C, "1"), (C, "1"))
    return folder


def clean(folder, person_link):
    return clean_surveys(folder, codebook_files(), WAVES, STUDY, person_link=person_link)


PERSONS = pd.DataFrame({"person_id": [A, B, C], "sex": ["men", "women", "men"]})
PROGRAMMES = pd.DataFrame(
    {"person_id": [A, C], "municipality": ["6110", "6110"], "start_date": pd.to_datetime(["2015-03-01", "2016-02-01"])}
)
LEAVERS = pd.DataFrame({"person_id": [A], "exit_year": [2017], "included": [True], "municipality": ["6110"]})


def linked(folder):
    responses, frame, keys, *_ = clean(folder, True)
    return responses, frame, link_persons(keys, responses, PERSONS, PROGRAMMES, LEAVERS)


def test_without_the_option_no_key_is_read(folder):
    responses, _, keys, _, _ = clean(folder, False)
    assert len(responses) == 8 and keys.empty
    assert not {"person_id", "consent"} & set(responses.columns)


def test_keys_without_consent_are_in_no_table(folder):
    responses, _, keys, _, _ = clean(folder, True)
    by = keys.set_index("response_id")
    assert by["consent"].tolist() == ["yes", "no", "not_stated", "yes", "yes", "yes", "yes", "yes"]
    assert by["person_id"].isna().tolist() == [False, True, True, True, False, False, False, False]
    assert by.loc["R2", "has_key"] and not by.loc["R4", "has_key"]
    assert "person_id" not in responses


def test_each_answer_has_its_status(folder):
    _, _, link = linked(folder)
    by = link.set_index("response_id")
    expected = ["linked", "refused", "not_stated", "no_key", "not_found", "no_programme", "key_twice", "key_twice"]
    assert by["status"].tolist() == expected
    assert by["person_id"].dropna().to_dict() == {"R1": A}
    assert by.loc["R1", ["exit_year", "sex_agrees", "municipality_agrees"]].tolist() == [2017, True, True]
    assert by["sex_agrees"].notna().sum() == by["municipality_agrees"].notna().sum() == 1


def test_like_answers_and_keys_of_others_do_not_touch_the_answers(folder):
    without, with_link = clean(folder, False)[0], clean(folder, True)[0]
    pd.testing.assert_frame_equal(without, with_link)


def report(folder):
    responses, frame, link = linked(folder)
    registers = {"persons": PERSONS["person_id"], "income": pd.Series([A])}
    return match_report(registers, PROGRAMMES, responses, frame, LEAVERS, link)


def test_the_report_counts_by_year_and_municipality(folder):
    rows = report(folder).set_index(["part", "found_in", "level", "of"])
    assert rows.loc[("register", "income", "all", "programmes"), ["n", "found"]].tolist()[0:2] == [2, 1]
    years = report(folder).query("part == 'register' and found_in == 'income' and level == 'year'")
    assert years[["year", "n", "found"]].values.tolist() == [[2015, 1, 1], [2016, 1, 0]]
    places = report(folder).query("part == 'register' and found_in == 'persons' and level == 'municipality'")
    assert places[["municipality", "n", "found"]].values.tolist() == [["6110", 2, 2]]
    assert rows.loc[("frame", "survey_frame", "all", "answers of ks_2015"), "found"] == 8
    assert rows.loc[("person_link", "key_twice", "all", "answers of ks_2015"), "found"] == 2
    assert rows.loc[("results", "leavers", "all", "municipalities of ks_2015"), ["n", "found"]].tolist() == [1, 1]


def test_no_small_count_and_no_municipality_leaves(folder):
    public = shown(report(folder), 5)
    assert "municipality" not in public and set(public["level"]) == {"all", "year"}
    assert public.query("part in ['register', 'person_link']")["found"].dropna().between(1, 4).sum() == 0
    assert public.loc[public["of"].eq("municipalities of ks_2015"), "found"].tolist() == [1]


def _register_rows(found, total):
    rows = [
        ("all", None, sum(total), sum(found)),
        *(("year", 2010 + i, n, k) for i, (n, k) in enumerate(zip(total, found))),
    ]
    frame = pd.DataFrame(rows, columns=["level", "year", "n", "found"]).astype({"year": "Int64"})
    return frame.assign(part="register", of="programmes", municipality=None, share=frame["found"] / frame["n"])


def test_a_hidden_count_does_not_follow_from_the_other_years_or_registers():
    income = _register_rows([40, 3, 50, 60], [80, 90, 100, 110]).assign(found_in="income")
    welfare = _register_rows([20, 30, 40, 50], [80, 90, 100, 110]).assign(found_in="welfare")
    public = shown(pd.concat([income, welfare], ignore_index=True), 5)
    by = public.set_index(["found_in", "level", "year"])
    hidden = by.loc["income"]["found"].isna()
    assert hidden.sum() >= 2 and by.loc["welfare"]["found"].notna().all() and by["n"].notna().all()
    small = _register_rows([40, 2, 50], [80, 3, 100])
    both = shown(pd.concat([small.assign(found_in=name) for name in ("income", "welfare")], ignore_index=True), 5)
    unseen = both.set_index(["found_in", "level", "year"])["n"].isna()
    assert unseen.loc["income"].tolist() == unseen.loc["welfare"].tolist() and unseen.loc["income"].sum() == 2
