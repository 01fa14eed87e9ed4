"""Listed corrections: applied first, counted, and refused for another delivery."""

import pytest
import yaml
from introprog.cleaning.tables import clean_registers
from introprog.corrections import file_hash, load_corrections
from introprog.errors import InputError
from raw_extracts import ROOT, STUDY, A, B, change, codebook_files, write_extracts


@pytest.fixture
def folder(tmp_path):
    return write_extracts(tmp_path / "raw")


def listed(folder, *entries, **common):
    defaults = {"action": "set", "reason": "told by the sender, 3 May", "status": "in use", **common}
    full = [{"sha256": file_hash(folder / e["file"]), **defaults, **e} for e in entries]
    path = folder.parent / "corrections.yaml"
    path.write_text(yaml.safe_dump({"corrections": full}), encoding="utf-8")
    return path


def clean(folder, corrections):
    return clean_registers(folder, codebook_files(), ROOT / "data" / "codelists", STUDY, (), corrections)


def test_a_value_is_set_before_it_is_read(folder):
    change(folder, "bosted.csv", f"{A};6101", f"{A};61o1")
    tables = clean(folder, listed(folder, {"file": "bosted.csv", "row": 2, "column": "kommnr", "value": "6102"}))
    assert tables["residence"].set_index("person_id").loc[A, "municipality_source"] == "6102"
    log = tables["quality_log"].set_index("rule")
    assert log.loc["C7", "n"] == 1 and "told by the sender" in log.loc["C7", "reason"]
    assert "R1" not in log.index


def test_a_row_is_dropped_and_the_row_numbers_of_faults_stay(folder):
    path = listed(folder, {"file": "bosted.csv", "row": 3, "action": "drop"})
    residence = clean(folder, path)["residence"]
    assert residence.loc[residence["person_id"] == B, "municipality_source"].tolist() == ["6103"]


def test_an_empty_value_is_missing(folder):
    path = listed(folder, {"file": "demografi.csv", "row": 4, "column": "doedsdato", "value": ""})
    assert clean(folder, path)["persons"]["death_date"].isna().all()


def test_a_line_of_form_11b(folder):
    path = listed(folder, {"file": "kostra_11b_2015.txt", "row": 2, "column": "status", "value": "07"})
    programmes = clean(folder, path)["programmes"].set_index("person_id")
    assert programmes.loc[B, "end_cause"] == "social_assistance"


@pytest.mark.parametrize("status", ["proposed", "withdrawn"])
def test_only_those_in_use_are_applied(folder, status):
    entry = {"file": "demografi.csv", "row": 4, "column": "doedsdato", "value": "", "status": status}
    assert clean(folder, listed(folder, entry))["persons"]["death_date"].notna().any()


def test_another_delivery_refuses_them(folder):
    path = listed(folder, {"file": "bosted.csv", "row": 2, "action": "drop"}, {"file": "bosted.csv", "row": 3})
    change(folder, "bosted.csv", ";6103;", ";6101;")
    with pytest.raises(InputError) as caught:
        clean(folder, listed_again(path))
    assert str(caught.value) == (
        "1 problem in the input:\n"
        "bosted.csv [C7]: the file is not the one that its corrections were made for\n"
        "  expected: the same sha256\n"
        "  hint: look whether the new delivery still has the faults, then give its sha256, or set `status: withdrawn`"
    )


def listed_again(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in content["corrections"]:
        if entry["action"] == "set":
            entry |= {"column": "kommnr", "value": "6102"}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        (
            {"row": 99, "action": "drop"},
            "bosted.csv, row 99 [C7]: a correction names a row that the file does not have",
        ),
        ({"row": 2, "column": "kommune", "value": "1"}, "a column 'kommune' that is not read"),
    ],
)
def test_corrections_of_nothing(folder, entry, part):
    with pytest.raises(InputError) as caught:
        clean(folder, listed(folder, {"file": "bosted.csv", **entry}))
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("change_", "part"),
    [
        ({"sha256": "abc"}, "corrections: 0: sha256"),
        ({"action": "delete"}, "set a value, or drop the row"),
        ({"reason": "error"}, "why, and who said so"),
        ({"rows": [1]}, "'rows' was unexpected"),
        ({"action": "set"}, "'column' is a required property"),
    ],
)
def test_a_wrong_list_is_explained(folder, change_, part):
    entry = {"file": "bosted.csv", "row": 2, "action": "drop", **change_}
    with pytest.raises(InputError) as caught:
        load_corrections(listed(folder, entry))
    assert part in str(caught.value)


def test_the_shipped_list_is_sound():
    assert load_corrections(ROOT / "data" / "corrections.yaml") == []
