"""Equations within equations: where one sums a part of what another sums, their difference says the same, shorter.

The released tables give the same persons at many levels (country, municipalities, both sexes, all and those with
success), so that most equations contain others. Taking the inner ones out leaves the same solutions, falls apart into
small independent systems, and makes each linear programme several times cheaper.
"""

import numpy as np
from scipy import sparse

HALF = 0.5


def nested_out(matrix: sparse.csr_matrix, right: np.ndarray) -> tuple[sparse.csr_matrix, np.ndarray, sparse.csr_matrix]:
    """The equations less those that they contain, their right sides, and what each is made of.

    The third is square and can be inverted: new equations in terms of the old ones, so that the solutions stay the
    same. An equation that says nothing more than others is left without terms. Rounds of it, until no equation of ones
    is contained in another; equations with other coefficients than -1 and 1 stay as they are.
    """
    made = sparse.identity(len(right), format="csr")
    while True:
        step = _round(matrix)
        if step is None:
            return matrix, right, made
        matrix, right, made = (step @ matrix).tocsr(), step @ right, (step @ made).tocsr()
        matrix.eliminate_zeros()


def _round(matrix: sparse.csr_matrix) -> sparse.csr_matrix | None:
    """What to multiply the equations with; nothing where none contains another."""
    size = np.diff(matrix.indptr)
    odd = np.asarray((abs(matrix) != abs(matrix.sign())).sum(axis=1)).ravel() > 0
    mixed = odd | (np.asarray((matrix < 0).sum(axis=1)).ravel() > 0)
    ones = (sparse.diags_array((~mixed).astype(float)) @ matrix).tocsr()
    pairs = [_contained(ones, (sign * matrix > 0).astype(float), size, mixed, sign) for sign in (1.0, -1.0)]
    inner, outer, sign = (np.concatenate(part) for part in zip(*pairs, strict=True))
    usable = ~odd[outer]
    inner, outer, sign = inner[usable], outer[usable], sign[usable]
    if not len(inner):
        return None
    used = _disjoint(matrix, inner, outer, size)
    taken = sparse.csr_matrix((sign[used], (outer[used], inner[used])), (len(size), len(size)))
    return (sparse.identity(len(size), format="csr") - taken).tocsr()


def _contained(
    ones: sparse.csr_matrix, signed: sparse.csr_matrix, size: np.ndarray, mixed: np.ndarray, sign: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of an equation of ones and another whose terms of one sign take it in; of twins the second takes in the
    first."""
    shared = (ones @ signed.T).tocoo()
    inner, outer = shared.row, shared.col
    smaller = (size[inner] < size[outer]) | ((size[inner] == size[outer]) & (inner < outer)) | mixed[outer]
    within = (shared.data > size[inner] - HALF) & (inner != outer) & smaller
    return inner[within], outer[within], np.full(int(within.sum()), sign)


def _disjoint(matrix: sparse.csr_matrix, inner: np.ndarray, outer: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Positions of the pairs to use: within an outer equation the larger ones, none of which share a term."""
    order = np.lexsort((inner, -size[inner], outer))
    inner, outer = inner[order], outer[order]
    length = size[inner]
    pair = np.repeat(np.arange(len(inner)), length)
    begin = matrix.indptr[inner] - np.concatenate([[0], np.cumsum(length)[:-1]])
    term = matrix.indices[np.arange(len(pair)) + np.repeat(begin, length)]
    place = outer[pair].astype("int64") * matrix.shape[1] + term
    # pairs stand in the order of preference: the first to name a place has it
    _, first, where = np.unique(place, return_index=True, return_inverse=True)
    held = np.bincount(pair, weights=pair[first][where.ravel()] == pair, minlength=len(inner))
    return order[held > length - HALF]
