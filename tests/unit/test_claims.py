"""The ledger of claims: its rules on constructed numbers, its schema, its sources, and its words."""

import copy
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from introprog.claims.facts import answer_shares, national_shares, published_shares, reliable_shares
from introprog.claims.judge import filled, judge, places
from introprog.claims.ledger import SCHEMA, read_ledger, unknown_keys
from introprog.claims.rules import FAILS, HOLDS, OPEN, RULES, UNTESTABLE, Evidence, evaluate, held_against
from introprog.claims.wording import counts_words, criterion_words, line_words
from introprog.displays.context import Context
from introprog.displays.making import make_numbers, make_table
from introprog.displays.registry import registry
from introprog.errors import InputError
from introprog.labels import Labels
from introprog.published import read_published
from introprog.report.sentences import MAKERS
from introprog.tabular import read_csv
from statsmodels.stats.proportion import confint_proportions_2indep

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
LEDGER = read_ledger(ROOT / "data" / "claims.yaml")
PUBLISHED = read_published(ROOT / "data/published/figures.csv", ROOT / "data/published/sources.csv")
NBSP = "\N{NO-BREAK SPACE}"


def evidence(threshold: int = 5, **tables: pd.DataFrame) -> Evidence:
    return Evidence(tables, 0.95, threshold)


def shares(**rows: tuple[int, int]) -> pd.DataFrame:
    frame = pd.DataFrame([{"sex": sex, "n": n, "share": x / n} for sex, (x, n) in rows.items()])
    return frame


def contrast(region: list, *weights: tuple[str, float]) -> dict:
    terms = [{"table": "shares", "where": {"sex": sex}, "weight": weight} for sex, weight in weights]
    return {"rule": "shares", "terms": terms, "region": region, "unit": "points"}


@pytest.mark.parametrize(
    ("low", "high", "region", "verdict"),
    [
        (0.1, 0.2, [0, None], HOLDS),
        (-0.2, -0.1, [0, None], FAILS),
        (-0.1, 0.1, [0, None], OPEN),
        (0.1, 0.2, [None, 0.2], HOLDS),
        (0.3, 0.4, [None, 0.2], FAILS),
        (-0.04, 0.05, [-0.05, 0.05], HOLDS),
        (-0.06, 0.01, [-0.05, 0.05], OPEN),
        (0.06, 0.07, [-0.05, 0.05], FAILS),
    ],
)
def test_an_interval_holds_inside_fails_outside_and_is_open_astride(low, high, region, verdict):
    assert held_against(low, high, region) == verdict


def test_no_interval_is_a_fault():
    with pytest.raises(ValueError, match="no interval"):
        held_against(float("nan"), 1, [0, None])


def test_a_difference_of_two_shares_has_newcombe_s_limits():
    table = shares(men=(71, 100), women=(100, 200))
    found = evaluate(contrast([0.05, None], ("men", 1), ("women", -1)), evidence(shares=table))
    low, high = confint_proportions_2indep(71, 100, 100, 200, method="newcomb", compare="diff")
    assert (found.estimate, found.low, found.high) == pytest.approx((0.21, low, high), rel=1e-9)
    assert found.verdict == HOLDS and found.n == 100


@pytest.mark.parametrize(
    ("women", "verdict"), [((50, 100), HOLDS), ((70, 100), OPEN), ((90, 100), FAILS), ((100, 1000), HOLDS)]
)
def test_a_difference_gives_each_verdict(women, verdict):
    rule = contrast([0, None], ("men", 1), ("women", -1))
    assert evaluate(rule, evidence(shares=shares(men=(71, 100), women=women))).verdict == verdict


def test_rounding_of_printed_shares_is_added_whole_and_is_all_there_is_without_n():
    table = pd.DataFrame({"sex": ["men", "women"], "n": np.nan, "share": [0.22, 0.15], "rounding": 0.005})
    found = evaluate(contrast([0, None], ("men", 1), ("women", -1)), evidence(0, shares=table))
    assert (found.low, found.high) == pytest.approx((0.06, 0.08)) and found.verdict == HOLDS
    near = table.assign(share=[0.15, 0.145])
    assert evaluate(contrast([0, None], ("men", 1), ("women", -1)), evidence(0, shares=near)).verdict == OPEN


