"""The panel: the published tables from constructed cohorts, sums that add up, and the contract."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from introprog.outcomes import compute_outcomes
from introprog.panel import PANEL_KEY, REGION_KEY, build_panel, read_outcomes, read_regions
from introprog.published import read_published
from introprog.status import read_statuses
from introprog.tabular import read_csv, write_arrow, write_table
from outcome_frames import as_frame

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["definitions"]
STUDY = {"reference_day": 16, "last_observed_year": 2023}
PUBLISHED = read_published(ROOT / "data/published/figures.csv", ROOT / "data/published/sources.csv")
AMOUNTS = read_csv(ROOT / "data/codelists/basic_amount.csv")
NOVEMBER = {"first_date": pd.Timestamp(2017, 11, 1), "last_date": pd.Timestamp(2017, 11, 30)}
COUNTS_2016 = {
    "men": {"11": 1055, "15": 424, "05": 453, "21": 129, "22": 125, "80": 520},
    "women": {"11": 445, "15": 221, "05": 382, "21": 128, "22": 100, "80": 808},
}


def people(groups, municipality="0301"):
    """Leavers of 30 June 2016: one block of persons a (sex, status or cause, count)."""
    rows = pd.DataFrame(groups, columns=["sex", "kind", "count"])
    rows = rows.loc[np.repeat(rows.index, rows["count"])].reset_index(drop=True)
    identity = [f"{i:010d}" for i in range(len(rows))]
    return rows.assign(person_id=identity, exit_year=2016, end_date=pd.Timestamp(2016, 6, 30), included=True,
                       municipality=municipality, end_cause="other")  # fmt: skip


def registers(cohort):
    """Register rows that give each person the status in ``kind`` in November 2017."""

    def of(codes, **more):
        return pd.DataFrame({"person_id": cohort.loc[cohort["kind"].isin(codes), "person_id"], **NOVEMBER, **more})

    states = [of([code], state=code) for code in ("21", "22")]
    home = pd.DataFrame({"person_id": cohort["person_id"], "first_date": pd.Timestamp(2010, 1, 1),
                         "last_date": pd.NaT, "municipality": "0301", "end_reason": ""})  # fmt: skip
    money = pd.DataFrame(
        {"person_id": cohort["person_id"], "year": 2017, "earnings": 0.0, "social_assistance_months": 0}
    )
    hours = np.float32("nan")
    return of(["11", "15"], weekly_hours=hours), of(["05", "15"], level=np.int8(3)), pd.concat(states), money, home


def panel_of(cohort, *tables, definitions=DEFINITIONS):
    outcomes = compute_outcomes(cohort, *tables, definitions, STUDY, AMOUNTS, read_statuses())
    return build_panel(as_frame(outcomes), cohort, definitions, read_statuses())


def test_statistics_norway_leavers_2016_come_out_exactly():
    groups = [(sex, code, n) for sex, counts in COUNTS_2016.items() for code, n in counts.items()]
    cohort = people(groups)
    table, panel = panel_of(cohort, *registers(cohort))
    rows = table[
        (table["region_level"] == "country") & (table["definition"] == "ssb_november") & (table["horizon"] == 1)
    ]
    n = rows.astype({"sex": str, "status": str}).set_index(["sex", "status"])["n"]
    assert [n[s, "00"] for s in ("both", "men", "women")] == [4790, 2706, 2084]
    assert [n["both", c] for c in ("11", "15", "05", "1", "2", "21", "22", "3")] == [
        1500,
        645,
        835,
        2980,
        482,
        257,
        225,
        1328,
    ]
    share = {(s, c): round(100 * n[s, c] / n[s, "00"]) for s in ("both", "men", "women") for c in ("1", "2", "3")}
    assert [share[s, "1"] for s in ("both", "men", "women")] == [62, 71, 50]
    assert [share["both", "2"], share["both", "3"]] == [10, 28]
    assert [share[s, c] for c in ("2", "3") for s in ("men", "women")] == [9, 11, 19, 39]
    official = panel[(panel["definition"] == "ssb_november") & (panel["horizon"] == 1)].set_index("sex")
    assert official["successes"].to_dict() == {"both": 2980, "men": 1932, "women": 1048}


def test_the_published_national_table_is_what_the_cohort_gives():
    """The counts above are those of data/published, status by status and sex by sex."""
    published = PUBLISHED[(PUBLISHED["source_key"] == "ssb_no_2018_12_20") & (PUBLISHED["unit"] == "persons")]
    value = published.set_index(["sex", "category"])["value"]
    for sex, counts in COUNTS_2016.items():
        assert value[sex, "employed_only"] == counts["11"] and value[sex, "education_only"] == counts["05"]
        assert (
            value[sex, "employed_and_education"] == counts["15"]
            and value[sex, "other_or_unknown_total"] == counts["80"]
        )
        assert (
            value[sex, "registered_unemployed"] == counts["21"] and value[sex, "jobseeker_on_measure"] == counts["22"]
        )


def county_rows():
    rows = PUBLISHED[(PUBLISHED["table_group"] == "direct_exit") & (PUBLISHED["exit_year"] == "2016")]
    rows = rows[rows["municipality_code"].str.len() == 2]
    return rows.pivot_table(index="municipality_code", columns="category", values="value", aggfunc="first")


def test_imdi_direct_exit_2016_with_protected_persons_in_the_total_only():
    counties = county_rows()
    assert len(counties) == 19 and counties["total"].sum() == 4433
    parts = [(code + "01", r["total"], r["work"], r["education"]) for code, r in counties.iterrows()] + [
        (None, 36, 12, 9)
    ]
    blocks = []
    for place, total, work, education in parts:
        kinds = [("men", "work", work), ("men", "education", education), ("women", "other", total - work - education)]
        blocks.append(people(kinds, place))
    cohort = pd.concat(blocks, ignore_index=True).assign(end_cause=lambda d: d["kind"])
    cohort["person_id"] = [f"{i:010d}" for i in range(len(cohort))]
    table, panel = panel_of(cohort, *registers(cohort.assign(kind="none")))
    exits = table[(table["definition"] == "direct_exit") & (table["sex"] == "both")].astype(
        {"status": str, "region": str}
    )
    n = exits.set_index(["region", "status"])["n"]
    country = [n["0", c] for c in ("00", "11", "05", "1")]
    assert country == [4469, 1087, 961, 2048] and round(100 * n["0", "1"] / n["0", "00"]) == 46
    for code, row in counties.iterrows():
        got = (n[code, "00"], round(100 * n[code, "1"] / n[code, "00"]), n[code, "11"], n[code, "05"])
        assert got == (row["total"], row["work_or_education"], row["work"], row["education"])
    exit_panel = panel[(panel["definition"] == "direct_exit") & (panel["sex"] == "both")]
    assert exit_panel["n"].sum() == 4433 and exit_panel["municipality"].notna().all()


def random_outcomes(seed=3, persons=400):
    rng = np.random.default_rng(seed)
    identity = np.array([f"{i:04d}" for i in range(persons)])
    leavers = pd.DataFrame({"person_id": identity, "sex": rng.choice(["men", "women"], persons)})
    pairs = [(d, h) for d in ("ssb_november", "stable", "present_municipality", "all_leavers") for h in (1, 2)]
    parts = []
    for definition, horizon in pairs:
        counted = rng.random(persons) < 0.8
        status = rng.choice(["11", "15", "05", "21", "35", "80", "08"], persons).astype(object)
        success = np.isin(status, ["11", "15", "05"]) & ((definition != "stable") | (rng.random(persons) < 0.5))
        parts.append(pd.DataFrame({
            "person_id": identity, "exit_year": np.where(np.arange(persons) % 2, 2010, 2012),
            "municipality": rng.choice(["0301", "1103", "1106", "4601", ""], persons), "horizon": horizon,
            "definition": definition, "status": np.where(counted, status, None),
            "success": pd.array(success, dtype="boolean"), "in_denominator": counted,
        }))  # fmt: skip
    outcomes = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=seed)
    outcomes["municipality"] = outcomes["municipality"].mask(outcomes["municipality"] == "")
    outcomes.loc[~outcomes["in_denominator"], "success"] = pd.NA
    return outcomes, leavers


def test_counts_equal_a_plain_group_by_and_levels_add_up():
    outcomes, leavers = random_outcomes()
    table, panel = build_panel(outcomes, leavers, DEFINITIONS, read_statuses())
    rows = outcomes[outcomes["in_denominator"]].merge(leavers, on="person_id").astype({"success": bool})
    plain = pd.concat([rows, rows.assign(sex="both")])
    plain = plain.groupby(["municipality", "exit_year", "horizon", "definition", "sex"])["success"].agg(["size", "sum"])
    got = panel.astype({"municipality": str, "definition": str, "sex": str, "n": int, "successes": int})
    got = got.set_index(plain.index.names)[["n", "successes"]].sort_index()
    assert got["n"].to_dict() == plain["size"].to_dict() and got["successes"].to_dict() == plain["sum"].to_dict()
    wide = table.astype({"status": str, "sex": str, "region_level": str, "definition": str, "region": str, "n": int})
    keys = ["exit_year", "horizon", "definition", "sex", "status"]
    sums = wide.groupby(["region_level", *keys])["n"].sum()
    shared = sums["municipality"].index
    assert (sums["county"].reindex(shared) == sums["municipality"]).all()
    nowhere = rows[rows["municipality"].isna()]
    extra = (sums["country"] - sums["county"]).loc[:, :, :, "both", "00"]
    assert extra.sum() == len(nowhere) > 0
    flat = wide.pivot_table(index=["region_level", "region", *keys[:-1]], columns="status", values="n")
    assert (flat["00"] == flat[["1", "2", "3"]].sum(axis=1)).all()
    cell = ["region", *keys[:3], "status"]
    by_sex = wide.pivot_table(index=cell, columns="sex", values="n", aggfunc="sum", fill_value=0)
    assert (by_sex["both"] == by_sex["men"] + by_sex["women"]).all()


def test_success_row_only_where_success_is_more_than_the_status():
    outcomes, leavers = random_outcomes()
    table, panel = build_panel(outcomes, leavers, DEFINITIONS, read_statuses())
    has = set(table.loc[table["status"] == "success", "definition"])
    assert has == {"stable"}
    cell = table[(table["region_level"] == "municipality") & (table["status"] == "success")].astype({"region": str})
    merged = cell.merge(panel.astype({"municipality": str}), left_on=["region", *PANEL_KEY[1:]], right_on=PANEL_KEY)
    assert len(merged) and (merged["n_x"] == merged["successes"]).all()


def test_tables_keep_the_contract_and_the_order(tmp_path):
    outcomes, leavers = random_outcomes()
    table, panel = build_panel(outcomes, leavers, DEFINITIONS, read_statuses())
    assert list(table) == [*REGION_KEY, "n", "suppressed"] and list(panel) == [
        *PANEL_KEY,
        "n",
        "successes",
        "suppressed",
    ]
    for frame, key in ((table, REGION_KEY), (panel, PANEL_KEY)):
        ordered = frame.astype(dict.fromkeys(key[:2] + key[3:], str)).sort_values(key)
        assert (
            ordered.index.is_monotonic_increasing and not frame.duplicated(key).any() and not frame["suppressed"].any()
        )
    geography = table.astype({"definition": str}).groupby("definition")["geography"].unique()
    assert list(geography["present_municipality"]) == ["present"] and list(geography["stable"]) == ["programme"]
    write_table(table, tmp_path / "r.parquet", REGION_KEY)
    counties = read_regions(tmp_path / "r.parquet", ["county"])
    assert sorted(counties["region"].unique()) == ["03", "11", "46"] and counties["status"].isin(["05", "08"]).any()


def test_outcomes_written_and_read_give_the_same_panel(tmp_path):
    groups = [("men", "11", 7), ("women", "80", 5), ("women", "05", 2)]
    cohort = people(groups)
    tables = registers(cohort)
    tables[-1].loc[:3, ["last_date", "end_reason"]] = [pd.Timestamp(2017, 1, 1), "emigrated"]
    outcomes = compute_outcomes(cohort, *tables, DEFINITIONS, STUDY, AMOUNTS, read_statuses())
    write_arrow(outcomes, tmp_path / "outcomes.parquet")
    direct = build_panel(as_frame(outcomes), cohort, DEFINITIONS, read_statuses())
    back = build_panel(read_outcomes(tmp_path / "outcomes.parquet"), cohort, DEFINITIONS, read_statuses())
    for a, b in zip(direct, back):
        pd.testing.assert_frame_equal(a.astype(object), b.astype(object))
    everyone = direct[1][(direct[1]["definition"] == "all_leavers") & (direct[1]["horizon"] == 1)].set_index("sex")
    official = direct[1][(direct[1]["definition"] == "ssb_november") & (direct[1]["horizon"] == 1)].set_index("sex")
    assert (everyone.loc["both", "n"], official.loc["both", "n"]) == (14, 10)
    assert everyone.loc["both", "successes"] == official.loc["both", "successes"] == 5
