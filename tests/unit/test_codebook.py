"""The shipped codebooks, and what a researcher who misspells one is told."""

import shutil

import pytest
import yaml
from introprog.codebook import load_codebook, load_country_groups, load_instrument, load_schooling_levels
from introprog.errors import InputError
from raw_extracts import CODEBOOK, ROOT


def test_every_extract_of_the_contract_has_a_codebook():
    assert {"kostra_11b", "nir_deltakere", "nir_tiltak", "demografi", "bosted", "atmlto", "ameld", "utdanning_kurs",
            "utdanning_niva", "nav", "inntekt", "kommuner", "kommune_endringer"} <= set(CODEBOOK.extracts)  # fmt: skip


def test_form_11b_fields_tile_the_documented_positions():
    columns = CODEBOOK.extracts["kostra_11b"].columns
    assert columns["tiltak_1"].position == (51, 52) and columns["tiltak_11"].position == (71, 72)
    assert columns["stonadsmaaned_12"].position == (103, 104)
    assert columns["stonad"].position == (105, 111) == (105, CODEBOOK.extracts["kostra_11b"].line_width)
    taken = [set(range(c.position[0], c.position[1] + 1)) for c in columns.values()]
    assert sum(map(len, taken)) == len(set().union(*taken)), "fields overlap"


@pytest.mark.parametrize(("name", "items", "top"), [("ks", 18, 6), ("imdi", 9, 4)])
def test_instruments(name, items, top):
    form = load_instrument(ROOT / "data" / "codebook" / f"survey_{name}.yaml")
    assert len(form.items) == items
    assert form.missing == {97: "dont_know", 98: "not_applicable", 99: "unanswered"}
    assert max(item.scale[1] for item in form.items.values()) == top
    for item in form.items.values():
        assert item.dimension is None or item.dimension in form.dimensions
        assert item.construct is None or item.construct in form.constructs
        assert set(range(item.scale[0], item.scale[1] + 1)) <= set(item.answers)


def test_reversed_items_and_constructs_of_the_ks_form():
    form = CODEBOOK.instruments["ks"]
    assert [name for name, item in form.items.items() if item.reversed] == ["q06", "q12"]
    assert [name for name, item in form.items.items() if item.construct == "usefulness"] == ["q01", "q02", "q03"]


def test_country_groups_take_the_narrowest_range():
    groups = load_country_groups(ROOT / "data" / "codelists" / "country_groups.csv")
    expected = {"564": "syria", "346": "africa_horn", "279": "africa_other", "143": "asia_other", "148": "europe_other"}
    assert groups[list(expected)].to_dict() == expected
    assert "000" not in groups


def test_schooling_levels():
    levels = load_schooling_levels(ROOT / "data" / "codelists" / "nus2000_levels.csv")
    assert list(levels.index) == list(range(10))
    assert levels[2] == "compulsory" and levels[3] == "upper_secondary" and levels[6] == "higher"


def test_all_faults_of_all_codebooks_at_once(tmp_path):
    for path in (ROOT / "data" / "codebook").glob("*.yaml"):
        shutil.copy(path, tmp_path)
    nir = yaml.safe_load((tmp_path / "nir_deltakere.yaml").read_text(encoding="utf-8"))
    nir["colums"] = nir.pop("columns")
    (tmp_path / "nir_deltakere.yaml").write_text(yaml.safe_dump(nir), encoding="utf-8")
    (tmp_path / "inntekt.yaml").write_text("kind: [", encoding="utf-8")
    bosted = yaml.safe_load((tmp_path / "bosted.yaml").read_text(encoding="utf-8"))
    bosted["columns"]["kommnr"]["type"] = "kode"
    (tmp_path / "bosted.yaml").write_text(yaml.safe_dump(bosted), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_codebook(tmp_path)
    text = str(caught.value)
    assert "nir_deltakere.yaml" in text and "did you mean 'columns'?" in text
    assert "inntekt.yaml" in text and "YAML" in text
    assert "bosted.yaml, columns: kommnr: type" in text


def test_a_rule_that_does_not_exist_is_reported(tmp_path):
    for path in (ROOT / "data" / "codebook").glob("*.yaml"):
        shutil.copy(path, tmp_path)
    bosted = yaml.safe_load((tmp_path / "bosted.yaml").read_text(encoding="utf-8"))
    bosted["columns"]["kommnr"]["rule"] = "M33"
    (tmp_path / "bosted.yaml").write_text(yaml.safe_dump(bosted), encoding="utf-8")
    with pytest.raises(InputError, match="unknown rule 'M33'"):
        load_codebook(tmp_path)
