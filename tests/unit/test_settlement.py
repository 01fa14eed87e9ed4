"""Time from settlement: first events of hand-made persons, honest quarters, curves, suppression and the figure."""

import numpy as np
import pandas as pd
import pytest
from display_frames import settings
from introprog.displays.context import Context
from introprog.displays.making import make_numbers, module_of
from introprog.displays.registry import registry
from introprog.errors import InputError
from introprog.house_style import house_style
from introprog.settlement import CAUSES, first_events, quarters, settled_persons, settlement_table

STUDY = {"last_observed_year": 2023, "confidence": 0.95}
RULE = {"years": [2010, 2013], "last": 72, "rank_at": 36, "minimum": 20}
NOTHING = pd.DataFrame({"person_id": pd.Series(dtype=str), "first_date": pd.Series(dtype="datetime64[s]"),
                        "last_date": pd.Series(dtype="datetime64[s]")})  # fmt: skip


def dates(frame):
    for name in [c for c in frame if c.endswith("_date")]:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def event(jobs=(), courses=(), died=None, emigrated=None, settled="2012-03-20"):
    people = dates(pd.DataFrame({"person_id": ["A"], "settlement_date": [settled], "death_date": [died]}))
    programmes = dates(pd.DataFrame({"person_id": ["A"], "municipality": ["6101"], "start_date": ["2012-06-01"]}))
    left = dates(pd.DataFrame({"person_id": ["A"], "last_date": [emigrated], "end_reason": ["emigrated"]}))
    spells = [dates(pd.DataFrame(rows, columns=["first_date", "last_date"]).assign(person_id="A")) if rows else NOTHING
              for rows in (list(jobs), list(courses))]  # fmt: skip
    who = settled_persons(programmes, people, (2010, 2013))
    residence = left if emigrated else left.iloc[:0]
    month, cause = first_events(who, people, residence, *spells, 72, STUDY)
    return int(month[0]), CAUSES[cause[0]] if cause[0] >= 0 else "censored"


@pytest.mark.parametrize(
    ("life", "wanted"),
    [
        ({"jobs": [("2012-09-01", "2012-12-31")]}, (6, "work_or_education")),
        ({"jobs": [("2013-09-01", None)], "courses": [("2012-08-15", None)]}, (5, "work_or_education")),
        ({"jobs": [("2012-01-01", "2012-03-25")]}, (0, "work_or_education")),  # begun before, still there
        ({"jobs": [("2012-01-01", "2012-02-25")]}, (72, "censored")),  # over before settlement
        ({"jobs": [("2014-09-01", None)], "emigrated": "2013-01-31"}, (10, "emigrated")),
        ({"jobs": [("2013-01-10", None)], "emigrated": "2013-01-31"}, (10, "work_or_education")),
        ({"died": "2012-04-01"}, (1, "died")),
        ({"jobs": [("2020-09-01", None)]}, (72, "censored")),
        ({}, (72, "censored")),
    ],
)
def test_first_event_of_hand_made_persons(life, wanted):
    assert event(**life) == wanted


def test_censored_where_the_data_end():
    people = dates(pd.DataFrame({"person_id": ["A"], "settlement_date": ["2022-10-01"], "death_date": [None]}))
    programmes = dates(pd.DataFrame({"person_id": ["A"], "municipality": ["6101"], "start_date": ["2022-11-01"]}))
    who = settled_persons(programmes, people, (2022, 2022))
    later = dates(pd.DataFrame({"person_id": ["A"], "first_date": ["2023-12-05"], "last_date": [None]}))
    none = pd.DataFrame({"person_id": pd.Series(dtype=str), "last_date": pd.Series(dtype="datetime64[s]"),
                         "end_reason": pd.Series(dtype=str)})  # fmt: skip
    month, cause = first_events(who, people, none, later, NOTHING, 72, STUDY)
    assert (month[0], cause[0]) == (13, -1)


def world(seed=1, spread=0.0, towns=60, persons=9000):
    """Waiting times of persons in ``towns`` municipalities whose pace differs by ``spread`` on the log scale."""
    rng = np.random.default_rng(seed)
    pace = np.exp(spread * rng.standard_normal(towns))
    town = rng.integers(0, towns, persons)
    day = np.datetime64("2010-01-01") + rng.integers(0, 4 * 365, persons)
    wait = (rng.exponential(1300 / pace[town]) + 1).astype(int)
    ids = [f"P{i:05d}" for i in range(persons)]
    people = dates(pd.DataFrame({"person_id": ids, "settlement_date": day, "death_date": pd.NaT}))
    programmes = dates(pd.DataFrame({"person_id": ids, "municipality": [f"{6101 + t}" for t in town],
                                     "start_date": day + 30}))  # fmt: skip
    jobs = dates(pd.DataFrame({"person_id": ids, "first_date": day + wait, "last_date": pd.NaT}))
    gone = rng.random(persons) < 0.05
    residence = dates(pd.DataFrame({"person_id": np.array(ids)[gone], "last_date": (day + 900)[gone],
                                    "end_reason": "emigrated"}))  # fmt: skip
    return programmes, people, residence, jobs, NOTHING