def test_few_persons_are_hidden_few_municipalities_are_not():
    rule = contrast([0.5, None], ("men", 1))
    few = shares(men=(97, 100))
    hidden = evaluate(rule, evidence(shares=few))
    assert hidden.verdict == OPEN and np.isnan(hidden.estimate) and hidden.reason["en"].startswith("too few")
    assert evaluate(rule, evidence(shares=few.assign(of="municipalities"))).verdict == HOLDS
    assert evaluate(rule, evidence(0, shares=few)).verdict == HOLDS


def test_numbers_that_are_not_there_make_a_claim_not_testable_here():
    rule = contrast([0, None], ("men", 1), ("others", -1))
    assert evaluate(rule, evidence(shares=shares(men=(50, 100)))).verdict == UNTESTABLE
    assert evaluate(rule, evidence()).verdict == UNTESTABLE
    with pytest.raises(ValueError, match="2 rows"):
        evaluate(contrast([0, None], ("men", 1)), evidence(shares=pd.concat([shares(men=(50, 100))] * 2)))


def interval_row(low: float, high: float) -> pd.DataFrame:
    return pd.DataFrame({"term": ["a"], "estimate": [(low + high) / 2], "ci_low": [low], "ci_high": [high], "n": [9]})


@pytest.mark.parametrize(("low", "high", "verdict"), [(0, 0.01, HOLDS), (0.01, 0.05, OPEN), (0.03, 0.05, FAILS)])
def test_an_estimate_with_its_own_interval(low, high, verdict):
    columns = ["estimate", "ci_low", "ci_high", "n"]
    rule = {"rule": "interval", "table": "casemix", "where": {"term": "a"}, "columns": columns, "region": [None, 0.02]}
    assert evaluate(rule, evidence(casemix=interval_row(low, high))).verdict == verdict
    empty = interval_row(low, high).assign(ci_low=np.nan)
    assert evaluate(rule, evidence(casemix=empty)).reason["en"] == "cannot be estimated"


@pytest.mark.parametrize(
    ("successes", "verdict"), [((50, 40), HOLDS), ((50, 90), FAILS), ((50, 66), OPEN), ((69, 71), OPEN)]
)
def test_every_share_must_lie_in_the_region_and_one_outside_decides(successes, verdict):
    table = pd.DataFrame({"year": [2020, 2020], "n": 100, "share": [x / 100 for x in successes]})
    rule = {"rule": "every", "table": "shares", "where": {"year": 2020}, "region": [None, 0.7]}
    found = evaluate(rule, evidence(shares=table))
    assert found.verdict == verdict
    assert found.estimate == max(successes) / 100


def verdict_table(word: str, r: float | None) -> pd.DataFrame:
    limits = {"ci95_low": -0.1, "ci95_high": 0.4, "municipalities": 33}
    return pd.DataFrame([{"wave": "a", "r": r, "verdict": word, **limits}])


@pytest.mark.parametrize(
    ("holds", "fails", "sign", "word", "r", "verdict"),
    [
        ("equivalent", "associated", 0, "equivalent", 0.0, HOLDS),
        ("equivalent", "associated", 0, "associated", 0.3, FAILS),
        ("equivalent", "associated", 0, "undecided", 0.2, OPEN),
        ("associated", "equivalent", 1, "associated", 0.3, HOLDS),
        ("associated", "equivalent", 1, "associated", -0.3, FAILS),
        ("associated", "equivalent", 1, "equivalent", 0.0, FAILS),
        ("associated", "equivalent", 1, "not estimable: few", None, OPEN),
    ],
)
def test_the_model_s_own_verdict_decides(holds, fails, sign, word, r, verdict):
    rule = {"rule": "verdict", "where": {"wave": "a"}, "holds": holds, "fails": fails, "sign": sign}
    assert evaluate(rule, evidence(verdict=verdict_table(word, r))).verdict == verdict


