"""Counts by region, sex, cohort, horizon and definition: the panel from which every indicator starts.

Two tables of contract section 5: ``region_status`` with the number of former participants by status for country, county
and municipality, and ``municipality_panel`` with n and successes. Counting is one ``bincount`` over combined codes;
counties, country and both sexes are sums of the municipality cells, so that they always add up. A person without
municipality (protected identity, or gone under the all-leavers denominator by present residence) counts in the country
row only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from introprog.status import GROUPS, TOTAL

SEXES = ("both", "men", "women")
LEVELS = ("country", "county", "municipality")
COUNTRY = "0"
SUCCESS = "success"
NEEDED = ("person_id", "exit_year", "municipality", "horizon", "definition", "status", "success", "in_denominator")
REGION_KEY = ["region_level", "region", "exit_year", "horizon", "definition", "geography", "sex", "status"]
PANEL_KEY = ["municipality", "exit_year", "horizon", "definition", "geography", "sex"]


@dataclass(frozen=True)
class Cells:
    """Counts of everybody in the denominator.

    ``counts`` has the shape (regions, exit years, pairs of horizon and definition, sexes, columns), int32; ``columns``
    are the status codes, totals and groups among them, and ``success``, sorted; the last region collects those without
    municipality.
    """

    regions: pd.Index
    years: np.ndarray
    pairs: pd.DataFrame
    columns: tuple[str, ...]
    counts: np.ndarray


def read_outcomes(path: str | Path) -> pd.DataFrame:
    """The outcomes' columns that counting needs, text as categories; a missing success is False."""
    text = [name for name in NEEDED if name not in ("exit_year", "horizon", "success", "in_denominator")]
    table = pq.read_table(path, columns=list(NEEDED), read_dictionary=text)
    place = table.schema.get_field_index("success")
    table = table.set_column(place, "success", pc.fill_null(table.column(place), False))
    return table.to_pandas(strings_to_categorical=True)


