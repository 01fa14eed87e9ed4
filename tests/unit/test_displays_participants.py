"""Displays of who takes part: participants by age, country and municipality, measures taken, results by county."""

import numpy as np
import pandas as pd
import pytest
from display_frames import ROOT, municipalities, settings
from introprog.displays.context import Context
from introprog.displays.making import make_numbers, make_table, module_of, read_inputs
from introprog.displays.participant_tables import in_order
from introprog.displays.registry import registry
from introprog.house_style import house_style
from introprog.participants import counts, participants

ENTRIES = registry()
PEOPLE = 3000
SHIPPED = {
    "countries": str(ROOT / "data/codelists/countries.csv"),
    "published": str(ROOT / "data/published/figures.csv"),
    "published_sources": str(ROOT / "data/published/sources.csv"),
}


def persons(seed=1):
    rng = np.random.default_rng(seed)
    codes = np.array(["564", "241", "404", "148", "346", "999", *[f"{c}" for c in range(400, 430)]])
    weight = np.r_[[0.3, 0.2, 0.15, 0.1, 0.1, 0.02], np.full(30, 0.13 / 30)]
    return pd.DataFrame(
        {
            "person_id": [f"P{i:05d}" for i in range(PEOPLE)],
            "sex": rng.choice(["men", "women"], PEOPLE, p=[0.55, 0.45]),
            "birth_year": rng.integers(1955, 2000, PEOPLE),
            "birth_country": rng.choice(codes, PEOPLE, p=weight / weight.sum()),
            "country_group": "syria",
        }
    )


def programmes(seed=2):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 6 * 365, PEOPLE), unit="D")
    end = (start + pd.to_timedelta(rng.integers(100, 900, PEOPLE), unit="D")).to_series(index=range(PEOPLE))
    towns = municipalities()["municipality"].to_numpy()
    weight = 1 / np.arange(1, len(towns) + 1)
    return pd.DataFrame(
        {
            "person_id": [f"P{i:05d}" for i in range(PEOPLE)],
            "start_date": start,
            "end_date": end.mask(end > "2022-12-31"),
            "municipality": rng.choice(towns, PEOPLE, p=weight / weight.sum()),
        }
    )


def leavers(seed=3):
    rng = np.random.default_rng(seed)
    towns = municipalities().set_index("municipality")["county"]
    town = rng.choice(towns.index.to_numpy(), PEOPLE)
    measures = ["01", "01+02", "01+02+07", "01+10", "01+99", "", "01+04"]
    frame = pd.DataFrame(
        {
            "person_id": [f"P{i:05d}" for i in range(PEOPLE)],
            "included": rng.random(PEOPLE) < 0.95,
            "exit_year": rng.integers(2012, 2023, PEOPLE),
            "sex": rng.choice(["men", "women"], PEOPLE),
            "municipality": town,
            "county": towns.loc[town].to_numpy(),
            "end_cause": rng.choice(["work", "education", "other", "missing"], PEOPLE),
            "measures": rng.choice(measures, PEOPLE),
        }
    )
    nowhere = frame.index[frame["exit_year"] == 2022][:12]
    frame.loc[nowhere, ["municipality", "county"]] = None
    return frame


@pytest.fixture(scope="module")
def inputs():
    made = {f.__name__: f() for f in (persons, programmes, leavers, municipalities)}
    return {**made, **read_inputs(SHIPPED)}


def numbers_of(name, inputs, **changes):
    return make_numbers(ENTRIES[name], {n: inputs[n] for n in ENTRIES[name]["needs"]}, settings(**changes))


def printed(name, table, language="en"):
    return make_table(table, Context.of(name, ENTRIES[name], settings(), language))


