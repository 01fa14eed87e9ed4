"""A whole small run with counts rounded instead of hidden: it comes to its end, and no exact count of few is shown."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import ROOT, SMALL, snakemake

pytestmark = pytest.mark.heavy
BASE = 5


@pytest.fixture(scope="module")
def rounded(tmp_path_factory) -> Path:
    """A folder with a finished run."""
    folder = tmp_path_factory.mktemp("rounded")
    (folder / "own.yaml").write_text(f"{SMALL}disclosure: {{method: round}}\n", encoding="utf-8")
    run = snakemake(folder, "--cores", "2", "--configfile", "own.yaml")
    assert run.returncode == 0, run.stdout[-5000:]
    return folder


def twin(folder: Path, output: str) -> pd.DataFrame:
    (path,) = [p for p in (folder / "results").glob(f"[ft]*/{output}.csv")]
    return pd.read_csv(path)


def test_every_count_that_is_to_be_rounded_is_a_multiple_of_the_base(rounded):
    registry = yaml.safe_load((ROOT / "workflow/release.yaml").read_text(encoding="utf-8"))["outputs"]
    made = {p.stem for p in (rounded / "results").glob("[ft]*/*.csv")}
    seen = 0
    for output in sorted(made & {name for name, entry in registry.items() if "round" in entry}):
        table = twin(rounded, output)
        own = table[table["data"] == "synthetic"] if "data" in table else table
        for name in registry[output]["round"]["counts"]:
            counts = own[name].dropna()
            assert (counts % BASE == 0).all(), (output, name)
            seen += len(counts)
    assert seen > 1000


def test_the_panel_is_rounded_and_its_records_say_so(rounded):
    panel = pd.read_parquet(rounded / "results/panel/municipality_panel.parquet")
    shown = pd.concat([panel["n"], panel["successes"]]).dropna()
    assert len(shown) > 1000 and (shown % BASE == 0).all()
    assert (panel["successes"].fillna(0) <= panel["n"].fillna(0)).all()
    record = yaml.safe_load((rounded / "results/release/T-B1.yaml").read_text(encoding="utf-8"))
    assert f"counts rounded to base {BASE}" in record["controls"]


def test_the_audit_describes_every_output_and_lets_nothing_through(rounded):
    audit = pd.read_csv(rounded / "results/release/audit.csv")
    assert audit["described"].all() and (audit["leaks"] == 0).all() and len(audit) > 100
