"""The same content in every format, packing and layout gives the same clean tables, byte for byte."""

import gzip
import hashlib
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from extract_formats import WRITERS, convert_folder, rewrite_text
from introprog.cleaning.tables import clean_jobs, clean_registers
from introprog.contracts import CONTRACTS
from introprog.errors import InputError
from introprog.tabular import write_arrow, write_table
from raw_extracts import CODEBOOK, ROOT, STUDY, A, write_extracts

LAST = STUDY["last_observed_year"]
ALL_CODEBOOKS = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))


def cleaned(folder: Path, out: Path, overlays=()) -> dict[str, str]:
    """Hash of every clean table of the folder, as it is written."""
    tables = clean_registers(folder, ALL_CODEBOOKS, ROOT / "data" / "codelists", STUDY, overlays)
    jobs, _, _ = clean_jobs(folder, ALL_CODEBOOKS, STUDY, overlays)
    out.mkdir(exist_ok=True)
    for name in set(tables) & set(CONTRACTS):
        write_table(tables[name], out / name, CONTRACTS[name].key)
    write_arrow(jobs, out / "employment")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected")
    return cleaned(write_extracts(folder / "raw"), folder / "clean")


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_gives_the_same_bytes(tmp_path, suffix, expected):
    folder = write_extracts(tmp_path / "raw")
    convert_folder(folder, CODEBOOK, suffix, LAST)
    assert not list(folder.glob("*.csv"))
    assert cleaned(folder, tmp_path / "clean") == expected


@pytest.mark.parametrize("packed", [False, True])
def test_sas_data_sets_give_the_same_bytes(tmp_path, packed, expected):
    """The files of sas7bdat/, which its script writes of the same extracts, in the place of the CSV files."""
    folder = write_extracts(tmp_path / "raw")
    files = sorted((Path(__file__).parent / "sas7bdat").glob("*.sas7bdat"))
    assert len(files) == 5
    for path in files:
        (folder / f"{path.stem}.csv").unlink()
        data = path.read_bytes()
        name = f"{path.name}.gz" if packed else path.name
        (folder / name).write_bytes(gzip.compress(data, mtime=0) if packed else data)
    assert cleaned(folder, tmp_path / "clean") == expected


