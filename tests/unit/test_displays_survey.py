"""Displays of the surveys and of satisfaction on result: their numbers, what they hide, and what they print."""

import math
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import survey_frames as made
from introprog.association_specifications import association_specifications
from introprog.displays.answer_parts import part_table, parts_of
from introprog.displays.context import Context
from introprog.displays.f_e6 import spearman
from introprog.displays.f_e7 import group_means, groups_of
from introprog.displays.f_e12 import coefficients, predictors
from introprog.displays.t_e11 import partial_r
from introprog.displays.waves import published_rows
from introprog.estimable import NotEstimable
from introprog.house_style import house_style
from introprog.languages import invariance_table
from introprog.measurement import score_waves
from introprog.municipal_means import icc_limits, spread_of_means
from introprog.proportional_odds import proportional_odds_table
from introprog.satisfaction import analyse
from introprog.standardisation import adjusted_means
from introprog.tabular import read_csv
from scipy.stats import spearmanr

ROOT = Path(__file__).parents[2]
FIGURES = ("f_e3", "f_e4", "f_e5", "f_e5_radar", "f_e6", "f_e7", "f_e8", "f_e9", "f_e12", "f_f3", "f_f5", "f_f6")
FIGURES += ("f_f8",)
TABLES = ("t_e1", "t_e10", "t_e11", "t_e13", "t_f2", "t_f7")
SETTINGS = {
    "source": "synthetic",
    "disclosure": {"threshold": 5},
    "study": {"confidence": 0.95, "target_share": 0.7},
    "surveys": made.SURVEYS,
    "association": made.ASSOCIATION,
    "integration_index": made.INDEX,
    "definitions": made.DEFINITIONS,
    "official_definition": "ssb_november",
}
IN_ORDER = ("t_f2",)  # its rows stand as the models were fitted: terms and inferences of one after the other
WORDS = {"nb": "Prøvevisning", "en": "Trial display"}
ENTRY = {"title": WORDS, "caption": WORDS, "alt": WORDS, "basis": "survey"}


def display(name):
    return import_module(f"introprog.displays.{name}")


def context(name, language="nb", settings=SETTINGS):
    return Context.of(name.upper(), ENTRY | {"module": name}, settings, language)


def survey_inputs(seed=3, towns=30, answers=18):
    responses, frame, panel = made.world(seed, towns, 0.6, answers=answers)
    rng = np.random.default_rng(seed)
    responses["language"] = rng.choice(["ti", "ar", "xx"], len(responses), p=[0.6, 0.35, 0.05])
    responses["assisted"] = rng.random(len(responses)) < 0.3
    scales, measurement, items = score_waves(responses, frame, made.INSTRUMENTS)
    panel = made.with_exits(panel)
    asked = scales, panel, made.standard(panel), made.INSTRUMENTS, made.SURVEYS, made.ASSOCIATION, made.DEFINITIONS
    found, specifications = analyse(*asked), association_specifications(*asked)
    books = {wave: made.INSTRUMENTS[block["instrument"]] for wave, block in made.WAVES.items()}
    slopes = proportional_odds_table(scales, found.link, "ssb_november", 1, made.ASSOCIATION["covariates"])
    names = made.codes(towns)
    towns_table = pd.DataFrame({"municipality": names, "year": 2020, "name": [f"Vik {n}" for n in names]})
    return {
        "survey_responses": responses, "survey_frame": frame, "scales": scales, "measurement": measurement,
        "survey_items": items, "panel": panel, "association": found.association, "verdict": found.verdict,
        "municipal_link": found.link, "municipalities": towns_table, "survey_ks": made.INSTRUMENTS["ks"],
        "survey_imdi": made.INSTRUMENTS["imdi"], "proportional_odds": slopes,
        "invariance": invariance_table(scales, books, made.SURVEYS["minimum_language_answers"]),
        "association_specifications": specifications,
        "published": read_csv(ROOT / "data" / "published" / "figures.csv", text=("municipality_code", "n", "note")),
    }  # fmt: skip


@pytest.fixture(scope="module")
def inputs():
    return survey_inputs()


