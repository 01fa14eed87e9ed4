"""The displays of moments compared: correlations, forecast, sureness, verdicts, and the same leavers followed."""

import re

import display_frames as made
import pandas as pd
import pytest
from introprog.comparison import compare
from introprog.displays.context import Context
from introprog.displays.making import draw_to, make_numbers, make_table, module_of
from introprog.displays.registry import registry
from introprog.followup import status_by_group
from introprog.house_style import house_style
from introprog.release.panel import release_panel
from municipal_simulation import AT_EXIT, OFFICIAL, panel_of, simulate

ENTRIES = registry()
CHOICES = {"exit_years": [2012, 2015], "minimum_leavers": 30, "horizons": [1, 2, 3, 5]}
SETTINGS = made.settings(comparison=CHOICES)
TABLES = ("T-C5", "T-C12", "T-C13")
FIGURES = ("F-C9", "F-D6", "F-C1-sex", "F-C1-age", "F-C1-country", "F-C1-county", "F-C1-municipality")


@pytest.fixture(scope="module")
def compared():
    frame, _ = simulate(1, municipalities=40, leavers=4000)
    at_exit, _ = simulate(1, municipalities=40, leavers=4000, levels=(0.46,))
    outcomes = pd.concat([frame, at_exit.assign(horizon=0, definition=AT_EXIT)], ignore_index=True)
    return compare(panel_of(outcomes), CHOICES, OFFICIAL, 0.7, seed=1, outcomes=outcomes)


@pytest.fixture(scope="module")
def counted():
    """The same from counts alone, without differences between municipalities: what a StatBank panel may give."""
    frame, _ = simulate(2, municipalities=30, leavers=2400, sd=0.0)
    return compare(panel_of(frame), CHOICES, OFFICIAL, 0.7, seed=1)


@pytest.fixture(scope="module")
def followed():
    rows = made.region_status()
    rows = rows[(rows["definition"] == OFFICIAL) & (rows["exit_year"] + rows["horizon"] <= 2023)]
    town = rows[(rows["region_level"] == "municipality") & rows["status"].isin(["00", "1"])]
    keys = ["region", "exit_year", "horizon", "definition", "geography", "sex"]
    wide = town.pivot_table(index=keys, columns="status", values="n", aggfunc="sum", observed=True).reset_index()
    panel = wide.rename(columns={"region": "municipality", "00": "n", "1": "successes"}).assign(suppressed=False)
    table = status_by_group(rows, release_panel(panel, [OFFICIAL], 5), OFFICIAL, made.CONFIG["followup"], 0.95, 5)
    # ages and country groups in the shape of the sexes: the numbers mean nothing
    sex = table[table["group"] == "sex"]
    parts = [
        sex.assign(group=group, level=sex["level"].map({"all": "all", "men": first, "women": second}))
        for group, first, second in (("age_group", "18-25", "56+"), ("country_group", "syria", "africa_horn"))
    ]
    return pd.concat([table, *parts], ignore_index=True)


def inputs_of(name, tables, followed):
    given = {**tables, "status_by_group": followed, "municipalities": made.municipalities()}
    return {need: given[need] for need in ENTRIES[name]["needs"]}


def numbers_of(name, tables, followed, settings=SETTINGS):
    return make_numbers(ENTRIES[name], inputs_of(name, tables, followed), settings)


def context_of(name, language, settings=SETTINGS):
    return Context.of(name, ENTRIES[name], settings, language)


@pytest.mark.parametrize("name", TABLES)
def test_tables_print_no_missing_number_and_have_a_cell_for_every_column(name, compared, counted, followed):
    for tables, source in ((compared, "synthetic"), (counted, "statbank")):
        settings = {**SETTINGS, "source": source}
        numbers = numbers_of(name, tables, followed, settings)
        made_in = {lang: make_table(numbers, context_of(name, lang, settings)) for lang in ("nb", "en")}
        assert len(made_in["nb"].rows) == len(made_in["en"].rows) > 3
        for table in made_in.values():
            cells = [cell for row in table.rows for cell in row.cells]
            assert not any(re.search(r"nan|<NA>|None", cell) for cell in cells)
            assert all(len(row.cells) == len(table.columns) for row in table.rows if row.kind != "head")
            assert ("2012" in " ".join(table.footer)) and not re.search(r"effekt[^i]|effects?\b", table.to_html())


