"""What the audit does to be quick changes nothing: against two plain programmes a cell, and against persons counted."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from introprog.release.bounds import Contradiction, bounds
from introprog.release.nesting import nested_out
from introprog.release.sums import system
from scipy import sparse
from scipy.optimize import linprog

WIDE = 1e5
UNIVERSE = {
    "dimensions": {
        "horizon": {"kind": "apart"},
        "years": {"kind": "years", "listed": True},
        "region": {"kind": "regions"},
        "sex": {"kind": "codes", "listed": True, "trees": [{"both": ["men", "women"]}]},
        "part": {"kind": "codes", "trees": [{"all": ["success", "failure"]}, {"success": ["work", "school"]}]},
    }
}
SPANS = {"2015": (2015, 2015), "2016": (2016, 2016), "2017": (2017, 2017), "2015-2016": (2015, 2016)}
SPANS |= {"2015-2017": (2015, 2017), "2016-2017": (2016, 2017)}


def plainly(matrix, right, cells):
    """Least and greatest value of every cell, two programmes each; nothing when the equations have no solution."""
    found = []
    for cell in cells.toarray():
        ends = [linprog(sign * cell, A_eq=matrix, b_eq=right, bounds=(0, WIDE)) for sign in (1, -1)]
        if any(end.status == 2 for end in ends):
            return None
        found.append([ends[0].fun, -ends[1].fun])
    return np.array(found).reshape(-1, 2)


def people(random, count):
    towns = random.choice(["0301", "1101", "1103", "4601"], count, p=[0.5, 0.2, 0.2, 0.1])
    own = {"horizon": "1", "region": towns, "years": random.choice(["2015", "2016", "2017"], count)}
    own |= {"sex": random.choice(["men", "women"], count)}
    return pd.DataFrame(own | {"part": random.choice(["work", "school", "failure"], count, p=[0.4, 0.2, 0.4])})


def counted(persons, keys):
    """How many of ``persons`` are in each cell of ``keys``."""
    counts = []
    for key in keys.itertuples():
        first, last = SPANS[key.years]
        inside = persons["years"].astype(int).between(first, last)
        inside &= persons["region"].str.startswith("" if key.region == "0" else key.region)
        inside &= True if key.sex == "both" else persons["sex"] == key.sex
        parts = {"all": ["work", "school", "failure"], "success": ["work", "school"]}.get(key.part, [key.part])
        counts.append(int((inside & persons["part"].isin(parts) & (key.region != "unplaced")).sum()))
    return np.array(counts, dtype=float)


def cells_of(random, share):
    """Some of all cells that tables could show. Counties come together; municipalities in single years all or not at
    all, men and women too, as in the panel, and in some spans of years."""
    sexes, parts, towns = ["both", "men", "women"], ["all", "success"], ["0301", "1101", "1103", "4601"]
    names = list(UNIVERSE["dimensions"])

    def every(years, regions, sexes, parts):
        return pd.MultiIndex.from_product([["1"], years, regions, sexes, parts], names=names).to_frame(index=False)

    country = every(SPANS, ["0"], sexes, [*parts, "work", "failure"])
    found = [country[random.random(len(country)) < share]]
    for span in SPANS:
        found += [every([span], ["03", "11", "46"], [sex], parts) for sex in sexes if random.random() < share]
        found += [every([span], towns, ["both"], parts)] if "-" in span and random.random() < share else []
    found += [every(["2015", "2016", "2017"], towns, sexes, parts)] if random.random() < share else []
    return pd.concat(found, ignore_index=True)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 0.7]))
def test_every_sum_holds_for_persons_that_are_counted(seed, share):
    random = np.random.default_rng(seed)
    persons, keys = people(random, 60), cells_of(random, share)
    if not len(keys):
        return
    tied = system(keys, UNIVERSE)
    codes = tied.keys.astype(object)
    assert (codes.iloc[: len(keys)].to_numpy() == keys.to_numpy()).all()
    assert not codes.duplicated().any()
    true = counted(persons, codes)
    # an atom is the cell that is a sum of itself alone; of several such cells they are the same number
    alone = np.flatnonzero(np.diff(tied.sums.indptr) == 1)
    atoms = np.full(tied.sums.shape[1], np.nan)
    atoms[tied.sums.indices[tied.sums.indptr[alone]]] = true[alone]
    assert not np.isnan(atoms).any()
    assert np.array_equal(tied.sums @ atoms, true) and not (tied.zero @ atoms).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_same_bounds_as_two_plain_programmes_a_cell(seed):
    random = np.random.default_rng(seed)
    height, size = random.integers(2, 9), random.integers(3, 10)
    matrix = (random.random((height, size)) < random.uniform(0.2, 0.7)).astype(float)
    # sums of other equations, and differences, as tables of margins have them
    twice = matrix[random.integers(0, height, 3)]
    matrix = np.vstack([matrix, np.maximum(*twice[:2]), twice[0] - twice[2], twice[2]])
    right = matrix @ random.integers(0, 7, size).astype(float)
    right[random.integers(0, len(right))] += random.choice([0, 0, 0, 1])
    cells = sparse.csr_matrix((random.random((5, size)) < 0.4).astype(float))
    expected = plainly(matrix, right, cells)
    for width in (WIDE, 5.0):
        try:
            low, high, exact = bounds(sparse.csr_matrix(matrix), right, cells, width, 1)
        except Contradiction:
            assert expected is None
            continue
        assert expected is not None
        spans = np.minimum(expected[:, 1] - expected[:, 0], width)
        assert np.allclose(np.minimum(high - low, width), spans, atol=1e-6)
        assert np.allclose(np.column_stack([low, high])[exact], expected[exact], atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_equations_without_those_within_them_have_the_same_solutions(seed):
    random = np.random.default_rng(seed)
    matrix = (random.random((7, 9)) < 0.4).astype(float)
    matrix = np.vstack([matrix, matrix[0] - matrix[1], np.maximum(matrix[2], matrix[3]), 2 * matrix[4]])
    right = random.integers(0, 9, len(matrix)).astype(float)
    less, rest, made = nested_out(sparse.csr_matrix(matrix), right)
    assert round(abs(np.linalg.det(made.toarray())), 6) == 1
    assert np.array_equal((made @ matrix), less.toarray()) and np.array_equal(made @ right, rest)
    assert less.nnz <= np.count_nonzero(matrix)
    ones = [set(row.nonzero()[0]) for row in less.toarray() if row.any() and set(row) <= {0, 1}]
    assert not any(a <= b for i, a in enumerate(ones) for k, b in enumerate(ones) if i != k)