def test_a_participant_of_a_year_is_in_the_programme_on_one_of_its_days():
    spells = pd.DataFrame(
        [("A", "2014-05-01", "2016-01-01", "6101"), ("A", "2016-09-01", None, "6102"),
         ("B", "2016-12-31", None, "6101"),
         ("C", "2014-01-01", "2015-12-31", "6101"), ("X", "2016-01-01", None, "6101")],
        columns=["person_id", "start_date", "end_date", "municipality"],
    )  # fmt: skip
    spells[["start_date", "end_date"]] = spells[["start_date", "end_date"]].apply(pd.to_datetime)
    people = pd.DataFrame({"person_id": list("ABC"), "sex": ["men", "women", None], "birth_year": [1990, 1960, 1980]})
    found = participants(spells, people, [2015, 2016])
    assert list(zip(found["year"], found["person_id"], strict=True)) == [
        (2015, "A"), (2015, "C"), (2016, "A"), (2016, "B")]  # fmt: skip
    # the municipality is the one of the programme that began last
    assert found["municipality"].tolist() == ["6101", "6101", "6102", "6101"]
    assert found["age_group"].tolist() == ["18-25", "26-35", "26-35", "56+"]
    table = counts(found, "age_group").set_index(["year", "group", "sex"])["n"]
    assert table[(2015, "total", "both")] == 1, "without a known sex a person is in no row"
    assert table[(2016, "26-35", "men")] == 1 and table[(2016, "26-35", "women")] == 0


@pytest.mark.parametrize(("name", "group"), [("T-A1", "group"), ("T-A2", "group"), ("T-A3", "municipality")])
def test_groups_add_up_to_the_total_and_shares_to_one(name, group, inputs):
    table = numbers_of(name, inputs, disclosure={"threshold": 1})
    assert not table["suppressed"].any()
    last = table[table["year"] == table["year"].max()]
    total = last[last[group] == "total"].set_index("sex")["n"]
    parts = last[last[group] != "total"].groupby("sex")[["n", "share"]].sum()
    assert parts["n"].to_dict() == total.to_dict()
    assert parts["share"].to_numpy() == pytest.approx(1)
    people = participants(inputs["programmes"], inputs["persons"], [int(last["year"].iloc[0])])
    assert total["both"] == len(people) and total["women"] == (people["sex"] == "women").sum()


def test_no_small_count_can_be_seen_or_worked_out(inputs):
    table = numbers_of("T-A2", inputs)
    shown = table[~table["suppressed"]]
    assert table["suppressed"].any()
    assert ((shown["n"] == 0) | (shown["n"] >= 5)).all()
    for _, own in table.groupby("group"):
        assert own["suppressed"].sum() != 1, "one hidden of men, women and both follows from the other two"
    hidden_men = table[(table["sex"] == "men") & table["suppressed"]]
    assert len(hidden_men) != 1


def test_countries_stand_by_name_and_size_with_twenty_and_the_others(inputs):
    table = numbers_of("T-A2", inputs)
    order = table["group"].drop_duplicates().tolist()
    assert order[0] == "total" and order[-1] == "rest" and len(order) == 22
    both = table[(table["sex"] == "both") & ~table["group"].isin(["total", "rest"])]
    known = both["n"].dropna().tolist()
    assert known == sorted(known, reverse=True)
    lines = [row.label for row in printed("T-A2", table).rows]
    assert lines[:3] == ["Total", "Syria", "Eritrea"]
    assert lines[-1].startswith("Other countries (")
    assert "999" in lines, "a code that the list lacks stands as it is"
    assert [row.label for row in printed("T-A2", table, "nb").rows][-1].startswith("Andre land (")


def test_the_place_of_a_hidden_group_tells_nothing_of_its_number():
    table = pd.DataFrame({"group": ["9", "1", "5", "total", "rest"], "sex": "both", "suppressed": False})
    table.loc[table["group"].isin(["9", "1"]), "suppressed"] = True
    for largest in (["9", "1", "5"], ["1", "9", "5"], ["5", "9", "1"]):
        assert in_order(table, largest)["group"].tolist() == ["total", "5", "1", "9", "rest"]


def test_measures_that_are_hidden_stand_last_by_their_code(inputs):
    table = numbers_of("F-A4", inputs, disclosure={"threshold": 60})
    both = table[(table["sex"] == "both") & (table["measure"] != "none")]
    hidden = both.loc[both["suppressed"], "measure"].tolist()
    assert 1 < len(hidden) < len(both) and both["measure"].tolist()[-len(hidden) :] == sorted(hidden)


def test_only_municipalities_with_a_hundred_participants_have_a_line(inputs):
    table = numbers_of("T-A3", inputs)
    both = table[(table["sex"] == "both") & ~table["municipality"].isin(["total", "rest"])]
    year = int(table["year"].iloc[0])
    people = participants(inputs["programmes"], inputs["persons"], [year])
    size = people["municipality"].value_counts()
    assert sorted(both["municipality"]) == sorted(size.index[size >= 100])
    assert len(both) >= 1
    rest = table[(table["municipality"] == "rest") & (table["sex"] == "both")].iloc[0]
    assert rest["groups"] == (size < 100).sum() and rest["n"] == size[size < 100].sum()


