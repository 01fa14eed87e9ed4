"""The same leavers followed by group: which cohorts make a line, that it never changes its people, what is hidden."""

import display_frames as made
import numpy as np
import pandas as pd
import pytest
from introprog.errors import InputError
from introprog.followup import ALL, PERIOD, cohort_sets, employed_by_trait, status_by_group
from introprog.release.panel import release_panel

FOLLOWUP = made.CONFIG["followup"]
OFFICIAL = "ssb_november"


def seen(first, last, data_end, horizons=range(1, 6), data_start=0):
    years = [(y, h) for y in range(first, last + 1) for h in horizons if data_start <= y + h <= data_end]
    return pd.DataFrame(years, columns=["exit_year", "horizon"])


def spans(sets):
    return {k: sorted(v) for k, v in sets.drop_duplicates([*PERIOD, "horizon"]).groupby(PERIOD)["horizon"]}


def test_sets_of_cohorts_end_where_the_first_of_them_is_no_longer_seen():
    found = spans(cohort_sets(seen(2005, 2022, 2023), range(1, 6), 5))
    every = [1, 2, 3, 4, 5]
    assert found == {(2005, 2008): every, (2009, 2013): every, (2014, 2018): every, (2019, 2022): [1]}


def test_three_novembers_follow_one_cohort_at_a_time_and_never_join_two():
    three = seen(2006, 2012, 2013, data_start=2011)
    found = spans(cohort_sets(three, range(1, 6), 5))
    assert all(first == last for first, last in found)
    assert found[2010, 2010] == [1, 2, 3] and found[2008, 2008] == [3, 4, 5] and found[2012, 2012] == [1]


def test_a_balanced_set_holds_only_cohorts_seen_at_every_horizon():
    assert list(spans(cohort_sets(seen(2005, 2022, 2023), range(1, 6), 5, True))) == [
        (2005, 2008), (2009, 2013), (2014, 2018)
    ]  # fmt: skip
    three = cohort_sets(seen(2006, 2012, 2013, data_start=2011), range(1, 6), 5, True)
    assert spans(three) == {(2010, 2010): [1, 2, 3]}


def test_nothing_seen_is_no_set():
    assert cohort_sets(seen(2005, 2006, 2004), range(1, 6), 5).empty


def panel_of(region_status):
    rows = region_status[(region_status["region_level"] == "municipality") & (region_status["definition"] == OFFICIAL)]
    keys = ["region", "exit_year", "horizon", "definition", "geography", "sex"]
    wide = rows.pivot_table(index=keys, columns="status", values="n", aggfunc="sum", observed=True).reset_index()
    panel = wide.rename(columns={"region": "municipality", "00": "n", "1": "successes"})[
        [*("municipality", *keys[1:]), "n", "successes"]
    ]
    return panel.assign(suppressed=False)


@pytest.fixture(scope="module")
def regions():
    rows = made.region_status()
    return rows[rows["definition"] == OFFICIAL]


@pytest.fixture(scope="module")
def public(regions):
    return release_panel(panel_of(regions), [OFFICIAL], 5)


def table_of(regions, public, **changes):
    return status_by_group(regions, public, OFFICIAL, {**FOLLOWUP, **changes}, 0.95, 5)


def test_counts_are_those_of_the_cohorts_named(regions, public):
    table = table_of(regions, public)
    own = table[(table["group"] == "county") & ~table["suppressed"]]
    row = own[(own["level"] == "61") & (own["horizon"] == 2)].iloc[0]
    cells = regions[(regions["region"] == "61") & (regions["sex"] == "both") & (regions["horizon"] == 2)]
    cells = cells[cells["exit_year"].between(row["first_exit_year"], row["last_exit_year"])]
    assert row["n"] == cells.loc[cells["status"] == "00", "n"].sum()
    assert row["successes"] == cells.loc[cells["status"] == "1", "n"].sum()
    assert row["ci_low"] < row["share"] < row["ci_high"]


