"""Which displays, models and definitions a run leaves out for want of extracts, and what it says of it."""

import copy
import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import yaml
from introprog.codebook import load_codebook
from introprog.errors import InputError
from introprog.plan import Plan
from introprog.readers.columns import column_names
from introprog.readers.raw import RawFile
from introprog.reading import READERS, WITHOUT_SURVEYS
from introprog.supply import CHARACTERISTICS, TABLES, lacking

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
BOOKS = sorted((ROOT / "data" / "codebook").rglob("*.yaml"))
BASED_ON_SURVEYS = ("survey", "linked")


@pytest.fixture
def raw(tmp_path):
    """Headers of every register and survey: what is in them nobody asks at this stage."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for extract in load_codebook(BOOKS).extracts.values():
        head = ";".join(extract.columns) + "\n"
        for wave in CONFIG["surveys"]["waves"]:
            name = extract.file.replace("{year}", "2016").replace("{wave}", wave)
            (folder / name).write_text(head, encoding="utf-8")
    return folder


def plan(raw: Path, **changes) -> Plan:
    config = {**copy.deepcopy(CONFIG), "source": "extracts", **changes}
    config["extracts"] = {**config["extracts"], "directory": str(raw)}
    return Plan(config, ROOT)


def lost(poor: Plan) -> set[str]:
    """What is left out though config asks for it."""
    return set(poor.registry) - set(poor.displays) - set(poor.unasked())


def own(raw: Path, name: str, text: str) -> None:
    (raw / "codebook").mkdir(exist_ok=True)
    (raw / "codebook" / f"{name}.yaml").write_text(text, encoding="utf-8")


def without(raw: Path, pattern: str) -> None:
    found = list(raw.glob(pattern))
    assert found
    for path in found:
        path.unlink()


def test_with_every_extract_nothing_is_left_out(raw):
    full = plan(raw)
    assert full.lacking == {} and list(full.supply_lines()) == [] and full.surveyed
    assert full.displays == Plan(copy.deepcopy(CONFIG), ROOT).displays
    assert full.readers == list(READERS) and full.config["definitions"] == CONFIG["definitions"]


def test_without_surveys_all_that_registers_feed_is_made(raw):
    without(raw, "survey_*")
    poor = plan(raw)
    expected = [n for n, e in poor.registry.items() if e.get("basis") not in BASED_ON_SURVEYS or n == "T-G1"]
    assert poor.displays == expected and 40 < len(expected) < len(poor.registry)
    assert poor.readers == ["clean_registers", "clean_employment"] and poor.waves() == {}
    (line,) = poor.supply_lines()
    assert line.startswith("not among the extracts: surveys (no survey_imdi_2020.csv or ")
    assert set(line.split("left out: ")[1].split(", ")) == lost(poor)
    assert not {"survey_frame", "network"} & {*poor.group_frame, *poor.varied}
    assert not [path for path in poor.models if path.endswith(("verdict.csv", "network.csv", "measurement.csv"))]
    assert not {"verdict", "scales", "codebook", "network"} & set(poor.claim_inputs())
    assert "verdict" not in poor.report_models and poor.reports
    for display in poor.displays:
        assert set(poor.inputs(display)) - WITHOUT_SURVEYS <= {"claims"}, display


def test_a_network_that_is_listed_needs_no_survey(raw):
    without(raw, "survey_*")
    poor = plan(raw, network={**CONFIG["network"], "municipalities": ["0301"]})
    assert {"T-D9", "F-D9"} <= set(poor.displays) and poor.group_frame == [] and "network" in poor.varied
    assert "network" in poor.claim_inputs()


def nothing(raw):
    without(raw, "*")


def near_name(raw):
    (raw / "Survey_KS2015.sav").write_bytes(b"x")


def codebook_of_one(raw):
    own(raw, "survey_frame", "kind: extract\nextract: survey_frame\nfile: 'surveys/{wave}_frame.csv'\n")
    (raw / "surveys").mkdir()


def one_frame_only(raw):
    (raw / "survey_ks_2015_frame.csv").write_text("x", encoding="utf-8")


@pytest.mark.parametrize("change", [nothing, near_name, codebook_of_one, one_frame_only])
def test_a_survey_that_is_meant_but_not_found_is_a_fault_and_not_left_out(raw, change):
    without(raw, "survey_*")
    change(raw)
    poor = plan(raw)
    assert poor.surveyed and "clean_survey" in poor.readers and list(poor.supply_lines()) == []


def test_a_display_that_is_asked_for_is_refused_with_what_it_lacks(raw):
    without(raw, "survey_*")
    with pytest.raises(InputError) as caught:
        plan(raw, displays=["T-E1", "T-A1"])
    text = str(caught.value)
    assert "'T-E1' needs surveys (no survey_imdi_2020.csv" in text and "displays: all" in text and "T-A1" not in text
    assert plan(raw, displays=["T-A1"]).readers == ["clean_registers", "clean_employment"]


def test_a_link_to_persons_that_is_asked_for_needs_the_surveys(raw):
    without(raw, "survey_*")
    assert plan(raw, surveys={**CONFIG["surveys"], "person_link": True}).surveyed


OPTIONAL = {
    "nav": ("kind: extract\nextract: nav\noptional: true\n", "nav_*", {"T-B1", "F-B6", "F-C3", "T-C11"}),
    "nir_tiltak": (
        "kind: extract\nextract: nir_tiltak\noptional: true\n", "nir_tiltak*", {"F-A4", "T-D2", "F-D1", "F-D3"}),
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_register_is_left_out_when_the_researcher_says_that_there_may_be_none(raw, name):
    text, pattern, displays = OPTIONAL[name]
    without(raw, pattern)
    assert plan(raw).lacking == {}, "a missing register is a fault unless the codebook says otherwise"
    own(raw, name, text)
    poor = plan(raw)
    assert lost(poor) == displays
    (line,) = poor.supply_lines()
    assert line.startswith(f"not among the extracts: {name} (")
    assert set(line.split("left out: ")[1].split(", ")) == displays
    assert (poor.place("casemix") in poor.models) is (name != "nir_tiltak")


def test_characteristics_that_config_does_not_use_are_not_asked_for(raw):
    own(raw, "nir_tiltak", OPTIONAL["nir_tiltak"][0])
    without(raw, "nir_tiltak*")
    poor = plan(raw, casemix={**CONFIG["casemix"], "programme": ["programme_months"]})
    assert lost(poor) == {"F-A4"}


def test_the_map_is_made_without_adjusted_rates(raw):
    own(raw, "nir_tiltak", OPTIONAL["nir_tiltak"][0])
    without(raw, "nir_tiltak*")
    assert "adjusted_rates" not in plan(raw).inputs("F-D7")


def test_settlement_dates_are_looked_for_in_the_header_when_the_overlay_says_they_may_lack(raw):
    text = "kind: extract\nextract: demografi\ncolumns:\n  bosettingsdato: {name: settlement_date, optional: true}\n"
    own(raw, "demografi", text)
    assert plan(raw).lacking == {}
    people = raw / "demografi.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("bosettingsdato", "annet"), encoding="utf-8")
    poor = plan(raw)
    assert lost(poor) == {"F-D4"} and "settlement" in poor.unfed_tables
    assert "Settlement date" in next(iter(poor.supply_lines()))


def test_definitions_that_lack_their_register_are_dropped_and_named(raw):
    own(raw, "inntekt", "kind: extract\nextract: inntekt\noptional: true\n")
    without(raw, "inntekt*")
    asked = {**CONFIG["association"], "definitions": ["ssb_november", "self_supporting"]}
    poor = plan(raw, association=asked)
    assert set(CONFIG["definitions"]) - set(poor.config["definitions"]) == {"self_supporting"}
    assert poor.config["association"]["definitions"] == ["ssb_november"]
    assert any("definition self_supporting" in line for line in poor.supply_lines())
    with pytest.raises(InputError, match="'self_supporting' needs inntekt"):
        plan(raw, official_definition="self_supporting")


def test_amounts_that_another_file_holds_are_found_there(raw):
    for path in raw.glob("inntekt*"):
        path.unlink()
    for year in (2016, 2017):
        (raw / f"inntekt{year}.dta").write_bytes(b"x")
    assert "inntekt.social_assistance_months" not in lacking(raw, BOOKS, ["ssb_loan"], [], ["inntekt.earnings"])
    own(raw, "sosialhjelp", "kind: extract\nextract: sosialhjelp\noptional: true\n")
    wanted = ["inntekt.earnings", "inntekt.social_assistance_months"]
    assert list(lacking(raw, BOOKS, ["ssb_loan"], [], wanted)) == ["inntekt.social_assistance_months", "surveys"]


def test_codebooks_that_cannot_be_read_are_left_to_the_readers(raw):
    own(raw, "nav", "kind: extract\nextract: nav\nfil: x\n")
    without(raw, "survey_*")
    assert plan(raw).lacking == {}


def test_every_part_that_is_named_is_in_the_codebooks():
    known = load_codebook(BOOKS).extracts
    registry = yaml.safe_load((ROOT / "workflow" / "displays.yaml").read_text(encoding="utf-8"))["displays"]
    parts = {p for ps in TABLES.values() for p in ps} | set(CHARACTERISTICS.values())
    parts |= {p for entry in registry.values() for p in entry.get("extracts", ())}
    for part in parts:
        extract, _, column = part.partition(".")
        assert not column or known[extract].clean(column), part


def test_the_names_of_columns_are_read_without_the_rows(tmp_path):
    extract, head = load_codebook(BOOKS).extracts["demografi"], "lopenr;kjoenn;født\n"
    frame = pd.DataFrame({"lopenr": ["1"], "kjoenn": [1.0]})
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + head.encode("latin-1"))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(head.encode("latin-1")))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/a.csv", head.encode("latin-1"))
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"))
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"))
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.csv.gz", "a.zip"):
        assert column_names(RawFile(tmp_path / name), extract) == ["lopenr", "kjoenn", "født"]
    assert column_names(RawFile(tmp_path / "a.zip", entry="in/a.csv"), extract)[0] == "lopenr"
    for name in ("a.sav", "a.dta", "a.parquet"):
        assert column_names(RawFile(tmp_path / name), extract) == ["lopenr", "kjoenn"]