@pytest.fixture(scope="module")
def numbers(inputs):
    return {name: display(name).numbers(inputs, SETTINGS) for name in (*FIGURES, *TABLES)}


@pytest.fixture(scope="module")
def texts(numbers):
    """Every text of every display, by name and language."""
    return {
        (name, language): printed(name, numbers[name], language)
        for name in (*FIGURES, *TABLES)
        for language in ("nb", "en")
    }


def texts_of(figure):
    from matplotlib.text import Text

    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


def printed(name, rows, language):
    """Every text of a display."""
    if name.startswith("f_"):
        with house_style():
            return texts_of(display(name).draw(rows, context(name, language)))
    return re.findall(r">([^<>]+)<", display(name).table(rows, context(name, language)).to_html())


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("name", [*FIGURES, *TABLES])
def test_nothing_missing_is_printed_and_the_source_stands_below(name, language, texts):
    told = texts[name, language]
    joined = " ".join(told)
    assert not re.search(r"\bnan\b|<NA>|\bNone\b|\bNaT\b", joined)
    assert any(t.startswith({"nb": "Kilde: ", "en": "Source: "}[language]) for t in told)
    assert any(t.startswith({"nb": "Definisjon: ", "en": "Definition: "}[language]) for t in told)


@pytest.mark.parametrize("name", [*FIGURES, *TABLES])
def test_norwegian_and_english_figures_have_no_word_of_the_other(name, texts):
    english = " ".join(texts[name, "en"])
    assert not re.search(r"\b(ikke|kommuner|svar|og|av)\b", english)
    norwegian = " ".join(texts[name, "nb"])
    assert not re.search(r"\b(the|municipalities|answers|and|not)\b", norwegian)


@pytest.mark.parametrize("name", [name for name in (*FIGURES, *TABLES) if name not in IN_ORDER])
def test_the_order_of_the_input_rows_does_not_matter(name, inputs, numbers):
    shuffled = {
        k: v.sample(frac=1, random_state=5, ignore_index=True) if isinstance(v, pd.DataFrame) else v
        for k, v in inputs.items()
    }
    again = display(name).numbers(shuffled, SETTINGS)
    pd.testing.assert_frame_equal(again, numbers[name], rtol=1e-7, atol=1e-9, check_dtype=False)


@pytest.mark.parametrize("towns", [2, 6])
def test_a_tiny_study_is_drawn_with_reasons_in_place_of_numbers(towns):
    tiny = survey_inputs(seed=11, towns=towns, answers=12)
    for name in (*FIGURES, *TABLES):
        rows = display(name).numbers(tiny, SETTINGS)
        assert not re.search(r"\bnan\b|<NA>|\bNone\b", " ".join(printed(name, rows, "nb")))


def test_surveys_that_do_not_ask_about_participation_say_so(inputs):
    only = SETTINGS | {"surveys": made.SURVEYS | {"waves": {"imdi_2020": made.WAVES["imdi_2020"]}}}
    rows = display("f_e4").numbers(inputs, only)
    assert set(rows["kind"]) == {"published"}
    with house_style():
        told = texts_of(display("f_e4").draw(rows, context("f_e4", "en", only)))
    assert "None of the surveys asks about this." in told


# --- F-F3 -------------------------------------------------------------------------------------------------------------


def test_adjusted_means_take_out_who_answered_and_nothing_else():
    rng = np.random.default_rng(1)
    town = np.repeat(np.arange(20), 40)
    women = rng.random(800) < (0.2 + 0.03 * town)
    climate = np.tile([-5.0, 5.0], 10)[town]
    people = pd.DataFrame({"municipality": town.astype(str), "sex": np.where(women, "women", "men"), "weight": 1.0})
    people["score"] = 50 + climate + 20 * women
    adjusted = adjusted_means(people, "score", ["sex"])
    raw = people.groupby("municipality")["score"].mean()
    level = people["score"].mean() - climate.mean()
    assert adjusted.to_numpy() == pytest.approx(level + np.tile([-5.0, 5.0], 10)[adjusted.index.astype(int)])
    assert (raw - adjusted).abs().max() > 3
    unadjusted = adjusted_means(people, "score", [])
    pd.testing.assert_series_equal(unadjusted, raw, check_names=False)


