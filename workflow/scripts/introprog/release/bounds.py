"""What an outsider can work out of hidden counts: least and greatest value of each, given everything released.

The attacker knows every shown cell and that counts are not negative; each hidden cell is a sum of atoms
(``introprog.release.sums``), so its bounds are two linear programmes (Fischetti and Salazar 2001, Management Science
47, 1008-1027). Solving two for every cell is not needed: atoms that no equation tells apart are one variable,
equations within equations are taken out so that the rest falls apart (``introprog.release.nesting``), and the ends of
programmes in random directions show for nearly all cells at once that they are wide enough; only the cells that are
left have their own two. Integrality is left aside, so true bounds can only be narrower by less than one person in
tables of margins.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from introprog.release.nesting import nested_out

TOLERANCE = 1e-6
ROUNDS = 12
BATCH = 3000
FREE = 1e6


class Contradiction(ValueError):
    """The released numbers cannot all be true; ``equations`` are the positions of those concerned."""

    def __init__(self, equations: np.ndarray):
        self.equations = equations
        super().__init__(f"{len(equations)} equations contradict one another")


@dataclass(frozen=True)
class Reduced:
    """Equations after the steps that need no programme: ``fixed`` (a value an atom, missing where open), ``group``
    (variable of each open atom, -1 where fixed), and the equations in the variables with those given (columns of
    ``made``) that each comes from."""

    fixed: np.ndarray
    group: np.ndarray
    matrix: sparse.csr_matrix
    right: np.ndarray
    made: sparse.csr_matrix


def bounds(
    matrix: sparse.csr_matrix, right: np.ndarray, cells: sparse.csr_matrix, width: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least and greatest value of each of ``cells`` (combinations of atoms with 0 or 1), and whether they are exact.

    ``matrix`` and ``right``: equations that the atoms (>= 0) fulfil. Cells that can vary by ``width`` or more may have
    bounds that are too near to one another (``exact`` false): what was found is enough. Raises ``Contradiction``.
    """
    reduced = _fallen_apart(reduce(matrix.tocsr(), right))
    base = np.asarray(cells @ np.nan_to_num(reduced.fixed)).ravel()
    search = _Search(reduced, *_in_variables(cells, reduced), width)
    random = np.random.default_rng(seed)
    for _ in range(ROUNDS):
        if not len(search.left):
            break
        search.widen(random)
    search.finish()
    return base + search.low, base + search.high, search.exact


def reduce(matrix: sparse.csr_matrix, right: np.ndarray) -> Reduced:
    """Fix what follows from single equations, and join atoms that all equations treat alike."""
    atoms = matrix.shape[1]
    fixed = np.full(atoms, np.nan)
    positive = matrix.sign()
    while True:
        open_ = np.isnan(fixed)
        rest = right - matrix @ np.nan_to_num(fixed)
        count = abs(positive) @ open_.astype(float)
        negative = (positive < 0).astype(float) @ open_.astype(float)
        if (np.abs(rest[count == 0]) > TOLERANCE).any():
            raise Contradiction(np.flatnonzero((count == 0) & (np.abs(rest) > TOLERANCE)))
        if ((negative == 0) & (rest < -TOLERANCE)).any():
            raise Contradiction(np.flatnonzero((negative == 0) & (rest < -TOLERANCE)))
        nil = (count > 0) & (negative == 0) & (np.abs(rest) <= TOLERANCE)
        zeros = (nil.astype(float) @ abs(matrix) > 0) & open_
        single = np.flatnonzero((count == 1) & ~nil)
        if not zeros.any() and not len(single):
            break
        fixed[zeros] = 0.0
        chosen = matrix[single].multiply(open_[None, :]).tocoo()
        keep = chosen.data != 0
        fixed[chosen.col[keep]] = rest[single][chosen.row[keep]] / chosen.data[keep]
    rows = np.flatnonzero(count > 0)
    left = matrix[rows].tocsc()
    group = np.full(atoms, -1)
    at = np.flatnonzero(open_)
    marks = np.random.default_rng(1).random((2, len(rows)))
    signature = np.round((marks @ left[:, at]).T, 9)
    _, first, inverse = np.unique(signature, axis=0, return_index=True, return_inverse=True)
    group[at] = inverse.ravel()
    made = sparse.csr_matrix((np.ones(len(rows)), (np.arange(len(rows)), rows)), (len(rows), len(right)))
    return Reduced(fixed, group, left[:, at[first]].tocsr(), rest[rows], made)


def _fallen_apart(reduced: Reduced) -> Reduced:
    """Without equations within equations, nor those that say nothing more than others."""
    matrix, right, step = nested_out(reduced.matrix, reduced.right)
    made, open_ = (step @ reduced.made).tocsr(), np.diff(matrix.indptr) > 0
    wrong = ~open_ & (np.abs(right) > TOLERANCE)
    if wrong.any():
        raise Contradiction(np.unique(made[wrong].indices))
    return replace(reduced, matrix=matrix[open_], right=right[open_], made=made[open_])


