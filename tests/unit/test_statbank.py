"""The StatBank reader: IMDi's real wide files, hand-made JSON-stat2, suppression, and every fault at once."""

import json
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from introprog.errors import InputError
from introprog.panel import PANEL_KEY, REGION_KEY
from introprog.region_counts import pooled, successes
from introprog.statbank import read_statbank
from introprog.tabular import read_table, write_table

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "real"
MUNICIPAL = REAL / "intro_status_arbutd-kommune-2011_2013.csv"
COUNTY = REAL / "intro_status_arbutd-fylke-2011_2013.csv"
needs_real = pytest.mark.skipif(not MUNICIPAL.is_file(), reason="the real public extracts are not beside the project")
DETAILS = ["00", "1", "11", "15", "05", "2", "21", "22", "3", "32", "31", "33", "34", "35", "80", "08"]


@pytest.fixture(scope="module")
def municipal():
    return read_statbank(MUNICIPAL)


def same_cohort(panel, later):
    rows = panel[(panel["sex"] == "both") & (panel["n"] >= 10) & ~panel["suppressed"]]
    pairs = rows[rows["horizon"] == 1].merge(rows[rows["horizon"] == later], on=["municipality", "exit_year"])
    return [(pairs[f"successes_{s}"] / pairs[f"n_{s}"]).astype(float) for s in "xy"]


@needs_real
@pytest.mark.parametrize(("later", "pairs", "rho", "sides"), [(2, 111, 0.524, 29), (3, 37, 0.329, 8)])
def test_same_cohorts_at_two_moments(municipal, later, pairs, rho, sides):
    first, second = same_cohort(municipal[1], later)
    assert len(first) == pairs
    assert round(first.corr(second, method="spearman"), 3) == rho
    assert ((first >= 0.7) != (second >= 0.7)).sum() == sides


@needs_real
def test_without_the_displaced_rows_fewer_pairs_are_left():
    """From 1504 on the file's figures three years after belong to other municipalities (test_displaced_rows.py)."""
    first, second = same_cohort(read_statbank(MUNICIPAL, displaced_rows="withdraw")[1], 3)
    assert (len(first), round(first.corr(second, method="spearman"), 3)) == (32, 0.304)
    assert ((first >= 0.7) != (second >= 0.7)).sum() == 7


@needs_real
def test_real_municipalities_keep_their_zeros_and_their_suppression(municipal):
    table, panel = municipal
    assert panel["municipality"].nunique() == 430
    assert panel["municipality"].str.fullmatch(r"\d{4}").all() and "0101" in set(panel["municipality"])
    assert panel["suppressed"].equals(panel["n"].isna() | panel["successes"].isna())
    assert table["suppressed"].equals(table["n"].isna()) and table["suppressed"].any()
    assert set(panel["exit_year"]) == set(range(2007, 2013)), "the empty cohort of 2006 is not zero"
    halden = panel[(panel["municipality"] == "0101") & (panel["horizon"] == 1) & (panel["exit_year"] == 2012)]
    both = halden[halden["sex"] == "both"].iloc[0]
    assert (both["n"], pd.isna(both["successes"]), both["suppressed"]) == (8, True, True)


@needs_real
def test_percentages_never_enter(tmp_path, municipal):
    """The same file with every percentage spoilt gives the same tables."""
    lines = [line.split(";") for line in MUNICIPAL.read_text(encoding="utf-8").splitlines()]
    percent = [i for i, name in enumerate(lines[0]) if name.endswith("prosent")]
    for line in lines[1:]:
        for i in percent:
            line[i] = "0"
    (tmp_path / "wide.csv").write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")
    for a, b in zip(read_statbank(tmp_path / "wide.csv"), municipal):
        pd.testing.assert_frame_equal(a, b)


@needs_real
def test_counties_sum_to_the_nation_where_nothing_is_suppressed():
    table, panel = read_statbank(COUNTY)
    assert panel.empty and list(panel) == [*PANEL_KEY, "n", "successes", "suppressed"]
    keys = ["exit_year", "horizon", "sex", "status"]
    nation = table[table["region_level"] == "country"].set_index(keys)["n"]
    counties = table[table["region_level"] == "county"].groupby(keys)
    open_cells = ~counties["suppressed"].any()
    assert open_cells.sum() == 104 and counties["region"].nunique().eq(19).all()
    assert (counties["n"].sum()[open_cells] == nation.reindex(open_cells.index)[open_cells]).all()


@needs_real
def test_national_lines_of_the_leavers_of_2010():
    table, _ = read_statbank([MUNICIPAL, COUNTY])
    rows = table[(table["region_level"] == "country") & (table["exit_year"] == 2010)]
    wide = rows.pivot_table(index=["sex", "horizon"], columns="status", values="n", aggfunc="first")
    line = (100 * wide["1"] / wide["00"]).astype(float).round().astype(int)
    assert {sex: line[sex].tolist() for sex in ("both", "men", "women")} == {
        "both": [61, 63, 62], "men": [69, 69, 69], "women": [53, 56, 55],
    }  # fmt: skip


