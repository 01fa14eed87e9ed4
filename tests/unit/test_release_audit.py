"""The audit: what can be worked out of hidden counts, against enumeration of all tables, and planted leaks."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from introprog.release.audit import audit, excepted, problems
from introprog.release.bounds import Contradiction, bounds
from introprog.release.cells import collect
from scipy import sparse

REGISTRY = {
    "universes": {
        "leavers": {
            "dimensions": {
                "years": {"kind": "years", "listed": True},
                "region": {"kind": "regions"},
                "sex": {"kind": "codes", "listed": True, "trees": [{"both": ["men", "women"]}]},
                "part": {"kind": "codes", "trees": [{"all": ["success", "failure"]}]},
            }
        },
        "answers": {"dimensions": {"item": {"kind": "apart"}, "level": {"kind": "groups"}}},
    },
    "outputs": {
        name: {
            "cells": [
                {
                    "universe": "leavers",
                    "keys": {"years": "years", "region": "region", "sex": "sex", "part": "=all"},
                    "counts": {"n": {}},
                }
            ]
        }
        for name in ("A", "B", "C")
    },
}


def table(rows):
    """Rows of years, region, sex, n; n None = hidden."""
    frame = pd.DataFrame(rows, columns=["years", "region", "sex", "n"])
    hidden = frame["n"].isna()
    return frame.assign(n=frame["n"].map(lambda n: "" if pd.isna(n) else f"{n:g}"), suppressed=hidden.map(str))


def audited(threshold=5, protection=5, **outputs):
    cells = collect({name: table(rows) for name, rows in outputs.items()}, REGISTRY, {})
    return audit(cells, REGISTRY["universes"], threshold, protection)


def faults(result):
    return set(zip(result.leaks["cell"], result.leaks["fault"], strict=True))


def test_bounds_agree_with_every_integer_table():
    random = np.random.default_rng(3)
    matrix = []
    for i in range(3):
        matrix.append([int(c // 3 == i) for c in range(9)])
        matrix.append([int(c % 3 == i) for c in range(9)])
    matrix = np.array(matrix)
    for _ in range(6):
        true = random.integers(0, 4, 9)
        shown = np.flatnonzero(random.random(9) < 0.35)
        equations = np.vstack([matrix, np.eye(9, dtype=int)[shown]])
        right = equations @ true
        possible = [t for t in product(range(int(right.max()) + 1), repeat=4) if (found := fill(t, right)) is not None
                    and (found[shown] == true[shown]).all()]  # fmt: skip
        tables = np.array([fill(t, right) for t in possible])
        low, high, exact = bounds(sparse.csr_matrix(equations), right.astype(float), sparse.eye(9).tocsr(), 1e5, 1)
        assert exact.all()
        assert np.allclose(low, tables.min(axis=0)) and np.allclose(high, tables.max(axis=0))


def fill(corner, right):
    """The 3 x 3 table with these four cells and the margins of ``right`` (rows and columns in turn), if any."""
    rows, columns = right[0:6:2], right[1:6:2]
    cells = np.zeros((3, 3), dtype=int)
    cells[:2, :2] = np.reshape(corner, (2, 2))
    cells[:2, 2] = rows[:2] - cells[:2].sum(axis=1)
    cells[2] = columns - cells[:2].sum(axis=0)
    return cells.ravel() if (cells >= 0).all() else None


def test_atoms_that_nothing_tells_apart_are_bounded_each():
    """Four hidden parts of 9: each can be anything from 0 to 9, and so can two of them; three and the fourth sum up."""
    matrix = sparse.csr_matrix(np.ones((1, 4)))
    cells = sparse.csr_matrix(np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]))
    low, high, _ = bounds(matrix, np.array([9.0]), cells, 1e5, 1)
    assert list(low) == [0, 0, 9] and list(high) == [9, 9, 9]


def test_equations_without_a_solution_are_a_contradiction():
    with pytest.raises(Contradiction):
        bounds(sparse.csr_matrix([[1.0, 1], [1, 0]]), np.array([3.0, 4.0]), sparse.eye(2).tocsr(), 5, 1)


def test_one_hidden_part_of_a_sum_is_pinned():
    result = audited(A=[("2015", "0301", "both", 40), ("2015", "0301", "men", 37), ("2015", "0301", "women", None)])
    assert ("leavers/2015/0301/women/all", "can be told") in faults(result)


def test_two_hidden_parts_that_hold_too_few_are_pinned():
    rows = [("2015", "0", "both", 100), ("2015", "0301", "both", 96), ("2015", "1103", "both", None)]
    short = audited(A=[*rows, ("2015", "4601", "both", None)])
    assert {f for _, f in faults(short)} == {"can be told"}
    enough = audited(A=[rows[0], ("2015", "0301", "both", 90), *rows[2:], ("2015", "4601", "both", None)])
    assert faults(enough) == set()


def test_a_hidden_cell_that_only_two_tables_together_give_away():
    """By year two municipalities cover one another; the pooled table of one of them gives all of them away."""
    yearly = [
        *((year, "0", "both", 60) for year in ("2015", "2016")),
        ("2015", "0301", "both", 40), ("2015", "1103", "both", None), ("2015", "4601", "both", None),
        ("2016", "0301", "both", 30), ("2016", "1103", "both", 20), ("2016", "4601", "both", 10),
    ]  # fmt: skip
    pooled = [("2015-2016", "1103", "both", 36)]
    assert faults(audited(A=yearly)) == set() and faults(audited(B=pooled)) == set()
    found = audited(A=yearly, B=pooled)
    assert faults(found) == {(f"leavers/2015/{m}/both/all", "can be told") for m in ("1103", "4601")}
    message = "\n".join(map(str, problems(found.leaks, 5, 5)))
    assert "results, A, B [R1]" in message and "leavers/2015/1103/both/all" in message
    assert "disclosure.threshold" in message and "16" not in message.replace("2016", "")


def test_a_county_in_overlapping_years_gives_a_hidden_year_away():
    """Each sum of the county holds two hidden municipalities or years; the longer less the shorter is one of each."""
    rows = []
    for year in ("2015", "2016", "2017"):
        rows += [(year, "0", "both", 90), (year, "0301", "both", 40), (year, "1103", "both", None)]
        rows += [(year, "1106", "both", 20 if year == "2015" else None), (year, "4601", "both", None)]
    one = [("2015-2017", county, "both", n) for county, n in (("03", 120), ("11", 110), ("46", 40))]
    other = [("2016-2017", county, "both", n) for county, n in (("03", 80), ("11", 75), ("46", 25))]
    assert faults(audited(A=rows, B=one)) == set() and faults(audited(A=rows, C=other)) == set()
    found = audited(A=rows, B=one, C=other)
    assert ("leavers/2015/1103/both/all", "can be told") in faults(found)
    assert set(found.leaks["outputs"]) == {"A, B"}, "the outputs that show or hide something of the cell itself"


@pytest.mark.parametrize("span", ["2015", "2015-2016"])
def test_women_of_a_county_that_are_shown_without_protection_are_a_leak(span):
    """Men and women together give nothing away; the county's women less the municipality that is shown do."""
    rows, women = [], {"2015": 32, "2015-2016": 62}
    for year, hidden, shown in (("2015", 30, 20), ("2016", 24, 15)):
        rows += [(year, "1103", "both", hidden), (year, "1103", "men", None), (year, "1103", "women", None)]
        rows += [(year, "1106", "both", 2 * shown), (year, "1106", "men", shown), (year, "1106", "women", shown)]
    together = [("2015", "11", "both", 70), ("2015-2016", "11", "both", 124)]
    assert faults(audited(A=rows, B=together)) == set()
    in_2016 = [("2016", "1103", "women", 15)] if span != "2015" else []
    found = faults(audited(A=rows, B=together, C=[(span, "11", "women", women[span]), *in_2016]))
    assert {cell for cell, fault in found if fault == "can be told"} >= {"leavers/2015/1103/women/all"}