def test_estimates_are_those_of_the_verdict_and_the_exit_is_estimated_too(inputs, numbers):
    rows = numbers["f_f3"].set_index(["wave", "horizon", "kind"])
    verdict = inputs["verdict"]
    told = verdict[(verdict["construct"] == "satisfaction")].set_index(["wave", "horizon"])
    for key in [("ks_2015", 1), ("imdi_2020", 2)]:
        assert rows.loc[(*key, "raw"), "r"] == pytest.approx(told.loc[key, "r"])
        assert rows.loc[(*key, "raw"), "ci_low"] == pytest.approx(told.loc[key, "ci95_low"])
        assert rows.loc[(*key, "disattenuated"), "r"] == pytest.approx(told.loc[key, "r_disattenuated"])
    # the made-up exit results are those of one year after, so every estimate must agree
    for kind in ("raw", "adjusted", "adjusted_both", "disattenuated"):
        assert rows.loc[("ks_2015", 0, kind), "r"] == pytest.approx(rows.loc[("ks_2015", 1, kind), "r"], abs=1e-4)


def test_without_results_every_row_says_so_once_below(inputs):
    link, verdict = inputs["municipal_link"], inputs["verdict"].copy()
    reason = "not estimable: no leavers of these years are observed at this horizon"
    empty = [c for c in verdict if c.startswith(("r", "ci", "p_"))]
    verdict[empty] = np.nan
    verdict[["verdict", "verdict_disattenuated"]] = reason
    bare = inputs | {"municipal_link": link.assign(status="no_result", r_without=np.nan), "verdict": verdict}
    bare["association"] = inputs["association"].assign(estimate=np.nan, method=reason)
    bare["panel"] = inputs["panel"].iloc[:0]
    for name in ("f_f3", "f_f6", "t_f7"):
        told = " ".join(printed(name, display(name).numbers(bare, SETTINGS), "nb"))
        assert "ingen som sluttet disse årene er observert så lenge etter" in told
        assert "nan" not in told


# --- F-F5 -------------------------------------------------------------------------------------------------------------


def test_the_published_surveys_are_marked_and_nothing_else_is_data(numbers):
    rows = numbers["f_f5"]
    limits = rows[rows["kind"] == "limit"].set_index("survey")["units"]
    assert limits.to_dict() == {"NIBR 2019:4": 33, "IMDi 2021": 129, "IMDi 2020": 150}
    assert rows["power"].dropna().between(0, 1).all()
    curve = rows[(rows["kind"] == "curve") & (rows["test"] == "difference")]
    by_r = curve.pivot_table(index=["reliability", "units"], columns="true_r", values="power")
    assert (by_r.diff(axis=1).iloc[:, 1:] > -1e-12).all().all()


# --- F-F6 -------------------------------------------------------------------------------------------------------------


def test_only_municipalities_with_enough_answers_are_named(inputs, numbers):
    rows = numbers["f_f6"]
    one = rows[rows["kind"] == "without"]
    link = inputs["municipal_link"]
    own = link[(link["wave"] == "imdi_2020") & (link["construct"] == "satisfaction") & (link["horizon"] == 1)]
    own = own[own["status"] == "linked"].set_index("municipality")
    few = own.index[own["s_n"] < 15]
    assert 0 < len(few) < len(own)
    named = one.loc[one["municipality"] != "", "municipality"]
    assert len(named) and not set(named) & set(few)
    assert not set(one["name"]) & {f"Vik {m}" for m in few}
    assert len(one) == len(own)


def test_leaving_one_out_is_the_correlation_of_the_others(inputs, numbers):
    one = numbers["f_f6"][numbers["f_f6"]["kind"] == "without"].set_index("municipality")
    link = inputs["municipal_link"]
    own = link[(link["wave"] == "imdi_2020") & (link["construct"] == "satisfaction") & (link["horizon"] == 1)]
    own = own[own["status"] == "linked"]
    for town in [m for m in one.index if m][:3]:
        others = own[own["municipality"] != town]
        assert one.loc[town, "r"] == pytest.approx(np.corrcoef(others["s_mean"], others["y_rate"])[0, 1])