def test_a_measure_is_counted_once_a_person_and_small_counts_are_hidden(inputs):
    few = inputs["leavers"].copy()
    few.loc[few.index[few["included"] & (few["exit_year"] == 2015)][:3], "measures"] = "08"
    table = numbers_of("F-A4", {**inputs, "leavers": few}).set_index(["measure", "sex"])
    people = few[few["included"] & few["exit_year"].between(2012, 2018)]
    has = people["measures"].str.contains("02")
    assert table.loc[("02", "both"), "persons"] == has.sum()
    assert table.loc[("02", "women"), "share"] == pytest.approx(has[people["sex"] == "women"].mean())
    assert table.loc[("none", "both"), "persons"] == (people["measures"] == "").sum()
    assert table.loc[("08", "both"), "suppressed"] and pd.isna(table.loc[("08", "both"), "share"])
    for language in ("nb", "en"):
        with house_style():
            context = Context.of("F-A4", ENTRIES["F-A4"], settings(), language)
            texts = [t.get_text() for t in module_of(ENTRIES["F-A4"]).draw(table.reset_index(), context).findobj()
                     if hasattr(t, "get_text")]  # fmt: skip
        assert ":" in texts and not any("nan" in t for t in texts)


def test_results_by_county_are_those_of_the_last_year_and_add_up(inputs):
    table = numbers_of("T-B4", inputs)
    people = inputs["leavers"]
    people = people[people["included"] & (people["exit_year"] == 2022)]
    wide = table.pivot(index="region", columns="destination", values="n")
    assert wide.loc["0", "all"] == len(people)
    assert wide.loc["0", "work"] == (people["end_cause"] == "work").sum()
    assert wide.loc["0", "work_or_education"] == wide.loc["0", ["work", "education"]].sum()
    assert wide.drop("0")["all"].sum() == wide.loc["0", "all"]
    assert wide.loc["none", "all"] == people["county"].isna().sum()
    lines = printed("T-B4", table).rows
    assert lines[-1].label == "Whole country" and lines[-1].kind == "total"
    assert lines[-2].label.startswith("No municipality in the register")
    share = (people["end_cause"].isin(["work", "education"])).mean()
    assert lines[-1].cells[1] == f"{100 * share:.0f}"


def test_a_small_county_hides_its_parts_and_a_neighbour(inputs):
    few = inputs["leavers"].copy()
    last = few.index[few["included"] & (few["exit_year"] == 2022) & (few["county"] == "66")]
    few.loc[last, "end_cause"] = "work"
    few.loc[last[:2], "end_cause"] = "education"
    table = numbers_of("T-B4", {**inputs, "leavers": few})
    hidden = table[table["suppressed"]]
    assert ("66", "education") in set(zip(hidden["region"], hidden["destination"], strict=True))
    assert (hidden.groupby("destination").size() >= 2).all() and hidden["n"].isna().all()
    closed = table.pivot(index="region", columns="destination", values="suppressed").astype(int)
    for whole, parts in (("all", ["work_or_education", "other"]), ("work_or_education", ["work", "education"])):
        assert not closed[[whole, *parts]].sum(axis=1).eq(1).any(), "one hidden number follows from the other two"
    line = next(row for row in printed("T-B4", table).rows if row.label == "Fylke 66")
    assert ":" in line.cells


def test_imdis_table_of_2016_comes_out_as_published(inputs):
    table = numbers_of("T-B4-published", inputs)
    assert table["data"].unique().tolist() == ["published"]
    lines = {row.label: list(row.cells) for row in printed("T-B4-published", table, "nb").rows}
    assert len(lines) == 20
    assert lines["Aust-Agder"] == ["93", "58", "9", "45"]
    assert lines["Oslo"] == ["413", "47", "151", "44"]
    assert lines["Hele landet"] == ["4\xa0469", "46", "1\xa0087", "961"]
    assert "36 personer med adressesperre" in " ".join(printed("T-B4-published", table, "nb").footer)
