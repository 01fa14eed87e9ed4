"""Displays of months, specifications, elapsed time, incidence, moves, network and the parts of the result."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from display_frames import municipalities, settings
from display_frames import region_status as made_region_status
from introprog.bounds import end_cause_bounds
from introprog.chronogram import chronogram
from introprog.displays import f_b5, f_b6, f_c2, f_c3, f_c7, f_c8, f_c10, f_d9, t_b8, t_c11, t_d8, t_d9
from introprog.displays.context import Context
from introprog.figures import save_figure
from introprog.house_style import house_style
from introprog.incidence import CAUSES, incidence_table
from introprog.months import STATES
from introprog.moves import COLUMNS as MOVES
from introprog.network import COLUMNS as NETWORK
from introprog.specifications import COLUMNS as SPECIFICATIONS
from introprog.surrogate import surrogate_table
from introprog.tables import Table

TEXT = {"nb": "Tekst", "en": "Text"}
ENTRY = {"title": TEXT, "caption": TEXT, "alt": TEXT}
RULE = {"months": 9, "window": 12, "longer_only": False}
GROUP = {"before": [2013, 2014], "after": [2015, 2016], "horizon": 1, "municipalities": "ks_2015", "covariates": []}
BLOCKS = settings(months={"last": 60, "longer_hours": 20}, stable_job=RULE, network=GROUP)


@cache
def _region_status():
    return made_region_status()


def region_status():
    return _region_status().copy()


def states(n=400):
    rng = np.random.default_rng(1)
    grid = np.repeat(rng.integers(0, len(STATES) - 2, n)[:, None], 61, axis=1).astype(np.int8)
    grid[: n // 20, 30:] = 7
    grid[:, 10:14] = rng.integers(0, 7, (n, 4))
    frame = pd.DataFrame(grid, columns=[f"m{k}" for k in range(61)])
    frame.insert(0, "person_id", [f"P{i:04d}" for i in range(n)])
    leavers = pd.DataFrame({"person_id": frame["person_id"], "sex": rng.choice(["men", "women"], n)})
    return frame, leavers.assign(schooling=rng.choice(["compulsory", "higher"], n))


def specifications():
    rows = []
    for d in ("ssb_november", "hours_20"):
        for h in (1, 2, 3, 4, 5):
            for denominator in ("residents", "all_leavers"):
                share = 0.6 - 0.01 * h - 0.1 * (d == "hours_20") - 0.02 * (denominator != "residents")
                official = (d, h, denominator) == ("ssb_november", 1, "residents")
                rows.append(
                    ("share", d, h, denominator, "any", share, share - 0.01, share + 0.01, 900, np.nan, official)
                )
                for g in ("programme", "present") if denominator == "residents" else ("programme",):
                    rows.append(
                        (
                            "at_target",
                            d,
                            h,
                            denominator,
                            g,
                            share / 3,
                            np.nan,
                            np.nan,
                            900,
                            40,
                            official and g == "programme",
                        )
                    )
    return pd.DataFrame(rows, columns=SPECIFICATIONS)


def elapsed():
    rows = [
        {
            "term": t,
            "elapsed_months": m,
            "estimate": e,
            "n": 90,
            "suppressed": m == 22,
            "ci_low": e - 0.05,
            "ci_high": e + 0.05,
        }
        for m in range(11, 23)
        for t, e in (("leavers", 1 / 12), ("success", 0.6))
    ]
    for row in rows:
        if row["suppressed"]:
            row.update(estimate=np.nan, n=np.nan, ci_low=np.nan, ci_high=np.nan)
    for term, value in (("mean", 16.4), ("p10", 11.5), ("median", 16.7), ("p90", 21.3), ("slope", -0.001)):
        rows.append(
            {
                "term": term,
                "estimate": value,
                "ci_low": value - 0.01,
                "ci_high": value + 0.01,
                "n": 1080,
                "suppressed": False,
            }
        )
    return pd.DataFrame(rows)


def moves():
    terms = {
        "programme": 100,
        "present": 110,
        "out": 20,
        "in": 30,
        "share_out": 0.2,
        "share_in": 0.27,
        "rate_programme": 0.6,
        "rate_present": 0.62,
        "rate_stayed": 0.59,
        "rate_out": 0.65,
        "rate_in": 0.66,
        "difference": 0.02,
    }
    rows = [
        (level, region, h, t, np.nan if region == "6" else v, np.nan, np.nan, 100, region == "6")
        for level, region in (("country", "0"), ("centrality", "1"), ("centrality", "6"))
        for h in (1, 3, 5)
        for t, v in terms.items()
    ]
    for term, value in (
        ("municipalities", 40),
        ("median_difference", 0.012),
        ("p90_difference", 0.05),
        ("other_side_of_target", 3),
    ):
        rows += [("municipality", "all", h, term, value, np.nan, np.nan, 40, False) for h in (1, 3, 5)]
    return pd.DataFrame(rows, columns=MOVES)


def network(estimable=True):
    shared = {"definition": "ssb_november", "horizon": 1, "suppressed": False, "n": 500, "clusters": 40}
    rows = [
        {
            **shared,
            "model": "rates",
            "term": f"{g}_{p}",
            "estimate": 0.6,
            "ci_low": 0.55,
            "ci_high": 0.65,
            "method": "Wilson",
        }
        for g in ("network", "other")
        for p in ("before", "after", "change")
    ]
    interval = {"estimate": 0.02, "ci_low": -0.03, "ci_high": 0.07, "p_value": 0.4, "dof": 12}
    said = (
        {"method": "weighted change by municipality, CR2, Satterthwaite"} | interval
        if estimable
        else {"method": "not estimable: few"}
    )
    rows.append({**shared, "model": "difference_in_differences", "term": "network_after", **said})
    rows.append(
        {**shared, "model": "difference_in_differences", "term": "smallest_detectable", "estimate": 0.07, "method": "x"}
    )
    rows += [
        {**shared, "model": "event", "term": "network_year", "exit_year": y, **interval, "method": "CR2"}
        for y in (2012, 2013, 2015, 2016)
    ]
    return pd.DataFrame(rows).reindex(columns=NETWORK)


def causes():
    frame = pd.DataFrame(
        {"end_cause": ["work"] * 40 + ["other"] * 40 + ["missing"] * 20, "included": True, "exit_year": 2016}
    )
    return frame.assign(sex=np.where(np.arange(100) % 2, "men", "women"))


def surrogate():
    frame, leavers = states(600)
    places = [f"61{i % 20:02d}" for i in range(600)]
    success = pd.DataFrame(
        {"person_id": frame["person_id"], "success": pd.array(np.arange(600) % 3 > 0, dtype="boolean")}
    )
    return surrogate_table(frame, leavers.assign(municipality=places, exit_year=2015), success, [2012, 2018], 20)


def inputs(name):
    frame, leavers = states()
    return {
        "F-B5": lambda: {"region_status": region_status(), "municipalities": municipalities()},
        "F-B6": lambda: {"region_status": region_status()},
        "F-C2": lambda: {"region_status": region_status()},
        "F-C3": lambda: {"chronogram": chronogram(frame, leavers)},
        "F-C7": lambda: {"specifications": specifications()},
        "F-C8": lambda: {"elapsed": elapsed()},
        "F-C10": lambda: {"incidence": incidence_table(frame, leavers, RULE)},
        "F-D9": lambda: {"network": network()},
        "T-B8": lambda: {"end_cause_bounds": end_cause_bounds(causes())},
        "T-C11": lambda: {"surrogate": surrogate()},
        "T-D8": lambda: {"moves": moves()},
        "T-D9": lambda: {"network": network()},
    }[name]()


MODULES = {
    "F-B5": f_b5,
    "F-B6": f_b6,
    "F-C2": f_c2,
    "F-C3": f_c3,
    "F-C7": f_c7,
    "F-C8": f_c8,
    "F-C10": f_c10,
    "F-D9": f_d9,
    "T-B8": t_b8,
    "T-C11": t_c11,
    "T-D8": t_d8,
    "T-D9": t_d9,
}


def context(name, language):
    return Context.of(name, ENTRY, BLOCKS, language)


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("F")])
def test_figures_are_drawn_from_their_numbers_alone_with_the_same_bytes(name, tmp_path):
    numbers = MODULES[name].numbers(inputs(name), BLOCKS)
    assert len(numbers) and not numbers.columns.duplicated().any()
    numbers.to_csv(tmp_path / "twin.csv", index=False)
    kept = {}
    for language in ("nb", "en"):
        for path in (tmp_path / f"a_{language}.svg", tmp_path / f"b_{language}.svg"):
            with house_style():
                save_figure(MODULES[name].draw(numbers.copy(), context(name, language)), path, context(name, language))
        kept[language] = (tmp_path / f"a_{language}.svg").read_bytes()
        assert kept[language] == (tmp_path / f"b_{language}.svg").read_bytes()
    assert kept["nb"] != kept["en"]


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("F")])
def test_text_stays_on_the_page_and_axes_labels_apart(name):
    numbers = MODULES[name].numbers(inputs(name), BLOCKS)
    for language in ("nb", "en"):
        with house_style():
            figure = MODULES[name].draw(numbers, context(name, language))
            figure.canvas.draw()
            page = figure.bbox
            for text in [t for axes in figure.axes for t in axes.texts] + figure.texts:
                if text.get_text().strip() and text.get_visible():
                    box = text.get_window_extent()
                    assert box.x0 >= -1 and box.x1 <= page.x1 + 1 and box.y0 >= -1 and box.y1 <= page.y1 + 1, (
                        text.get_text()
                    )
            titles = [
                axes.title.get_window_extent()
                for axes in figure.axes
                if axes.title.get_text() or axes.get_title(loc="left")
            ]
            labels = [axes.xaxis.label.get_window_extent() for axes in figure.axes if axes.get_xlabel()]
            assert not any(t.overlaps(x) for t in titles for x in labels)


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("T")])
def test_tables_have_a_cell_for_every_column_in_both_languages(name):
    numbers = MODULES[name].numbers(inputs(name), BLOCKS)
    made = {language: MODULES[name].table(numbers, context(name, language)) for language in ("nb", "en")}
    assert all(isinstance(t, Table) for t in made.values())
    assert len(made["nb"].rows) == len(made["en"].rows)
    assert "<caption>" in made["nb"].to_html()
    assert all(re.search(r"kausal|effekt[^i]|effects?\b", t.to_html()) is None for t in made.values())


def test_moves_print_colon_where_hidden():
    numbers = t_d8.numbers({"moves": moves()}, BLOCKS)
    rows = t_d8.table(numbers, context("T-D8", "nb")).rows
    hidden = [r for r in rows if r.label.startswith("6")]
    assert len(hidden) == 3 and all(set(r.cells) == {":"} for r in hidden)
    country = next(r for r in rows if r.kind == "total")
    assert country.cells[:2] == ["100", "60,0"] and country.cells[7] == "+2,0"


def test_network_that_cannot_be_compared_is_printed_as_such():
    rows = t_d9.table(t_d9.numbers({"network": network(False)}, BLOCKS), context("T-D9", "en")).rows
    assert any(r.label == "not estimable: few" and r.cells[0] == "." for r in rows)


def test_parts_of_success_add_up_and_small_counties_are_hidden():
    status = region_status()
    numbers = f_b5.numbers({"region_status": status, "municipalities": municipalities()}, BLOCKS)
    sums = numbers[~numbers["suppressed"]].groupby("region")["count"].sum()
    whole = numbers.drop_duplicates("region").set_index("region")["successes"]
    assert (sums == whole).all() and len(whole) > 3
    status.loc[(status["region"] == "61") & (status["status"] == "05"), "n"] = 0
    status.loc[(status["region"] == "61") & (status["status"] == "05") & (status["exit_year"] == 2015), "n"] = 3
    few = f_b5.numbers({"region_status": status, "municipalities": municipalities()}, BLOCKS)
    assert few.loc[few["region"] == "61", "suppressed"].sum() >= 2


def test_periods_grow_until_nothing_is_hidden():
    status = region_status()
    status["n"] *= 10
    yearly = f_b6.numbers({"region_status": status}, BLOCKS)
    assert (yearly["first_exit_year"] == yearly["last_exit_year"]).all() and not yearly["suppressed"].any()
    rare = (status["status"] == "08") & (status["sex"] == "men") & (status["region_level"] == "country")
    status.loc[rare, "n"] = 3
    pooled = f_b6.numbers({"region_status": status}, BLOCKS)
    assert set(pooled["last_exit_year"] - pooled["first_exit_year"]) == {1} and not pooled["suppressed"].any()


def test_a_line_never_changes_its_people():
    status = region_status()
    numbers = f_c2.numbers({"region_status": status[status["exit_year"] + status["horizon"] <= 2023]}, BLOCKS)
    assert ((numbers["last_exit_year"] - numbers["first_exit_year"]) == f_c2.WIDTH - 1).all()
    longest = numbers.groupby("first_exit_year")["horizon"].max()
    assert longest[2020] == 1 and longest[2014] == 7 and longest[2005] == 10


def test_specifications_are_in_order_and_the_official_one_is_marked():
    numbers = f_c7.numbers({"specifications": specifications()}, BLOCKS)
    assert numbers["share"].is_monotonic_increasing and numbers["official"].sum() == 1
    assert numbers.loc[numbers["denominator"] == "all_leavers", "at_target_present"].isna().all()


def test_incidence_twin_keeps_the_steps_and_every_whole_year():
    numbers = f_c10.numbers(inputs("F-C10"), BLOCKS)
    assert set(numbers["cause"]) == set(CAUSES)
    hidden = numbers[numbers["suppressed"]]
    assert (hidden["month"] % 12 == 0).all() and hidden["estimate"].isna().all()
    assert Path(f_c10.__file__).stem == "f_c10"


def test_bounds_are_printed_around_the_known_share():
    numbers = t_b8.numbers(inputs("T-B8"), BLOCKS)
    (row,) = t_b8.table(numbers, context("T-B8", "en")).rows
    assert row.label == "2016" and list(row.cells[:5]) == ["100", "20.0", "40.0", "50.0", "60.0"]


def test_best_mix_is_marked_once_for_each_late_outcome():
    rows = t_c11.table(t_c11.numbers(inputs("T-C11"), BLOCKS), context("T-C11", "nb")).rows
    assert sum(r.label.endswith(" *") for r in rows) == sum(r.kind == "head" for r in rows) == 2


def test_nothing_to_show_is_an_empty_figure_and_no_error():
    frame, leavers = states(50)
    nobody = frame.assign(m60=np.int8(-1))
    empty = {
        "F-C2": {"region_status": region_status().query("definition != 'work_only'")},
        "F-C3": {"chronogram": chronogram(nobody, leavers)},
        "F-C8": {"elapsed": elapsed().iloc[:0]},
        "F-C10": {"incidence": incidence_table(frame.iloc[:0], leavers, RULE)},
    }
    for name, made in empty.items():
        numbers = MODULES[name].numbers(made, BLOCKS)
        assert numbers.empty
        with house_style():
            assert MODULES[name].draw(numbers, context(name, "en")).axes
