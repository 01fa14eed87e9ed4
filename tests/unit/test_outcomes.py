"""Outcomes: hand-computed persons, a plain person-by-person reference, batches, and the published tables."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from introprog.errors import InputError
from introprog.outcomes import compute_outcomes
from introprog.status import read_statuses
from introprog.tabular import read_csv, read_table, write_arrow
from outcome_frames import as_frame
from plain_outcomes import outcome

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
DEFINITIONS = CONFIG["definitions"]
STUDY = {"reference_day": 16, "last_observed_year": 2023}
AMOUNTS = read_csv(ROOT / "data" / "codelists" / "basic_amount.csv")
COLUMNS = {
    "employment": ["person_id", "first_date", "last_date", "weekly_hours"],
    "education": ["person_id", "first_date", "last_date", "level"],
    "welfare": ["person_id", "first_date", "last_date", "state"],
    "income": ["person_id", "year", "earnings", "social_assistance_months"],
    "residence": ["person_id", "first_date", "last_date", "municipality", "end_reason"],
}
HOME = {"first_date": date(2000, 1, 1), "last_date": None, "municipality": "0301", "end_reason": ""}


def leaver(end, **more):
    return {
        "person_id": "A", "end_date": end, "exit_year": end.year, "municipality": "0301", "end_cause": "other",
        "sex": "women", "included": True,
    } | more  # fmt: skip


def frame(rows, columns):
    table = pd.DataFrame(rows, columns=columns)
    for name in ("first_date", "last_date", "end_date"):
        if name in table:
            table[name] = pd.to_datetime(table[name]).astype("datetime64[s]")
    if "weekly_hours" in table:
        table["weekly_hours"] = table["weekly_hours"].astype("float32")
    if "level" in table:
        table["level"] = table["level"].astype("int8")
    return table


def compute(leavers, definitions=DEFINITIONS, study=STUDY, **registers):
    tables = {name: frame(registers.get(name, []), columns) for name, columns in COLUMNS.items()}
    people = frame(leavers, list(leavers[0]))
    return as_frame(compute_outcomes(people, *tables.values(), definitions, study, AMOUNTS, read_statuses()))


def one(definition, horizon, end, residence=(HOME,), cause="other", **registers):
    """The row of one person; spells are given without their person."""
    rows = {n: [{"person_id": "A", **r} for r in spells] for n, spells in registers.items()}
    rows["residence"] = [{"person_id": "A", **r} for r in residence]
    table = compute([leaver(end, end_cause=cause)], **rows)
    row = table[(table["definition"] == definition) & (table["horizon"] == horizon)]
    assert len(row) == 1
    return row.iloc[0]


def job(first, last, hours=None):
    return {"first_date": first, "last_date": last, "weekly_hours": hours}


def course(first, last, level=3):
    return {"first_date": first, "last_date": last, "level": level}


def income(year, earnings=0, months=0):
    return {"year": year, "earnings": earnings, "social_assistance_months": months}


# The week of 16 November 2017, a Thursday, is 13-19 November.
@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        (date(2017, 11, 19), date(2018, 3, 1), "11"),
        (date(2017, 11, 20), date(2018, 3, 1), "08"),
        (date(2017, 1, 1), date(2017, 11, 13), "11"),
        (date(2017, 1, 1), date(2017, 11, 12), "08"),
        (date(2017, 11, 1), date(2017, 11, 30), "11"),
        (date(2017, 10, 1), date(2017, 10, 31), "08"),
    ],
)
def test_a_job_counts_when_it_touches_the_reference_week(first, last, status):
    row = one("ssb_november", 1, date(2016, 6, 30), employment=[job(first, last)])
    assert (row["status"], row["success"], row["reference_date"]) == (
        status,
        status == "11",
        pd.Timestamp(2017, 11, 16),
    )


def test_end_on_either_side_of_new_year_shifts_the_reference_by_a_year():
    work = [job(date(2017, 11, 1), date(2017, 11, 30))]
    assert one("ssb_november", 1, date(2016, 12, 31), employment=work)["success"]
    late = one("ssb_november", 1, date(2017, 1, 1), employment=work)
    assert not late["success"] and late["reference_date"] == pd.Timestamp(2018, 11, 16)


@pytest.mark.parametrize(
    ("end", "horizon", "expected"),
    [
        (date(2016, 2, 29), 12, "2017-02-28"),
        (date(2015, 8, 31), 6, "2016-02-29"),
        (date(2016, 2, 29), 48, "2020-02-29"),
        (date(2015, 12, 31), 6, "2016-06-30"),
        (date(2017, 1, 1), 12, "2018-01-01"),
    ],
)
def test_anniversaries_clip_to_the_month_end(end, horizon, expected):
    day = date.fromisoformat(expected)
    hit = one("anniversary", horizon, end, employment=[job(day, day)])
    miss = one("anniversary", horizon, end, employment=[job(day + timedelta(1), day + timedelta(30))])
    assert hit["reference_date"] == pd.Timestamp(expected) and hit["success"] and not miss["success"]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [([None], [True, False, False, False]), ([4], [True, True, False, False]), ([12, 8], [True, True, True, False]),
     ([30, None], [True, True, True, True]), ([0], [True, False, False, False]), ([3.5], [True, False, False, False])],
)  # fmt: skip
def test_hours_add_up_over_jobs_and_missing_hours_only_meet_the_official_rule(hours, expected):
    work = [job(date(2017, 11, 1), date(2017, 11, 30), h) for h in hours]
    names = ("ssb_november", "hours_4", "hours_20", "hours_30")
    assert [bool(one(name, 1, date(2016, 5, 1), employment=work)["success"]) for name in names] == expected


@pytest.mark.parametrize(
    ("level", "any_", "beyond"), [(1, True, False), (2, True, False), (3, True, True), (9, True, False)]
)
def test_education_rules(level, any_, beyond):
    school = [course(date(2017, 8, 20), None, level)]
    rows = {
        n: one(n, 1, date(2016, 5, 1), education=school) for n in ("ssb_november", "beyond_compulsory", "work_only")
    }
    assert [bool(r["success"]) for r in rows.values()] == [any_, beyond, False]
    assert rows["ssb_november"]["status"] == "05" and rows["work_only"]["status"] == "80"


def test_work_and_course_together_and_benefits_by_precedence():
    november = {"first_date": date(2017, 11, 1), "last_date": date(2017, 11, 30)}
    benefits = [{**november, "state": s} for s in ("34", "22", "31")]
    end, assisted = date(2016, 5, 1), [income(2017, 0, 5)]
    everything = {"welfare": benefits, "income": assisted, "education": [course(date(2017, 8, 1), None)]}
    assert one("ssb_november", 1, end, **everything, employment=[job(*november.values())])["status"] == "15"
    assert one("ssb_november", 1, end, **everything)["status"] == "05"
    assert one("ssb_november", 1, end, welfare=benefits, income=assisted)["status"] == "22"
    assert one("ssb_november", 1, end, welfare=benefits[::2], income=assisted)["status"] == "31"
    assert one("ssb_november", 1, end, income=assisted)["status"] == "35"
    assert one("ssb_november", 1, end, income=[income(2017, 0, 0)])["status"] == "80"
    assert one("ssb_november", 1, end, income=[income(2016, 0, 3)])["status"] == "08"


def test_self_supporting_needs_two_basic_amounts_and_no_assistance():
    limit = 2 * 93281
    end = date(2016, 5, 1)
    rows = [one("self_supporting", 1, end, income=[income(2017, earned, months)])
            for earned, months in ((limit, 0), (limit - 1, 0), (limit, 1))]  # fmt: skip
    assert [bool(r["success"]) for r in rows] == [True, False, False]
    assert [r["status"] for r in rows] == ["80", "80", "35"]


def test_stable_needs_three_novembers_and_is_not_applicable_before():
    novembers = [job(date(y, 11, 1), date(y, 11, 30)) for y in (2017, 2018, 2019, 2021)]
    found = {h: one("stable", h, date(2016, 5, 1), employment=novembers) for h in (1, 2, 3, 4, 5)}
    assert [found[h]["reason"] for h in (1, 2)] == ["not_applicable"] * 2
    assert pd.isna(found[1]["success"]) and not found[1]["in_denominator"]
    assert [bool(found[h]["success"]) for h in (3, 4, 5)] == [True, False, False]
    late = one("stable", 3, date(2021, 5, 1))
    assert late["reason"] == "not_yet" and not late["in_denominator"]
    away = [
        {**HOME, "last_date": date(2018, 6, 1), "end_reason": "emigrated"},
        {**HOME, "first_date": date(2019, 1, 1)},
    ]
    back = one("stable", 3, date(2016, 5, 1), residence=away, employment=novembers)
    assert back["in_denominator"] and not back["success"]


def test_the_gone_leave_the_official_denominator_but_not_the_other():
    spells = [
        {**HOME, "last_date": date(2017, 11, 15), "end_reason": "emigrated"},
        {
            **HOME,
            "first_date": date(2018, 11, 16),
            "last_date": date(2019, 3, 1),
            "municipality": "4601",
            "end_reason": "died",
        },
    ]
    end = date(2016, 5, 1)
    official = [one("ssb_november", h, end, residence=spells) for h in (1, 2, 3)]
    assert [r["reason"] for r in official] == ["emigrated", "resident", "died"]
    assert [bool(r["in_denominator"]) for r in official] == [False, True, False]
    assert pd.isna(official[0]["status"]) and pd.isna(official[0]["success"])
    everyone = [one("all_leavers", h, end, residence=spells) for h in (1, 2, 3)]
    assert all(r["in_denominator"] for r in everyone) and not any(r["success"] for r in everyone)
    moved = one("present_municipality", 2, end, residence=spells)
    assert (moved["municipality"], official[1]["municipality"]) == ("4601", "0301")
    assert pd.isna(one("present_municipality", 1, end, residence=spells)["municipality"])
    last_day = [{**HOME, "last_date": date(2017, 11, 16), "end_reason": "emigrated"}]
    assert one("ssb_november", 1, end, residence=last_day)["reason"] == "resident"
    assert one("ssb_november", 1, end, residence=())["reason"] == "no_residence"


@pytest.mark.parametrize(
    ("cause", "status", "success"),
    [("work", "11", True), ("education", "05", True), ("compulsory_school", "80", False),
     ("qualification", "80", False), ("social_assistance", "80", False), ("missing", "08", False),
     ("auto_closed", "08", False)],
)  # fmt: skip
def test_direct_exit_by_end_cause(cause, status, success):
    row = one("direct_exit", 0, date(2016, 12, 31), residence=(), cause=cause)
    assert (row["status"], bool(row["success"]), bool(row["in_denominator"])) == (status, success, True)


def test_observation_ends_with_november_of_the_last_year():
    work = [job(date(2023, 11, 1), date(2023, 12, 31))]
    assert one("ssb_november", 1, date(2022, 6, 1), employment=work)["success"]
    assert one("ssb_november", 2, date(2022, 6, 1), employment=work)["reason"] == "not_yet"
    assert one("anniversary", 12, date(2022, 11, 30), employment=work)["success"]
    assert one("anniversary", 12, date(2022, 12, 1), employment=work)["reason"] == "not_yet"


def test_a_person_back_in_the_programme_has_the_status_of_the_registers():
    measure = {"first_date": date(2017, 11, 1), "last_date": date(2017, 11, 30), "state": "22"}
    assert one("ssb_november", 1, date(2016, 5, 1), welfare=[measure])["status"] == "22"


def test_a_definition_is_data():
    block = DEFINITIONS["ssb_november"] | {"horizons": [2], "min_hours": 10, "novembers": 2}
    both = [job(date(y, 11, 1), date(y, 11, 30), 12) for y in (2017, 2018)]
    spells = {"employment": [{"person_id": "A", **j} for j in both], "residence": [{"person_id": "A", **HOME}]}
    table = compute([leaver(date(2016, 5, 1))], {"two_at_ten": block}, **spells)
    assert len(table) == 1 and table.loc[0, "success"]


def test_a_missing_basic_amount_is_reported_and_not_guessed():
    short = AMOUNTS[AMOUNTS["year"] < 2020]
    people, tables = (
        frame([leaver(date(2016, 5, 1))], list(leaver(date(2016, 5, 1)))),
        [frame([], c) for c in COLUMNS.values()],
    )
    with pytest.raises(InputError, match="2020"):
        compute_outcomes(people, *tables, DEFINITIONS, STUDY, short, read_statuses())


def random_registers(seed, n=60):
    rng = np.random.default_rng(seed)
    start = date(2010, 1, 1)

    def day(low=0, high=5000):
        return start + timedelta(int(rng.integers(low, high)))

    def spell(longest):
        first = day()
        return {"first_date": first, "last_date": first + timedelta(int(rng.integers(0, longest)))}

    def some(low, high, make):
        return [make() for _ in range(rng.integers(low, high))]

    places = ["0301", "1103", "4601", None]
    people = {}
    for i in range(n):
        end = day(1500, 4700)
        causes = ["work", "education", "compulsory_school", "moved", "missing", "auto_closed"]
        cause, place, included = str(rng.choice(causes)), places[rng.integers(4)], bool(rng.random() < 0.9)
        person = leaver(end, person_id=f"{i:03d}", end_cause=cause, municipality=place, included=included)
        jobs = some(0, 9, lambda: {**spell(500), "weekly_hours": [None, 2.0, 7.5, 19.0, 37.5][rng.integers(5)]})
        courses = some(0, 4, lambda: {**spell(600), "level": int(rng.integers(0, 10))})
        for c in courses:
            c["last_date"] = None if rng.random() < 0.1 else c["last_date"]
        states = some(0, 12, lambda: {**spell(90), "state": str(rng.choice(["21", "22", "32", "31", "33", "34"]))})
        years = [y for y in range(2012, 2024) if rng.random() < 0.7]
        money = [
            income(y, [0, 90000, 200000, None, 260000][rng.integers(5)], [0, 0, 4, None][rng.integers(4)])
            for y in years
        ]
        edges = sorted({day(0, 6000) for _ in range(rng.integers(1, 5))})
        homes = []
        for a, b in zip([start, *edges], edges):
            begin = a + timedelta(int(rng.integers(0, 200)) * int(rng.integers(0, 2)))
            why = str(rng.choice(["moved", "emigrated", ""]))
            home = {"first_date": begin, "last_date": b - timedelta(1), "municipality": places[rng.integers(4)]}
            homes.append(home | {"end_reason": why})
        homes = [h for h in homes if h["first_date"] <= h["last_date"]]
        if homes:
            homes[-1]["end_reason"] = str(rng.choice(["died", "emigrated", "moved"]))
            homes[-1]["last_date"] = None if rng.random() < 0.5 else homes[-1]["last_date"]
        people[person["person_id"]] = person, dict(zip(COLUMNS, (jobs, courses, states, money, homes)))
    return people


def as_tables(people):
    return {
        name: frame([{"person_id": i, **row} for i, (_, reg) in people.items() for row in reg[name]], columns)
        for name, columns in COLUMNS.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_equals_the_plain_reference_row_for_row(seed):
    people = random_registers(seed)
    tables = as_tables(people)
    cohort = frame([p for p, _ in people.values()], list(leaver(date(2016, 1, 1))))
    extra = DEFINITIONS["anniversary"] | {
        "novembers": 2,
        "earnings_g": 1,
        "denominator": "all_leavers",
        "geography": "present",
    }
    definitions = DEFINITIONS | {
        "anniversary_strict": extra,
        "exit_any": DEFINITIONS["direct_exit"] | {"education": "any", "geography": "present"},
        "unassisted": DEFINITIONS["hours_20"] | {"no_social_assistance": True, "education": "none", "novembers": 3},
    }
    shuffled = {n: t.sample(frac=1, random_state=seed) for n, t in tables.items()}
    amounts = (AMOUNTS, read_statuses())
    table = as_frame(compute_outcomes(cohort.iloc[::-1], *shuffled.values(), definitions, STUDY, *amounts))
    amounts = dict(zip(AMOUNTS["year"], AMOUNTS["average"]))
    expected = [
        (i, name, h, *outcome(definitions[name], h, person, registers, amounts, date(2023, 11, 30)))
        for i, (person, registers) in people.items()
        if person["included"]
        for name in sorted(definitions)
        for h in sorted(definitions[name]["horizons"])
    ]
    columns = [
        "person_id",
        "definition",
        "horizon",
        "reference_date",
        "status",
        "success",
        "in_denominator",
        "reason",
        "municipality",
    ]
    got = table[columns].astype(object)
    got = got.where(got.notna(), None).assign(reference_date=table["reference_date"].dt.date)
    wrong = [(g, e) for g, e in zip(got.itertuples(index=False, name=None), expected, strict=True) if g != e]
    assert not wrong, wrong[:3]
    assert table["reason"].nunique() == 6 and table["status"].nunique() == 12


def test_paths_batches_and_frames_give_the_same_bytes(tmp_path):
    people = random_registers(9, 40)
    tables = as_tables(people)
    cohort = frame([p for p, _ in people.values()], list(leaver(date(2016, 1, 1))))
    rest = (tables["income"], tables["residence"], DEFINITIONS, STUDY, AMOUNTS, read_statuses())
    sources = {n: [tables[n]] for n in ("employment", "education", "welfare")}
    for name, kinds in sources.items():
        arrow = pa.Table.from_pandas(tables[name], preserve_index=False)
        write_arrow(arrow, tmp_path / f"{name}.parquet")
        kinds += [tmp_path / f"{name}.parquet", arrow.to_batches(max_chunksize=7)]
    written = []
    for kind in range(3):
        result = compute_outcomes(cohort, *(s[kind] for s in sources.values()), *rest)
        write_arrow(result, tmp_path / "outcomes.parquet")
        written.append((tmp_path / "outcomes.parquet").read_bytes())
    assert written[0] == written[1] == written[2]
    schema = pq.read_schema(tmp_path / "outcomes.parquet")
    assert schema.field("reference_date").type == pa.date32() and schema.field("success").type == pa.bool_()
    back = read_table(tmp_path / "outcomes.parquet")
    assert back["status"].isin(["05", "08"]).any() and not back.duplicated(["person_id", "definition", "horizon"]).any()


def test_an_unknown_welfare_state_is_a_fault_of_the_pipeline():
    state = {"person_id": "A", "first_date": date(2017, 1, 1), "last_date": date(2017, 2, 1), "state": "99"}
    with pytest.raises(ValueError, match="welfare"):
        compute([leaver(date(2016, 5, 1))], welfare=[state])


def test_a_person_with_100000_rows_changes_nobody_elses_outcomes():
    people = [leaver(date(2016, 6, 30), person_id=p) for p in "ABC"]
    homes = [{"person_id": p, **HOME} for p in "ABC"]
    work = [{"person_id": p, **job(date(2017, 3, 1), date(2018, 3, 31), 20)} for p in "AC"]
    start = [date(2010, 1, 1) + timedelta(days=n % 4000) for n in range(100_000)]
    many = [{"person_id": "B", **job(day, day + timedelta(days=40), 0.5)} for day in start]
    alone = compute(people, residence=homes, employment=work)
    crowded = compute(people, residence=homes, employment=[work[0], *many, work[1]])
    others = alone["person_id"] != "B"
    pd.testing.assert_frame_equal(alone[others], crowded[others])
    own = crowded[~others & (crowded["definition"] == "ssb_november") & (crowded["horizon"] == 1)]
    assert own["status"].tolist() == ["11"]
