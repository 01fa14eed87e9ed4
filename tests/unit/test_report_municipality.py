"""«My municipality»: nothing that no display shows, exact limits and verdicts, printed as the displays print."""

import numpy as np
import pandas as pd
import report_run as made
from introprog.intervals import clopper_pearson
from introprog.labels import Labels
from introprog.report.content import read_tables
from introprog.report.municipality import results, town_data
from introprog.tabular import write_csv


def data(language: str = "en", **more: pd.DataFrame) -> dict:
    tables = {
        "F-D5": made.f_d5(),
        "F-C4": made.f_c4(),
        **{k.replace("_", "-") if k[0] == "F" else k: v for k, v in more.items()},
    }
    return town_data(tables, made.panel(), made.CONFIG, Labels(language), made.WORDS)


def town(code: str, **more) -> dict:
    return {one["code"]: one for one in data(**more)["towns"]}[code]


def test_a_municipality_without_shown_numbers_is_not_in_the_list():
    assert [one["code"] for one in data()["towns"]] == ["1001", "1002", "1003"]
    assert data()["hidden"] == [["1004", "Dvik"]]
    assert "Dvik" not in str({**data(), "hidden": []})


def test_limits_are_exact_and_the_verdict_follows_them():
    rows = results({"F-D5": made.f_d5()}, 0.7).set_index("municipality")
    low, high = clopper_pearson(np.array([90.0, 40.0, 7.0]), np.array([100.0, 100.0, 10.0]))
    np.testing.assert_allclose(rows["ci_low"], low)
    np.testing.assert_allclose(rows["ci_high"], high)
    assert list(rows["verdict"]) == ["above", "below", "cannot be told"]


def test_large_municipalities_have_all_moments_and_rank_sets_small_ones_say_why_not():
    assert [line["cells"][0] for line in town("1001")["results"]] == ["On leaving", "1 year", "5 years"]
    assert town("1001")["results"][1]["cells"][-1] == "1–2 of 2"
    assert town("1003")["results"][0]["cells"][-1] == "too few to be ranked"


def test_funnel_says_inside_or_at_which_limit_outside():
    assert "inside" in town("1003")["funnel"][0]
    assert "outside the 95 per cent limit" in town("1001")["funnel"][0]
    assert "outside the 99.8 per cent limit" in town("1002")["funnel"][0]


def test_series_shows_hidden_years_as_hidden_and_only_of_towns_with_any_year():
    assert town("1001")["series"] == [["2012", "50", "40", "80"], ["2013", ":", ":", ":"]]
    assert town("1003")["series"] == []


def test_a_count_rounded_to_nobody_has_no_share(monkeypatch):
    panel = made.panel().assign(n=lambda p: p["n"].mask(p["exit_year"] == 2012, 0))
    panel["successes"] = panel["successes"].mask(panel["exit_year"] == 2012, 0)
    panel = panel.assign(suppressed=panel["n"].isna())
    monkeypatch.setattr(made, "panel", lambda: panel)
    assert town("1001")["series"][0] == ["2012", "0", "0", Labels("en").share(None)]


def test_adjusted_shares_come_in_the_order_of_the_tiers():
    tiers = pd.DataFrame({"tier": ["local", "observed", "programme", "person"], "rate": [0.6, 0.5, 0.58, 0.55]})
    tiers = tiers.assign(municipality="1001", ci_low=0.4, ci_high=0.7)
    assert [row[:2] for row in town("1001", F_D1=tiers)["adjusted"]] == [
        ["not adjusted", "50.0"],
        ["who the participants were", "55.0"],
        ["+ the programme", "58.0"],
        ["+ local labour market", "60.0"],
    ]