@pytest.mark.parametrize(
    ("separator", "decimal", "encoding"), [(",", ".", "utf-8"), ("\t", ",", "cp1252"), ("|", ".", "utf-8-sig")]
)
def test_every_dialect_of_text_gives_the_same_bytes(tmp_path, separator, decimal, encoding, expected):
    folder = write_extracts(tmp_path / "raw")
    rewrite_text(folder, CODEBOOK, LAST, separator, decimal, encoding)
    (folder / "codebook").mkdir()
    for name, extract in CODEBOOK.extracts.items():
        if not extract.line_width:
            options = {"separator": separator, "decimal": decimal, "encoding": encoding}
            book = {"kind": "extract", "extract": name, **options}
            (folder / "codebook" / f"{name}.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    assert cleaned(folder, tmp_path / "clean") == expected


def test_a_read_only_folder_of_one_zip_gives_the_same_bytes_and_is_left_alone(tmp_path, expected):
    folder = write_extracts(tmp_path / "raw")
    files = sorted(p for p in folder.iterdir())
    with zipfile.ZipFile(folder / "delivery.zip", "w") as archive:
        for path in files:
            archive.write(path, path.name)
    for path in files:
        path.unlink()
    (folder / "codebook").mkdir()
    for name, extract in CODEBOOK.extracts.items():
        book = {"kind": "extract", "extract": name, "file": f"delivery.zip/{extract.file}"}
        (folder / "codebook" / f"{name}.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    os.chmod(folder, 0o500)
    try:
        assert cleaned(folder, tmp_path / "clean") == expected
    finally:
        os.chmod(folder, 0o700)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before


def test_files_in_parts_are_put_together(tmp_path, expected):
    folder = write_extracts(tmp_path / "raw")
    header, *rows = (folder / "bosted.csv").read_text(encoding="utf-8-sig").splitlines()
    (folder / "bosted.csv").unlink()
    for number, row in enumerate(rows):
        (folder / f"bosted_del{number}.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    (folder / "codebook").mkdir()
    book = "kind: extract\nextract: bosted\nfile: 'bosted_*.csv'\n"
    (folder / "codebook" / "bosted.yaml").write_text(book, encoding="utf-8")
    assert cleaned(folder, tmp_path / "clean") == expected


def test_all_years_in_one_file_give_the_same_bytes(tmp_path, expected):
    folder = write_extracts(tmp_path / "raw")
    (folder / "codebook").mkdir()
    for stem in ("ameld", "nav"):
        files = sorted(folder.glob(f"{stem}_*.csv"))
        frames = [pd.read_csv(p, sep=";", dtype=str, encoding="utf-8-sig") for p in files]
        pd.concat(frames).to_csv(folder / f"{stem}.csv", sep=";", index=False)
        for path in files:
            path.unlink()
        book = {"kind": "extract", "extract": stem, "file": f"{stem}.csv", "years": None}
        (folder / "codebook" / f"{stem}.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    assert cleaned(folder, tmp_path / "clean") == expected


def test_single_precision_and_long_keys_survive():
    from introprog.readers.statistical import to_text

    floats = pd.Series([37.1, None, 20.0]).astype("float32").astype("float64")
    assert to_text(floats, None, ",").tolist()[::2] == ["37,1", "20"]
    doubles = pd.Series([0.1 + 0.2, 1.5])
    assert to_text(doubles, None, ".").tolist() == ["0.30000000000000004", "1.5"]
    assert to_text(pd.Series([1234567890123456789, None], dtype="Int64"), None, ",")[0] == "1234567890123456789"


def test_an_archive_cannot_reach_outside_its_folder(tmp_path):
    folder = write_extracts(tmp_path / "raw")
    (folder / "bosted.csv").rename(tmp_path / "bosted.csv")
    with zipfile.ZipFile(folder / "bosted.zip", "w") as archive:
        archive.write(tmp_path / "bosted.csv", "../bosted.csv")
    with pytest.raises(InputError, match="names a path outside its folder"):
        cleaned(folder, tmp_path / "clean")


@pytest.mark.parametrize(
    "file", ["../bosted.csv", "/etc/passwd", "a/../../b.csv", "C:\\bosted.csv", "{year.__class__}"]
)
def test_a_codebook_cannot_name_a_path_outside(tmp_path, file):
    folder = write_extracts(tmp_path / "raw")
    (folder / "codebook").mkdir()
    book = {"kind": "extract", "extract": "bosted", "file": file}
    (folder / "codebook" / "mine.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml, file \[B3\]"):
        cleaned(folder, tmp_path / "clean")


def test_user_missing_codes_of_spss_are_kept(tmp_path):
    import pyreadstat
    from introprog.cleaning.survey import wave_extract
    from introprog.readers.extracts import read_raw
    from introprog.readers.raw import RawFile

    extract = wave_extract(CODEBOOK, "ks_2015", "ks")
    frame = pd.DataFrame({source: pd.Series([1.0, 97.0, None]) for source in extract.columns})
    ranges = {"q01": [{"lo": 97, "hi": 99}]}
    pyreadstat.write_sav(frame.assign(resp_id=[A, "b", "c"]), str(tmp_path / "s.sav"), missing_ranges=ranges)
    table = read_raw(RawFile(tmp_path / "s.sav"), extract).table
    assert table["q01"].to_pylist() == ["1", "97", None]


def test_line_ends_of_any_kind(tmp_path, expected):
    folder = write_extracts(tmp_path / "raw")
    for name, ends in (("bosted.csv", b"\r"), ("inntekt.csv", b"\r\n"), ("kostra_11b_2015.txt", b"\n")):
        data = (folder / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", ends)
        (folder / name).write_bytes(data)
    assert cleaned(folder, tmp_path / "clean") == expected
