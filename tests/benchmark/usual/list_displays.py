"""What each display of the whole run is made from, once and untimed: ``python list_displays.py <folder>``.

Writes ``usual/displays.json``: by id, the entry of the registry, settings, input files and the files to write.
"""

import json
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from introprog.displays.batch import recipes  # noqa: E402
from introprog.plan import Plan  # noqa: E402


def merged(base: dict, over: dict) -> dict:
    """A config with another laid over it, block by block."""
    return base | {k: merged(base[k], v) if isinstance(v, dict) and k in base else v for k, v in over.items()}


def absolute(path: str) -> str:
    """What ships with the project by its whole path: the plan names it from the folder that it was made in."""
    return path if path.startswith("results/") else str(Path(path).resolve())


def main(folder: Path) -> None:
    """Write the list, and make the folders that the files go to."""
    base = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    study = yaml.safe_load((folder / "run" / "study.yaml").read_text(encoding="utf-8"))
    plan = Plan(merged(base, study), ROOT)
    found = {}
    for one in recipes(plan.batch_params(plan.displays), plan.batch_inputs(plan.displays)):
        numbers = plan.twin(one.id, one.entry["form"])
        found[one.id] = {
            "entry": one.entry,
            "settings": one.settings,
            "languages": list(one.languages),
            "inputs": {name: absolute(path) for name, path in one.inputs.items()},
            "numbers": numbers,
            "files": plan.files(one.id),
        }
        (folder / "usual" / numbers).parent.mkdir(parents=True, exist_ok=True)
    (folder / "usual" / "displays.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