def of_definitions(table: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Rows of some definitions alone, with text instead of categories of all, numbered anew."""
    return table[table["definition"].isin(list(names))].astype({"definition": "str"}).reset_index(drop=True)


def read_regions(path: str | Path, wanted: Sequence[str] = ("country",)) -> pd.DataFrame:
    """The rows of ``region_status`` of the wanted levels; the file is sorted by level, so the rest is not read."""
    text = ["region_level", "region", "definition", "geography", "sex", "status"]
    table = pq.read_table(path, filters=[("region_level", "in", list(wanted))])
    return table.to_pandas().astype(dict.fromkeys(text, "str"))


def success_is_status(block: Mapping) -> bool:
    """Whether a definition's successes are just those with a status in the group «employed and/or in education»."""
    return block["earnings_g"] is None and not block["no_social_assistance"] and block["novembers"] == 1


def count_cells(outcomes: pd.DataFrame, leavers: pd.DataFrame, statuses: pd.DataFrame) -> Cells:
    """Count the outcomes by municipality, exit year, horizon and definition, sex, and status."""
    rows = outcomes[outcomes["in_denominator"].to_numpy(dtype=bool)]
    text = {name: _sorted_codes(rows[name]) for name in ("definition", "municipality", "status", "person_id")}
    code, definitions = text["definition"]
    pair, keys = pd.factorize(rows["horizon"].to_numpy(dtype=np.int64) * len(definitions) + code, sort=True)
    pairs = pd.DataFrame({"horizon": keys // max(len(definitions), 1)})
    pairs["definition"] = definitions[keys % max(len(definitions), 1)]
    year, years = pd.factorize(rows["exit_year"].to_numpy(dtype=np.int64), sort=True)
    place, regions = text["municipality"]
    code, people = text["person_id"]
    sex_of = leavers.set_index("person_id")["sex"].reindex(people).map({s: i for i, s in enumerate(SEXES)})
    sex = sex_of.fillna(0).to_numpy(dtype=np.int64)[code]
    details = statuses.dropna(subset="precedence")["code"].tolist()
    code, codes = text["status"]
    detail = np.append(pd.Index([*details, None]).get_indexer(codes), len(details))[code]
    shape = (len(regions) + 1, len(years), len(pairs), len(SEXES), len(details) + 1)
    cell = np.ravel_multi_index((np.where(place < 0, len(regions), place), year, pair, sex), shape[:-1])
    counts = np.bincount(cell * shape[-1] + detail, minlength=int(np.prod(shape))).astype(np.int32).reshape(shape)
    achieved = cell[rows["success"].astype("boolean").fillna(False).to_numpy(dtype=bool)]
    successes = np.bincount(achieved, minlength=int(np.prod(shape[:-1]))).astype(np.int32).reshape(shape[:-1])
    columns, table = _with_groups(counts, successes, details, statuses)
    table[:, :, :, 0] = table.sum(axis=3)
    return Cells(regions, years, pairs, columns, table)


def _sorted_codes(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Codes (-1 = missing) into the sorted distinct values of a text column."""
    cat = column.astype("category").cat
    values = pd.Index(np.asarray(cat.categories, dtype=object))
    order = np.argsort(values)
    rank = np.empty(len(values) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(values)), -1
    return rank[cat.codes.to_numpy()], values[order]


def _with_groups(
    counts: np.ndarray, successes: np.ndarray, details: list[str], statuses: pd.DataFrame
) -> tuple[tuple[str, ...], np.ndarray]:
    group = statuses.set_index("code")["group"]
    parts = {TOTAL: counts.sum(axis=-1, dtype=np.int32), SUCCESS: successes}
    for name, code in GROUPS.items():
        inside = [i for i, c in enumerate(details) if group[c] == name]
        parts[code] = sum((counts[..., i] for i in inside), np.zeros_like(successes))
    parts |= {code: counts[..., i] for i, code in enumerate(details)}
    columns = tuple(sorted(parts))
    return columns, np.stack([parts[c] for c in columns], axis=-1)


def levels(cells: Cells) -> Iterator[tuple[str, pd.Index, np.ndarray]]:
    """Region level, region codes and counts for country, county (first two digits of the code) and municipality."""
    yield "country", pd.Index([COUNTRY]), cells.counts.sum(axis=0, keepdims=True)
    known = cells.counts[:-1]
    county, counties = pd.factorize(cells.regions.str[:2], sort=True)
    sums = np.zeros((len(counties), *known.shape[1:]), dtype=known.dtype)
    np.add.at(sums, county, known)
    yield "county", pd.Index(counties), sums
    yield "municipality", cells.regions, known


def build_panel(
    outcomes: pd.DataFrame, leavers: pd.DataFrame, definitions: Mapping[str, Mapping], statuses: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``region_status`` and ``municipality_panel`` from the outcomes; nothing is suppressed here.

    Every region and sex with at least one person in the denominator has a row for each status, zeros included:
    all codes for country and county; ``00``, ``1``, ``2``, ``3`` for municipalities. Definitions whose success is more
    than status ``1`` have a row ``success`` besides. Under the all-leavers denominator ``00`` also holds those who are
    gone and have no status. Both tables are sorted by their key.
    """
    cells = count_cells(outcomes, leavers, statuses)
    geography = cells.pairs["definition"].map({name: block["geography"] for name, block in definitions.items()})
    cells.pairs["geography"] = geography.to_numpy()
    extra = np.array([not success_is_status(definitions[name]) for name in cells.pairs["definition"]], dtype=bool)
    found = list(levels(cells))
    every = sorted({region for _, regions, _ in found for region in regions})
    tables = [_status_rows(cells, level, regions, counts, extra, every) for level, regions, counts in found]
    return pd.concat(tables, ignore_index=True), _panel_rows(cells)


def _status_rows(
    cells: Cells, level: str, regions: pd.Index, counts: np.ndarray, extra: np.ndarray, every: list[str]
) -> pd.DataFrame:
    wanted = [c for c in cells.columns if level != "municipality" or c in (TOTAL, *GROUPS.values(), SUCCESS)]
    region, year, pair, sex = np.nonzero(counts[..., cells.columns.index(TOTAL)])
    block = counts[region, year, pair, sex][:, [cells.columns.index(c) for c in wanted]]
    shown = np.ones(block.shape, dtype=bool)
    shown[:, wanted.index(SUCCESS)] = extra[pair]
    row, column = np.nonzero(shown)
    frame = _labels(cells, year[row], pair[row], sex[row])
    frame.insert(0, "region_level", pd.Categorical.from_codes([LEVELS.index(level)] * len(frame), categories=LEVELS))
    frame.insert(1, "region", _coded(region[row], list(regions), every))
    frame["status"] = _coded(column, wanted, cells.columns)
    return frame.assign(n=pd.array(block[row, column], dtype="Int32"), suppressed=False)


def _panel_rows(cells: Cells) -> pd.DataFrame:
    counts = cells.counts[:-1]
    total, success = cells.columns.index(TOTAL), cells.columns.index(SUCCESS)
    region, year, pair, sex = np.nonzero(counts[..., total])
    frame = _labels(cells, year, pair, sex)
    frame.insert(0, "municipality", _coded(region, list(cells.regions), cells.regions))
    block = counts[region, year, pair, sex]
    n, successes = (pd.array(block[:, i], dtype="Int32") for i in (total, success))
    return frame.assign(n=n, successes=successes, suppressed=False)


def _labels(cells: Cells, year: np.ndarray, pair: np.ndarray, sex: np.ndarray) -> pd.DataFrame:
    pairs = cells.pairs
    return pd.DataFrame(
        {
            "exit_year": cells.years.astype(np.int16)[year],
            "horizon": pairs["horizon"].to_numpy(dtype=np.int16)[pair],
            "definition": _coded(pair, list(pairs["definition"]), set(pairs["definition"])),
            "geography": _coded(pair, list(pairs["geography"]), {"present", "programme"}),
            "sex": pd.Categorical.from_codes(sex, categories=SEXES),
        }
    )


def _coded(codes: np.ndarray, values: list[str], categories: Iterable[str]) -> pd.Categorical:
    """Positions in ``values`` as a categorical over the sorted ``categories``."""
    order = pd.Index(sorted(categories), dtype="str")
    return pd.Categorical.from_codes(order.get_indexer(pd.Index(values, dtype="str"))[codes], categories=order)
