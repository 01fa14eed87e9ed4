"""Answers beside results: which leavers count, who is left out, and that nothing goes missing in silence."""

import numpy as np
import pandas as pd
import pytest
from introprog import link
from survey_frames import WAVES, panel

LIMITS = link.Thresholds(answers=15, leavers=5)


def rows(*entries):
    names = ["municipality", "exit_year", "n", "successes"]
    frame = pd.DataFrame(entries, columns=names).assign(
        horizon=1, definition="ssb_november", geography="programme", sex="both"
    )
    frame["n"] = frame["n"].astype("Int64")
    frame["successes"] = frame["successes"].astype("Int64")
    return frame.assign(suppressed=frame["n"].isna())


def scores(**towns):
    parts = [
        pd.DataFrame({"wave": "ks_2015", "municipality": m, "satisfaction": v, "weight": 1.0}) for m, v in towns.items()
    ]
    return pd.concat(parts, ignore_index=True)


def one_wave(frame, answers, horizons=(1,), alignment="concurrent", wave=None):
    wave = {"ks_2015": wave or {"year": 2015, "concurrent": [0, 1], "published": [-3, -1]}}
    columns = {"ks_2015": ["satisfaction"]}
    geography = {"ssb_november": "programme"}
    return link.link_surveys(answers, frame, wave, alignment, columns, geography, horizons, LIMITS)


def test_means_are_weighted_and_error_is_that_of_the_pooled_spread():
    frame = scores(a=[10.0, 20, 30], b=[50.0, 70], c=[40.0]).assign(weight=[1, 1, 2, 1, 3, 1.0])
    means = link.survey_means(frame, "satisfaction").set_index("municipality")
    np.testing.assert_allclose(means["s_mean"], [22.5, 65, 40])
    within = np.sqrt((200 + 200) / 3)
    np.testing.assert_allclose(means["s_se"], within * np.sqrt([6 / 16, 10 / 16, 1]))
    assert means["s_n"].tolist() == [3, 2, 1]


def test_one_answer_each_has_no_known_error():
    assert link.survey_means(scores(a=[1.0], b=[2.0]), "satisfaction")["s_se"].isna().all()


def test_only_the_years_of_the_alignment_count():
    frame = rows(("a", 2014, 100, 0), ("a", 2015, 10, 6), ("a", 2016, 10, 8), ("a", 2018, 100, 0))
    found, span = link.aligned_results(frame, range(2015, 2018))
    assert found[["y_n", "y_successes"]].values.tolist() == [[20, 14]]
    assert span[["first_exit_year", "last_exit_year"]].values.tolist() == [[2015, 2016]]


def test_unobserved_years_are_left_out_for_all_and_shown():
    counts = panel(np.random.default_rng(0), np.zeros(3), 20, last=2023)
    _, span = link.aligned_results(counts, range(2020, 2023))
    assert span[["horizon", "first_exit_year", "last_exit_year"]].values.tolist() == [[1, 2020, 2022], [2, 2020, 2021]]
    answers = scores(**{"1001": [1.0, 2]})
    joined, tally = one_wave(rows(("1001", 2010, 9, 1)), answers)
    assert joined["status"].tolist() == ["no_result"]
    assert tally["first_exit_year"].isna().all()


def test_every_municipality_with_answers_has_a_status():
    frame = rows(
        ("a", 2015, 30, 20), ("b", 2015, 3, 1), ("c", 2015, None, None), ("e", 2015, 40, 20), ("f", 2015, 2, 0)
    )
    joined, tally = one_wave(frame, scores(a=[1.0] * 20, b=[2.0, 3], c=[4.0], d=[5.0]))
    assert joined.set_index("municipality")["status"].to_dict() == {
        "a": "linked",
        "b": "few_leavers",
        "c": "suppressed",
        "d": "no_result",
    }
    assert joined["shown"].tolist() == [True, False, False, False]
    assert tally.loc[0, ["survey_only", "results_only", "first_exit_year", "last_exit_year"]].tolist() == [
        3,
        1,
        2015,
        2015,
    ]
    assert joined.loc[joined["municipality"].isin(["c", "d"]), ["y_n", "y_rate"]].isna().all(axis=None)


def test_one_suppressed_year_hides_the_sum():
    frame = rows(("a", 2015, 30, 20), ("a", 2016, None, None), ("b", 2016, 9, 9))
    assert one_wave(frame, scores(a=[1.0, 2]))[0]["status"].tolist() == ["suppressed"]


def test_women_and_other_geographies_are_not_counted_in():
    frame = rows(("a", 2015, 30, 20))
    others = [
        frame.assign(sex="women", n=7),
        frame.assign(geography="present", n=9),
        frame.assign(definition="x", n=11),
    ]
    joined, _ = one_wave(pd.concat([frame, *others]), scores(a=[1.0, 2]))
    assert joined["y_n"].tolist() == [30]


def test_score_nobody_has_keeps_its_row_of_counts():
    answers = scores(a=[1.0, 2]).assign(satisfaction=np.nan)
    joined, tally = one_wave(rows(("a", 2015, 30, 20)), answers)
    assert joined.empty
    assert tally[["survey_only", "results_only"]].values.tolist() == [[0, 1]]


@pytest.mark.parametrize(("alignment", "years"), [("concurrent", (2015, 2017)), ("published", (2012, 2014))])
def test_alignment_is_a_choice(alignment, years):
    counts = panel(np.random.default_rng(0), np.zeros(2), 20)
    answers = scores(**{"1001": [1.0, 2], "1002": [3.0, 4]})
    table, found = one_wave(counts, answers, [1, 2], alignment, WAVES["ks_2015"])
    assert len(table) == 4
    assert set(zip(found["first_exit_year"], found["last_exit_year"], strict=True)) == {years}
    expected = counts[counts["exit_year"].between(*years) & (counts["horizon"] == 1)].groupby("municipality")["n"].sum()
    assert table[table["horizon"] == 1]["y_n"].tolist() == expected.tolist()