@needs_real
def test_tables_are_unique_by_key_and_survive_parquet(tmp_path, municipal):
    for table, key in zip(municipal, (REGION_KEY, PANEL_KEY)):
        write_table(table, tmp_path / "t.parquet", key)
        assert len(read_table(tmp_path / "t.parquet")) == len(table)


def px(
    regions=("0", "03", "0301", "0219", "N01", "030101a"),
    contents=("DeltakereProg", "DeltakereProg1"),
    years=("2012",),
    statuses=DETAILS,
    horizons=("01", "05"),
    sparse=True,
    value=None,
):
    """A small answer of table 10824 in JSON-stat2: 40 persons everywhere; 0219 is suppressed but for its total."""
    ids = ["Region", "Kjonn", "IntroAvbrudd", "Arbeidsmarkedsstatus", "ContentsCode", "Tid"]
    codes = [list(regions), ["0", "1", "2"], list(horizons), list(statuses), list(contents), list(years)]
    count = {"00": 40, "1": 24, "11": 12, "15": 4, "05": 8, "2": 6, "21": 6, "22": 0, "3": 10, "80": 9, "08": 1}
    values, marks = {}, {}
    for place, (region, sex, horizon, status, content, year) in enumerate(product(*codes)):
        n = {"0": 1.0, "1": 0.5, "2": 0.5}[sex] * count.get(status, 0)
        if content.endswith("1"):
            values[place] = 0.0
        elif horizon == "05" and year == "2011":
            values[place] = 0
        elif region == "0219" and status not in ("00", "22"):
            marks[place] = ":"
        else:
            values[place] = value if value is not None else n
    size = len(list(product(*codes)))
    index = [{c: i for i, c in enumerate(part)} if k % 2 else part for k, part in enumerate(codes)]
    return {
        "version": "2.0", "class": "dataset", "id": ids, "size": [len(c) for c in codes],
        "dimension": {d: {"label": d, "category": {"index": i}} for d, i in zip(ids, index)},
        "value": {str(k): v for k, v in values.items()} if sparse else [values.get(i) for i in range(size)],
        "status": {str(k): v for k, v in marks.items()},
    }  # fmt: skip


def saved(folder, data, name="px.json"):
    (folder / name).write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("sparse", [True, False])
def test_json_stat_lists_and_dictionaries_are_read_alike(tmp_path, sparse):
    table, panel = read_statbank(saved(tmp_path, px(sparse=sparse)))
    assert set(table["region"]) == {"0", "03", "0301", "0219"} and set(table["status"]) == {*DETAILS, "success"}
    oslo = panel[(panel["municipality"] == "0301") & (panel["sex"] == "both")].set_index("exit_year")
    assert oslo.loc[2011, ["n", "successes"]].tolist() == [40, 24] and oslo.loc[2007, "horizon"] == 5
    hidden = panel[panel["municipality"] == "0219"]
    assert hidden["suppressed"].all() and hidden["successes"].isna().all() and (hidden["n"] > 0).all()
    zero = table[(table["region"] == "0219") & (table["status"] == "22")]
    assert (zero["n"] == 0).all() and not zero["suppressed"].any()
    assert set(table["geography"]) == {"programme"} and set(table["definition"]) == {"ssb_november", "work_only"}


def test_the_employed_are_those_at_work_and_those_at_work_in_education(tmp_path):
    table, _ = read_statbank(saved(tmp_path, px()))
    own = table[table["definition"] == "work_only"].set_index(["region", "sex", "horizon", "status"]).sort_index()
    assert own.loc[("0", "both", 1)]["n"].to_dict() == {"00": 40, "success": 16}
    assert own.loc[("03", "men", 5)]["n"].to_dict() == {"00": 20, "success": 8}
    assert set(own.index.get_level_values("region")) == {"0", "03"}, "not of single municipalities"
    marked = px(regions=("0", "03"))
    codes = marked["dimension"]["Arbeidsmarkedsstatus"]["category"]["index"]
    step = marked["size"][4] * marked["size"][5]
    place = codes["11"] * step if isinstance(codes, dict) else list(codes).index("11") * step
    del marked["value"][str(place)]
    marked["status"] = {str(place): ":"}
    table, _ = read_statbank(saved(tmp_path, marked))
    own = table[table["definition"] == "work_only"].set_index(["region", "sex", "horizon", "status"]).sort_index()
    assert own.loc[("0", "both", 1, "success"), "suppressed"] and pd.isna(own.loc[("0", "both", 1, "success"), "n"])
    assert own.loc[("0", "both", 5, "success"), "n"] == 16


def test_without_one_of_the_two_nobody_is_called_employed(tmp_path):
    table, _ = read_statbank(saved(tmp_path, px(statuses=[code for code in DETAILS if code != "15"])))
    assert set(table["definition"]) == {"ssb_november"}


