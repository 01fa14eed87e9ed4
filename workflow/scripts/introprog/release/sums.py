"""The sums that tie released cells to one another: both sexes, all statuses, country and county, spans of cohorts.

A sum is a line: a total and its parts. Parts that no output shows are added as hidden cells, so that what is left over
(those without success, the other counties) is known to the audit too. The end of all lines are atoms, cells without
parts; every cell is a sum of atoms.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

COUNTRY = "0"
UNPLACED = "unplaced"
COUNTY, MUNICIPALITY = 2, 4
FAR = 10**9


@dataclass(frozen=True)
class System:
    """Cells as sums of atoms. ``keys``: one row a cell (codes, categorical); ``sums``: sparse, cells x atoms; ``zero``:
    sparse, combinations of atoms that are nil, since a cell can be summed up in several ways."""

    keys: pd.DataFrame
    sums: sparse.csr_matrix
    zero: sparse.csr_matrix


def system(keys: pd.DataFrame, universe: Mapping) -> System:
    """All lines of one universe's cells. ``keys``: unique codes, a column a dimension; they are the first of the cells.

    The dimensions are opened in the order in which the universe names them.
    """
    cells = _Cells(keys, universe["dimensions"])
    lines = [pd.DataFrame({"line": [], "parent": [], "at": []}, dtype="int64")]
    for name, spec in universe["dimensions"].items():
        for parents, codes in _pairs(cells, name, spec):
            parent, at = _joined(cells, parents, codes, name, spec)
            lines.append(pd.DataFrame({"line": parent + len(lines) * FAR, "parent": parent, "at": at}))
    return _solved(cells.frame(), pd.concat(lines, ignore_index=True))


class _Cells:
    """The cells so far, each a whole number made of the positions of its codes in the lists of its dimensions."""

    def __init__(self, keys: pd.DataFrame, dimensions: Mapping):
        self.names = list(dimensions)
        self.words, self.step, self.numbers = {}, {}, np.zeros(len(keys), dtype="int64")
        self.known, size = None, 1
        for name, spec in dimensions.items():
            codes, own = pd.factorize(keys[name].astype(object))
            self.words[name] = words = pd.Index([*own, *sorted(_parts(own, spec) - set(own))], dtype=object)
            self.step[name] = size
            self.numbers += size * codes
            size *= len(words)
        if size > np.iinfo("int64").max:
            raise ValueError("the dimensions have more combinations of codes than can be numbered")

    def codes(self, name: str, numbers: np.ndarray | None = None) -> np.ndarray:
        """Position of the code of each cell (or of those with these numbers) in ``words[name]``."""
        return (self.numbers if numbers is None else numbers) // self.step[name] % len(self.words[name])

    def with_code(self, at: np.ndarray, name: str, codes: np.ndarray) -> np.ndarray:
        """The numbers of the cells ``at`` with other codes of one dimension."""
        return self.numbers[at] + self.step[name] * (codes - self.codes(name, self.numbers[at]))

    def anywhere(self, numbers: np.ndarray) -> np.ndarray:
        """What cells with these numbers are, whichever region they are in."""
        return numbers - self.step["region"] * self.codes("region", numbers)

    def find(self, numbers: np.ndarray) -> np.ndarray:
        """Where cells stand, -1 for those that are not there."""
        if self.known is None:
            self.known = pd.Index(self.numbers)
        return self.known.get_indexer(numbers)

    def add(self, numbers: np.ndarray) -> None:
        """Cells that are not there yet, after the others."""
        if len(numbers):
            self.numbers, self.known = np.concatenate([self.numbers, numbers]), None

    def frame(self) -> pd.DataFrame:
        """One row a cell, its codes."""
        return pd.DataFrame({n: pd.Categorical.from_codes(self.codes(n), self.words[n]) for n in self.names})


def _parts(own: pd.Index, spec: Mapping) -> set[str]:
    """Codes that cells of the codes ``own`` are sums of."""
    found = {str(part) for tree in spec.get("trees", ()) for parts in tree.values() for part in parts}
    if spec["kind"] == "years":
        found |= {year for span in own if "-" in span for year in _years(span)}
    if spec["kind"] == "regions":
        found.add(UNPLACED)
    return found


def _years(span: str) -> list[str]:
    first, last = map(int, span.split("-"))
    return list(map(str, range(first, last + 1)))


def _pairs(cells: _Cells, name: str, spec: Mapping) -> list[tuple[np.ndarray, np.ndarray]]:
    """The place of a total among ``cells`` and the code of a part of it; a pair of arrays a way to sum."""
    words, column, kind = cells.words[name], cells.codes(name), spec["kind"]

    def under(total: Iterable[str], parts: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        parents = np.flatnonzero(np.isin(column, words.get_indexer(list(total))))
        codes = words.get_indexer(list(map(str, parts)))
        return np.repeat(parents, len(codes)), np.tile(codes, len(parents))

    trees = [under([total], parts) for tree in spec.get("trees", ()) for total, parts in tree.items()]
    if kind == "codes":
        return trees
    used = words[np.bincount(column, minlength=len(words)) > 0]
    if kind == "years":
        spans = [under([span], _years(span)) for span in used if "-" in span]
        return [tuple(np.concatenate(part) for part in zip(*spans, strict=True))] if spans else []
    if kind == "groups":
        groups = sorted({word.split(":")[0] for word in used if ":" in word})
        return [under(["all"], sorted(w for w in used if w.split(":")[0] == g and ":" in w)) for g in groups]
    if kind == "regions":
        towns = sorted(word for word in used if len(word) == MUNICIPALITY)
        counties = sorted(word for word in used if len(word) == COUNTY)
        ways = [*trees, under([COUNTRY], [*counties, UNPLACED]), under([COUNTRY], [*towns, UNPLACED])]
        return ways + [under([c], [town for town in towns if town[:COUNTY] == c]) for c in counties]
    return []


def _joined(
    cells: _Cells, parents: np.ndarray, codes: np.ndarray, name: str, spec: Mapping
) -> tuple[np.ndarray, np.ndarray]:
    """Lines, the places of totals and of their parts, after the parts that were lacking have been added to ``cells``.

    A line is made where one part at least is there. A part that is not there is a cell that nobody shows, except among
    regions (besides those without one) and where single municipalities are listed: those tables name everybody, so
    that it is nil.
    """
    parts = cells.with_code(parents, name, codes)
    at, region = cells.find(parts), _Regions(cells, parts)
    keep = np.ones(len(parts), dtype=bool)
    if spec["kind"] == "regions":
        spans = np.array(["-" in word for word in cells.words["years"]])
        keep = ~(spans[cells.codes("years")[parents]] & region.town)
    there = np.bincount(parents, weights=keep & (at >= 0) & ~region.unplaced, minlength=len(cells.numbers)) > 0
    some = there[parents]
    if spec["kind"] == "years":
        some |= _opened(cells, parts, region)
    lacking = keep & some & (at < 0)
    if spec["kind"] == "regions":
        lacking &= region.unplaced
    elif spec.get("listed", False):
        lacking &= ~region.town
    cells.add(pd.unique(parts[lacking]))
    at = cells.find(parts)
    told = keep & some & (at >= 0)
    return parents[told], at[told]


class _Regions:
    """Of cells given by number: in a municipality (``town``), in something larger, without a place (``unplaced``);
    none of them where the universe has no regions."""

    def __init__(self, cells: _Cells, numbers: np.ndarray):
        self.town = self.larger = self.unplaced = np.zeros(len(numbers), dtype=bool)
        if "region" in cells.words:
            words = cells.words["region"]
            codes, length = cells.codes("region", numbers), np.array([len(word) for word in words])
            self.town, self.larger = length[codes] == MUNICIPALITY, length[codes] < MUNICIPALITY
            self.unplaced = codes == words.get_indexer([UNPLACED])[0]


def _opened(cells: _Cells, parts: np.ndarray, region: _Regions) -> np.ndarray:
    """Parts of spans that are needed although no table has them: single years whose municipalities are listed."""
    if "region" not in cells.words:
        return np.zeros(len(parts), dtype=bool)
    towns = cells.numbers[_Regions(cells, cells.numbers).town]
    return np.isin(cells.anywhere(parts), cells.anywhere(towns)) & region.larger


def _solved(keys: pd.DataFrame, lines: pd.DataFrame) -> System:
    """Every cell as a sum of atoms, by the first line of each total; further lines of a total are combinations that
    are nil. ``lines``: ``line`` (in the order of opening), ``parent``, ``at``."""
    size = len(keys)
    first = lines.groupby("parent")["line"].transform("min") == lines["line"]
    opened = lines[first]
    atoms = np.flatnonzero(np.bincount(opened["parent"], minlength=size) == 0)
    step = _matrix(opened["parent"], opened["at"], (size, size)) + _matrix(atoms, atoms, (size, size))
    sums = step
    while True:
        further = sums @ step
        if (further != sums).nnz == 0:
            break
        sums = further
    sums = sums.tocsc()[:, atoms].tocsr()
    rest = lines[~first]
    number, ids = pd.factorize(rest["line"], sort=True)
    parts = _matrix(number, rest["at"], (len(ids), size))
    totals = _matrix(
        np.arange(len(ids)), rest["parent"].to_numpy()[np.unique(number, return_index=True)[1]], parts.shape
    )
    return System(keys, sums, ((totals - parts) @ sums).tocsr())


def _matrix(rows: Sequence[int], columns: Sequence[int], shape: tuple[int, int]) -> sparse.csr_matrix:
    """Ones at the places named."""
    return sparse.csr_matrix((np.ones(len(rows)), (np.asarray(rows), np.asarray(columns))), shape)
