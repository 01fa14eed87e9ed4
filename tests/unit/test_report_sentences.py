"""Sentences of the report: worded by the numbers, in both languages, and without words of causes."""

import re
from string import Formatter

import pandas as pd
import pytest
import report_run as made
import yaml
from introprog.labels import Labels
from introprog.report.sentences import statements
from introprog.report.wording import Say

WORDS_OF_CAUSE = (
    r"effekt\w*|virkning\w*|påvirk\w*|fører til|skyldes|forårsak\w*",
    r"effects?|impacts?|leads? to|causes?|caused|due to",
)
CAUSAL = re.compile(rf"\b({'|'.join(WORDS_OF_CAUSE)})\b", re.I)
NBSP = "\N{NO-BREAK SPACE}"


def said(language: str = "en", source: str = "synthetic", **tables: pd.DataFrame) -> dict[str, str]:
    say = Say.of(Labels(language), made.WORDS, {**made.CONFIG, "source": source})
    named = {name.replace("_", "-") if name[1] == "_" else name: frame for name, frame in tables.items()}
    return {key: one.text.replace(NBSP, " ") for key, one in statements(named, say).items()}


def leaves(node: object) -> list[dict]:
    """All ``{nb, en}`` pairs below a node."""
    if isinstance(node, dict) and set(node) == {"nb", "en"}:
        return [node]
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [pair for child in below for pair in leaves(child)]


def test_official_share_is_taken_from_the_table_in_both_languages():
    assert (
        "63 per cent were in work or education in November one year after and 66 per cent 5 years after"
        in (said(T_C6=made.t_c6())["official"])
    )
    assert "63 prosent i arbeid eller utdanning i november ett år etter" in said("nb", T_C6=made.t_c6())["official"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.60, 0.69, "is below the target"), (0.71, 0.80, "is above the target"), (0.60, 0.70, "cannot be told")],
)
def test_country_against_the_target_needs_the_whole_interval(low, high, words):
    table = made.t_c6()
    table.loc[0, ["ci_low", "ci_high"]] = [low, high]
    assert words in said(T_C6=table)["target"]


def test_municipalities_that_cannot_be_told_are_counted_as_such_and_hidden_ones_named():
    text = said(F_D5=made.f_d5())["told"]
    assert "Among the 3 municipalities" in text
    assert "reached by 1 and missed by 1" in text
    assert "For 1 it cannot be told. 1 municipalities have too few" in text


def test_changes_of_side_are_called_chance_unless_the_test_says_otherwise():
    assert "cannot be told (p = 0.500)" in said(target_changes=made.target_changes(0.5))["crossings"]
    assert "more than chance makes (p = 0.004)" in said(target_changes=made.target_changes(0.004))["crossings"]
    counts = made.target_changes(0.004, "counts only: noise taken as independent")
    assert "reckoned too large" in said(target_changes=counts)["crossings"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.5, 0.9, "smaller"),
        (0.7, 1.1, "cannot be told"),
        (1.1, 1.4, "larger in the long run."),
        (-12.0, 0.88, "cannot be told"),
    ],
)
def test_forecast_is_told_only_when_the_interval_leaves_one(low, high, words):
    text = said(forecast=made.forecast(low, high))["forecast"]
    assert words in text.split(").")[-1]


def test_primary_verdict_is_the_model_s_own_sentence_and_all_contrasts_are_counted():
    texts = said("nb", verdict=made.verdict())
    assert texts["association"] == "hoved"
    assert "I alt 2 kombinasjoner" in texts["association_counts"]
    assert (
        "1 henger sammen, 0 er så godt som null, 1 er uavgjort. 1 lar seg ikke beregne" in texts["association_counts"]
    )