def _in_variables(cells: sparse.csr_matrix, reduced: Reduced) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Cells in variables: ones where a cell has an atom of the variable, and ones where it has all of them."""
    at = np.flatnonzero(reduced.group >= 0)
    size = reduced.matrix.shape[1]
    into = sparse.csr_matrix((np.ones(len(at)), (at, reduced.group[at])), (len(reduced.group), size))
    members = np.bincount(reduced.group[at], minlength=size)
    some = (cells @ into).tocsr()
    whole = some.copy()
    whole.data = (whole.data >= members[whole.indices] - TOLERANCE).astype(float)
    some.data = np.ones_like(some.data)
    whole.eliminate_zeros()
    return some, whole


def _upper(matrix: sparse.csr_matrix, right: np.ndarray) -> np.ndarray:
    """What each variable can be at most: the least sum of ones that it is part of."""
    parts = matrix.tocoo()
    ones = np.asarray((matrix < 0).sum(axis=1)).ravel() == 0
    use = ones[parts.row] & (parts.data == 1)
    upper = np.full(matrix.shape[1], FREE)
    np.minimum.at(upper, parts.col[use], right[parts.row[use]])
    return np.maximum(upper, 0)


class _Search:
    """Widens ``low`` and ``high`` of all cells until each is wide enough or exact.

    ``some`` and ``whole``: cells in variables, by what they have an atom of and what they have all atoms of.
    """

    def __init__(self, reduced: Reduced, some: sparse.csr_matrix, whole: sparse.csr_matrix, width: float):
        self.reduced, self.some, self.whole, self.width = reduced, some, whole, width
        height, size = reduced.matrix.shape
        graph = sparse.bmat([[None, reduced.matrix], [reduced.matrix.T, None]])
        label = connected_components(graph, directed=False)[1] if height else np.arange(size)
        self.of_row, self.of_variable = label[:height], label[height:]
        bound = np.isin(self.of_variable, self.of_row)
        self.values, self.upper = np.zeros(size), _upper(reduced.matrix, reduced.right)
        self.low = np.where(np.asarray(some.sum(axis=1)).ravel() > 0, np.inf, 0.0)
        self.high = -self.low
        self.exact = self.low == 0
        free = np.where(bound, 0.0, FREE)
        self._solve(np.zeros(size), np.flatnonzero(bound))
        self._note(self.values)
        self._note(self.values + free)

    @property
    def left(self) -> np.ndarray:
        """Cells that are not known to be wide enough."""
        return np.flatnonzero(~self.exact & ~(self.high - self.low >= self.width - TOLERANCE))

    def widen(self, random: np.random.Generator) -> None:
        """One random direction, there and back, in all that hangs together with a cell that is left."""
        left = self.left
        direction = np.asarray(random.standard_normal(len(left)) @ self.some[left]).ravel()
        near = np.unique(self.of_variable[self.some[left].indices])
        variables = np.flatnonzero(np.isin(self.of_variable, near))
        for sign in (1, -1):
            self._solve(sign * direction, variables)
            self._note(self.values)

    def finish(self) -> None:
        """The two programmes of every cell that is left."""
        for cell in self.left:
            up, down = (np.asarray(part[[cell]].todense()).ravel() for part in (self.some, self.whole))
            variables = np.flatnonzero(np.isin(self.of_variable, self.of_variable[self.some[[cell]].indices]))
            for cost in (-up, down):
                self._solve(cost, variables)
                self._note(self.values)
            self.exact[cell] = True

    def _note(self, values: np.ndarray) -> None:
        self.high = np.maximum(self.high, self.some @ values)
        self.low = np.minimum(self.low, self.whole @ values)

    def _solve(self, cost: np.ndarray, variables: np.ndarray) -> None:
        """Put the best ``values`` of ``variables`` (whole components), a programme a few thousand at a time."""
        order = variables[np.argsort(self.of_variable[variables], kind="stable")]
        marks = self.of_variable[order]
        batches, begin = [], 0
        for end in [*(np.flatnonzero(marks[1:] != marks[:-1]) + 1), *([len(order)] if len(order) else [])]:
            if end - begin >= BATCH or end == len(order):
                batches.append(order[begin:end])
                begin = end
        for batch in batches:
            rows = np.flatnonzero(np.isin(self.of_row, self.of_variable[batch]))
            if len(rows):
                self.values[batch] = self._programme(cost[batch], rows, batch)

    def _programme(self, cost: np.ndarray, rows: np.ndarray, variables: np.ndarray) -> np.ndarray:
        matrix, right = self.reduced.matrix[rows][:, variables], self.reduced.right[rows]
        limits = np.column_stack([np.zeros(len(variables)), self.upper[variables]])
        # equations within equations are gone: to look for more of that takes longer than to solve
        options = {"presolve": False}
        answer = linprog(cost, A_eq=matrix, b_eq=right, bounds=limits, method="highs-ds", options=options)
        if answer.status == 2:
            raise Contradiction(np.unique(self.reduced.made[rows].indices))
        if answer.status != 0:
            raise RuntimeError(f"the linear programme of the audit was not solved: {answer.message}")
        return np.maximum(answer.x, 0)