def test_json_stat_both_geographies_and_the_unpublished_cohort(tmp_path):
    data = px(contents=("Deltakere", "Deltakere1", "DeltakereProg"), years=("2011", "2012"))
    table, panel = read_statbank(saved(tmp_path, data))
    pairs = set(zip(panel["definition"], panel["geography"]))
    assert pairs == {("ssb_november", "programme"), ("present_municipality", "present")}
    assert 2006 not in set(table["exit_year"]) and {2007, 2010, 2011} == set(table["exit_year"])


def test_a_missing_value_without_a_mark_is_hidden_and_never_zero(tmp_path):
    data = px()
    data["status"] = {}
    table, panel = read_statbank(saved(tmp_path, data))
    assert table["suppressed"].equals(table["n"].isna()) and table["suppressed"].any()
    assert panel.loc[panel["municipality"] == "0219", "suppressed"].all()


def test_what_stands_in_a_suppressed_cell_never_enters(tmp_path):
    """A sum shown from such a file can tell no more of a suppressed cell than the file itself: its number is not read,
    whatever it is, so that no table depends on it."""
    found = []
    for number in (None, 1, 4, 3000):
        data = px()
        if number is not None:
            data["value"] |= dict.fromkeys(data["status"], number)
        found.append(read_statbank(saved(tmp_path, data)))
    for table, panel in found[1:]:
        pd.testing.assert_frame_equal(table, found[0][0])
        pd.testing.assert_frame_equal(panel, found[0][1])
    table = found[0][0]
    towns = table[(table["region_level"] == "municipality") & (table["definition"] == "ssb_november")]
    towns = towns[towns["status"].isin(["00", "1"]) & (towns["sex"] == "both") & (towns["horizon"] == 1)]
    sums = pooled(
        successes(towns.assign(region_level="municipality"), ["ssb_november"], ("municipality",)), (2011, 2011), ["sex"]
    )
    assert sums["n"].tolist() == [80] and sums["successes"].isna().all(), "no sum over a suppressed part"


def test_cells_marked_as_not_existing_are_left_out(tmp_path):
    data = px()
    data["status"] = dict.fromkeys(data["status"], "..")
    table, _ = read_statbank(saved(tmp_path, data))
    assert set(table.loc[table["region"] == "0219", "status"]) == {"00", "22"} and not table["suppressed"].any()


def test_the_same_cell_twice_is_one_and_twice_different_is_a_fault(tmp_path):
    one, two = saved(tmp_path, px(), "a.json"), saved(tmp_path, px(regions=("0",)), "b.json")
    both, alone = read_statbank([one, two])[0], read_statbank(one)[0]
    pd.testing.assert_frame_equal(both, alone)
    other = saved(tmp_path, px(regions=("0",), value=3), "c.json")
    with pytest.raises(InputError, match="T7"):
        read_statbank([one, other])


def wide(
    region="kommune_nr", column="avslutta.ettaar_kjonn.alle_avslutning.status.4.alle_aar.2013_enhet.personer", cell="12"
):
    success = "avslutta.ettaar_kjonn.alle_avslutning.status.4.arbutd_aar.2013_enhet.personer"
    return f"{region};{column};{success}\n101;{cell};:\n1902;9;0\n"


def test_a_small_wide_file_with_quotes_and_a_byte_order_mark(tmp_path):
    text = wide().replace("kommune_nr", '"kommune_nr"').replace("101;", '"101";')
    path = tmp_path / "w.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    _, panel = read_statbank(path)
    assert panel["municipality"].tolist() == ["0101", "1902"] and panel["exit_year"].tolist() == [2012, 2012]
    assert panel["successes"].isna().tolist() == [True, False] and panel.loc[1, "successes"] == 0


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (wide(region="region"), "T2"),
        (wide(column="avslutta.seksaar_kjonn.alle_avslutning.status.4.alle_aar.2013_enhet.personer"), "T3"),
        (wide() + "1903;4\n", "T4"),
        (wide(cell="12,5"), "T5"),
        (wide(cell=""), "T5"),
        ("{not json", "T2"),
        (px(horizons=("01", "77")), "T6"),
        (px(contents=("DeltakereProg1",)), "T6"),
        (px(years=("2012K1",)), "T6"),
        (px(statuses=("11", "15")), "T8"),
        ({"id": [], "dimension": {}, "value": []}, "T3"),
        (px() | {"value": [1, 2, 3]}, "T4"),
    ],
)
def test_faults_are_reported_by_rule(tmp_path, data, rule):
    with pytest.raises(InputError, match=rule):
        read_statbank(saved(tmp_path, data))


def test_all_faults_of_all_files_come_together(tmp_path):
    bad = saved(tmp_path, wide(cell="x"), "bad.csv")
    with pytest.raises(InputError) as caught:
        read_statbank([tmp_path / "absent.csv", bad, saved(tmp_path, "{", "c.json")])
    assert [p.rule for p in caught.value.problems] == ["T1", "T5", "T2"]
    with pytest.raises(InputError, match="T0"):
        read_statbank([])
