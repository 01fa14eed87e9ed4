"""The contracts of the clean tables: kept by what cleaning makes, and broken tables are named."""

import pandas as pd
import pytest
from introprog.cleaning.tables import clean_jobs, clean_registers
from introprog.contracts import CONTRACTS, ContractError, check_table
from introprog.tabular import read_table, write_arrow, write_table
from raw_extracts import ROOT, STUDY, codebook_files, write_extracts


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    folder = write_extracts(tmp_path_factory.mktemp("clean") / "raw")
    return folder, clean_registers(folder, codebook_files(), ROOT / "data" / "codelists", STUDY)


def test_clean_tables_keep_their_contracts_through_parquet(cleaned, tmp_path):
    folder, tables = cleaned
    for name in set(CONTRACTS) & set(tables):
        write_table(tables[name], tmp_path / f"{name}.parquet", CONTRACTS[name].key)
        check_table(read_table(tmp_path / f"{name}.parquet"), name)
    employment, _, read_log = clean_jobs(folder, codebook_files(), STUDY)
    write_arrow(employment, tmp_path / "employment.parquet")
    check_table(read_table(tmp_path / "employment.parquet"), "employment")
    assert set(read_log["extract"]) == {"ameld", "atmlto"}


def test_the_hand_written_extracts_end_as_expected(cleaned):
    _, tables = cleaned
    programmes = tables["programmes"]
    assert programmes["municipality"].tolist() == ["6110", "6110", "6110"]
    assert programmes["end_cause"].tolist() == ["education", "work", "auto_closed"]
    assert programmes["source"].tolist() == ["nir", "kostra11b", "nir"]
    assert programmes["measures"].tolist() == ["01+02+07", "01+06", ""]
    assert tables["read_log"]["rows"].sum() == 3 + 4 + 4 + 2 + 1 + 2 + 3 + 2 + 20 + 2 + 15


def test_two_runs_are_the_same(cleaned):
    folder, tables = cleaned
    again = clean_registers(folder, codebook_files(), ROOT / "data" / "codelists", STUDY)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, again[name])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda t: t.drop(columns="sex"), "columns missing: sex"),
        (lambda t: t.assign(fnr="1"), "columns too many: fnr"),
        (lambda t: pd.concat([t, t]), "key person_id is not unique in 3 rows"),
        (lambda t: t.assign(sex="man"), r"sex has unknown codes \['man'\]"),
        (lambda t: t.assign(birth_country="56"), "birth_country has values that are not like"),
        (lambda t: t.assign(birth_year="1980"), "birth_year is str, not integer"),
        (lambda t: t.assign(schooling=None), "schooling is missing in 3 rows"),
    ],
)
def test_a_broken_table_is_named(cleaned, damage, message):
    with pytest.raises(ContractError, match=message):
        check_table(damage(cleaned[1]["persons"]), "persons")