@pytest.mark.parametrize(("changed", "verdict"), [(18, HOLDS), (12, OPEN), (6, FAILS)])
def test_changes_of_verdict_must_be_more_than_chance_moves(changed, verdict):
    row = {"noise_and_shift": 10, "noise_and_shift_low": 5, "noise_and_shift_high": 16, "municipalities": 100}
    rule = {"rule": "beyond_noise", "where": {"rule": "point"}, "smallest": 0.05}
    found = evaluate(rule, evidence(target_changes=pd.DataFrame([{"rule": "point", "changed": changed, **row}])))
    assert found.verdict == verdict
    expected = ((changed - 10) / 100, (changed - 16) / 100, (changed - 5) / 100)
    assert (found.estimate, found.low, found.high) == pytest.approx(expected)


def test_a_correlation_that_was_not_printed_is_never_more_than_open():
    table = pd.DataFrame({"id": ["x"], "value": [33.0]})
    found = evaluate({"rule": "number_of_municipalities", "where": {"id": "x"}}, evidence(0, published=table))
    assert found.verdict == OPEN and np.isnan(found.estimate)
    assert found.high == pytest.approx(np.tanh(1.959964 / np.sqrt(30)), rel=1e-6)


def test_national_shares_pool_the_compared_years_and_keep_each_cohort():
    keys = {"region_level": "country", "definition": "d", "horizon": 1, "sex": "both", "suppressed": False}
    rows = [
        {**keys, "exit_year": year, "status": status, "n": n}
        for year, counts in ((2012, (100, 60)), (2013, (50, 20)), (2014, (10, 10)))
        for status, n in zip(("00", "1"), counts)
    ]
    rows.append({**keys, "exit_year": 2013, "status": "success", "n": 25})
    table = national_shares(pd.DataFrame(rows), (2012, 2013)).set_index("cohorts")
    assert table.loc["compared", ["n", "successes"]].tolist() == [150, 85]
    assert table.loc["2014", ["share", "measured"]].tolist() == [1.0, 2015]


def test_answers_are_counted_above_the_middle_and_at_the_best_step_with_the_design_effect():
    book = {
        "constructs": {"satisfaction": {}},
        "waves": ["w"],
        "items": {"q": {"construct": "satisfaction", "scale": [1, 4]}},
    }
    scales = pd.DataFrame({"wave": "w", "satisfaction_level": [1, 2, 3, 4, np.nan]})
    effects = pd.DataFrame({"wave": ["w"], "construct": ["satisfaction"], "design_effect": [2.0]})
    table = answer_shares(scales, effects, {"b": book}).set_index("part")
    assert table["successes"].to_dict() == {"positive": 2, "best": 1}
    assert table["n"].tolist() == [4, 4] and table["n_effective"].tolist() == [2, 2]


def test_published_figures_become_shares_with_their_rounding():
    table = published_shares(PUBLISHED).set_index("id")
    assert table.loc["status_1y_national-00049", ["share", "rounding", "n"]].tolist() == [0.62, 0.005, 4790]
    assert table.loc["models_and_adjusted_results-00010", "share"] == pytest.approx(17 / 23)


def judged(source: str = "synthetic", **tables: pd.DataFrame) -> pd.DataFrame:
    return judge(LEDGER, tables, published_shares(PUBLISHED), {**CONFIG, "source": source})


def test_published_verdicts_of_the_ledger_are_those_of_the_printed_figures():
    found = judged().query("evidence == 'published'").set_index("claim")
    assert found.loc["K5", ["verdict", "estimate"]].tolist() == [HOLDS, pytest.approx(0.21)]
    assert found.loc["K8", "verdict"] == OPEN and found.loc["K8", "n"] == 33
    assert found.loc["N1", "verdict"] == OPEN
    assert found.loc["S2", ["ci_low", "ci_high"]].tolist() == pytest.approx([0.06, 0.08])
    assert found.loc["S3", "ci_high"] < 0.7 and found.loc["S3", "verdict"] == HOLDS
    assert (found["data"] == "published").all()


