"""What is true in the simulated world: places, the settable correlation, levels, persistence and attrition."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from introprog.simulate import careers, residence
from introprog.simulate.countries import COUNTRIES
from introprog.simulate.months import MONTHS, november, year_of
from introprog.simulate.places import PERIODS, municipality_context, simulate_places
from introprog.simulate.population import participants_by, raked, simulate_persons
from introprog.simulate.targets import TARGETS, read_targets

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "real"
NO_TRANSFERS = pd.DataFrame(
    {"person": np.zeros(0, int), "date": np.zeros(0, "datetime64[D]"), "atom_before": np.zeros(0, int)}
)


def world(scale: float, seed: int = 3, quality_sd: float = 0.16):
    aims = read_targets()
    places = simulate_places(seed, 0.3, quality_sd, 0.4)
    persons = simulate_persons(aims, places, scale, seed)
    latent = careers.simulate_latent(persons, places, seed)
    departures = residence.simulate_departures(persons, latent.work, seed)
    homes = residence.simulate_residence(persons, places, departures, NO_TRANSFERS, seed)
    return aims, places, persons, homes, careers.realise(latent, persons, homes.gone, aims)


@pytest.fixture(scope="module")
def small():
    return world(0.1)


def cohort(persons: pd.DataFrame) -> np.ndarray:
    return year_of(persons["exit"].to_numpy("datetime64[D]"))


def shares(persons, homes, lives, year: int, sex: int, horizon: int) -> tuple[int, np.ndarray]:
    month = november(year + horizon)
    here = (cohort(persons) == year) & (persons["sex"] == sex).to_numpy() & (homes.gone > month)
    work, study, kind = lives.employed[here, month], lives.studying[here, month], lives.kind[here, month]
    jobless = np.isin(kind, [careers.JOBLESS, careers.MEASURE])
    return here.sum(), np.array([(work & ~study).mean(), (work & study).mean(), (~work & study).mean(), jobless.mean()])


def worst_gap(persons, homes, lives, aims, rounding: float) -> float:
    gaps = []
    for row, year in enumerate(range(2005, 2023)):
        for horizon in range(1, min(5, 2023 - year) + 1):
            for sex in range(2):
                n, found = shares(persons, homes, lives, year, sex, horizon)
                gaps.append(np.abs(found - aims.status[row, sex, horizon]).max() - rounding / n)
    return max(gaps)


def test_levels_are_the_targets_up_to_whole_persons(small):
    aims, _, persons, homes, lives = small
    assert worst_gap(persons, homes, lives, aims, rounding=3.0) < 0.001


@pytest.mark.heavy
def test_national_scale_is_within_one_point_of_what_is_published():
    aims, places, persons, homes, lives = world(1.0)
    assert worst_gap(persons, homes, lives, aims, rounding=0) < 0.01
    leavers = (cohort(persons) >= 2005) & (cohort(persons) <= 2019)
    assert 61_000 < leavers.sum() < 63_000
    assert (homes.gone[leavers] <= november(2020)).mean() == pytest.approx(0.05, abs=0.01)
    published = pd.read_csv(TARGETS)
    for year in (2013, 2014, 2016, 2018):
        inside = participants_by(persons, year)
        for sex, name in enumerate(("men", "women")):
            rows = published[(published["table"] == "participants_age") & (published["year"] == year)]
            aim = rows[rows["sex"] == name].set_index("category")["value"] / 100
            ages = inside.loc[inside["sex"] == sex, "age_group"].value_counts(normalize=True)
            assert (ages.reindex(aim.index) - aim).abs().max() < 0.01
        aim = published[(published["table"] == "participants_country") & (published["year"] == year)]
        aim = aim.set_index("category")["value"] / 100
        found = COUNTRIES["name"].reindex(inside["country"]).value_counts(normalize=True)
        assert (found.reindex(aim.index) - aim).abs().max() < 0.01
    by_code = pd.Series(places.atoms["code_2013"].to_numpy()[persons["atom"]])[cohort(persons) == 2014].value_counts()
    assert abs(len(by_code) - 272) < 25 and abs((by_code < 10).sum() - 167) < 25


def test_every_target_row_names_a_source_and_a_basis():
    table = pd.read_csv(TARGETS)
    assert set(table["basis"]) == {"published", "derived", "interpolated", "assumed"}
    assert table["source"].notna().all()
    published = table[(table["table"] == "status") & (table["year"] == 2016.0) & (table["horizon"] == 1.0)]
    men = published[published["sex"] == "men"].set_index("category")["value"].astype(float)
    total = men[["employed_only", "employed_and_education", "education_only"]].sum()
    assert total == pytest.approx(100 * 1932 / 2706, abs=0.01)


@pytest.mark.parametrize("correlation", [-1.0, 0.0, 0.3, 1.0])
def test_true_correlation_and_spread_are_what_was_asked(correlation):
    units = simulate_places(5, correlation, 0.2, 0.5).units
    assert np.corrcoef(units["quality"], units["climate"])[0, 1] == pytest.approx(correlation, abs=1e-9)
    assert units["quality"].std(ddof=0) == pytest.approx(0.2) and units["climate"].std(ddof=0) == pytest.approx(0.5)


def test_municipalities_are_fictional():
    places = simulate_places(1, 0.3, 0.16, 0.4)
    codes = {c for p in PERIODS for c in places.atoms[f"code_{p}"]}
    names = {n for p in PERIODS for n in places.atoms[f"name_{p}"]} | set(municipality_context(places)["fylkesnavn"])
    assert all(61 <= int(c[:2]) <= 79 and len(c) == 4 for c in codes)
    if not REAL.exists():
        pytest.skip("the real code lists are not beside the project")
    wide = pd.read_csv(REAL / "kommunenummer_2013_2020_wide.csv", sep=";", dtype=str)
    now = pd.read_csv(REAL / "kommune2024_sentralitet_befolkning_2022_2024.csv", dtype=str)
    real_names = set(wide.filter(like="navn").to_numpy().ravel()) | set(now["kommune"]) | set(now["Fylke"])
    assert not {n.casefold() for n in names} & {str(n).casefold() for n in real_names}
    assert not codes & (set(wide.filter(like="kommunenummer").to_numpy().ravel()) | set(now["kommune_nr_2024"]))


def test_reforms_merge_split_and_renumber_without_losing_anyone():
    places = simulate_places(1, 0.3, 0.16, 0.4)
    changes = places.changes
    assert set(changes["type"]) == {"SAMMENSLAAING", "DELING", "NYTT_NUMMER"}
    assert {"2018-01-01", "2020-01-01", "2024-01-01"} <= set(changes["dato"])
    assert changes.groupby(["dato", "gammel_kode"])["andel"].sum().between(0.999, 1.001).all()
    context = municipality_context(places)
    for date, rows in changes.groupby("dato"):
        year = int(date[:4])
        before = set(context.loc[context["aar"] == year - 1, "kommunenr"])
        after = set(context.loc[context["aar"] == year, "kommunenr"])
        assert set(rows["gammel_kode"]) == before - after
        assert set(rows["ny_kode"]) == after - before
    counts = context.groupby("aar")["kommunenr"].nunique()
    assert counts[2010] > 400 > 360 > counts[2021] and counts[2024] > counts[2023]
    assert not context.duplicated(["kommunenr", "aar"]).any()


def test_codes_are_never_used_for_two_places():
    atoms = simulate_places(2, 0.3, 0.16, 0.4).atoms
    members: dict[str, set] = {}
    for period in PERIODS:
        for code, rows in atoms.groupby(f"code_{period}").groups.items():
            members.setdefault(code, set()).add(tuple(rows))
    assert all(len(sets) == 1 for sets in members.values())


def test_work_persists_and_courses_follow_the_school_year(small):
    _, _, persons, homes, lives = small
    here = (cohort(persons) == 2013) & (homes.gone > MONTHS)
    first, second = lives.employed[here, november(2014)], lives.employed[here, november(2015)]
    assert second[first].mean() - second[~first].mean() > 0.3
    assert 0.05 < second[~first].mean() < 0.5
    halves = lives.studying.reshape(len(persons), -1, 6)
    inside = (homes.gone > MONTHS) & (year_of(persons["settled"].to_numpy("datetime64[D]")) < 2010)
    assert (halves[inside][:, 14:] == halves[inside][:, 14:, :1]).all()


def test_who_is_far_from_work_leaves_the_country_more_often(small):
    _, _, persons, homes, lives = small
    left = cohort(persons)
    here = (left >= 2005) & (left <= 2015) & (homes.gone > november(2016))
    worked = lives.employed[here, november(2016)]
    gone = homes.gone[here] < MONTHS
    assert gone[~worked].mean() > gone[worked].mean() > 0


def test_nobody_works_after_leaving_the_country_or_before_coming(small):
    _, _, persons, homes, lives = small
    month = np.arange(MONTHS)
    assert not lives.employed[month >= homes.gone[:, None]].any()
    arrived = (persons["settled"].to_numpy("datetime64[M]").astype(int) - 33 * 12)[:, None]
    assert not (lives.employed | lives.studying)[month < arrived].any()


def test_municipal_quality_shows_in_results():
    _, places, persons, homes, lives = world(0.4, quality_sd=0.30)
    left = cohort(persons)
    here = np.flatnonzero((left >= 2010) & (left <= 2018) & (homes.gone > MONTHS))
    month = november(left[here] + 1)
    success = lives.employed[here, month] | lives.studying[here, month]
    by = pd.DataFrame({"unit": persons["unit"].to_numpy()[here], "success": success}).groupby("unit")["success"]
    rates = by.agg(["mean", "size"]).join(places.units["quality"])
    large = rates[rates["size"] >= 60]
    assert len(large) > 20
    assert large["mean"].corr(large["quality"]) > 0.5
    slope = np.polyfit(large["quality"], large["mean"], 1)[0]
    assert 0.2 < slope < 0.6


def test_raking_keeps_both_margins():
    shares_, tilt = np.array([0.5, 0.3, 0.2]), np.array([0.5, -0.5, 0.0])
    joint = raked(shares_, tilt, 0.6)
    assert joint.sum(axis=0) == pytest.approx(shares_) and joint.sum(axis=1) == pytest.approx([0.6, 0.4])
    assert joint[0, 0] / joint[1, 0] > joint[0, 2] / joint[1, 2] > joint[0, 1] / joint[1, 1]


def test_flows_leave_nobody_with_an_impossible_programme(small):
    _, _, persons, _, _ = small
    taken_part = persons[persons["start"].notna()]
    days = (taken_part["exit"] - taken_part["start"]).dt.days.dropna()
    assert days.min() >= 90 and 600 < days.median() < 1100
    age = (taken_part["start"] - pd.to_datetime(taken_part["birth"])).dt.days / 365.25
    assert age.between(17, 67).all()
    assert (taken_part["settled"] < taken_part["start"]).all()
    still = taken_part["exit"].isna()
    assert 0.1 < still.mean() < 0.25
    assert (COUNTRIES["name"].to_numpy()[taken_part.loc[still, "country"]] == "Ukraina").mean() > 0.25