def test_the_same_cohorts_stand_behind_every_horizon_of_a_line(regions, public):
    cut = regions[regions["exit_year"] + regions["horizon"] <= 2023]
    table = table_of(cut, public)
    lines = table[(table["group"] == "sex") & (table["level"] == ALL)]
    ends = lines.groupby(PERIOD)["horizon"].max().to_dict()
    assert all(last + ends[first, last] <= 2023 for first, last in ends)
    assert min(ends.values()) < 5 == max(ends.values())
    assert not lines.duplicated([*PERIOD, "horizon"]).any()


def test_municipalities_are_the_largest_or_those_named(regions, public):
    whole = release_panel(panel_of(regions), [OFFICIAL], 1)
    table = table_of(regions, whole)
    size = whole[(whole["sex"] == "both") & (whole["horizon"] <= 5)].groupby("municipality")["n"].sum()
    size = size.nlargest(FOLLOWUP["largest"])
    assert set(table.loc[table["group"] == "municipality", "level"]) == set(size.index)
    named = table_of(regions, public, municipalities=["6104"])
    assert set(named.loc[named["group"] == "municipality", "level"]) == {"6104"}
    with pytest.raises(InputError, match="not in the municipality panel"):
        table_of(regions, public, municipalities=["9999"])


def test_a_sum_over_cohorts_never_gives_away_a_cohort_that_the_panel_hides(regions, public):
    hidden = public.copy()
    cell = (hidden["municipality"] == "6101") & (hidden["exit_year"] == 2016) & (hidden["horizon"] == 1)
    hidden.loc[cell, ["n", "successes"]] = pd.NA
    hidden.loc[cell, "suppressed"] = True
    table = table_of(regions, hidden, municipalities=["6101"])
    rows = table[
        (table["group"] == "municipality") & (table["first_exit_year"] <= 2016) & (table["last_exit_year"] >= 2016)
    ]
    rows = rows.set_index("horizon")
    assert rows.loc[1, "suppressed"] and pd.isna(rows.loc[1, "n"]) and not rows.loc[2, "suppressed"]


def test_a_county_less_its_shown_municipalities_is_never_one_hidden_cell(regions, public):
    shown = public.assign(suppressed=False)
    whole = panel_of(regions)
    shown[["n", "successes"]] = whole.sort_values(list(public.columns[:6]))[["n", "successes"]].to_numpy()
    free = table_of(regions, shown)
    cell = (shown["municipality"] == "6101") & (shown["exit_year"] == 2016) & (shown["sex"] == "both")
    cell &= shown["horizon"] == 1
    one = shown.copy()
    one.loc[cell, ["n", "successes"]] = np.nan
    one.loc[cell, "suppressed"] = True
    table = table_of(regions, one)
    keys = ["group", "level", *PERIOD, "horizon"]
    more = table.set_index(keys)["suppressed"] & ~free.set_index(keys)["suppressed"].reindex(
        table.set_index(keys).index
    )
    told = more[more].reset_index()
    county = told[told["group"] == "county"]
    assert "61" in set(county["level"]) and (county["horizon"] == 1).all()
    assert len(set(county["level"])) >= 2, "a second one must be hidden, or the country tells it"


