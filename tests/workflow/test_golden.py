"""The numbers of the small run are those that were looked at and committed; tolerance for other numpy builds only."""

import os
import shutil

import pandas as pd
import pytest
from conftest import ROOT

pytestmark = pytest.mark.heavy
GOLDEN = ROOT / "tests" / "golden" / "small"
KINDS = ("figures", "tables", "models")


def twins(folder):
    return sorted(str(p.relative_to(folder)) for kind in KINDS for p in (folder / kind).glob("*.csv"))


def test_the_committed_numbers_come_out(project):
    """With UPDATE_GOLDEN=1 the committed numbers are replaced instead; look at the difference before you commit it."""
    results = project / "results"
    if os.environ.get("UPDATE_GOLDEN"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for name in twins(results):
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(results / name, GOLDEN / name)
    assert twins(results) == twins(GOLDEN)
    assert len(twins(GOLDEN)) > 20
    for name in twins(GOLDEN):
        expected, own = (pd.read_csv(folder / name, dtype=str, keep_default_na=False) for folder in (GOLDEN, results))
        assert list(own.columns) == list(expected.columns), name
        assert len(own) == len(expected), name
        for column in expected:
            pair = pd.DataFrame({"own": own[column], "expected": expected[column]})
            numbers = pair.apply(pd.to_numeric, errors="coerce")
            text = numbers.isna().any(axis=1)
            assert (pair[text]["own"] == pair[text]["expected"]).all(), f"{name}: {column}"
            off = (numbers["own"] - numbers["expected"]).abs() > 1e-9 + 1e-6 * numbers["expected"].abs()
            assert not off[~text].any(), f"{name}: {column}"
