"""The displays: what their numbers say, that real and made-up data never meet, and that files repeat byte for byte."""

import hashlib
import re
from itertools import pairwise
from pathlib import Path

import display_frames as made
import numpy as np
import pandas as pd
import pytest
import yaml
from introprog.displays.context import Context
from introprog.displays.making import draw_to, make_numbers, make_table, module_of, read_inputs
from introprog.displays.registry import registry
from introprog.house_style import spread
from introprog.tabular import write_csv

ENTRIES = registry()
SHIPPED = made.ROOT / "data" / "published"
PUBLISHED = {"published": str(SHIPPED / "figures.csv"), "published_sources": str(SHIPPED / "sources.csv")}


@pytest.fixture(scope="module")
def inputs():
    frames = {name: getattr(made, name)() for name in ("region_status", "municipalities", "flow")}
    rows = frames["region_status"]
    town = rows[
        (rows["region_level"] == "municipality")
        & (rows["sex"] == "both")
        & rows["definition"].isin(["ssb_november", "direct_exit"])
    ]
    wide = (
        town.pivot_table(index=["region", "horizon"], columns="status", values="n", aggfunc="sum")[["00", "1"]]
        .astype(int)
        .reset_index()
    )
    frames["funnel"] = pd.DataFrame(
        {
            "municipality": wide["region"],
            "horizon": wide["horizon"],
            "n": wide["00"],
            "rate": wide["1"] / wide["00"],
            "mean": 0.6,
            "overdispersion": 1.4,
            "z": 0.0,
            "outside": 0.0,
            "outside_overdispersed": 0.0,
        }
    )
    years = {"first_exit_year": 2012, "last_exit_year": 2018}
    frames["signal"] = pd.DataFrame({"definition": "ssb_november", "horizon": range(1, 6), **years})
    frames["rules"] = yaml.safe_load((made.ROOT / "data" / "codebook" / "rules.yaml").read_text(encoding="utf-8"))
    return {**frames, **read_inputs(PUBLISHED)}


def numbers_of(name, inputs, source="synthetic", **changes):
    entry = ENTRIES[name]
    return make_numbers(entry, {n: inputs[n] for n in entry["needs"]}, made.settings(source, **changes))


def context_of(name, language, source="synthetic"):
    return Context.of(name, ENTRIES[name], made.settings(source), language)


def test_registry_follows_its_schema_and_every_module_can_do_its_form():
    assert len(ENTRIES) >= 18
    for entry in ENTRIES.values():
        module = module_of(entry)
        assert callable(module.numbers)
        assert callable(module.draw if entry["form"] == "figure" else module.table)
        assert set(entry["settings"]) <= set(made.CONFIG)


def test_own_numbers_never_need_published_ones_and_the_reverse():
    for name, entry in ENTRIES.items():
        only = set(entry["needs"]) <= {"published", "published_sources"}
        assert (entry.get("data") == "published") == only
        assert only or not name.endswith("-published")


def test_texts_speak_of_associations_only():
    # the cause of leaving is a field of the register, the design effect a term of sampling
    cause, effect = r"(?<!end )(?<!known )(?<!registered )causes?", r"(?<!design )effects?"
    words = re.compile(rf"\b({cause}|{effect}|impact|leads? to|virkning|effekt|fører til)\b", re.I)
    for entry in ENTRIES.values():
        for key in ("title", "caption", "alt"):
            assert not any(words.search(text) for text in entry[key].values())


