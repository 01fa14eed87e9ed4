"""Every specification of satisfaction on result: what each is, that the truth is found, and reasons for what is not."""

import copy

import numpy as np
import pandas as pd
import pytest
import survey_frames as made
from introprog.association_specifications import CHOICES, association_specifications
from introprog.disattenuation import leave_one_out, pearson
from introprog.link import KEY
from introprog.measurement import score_waves
from introprog.satisfaction import analyse


def specified(scores, panel, standard=None, surveys=made.SURVEYS, **changes):
    standard = made.standard(panel, surveys["waves"]) if standard is None else standard
    asked = made.ASSOCIATION | changes
    return association_specifications(scores, panel, standard, made.INSTRUMENTS, surveys, asked, made.DEFINITIONS)


@pytest.fixture(scope="module")
def world():
    responses, frame, panel = made.world(5, 60, 0.6)
    scores, _, _ = score_waves(responses, frame, made.INSTRUMENTS)
    return scores, made.with_exits(panel)


@pytest.fixture(scope="module")
def table(world):
    return specified(*world)


def test_all_combinations_are_there_once(table):
    assert not table.duplicated([*KEY, *CHOICES]).any()
    cells = (2 + 3) * (2 + 1)
    assert len(table) == cells * 2 * 3 * 3
    assert table["primary"].sum() == 1


def test_the_plain_choices_are_the_verdict_tables_own(world, table):
    found = analyse(*world, made.standard(world[1]), made.INSTRUMENTS, made.SURVEYS, made.ASSOCIATION, made.DEFINITIONS)
    own = table[
        (table["alignment"] == "concurrent") & (table["adjustment"] == "none") & (table["weighting"] == "raked")
    ]
    both = found.verdict.merge(own, on=KEY, suffixes=("", "_specified"))
    assert len(both) == len(found.verdict)
    for left, right in (
        ("r", "estimate"),
        ("ci95_low", "ci_low"),
        ("ci95_high", "ci_high"),
        ("municipalities", "clusters"),
    ):
        np.testing.assert_allclose(both[left], both[right], atol=1e-6)
    assert (both["verdict_raw"] == both["verdict_raw_specified"]).all()
    assert (both["verdict"] == both["verdict_specified"]).all()


def test_weightings_and_adjustments_do_what_they_say(world, table):
    scores, panel = world
    row = table[(table["wave"] == "ks_2015") & (table["construct"] == "satisfaction") & (table["horizon"] == 1)]
    row = row[(row["alignment"] == "concurrent")].set_index(["adjustment", "weighting"])["estimate"]
    own = scores[(scores["wave"] == "ks_2015") & scores["satisfaction"].notna()]
    plain = own.groupby("municipality")["satisfaction"].mean().astype(float)
    rows = panel[
        (panel["definition"] == "ssb_november") & (panel["horizon"] == 1) & panel["exit_year"].between(2015, 2017)
    ]
    sums = rows.groupby("municipality")[["n", "successes"]].sum()
    rate = (sums["successes"] / sums["n"]).loc[plain.index]
    assert row["none", "plain"] == pytest.approx(np.corrcoef(plain, rate)[0, 1], abs=1e-6)
    # everywhere the leavers are alike, so the second side changes nothing
    for weighting in ("raked", "plain", "precise"):
        assert row["both", weighting] == pytest.approx(row["survey", weighting], abs=1e-6)
    assert len(set(row.round(9))) == 6


def test_weighted_correlation_leaves_out_as_recomputed():
    x, y, w = np.random.default_rng(1).normal(size=(3, 12))
    w = np.exp(w)
    without = leave_one_out(x, y, w)
    for i in range(12):
        rest = np.delete(np.arange(12), i)
        c = np.cov(x[rest], y[rest], aweights=w[rest])
        assert without[i] == pytest.approx(c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]))
    assert pearson(x, y, weights=np.full(12, 3.0)).ci95 == pytest.approx(pearson(x, y).ci95)