@pytest.mark.parametrize("name", FIGURES)
def test_text_stays_on_the_page_in_both_languages(name, compared, followed):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    numbers = numbers_of(name, compared, followed)
    assert not numbers.drop(columns="data").duplicated().any()
    for language in ("nb", "en"):
        with house_style():
            figure = module_of(ENTRIES[name]).draw(numbers, context_of(name, language))
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            width, height = canvas.get_width_height()
            for text in figure.findobj(lambda a: hasattr(a, "get_text") and a.get_text().strip() and a.get_visible()):
                box = text.get_window_extent(canvas.get_renderer())
                assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1, text.get_text()


def test_files_repeat_byte_for_byte(compared, followed, tmp_path):
    numbers = numbers_of("F-C1-county", compared, followed)
    paths = [tmp_path / run / "F-C1-county_en.svg" for run in ("a", "b")]
    for path in paths:
        draw_to([str(path)], numbers, context_of("F-C1-county", "en"))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_correlations_stand_once_and_what_cannot_be_told_says_so(counted, followed, compared):
    table = make_table(numbers_of("T-C5", compared, followed), context_of("T-C5", "en"))
    body = [row for row in table.rows if row.kind != "head"]
    assert [len([c for c in row.cells if c]) for row in body] == [1, 2, 3, 4] * 2
    silent = counted["rank_correlation"]["method"].str.startswith("not estimable")
    assert silent.any()
    printed = make_table(numbers_of("T-C5", counted, followed), context_of("T-C5", "nb"))
    assert any("ikke beregnbar" in cell for row in printed.rows for cell in row.cells)
    assert any("ingen variasjon mellom kommuner" in line for line in printed.footer)


def test_verdicts_add_up_to_the_municipalities_and_agree_with_the_share_taken_as_it_stands(compared, followed):
    table = numbers_of("T-C12", compared, followed)
    assert (table[["above", "below", "cannot_be_told"]].sum(axis=1) == table["municipalities"]).all()
    assert (table["above"] <= table["reached"]).all() and (
        table["below"] <= table["municipalities"] - table["reached"]
    ).all()
    large = table[table["group"] == "large"].set_index("horizon")["municipalities"]
    whole = table[table["group"] == "all"].set_index("horizon")["municipalities"]
    assert (large <= whole[large.index]).all() and (large < whole[large.index]).any()


def test_changes_are_noise_shift_and_the_rest(compared, followed):
    table = numbers_of("T-C13", compared, followed)
    assert (table["changed"] - table["noise_and_shift"] - table["beyond"]).abs().max() < 1e-9
    assert table["noise"].between(table["noise_low"], table["noise_high"]).mean() > 0.9


def test_the_line_goes_through_the_mean_and_few_persons_are_not_shown(compared, followed):
    table = numbers_of("F-C9", compared, followed)
    towns = table[(table["kind"] == "municipality") & ~table["suppressed"]].astype(
        {"share": float, "share_other": float}
    )
    line = table[table["kind"] == "line"].set_index("term")
    every = compared["ranks"].pivot(index="municipality", columns="horizon", values="rate")
    assert line.loc["slope", "share"] == pytest.approx(every[1].mean())
    for term in ("slope", "slope_corrected"):
        at_mean = line.loc[term, "intercept"] + line.loc[term, "estimate"] * every[1].mean()
        assert at_mean == pytest.approx(every[5].mean())
    hits = towns["share"] * towns["n"].astype(float)
    assert (hits.round() >= 5).all() and ((towns["n"] - hits).round() >= 5).all() and len(towns) > 5