# --- T-F7, T-E1 -------------------------------------------------------------------------------------------------------


def test_what_a_survey_did_not_ask_is_said_and_not_estimated(numbers):
    rows = numbers["t_f7"].set_index(["wave", "construct", "horizon"])
    assert not rows.loc[("ks_2015", "motivation", 1), "asked"]
    assert math.isnan(rows.loc[("ks_2015", "motivation", 1), "r"])
    assert rows.loc[("imdi_2020", "motivation", 1), "asked"]
    assert "ikke spurt" in printed("t_f7", numbers["t_f7"], "nb")


def test_response_is_answers_over_the_frame_and_published_figures_stay_in_the_notes(inputs, numbers):
    rows = numbers["t_e1"]
    wave = rows[rows["wave"] == "ks_2015"].iloc[0]
    frame = inputs["survey_frame"]
    asked = frame.loc[frame["wave"] == "ks_2015", "eligible"].sum()
    assert wave["response"] == pytest.approx(wave["answers"] / asked)
    told = rows[rows["kind"] == "published"].set_index("survey")
    assert told.loc["NIBR 2019:4", "municipalities"] == 33
    assert told.loc["IMDi 2021", "response"] == pytest.approx(0.30)
    assert told["source_key"].str.len().min() > 0
    table = display("t_e1").table(rows, context("t_e1"))
    assert len(table.columns) == 2
    assert "33 kommuner" in " ".join(table.footer)


def test_a_handful_of_helped_answers_is_hidden(inputs):
    responses = inputs["survey_responses"].assign(assisted=False)
    ks = responses.index[responses["wave"] == "ks_2015"]
    responses.loc[ks[:3], "assisted"] = True
    rows = display("t_e1").numbers(inputs | {"survey_responses": responses}, SETTINGS)
    assert rows.loc[rows["kind"] == "wave", "assisted_share"].isna().all()
    assert ":" in printed("t_e1", rows, "nb")


# --- F-E3, F-E4 -------------------------------------------------------------------------------------------------------


def test_parts_turn_reversed_items_and_keep_the_missing_apart():
    codes = pd.Series([1, 2, 3, 4, 5, 6, 97, 97, 98, 99, None], dtype="Int16")
    plain = parts_of(codes, {"scale": [1, 6], "reversed": False, "dimension": "participation"}, "good", "poor")
    assert plain.to_dict() == {"poor": 3, "good": 3, "dont_know": 2, "no_answer": 2}
    lopsided = pd.Series([1, 1, 1, 6], dtype="Int16")
    entry = {"scale": [1, 6], "reversed": True, "dimension": "participation"}
    assert parts_of(lopsided, entry, "good", "poor")["good"] == 3
    # 1 yes, 2 no: yes is the good one though the lower code
    yes = parts_of(pd.Series([1, 1, 2], dtype="Int16"), {"scale": [1, 2], "reversed": False}, "good", "poor")
    assert yes["good"] == 2


def test_one_small_part_takes_another_with_it():
    counts = pd.Series({"poor": 40, "good": 200, "dont_know": 3, "no_answer": 30})
    rows = part_table({("ks_2015", "q18"): counts}, SETTINGS).set_index("part")
    assert rows["suppressed"].sum() == 2 and rows.loc["dont_know", "suppressed"]
    assert rows.loc[rows["suppressed"], ["count", "share", "ci_low"]].isna().all().all()
    assert rows["n"].eq(273).all()