@pytest.mark.parametrize("truth", [0.0, 0.6])
def test_the_true_correlation_is_recovered_by_every_definition_and_choice(truth):
    rng = np.random.default_rng(8)
    climate, quality = rng.multivariate_normal([0, 0], 0.16 * np.array([[1, truth], [truth, 1]]), 250).T
    responses = made.survey(rng, "imdi_2020", climate, 60)
    scores, _, _ = score_waves(responses, made.survey_frame(rng, responses), made.INSTRUMENTS)
    strict = made.panel(rng, 0.8 * quality - 1.4, 400).assign(definition="strict")
    panel = pd.concat([made.panel(rng, quality, 400), strict], ignore_index=True)
    one = made.SURVEYS | {"waves": {"imdi_2020": made.WAVES["imdi_2020"]}}
    definitions = made.DEFINITIONS | {"strict": made.DEFINITIONS["ssb_november"]}
    asked = made.ASSOCIATION | {"horizons": [1]}
    standard = made.standard(panel, one["waves"])
    whole = scores, panel, standard, made.INSTRUMENTS, one, asked, definitions
    found = association_specifications(*whole)
    found = found[(found["construct"] == "satisfaction") & found["estimate"].notna()]
    assert len(found) == 2 * 2 * 3 * 3
    # four answer steps and a little noise on both sides take something off, never add
    assert found["estimate"].between(truth - 0.16, truth + 0.08).all()
    assert set(found["verdict_raw"]) == ({"associated"} if truth else {"equivalent"})
    # by the true correlation too, since both sides are measured well here
    assert set(found["verdict"]) == ({"associated"} if truth else {"equivalent"})
    slopes = analyse(*whole).association.query("construct == 'satisfaction' and estimate == estimate")
    slopes = slopes[slopes["term"].isin(["result_per_10_points", "score_per_10_points"])]
    assert set(slopes["definition"]) == {"ssb_november", "strict"}
    # 95 per cent intervals of all models: clear of zero where the truth is, and most hold it where it is zero
    clear = slopes["ci_low"] > 0
    assert clear.all() if truth else clear.mean() < 0.2


def test_results_that_cannot_be_adjusted_are_a_reason_for_both_sides_only(world):
    scores, panel = world
    standard = made.standard(panel).assign(expected=np.nan, rate=np.nan)
    table = specified(scores, panel, standard)
    told = table["estimate"].notna()
    assert set(table.loc[~told, "adjustment"]) == {"both"} and set(table.loc[told, "adjustment"]) == {"none", "survey"}
    assert (
        table.loc[~told, "verdict"] == "not estimable: the characteristics of the leavers foretell the result fully"
    ).all()
    models = analyse(scores, panel, standard, made.INSTRUMENTS, made.SURVEYS, made.ASSOCIATION, made.DEFINITIONS)
    rows = models.association
    assert set(rows.loc[rows["estimate"].isna(), "model"]) == {
        m for m in made.ASSOCIATION["models"] if m.endswith("_both")
    }


def test_a_horizon_nobody_has_reached_is_counted_with_its_reason(world):
    table = specified(*world, horizons=[1, 7])
    late = table[table["horizon"] == 7]
    assert len(late) and late["estimate"].isna().all()
    assert (late["method"] == "not estimable: no leavers of these years are observed at this horizon").all()


def test_choices_and_models_are_the_configs(world):
    blocks = copy.deepcopy(made.ASSOCIATION["models"])
    blocks["my_model"] = {"label": {"nb": "Min", "en": "Mine"}, "form": "linear", "weighted": False, "adjust": "survey",
                          "definitions": "all"}  # fmt: skip
    del blocks["municipality_binomial"]
    asked = made.ASSOCIATION | {"models": blocks, "definitions": ["ssb_november"], "horizons": [1]}
    found = analyse(
        *world, made.standard(world[1]), made.INSTRUMENTS, made.SURVEYS, asked, made.DEFINITIONS
    ).association
    assert set(found["model"]) == set(blocks) and set(found["definition"]) == {"ssb_november"}
    mine = found[(found["model"] == "my_model") & (found["term"] == "result_per_10_points")]
    assert np.isfinite(mine["estimate"]).all()
    few = {"alignments": ["published"], "adjustments": ["none"], "weightings": ["precise", "raked"]}
    table = specified(*world, specifications=few)
    assert {tuple(row) for row in table[CHOICES].to_numpy()} == {("published", "none", w) for w in few["weightings"]}


def test_rows_do_not_depend_on_the_order_of_the_input(world, table):
    scores, panel = (frame.sample(frac=1, random_state=3) for frame in world)
    pd.testing.assert_frame_equal(specified(scores, panel), table, atol=2e-6)


def test_noise_alone_makes_no_specification_equivalent_to_nil():
    rng = np.random.default_rng(9)
    responses = made.survey(rng, "imdi_2020", np.zeros(250), 8)
    scores, _, _ = score_waves(responses, made.survey_frame(rng, responses), made.INSTRUMENTS)
    panel = made.panel(rng, np.zeros(250), 12)
    one = made.SURVEYS | {"waves": {"imdi_2020": made.WAVES["imdi_2020"]}, "minimum_answers": 2}
    table = specified(scores, panel, surveys=one, horizons=[1])
    told = table[table["estimate"].notna() & (table["construct"] == "satisfaction")]
    assert (told["verdict_raw"] == "equivalent").any()
    assert set(told.loc[told["verdict_raw"] == "equivalent", "verdict"]) <= {"undecided", "associated"}
