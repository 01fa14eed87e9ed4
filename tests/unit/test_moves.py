"""Programme against present municipality: hand-counted flows and totals that must agree."""

import numpy as np
import pandas as pd
import pytest
from introprog.moves import moves_table, residents_on_both_bases

# person, programme municipality, present municipality (None = gone), success
PEOPLE = [
    *[("6101", "6101", True)] * 12,
    *[("6101", "6101", False)] * 8,
    *[("6101", "6201", True)] * 9,
    *[("6101", "6201", False)] * 6,
    *[("6201", "6201", True)] * 20,
    *[("6201", "6201", False)] * 10,
    *[("6201", "6202", True)] * 6,
    *[("6201", "6202", False)] * 5,
    *[("6202", "6202", True)] * 7,
    *[("6202", "6202", False)] * 7,
    *[("6101", None, None)] * 3,
]
CENTRALITY = pd.DataFrame(
    {
        "municipality": ["6101", "6101", "6201", "6202"],
        "year": [2010, 2022, 2022, 2022],
        "centrality": pd.array([6, 5, 1, 1], dtype="Int8"),
    }
)
COMPARISON = {"minimum_leavers": 20}


def outcomes(people=PEOPLE, horizon=1):
    rows = []
    for i, (programme, present, success) in enumerate(people):
        reason = "emigrated" if present is None else "resident"
        shared = {"person_id": f"P{i:03d}", "horizon": horizon, "reason": reason, "success": success}
        rows += [{**shared, "definition": "official", "municipality": programme}]
        rows += [{**shared, "definition": "present", "municipality": present}]
    return pd.DataFrame(rows).astype({"success": "boolean"})


def table(people=PEOPLE, **more):
    return moves_table(outcomes(people), CENTRALITY, "official", "present", COMPARISON, 0.6, **more)


def at(frame, level, region, term):
    row = frame[(frame["region_level"] == level) & (frame["region"] == region) & (frame["term"] == term)]
    assert len(row) == 1
    return row["estimate"].iloc[0]


def test_country_counts_by_hand():
    found = table()
    assert at(found, "country", "0", "programme") == at(found, "country", "0", "present") == 90
    assert at(found, "country", "0", "out") == at(found, "country", "0", "in") == 26
    assert at(found, "country", "0", "share_out") == pytest.approx(26 / 90)
    assert at(found, "country", "0", "rate_stayed") == pytest.approx(39 / 64)
    assert at(found, "country", "0", "rate_out") == pytest.approx(15 / 26)
    assert at(found, "country", "0", "difference") == 0


def test_centrality_flows_by_hand_latest_class_counts():
    found = table()
    assert set(found.loc[found["region_level"] == "centrality", "region"]) == {"1", "5"}
    # 6201 and 6202 are one class: the moves between them stay inside
    assert at(found, "centrality", "1", "out") == 0
    assert at(found, "centrality", "1", "in") == at(found, "centrality", "5", "out") == 15
    assert at(found, "centrality", "5", "rate_programme") == pytest.approx(21 / 35)
    assert at(found, "centrality", "5", "rate_present") == pytest.approx(12 / 20)
    assert at(found, "centrality", "1", "rate_present") == pytest.approx(42 / 70)


def test_municipal_summary_by_hand():
    found = table()
    # 6101: 21/35 against 12/20; 6201: 26/41 against 29/45; 6202 has 14 on the programme basis: too few
    assert at(found, "municipality", "all", "municipalities") == 2
    assert at(found, "municipality", "all", "median_difference") == pytest.approx(abs(29 / 45 - 26 / 41) / 2)
    assert at(found, "municipality", "all", "other_side_of_target") == 0
    other = moves_table(outcomes(), CENTRALITY, "official", "present", COMPARISON, 0.64)
    assert at(other, "municipality", "all", "other_side_of_target") == 1


def test_small_counts_are_hidden():
    people = [p for i, p in enumerate(PEOPLE) if not (p[:2] == ("6201", "6202") and i % 3)]
    found = table(people, threshold=10)
    assert found.loc[found["suppressed"], ["estimate", "ci_low", "n"]].isna().all(axis=None)
    assert found.loc[found["region_level"] == "centrality", "suppressed"].any()


def test_order_of_rows_and_categories_change_nothing():
    rows = outcomes().astype({"municipality": "category", "reason": "category", "definition": "category"})
    other = moves_table(rows.sample(frac=1, random_state=3), CENTRALITY, "official", "present", COMPARISON, 0.6)
    pd.testing.assert_frame_equal(other, table())


def test_several_horizons_are_kept_apart():
    both = residents_on_both_bases(pd.concat([outcomes(), outcomes(horizon=5)]), "official", "present")
    assert both.groupby("horizon").size().to_dict() == {1: 90, 5: 90}


def test_totals_on_both_bases_agree_in_random_data():
    rng = np.random.default_rng(0)
    homes = ["6101", "6201", "6202"]
    people = [(rng.choice(homes), rng.choice(homes), bool(rng.random() < 0.6)) for _ in range(800)]
    found = table(people)
    classes = found[found["region_level"] == "centrality"].pivot(index="region", columns="term", values="estimate")
    assert classes["programme"].sum() == classes["present"].sum() == 800
    assert classes["out"].sum() == classes["in"].sum()
    assert ((classes["programme"] - classes["out"] + classes["in"]) == classes["present"]).all()