@pytest.mark.parametrize("name", ["f_e3", "f_e4"])
def test_published_shares_are_text_only(name, numbers):
    rows = numbers[name]
    told = rows[rows["kind"] == "published"]
    assert len(told) and told["wave"].isna().all()
    own = rows[rows["kind"] == "survey"]
    assert own.groupby(["wave", "item"])["share"].sum().to_numpy() == pytest.approx(1)
    with house_style():
        figure = display(name).draw(rows, context(name))
        without = display(name).draw(own, context(name))
    bars = [p.get_width() for p in figure.axes[0].patches]
    assert bars == [p.get_width() for p in without.axes[0].patches]
    assert len(bars) == own["share"].notna().sum()


# --- F-E6 -------------------------------------------------------------------------------------------------------------


def test_spearman_is_pairwise_and_agrees_with_scipy():
    rng = np.random.default_rng(4)
    values = pd.DataFrame(rng.integers(1, 5, (80, 4)).astype(float), columns=list("abcd"))
    values["b"] = values["a"] + values["b"]
    values.loc[:20, "a"] = np.nan
    values.loc[5:76, "c"] = np.nan
    values["d"] = 2.0
    rows = spearman(values, 0.95, 10).set_index(["item", "other"])
    both = values[["a", "b"]].dropna()
    assert rows.loc[("b", "a"), "rho"] == pytest.approx(spearmanr(both["a"], both["b"]).statistic)
    assert rows.loc[("b", "a"), "n"] == len(both)
    assert rows.loc[("b", "a"), "ci_low"] < rows.loc[("b", "a"), "rho"] < rows.loc[("b", "a"), "ci_high"]
    assert pd.isna(rows.loc[("c", "b"), "rho"]) and rows.loc[("c", "b"), "suppressed"]
    assert pd.isna(rows.loc[("c", "b"), "n"])
    assert rows.loc[("d", "b"), "method"] == "not estimable: no unit varies"


# --- F-E7 -------------------------------------------------------------------------------------------------------------


def test_group_means_are_weighted_and_rare_groups_hidden_with_a_partner(inputs, numbers):
    rows = numbers["f_e7"].set_index(["wave", "variable", "group"])
    own = inputs["scales"]
    own = own[(own["wave"] == "ks_2015") & own["satisfaction"].notna()]
    women = own[own["sex"] == "women"]
    expected = np.average(women["satisfaction"], weights=women["weight"])
    assert rows.loc[("ks_2015", "sex", "women"), "mean"] == pytest.approx(expected)
    rare = inputs["scales"].copy()
    ks = rare.index[rare["wave"] == "ks_2015"]
    rare.loc[ks, "schooling"] = "compulsory"
    rare.loc[ks[:3], "schooling"] = "higher"
    rare.loc[ks[3:200], "schooling"] = "upper_secondary"
    told = display("f_e7").numbers(inputs | {"scales": rare}, SETTINGS)
    told = told[(told["wave"] == "ks_2015") & (told["variable"] == "schooling")].set_index("group")
    assert told.loc["higher", "suppressed"] and told["suppressed"].sum() >= 2
    assert told.loc[told["suppressed"], ["n", "mean", "ci_low"]].isna().all().all()


def test_clustering_widens_the_interval_of_a_mean_that_differs_between_municipalities():
    rng = np.random.default_rng(9)
    town = np.repeat(np.arange(25), 20)
    people = pd.DataFrame({"municipality": town.astype(str), "weight": 1.0, "total": "total"})
    score = pd.Series(60 + 10 * rng.standard_normal(25)[town] + 10 * rng.standard_normal(500))
    row = group_means(people, score, "total", 0.95).iloc[0]
    assert row["std_error"] == pytest.approx(score.groupby(town).mean().std() / 5, rel=0.03)
    assert row["std_error"] > 2 * score.std() / math.sqrt(500)
    assert row["dof"] == pytest.approx(24, abs=0.5)


def test_rare_languages_are_counted_together():
    people = pd.DataFrame(
        {"language": ["ti"] * 20 + ["ar"] * 14 + ["xx"] * 30 + [None], "residence_years": [0, 1, 2, 3, None] * 13,
         "assisted": [True, False, None, True, False] * 13}
    )  # fmt: skip
    told = groups_of(people, 15)
    assert told["language"].value_counts().to_dict() == {"other": 44, "ti": 20, "": 1}
    assert set(told["residence"]) == {"0-1", "2", "3+", ""}
    assert set(told["assisted"]) == {"yes", "no", ""}