def test_a_run_without_numbers_is_not_testable_and_every_claim_has_both_kinds_of_evidence():
    table = judged("statbank")
    assert table.groupby("claim")["evidence"].agg(" ".join).eq("run published").all()
    run = table[table["evidence"] == "run"]
    assert set(run["verdict"]) == {UNTESTABLE} and run["reason_en"].ne("").all()


def test_simulated_data_never_confirm_a_claim_about_the_world():
    signal = pd.DataFrame(
        {"definition": ["ssb_november"], "horizon": [1], "municipalities": [300], "share_over_07": [0.2]}
    )
    row = judged(reliable=reliable_shares(signal)).query("claim == 'K9' and evidence == 'run'").iloc[0]
    assert row["verdict"] == HOLDS and row["data"] == "synthetic"
    for language, words in (("en", "Holds in the simulated data"), ("nb", "Holder i de simulerte dataene")):
        assert words in line_words(row, Labels(language))
    own = judged("extracts", reliable=reliable_shares(signal)).query("claim == 'K9' and evidence == 'run'").iloc[0]
    assert line_words(own, Labels("en")).replace(NBSP, " ") == (
        "This run (own data): Holds (20.0% [15.9, 24.9]; holds if below 50.0%)."
    )


@pytest.mark.parametrize(("language", "own", "plain"), [("en", "simulated", "Holds ("), ("nb", "simulert", "Holder (")])
def test_no_claim_of_a_simulated_run_holds_without_saying_of_what(language, own, plain):
    """In every line and in the printed table, whichever way each of them falls."""
    table, labels = judged(), Labels(language)
    for verdict in (HOLDS, FAILS):
        run = table.assign(**{"verdict": verdict, "estimate": 0.5, "ci_low": 0.4, "ci_high": 0.6, "unit": "share"})
        run = run.assign(reason_nb="", reason_en="").query("evidence == 'run'")
        lines = [line_words(row, labels) for row in run.to_dict("records")]
        assert len(lines) == len(LEDGER)
        # once for the evidence, once in the verdict itself
        assert [line for line in lines if line.count(own) < 2 or plain in line] == []
        published = [line_words({**row, "data": "published"}, labels) for row in run.to_dict("records")]
        assert not any(own in line for line in published)


def test_statbank_figures_judge_what_they_suffice_for_and_say_that_they_are_real():
    signal = pd.DataFrame(
        {"definition": ["ssb_november"], "horizon": [1], "municipalities": [31], "share_over_07": [0.0]}
    )
    row = judged("statbank", reliable=reliable_shares(signal)).query("claim == 'K9' and evidence == 'run'").iloc[0]
    assert (row["verdict"], row["data"], row["n"]) == (HOLDS, "statbank", 31)
    line = line_words(row, Labels("en"))
    assert "StatBank" in line and "simulated" not in line


