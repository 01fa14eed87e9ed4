"""Month by month: a plain person-by-person reference, the official November status, batches, and hand-made careers."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from introprog.chronogram import ALL_STATES, SHOWN, chronogram
from introprog.months import STATES, UNOBSERVED, Calendar, months_touched, state_grid, to_arrow, trace_months
from introprog.outcomes import compute_outcomes
from introprog.status import read_statuses
from introprog.tabular import read_csv, read_table, write_arrow
from outcome_frames import as_frame

ROOT = Path(__file__).resolve().parents[2]
STUDY = {"reference_day": 16, "last_observed_year": 2023}
BY = ("sex", "schooling")
MONTHS = {"last": 60, "longer_hours": 20}
FIELDS = {
    "employment": ["person_id", "first_date", "last_date", "weekly_hours"],
    "education": ["person_id", "first_date", "last_date", "level"],
    "welfare": ["person_id", "first_date", "last_date", "state"],
    "income": ["person_id", "year", "earnings", "social_assistance_months"],
    "residence": ["person_id", "first_date", "last_date", "municipality", "end_reason"],
}
BENEFIT = {
    "21": "unemployed",
    "22": "unemployed",
    "31": "health_benefit",
    "32": "health_benefit",
    "33": "health_benefit",
}


def frame(rows, names):
    table = pd.DataFrame(rows, columns=names)
    for name in ("first_date", "last_date", "end_date"):
        if name in table:
            table[name] = pd.to_datetime(table[name]).astype("datetime64[s]")
    types = {"weekly_hours": "float32", "level": "int8", "social_assistance_months": "float64", "year": "int64"}
    return table.astype({k: v for k, v in types.items() if k in table})


def tables(**registers):
    return {name: frame(registers.get(name, []), names) for name, names in FIELDS.items()}


def people(*ends):
    rows = [
        {
            "person_id": f"P{i:03d}",
            "end_date": e,
            "exit_year": e.year,
            "included": True,
            "municipality": "6101",
            "end_cause": "other",
            "sex": "men" if i % 2 else "women",
            "schooling": "higher",
        }
        for i, e in enumerate(ends)
    ]
    return frame(rows, list(rows[0]))


def trace(leavers, registers, study=STUDY, months=MONTHS):
    return trace_months(leavers, *registers.values(), study, months)


def words(table):
    return np.array([*STATES, "unobserved"])[state_grid(table)]


def one(end, **registers):
    """The 61 states of one person; spells are given without their person."""
    rows = {name: [{"person_id": "P000", **r} for r in spells] for name, spells in registers.items()}
    home = {"person_id": "P000", "first_date": date(2000, 1, 1), "municipality": "6101", "end_reason": ""}
    rows.setdefault("residence", [home])
    return words(trace(people(end), tables(**rows)))[0]


def job(first, last, hours=None):
    return {"first_date": first, "last_date": last, "weekly_hours": hours}


def plain_state(end, k, spells):
    """The rule, month by month and person by person."""
    month = end.month - 1 + k
    year, month = end.year + month // 12, month % 12 + 1
    day = date(year, month, 16)
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=6)
    if day > date(2023, 11, 30):
        return "unobserved"

    def touching(name):
        found = spells.get(name, [])
        return [s for s in found if s["first_date"] <= sunday and (s["last_date"] is None or s["last_date"] >= monday)]

    homes = spells["residence"]
    if not any(s["first_date"] <= day and (s["last_date"] is None or s["last_date"] >= day) for s in homes):
        dead = any(s["end_reason"] == "died" and s["last_date"] < day for s in homes)
        return "died" if dead else "emigrated"
    jobs = touching("employment")
    if jobs:
        return "work_longer" if sum(j["weekly_hours"] or 0 for j in jobs) >= 20 else "work_shorter"
    if touching("education"):
        return "education"
    benefits = {BENEFIT.get(s["state"]) for s in touching("welfare")}
    for state in ("unemployed", "health_benefit"):
        if state in benefits:
            return state
    assisted = [r for r in spells.get("income", []) if r["year"] == year and r["social_assistance_months"] > 0]
    return "social_assistance" if assisted else "none"


def random_world(n, seed):
    rng = np.random.default_rng(seed)

    def day(low=2008, years=15):
        return date(low, 1, 1) + timedelta(days=int(rng.integers(0, 365 * years)))

    def spell(open_ended=0.1, longest=500):
        first = day()
        last = first + timedelta(days=int(rng.integers(0, longest)))
        return {"first_date": first, "last_date": None if rng.random() < open_ended else last}

    ends, world = [day(2009, 13) for _ in range(n)], []
    for _ in range(n):
        moves = sorted(day() for _ in range(rng.integers(0, 3)))
        cuts = [date(2000, 1, 1), *moves]
        homes = [
            {
                "first_date": a,
                "last_date": b - timedelta(days=int(rng.integers(1, 200))) if b else None,
                "municipality": "6101",
                "end_reason": "emigrated" if b else "",
            }
            for a, b in zip(cuts, [*moves, None])
        ]
        homes = [h for h in homes if h["last_date"] is None or h["last_date"] >= h["first_date"]] or homes[-1:]
        if rng.random() < 0.2:
            homes[-1] |= {"last_date": homes[-1]["first_date"] + timedelta(days=2000), "end_reason": "died"}
        hours = [None, 3.5, 10.0, 12.0, 20.0, 37.5]
        world.append(
            {
                "residence": homes,
                "employment": [
                    spell(0) | {"weekly_hours": hours[rng.integers(0, 6)]} for _ in range(rng.integers(0, 6))
                ],
                "education": [spell() | {"level": 3} for _ in range(rng.integers(0, 3))],
                "welfare": [
                    spell(0) | {"state": str(rng.choice([21, 22, 31, 32, 33, 34]))} for _ in range(rng.integers(0, 5))
                ],
                "income": [
                    {"year": y, "earnings": 1.0, "social_assistance_months": int(rng.choice([0, 0, 4]))}
                    for y in range(2009, 2022)
                ],
            }
        )
    return ends, world


def stacked(world):
    rows = {n: [{"person_id": f"P{i:03d}", **s} for i, p in enumerate(world) for s in p[n]] for n in FIELDS}
    return tables(**rows)


def test_same_as_plain_reference():
    ends, world = random_world(60, 3)
    found = words(trace(people(*ends), stacked(world)))
    wanted = np.array([[plain_state(e, k, p) for k in range(61)] for e, p in zip(ends, world, strict=True)])
    assert set(wanted.ravel()) == {*STATES, "unobserved"}
    np.testing.assert_array_equal(found, wanted)


def test_a_november_is_the_november_of_the_official_status():
    ends, world = random_world(80, 4)
    registers, leavers = stacked(world), people(*ends)
    definition = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["definitions"]["ssb_november"]
    amounts = read_csv(ROOT / "data" / "codelists" / "basic_amount.csv")
    official = compute_outcomes(
        leavers, *registers.values(), {"o": definition | {"horizons": [1, 2, 3, 4]}}, STUDY, amounts, read_statuses()
    )
    official = as_frame(official)
    states = words(trace(leavers, registers))
    month = 11 - leavers["end_date"].dt.month.to_numpy()[:, None] + 12 * np.arange(1, 5)
    state = states[np.arange(len(ends))[:, None], month].ravel()
    status, reason = official["status"].astype(object).to_numpy(), official["reason"].astype(object).to_numpy()
    for codes, names in (
        (("11", "15"), ("work_longer", "work_shorter")),
        (("05",), ("education",)),
        (("21", "22"), ("unemployed",)),
        (("31", "32", "33"), ("health_benefit",)),
    ):
        np.testing.assert_array_equal(np.isin(status, codes), np.isin(state, names))
    for name, why in (("died", "died"), ("emigrated", "emigrated"), ("unobserved", "not_yet")):
        np.testing.assert_array_equal(state == name, reason == why)


def test_batches_and_row_groups_change_nothing(tmp_path):
    ends, world = random_world(50, 5)
    registers, leavers = stacked(world), people(*ends)
    whole = trace(leavers, registers)
    paths = {}
    for name in ("employment", "education", "welfare"):
        paths[name] = tmp_path / f"{name}.parquet"
        table = pa.Table.from_pandas(registers[name], preserve_index=False)
        pq.write_table(table, paths[name], row_group_size=7)
    pd.testing.assert_frame_equal(trace(leavers, registers | paths), whole)
    shuffled = {name: table.sample(frac=1, random_state=1) for name, table in registers.items()}
    pd.testing.assert_frame_equal(trace(leavers.sample(frac=1, random_state=1), shuffled), whole)
    write_arrow(to_arrow(whole), tmp_path / "states.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "states.parquet"), whole)


def test_week_decides_not_the_month():
    # the week of 16 June 2015, a Tuesday, is 15-21 June
    assert one(date(2015, 5, 31), employment=[job(date(2015, 6, 21), date(2015, 6, 21), 30)])[1] == "work_longer"
    assert one(date(2015, 5, 31), employment=[job(date(2015, 6, 22), date(2015, 7, 12), 30)])[1] == "none"
    assert one(date(2015, 5, 31), employment=[job(date(2015, 6, 1), date(2015, 6, 14), 30)])[1] == "none"


def test_hours_of_all_jobs_together_and_hours_not_stated():
    month = (date(2015, 6, 1), date(2015, 6, 30))
    end = date(2015, 5, 31)
    assert one(end, employment=[job(*month, 10), job(*month, 9.99)])[1] == "work_shorter"
    assert one(end, employment=[job(*month, 10), job(*month, 10)])[1] == "work_longer"
    assert one(end, employment=[job(*month, None)])[1] == "work_shorter"
    assert one(end, employment=[job(*month, None), job(*month, 20)])[1] == "work_longer"


def test_work_before_education_before_benefit_before_assistance():
    end, span = date(2015, 5, 31), {"first_date": date(2015, 6, 1), "last_date": date(2015, 6, 30)}
    layers = {
        "employment": [span | {"weekly_hours": 1}],
        "education": [span | {"level": 1}],
        "welfare": [span | {"state": "21"}, span | {"state": "31"}],
        "income": [{"year": 2015, "earnings": 0, "social_assistance_months": 1}],
    }
    for name, state in (("employment", "work_shorter"), ("education", "education"), ("welfare", "unemployed")):
        assert one(end, **layers)[1] == state
        layers.pop(name)
    assert one(end, **layers)[1] == "social_assistance"
    assert one(end, **layers)[8] == "none"  # January 2016: another calendar year


def test_gone_back_and_dead():
    homes = [
        {
            "first_date": date(2000, 1, 1),
            "last_date": date(2015, 8, 15),
            "municipality": "6101",
            "end_reason": "emigrated",
        },
        {
            "first_date": date(2015, 10, 16),
            "last_date": date(2016, 1, 16),
            "municipality": "6101",
            "end_reason": "died",
        },
    ]
    states = one(date(2015, 5, 31), residence=homes, employment=[job(date(2015, 1, 1), date(2020, 1, 1), 40)])
    assert list(states[2:10]) == ["work_longer", *["emigrated"] * 2, *["work_longer"] * 4, "died"]


def test_nothing_is_carried_past_the_end_of_the_data():
    states = one(date(2023, 9, 1), employment=[job(date(2023, 1, 1), date(2024, 12, 31), 40)])
    assert list(states[:3]) == ["work_longer"] * 3
    assert set(states[3:]) == {"unobserved"}


def test_only_included_leavers_and_an_empty_cohort():
    leavers = people(date(2015, 1, 1), date(2015, 1, 1))
    leavers["included"] = [False, True]
    assert trace(leavers, tables())["person_id"].tolist() == ["P001"]
    leavers["included"] = False
    assert trace(leavers, tables()).shape == (0, 62)


def test_day_that_february_lacks():
    calendar = Calendar.of(np.array([np.datetime64("2015-02-01").astype(int)]), 2, 30)
    assert calendar.day.astype("datetime64[D]").astype(str).tolist() == ["2015-02-28", "2015-03-30", "2015-04-30"]
    rows, low, high = months_touched(calendar, np.array([0]), calendar.monday[[1]], calendar.monday[[2]] - 1)
    assert (rows.tolist(), low.tolist(), high.tolist()) == ([0], [1], [1])


@pytest.fixture(scope="module")
def coded():
    rng = np.random.default_rng(8)
    n = 900
    grid = rng.choice(9, size=(n, 61), p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.08, 0.01, 0.005, 0.005]).astype(np.int8)
    grid[:30, 50:] = UNOBSERVED
    states = pd.DataFrame(grid, columns=[f"m{k}" for k in range(61)])
    states.insert(0, "person_id", [f"P{i:04d}" for i in range(n)])
    leavers = pd.DataFrame({"person_id": states["person_id"], "sex": rng.choice(["men", "women"], n)})
    leavers["schooling"] = rng.choice(["compulsory", "higher", None], n)
    return states, leavers.sample(frac=1, random_state=2)


def test_chronogram_counts_the_same_people_every_month(coded):
    states, leavers = coded
    table = chronogram(states, leavers, BY, threshold=0)
    assert not table["suppressed"].any()
    assert set(table.loc[table["group"] == "all", "n"]) == {870}
    sums = table.groupby(["group", "level", "month"]).agg(
        count=("count", "sum"), n=("n", "first"), share=("share", "sum")
    )
    assert (sums["count"] == sums["n"]).all() and np.allclose(sums["share"], 1)
    whole = table[table["group"] == "all"].set_index(["month", "state"])["count"]
    for name in ("sex", "schooling"):
        parts = table[table["group"] == name].groupby(["month", "state"], sort=False)["count"].sum()
        assert (parts.sort_index() == whole.sort_index()).all()
    gone = states.loc[30:, "m17"].isin([7, 8]).sum()
    assert whole.loc[17, "gone"] == gone


def test_chronogram_hides_what_follows_by_subtraction(coded):
    table = chronogram(*coded, BY, threshold=5)
    true = chronogram(*coded, BY, threshold=0)["count"].to_numpy()
    assert ((true >= 5) | (true == 0))[~table["suppressed"].to_numpy()].all()
    assert 0 < table["suppressed"].mean() < 0.5
    assert table.loc[table["suppressed"], ["count", "share"]].isna().all(axis=None)
    hidden = table.groupby(["group", "level", "month"])["suppressed"].sum()
    assert not (hidden == 1).any()
    for name in ("sex", "schooling"):
        lines = table[table["group"].isin(["all", name])].groupby(["month", "state"])["suppressed"].sum()
        assert not (lines == 1).any()
    assert ALL_STATES not in SHOWN