# --- F-E9, F-E5 -------------------------------------------------------------------------------------------------------


def test_intraclass_limits_of_the_classic_example():
    # six targets, four judges: ICC(1,1) 0.166, 95 per cent limits -0.133 to 0.723 (Shrout & Fleiss 1979)
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    low, high = icc_limits(ratings.ravel(), np.repeat(np.arange(6), 4))
    assert low == 0
    assert high == pytest.approx(0.723, abs=0.001)


def test_predictions_are_drawn_to_the_mean_by_their_uncertainty():
    rng = np.random.default_rng(2)
    sizes = np.array([2, 5, 10, 40, 80] * 12)
    town = np.repeat(np.arange(60), sizes)
    values = 60 + 6 * rng.standard_normal(60)[town] + 12 * rng.standard_normal(len(town))
    found = spread_of_means(values, town.astype(str))
    table = found.means
    kept = (table["estimate"] - found.centre) / (table["mean"] - found.centre)
    ratio = found.sd_within**2 / found.sd_between**2
    assert kept.to_numpy() == pytest.approx(table["n"] / (table["n"] + ratio))
    assert found.icc_low < found.icc < found.icc_high
    assert found.sd_between == pytest.approx(6, rel=0.3)
    small, large = table[table["n"] == 2], table[table["n"] == 80]
    assert (small["ci_high"] - small["ci_low"]).min() > (large["ci_high"] - large["ci_low"]).max()


def test_no_difference_between_municipalities_gives_no_spread_and_one_answer_each_a_reason():
    values = np.tile([40.0, 60.0], 30)
    found = spread_of_means(values, np.repeat(np.arange(30), 2))
    assert found.sd_between == 0 and found.icc == 0
    assert found.means["estimate"].to_numpy() == pytest.approx(50)
    with pytest.raises(NotEstimable, match="one answer in each"):
        spread_of_means(np.arange(5.0), np.arange(5))


@pytest.mark.parametrize("name", ["f_e9", "f_e5"])
def test_municipalities_under_the_minimum_are_in_neither_figure_nor_file(name, inputs, numbers):
    rows = numbers[name]
    towns = rows[rows["kind"] == "municipality"]
    assert len(towns) and towns["n"].min() >= 15
    own = inputs["scales"]
    sizes = own[(own["wave"] == "ks_2015") & own["satisfaction"].notna()]["municipality"].value_counts()
    few = set(sizes.index[sizes < 15])
    assert few
    if name == "f_e9":
        here = towns[(towns["wave"] == "ks_2015") & (towns["construct"] == "satisfaction")]
        assert set(here["municipality"]) == set(sizes.index) - few
    else:
        best = towns[towns["best"]]
        top = towns.groupby(["wave", "dimension"])["mean"].transform("max")
        assert best["mean"].to_numpy() == pytest.approx(top[towns["best"]].to_numpy())


def test_a_municipality_where_everybody_answered_the_same_is_not_shown(inputs):
    scales = inputs["scales"].copy()
    ks = scales[(scales["wave"] == "ks_2015") & scales["satisfaction"].notna()]
    largest = ks["municipality"].value_counts().index[0]
    own = (scales["wave"] == "ks_2015") & (scales["municipality"] == largest)
    scales.loc[own, ["satisfaction", "overall"]] = 100.0
    for name, column, value in (("f_e9", "construct", "satisfaction"), ("f_e5", "dimension", "overall")):
        rows = display(name).numbers(inputs | {"scales": scales}, SETTINGS)
        rows = rows[(rows["wave"] == "ks_2015") & (rows["kind"] == "municipality")]
        assert largest not in set(rows.loc[rows[column] == value, "municipality"])
        assert largest in set(rows.loc[rows[column] != value, "municipality"])


# --- T-E10, T-E11 -----------------------------------------------------------------------------------------------------


