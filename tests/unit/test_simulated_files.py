"""The plan's list of simulated files is what the simulator writes, and a missing one is missed."""

from pathlib import Path

import pytest
import yaml
from introprog.simulate.extracts import simulate_extracts
from introprog.simulated_files import FILES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("person_keys", [False, True])
def test_the_simulator_writes_the_listed_files_and_no_other(tmp_path, person_keys):
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    simulate_extracts(tmp_path, {**config["synthetic"], "scale": 0.01, "person_keys": person_keys}, config["study"])
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert written == FILES