def test_words_of_a_line_with_and_without_numbers():
    table = judged().set_index(["claim", "evidence"])
    assert line_words(table.loc[("K2", "run")], Labels("en")).startswith(
        "This run (simulated data): Not testable: rests"
    )
    line = line_words(table.loc[("K8", "published")], Labels("nb"))
    assert (
        line.startswith("Publiserte tall: Kan ikke sies: korrelasjonen er ikke publisert")
        and "\N{MINUS SIGN}0,34" in line
    )
    assert criterion_words(table.loc[("I1", "published")], Labels("nb")).replace(NBSP, " ") == "75,0 % til 85,0 %"
    counts = counts_words(judged().query("evidence == 'published'"), Labels("en"))
    numbers = [int(n) for n in re.findall(r"\d+", counts)]
    assert sum(numbers) == len(LEDGER) and "cannot be tested" in counts


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_table_prints_every_claim_once_with_both_kinds_of_evidence(language):
    entry = registry()["T-G1"]
    inputs = {"claims": judged(), "ledger": {"claims": LEDGER}}
    inputs["published_sources"] = read_csv(ROOT / "data/published/sources.csv", ("source_key", "year", "publisher"))
    settings = {**CONFIG, "source": "synthetic"}
    numbers = make_numbers(entry, inputs, settings)
    assert list(numbers.columns[:3]) == ["data", "id", "kind"] and len(numbers) == 2 * len(LEDGER)
    assert numbers.groupby("kind")["data"].unique().map(list).to_dict() == {
        "published": ["published"],
        "run": ["synthetic"],
    }
    table = make_table(numbers, Context.of("T-G1", entry, settings, language))
    heads = [row.label for row in table.rows if row.kind == "head"]
    assert [head.split()[0] for head in heads] == list(LEDGER) and len(table.details) == len(LEDGER)
    page = table.to_html()
    assert table.stamp in page and not re.search(r"\bnan\b|>None<|&lt;NA", page)
    world = {"nb": "sier ingenting om Norge", "en": "says nothing of Norway"}[language]
    assert len(table.lead) == 2 and sum(world in line for line in table.lead) == 1


def test_every_claim_names_sources_displays_sentences_and_rules_that_exist():
    sources = read_csv(ROOT / "data/published/sources.csv", ("source_key",))["source_key"].tolist()
    assert list(unknown_keys(LEDGER, sources, list(registry()))) == []
    assert {f"K{i}" for i in range(1, 11)} <= set(LEDGER)
    ids = set(PUBLISHED["id"])
    for name, claim in LEDGER.items():
        assert set(claim["answer"]) <= set(MAKERS), name
        for kind in ("run", "published"):
            assert claim[kind]["rule"] in RULES
            filled(claim[kind], places(CONFIG))
        for where in re.findall(r"'id': (\[.*?\]|'.*?')", str(claim["published"])):
            assert set(re.findall(r"'(.*?)'", where)) <= ids, name


def test_unknown_sources_and_displays_are_named_with_the_nearest():
    other = copy.deepcopy({"K1": LEDGER["K1"]})
    other["K1"]["source"], other["K1"]["displays"] = ["norce_2018"], ["F-C44"]
    told = [str(p) for p in unknown_keys(other, ["norce_2019", "ks_2019"], ["F-C4"])]
    assert "did you mean 'norce_2019'?" in told[0] and "did you mean 'F-C4'?" in told[1]


def test_the_schema_is_closed_and_all_faults_are_told_at_once(tmp_path):
    broken = copy.deepcopy({"claims": {"K1": LEDGER["K1"], "K5": LEDGER["K5"]}})
    broken["claims"]["K1"]["verdict"] = "holds"
    del broken["claims"]["K5"]["estimand"]
    broken["claims"]["K5"]["run"]["region"] = [0.05]
    path = tmp_path / "claims.yaml"
    path.write_text(json.dumps(broken), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_ledger(path)
    assert "3 problems" in str(caught.value) and "'verdict' was unexpected" in str(caught.value)


def test_every_part_of_the_schema_is_closed():
    def objects(node: object):
        if isinstance(node, dict):
            if node.get("type") == "object" and "properties" in node:
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    parts = list(objects(json.loads(SCHEMA.read_text(encoding="utf-8"))))
    assert len(parts) > 8 and all(part["additionalProperties"] is False for part in parts)


def test_no_claim_is_worded_as_a_cause():
    words = re.compile(
        r"\b(effekt\w*|virkning\w*|påvirk\w*|fører til|skyldes|effects?|impacts?|leads? to|causes?)\b", re.I
    )
    # a name of the network is no claim of a cause
    text = (ROOT / "data" / "claims.yaml").read_text(encoding="utf-8").replace("effektiviseringsnettverk", "")
    assert words.findall(text) == []