@pytest.mark.parametrize(
    ("years", "windows", "closed"),
    [
        ((2015, 2016), (), False),
        ((2015, 2016), [(2012, 2018)], True),
        ((2012, 2015, 2016), [(2012, 2018)], False),
        ((2015, 2016), [(2009, 2013)], False),
    ],
)
def test_a_county_does_without_what_displays_of_a_window_tell(regions, public, years, windows, closed):
    """6102 has one hidden cohort of the set; those of 6101 cover it unless a pooled figure tells their sum."""
    whole = panel_of(regions)
    shown = public.assign(suppressed=False)
    shown[["n", "successes"]] = whole.sort_values(list(public.columns[:6]))[["n", "successes"]].to_numpy()
    cell = (shown["municipality"] == "6101") & shown["exit_year"].isin(years)
    cell |= (shown["municipality"] == "6102") & shown["exit_year"].isin([2012, 2017])
    cell &= (shown["sex"] == "both") & (shown["horizon"] == 1)
    shown.loc[cell, ["n", "successes"]] = np.nan
    shown.loc[cell, "suppressed"] = True
    table = status_by_group(regions, shown, OFFICIAL, FOLLOWUP, 0.95, 5, windows=windows, panel=whole)
    county = table[(table["group"] == "county") & (table["level"] == "61") & (table["horizon"] == 1)]
    own = county[(county["first_exit_year"] <= 2015) & (county["last_exit_year"] >= 2017)]
    assert own["suppressed"].tolist() == [closed]


def test_small_groups_of_persons_are_hidden_with_another(regions, public):
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"person_id": [f"p{i}" for i in range(900)]})
    people["age_group"] = np.where(np.arange(900) < 3, "56+", rng.choice(["18-25", "26-35"], 900))
    people["country_group"] = rng.choice(["syria", "africa_horn"], 900)
    rows = people[["person_id"]].assign(exit_year=rng.choice(range(2018, 2023), 900), horizon=1)
    rows["success"] = pd.array(rng.random(900) < 0.6, dtype="boolean")
    rows["in_denominator"] = pd.array(np.arange(900) % 10 > 0, dtype="boolean")
    table = status_by_group(regions, public, OFFICIAL, FOLLOWUP, 0.95, 5, rows, people)
    age = table[table["group"] == "age_group"].set_index("level")
    assert age.loc["56+", "suppressed"] and age["suppressed"].sum() >= 2 and age.loc["56+", ["n", "share"]].isna().all()
    country = table[table["group"] == "country_group"].set_index("level")
    assert country.loc["syria", "n"] + country.loc["africa_horn", "n"] == country.loc[ALL, "n"] == 810


def test_the_employed_are_followed_by_trait_as_long_as_they_are_seen(regions, public):
    rng = np.random.default_rng(2)
    people = pd.DataFrame({"person_id": [f"p{i}" for i in range(600)], "country_group": "syria"})
    people["age_group"] = np.where(np.arange(600) < 2, "56+", rng.choice(["18-25", "26-35"], 600))
    seen = regions[(regions["region_level"] == "country") & (regions["sex"] == "both") & (regions["status"] == "00")]
    rows = people[["person_id"]].assign(exit_year=rng.choice(seen["exit_year"].unique(), 600))
    rows = rows.merge(seen[["exit_year", "horizon"]].drop_duplicates(), on="exit_year")
    rows["success"] = pd.array(rng.random(len(rows)) < 0.5, dtype="boolean")
    rows["in_denominator"] = pd.array([True] * len(rows), dtype="boolean")
    horizons = sorted(seen["horizon"].unique())
    own = regions.assign(definition="work_only")
    table = employed_by_trait(own, "work_only", horizons, FOLLOWUP, 0.95, 5, rows, people)
    assert set(table["group"]) == {"age_group", "country_group"} and set(table["definition"]) == {"work_only"}
    age = table[table["group"] == "age_group"]
    assert age.loc[age["level"] == "56+", "suppressed"].all()
    everybody = table[(table["group"] == "country_group") & (table["level"] == ALL)]
    sizes = rows.groupby(["exit_year", "horizon"]).size()
    for row in everybody.itertuples():
        assert row.n == sum(
            sizes.get((year, row.horizon), 0) for year in range(row.first_exit_year, row.last_exit_year + 1)
        )
    none = employed_by_trait(regions, "work_only", horizons, FOLLOWUP, 0.95, 5, rows, people)
    assert none.empty and list(none.columns) == list(table.columns)


def test_no_observed_horizon_ends_in_a_message(regions, public):
    with pytest.raises(InputError, match="nobody is observed"):
        table_of(regions, public, horizons=[14])
