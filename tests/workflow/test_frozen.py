"""A study of one's own: what is frozen is what a review expects, and a changed choice is named with what differs."""

import pandas as pd
import pytest
from conftest import SMALL, snakemake

DISPLAY = "F-B2-published"


def call(folder, target, more=""):
    """The target in ``folder``, with one display of published figures: nothing is simulated."""
    (folder / "own.yaml").write_text(f"{SMALL}displays: [{DISPLAY}]\n{more}", encoding="utf-8")
    return snakemake(folder, "--configfile", "own.yaml", "--cores", "1", "--", target)


@pytest.mark.heavy
def test_freeze_then_review_is_clean_and_a_changed_choice_is_named(tmp_path):
    frozen = call(tmp_path, "freeze")
    assert frozen.returncode == 0, frozen.stdout[-3000:]
    assert (tmp_path / "data" / "expectation" / "expectation.json").is_file()
    clean = call(tmp_path, "review")
    assert clean.returncode == 0 and "every display and model is as expected" in clean.stdout
    assert pd.read_csv(tmp_path / "results" / "review" / "differences.csv").empty
    changed = call(tmp_path, "review", "study: {target_share: 0.65}\n")
    assert changed.returncode != 0
    assert "config study: target_share: expected 0.7, this run 0.65" in changed.stdout
    differences = pd.read_csv(tmp_path / "results" / "review" / "differences.csv")
    assert set(differences["id"]) == {DISPLAY}
    page = (tmp_path / "results" / "review" / "index.html").read_text(encoding="utf-8")
    assert f'href="#{DISPLAY}"' in page and "target_share" in page
    # frozen anew, the changed study is what is expected
    assert call(tmp_path, "freeze", "study: {target_share: 0.65}\n").returncode == 0
    assert call(tmp_path, "review", "study: {target_share: 0.65}\n").returncode == 0