def test_survey_limits_stay_on_the_scale_and_stand_beside_everybody():
    base = {"wave": "ks_2015", "dimension": "respect", "position": 1, "name_nb": "Respekt", "name_en": "Respect"}
    rows = [
        {**base, "kind": "all", "municipality": "", "mean": 80.0, "ci_low": 79.0, "ci_high": 81.0, "n": 900},
        {
            **base,
            "kind": "municipality",
            "municipality": "1001",
            "mean": 97.0,
            "ci_low": 90.0,
            "ci_high": 104.0,
            "n": 20,
        },
    ]
    found = town("1001", F_E5=pd.DataFrame(rows))["survey"]
    assert found == [["KS 2015", "Respect", "97", "[90, 100]", "20", "80"]]


def test_norwegian_prints_norwegian_numbers():
    cells = {one["code"]: one for one in data("nb")["towns"]}["1003"]["results"][0]["cells"]
    assert cells[2] == "70,0"
    assert cells[4] == "kan ikke sies"


def test_no_funnel_no_search():
    assert town_data({}, made.panel(), made.CONFIG, Labels("nb"), made.WORDS) is None


def test_pooled_years_are_those_of_the_data_not_of_the_wish():
    signal = pd.DataFrame({"definition": ["ssb_november"], "horizon": [1], "first_exit_year": [2012.0]})
    assert data(signal=signal.assign(last_exit_year=2013.0))["words"]["pooled"] == "Leavers of 2012–2013, pooled."
    assert data()["words"]["pooled"] == "Leavers of 2012–2018, pooled."


def test_a_county_is_its_latest_set_of_cohorts_followed_as_far_as_any_with_its_municipalities():
    (county,) = data(F_C1_county=made.f_c1_county())["counties"]
    assert (county["code"], county["name"], county["pooled"]) == ("10", "Afylke", "Leavers of 2012–2014, pooled.")
    assert [line["cells"][:3] for line in county["results"]] == [["1 year", "200", "60.0"], ["2 years", "190", "80.0"]]
    assert [line["cells"][4] for line in county["results"]] == ["below", "above"]
    assert [line["code"] for line in county["towns"]] == ["1001", "1002", "1003"]


def test_alike_municipalities_come_nearest_first_after_the_municipality_itself_and_only_shown_ones():
    found = town("1001", municipality_profile=made.profile())["similar"]
    assert [line["code"] for line in found] == ["1001", "1003", "1002"]
    assert found[0]["cells"] == ["Avik (1001)", "9,000", "3", "2.0", "100", "90.0", "[82.4, 95.1]"]
    assert town("1001")["similar"] == []


def test_the_funnel_picture_holds_every_shown_municipality_and_the_limits():
    funnel = data()["funnel"]
    assert funnel["dots"] == [[10, 0.7], [100, 0.4], [100, 0.9]] and town("1002")["dot"] == [100, 0.4]
    assert [line["level"] for line in funnel["limits"]] == ["95%", "99.8%"]
    assert funnel["limits"][0]["points"] == [[10, 0.3, 0.9], [100, 0.5, 0.7]]
    assert funnel["ticks"] == [[10, "10"], [30, "30"], [100, "100"]]


def test_a_source_without_names_has_numbers_for_names(tmp_path):
    funnel = made.f_d5().assign(name=lambda frame: frame["municipality"])
    county = made.f_c1_county().assign(name=lambda frame: frame["level"])
    for name, frame in (("F-D5", funnel), ("F-C1-county", county)):
        write_csv(frame, tmp_path / f"{name}.csv")
    tables = read_tables({path.stem: str(path) for path in tmp_path.glob("*.csv")})
    found = town_data(tables, made.panel(), made.CONFIG, Labels("nb"), made.WORDS)
    assert [(one["code"], one["name"]) for one in found["towns"]] == [(x, x) for x in ("1001", "1002", "1003")]
    assert [(one["code"], one["name"]) for one in found["counties"]] == [("10", "10")]
    assert found["counties"][0]["towns"][0]["cells"][0] == "1001" and found["hidden"] == [["1004", "1004"]]