def test_one_year_series_is_successes_over_leavers_with_wilson_limits(inputs):
    table = numbers_of("F-B2", inputs)
    rows = inputs["region_status"]
    country = rows[
        (rows["region_level"] == "country") & (rows["definition"] == "ssb_november") & (rows["horizon"] == 1)
    ]
    one = country[(country["exit_year"] == 2016) & (country["sex"] == "women")].set_index("status")["n"]
    found = table[(table["exit_year"] == 2016) & (table["sex"] == "women")].iloc[0]
    assert (found["successes"], found["n"], found["status_year"]) == (one["1"], one["00"], 2017)
    assert found["share"] == pytest.approx(one["1"] / one["00"])
    p, n, z = one["1"] / one["00"], one["00"], 1.959964
    centre, half = (
        (p + z**2 / (2 * n)) / (1 + z**2 / n),
        z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)),
    )
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((centre - half, centre + half), rel=1e-5)
    assert table["data"].unique().tolist() == ["synthetic"]
    assert table["sex"].tolist()[:3] == ["both", "men", "women"]


def test_official_table_of_2016_comes_out_as_statistics_norway_printed_it():
    men = {"11": 1055, "15": 424, "05": 453, "21": 129, "22": 125, "80": 520}
    women = {"11": 445, "15": 221, "05": 382, "21": 128, "22": 100, "80": 808}
    rows = [("men", k, v) for k, v in men.items()] + [("women", k, v) for k, v in women.items()]
    frame = pd.DataFrame(rows, columns=["sex", "status", "n"])
    frame["head"] = frame["status"].map({"11": "1", "15": "1", "05": "1", "21": "2", "22": "2", "80": "3"})
    heads = frame.groupby(["sex", "head"], as_index=False)["n"].sum().rename(columns={"head": "status"})
    total = frame.groupby("sex", as_index=False)["n"].sum().assign(status="00")
    long = pd.concat([frame, heads, total])[["sex", "status", "n"]]
    long = pd.concat([long, long.groupby("status", as_index=False)["n"].sum().assign(sex="both")])
    region = long.assign(
        region_level="country",
        region="0",
        exit_year=2016,
        horizon=1,
        definition="ssb_november",
        geography="programme",
        suppressed=False,
    )
    table = numbers_of("T-B1", {"region_status": region}, "extracts").set_index(["status", "sex"])
    assert not table["suppressed"].any()
    assert table.loc[("00", "both"), "n"] == 4790
    printed = make_table(table.reset_index(), context_of("T-B1", "nb", "extracts"))
    cells = {row.label: list(row.cells) for row in printed.rows}
    assert cells["Tidligere deltakere i alt"] == ["4\xa0790", "2\xa0706", "2\xa0084", "100", "100", "100"]
    assert cells["Sysselsatt og/eller under utdanning, i alt"] == ["2\xa0980", "1\xa0932", "1\xa0048", "62", "71", "50"]
    assert cells["Sysselsatt"][:3] == ["1\xa0500", "1\xa0055", "445"]
    assert cells["Registrert arbeidsledig og/eller på tiltak, i alt"][3:] == ["10", "9", "11"]
    assert printed.stamp == ""


def test_small_statuses_are_printed_as_colons(inputs):
    rows = inputs["region_status"].copy()
    latest = (
        (rows["exit_year"] == 2022)
        & (rows["status"] == "33")
        & (rows["region_level"] == "country")
        & (rows["definition"] == "ssb_november")
    )
    change = latest & (rows["horizon"] == 1)
    old = rows.loc[change].set_index("sex")["n"]
    rows.loc[change, "n"] = rows.loc[change, "sex"].map({"men": 2, "women": old["women"], "both": 2 + old["women"]})
    for code in ("3", "00"):
        at = (
            (rows["exit_year"] == 2022)
            & (rows["status"] == code)
            & (rows["region_level"] == "country")
            & (rows["definition"] == "ssb_november")
            & (rows["horizon"] == 1)
        )
        rows.loc[at & rows["sex"].isin(["men", "both"]), "n"] -= old["men"] - 2
    table = numbers_of("T-B1", {"region_status": rows})
    hidden = table[table["suppressed"]]
    assert ("33", "men") in set(zip(hidden["status"], hidden["sex"], strict=True))
    assert len(hidden) >= 4
    assert hidden[["n", "share"]].isna().all().all()
    printed = make_table(table, context_of("T-B1", "en"))
    assert sum(cell == ":" for row in printed.rows for cell in row.cells) == 2 * len(hidden)
    assert any("suppressed figures" in line for line in printed.footer)


