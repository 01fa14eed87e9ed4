"""First stable job: events against a plain rule, curves against statsmodels and the exact binomial, suppression."""

import numpy as np
import pandas as pd
import pytest
from introprog.errors import InputError
from introprog.incidence import CAUSES, cumulative_incidence, first_events, incidence_table, limits
from introprog.months import DIED, EMIGRATED, NONE, UNOBSERVED, WORK_LONGER, WORK_SHORTER

RULE = {"months": 9, "window": 12, "longer_only": False}


def career(text, last=60):
    """L longer, S shorter work, . none, E emigrated, D died, ? unobserved; the last letter goes on."""
    codes = {"L": WORK_LONGER, "S": WORK_SHORTER, ".": NONE, "E": EMIGRATED, "D": DIED, "?": UNOBSERVED}
    return np.array([[codes[c] for c in text.ljust(last + 1, text[-1])]], dtype=np.int8)


def first(text, **change):
    month, cause = first_events(career(text), RULE | change)
    return int(month[0]), CAUSES[cause[0]] if cause[0] >= 0 else "censored"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("L", (9, "stable_job")),  # the month of leaving does not count
        (".SSSSSSSS" + ".", (60, "censored")),  # eight months are not nine
        (".SSSS...SSSSS.", (12, "stable_job")),  # nine of the latest twelve
        (".SSSS....SSSSS.", (60, "censored")),  # nine, but over thirteen months
        (".LLLLE", (5, "emigrated")),
        (".LLLLLLLLLE", (9, "stable_job")),
        ("...D", (3, "died")),
        ("..EEL", (2, "emigrated")),  # who comes back had left first
        ("LLLL?", (3, "censored")),
        ("?", (0, "censored")),
    ],
)
def test_first_event_of_hand_made_careers(text, wanted):
    assert first(text) == wanted


def test_only_longer_work():
    assert first("SSSSLLLLLLLLL.", longer_only=True) == (12, "stable_job")
    assert first("S", longer_only=True) == (60, "censored")


def test_the_rule_looks_at_no_later_month():
    rng = np.random.default_rng(1)
    grid = rng.choice([0, 0, 0, 1, 6], size=(400, 61)).astype(np.int8)
    month, cause = first_events(grid, RULE)
    for person in np.flatnonzero(cause == 0)[:100]:
        work = np.isin(grid[person], [0, 1])
        work[0] = False
        met = [t for t in range(61) if work[t] and work[max(t - 11, 0) : t + 1].sum() >= 9]
        assert month[person] == met[0]
        changed = grid.copy()
        changed[:, month[person] + 1 :] = NONE
        assert first_events(changed, RULE)[0][person] == month[person]


def test_curves_and_errors_are_those_of_statsmodels():
    from statsmodels.duration.survfunc import CumIncidenceRight

    rng = np.random.default_rng(0)
    month, cause = rng.integers(0, 30, 500), rng.choice([-1, 0, 1, 2], 500, p=[0.3, 0.5, 0.15, 0.05])
    own = cumulative_incidence(month, cause, 29)
    other = CumIncidenceRight(month.astype(float), cause + 1)
    at = other.times.astype(int)
    for k in range(3):
        np.testing.assert_allclose(own.incidence[k][at], other.cinc[k], atol=1e-13)
        # the last month empties the risk set, where statsmodels divides nothing by nothing
        np.testing.assert_allclose(np.sqrt(own.variance[k][at])[:-1], other.cinc_se[k][:-1], atol=1e-13)


def test_without_censoring_the_curve_is_a_share_with_binomial_variance():
    rng = np.random.default_rng(2)
    month, cause = rng.integers(0, 60, 700), rng.choice([0, 1, 2], 700, p=[0.6, 0.3, 0.1])
    curve = cumulative_incidence(month, cause, 60)
    for k in range(3):
        share = np.array([((month <= t) & (cause == k)).mean() for t in range(61)])
        np.testing.assert_allclose(curve.incidence[k], share, atol=1e-12)
        np.testing.assert_allclose(curve.variance[k], share * (1 - share) / 700, atol=1e-12)


