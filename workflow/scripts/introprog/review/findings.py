"""A whole run against its expectation: one finding a display or model, the worst first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from introprog.review.comparison import AGREE, DETAILS, DIFFER, MISSING, NEW, WITHIN, Tolerance, compare_tables
from introprog.review.expectation import (
    Expectation,
    config_differences,
    file_hash,
    made_with,
    read_text_table,
    short,
)

BYTES = "picture differs"
SEVERITY = (MISSING, DIFFER, BYTES, NEW, WITHIN, AGREE)
COUNTS = ("agree", "within", "differ", "missing", "new")
SUMMARY = ["id", "kind", "status", *COUNTS, "pictures", "pictures_differ"]


@dataclass(frozen=True)
class Findings:
    """``summary``: a row a display or model, sorted by severity (``SUMMARY``); ``details``: a row a cell, or a whole
    file, that is not the same (``id`` and ``comparison.DETAILS``); ``config`` and ``packages``: what differs in them
    (name, expected, own), the processor's arithmetic among the latter."""

    expectation: str
    summary: pd.DataFrame
    details: pd.DataFrame
    config: Sequence[tuple[str, object, object]]
    packages: Sequence[tuple[str, object, object]]

    @property
    def bad(self) -> pd.Series:
        """Which rows of the summary are not as expected (bool); other bytes of a picture count only where packages and
        the processor's arithmetic are the same."""
        return self.summary["status"].isin({MISSING, DIFFER, NEW} | (set() if self.packages else {BYTES}))

    @property
    def failed(self) -> bool:
        """Whether anything differs that counts."""
        return bool(self.bad.any())


def review(
    expected: Expectation,
    tables: Sequence[str],
    pictures: Sequence[str],
    config: Mapping,
    tolerance: Tolerance,
    project: str | Path = "",
) -> Findings:
    """Compare ``tables`` (CSV) and ``pictures`` of a run (``results/<kind>/<file>`` under ``project``) with what is
    expected of it; where config chooses among displays, with what is expected of those."""
    found, stored = {short(t): Path(project, t) for t in tables}, expected.tables
    drawn = _pictures(expected.pictures, {short(p): Path(project, p) for p in pictures})
    rows, details = [], []
    for name in sorted({*stored, *found} if config["displays"] == "all" else found):
        path = PurePosixPath(name)
        old, new = _table(stored.get(name)), _table(found.get(name))
        compared = compare_tables(old, new, tolerance)
        pair = (0, []) if path.parts[0] == "models" else drawn.pop(path.stem, (0, []))
        status = BYTES if compared.status in (AGREE, WITHIN) and pair[1] else compared.status
        counts = [getattr(compared, count) for count in COUNTS]
        rows.append([path.stem, path.parts[0].removesuffix("s"), status, *counts, pair[0], len(pair[1])])
        whole = compared.status in (MISSING, NEW)
        cells = _whole_file(name, old, new, compared.status) if whole else compared.details
        details.append(pd.concat([cells, _other_bytes([] if whole else pair[1])]).assign(id=path.stem))
    for name, (count, odd) in sorted(drawn.items()):
        rows.append([name, "whole file", BYTES if odd else AGREE, *[0] * len(COUNTS), count, len(odd)])
        details.append(_other_bytes(odd).assign(id=name))
    summary = pd.DataFrame(rows, columns=SUMMARY)
    order = summary["status"].map(SEVERITY.index)
    summary = summary.assign(order=order).sort_values(["order", "kind", "id"], kind="stable", ignore_index=True)
    versions = made_with()
    return Findings(
        expectation=expected.folder.name,
        summary=summary.drop(columns="order"),
        details=pd.concat([*details, pd.DataFrame(columns=["id", *DETAILS])])[["id", *DETAILS]],
        config=list(config_differences(expected.config, config)),
        packages=[(k, expected.packages.get(k), v) for k, v in versions.items() if expected.packages.get(k) != v],
    )


def _table(path: Path | None) -> pd.DataFrame:
    return read_text_table(path) if path is not None and path.is_file() else pd.DataFrame()


def _whole_file(name: str, old: pd.DataFrame, new: pd.DataFrame, kind: str) -> pd.DataFrame:
    """One row for a table that only one side has: a list of all its rows would hide that it is the file that lacks."""
    sides = [f"{len(table):,} rows" if len(table.columns) else "not there" for table in (old, new)]
    return pd.DataFrame([("whole file", name, *sides, "", kind)], columns=DETAILS)


def _other_bytes(files: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """A row a printed file: its name, and the beginning of both hashes."""
    rows = [("printed file", name, old[:12], new[:12] or "not there", "", BYTES) for name, old, new in files]
    return pd.DataFrame(rows, columns=DETAILS)


def _pictures(
    expected: Mapping[str, str], printed: Mapping[str, Path]
) -> dict[str, tuple[int, list[tuple[str, str, str]]]]:
    """Of every display: how many printed files are set beside each other, and those that differ or are missing, with
    both hashes (empty: no file).

    A language that this run leaves out is not missing: only files that the run should have made are looked at.
    """
    pairs: dict[str, tuple[int, list]] = {}
    for name in sorted(set(printed) & set(expected)):
        display = PurePosixPath(name).stem.removesuffix("_nb").removesuffix("_en")
        own = file_hash(printed[name]) if printed[name].is_file() else ""
        total, odd = pairs.get(display, (0, []))
        pairs[display] = (total + 1, odd + [(name, expected[name], own)] * (own != expected[name]))
    return pairs