def orders(published: tuple[float, float, float] = (-0.01, -0.35, 0.33)) -> pd.DataFrame:
    keys = {"construct": "satisfaction", "definition": "ssb_november", "horizon": 1, "adjustment": "none"}
    rows = [
        {"wave": wave, **keys, "weighting": weighting, "alignment": alignment, "primary": primary,
         "estimate": r, "ci_low": low, "ci_high": high}
        for wave, weighting, alignment, primary, (r, low, high) in [
            ("ks_2015", "precise", "concurrent", True, (0.29, 0.02, 0.52)),
            ("ks_2015", "precise", "published", False, published),
            ("ks_2015", "plain", "published", False, (0.9, 0.8, 0.95)),
            ("imdi_2020", "precise", "concurrent", False, (0.4, 0.1, 0.6)),
            ("imdi_2020", "precise", "published", False, (float("nan"),) * 3),
        ]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_both_time_orders_are_told_for_waves_that_have_them_and_overlap_decides_nothing():
    text = said(association_specifications=orders())["time_order"]
    assert "the correlation is 0.29 (0.02 to 0.52)" in text and "it is \N{MINUS SIGN}0.01" in text
    assert "moves it by 0.30" in text and "cannot be told from them" in text
    assert "0.90" not in text and "0.40" not in text, "only what differs in time order, and only where both are known"
    apart = said("nb", association_specifications=orders((-0.4, -0.6, -0.1)))["time_order"]
    assert "Tidsrekkefølgen flytter den 0,69. Intervallene overlapper ikke." in apart
    assert "time_order" not in said(association_specifications=orders().assign(primary=False))


def test_reconciliation_counts_only_what_has_own_numbers():
    table = pd.DataFrame({"within_tolerance": [True, False, False, None], "within_noise": [True, True, False, None]})
    assert said(reconciliation=table)["reconciliation"].startswith("3 published figures stand against own ones: 1 are")
    assert "2 outside, and of those 1 can be chance" in said(reconciliation=table)["reconciliation"]
    assert "checks the reading" not in said(reconciliation=table)["reconciliation"]
    assert "checks the reading" in said(source="statbank", reconciliation=table)["reconciliation"]


def test_answers_leave_out_items_worded_negatively_and_items_with_a_hidden_answer():
    rows = [("q1", 1, 0.2, False), ("q1", 2, 0.8, False), ("q2", 1, 0.9, True), ("q2", 2, 0.1, True)]
    rows += [("q3", 1, None, False), ("q3", 2, 0.5, False)]
    frame = pd.DataFrame(rows, columns=["item", "answer", "share", "reversed"])
    frame = frame.assign(kind="valid", wave="ks_2015", steps=2, item_nb=frame["item"], item_en=frame["item"])
    assert said(F_E2=frame)["answers"] == (
        "The share of positive answers in KS 2015 goes from 80 per cent (“q1”) to 80 per cent (“q1”), 1 items."
    )


def test_a_hidden_number_silences_its_sentence():
    table = made.t_c6()
    table["share"] = None
    assert not {"official", "target", "exit", "definitions"} & set(said(T_C6=table))


def test_no_tables_no_sentences():
    assert said() == {}


def test_every_pattern_has_the_same_braces_in_both_languages():
    for pair in leaves(made.WORDS):
        if isinstance(pair["nb"], str):
            braces = [{name for _, name, _, _ in Formatter().parse(pair[lang]) if name} for lang in ("nb", "en")]
            assert braces[0] == braces[1], pair
        else:
            assert len(pair["nb"]) == len(pair["en"])


def test_no_text_of_the_report_speaks_of_causes():
    texts = [str(text) for pair in leaves(made.WORDS) for text in pair.values()]
    for language in ("nb", "en"):
        methods = yaml.safe_load((made.TEXTS / f"methods_{language}.yaml").read_text(encoding="utf-8"))
        texts += [chapter["intro"] for chapter in methods.values()]
        texts += [box["text"] for chapter in methods.values() for box in chapter["boxes"]]
    assert CAUSAL.search("Dette påvirker utfallet")
    assert [text for text in texts if CAUSAL.search(text)] == []
