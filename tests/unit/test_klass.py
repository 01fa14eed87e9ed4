"""Snapshots of code lists, against a service on this machine and against a real table of municipality changes."""

import hashlib
import json

import pandas as pd
import pytest
from introprog.codebook import load_codebook
from introprog.errors import InputError
from introprog.klass import CHANGES, LISTS, compare, fetch_changes, fetch_codes, snapshot, write_snapshot
from klass_server import Klass, serving
from raw_extracts import ROOT

REAL = ROOT / ".." / "shared" / "real" / "kommunenummer_2013_2020_wide.csv"
OLD, NEW = "2019-01-01", "2024-01-01"


def service():
    codes = {(number, NEW): [("03", "b"), ("01", "a")] for number in LISTS}
    codes[131, OLD] = [("0301", "Oslo"), ("1507", "Ålesund"), ("1601", "Trondheim"), ("0101", "Halden")]
    codes[131, NEW] = [("0301", "Oslo kommune"), ("1508", "Ålesund"), ("1580", "Haram"), ("3101", "Halden")]
    changes = [
        ("2018-01-01", "1601", "Trondheim", "5001", "Trondheim"),
        ("2020-01-01", "0101", "Halden", "3001", "Halden"),
        ("2020-01-01", "0119", "Marker", "3013", "Marker"),
        ("2020-01-01", "0121", "Rømskog", "3013", "Marker"),
        ("2020-01-01", "0301", "Oslo", "0301", "Oslo"),
        ("2024-01-01", "1507", "Ålesund", "1508", "Ålesund"),
        ("2024-01-01", "1507", "Ålesund", "1580", "Haram"),
    ]
    return Klass(codes, changes)


def test_codes_are_text_and_sorted():
    with serving(service()) as url:
        codes = fetch_codes(url, 131, OLD)
    assert codes["code"].tolist() == ["0101", "0301", "1507", "1601"] and codes["name"][2] == "Ålesund"


def test_changes_say_what_they_are_and_leave_the_shares_of_a_split_open():
    with serving(service()) as url:
        changes = fetch_changes(url, OLD, "2024-01-02")
    found = changes.set_index(["gammel_kode", "ny_kode"])[["type", "andel"]].astype("object")
    assert found["type"].to_dict() == {
        ("0101", "3001"): "NYTT_NUMMER", ("0119", "3013"): "SAMMENSLAAING", ("0121", "3013"): "SAMMENSLAAING",
        ("1507", "1508"): "DELING", ("1507", "1580"): "DELING",
    }  # fmt: skip
    assert found["andel"].isna().tolist() == [False, False, False, True, True]


def test_the_last_day_is_not_counted_by_the_service_but_is_in_the_snapshot():
    with serving(service()) as url:
        assert len(fetch_changes(url, OLD, NEW)) == 3
        assert ";1580;Haram;DELING;" in snapshot(url, [NEW, OLD])["kommune_endringer.csv"]


def test_a_snapshot_is_dated_hashed_and_the_same_twice(tmp_path):
    klass = service()
    with serving(klass) as url:
        files = snapshot(url, [OLD, NEW])
        again = snapshot(url, [OLD, NEW])
    assert files == again
    write_snapshot(files, tmp_path / "snap")
    index = json.loads((tmp_path / "snap" / "snapshot.json").read_text(encoding="utf-8"))
    assert {e["classification"] for e in index["files"]} == {131, 104, 112, 128, 36, 91}
    for entry in index["files"]:
        data = (tmp_path / "snap" / entry["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"] and data.count(b"\n") == entry["rows"] + 1
    assert all(e.get("date", NEW) == NEW for e in index["files"])


def test_codes_that_leave_or_enter_are_listed():
    with serving(service()) as url:
        changed = compare(fetch_codes(url, 131, OLD), fetch_codes(url, 131, NEW))
    assert changed.groupby("change")["code"].agg(list).to_dict() == {
        "entered": ["1508", "1580", "3101"],
        "left": ["0101", "1507", "1601"],
        "renamed": ["0301"],
    }


def test_the_changes_have_the_columns_of_the_extract():
    assert list(load_codebook(ROOT / "data" / "codebook").extracts["kommune_endringer"].columns) == CHANGES


@pytest.mark.parametrize(
    ("failure", "part"), [("down", "the service answers 503"), ("page", "the answer is no KLASS answer with 'codes'")]
)
def test_a_failing_service_is_a_message_and_nothing_is_written(failure, part):
    klass = service()
    klass.failure = failure
    with serving(klass) as url, pytest.raises(InputError) as caught:
        snapshot(url, [OLD, NEW])
    assert part in str(caught.value) and "/classifications/131/codesAt?date=2024-01-01" in str(caught.value)


def test_no_service_and_no_such_list():
    with serving(service()) as url, pytest.raises(InputError, match="answers 404"):
        fetch_codes(url, 131, "1900-01-01")
    with pytest.raises(InputError, match="no answer from the service"):
        fetch_codes(url, 131, NEW, timeout=2)


@pytest.mark.skipif(not REAL.is_file(), reason="the real table of municipality changes is not beside the project")
def test_real_changes_of_2020():
    """Every municipality of 2019 and where it went in 2020, as a public table has it."""
    table = pd.read_csv(REAL, sep=";", dtype=str)
    steps = table[["kommunenummer_2019", "kommunenavn_2019", "kommunenummer_2020", "kommunenavn_2020"]]
    steps = steps.dropna().drop_duplicates()
    klass = Klass({}, [("2020-01-01", *row) for row in steps.itertuples(index=False, name=None)])
    with serving(klass) as url:
        changes = fetch_changes(url, "2019-06-01", "2020-06-01")
    moved = steps[steps["kommunenummer_2019"] != steps["kommunenummer_2020"]]
    assert len(changes) == len(moved) > 300
    note = table.dropna(subset=["endringsmerknad_19_20"]).drop_duplicates("kommunenummer_2019")
    note = note.set_index("kommunenummer_2019")["endringsmerknad_19_20"]
    renumbered = changes["gammel_kode"].map(note).str.startswith("kun endret nummer")
    assert (changes.loc[renumbered, "type"] == "NYTT_NUMMER").all() and renumbered.sum() > 150