def test_a_cell_that_is_only_named_may_be_shown_elsewhere_but_is_not_nil():
    named = {"universe": "leavers", "keys": {"years": "years", "region": "region", "sex": "sex", "part": "=all"}}
    registry = {
        **REGISTRY,
        "outputs": {**REGISTRY["outputs"], "C": {"cells": [named | {"counts": {"n": {"when": "named"}}}]}},
    }
    rows = [
        ("2015", "0", "both", 100),
        ("2015", "03", "both", 60),
        ("2015", "11", "both", None),
        ("2015", "46", "both", None),
    ]

    def leaks(**outputs):
        return audit(
            collect({name: table(own) for name, own in outputs.items()}, registry, {}), registry["universes"], 5, 5
        ).leaks

    assert leaks(C=rows).empty and leaks(A=[("2015", "11", "both", 25)], C=rows).empty
    left = leaks(A=[("2015", "11", "both", 38)], C=rows)
    assert left["fault"].tolist() == ["small and left over"] and left["cell"].tolist() == ["leavers/2015/46/both/all"]


def test_hidden_here_and_shown_there():
    result = audited(A=[("2015", "0301", "both", None)], B=[("2015", "0301", "both", 40)])
    assert faults(result) == {("leavers/2015/0301/both/all", "shown elsewhere")}
    assert result.leaks["outputs"].tolist() == ["A, B"]


def test_a_small_count_that_is_shown_and_one_that_is_left_over():
    shown = audited(A=[("2015", "0301", "both", 3)])
    assert faults(shown) == {("leavers/2015/0301/both/all", "small and shown")}
    left = audited(A=[("2015", "0301", "both", 40)], B=[("2015", "0301", "men", 38)])
    # women are listed nowhere for this municipality: nobody, says the list, so that the numbers contradict one another
    assert {f for _, f in faults(left)} == {"contradiction"}
    country = audited(A=[("2015", "0", "both", 40)], B=[("2015", "0", "men", 38)])
    assert faults(country) == {("leavers/2015/0/women/all", "small and left over")}


def test_different_numbers_for_one_cell_are_a_contradiction():
    result = audited(A=[("2015", "0301", "both", 40)], B=[("2015", "0301", "both", 41)])
    assert ("leavers/2015/0301/both/all", "contradiction") in faults(result)


def test_persons_without_a_municipality_are_no_contradiction():
    rows = [("2015", "0", "both", 100), ("2015", "0301", "both", 60), ("2015", "1103", "both", 30)]
    assert faults(audited(A=rows)) == set()


def test_an_exception_needs_its_output_and_the_beginning_of_the_cells():
    leaks = audited(A=[("2015", "0301", "both", 3), ("2016", "0301", "both", 4)]).leaks
    one = excepted(leaks, [{"output": "A", "cells": "leavers/2015", "reason": "shown by agreement"}])
    assert one.tolist() == ["shown by agreement", ""]
    assert excepted(leaks, [{"output": "B", "reason": "another output"}]).tolist() == ["", ""]
