"""The employed by county and municipality: whose counts they are, and what the official result beside them tells."""

import numpy as np
import pandas as pd
import pytest
from introprog.employed_places import employed_by_place
from introprog.followup import ALL, COLUMNS, PERIOD, status_by_group
from introprog.release.panel import release_panel

OFFICIAL, WORK = "ssb_november", "work_only"
FOLLOWUP = {"horizons": [1, 2], "cohort_years": 5, "balanced": False, "municipalities": ["6101", "6201"]}
FOLLOWUP |= {"largest": 2}
TOWNS = ("6101", "6102", "6201", "6202")


def panel(only=20, working=60, n=120, changes=None):
    """A municipality panel of both definitions: ``only`` are in education and not in work, every year and horizon."""
    rows = [(t, y, h, d) for t in TOWNS for y in range(2010, 2020) for h in (1, 2, 3) for d in (OFFICIAL, WORK)]
    frame = pd.DataFrame(rows, columns=["municipality", "exit_year", "horizon", "definition"])
    frame = frame.assign(geography="programme", sex="both", n=n, suppressed=False)
    frame["successes"] = np.where(frame["definition"] == OFFICIAL, working + only, working)
    for at, count in (changes or {}).items():
        town, first, last = at
        here = (frame["municipality"] == town) & frame["exit_year"].between(first, last)
        frame.loc[here & (frame["definition"] == WORK), "successes"] = count
    return frame


def regions(frame):
    """The same persons by county and country, as the region table has them."""
    keys = ["exit_year", "horizon", "definition", "geography", "sex"]
    county = frame.assign(region=frame["municipality"].str[:2], region_level="county")
    every = pd.concat([county, frame.assign(region="0", region_level="country")])
    sums = every.groupby(["region_level", "region", *keys])[["n", "successes"]].sum().reset_index()
    long = sums.melt([*("region_level", "region"), *keys], var_name="status", value_name="count")
    long["status"] = long["status"].map({"n": "00", "successes": "1"})
    return long.rename(columns={"count": "n"}).astype({"n": "Int64"})


def table_of(frame, public=None, horizons=(1, 2, 3), definition=WORK):
    public = release_panel(frame, [OFFICIAL], 5) if public is None else public
    rows = regions(frame)
    official = status_by_group(rows, public, OFFICIAL, FOLLOWUP, 0.95, 5)
    given = definition, list(horizons), FOLLOWUP, 0.95, 5, (2012, 2018), 5
    return employed_by_place(rows, public, frame, official, *given), official


def test_counts_are_those_at_work_of_the_cohorts_named():
    table, official = table_of(panel())
    assert list(table.columns) == COLUMNS and set(table["definition"]) == {WORK} and set(table["horizon"]) == {1, 2, 3}
    assert not table["suppressed"].any()
    years = table["last_exit_year"] - table["first_exit_year"] + 1
    towns = table["group"].eq("municipality")
    assert (table.loc[towns, "successes"] == 60 * years[towns]).all()
    county = towns.eq(False) & table["level"].ne(ALL)
    assert (table.loc[county, "n"] == 240 * years[county]).all() and set(table.loc[county, "level"]) == {"61", "62"}
    assert (table.loc[table["level"] == ALL, "share"] == 0.5).all()
    assert set(table.loc[towns, "level"]) == set(official.loc[official["group"] == "municipality", "level"])


@pytest.mark.parametrize(("only", "hidden"), [(0, True), (3, True), (5, False)])
def test_few_who_are_successful_by_the_official_definition_alone_are_not_told(only, hidden):
    """Of all leavers of a set in one municipality, so many are in education and not in work."""
    table, _ = table_of(panel(20, 60, 120, {("6101", 2010, 2019): 80, ("6101", 2012, 2012): 80 - only}))
    own = table[(table["level"] == "6101") & (table["first_exit_year"] <= 2012) & (table["last_exit_year"] >= 2012)]
    assert len(own) and (own["suppressed"] == hidden).all()


def test_a_municipality_is_shown_where_all_its_cells_are():
    frame = panel()
    public = release_panel(frame, [OFFICIAL], 5)
    cell = (public["municipality"] == "6101") & (public["exit_year"] == 2013) & (public["horizon"] == 2)
    public.loc[cell, ["n", "successes"]] = pd.NA
    public.loc[cell, "suppressed"] = True
    table, official = table_of(frame, public)
    rows = table[(table["level"] == "6101") & table["suppressed"]]
    assert set(rows["horizon"]) == {2} and (rows["first_exit_year"] <= 2013).all() and len(rows) == 1
    # a county hidden in the official table is hidden here: the two have the same persons
    closed = official[(official["group"] == "county") & official["suppressed"]]
    assert len(closed) and closed.merge(table[table["suppressed"]], on=["level", *PERIOD, "horizon"]).shape[0] == len(
        closed
    )


def test_a_county_is_not_shown_when_the_rest_of_it_is_few():
    """6102 and 6202 are the smaller ones, not shown: who of them has no work is what the county leaves over."""
    frame = panel()
    small = frame["municipality"].isin(["6102", "6202"])
    frame.loc[small, "n"] = 90
    frame.loc[frame["municipality"].eq("6102") & frame["definition"].eq(WORK), "successes"] = 90
    table, _ = table_of(frame, release_panel(panel(), [OFFICIAL], 5))
    rows = table[table["group"] == "county"]
    assert rows.loc[rows["level"] == "61", "suppressed"].all()


def test_a_source_without_the_definition_has_no_rows():
    frame = panel()
    table, _ = table_of(frame[frame["definition"] == OFFICIAL])
    assert table.empty and list(table.columns) == COLUMNS
