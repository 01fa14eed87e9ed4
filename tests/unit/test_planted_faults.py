"""Faults that the simulator plants are counted by cleaning, rule by rule, at the number planted."""

import json

import pytest
import yaml
from introprog.cleaning.tables import clean_jobs, clean_registers, clean_surveys
from introprog.simulate import simulate_extracts
from raw_extracts import ROOT, codebook_files

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted") / "raw"
    simulate_extracts(folder, CONFIG["synthetic"] | {"scale": 0.02}, CONFIG["study"])
    planted = json.loads((folder / "truth" / "settings.json").read_text(encoding="utf-8"))["planted"]
    tables = clean_registers(folder, codebook_files(), ROOT / "data" / "codelists", CONFIG["study"])
    return folder, planted, tables


def planted_in(planted, fault, *files):
    return sum(v["planted"] for file, v in planted[fault].items() if not files or file.startswith(files))


def counted(tables, *rules, table=None):
    log = tables["quality_log"]
    chosen = log["rule"].isin(rules) & (log["table"].eq(table) if table else True)
    return int(log.loc[chosen, "n"].sum())


def test_duplicates(run):
    _, planted, tables = run
    assert counted(tables, "D1", table="programmes") == planted_in(planted, "duplicate_row", "kostra", "nir_deltakere")
    assert counted(tables, "D1", table="income") == planted_in(planted, "duplicate_row", "inntekt")
    assert counted(tables, "D1", table="education") == planted_in(planted, "duplicate_row", "utdanning_kurs")


def test_end_before_start(run):
    _, planted, tables = run
    assert counted(tables, "K16", "K16b", "K16c") == planted_in(planted, "end_before_start")


def test_restarts_and_end_causes(run):
    _, planted, tables = run
    assert counted(tables, "P3") == planted_in(planted, "auto_closed")
    assert counted(tables, "P7") == pytest.approx(planted_in(planted, "restart"), abs=2)
    assert counted(tables, "P2") == pytest.approx(planted_in(planted, "missing_end_cause"), abs=3)


def test_retired_codes_in_residence(run):
    _, planted, tables = run
    assert counted(tables, "M4", table="residence") == planted_in(planted, "retired_code", "bosted")


def test_illegal_codes(run):
    _, planted, tables = run
    found = counted(tables, "R1", "K12", "K13", "K14") + counted(tables, "M3", table="residence")
    assert found == planted_in(planted, "illegal_code", "kostra", "nir", "bosted")


def test_jobs_and_surveys_pass_and_staff_answers_are_dropped(run):
    folder, planted, _ = run
    employment, log, read_log = clean_jobs(folder, codebook_files(), CONFIG["study"])
    assert employment.num_rows > 0 and read_log["rows"].sum() > employment.num_rows
    assert log.empty or set(log["rule"]) <= {"S3", "D1", "D2", "R3", "R4"}
    *_, survey_log, _ = clean_surveys(folder, codebook_files(), CONFIG["surveys"]["waves"], CONFIG["study"])
    staff = survey_log.loc[survey_log["rule"] == "V1", "n"].sum()
    assert staff == planted_in(planted, "staff_answer")
