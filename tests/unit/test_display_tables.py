"""The printed tables: what stands first, that Norwegian tables are Norwegian, citations, and reference rows."""

import re

import display_frames as made
import numpy as np
import pandas as pd
import pytest
import yaml
from introprog.displays.context import Context
from introprog.displays.making import make_numbers, make_table
from introprog.displays.registry import registry
from introprog.labels import Labels

ENTRIES = registry()
RULES = yaml.safe_load((made.ROOT / "data" / "codebook" / "rules.yaml").read_text(encoding="utf-8"))


def made_of(name, inputs, language, source="synthetic"):
    """The numbers of a display and its printed table."""
    entry, settings = ENTRIES[name], made.settings(source)
    table = make_numbers(entry, inputs, settings)
    return table, make_table(table, Context.of(name, entry, settings, language))


def verdicts():
    rows = []
    for wave, construct, horizon, word, count in [
        ("ks_2015", "satisfaction", 1, "undecided", 33),
        ("imdi_2020", "motivation", 1, "equivalent", 140),
        ("imdi_2020", "satisfaction", 2, "undecided", 140),
        ("imdi_2020", "satisfaction", 1, "associated", 140),
        ("imdi_2020", "satisfaction", 4, "not estimable: municipalities: 2, at least 4 needed", 2),
        ("imdi_2020", "satisfaction", 5, "not estimable: municipalities: 2, at least 4 needed", 2),
    ]:
        known = not word.startswith("not")
        values = dict.fromkeys(
            ["r", "ci95_low", "ci95_high", "ci90_low", "ci90_high", "p_tost", "mde", "r_disattenuated",
             "r_disattenuated_low", "r_disattenuated_high"], 0.3 if known else np.nan,
        )  # fmt: skip
        rows.append(
            {"wave": wave, "construct": construct, "definition": "ssb_november", "horizon": horizon, "verdict": word,
             "first_exit_year": 2020 if known else np.nan, "last_exit_year": 2022 if known else np.nan,
             "municipalities": count, "smallest_effect": 0.2, **values,
             "primary": (wave, construct, horizon) == ("imdi_2020", "satisfaction", 1),
             "sentence_nb": f"Setning {wave} {construct} {horizon}.",
             "sentence_en": f"Sentence {wave} {construct} {horizon}."}
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_verdicts_put_the_primary_contrast_first_and_print_words_not_sentences():
    table, printed = made_of("T-F4", {"verdict": verdicts()}, "nb")
    lines = [row for row in printed.rows if row.kind != "head"]
    assert printed.lead == ["Hovedresultat: Setning imdi_2020 satisfaction 1."]
    assert lines[0].kind == "total" and lines[0].label.startswith("1 år (sluttet 2020–2022)")
    assert [row.cells[-1] for row in lines[:2]] == ["Henger sammen", "Uavgjort"]
    assert not any("Setning" in cell for row in lines for cell in row.cells)
    assert len(printed.details) == len(verdicts()) - 1
    assert bool(table["primary"].iloc[0])
    assert "Ingen sammenheng av betydning" in {row.cells[-1] for row in lines}
    # horizons of which nothing is known share a line, with the reason in Norwegian
    silent = [row for row in lines if row.label == "4 år, 5 år"]
    assert len(silent) == 1
    assert silent[0].cells[-1] == "Kan ikke beregnes: kommuner: 2, minst 4 trengs"


def test_reference_rows_say_what_so_many_municipalities_can_tell():
    table, printed = made_of("T-F4", {"verdict": verdicts()}, "en")
    rows = table[table["kind"] == "reference"].set_index("municipalities")
    # independent of the pipeline: tanh((1.96 + 0.8416) / sqrt(n - 3)), tanh(1.96 / ...), tanh(1.645 / ...)
    expected = {33: (0.47, 0.34, 0.29), 82: (0.31, 0.22, 0.18), 129: (0.24, 0.17, 0.15), 150: (0.23, 0.16, 0.13)}
    for count, values in expected.items():
        assert tuple(rows.loc[count, ["mde", "ci95_high", "ci90_high"]].astype(float).round(2)) == values
    last = printed.rows[-4:]
    assert [row.cells[-1] for row in last] == [f"rules out |r| above {v[2]}" for v in expected.values()]
    assert "82 municipalities (SSB 2013/55)" in {row.label for row in last}


METHODS = [
    ("person_linear", "least squares, CR2, Satterthwaite"),
    ("person_linear_adjusted", "least squares, weighted, wild cluster bootstrap, Rademacher, 999"),
    ("person_ordered", "ordered logit, cluster jackknife"),
    ("person_random_intercept", "random intercept, REML, between-within t"),
    ("person_ordinal_intercept", "ordered logit, random intercept, adaptive quadrature, between-within t"),
    ("municipality_ols", "least squares, classical"),
    ("municipality_meta", "random-effects meta-regression, REML, Knapp-Hartung"),
    ("municipality_binomial", "binomial, random intercept, adaptive quadrature"),
]


def associations():
    rows = [
        {"model": model, "wave": "imdi_2020", "construct": "satisfaction", "definition": "ssb_november",
         "horizon": horizon, "term": "score_per_10_points" if "binomial" in model else "result_per_10_points",
         "estimate": 1.0, "std_error": 0.5, "ci_low": 0.0, "ci_high": 2.0, "p_value": 0.05, "n": 900, "clusters": 140,
         "dof": 80.0, "method": method, "first_exit_year": 2020, "last_exit_year": 2022}
        for horizon in (1, 2) for model, method in METHODS
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_regressions_stand_under_wave_horizon_and_unit():
    _, printed = made_of("T-F2", {"association": associations()}, "nb")
    heads = [(row.label, row.indent) for row in printed.rows if row.kind == "head"]
    assert [label for label, indent in heads if indent == 0] == [
        "IMDi 2020/21, 1 år etter, sluttet 2020–2022",
        "IMDi 2020/21, 2 år etter, sluttet 2020–2022",
    ]
    units = [label for label, indent in heads if indent == 1]
    assert len(units) == 6 and "per 10 prosentpoeng" in units[0] and "Omvendt retning" in units[2]
    under = printed.rows[[row.label for row in printed.rows].index(units[2]) + 1]
    assert under.label == "Kommuner, binomisk"


def test_methods_are_in_the_language_of_the_table():
    english = {word for _, method in METHODS for word in re.findall(r"\b[a-z]{4,}", method)} - {"bootstrap", "logit"}
    for language, meets in (("nb", False), ("en", True)):
        _, printed = made_of("T-F2", {"association": associations()}, language)
        methods = " ".join(row.cells[-1] for row in printed.rows if row.kind != "head")
        found = english & set(re.findall(r"\b[a-z]{4,}", methods))
        assert found <= ({"jackknife"} if not meets else english)
        assert bool(found - {"jackknife"}) == meets


def test_share_between_municipalities_stands_with_the_other_differences():
    base = {"definition": "ssb_november", "horizon": 1, "n": 900, "clusters": 80, "odds_ratio": 1.1, "or_low": 1.0,
            "or_high": 1.2, "ame": 0.02, "ame_std_error": 0.01, "method": "logit"}  # fmt: skip
    terms = ["municipality_share", "schooling=unknown", "schooling=higher", "schooling=compulsory", "age_group=18-25",
             "municipality_variance", "icc"]  # fmt: skip
    rows = [
        {**base, "model": model, "term": term, "estimate": 0.0123, "ci_low": 0.01, "ci_high": 0.02}
        for model in ("none", "person", "programme", "local")
        for term in terms
    ]
    columns = [*rows[0], "p_value", "std_error", "dof", "ame_low", "ame_high"]
    _, printed = made_of("T-D2", {"casemix": pd.DataFrame(rows).reindex(columns=columns)}, "nb")
    labels = [row.label for row in printed.rows]
    assert labels[0] == "Utdanning ved start"
    assert labels[1:4] == ["Grunnskole eller mindre", "Høyere utdanning", "Ukjent"]
    assert "18–25" in labels
    head = labels.index("Forskjeller mellom kommuner")
    assert labels[head + 1] == "Andel av variasjonen, prosent (uten kjennetegn: 1,2)"
    assert list(printed.rows[head + 1].cells[:2]) == ["1,2", "[1,0; 2,0]"]
    assert any("logitskalaen kan ikke" in line for line in printed.footer)


def reconciled():
    rows = [
        ("a", "In work or education, 2 years after", "2007-2011", 0.64, 0.63, True, "SSB (2015): One report", ""),
        ("b", "In work or education, 1 year after", "2016", 0.62, 0.605, False, "SSB (2015): Another", ""),
        ("c", "Participants 2016: women", None, 0.40, 0.43, False, "Statistics Norway (SSB) (2016): A page", ""),
        ("d", "In work or education, 1 year after", "2009", 0.63, 0.55, False, "digib.no (2012): X",
         "first-published series"),
    ]  # fmt: skip
    frame = pd.DataFrame(
        rows,
        columns=["id", "quantity_en", "exit_year", "own_value", "published_value", "within_noise", "source", "note"],
    )
    return frame.assign(
        quantity_nb=frame["quantity_en"], sex="both", horizon=1, unit="share", own_n=4000, own_ci_low=0.6,
        own_ci_high=0.64, published_n=4790, difference=frame["own_value"] - frame["published_value"],
        within_tolerance=True, source_key=frame["id"],
    )  # fmt: skip


def test_reconciliation_sums_up_first_and_cites_in_words():
    _, printed = made_of("T-B7", {"reconciliation": reconciled()}, "en")
    assert printed.lead == [
        "Of 4 published shares 1 lie within one percentage point of the own figures and 2 within two. "
        "1 of 4 published figures lie within what chance alone could make."
    ]
    cells = {row.label: row.cells for row in printed.rows if row.kind != "head"}
    assert cells["Both sexes, 2007–2011"][-1] == "SSB (2015b)"
    assert cells["Both sexes, 2016"][-1] == "SSB (2015a)"
    assert cells["2016, women"][-1] == "SSB (2016)"
    assert cells["Both sexes, 2009*"][-1] == "digib.no (2012)"
    assert "SSB (2015a): Another" in printed.details and len(printed.details) == 4
    heads = [row.label for row in printed.rows if row.kind == "head"]
    assert heads == ["In work or education, 1 year after", "In work or education, 2 years after", "Participants"]
    assert any(line.startswith("* = ") for line in printed.footer)


@pytest.mark.parametrize(("source", "told"), [("statbank", True), ("synthetic", False), ("extracts", False)])
def test_only_for_the_statbank_the_reconciliation_checks_the_reading(source, told):
    _, printed = made_of("T-B7", {"reconciliation": reconciled()}, "en", source)
    assert any("check the reading" in line for line in printed.lead) == told


def test_counts_are_told_from_shares():
    rows = reconciled()
    both = pd.concat([rows, rows.iloc[[1]].assign(id="e", unit="persons", own_value=1771, published_value=1771)])
    _, printed = made_of("T-B7", {"reconciliation": both}, "nb", "statbank")
    cells = {row.label: row.cells[0] for row in printed.rows if row.kind != "head"}
    assert (cells["Begge kjønn, 2016"], cells["Begge kjønn, 2016, antall"]) == ("62,0", "1\xa0771")


def test_every_rule_is_given_its_norwegian_reason():
    rules = RULES["rules"]
    rows = [("programmes", rule, block["reason"]["en"], block["action"], 9) for rule, block in rules.items()]
    rows += [
        ("kostra_11b", "K13", f"tiltak_5: {rules['K13']['reason']['en']}", "corrected", 3),
        ("kostra_11b", "C7", "agreed with the supplier", "corrected", 8),
    ]
    log = pd.DataFrame(rows, columns=["table", "rule", "reason", "action", "n"]).assign(year="2010")
    inputs = {"quality_log": log, "employment_quality_log": log.iloc[:0], "rules": RULES}
    table, printed = made_of("T-A6", inputs, "nb")
    by_rule = table[table["table"] == "programmes"].set_index("rule")["reason_nb"]
    assert by_rule.to_dict() == {rule: block["reason"]["nb"] for rule, block in rules.items()}
    assert set(table.loc[table["table"] == "kostra_11b", "reason_nb"]) == {
        f"tiltak_5: {rules['K13']['reason']['nb']}",
        "agreed with the supplier",
    }
    hidden = [row for row in printed.rows if row.kind != "head" and ":" in row.cells]
    assert [row.cells[-2:] for row in hidden] == [[":", ":"]]
    assert {row.label for row in printed.rows if row.kind == "head"} == {"Introduksjonsregisteret (KOSTRA 11B)",
                                                                        "Programmer"}  # fmt: skip


def test_a_rule_of_the_flow_says_why_it_drops():
    flow = pd.DataFrame(
        [(1, "raw_rows", 900, 0, 900, "rows"), (2, "dropped_D1", 900, 50, 850, "rows")],
        columns=["step", "criterion", "n_in", "excluded", "n_out", "unit"],
    )
    for language, words in (("nb", "etter regel D1 (samme rad to ganger)"), ("en", "rule D1 (the same row twice)")):
        _, printed = made_of("T-A5", {"flow": flow, "rules": RULES}, language)
        assert printed.rows[2].label.endswith(words)


def test_one_number_is_printed_where_both_ends_are_the_same():
    assert Labels("en").span(3843, 3843) == "3,843"
    assert Labels("nb").span(33, 140) == "33 til 140"
    assert Labels("en").span(0.121, 0.124, 2) == "0.12"


@pytest.mark.parametrize("name", ["F-B2-published", "F-B3-published", "F-C1-published"])
def test_published_figures_cite_publishers_not_keys(name):
    from introprog.displays.making import module_of, read_inputs
    from introprog.house_style import house_style

    folder = made.ROOT / "data" / "published"
    inputs = read_inputs({"published": folder / "figures.csv", "published_sources": folder / "sources.csv"})
    entry, settings = ENTRIES[name], made.settings()
    table = make_numbers(entry, inputs, settings)
    assert table[["source_key", "publisher", "source"]].notna().all().all()
    context = Context.of(name, entry, settings, "en")
    with house_style():
        text = " ".join(t.get_text() for t in module_of(entry).draw(table, context).texts)
    assert "Statistics Norway (2" in text
    assert not any(key in text for key in table["source_key"])
    # nothing of the publisher's is suppressed here
    assert "suppressed" not in text
