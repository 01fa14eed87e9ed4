"""Rows of a StatBank file that are displaced between horizons: found, withdrawn and told, and no false alarm."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.displaced_rows import withdraw
from introprog.statbank import read_statbank

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "real" / "intro_status_arbutd-kommune-2011_2013.csv"


def cells(seed, towns=120, shift=0, at="1100", later=3):
    """Two statuses of made-up municipalities over five years; rows from ``at`` on displaced by ``shift``."""
    rng = np.random.default_rng(seed)
    regions = np.array([f"{100 + 20 * i:04d}" for i in range(towns)])
    rows = []
    for cohort in range(2007, 2013):
        size = rng.lognormal(2.6, 0.9, towns).round() + 1
        for horizon in range(1, 6):
            size = size - rng.binomial(size.astype(int), 0.02)
            n = size.copy()
            if horizon >= later and shift:
                moved = regions >= at
                n[moved] = np.r_[rng.integers(0, 5, shift), n[moved][:-shift]]
            rows.append(
                pd.DataFrame({"region": regions, "n": n, "horizon": horizon, "year": cohort + horizon, "status": "00"})
            )
    frame = pd.concat(rows, ignore_index=True)
    frame = pd.concat([frame, frame.assign(status="1", n=(0.6 * frame["n"]).round())], ignore_index=True)
    return frame.assign(sex="both", geography="programme", suppressed=False).astype({"n": "Int64"})


@pytest.mark.parametrize("shift", [1, 2])
def test_displaced_rows_are_withdrawn_from_the_horizon_and_the_place_on(shift):
    notes = []
    made = cells(1, shift=shift)
    result = withdraw(made, "file.csv", notes)
    hidden = result[result["suppressed"]]
    assert hidden["n"].isna().all() and (hidden["horizon"] >= 3).all() and (hidden["region"] >= "1060").all()
    after = result[(result["region"] >= "1100") & (result["horizon"] >= 3)]
    assert after["suppressed"].all() and set(after["status"]) == {"00", "1"}
    kept = result[~result["suppressed"]]
    pd.testing.assert_frame_equal(kept, made.loc[kept.index])
    assert len(notes) == 1 and notes[0].rule == "T9" and notes[0].count == len(hidden)


@pytest.mark.parametrize("seed", range(5))
def test_a_sound_table_is_left_as_it_is(seed):
    notes = []
    made = cells(seed)
    pd.testing.assert_frame_equal(withdraw(made, "file.csv", notes), made)
    assert not notes


def test_a_few_municipalities_that_lose_their_leavers_are_no_displacement():
    notes = []
    made = cells(3)
    made.loc[(made["region"] >= "2440") & (made["horizon"] == 4), "n"] = 0
    assert withdraw(made, "file.csv", notes)["suppressed"].sum() == 0 and not notes


@pytest.mark.skipif(not REAL.is_file(), reason="the real public extracts are not beside the project")
def test_the_published_file_of_2011_2013_is_displaced_from_more_og_romsdal_on():
    notes = []
    _, panel = read_statbank(REAL, notes=notes, displaced_rows="withdraw")
    assert [note.rule for note in notes] == ["T9"] and "from 1504 on" in notes[0].what
    trondheim = panel[(panel["municipality"] == "1601") & (panel["sex"] == "both") & (panel["exit_year"] == 2009)]
    trondheim = trondheim.set_index("horizon")
    assert trondheim.loc[2, "n"] == 91 and trondheim.loc[[3, 4], "n"].isna().all()
    oslo = panel[(panel["municipality"] == "0301") & (panel["sex"] == "both") & (panel["exit_year"] == 2009)]
    assert oslo["n"].tolist() == [229, 228, 225]
    known = panel[(panel["sex"] == "both") & panel["n"].notna()].pivot(
        index=["municipality", "exit_year"], columns="horizon", values="n"
    )
    for earlier, later in ((1, 2), (2, 3), (3, 4), (4, 5)):
        pair = known[[earlier, later]].dropna().astype(float)
        pair = pair[pair.max(axis=1) >= 10]
        assert (pair.min(axis=1) >= 0.5 * pair.max(axis=1)).all()