def test_reliability_and_half_widths_are_those_of_the_model(compared, followed):
    table = numbers_of("F-D6", compared, followed)
    horizon = table[table["kind"] == "horizon"].set_index("horizon")
    curve = table[(table["kind"] == "reliability") & (table["horizon"] == 1)].set_index("n")["reliability"]
    needed = horizon.loc[1, "leavers_for_07"]
    near = curve.index[(curve - 0.7).abs().argmin()]
    assert near == pytest.approx(needed, rel=0.12)
    assert horizon.loc[1, "leavers_for_07_low"] < needed
    width = table[table["kind"] == "half_width"].set_index("n")["half_width"]
    assert width.is_monotonic_decreasing and width.loc[100] == pytest.approx(0.094, abs=0.002)


def test_without_signal_no_number_is_enough(counted, followed):
    settings = {**SETTINGS, "source": "statbank"}
    numbers = numbers_of("F-D6", counted, followed, settings)
    rows = numbers[numbers["kind"] == "horizon"]
    assert rows["leavers_for_07"].isna().any()
    with house_style():
        figure = module_of(ENTRIES["F-D6"]).draw(numbers, context_of("F-D6", "en", settings))
    assert any("not estimable" in text.get_text() for text in figure.texts)


def test_balanced_lines_say_so(compared, followed):
    settings = {**SETTINGS, "followup": {**made.CONFIG["followup"], "balanced": True}}
    numbers = numbers_of("F-C1-sex", compared, followed, settings)
    with house_style():
        figure = module_of(ENTRIES["F-C1-sex"]).draw(numbers, context_of("F-C1-sex", "en", settings))
    assert any("Only cohorts that are observed at every horizon shown" in text.get_text() for text in figure.texts)


def test_hidden_persons_are_colons_under_the_axis(compared, followed):
    rows = followed.copy()
    at = rows[(rows["group"] == "county") & (rows["level"] == "61") & (rows["horizon"] == 1)].index[:1]
    rows.loc[at, ["n", "successes", "share", "ci_low", "ci_high"]] = pd.NA
    rows.loc[at, "suppressed"] = True
    numbers = numbers_of("F-C1-county", compared, rows)
    before = numbers_of("F-C1-county", compared, followed)
    with house_style():
        colons = [
            sum(
                t.get_text() == ":"
                for t in module_of(ENTRIES["F-C1-county"]).draw(n, context_of("F-C1-county", "nb")).texts
            )
            for n in (before, numbers)
        ]
    assert colons[1] == colons[0] + 1


@pytest.mark.parametrize("name", ["T-C5", "T-C13", "F-C9"])
def test_one_moment_alone_is_said_in_place_of_numbers(name, followed):
    frame, _ = simulate(2, municipalities=30, leavers=2400, levels=(0.6,))
    tables = compare(panel_of(frame), {**CHOICES, "horizons": [1]}, OFFICIAL, 0.7, seed=1)
    numbers = numbers_of(name, tables, followed)
    assert numbers.empty
    if ENTRIES[name]["form"] == "table":
        table = make_table(numbers, context_of(name, "nb"))
        assert "færre enn to tidspunkter" in table.rows[0].label and len(table.rows[0].cells) == len(table.columns)
    else:
        with house_style():
            figure = module_of(ENTRIES[name]).draw(numbers, context_of(name, "en"))
        assert "fewer than two moments" in " ".join(text.get_text() for text in figure.texts)


def test_one_hidden_municipality_takes_another_with_it(compared, followed):
    ranks = compared["ranks"].copy()
    towns = ranks["municipality"].unique()
    ranks["n"], ranks["rate"] = 100, 0.5
    ranks.loc[(ranks["municipality"] == towns[3]) & (ranks["horizon"] == 5), "rate"] = 0.98
    table = numbers_of("F-C9", {**compared, "ranks": ranks}, followed)
    hidden = table[(table["kind"] == "municipality") & table["suppressed"]]
    assert towns[3] in set(hidden["municipality"]) and len(hidden) == 2
    assert hidden[["n", "n_other", "share", "share_other"]].isna().all().all()
