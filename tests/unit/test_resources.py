"""Memory and time of the jobs: grow with the inputs, cover what was measured, and are declared for every rule."""

import re
from pathlib import Path

import pytest
import yaml
from introprog.resources import declared, megabytes

ROOT = Path(__file__).parents[2]
TABLE = yaml.safe_load((ROOT / "workflow" / "resources.yaml").read_text(encoding="utf-8"))
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
# Peak memory (MB) at national scale by size of inputs (MB), from the benchmark files of one run.
MEASURED = {
    "clean_employment": (255.6, 370),
    "clean_registers": (255.6, 666),
    "compute_outcomes": (14.2, 623),
    "build_panel": (9.1, 900),
    "adjust_case_mix": (9.1, 694),
    "compare_municipalities": (8.1, 920),
    "estimate_association": (0.67, 370),
    "trace_months": (14.2, 348),
}


@pytest.fixture
def extract(tmp_path):
    def of(megabyte: float) -> list[str]:
        path = tmp_path / "extract"
        path.mkdir(exist_ok=True)
        with open(path / "a.csv", "wb") as stream:
            stream.truncate(int(megabyte * 1e6))
        return [str(path)]

    return of


@pytest.mark.parametrize("rule", MEASURED)
def test_what_is_declared_covers_what_was_measured_and_not_three_times_as_much(rule, extract):
    size, peak = MEASURED[rule]
    asked = declared(rule, TABLE, 1)["mem_mb"](None, extract(size), 1)
    assert 1.2 * peak < asked < 3 * peak


def test_more_data_or_another_attempt_asks_for_more(extract):
    need = declared("compute_outcomes", TABLE, 1)
    small = need["mem_mb"](None, extract(10), 1)
    assert need["mem_mb"](None, extract(10), 2) == 2 * small
    assert need["mem_mb"](None, extract(100), 1) > 5 * small
    assert need["runtime"](None, extract(600), 1) > need["runtime"](None, extract(1), 1) >= 1


def test_the_simulator_goes_by_the_scale_of_the_study():
    whole, tenth = (declared("simulate_extracts", TABLE, scale)["mem_mb"](None, [], 1) for scale in (1, 0.1))
    assert 740 * 1.2 < whole < 740 * 3 and tenth < whole / 2


def test_inputs_that_are_not_there_yet_are_not_taken_for_empty(tmp_path):
    with pytest.raises(FileNotFoundError):
        megabytes([str(tmp_path / "nothing.csv")])


def test_every_rule_with_a_script_declares_what_it_uses_and_the_table_names_rules_that_exist():
    named = set()
    for path in RULES:
        for block in re.split(r"\n\s*rule ?", path.read_text(encoding="utf-8"))[1:]:
            name = block.partition(":")[0].strip()
            named.add(name)
            if "script:" in block and "benchmark:" in block:
                assert "resources:" in block and "threads:" in block, f"{path.name}: {name or 'the rules of a loop'}"
    assert set(TABLE["rules"]) <= named