def test_reasons_of_the_measurement_table_are_in_the_language_and_few_answers_hidden(inputs, numbers):
    told = " ".join(printed("t_e10", numbers["t_e10"], "nb"))
    assert "omega (spørsmål: 1, minst 3 trengs)" in told
    assert "needed" not in told
    few = inputs["measurement"].assign(n=lambda t: t["n"].where(t["construct"] != "index", 4))
    rows = display("t_e10").numbers(inputs | {"measurement": few}, SETTINGS)
    closed = rows[rows["construct"] == "index"]
    assert closed["suppressed"].all() and closed[["mean", "alpha", "n"]].isna().all().all()


def test_the_weights_bring_the_answers_to_the_frame(numbers):
    rows = numbers["t_e11"]
    groups = rows[(rows["kind"] == "group") & (rows["group"] != "total")].copy()
    assert not groups["suppressed"].any()
    groups["weighted"] = groups["answers"] * groups["mean_weight"]
    share = groups["weighted"] / groups.groupby(["wave", "variable"])["weighted"].transform("sum")
    assert share.to_numpy(float) == pytest.approx(groups["asked_share"].to_numpy(float), abs=1e-6)


def test_spread_of_response_and_what_hides_it(inputs):
    groups = pd.DataFrame({"group": ["a", "b", "total"], "eligible": [100, 100, 200], "answers": [20, 40, 60]})
    assert partial_r(groups) == pytest.approx(0.1)
    scales, frame = inputs["scales"].copy(), inputs["survey_frame"].copy()
    ks = scales.index[(scales["wave"] == "ks_2015") & (scales["country_group"] == "syria")]
    scales.loc[ks[2:], "country_group"] = "asia_other"
    rows = display("t_e11").numbers(inputs | {"scales": scales, "survey_frame": frame}, SETTINGS)
    rows = rows[(rows["wave"] == "ks_2015") & (rows["variable"] == "country_group")]
    hidden = rows[rows["suppressed"] & (rows["kind"] == "group")]
    assert "syria" in set(hidden["group"]) and len(hidden) >= 2
    assert rows.loc[rows["kind"] == "spread", "value"].isna().all()
    assert hidden[["eligible", "answers", "response"]].isna().all().all()


# --- F-E12 ------------------------------------------------------------------------------------------------------------


def test_only_the_item_that_matters_stands_out_when_all_enter_together():
    rng = np.random.default_rng(6)
    n = 1500
    first = rng.integers(0, 4, n) / 3 * 100
    second = np.clip(first + rng.choice([-100, 0, 0, 100], n) / 3, 0, 100)
    latent = 0.03 * first + rng.logistic(size=n)
    people = pd.DataFrame(
        {"municipality": rng.integers(0, 40, n).astype(str), "weight": 1.0, "sex": rng.choice(["men", "women"], n),
         "usefulness_level": np.digitize(latent, [0.5, 2.0]) + 1, "item_a": first, "item_b": second, "item_c": 50.0}
    )  # fmt: skip
    rows = coefficients(people, ["item_a", "item_b"], ["sex"], 0.95).set_index(["item", "model"])
    a, b = (rows.loc[(i, "together")] for i in ("item_a", "item_b"))
    assert a["estimate"] == pytest.approx(0.03 * first.std(), abs=3 * a["std_error"])
    assert b["ci_low"] < 0 < b["ci_high"]
    assert rows.loc[("item_b", "alone"), "ci_low"] > 0
    still = coefficients(people, ["item_a", "item_c"], ["sex"], 0.95).set_index(["item", "model"])
    assert still.loc[("item_c", "alone"), "method"] == "not estimable: item item_c does not vary"
    assert still.loc[("item_a", "alone"), "estimate"] > 0


def test_predictors_leave_out_what_usefulness_is_made_of():
    imdi, ks = (predictors(made.INSTRUMENTS[i]) for i in ("imdi", "ks"))
    assert list(imdi) == ["item_laerer", "item_programraadgiver", "item_veiledning", "item_digitalt", "item_respekt"]
    assert list(ks) == ["participation", "respect", "accessibility", "information"]


