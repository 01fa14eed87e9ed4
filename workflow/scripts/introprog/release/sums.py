"""The sums that tie released cells to one another: both sexes, all statuses, country and county, spans of cohorts.

A sum is a line: a total and its parts. Parts that no output shows are added as hidden cells, so that what is left over
(those without success, the other counties) is known to the audit too. The end of all lines are atoms, cells without
parts; every cell is a sum of atoms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

COUNTRY = "0"
UNPLACED = "unplaced"
MUNICIPALITY = 4
FAR = 10**9


@dataclass(frozen=True)
class System:
    """Cells as sums of atoms. ``keys``: one row a cell (universe and codes); ``sums``: sparse, cells x atoms;
    ``zero``: sparse, combinations of atoms that are nil, since a cell can be summed up in several ways."""

    keys: pd.DataFrame
    sums: sparse.csr_matrix
    zero: sparse.csr_matrix


def system(keys: pd.DataFrame, universe: Mapping) -> System:
    """All lines of one universe's cells. ``keys``: unique codes, a column a dimension, in the order of the universe.

    The dimensions are opened in the order in which the universe names them.
    """
    keys = keys.reset_index(drop=True)
    lines = [pd.DataFrame({"line": [], "parent": [], "at": []}, dtype="int64")]
    for name, spec in universe["dimensions"].items():
        for pairs in _pairs(keys, name, spec):
            keys, found = _joined(keys, pairs, name, spec)
            lines.append(found.assign(line=found["parent"] + len(lines) * FAR))
    return _solved(keys, pd.concat(lines, ignore_index=True))


def _pairs(keys: pd.DataFrame, name: str, spec: Mapping) -> list[pd.DataFrame]:
    """Frames of ``parent, code``: the row of a total in ``keys`` and the code of a part; one frame a way to sum."""
    column, kind = keys[name], spec["kind"]
    trees = [
        _cross(column.index[column == total], list(map(str, parts)))
        for tree in spec.get("trees", ())
        for total, parts in tree.items()
    ]
    if kind == "codes":
        return trees
    if kind == "years":
        spans = column[column.str.contains("-", regex=False)]
        years = spans.str.split("-").map(lambda ends: list(map(str, range(int(ends[0]), int(ends[1]) + 1))))
        return [years.explode().rename("code").rename_axis("parent").reset_index()]
    if kind == "groups":
        groups = column[column.str.contains(":", regex=False)].str.split(":").str[0]
        totals = column.index[column == "all"]
        return [_cross(totals, sorted(column[groups.index[groups == g]].unique())) for g in sorted(groups.unique())]
    if kind == "regions":
        parts = column[column.str.len() == 4].unique()
        counties = sorted(column[column.str.len() == 2].unique())
        country = column.index[column == COUNTRY]
        ways = [*trees, _cross(country, [*counties, UNPLACED]), _cross(country, [*sorted(parts), UNPLACED])]
        ways += [_cross(column.index[column == c], sorted(p for p in parts if p[:2] == c)) for c in counties]
        return ways
    return []


def _cross(parents: Sequence[int], codes: Sequence[str]) -> pd.DataFrame:
    parents = np.asarray(parents, dtype="int64")
    return pd.DataFrame(
        {"parent": np.repeat(parents, len(codes)), "code": np.tile(np.array(codes, object), len(parents))}
    )


def _joined(keys: pd.DataFrame, pairs: pd.DataFrame, name: str, spec: Mapping) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``keys`` with the parts that were lacking, and lines: ``parent, at``, the positions of a total and of each part.

    A line is made where one part at least is there. A part that is not there is a cell that nobody shows, except among
    regions (besides those without one) and where single municipalities are listed: those tables name everybody, so
    that it is nil.
    """
    if pairs.empty:
        return keys, pd.DataFrame({"parent": [], "at": []}, dtype="int64")
    columns = list(keys.columns)
    parts = keys.loc[pairs["parent"]].reset_index(drop=True)
    parts[name] = pairs["code"].to_numpy(dtype=object).astype(str)
    parts = parts.assign(parent=pairs["parent"].to_numpy())
    there = parts.merge(_numbered(keys), on=columns, how="left", validate="many_to_one")
    if spec["kind"] == "regions":
        there = there[~(there["years"].str.contains("-") & (there["region"].str.len() == MUNICIPALITY))]
    placed = there["region"] != UNPLACED if "region" in there else pd.Series(True, there.index)
    some = there["at"].where(placed).groupby(there["parent"]).transform("count") > 0
    if spec["kind"] == "years":
        some |= _opened(keys, there)
    there = there[some]
    fresh = there.loc[there["at"].isna() & ~_listed(there, spec), columns].drop_duplicates()
    if len(fresh):
        keys = pd.concat([keys, fresh], ignore_index=True)
        there = there.drop(columns="at").merge(_numbered(keys), on=columns, how="left", validate="many_to_one")
    return keys, there.dropna(subset="at").astype({"at": "int64"})[["parent", "at"]]


def _numbered(keys: pd.DataFrame) -> pd.DataFrame:
    return keys.reset_index(names="at")


def _listed(parts: pd.DataFrame, spec: Mapping) -> pd.Series:
    """Parts that are nil when no table has them."""
    if spec["kind"] == "regions":
        return parts["region"] != UNPLACED
    if "region" not in parts or not spec.get("listed", False):
        return pd.Series(False, parts.index)
    return parts["region"].str.len() == MUNICIPALITY


def _opened(keys: pd.DataFrame, parts: pd.DataFrame) -> pd.Series:
    """Parts of spans that are needed although no table has them: single years whose municipalities are listed."""
    if "region" not in keys:
        return pd.Series(False, parts.index)
    above = [c for c in keys.columns if c != "region"]
    listed = keys.loc[(keys["region"].str.len() == MUNICIPALITY), above].drop_duplicates()
    whole = parts[[*above, "region"]].merge(listed, on=above, how="left", indicator=True)["_merge"].eq("both")
    return pd.Series(whole.to_numpy(), parts.index) & (parts["region"].str.len() < MUNICIPALITY)


def _solved(keys: pd.DataFrame, lines: pd.DataFrame) -> System:
    """Every cell as a sum of atoms, by the first line of each total; further lines of a total are combinations that
    are nil. ``lines``: ``line`` (in the order of opening), ``parent``, ``at``."""
    size = len(keys)
    first = lines.groupby("parent")["line"].transform("min") == lines["line"]
    opened = lines[first]
    atoms = np.setdiff1d(np.arange(size), opened["parent"])
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