def test_flow_adds_up_and_hides_small_exclusions_with_a_neighbour(inputs):
    table = numbers_of("T-A5", inputs)
    assert table.loc[table["criterion"] == "age_in_range", "n_out"].isna().all()
    shown = table.dropna(subset=["n_in", "excluded", "n_out"])
    assert (shown["n_in"] - shown["excluded"] == shown["n_out"]).all()
    assert len(shown) >= 4
    hidden = table[table["suppressed"]]
    assert (table["reason_nb"] == "").all()
    # what is left cannot be subtracted: at least two exclusions of the unit are unknown
    assert hidden["excluded"].isna().sum() >= 2


def test_the_flow_diagram_draws_what_the_flow_table_says(inputs):
    from introprog.house_style import house_style

    table = numbers_of("F-A5", inputs)
    assert table.equals(numbers_of("T-A5", inputs))
    with house_style():
        figure = module_of(ENTRIES["F-A5"]).draw(table, context_of("F-A5", "en"))
    texts = [t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text"))]
    boxes = ["26,000", "14,000", "12,400"]
    assert [t for t in texts if t in boxes] == boxes
    still, outside = texts.index("still in the programme (no end date)"), texts.index("ended outside the study period")
    assert (texts[still - 1], texts[outside - 1]) == ("2,290", "800")
    # the three left out for their age are hidden, with a neighbour
    assert texts[texts.index("age at the start outside the limits") - 1] == ":"
    assert not any("nan" in t.lower().split() for t in texts)


def test_definitions_table_puts_months_and_novembers_on_one_scale(inputs):
    table = numbers_of("T-C6", inputs).set_index(["definition", "months"])
    assert (
        ("anniversary", 6) in table.index and ("ssb_november", 12) in table.index and ("direct_exit", 0) in table.index
    )
    assert table.index.get_level_values("months").max() == 60
    assert table["first_exit_year"].unique().tolist() == [2012]


def test_followed_panel_has_the_same_cohorts_at_every_horizon(inputs):
    table = numbers_of("F-C1", inputs)
    same = table[table["panel"] == "same_leavers"]
    assert same[["first_exit_year", "last_exit_year"]].drop_duplicates().to_numpy().tolist() == [[2012, 2018]]
    across = table[table["panel"] == "one_november"]
    assert (across["first_exit_year"] + across["horizon"] == across["status_year"]).all()


def test_statbank_without_the_years_of_the_comparison_follows_what_it_has(inputs):
    rows = inputs["region_status"]
    rows = rows[
        rows["status"].isin(["00", "1", "2", "3"]) & (rows["definition"] == "ssb_november") & rows["horizon"].le(5)
    ]
    rows = rows[(rows["exit_year"] + rows["horizon"]).between(2011, 2013)]
    table = numbers_of("F-C1", {"region_status": rows}, "statbank")
    assert table.loc[table["panel"] == "same_leavers", "horizon"].max() == 3
    assert table["data"].unique().tolist() == ["statbank"]


def test_published_series_keeps_first_published_figures_apart(inputs):
    table = numbers_of("F-B2-published", inputs)
    assert not table.duplicated(["exit_year", "sex"]).any()
    assert set(table.loc[table["series"] == "first_published", "exit_year"]) == {2005, 2006, 2007, 2009}
    row = table[(table["exit_year"] == 2016) & (table["sex"] == "both")].iloc[0]
    assert (row["share"], row["n"]) == (0.62, 4790)
    assert table["data"].unique().tolist() == ["published"]
    assert context_of("F-B2-published", "nb").stamp == ""


def test_published_pairs_are_46_and_62_per_cent_for_2016(inputs):
    table = numbers_of("F-B3-published", inputs)
    row = table[
        (table["first_exit_year"] == 2016) & (table["sex"] == "both") & (table["group"] == "national")
    ].set_index("measure")
    assert row["share"].to_dict() == {"direct_exit": 0.46, "one_year": 0.62}
    assert (table["group"] == "county").sum() == 19


def test_published_followed_cohort_is_61_63_62(inputs):
    table = numbers_of("F-C1-published", inputs)
    both = table[(table["panel"] == "same_leavers") & (table["sex"] == "both")]
    assert both["first_exit_year"].unique().tolist() == [2010]
    assert both["share"].tolist() == [0.61, 0.63, 0.62]


def test_funnel_shows_no_municipality_with_few_persons_of_either_kind(inputs):
    table = numbers_of("F-D5", inputs)
    towns = table[(table["kind"] == "municipality") & ~table["suppressed"]]
    hits = towns["rate"].astype(float) * towns["n"].astype(float)
    assert len(towns) > 5
    assert (hits.round() >= 5).all() and ((towns["n"] - hits).round() >= 5).all()
    assert table.loc[table["suppressed"], ["n", "rate"]].isna().all().all()


@pytest.mark.parametrize("name", ["F-B2", "F-B2-published"])
def test_files_repeat_byte_for_byte_and_carry_the_alternative_text(name, inputs, tmp_path):
    table = numbers_of(name, inputs)
    digests = []
    for run in ("a", "b"):
        paths = [str(tmp_path / run / f"{name}_en.{ending}") for ending in ("svg", "png", "pdf")]
        draw_to(paths, table, context_of(name, "en"))
        digests.append([hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in paths])
    assert digests[0] == digests[1]
    svg = (tmp_path / "a" / f"{name}_en.svg").read_text(encoding="utf-8")
    assert f'aria-labelledby="{name}-en-title {name}-en-desc"' in svg
    assert ENTRIES[name]["alt"]["en"] in svg
    assert ("SYNTHETIC DATA" in svg) == (name == "F-B2")
    assert not re.search(r"20\d\d-\d\d-\d\dT|matplotlib v", svg, re.I)


def test_only_files_of_the_language_are_written(inputs, tmp_path):
    paths = [str(tmp_path / f"F-B2_{language}.png") for language in ("nb", "en")]
    draw_to(paths, numbers_of("F-B2", inputs), context_of("F-B2", "nb"))
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["F-B2_nb.png"]


@pytest.mark.parametrize("name", ["F-B2", "F-C1", "F-B3", "F-D5"])
def test_no_text_runs_off_the_page_in_either_language(name, inputs):
    from introprog.house_style import house_style
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    table = numbers_of(name, inputs)
    for language in ("nb", "en"):
        with house_style():
            figure = module_of(ENTRIES[name]).draw(table, context_of(name, language))
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            renderer = canvas.get_renderer()
            width, height = figure.canvas.get_width_height()
            for text in figure.findobj(lambda a: hasattr(a, "get_text") and a.get_text().strip() and a.get_visible()):
                box = text.get_window_extent(renderer)
                assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1, text.get_text()


def test_the_csv_twin_can_be_read_back(inputs, tmp_path):
    table = numbers_of("F-C1", inputs)
    write_csv(table, tmp_path / "F-C1.csv")
    again = pd.read_csv(tmp_path / "F-C1.csv")
    assert list(again.columns) == list(table.columns)
    assert again["share"].to_numpy() == pytest.approx(table["share"].astype(float).to_numpy())


def test_labels_are_moved_apart_and_stay_within_the_axes():
    placed = spread([70, 69, 68, 20], 6, 0, 100)
    ordered = sorted(placed)
    assert all(b - a >= 6 - 1e-3 for a, b in pairwise(ordered))
    assert sorted(range(4), key=lambda i: placed[i]) == [3, 2, 1, 0]
    assert max(spread([99, 98, 97], 6, 0, 100)) <= 100 + 1e-9