def test_published_figures_given_twice_count_once(inputs):
    rows = published_rows(inputs["published"], "individual plan", "no individual plan made")
    assert rows.to_dict("records") == [{"survey": "NIBR 2019:4", "value": 10.0, "source_key": "nav_nibr2019"}]


def test_the_radar_holds_the_mean_of_all_the_range_and_one_municipality(numbers):
    radar, profile = numbers["f_e5_radar"], numbers["f_e5"]
    key = ["wave", "dimension"]
    towns = profile[profile["kind"] == "municipality"]
    ends = radar[radar["kind"].isin(["lowest", "highest"])].pivot(index=key, columns="kind", values="mean")
    expected = towns.groupby(key)["mean"].agg(["min", "max"])
    np.testing.assert_allclose(ends["lowest"], expected["min"].reindex(ends.index))
    np.testing.assert_allclose(ends["highest"], expected["max"].reindex(ends.index))
    for wave, best in radar[radar["kind"] == "best"].groupby("wave"):
        assert len(set(best["municipality"])) == 1
        whole = towns[towns["wave"] == wave].groupby("municipality")["mean"].mean()
        assert best["municipality"].iloc[0] == whole.idxmax()
        assert len(best) == (radar[radar["wave"] == wave]["kind"] == "all").sum()
    # the ends of the range name nobody and count nobody
    assert radar.loc[radar["kind"].isin(["lowest", "highest"]), "n"].isna().all()
    assert (radar.loc[radar["kind"] != "best", "name"] == "").all()


def test_a_radar_of_two_dimensions_says_that_there_is_none(numbers):
    few = numbers["f_e5_radar"]
    few = few[few["position"] < 2]
    assert "not estimable" in printed("f_e5_radar", few, "en")


# --- F-F8 -------------------------------------------------------------------------------------------------------------


def test_the_curve_rises_and_holds_every_specification(inputs, numbers):
    rows, table = numbers["f_f8"], inputs["association_specifications"]
    assert len(rows) == len(table) and rows["position"].notna().sum() == table["estimate"].notna().sum()
    for _, part in rows[rows["position"].notna()].groupby("wave"):
        assert part["position"].tolist() == list(range(1, len(part) + 1))
        assert part["r"].is_monotonic_increasing
    assert rows["primary"].sum() == 1


def test_what_noise_alone_makes_small_is_counted_under_the_curve(numbers):
    rows = numbers["f_f8"].assign(verdict="undecided", verdict_raw="undecided")
    told = rows["r"].notna()
    rows.loc[rows.index[told][:7], "verdict_raw"] = "equivalent"
    rows.loc[rows.index[told][:2], "verdict"] = "equivalent"
    words = " ".join(printed("f_f8", rows, "en"))
    assert "alone 7 would be equivalent to nil" in words.replace("\n", " ") and "for 5 of them" in words
    assert "alone" not in " ".join(printed("f_f8", rows.assign(verdict_raw="undecided"), "en"))


def test_the_shading_is_how_common_a_choice_is_along_the_curve():
    density = display("f_f8")._density(np.arange(1, 51), 100, 10)
    np.testing.assert_allclose(density, [2] * 5 + [0] * 5)
    np.testing.assert_allclose(display("f_f8")._density(np.arange(1, 101), 100, 10), 1)


# --- T-F2 -------------------------------------------------------------------------------------------------------------


def test_every_definition_stands_in_the_table_and_its_file(inputs, numbers, texts):
    rows = numbers["t_f2"]
    assert set(rows["definition"]) == {"ssb_november", "direct_exit"}
    told = texts["t_f2", "en"]
    assert any("other definitions" in t for t in told) and "On leaving" in told
    standing = rows[(rows["definition"] == "direct_exit") & (rows["model"] == made.ASSOCIATION["standing"])]
    assert len(standing) == 2 and (standing["method"].str.contains("CR2")).all()
    official = rows[(rows["definition"] == "ssb_november") & (rows["horizon"] == 1) & (rows["wave"] == "ks_2015")]
    assert set(official["model"]) == set(made.ASSOCIATION["models"])