def test_causes_never_sum_past_one_and_censoring_the_rivals_says_too_much():
    rng = np.random.default_rng(3)
    month, cause = rng.integers(1, 61, 2000), rng.choice([-1, 0, 1, 2], 2000, p=[0.2, 0.5, 0.2, 0.1])
    curve = cumulative_incidence(month, cause, 60)
    assert (curve.incidence.sum(axis=0) <= 1 + 1e-12).all()
    assert (np.diff(curve.incidence, axis=1) >= 0).all()
    naive = cumulative_incidence(month, np.where(cause == 0, 0, -1), 60)
    assert naive.incidence[0, 59] > curve.incidence[0, 59] + 0.05


def test_limits_lie_inside_zero_and_one_and_cover():
    rng = np.random.default_rng(4)
    hit, n, p = 0, 60, 0.15
    for _ in range(400):
        cause = np.where(rng.random(n) < p, 0, -1)
        curve = cumulative_incidence(np.where(cause == 0, 5, 10), cause, 10)
        low, high = limits(curve.incidence[0], curve.variance[0], 0.95)
        assert 0 <= low[-1] <= high[-1] <= 1
        hit += low[-1] <= p <= high[-1]
    assert hit / 400 > 0.92
    assert [float(x[0]) for x in limits(np.array([0.0]), np.array([0.0]), 0.95)] == [0.0, 0.0]


def _cohort(n, seed):
    rng = np.random.default_rng(seed)
    grid = rng.choice([0, 1, 6], size=(n, 61), p=[0.4, 0.3, 0.3]).astype(np.int8)
    for code, share in ((EMIGRATED, 0.05), (DIED, 0.01)):
        for person in np.flatnonzero(rng.random(n) < share):
            grid[person, rng.integers(1, 60) :] = code
    states = pd.DataFrame(grid, columns=[f"m{k}" for k in range(61)])
    states.insert(0, "person_id", [f"P{i:05d}" for i in range(n)])
    leavers = pd.DataFrame(
        {"person_id": states["person_id"], "sex": rng.choice(["men", "women"], n), "schooling": "higher"}
    )
    return states, leavers


def test_table_steps_hold_at_least_the_threshold():
    table = incidence_table(*_cohort(1500, 5), RULE, threshold=5)
    assert (table.loc[table["suppressed"], ["estimate", "events", "at_risk"]].isna()).all(axis=None)
    shown = table[~table["suppressed"]]
    assert (shown.groupby(["group", "level", "cause"])["month"].first() == 0).all()
    steps = shown.groupby(["group", "level", "cause"])["events"].diff().dropna()
    assert ((steps == 0) | (steps >= 5)).all()
    # within a grouping the same months are shown for every level, so that subtraction gives nothing new
    months = shown[shown["group"] == "sex"].groupby(["cause", "level"])["month"].agg(tuple).unstack()
    assert (months["men"] == months["women"]).all()
    everybody = incidence_table(*_cohort(1500, 5), RULE, threshold=0)
    assert not everybody["suppressed"].any()
    job = everybody[(everybody["cause"] == "stable_job") & (everybody["month"] == 60)].set_index("level")
    assert job.loc["men", "events"] + job.loc["women", "events"] == job.loc["all", "events"]


def test_table_is_the_same_whatever_the_order_of_leavers():
    states, leavers = _cohort(300, 6)
    other = incidence_table(states, leavers.sample(frac=1, random_state=1), RULE)
    pd.testing.assert_frame_equal(incidence_table(states, leavers, RULE), other)


@pytest.mark.parametrize("change", [{"months": 13}, {"window": 70}])
def test_a_rule_that_nobody_can_meet_is_an_input_error(change):
    with pytest.raises(InputError, match="stable_job"):
        incidence_table(*_cohort(20, 7), RULE | change)
