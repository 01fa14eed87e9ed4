"""The plan's list of simulated files is what the simulator writes, and a missing one is missed."""

from pathlib import Path

import pytest
import yaml
from introprog.simulate.extracts import simulate_extracts
from introprog.simulated_files import FILES, forget_if_changed, list_files, unlisted

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("person_keys", [False, True])
def test_the_simulator_writes_the_listed_files_and_no_other(tmp_path, person_keys):
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    simulate_extracts(tmp_path, {**config["synthetic"], "scale": 0.01, "person_keys": person_keys}, config["study"])
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert written == FILES


@pytest.mark.parametrize("change", ["none", "removed", "changed", "older version"])
def test_the_list_goes_when_a_file_is_not_as_it_was_written(tmp_path, change):
    folder, listed = tmp_path / "synthetic", tmp_path / "simulated_files.txt"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a;b\n1;2\n")
    assert not forget_if_changed(folder, listed), "nothing to forget before the first run"
    assert unlisted(folder, listed) == [str(listed)], "a simulation that was cut short is asked for anew"
    list_files(folder, listed)
    if change == "removed":
        (folder / "bosted.csv").unlink()
    if change == "changed":
        (folder / "bosted.csv").write_text("a;b\n")
    if change == "older version":
        listed.write_text(listed.read_text().split("\n", 1)[1])
    assert forget_if_changed(folder, listed) is (change != "none")
    assert listed.exists() is (change == "none")
    assert unlisted(folder, listed) == ([] if change == "none" else [str(listed)])
    assert unlisted(tmp_path / "nowhere", listed) == [], "a study without its simulated files may stay as it is"
