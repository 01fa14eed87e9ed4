"""Power by number of municipalities: against the table of the domain notes, simulation and the verdict's own test."""

import numpy as np
import pytest
from introprog import power, verdict

# number of municipalities: smallest r with 80 % power, half width at r = 0, smallest bound that TOST can prove
KNOWN = {
    20: (0.59, 0.44, 0.38),
    33: (0.47, 0.34, 0.29),
    60: (0.35, 0.25, 0.21),
    82: (0.31, 0.22, 0.18),
    129: (0.24, 0.17, 0.15),
    150: (0.23, 0.16, 0.13),
}


@pytest.mark.parametrize("units", KNOWN)
def test_power_is_80_per_cent_at_the_smallest_detectable_correlation(units):
    detectable, half, bound = KNOWN[units]
    assert round(verdict.smallest_detectable(units), 2) == detectable
    assert round(verdict.half_width(units), 2) == half
    # the source rounds 0.1347 and 0.1842 to 0.13 and 0.18
    assert verdict.smallest_bound(units) == pytest.approx(bound, abs=0.006)
    assert power.power_of_test(verdict.smallest_detectable(units), units) == pytest.approx(0.80, abs=1e-3)


def test_the_example_of_two_unreliable_sides():
    seen = power.attenuated(0.5, 0.6, 0.5)
    assert round(float(seen), 2) == 0.27
    assert power.power_of_test(seen, 33) == pytest.approx(1 / 3, abs=0.02)


def test_a_correlation_of_nil_is_found_as_often_as_alpha_says():
    assert power.power_of_test(0.0, [10, 33, 150], 0.05) == pytest.approx([0.05] * 3)
    assert power.power_of_test(0.3, 60) == pytest.approx(power.power_of_test(-0.3, 60))


def test_equivalence_cannot_be_shown_where_the_smallest_provable_bound_is_wider():
    assert power.power_of_equivalence(0.0, 33, 0.20) == 0
    assert verdict.smallest_bound(33) > 0.20
    # power starts just beyond the number of pairs at which the bound can be proved
    first = next(n for n in range(10, 200) if verdict.smallest_bound(n) < 0.20)
    assert power.power_of_equivalence(0.0, first - 1, 0.20) == 0 < power.power_of_equivalence(0.0, first, 0.20)


def test_power_of_both_tests_agrees_with_simulated_pairs():
    rng = np.random.default_rng(7)
    units, draws, bound = 120, 4000, 0.25
    for true in (0.0, 0.3):
        x = rng.standard_normal((draws, units))
        y = true * x + np.sqrt(1 - true**2) * rng.standard_normal((draws, units))
        x, y = (a - a.mean(axis=1, keepdims=True) for a in (x, y))
        r = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
        z, root = np.arctanh(r), np.sqrt(units - 3)
        found = (np.abs(z) * root > 1.959964).mean()
        shown = (np.abs(z) + 1.644854 / root < np.arctanh(bound)).mean()
        assert power.power_of_test(true, units) == pytest.approx(found, abs=0.025)
        assert power.power_of_equivalence(true, units, bound) == pytest.approx(shown, abs=0.025)


def test_units_needed_is_the_fewest():
    for r in (0.1, 0.3, 0.5):
        units = power.units_needed(r)
        assert power.power_of_test(r, units) >= 0.80 > power.power_of_test(r, units - 1)
    assert power.units_needed(-0.3) == power.units_needed(0.3)


def test_table_narrows_the_equivalence_bound_by_the_reliability():
    table = power.power_table([33, 400], [0.3], [1.0, 0.5], bound=0.4)
    rows = table.set_index(["test", "reliability", "units"])
    assert rows.loc[("difference", 0.5, 33), "observed_r"] == pytest.approx(0.15)
    expected = power.power_of_equivalence(0.0, 400, 0.2)
    assert rows.loc[("equivalence", 0.5, 400), "power"] == pytest.approx(float(expected))
    assert rows.loc[("equivalence", 1.0, 33), "power"] > 0 == rows.loc[("equivalence", 0.5, 33), "power"]


def test_fewer_than_four_pairs_are_refused():
    with pytest.raises(ValueError, match="at least 4"):
        power.power_of_test(0.3, [3, 30])
