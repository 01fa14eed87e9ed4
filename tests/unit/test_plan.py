"""Which displays a source can feed, where files go, and what a display depends on."""

import copy
from pathlib import Path

import pytest
import yaml
from introprog.errors import InputError
from introprog.plan import Plan

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
REGISTRY = """
displays:
  F-X1: {form: figure, module: f_x1, needs: [panel, published], sources: [synthetic, statbank], settings: [study]}
  T-X2: {form: table, module: t_x2, needs: [leavers], sources: [synthetic, extracts]}
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / "displays.yaml").write_text(REGISTRY, encoding="utf-8")
    return tmp_path


def config(**changes) -> dict:
    return {**copy.deepcopy(CONFIG), **changes}


def test_all_means_all_that_the_source_can_feed(root):
    assert Plan(config(), root).displays == ["F-X1", "T-X2"]
    assert Plan(config(source="statbank"), root).displays == ["F-X1"]


def test_unknown_and_impossible_displays_are_named_together(root):
    with pytest.raises(InputError) as caught:
        Plan(config(source="statbank", displays=["T-X2", "F-X2", "F-X1"]), root)
    text = str(caught.value)
    assert "'T-X2' cannot be made from source: statbank" in text
    assert "'F-X2' is no display" in text and "did you mean" in text
    assert text.startswith("2 problems")


def test_files_follow_languages_and_form(root):
    plan = Plan(config(languages=["en"]), root)
    assert plan.files("F-X1") == [f"results/figures/F-X1_en.{e}" for e in ("svg", "png", "pdf")]
    assert plan.files("T-X2") == [f"results/tables/T-X2_en.{e}" for e in ("html", "csv", "json")]
    assert plan.documents == [
        "results/tables/T-X2_en.docx",
        "results/tables/T-X2_en.tex",
        "results/report/tables_en.xlsx",
        "results/report/report_en.docx",
        "results/report/report_en.pdf",
    ]
    assert not [path for path in plan.report_files() if path.endswith(("_en.csv", ".json"))]
    assert plan.twin("T-X2") == "results/tables/T-X2.csv"


def test_what_may_be_shown_is_numbers_and_printed_files_and_nothing_private(root):
    for source in ("synthetic", "statbank"):
        plan = Plan(config(source=source), root)
        shown = [*plan.numbers, *plan.printed]
        assert len(shown) == len(set(shown)) and not any("private" in path for path in shown)
        assert {path for path in plan.targets() if "private" not in path} <= set(shown)
    assert "results/models/verdict.csv" in Plan(config(), root).models
    assert "results/models/verdict.csv" not in Plan(config(source="statbank"), root).models


def test_a_display_reads_only_the_settings_it_names(root):
    plan = Plan(config(), root)
    plan.code = lambda script, *modules: f"{script} {modules}"
    assert set(plan.batch_params(["T-X2"])["settings"]) == {"source", "disclosure"}
    params = plan.batch_params(plan.displays)
    assert set(params["settings"]) == {"source", "disclosure", "study"}
    assert params["codes"]["F-X1"] == "draw_displays ('displays/f_x1.py',)"
    assert params["needs"] == {"F-X1": ["panel", "published"], "T-X2": ["leavers"]}


def test_displays_get_of_definitions_what_they_print_so_that_a_rule_of_counting_redoes_none_by_itself():
    root = Path(__file__).parents[2]
    settings = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    before = Plan(settings, root).batch_params(["F-F8"])
    assert set(before["settings"]["definitions"]["hours_20"]) == {"label", "moment"}
    settings["definitions"]["hours_20"]["min_hours"] = 21
    assert Plan(settings, root).batch_params(["F-F8"]) == before
    settings["definitions"]["hours_20"]["label"] = {"nb": "x", "en": "x"}
    assert Plan(settings, root).batch_params(["F-F8"]) != before


def test_snakemakes_report_shows_one_file_a_display_and_language():
    project = Path(__file__).parents[2]
    plan = Plan(copy.deepcopy(CONFIG), project)
    shown = plan.batch_shown(plan.displays)
    assert len(shown) == 2 * len(plan.displays) > 80
    assert shown["F_C4_nb"]["path"] == "results/figures/F-C4_nb.svg"
    assert shown["T_F4_en"]["path"] == "results/tables/T-F4_en.html"
    assert all(name.isidentifier() and all(one["labels"].values()) for name, one in shown.items())
    rest = plan.batch_hidden(plan.displays)
    assert sorted([*rest, *(one["path"] for one in shown.values())]) == sorted(plan.batch_files(plan.displays))


def test_a_batch_has_each_input_once_and_a_stamp_a_display(root):
    plan = Plan(config(languages=["en"]), root)
    assert plan.batches == {"chapter_x": ["F-X1", "T-X2"]}
    assert list(plan.batch_inputs(plan.displays)) == ["panel", "published", "leavers"]
    files = plan.batch_files(plan.displays)
    assert len(files) == len(set(files)) == 4 + 1 + 4 + 1
    assert "results/private/displays/T-X2.json" in files
    assert plan.batch_files(["{display}"], "table")[0] == "results/tables/{display}.csv"


def test_own_extracts_are_inputs_file_by_file(root):
    raw = root / "raw" / "years"
    raw.mkdir(parents=True)
    (raw / "b.csv").write_text("x")
    (root / "raw" / "a.csv").write_text("x")
    plan = Plan(config(source="extracts", extracts={"directory": str(root / "raw")}), root)
    assert plan.extract_files() == [str(root / "raw" / "a.csv"), str(raw / "b.csv")]


def test_one_statbank_path_or_several(root):
    assert Plan(config(statbank={"path": "a.csv"}), root).statbank_files() == ["a.csv"]
    assert Plan(config(statbank={"path": ["a.csv", "b.csv"]}), root).statbank_files() == ["a.csv", "b.csv"]


def test_a_fetch_asks_municipalities_for_groups_and_counties_for_every_status(root):
    plan = Plan(config(source="statbank"), root)
    towns, counties = plan.statbank_folders.values()
    assert towns["Arbeidsmarkedsstatus"] == ["00", "1", "2", "3"] and counties["Arbeidsmarkedsstatus"] == ["*"]
    assert towns["Region"] == ["[0-9][0-9][0-9][0-9]"] and counties["Region"] == ["0", "[0-9][0-9]"]
    assert plan.statbank_files() == ["data/raw/statbank/10824.json", "data/raw/statbank/10824-counties.json"]


def test_displays_of_detailed_statuses_are_left_out_where_the_files_have_none(root, monkeypatch):
    monkeypatch.chdir(root)
    registry = (root / "workflow/displays.yaml").read_text().replace("settings: [study]", "settings: [], details: true")
    (root / "workflow/displays.yaml").write_text(registry, encoding="utf-8")

    def plan(content: str) -> Plan:
        (root / "a.json").write_text(content, encoding="utf-8")
        return Plan(config(source="statbank", statbank={**CONFIG["statbank"], "path": "a.json"}), root)

    status = '{"id": ["Arbeidsmarkedsstatus"], "dimension": {"Arbeidsmarkedsstatus": {"category": {"index": [%s]}}}}'
    assert plan(status % '"00", "1", "11", "15"').displays == ["F-X1"]
    for content in (status % '"00", "1"', "kommune_nr;x", ""):
        poor = plan(content)
        assert poor.displays == [] and poor.without_details() == ["F-X1"] and "F-X1" not in poor.left_out()
    assert Plan(config(source="statbank"), root).displays == ["F-X1"], "what is fetched has all statuses"
    assert Plan(config(), root).without_details() == []


def test_overlays_and_corrections_are_for_own_files_only(root, monkeypatch):
    monkeypatch.chdir(root)
    block = {"directory": "raw", "overlays": ["ssb_loan"], "corrections": "corrections.yaml"}
    own = Plan(config(source="extracts", extracts=block), root)
    assert own.overlays == ["ssb_loan"] and own.corrections == []
    (root / "corrections.yaml").write_text("[]")
    assert own.corrections == ["corrections.yaml"]
    synthetic = Plan(config(extracts=block), root)
    assert synthetic.overlays == [] and synthetic.corrections == []
