"""Widths of text, places of labels, and shifts that stay small whatever the axis spans."""

from itertools import pairwise

import display_frames as made
import numpy as np
import pandas as pd
import pytest
from introprog.displays import f_b2, f_c4, f_d5
from introprog.displays.context import Context
from introprog.displays.registry import registry
from introprog.funnel import funnel_limits
from introprog.house_style import CM, house_style, key, page, sideways, spread, text_width, wrapped
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy.special import bdtr

ENTRIES = registry()


def context_of(name, language):
    return Context.of(name, ENTRIES[name], made.settings(), language)


def drawn(figure):
    """The figure's renderer, and where a text stands in it, in cm."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()

    def box(text):
        extent = text.get_window_extent(canvas.get_renderer())
        return [v / figure.dpi / CM for v in (extent.x0, extent.x1, extent.y0, extent.y1)]

    return box


@pytest.mark.parametrize("bold", [False, True])
def test_width_of_text_is_what_the_renderer_makes_of_it(bold):
    words = "Tidligere deltakere på introduksjonsprogrammet: «Målet» 70 %, WWW iii"
    with house_style():
        sheet = page(context_of("F-B2", "nb"), 3, [])
        text = sheet.figure.text(0, 0.5, words, fontsize=8, fontweight="bold" if bold else "normal")
        left, right, *_ = drawn(sheet.figure)(text)
    assert text_width(words, 8, bold) == pytest.approx(right - left, rel=0.03)


def test_lines_fit_keep_their_words_and_never_begin_with_a_per_cent_sign():
    text = "konfidensintervall " * 3 + "korrelasjon med 95 % intervall og 1\xa0234 deltakere " * 6
    for width in (3.0, 4.1, 5.7, 9.3):
        lines = wrapped(text.strip(), 7.5, width)
        assert " ".join(lines).replace("\xa0%", " %") == text.strip()
        assert not any(line.startswith("%") for line in lines)
        assert all(text_width(line, 7.5) <= width for line in lines)
    assert wrapped("Kommunenummeret", 8, 0.5) == ["Kommunenummeret"]
    assert wrapped("", 8, 3) == [""]


def test_a_crowd_at_one_end_moves_no_label_at_the_other():
    placed = spread([2, 78, 82, 83, 84, 85], 2.5, 1, 85)
    assert placed[0] == 2
    assert max(placed) <= 85 + 1e-9
    assert all(b - a >= 2.5 - 1e-6 for a, b in pairwise(sorted(placed)))


@pytest.mark.parametrize("years", [(2020, 2022), (2005, 2022)])
def test_markers_of_the_sexes_stay_beside_their_year(years):
    rows = [(y, s) for y in range(years[0], years[1] + 1) for s in ("both", "men", "women")]
    table = pd.DataFrame(rows, columns=["exit_year", "sex"]).assign(
        series="official", share=0.6, ci_low=0.58, ci_high=0.62, n=1000, definition="ssb_november", suppressed=False
    )
    for language in ("nb", "en"):
        with house_style():
            figure = f_b2.draw(table, context_of("F-B2", language))
            box = drawn(figure)
        axes = figure.axes[0]
        per_year = f_b2.WIDTH / np.diff(axes.get_xlim())[0]
        drawn_x = np.concatenate([line.get_xdata() for line in axes.lines if line.get_marker() not in (None, "None")])
        assert np.abs(drawn_x - drawn_x.round()).max() * per_year < 0.1
        names = [t for t in axes.texts if t.get_fontsize() == 7]
        boxes = [box(t) for t in names]
        right = (axes.get_position().x1 * figure.get_size_inches()[0]) / CM
        assert all(b[1] <= right + 0.01 for b in boxes)
        assert not any(
            a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3] for a, b in pairwise(boxes)
        )  # fmt: skip
        assert len(names) == (3 if years[0] == 2005 else 1)


def test_a_shift_is_in_cm_whatever_the_axis_spans():
    with house_style():
        axes = page(context_of("F-B2", "nb"), 3, []).axes(0, 0, 12, 3)
        for span in (3, 18):
            axes.set_xlim(0, span)
            assert sideways(axes, 12, 0.06) / span * 12 == pytest.approx(0.06)


def test_names_in_a_key_do_not_touch():
    words = ["Direkte overgang ved avslutning", "i", "November året etter", "Målet: 70 %"]
    marks = [{"marker": "o", "color": "k"}] * 3 + [{"line": True, "color": "k"}]
    with house_style():
        sheet = page(context_of("F-B3", "nb"), 3, [])
        key(sheet, list(zip(marks, words, strict=True)), 2)
        box = drawn(sheet.figure)
        boxes = [box(t) for t in sheet.figure.axes[0].texts]
    assert all(b[0] - a[1] > 0.4 for a, b in pairwise(boxes))
    assert boxes[-1][1] < 16.5


def test_smoothed_limits_run_through_the_exact_ones_without_steps():
    n = np.arange(10, 400, dtype=float)
    for tail in (0.025, 0.001):
        low = f_d5.mid_quantile(np.full_like(n, tail), n, 0.62)
        exact = funnel_limits(n, 0.62, (1 - 2 * tail,))["low"].to_numpy() * n
        # smoothed and exact quantile are never more than a person apart, and lie around each other
        assert (low - exact).max() <= 1 and (low - exact).min() >= -1
        share = low[low > 0] / n[low > 0]
        assert (np.diff(share) > 0).all()
        # and flatter at every step: no teeth
        assert (np.diff(share, 2) < 0).all()
    whole = f_d5.mid_quantile(np.array([(bdtr(18.0, 30, 0.62) + bdtr(17.0, 30, 0.62)) / 2]), np.array([30.0]), 0.62)
    assert whole[0] == pytest.approx(18, abs=1e-6)


def ranks(horizons, places=4):
    rows = [(f"61{i:02d}", h, 120, 0.7 - 0.01 * i, i + 1) for i in range(places) for h in horizons]
    frame = pd.DataFrame(rows, columns=["municipality", "horizon", "n", "rate", "rank"]).assign(
        shrunken=0.6, first_exit_year=2012, last_exit_year=2013
    )
    return frame.assign(**dict.fromkeys(f_c4.LIMITS, 2))


def note_of(frame, language="en"):
    settings = made.settings()
    context = context_of("F-C4", language)
    table = f_c4.numbers({"ranks": frame, "municipalities": made.municipalities()}, settings)
    with house_style():
        figure = f_c4.draw(table, context)
    return " ".join(t.get_text() for t in [*figure.texts, *figure.axes[1].texts])


def test_note_of_the_ranks_says_only_what_is_shown():
    whole = note_of(ranks((0, 1, 2)))
    assert "2012–2013" in whole and "2012–2018" not in whole
    assert "the 2 highest" in whole and "“Exit”" in whole
    assert "in common" not in whole
    without = note_of(ranks((1, 2)))
    assert "Exit" not in without
    assert "«Slutt»" not in note_of(ranks((1, 2)), "nb") and "«Slutt»" in note_of(ranks((0, 1)), "nb")
    few = ranks((1, 2))
    few.loc[(few["municipality"] == "6100") & (few["horizon"] == 2), "rate"] = 1.0
    assert "6100 (:)" in note_of(few)
    tied = ranks((1, 2))
    tied.loc[tied["rank"] == 2, "rank"] = 1
    assert "in common" in note_of(tied)
