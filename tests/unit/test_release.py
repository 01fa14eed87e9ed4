"""What leaves the private panel: no small cell, none that follows from another row or from the national sum."""

import numpy as np
import pandas as pd
import pytest
from introprog.release.panel import release_panel


def panel(rows):
    names = ["municipality", "exit_year", "horizon", "definition", "geography", "sex", "n", "successes", "suppressed"]
    frame = pd.DataFrame(rows, columns=["municipality", "sex", "n", "successes"])
    frame = frame.assign(exit_year=2015, horizon=1, definition="ssb_november", geography="programme", suppressed=False)
    return frame[names]


def hidden(result):
    return {(m, s) for m, s, h in zip(result["municipality"], result["sex"], result["suppressed"], strict=True) if h}


def test_small_n_successes_and_failures_are_hidden():
    result = release_panel(
        panel([("6101", "both", 4, 2), ("6102", "both", 50, 3), ("6103", "both", 50, 48), ("6104", "both", 50, 30)]),
        ["ssb_november"],
        5,
    )
    assert hidden(result) == {("6101", "both"), ("6102", "both"), ("6103", "both")}
    assert result.loc[result["suppressed"], ["n", "successes"]].isna().all(axis=None)


def test_a_hidden_sex_hides_the_other():
    rows = [(m, *r) for m in ("6101", "6102") for r in [("both", 40, 20), ("men", 36, 18), ("women", 4, 2)]]
    assert hidden(release_panel(panel(rows), ["ssb_november"], 5)) == {
        (m, s) for m in ("6101", "6102") for s in ("men", "women")
    }


def test_the_only_hidden_municipality_gets_company():
    rows = [("6101", "both", 4, 2), ("6102", "both", 30, 15), ("6103", "both", 20, 10)]
    assert hidden(release_panel(panel(rows), ["ssb_november"], 5)) == {("6101", "both"), ("6103", "both")}


def test_company_keeps_men_and_women_together():
    rows = []
    for code, men, women in (("6101", 4, 30), ("6102", 20, 40), ("6103", 40, 20), ("6104", 50, 50)):
        rows += [(code, "men", men, men // 2), (code, "women", women, women // 2), (code, "both", men + women, 17)]
    found = hidden(release_panel(panel(rows), ["ssb_november"], 5))
    assert {m for m, s in found if s == "men"} == {m for m, s in found if s == "women"} == {"6101", "6102", "6103"}


def test_other_definitions_do_not_leave():
    frame = panel([("6104", "both", 50, 30), ("6105", "both", 50, 30)])
    both = pd.concat([frame, frame.assign(definition="hours_4", successes=29)])
    assert set(release_panel(both, ["ssb_november"], 5)["definition"]) == {"ssb_november"}


@pytest.mark.parametrize("seed", range(5))
def test_no_small_cell_survives_in_random_panels(seed):
    rng = np.random.default_rng(seed)
    rows = []
    for code in range(6101, 6141):
        men, women = rng.poisson(8, 2)
        parts = [("men", men, rng.binomial(men, 0.7)), ("women", women, rng.binomial(women, 0.5))]
        rows += [(str(code), *p) for p in parts]
        rows.append((str(code), "both", men + women, parts[0][2] + parts[1][2]))
    shown = release_panel(panel(rows), ["ssb_november"], 5)
    shown = shown[~shown["suppressed"]]
    assert (shown["n"] >= 5).all() and (shown["successes"] >= 5).all() and (shown["n"] - shown["successes"] >= 5).all()
    sexes = shown[shown["sex"] != "both"].groupby("municipality")["sex"].nunique()
    assert (sexes == 2).all()


def test_cells_that_come_suppressed_stay_so():
    frame = panel([("6101", "both", 50, 30), ("6102", "both", None, None), ("6103", "both", None, None)])
    frame.loc[1:, "suppressed"] = True
    assert hidden(release_panel(frame, ["ssb_november"], 5)) == {("6102", "both"), ("6103", "both")}


def test_a_window_within_another_tells_the_difference():
    """Both windows hide two years, but less the inner one the outer one would tell 2014 alone."""
    years = range(2012, 2019)
    rows = pd.DataFrame({"exit_year": list(years) * 2, "municipality": ["1101"] * 7 + ["1103"] * 7})
    rows = rows.assign(
        horizon=1, definition="d", geography="programme", sex="both", n=40, successes=20, suppressed=False
    )
    rows.loc[rows["exit_year"].isin([2014, 2017]), "successes"] = 2
    public = release_panel(rows, ["d"], 5, [(2012, 2018), (2015, 2017)])
    closed = public[public["suppressed"] & (public["municipality"] == "1101")]["exit_year"]
    assert closed.isin([2015, 2016, 2017]).sum() >= 2 and (~closed.isin([2015, 2016, 2017])).sum() >= 2
