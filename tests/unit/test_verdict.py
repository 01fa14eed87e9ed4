"""The verdict: the published arithmetic of how much few municipalities can say, and the sentences."""

import numpy as np
import pytest
from introprog import verdict
from introprog.disattenuation import fisher_interval
from scipy import stats
from statsmodels.stats.multitest import multipletests

NUMBERS = {20: (0.59, 0.44, 0.38), 33: (0.47, 0.34, 0.29), 60: (0.35, 0.25, 0.21), 82: (0.31, 0.22, 0.18)}
NUMBERS |= {129: (0.24, 0.17, 0.15), 150: (0.23, 0.16, 0.13)}
LABELS = {"survey": "KS 2015", "construct": "satisfaction", "definition": "official"}


@pytest.mark.parametrize("count", NUMBERS)
def test_what_so_many_municipalities_can_show(count):
    detectable, half, bound = NUMBERS[count]
    assert round(verdict.smallest_detectable(count), 2) == pytest.approx(detectable, abs=0.005)
    assert round(verdict.half_width(count), 2) == pytest.approx(half, abs=0.005)
    assert verdict.smallest_bound(count) == pytest.approx(bound, abs=0.0075)
    assert verdict.tost_p(0.0, count, verdict.smallest_bound(count)) == pytest.approx(0.05)


def test_a_larger_error_than_fishers_makes_less_provable_and_less_detectable():
    usual = 1 / np.sqrt(400 - 3)
    for z_error in (usual, 1.5 * usual):
        r = np.tanh(np.arctanh(0.2) - stats.t.ppf(0.95, 398) * z_error)
        assert verdict.tost_p(r, 400, 0.2, z_error) == pytest.approx(0.05)
        assert verdict.tost_p(-r, 400, 0.2, z_error) == pytest.approx(0.05)
    assert verdict.tost_p(0.1, 400, 0.2, usual) == pytest.approx(verdict.tost_p(0.1, 400, 0.2), abs=1e-3)
    assert verdict.smallest_detectable(400, z_error=usual) == pytest.approx(verdict.smallest_detectable(400), rel=5e-3)
    assert verdict.smallest_detectable(400, z_error=1.5 * usual) > 1.4 * verdict.smallest_detectable(400)


def test_detectable_correlation_is_found_four_times_in_five():
    rng = np.random.default_rng(1)
    rho, n, found = verdict.smallest_detectable(33), 33, 0
    for _ in range(3000):
        x = rng.normal(size=n)
        y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)
        low, high = fisher_interval(np.corrcoef(x, y)[0, 1], n, 0.95)
        found += low > 0 or high < 0
    assert found / 3000 == pytest.approx(0.80, abs=0.04)


@pytest.mark.parametrize(
    ("r", "n", "expected"),
    [
        (0.0, 33, "undecided"),
        (0.30, 33, "undecided"),
        (0.40, 33, "associated"),
        (-0.40, 33, "associated"),
        (0.0, 150, "equivalent"),
        (0.10, 150, "undecided"),
        (0.30, 150, "associated"),
        (0.05, 5000, "equivalent"),
    ],
)
def test_three_verdicts(r, n, expected):
    assert verdict.decide(fisher_interval(r, n, 0.95), fisher_interval(r, n, 0.90), 0.20) == expected


@pytest.mark.parametrize("r", [-0.3, -0.05, 0.0, 0.1, 0.19, 0.5])
@pytest.mark.parametrize("n", [20, 150, 900])
def test_equivalent_exactly_when_the_two_one_sided_tests_reject(r, n):
    judged = verdict.decide(fisher_interval(r, n, 0.95), fisher_interval(r, n, 0.90), 0.20)
    assert (judged == "equivalent") == (verdict.tost_p(r, n, 0.20) < 0.05)


def test_noise_is_no_evidence_of_nothing():
    wide, narrow = fisher_interval(0.0, 400, 0.95), fisher_interval(0.0, 400, 0.90)
    assert verdict.decide(wide, narrow, 0.20) == "equivalent"
    assert verdict.decide(wide, narrow, 0.20, (-0.15, 0.15)) == "equivalent"
    assert verdict.decide(wide, narrow, 0.20, (-1, 1)) == "undecided"
    associated = fisher_interval(0.3, 400, 0.95), fisher_interval(0.3, 400, 0.90)
    assert verdict.decide(*associated, 0.20, (-1, 1)) == "associated"


def test_no_verdict_from_no_numbers():
    with pytest.raises(ValueError, match="finite"):
        verdict.decide((np.nan, np.nan), (np.nan, np.nan), 0.2)


def test_corrections_equal_statsmodels():
    p = np.random.default_rng(3).uniform(size=23) ** 2
    np.testing.assert_allclose(verdict.holm(p), multipletests(p, method="holm")[1])
    np.testing.assert_allclose(verdict.benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1])


def row(**changes):
    base = {
        "municipalities": 33,
        "horizon": 1,
        "first_exit_year": 2015,
        "last_exit_year": 2017,
        "r": -0.004,
        "mde": 0.471,
    }
    base |= {"ci95_low": -0.347, "ci95_high": 0.339, "smallest_effect": 0.2, "verdict": "undecided"}
    return base | {"verdict_raw": "undecided", "reliability_survey": 0.6, "reliability_result": 0.5} | changes


def test_sentences_carry_the_numbers_in_both_languages():
    english = verdict.sentence(row(), LABELS, "en")
    assert (
        "one year after leaving, leavers of 2015–2017, definition “official”: r = 0.00 between 33 municipalities"
        in english
    )
    assert "−0.35 to 0.34" in english
    assert "at least 0.47" in english
    norwegian = verdict.sentence(
        row(horizon=2, r=0.41, ci95_low=0.08, ci95_high=0.66, verdict="associated"), LABELS, "nb"
    )
    assert "2 år etter" in norwegian
    assert "r = 0,41" in norwegian
    assert "gjennomgående bedre" in norwegian
    assert "svakere" in verdict.sentence(row(r=-0.41, verdict="associated"), LABELS, "nb")


@pytest.mark.parametrize("judged", ["associated", "equivalent", "undecided"])
@pytest.mark.parametrize("language", ["nb", "en"])
def test_no_sentence_speaks_of_causes(judged, language):
    text = verdict.sentence(row(verdict=judged), LABELS, language).lower()
    for word in ("effect", "effekt", "lead", "fører", "cause", "skyldes", "påvirk", "impact", "{", "nan"):
        assert word not in text


def test_sentence_names_the_noise_where_noise_is_the_reason():
    noisy = row(verdict_raw="equivalent", reliability_survey=0.164, reliability_result=np.nan)
    assert "reliability 0.16 of the scores, unknown of the results" in verdict.sentence(noisy, LABELS, "en")
    assert "reliabilitet 0,16 for skårene, ukjent for resultatene" in verdict.sentence(noisy, LABELS, "nb")


def test_a_row_without_numbers_says_why():
    judged = "not estimable: municipalities: 1, at least 5 needed"
    labels = LABELS | {"reason": verdict.reason(judged, "nb")}
    text = verdict.sentence({"municipalities": 1, "horizon": 3, "verdict": judged}, labels, "nb")
    assert text.endswith("kan ikke beregnes (kommuner: 1, minst 5 trengs).")
    assert verdict.reason(judged, "en") == "municipalities: 1, at least 5 needed"