def gap(table, ranking):
    return table[(table["model"] == "share") & (table["ranking"] == ranking) & (table["level"] == "gap")].iloc[0]


def test_without_differences_ranking_the_same_persons_invents_a_gap_and_the_other_half_does_not():
    honest, same = [], []
    for seed in range(5):
        table = settlement_table(*world(seed), RULE, STUDY)
        honest.append(gap(table, "other_half")["estimate"])
        same.append(gap(table, "same_persons")["estimate"])
    assert abs(np.mean(honest)) < 0.02
    assert np.mean(same) > 0.06


def test_real_differences_stay_and_the_interval_knows_them():
    table = settlement_table(*world(1, spread=0.4), RULE, STUDY)
    honest = gap(table, "other_half")
    assert honest["estimate"] > 0.15 and honest["ci_low"] > 0
    assert gap(table, "same_persons")["estimate"] > honest["estimate"]


def test_curves_are_those_of_statsmodels():
    from statsmodels.duration.survfunc import CumIncidenceRight

    made = world(2, spread=0.3)
    table = settlement_table(*made, RULE, STUDY, threshold=1)
    people = settled_persons(made[0], made[1], (2010, 2013))
    month, cause = first_events(people, made[1], made[2], made[3], made[4], 72, STUDY)
    other = CumIncidenceRight(month.astype(float), cause + 1)
    own = table[(table["level"] == "all") & (table["cause"] == "work_or_education")].set_index("month")["estimate"]
    at = [int(t) for t in other.times if t <= 72]
    assert own.loc[at].to_numpy(float) == pytest.approx(other.cinc[0][: len(at)], abs=1e-10)
    shares = table[(table["model"] == "share") & (table["ranking"] == "other_half")].set_index("level")["estimate"]
    curve = table[(table["model"] == "curve") & (table["cause"] == "work_or_education") & (table["month"] == 36)]
    assert curve.set_index("level").loc["fastest", "estimate"] == pytest.approx(shares["fastest"])


def test_quarters_of_one_half_do_not_look_at_its_own_persons():
    made = world(3, spread=0.3)
    people = settled_persons(made[0], made[1], (2010, 2013))
    reached = np.random.default_rng(0).random(len(people)) < 0.5
    before = quarters(people, reached, 20, "other_half")
    even = people["half"].to_numpy() == 0
    changed = np.where(even, ~reached, reached)
    after = quarters(people, changed, 20, "other_half")
    assert (before[even] == after[even]).all() and (before[~even] != after[~even]).any()
    ranked = people.loc[before != "", "municipality"].nunique()
    assert ranked < people["municipality"].nunique()


def test_a_small_study_has_curves_of_all_and_a_reason_for_the_rest():
    table = settlement_table(*world(4, towns=5, persons=600), RULE, STUDY)
    assert set(table.loc[table["model"] == "curve", "level"]) == {"all"}
    assert gap(table, "other_half")["method"].startswith("not estimable: fewer than 8 municipalities")


def test_months_are_shown_in_steps_of_five_persons_for_every_group():
    table = settlement_table(*world(5, spread=0.3, persons=3000), {**RULE, "minimum": 10}, STUDY)
    shown = table[(table["model"] == "curve") & ~table["suppressed"]]
    for _, own in shown.groupby(["level", "cause"]):
        steps = own["events"].astype(int).diff().dropna()
        assert ((steps == 0) | (steps >= 5)).all()
    assert table.loc[table["suppressed"], ["estimate", "events"]].isna().all(axis=None)


def test_settled_too_late_to_be_ranked_is_told():
    with pytest.raises(InputError, match="2021 cannot be followed for 36 months"):
        settlement_table(*world(6, persons=100), {**RULE, "years": [2010, 2021]}, STUDY)


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(("towns", "persons"), [(60, 6000), (5, 300)])
def test_the_figure_says_how_it_ranked_or_why_it_could_not(towns, persons, language):
    entry = registry()["F-D4"]
    chosen = settings(settlement=RULE)
    table = settlement_table(*world(7, spread=0.3, towns=towns, persons=persons), RULE, STUDY)
    numbers = make_numbers(entry, {"settlement": table}, chosen)
    with house_style():
        figure = module_of(entry).draw(numbers, Context.of("F-D4", entry, chosen, language))
    text = " ".join(t.get_text() for t in figure.findobj() if hasattr(t, "get_text")).replace("\n", " ")
    assert "nan" not in text.lower().split()
    if towns == 5:
        assert ("færre enn 8 kommuner" if language == "nb" else "fewer than 8 municipalities") in text
    else:
        assert ("prosentpoeng [" if language == "nb" else "percentage points [") in text
