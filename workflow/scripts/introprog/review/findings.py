"""A whole run against its expectation: one finding a display or model, the worst first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from introprog.provenance import package_versions
from introprog.review.comparison import AGREE, DETAILS, DIFFER, MISSING, NEW, WITHIN, Tolerance, compare_tables
from introprog.review.expectation import Expectation, config_differences, file_hash, read_text_table, short

BYTES = "picture differs"
SEVERITY = (MISSING, DIFFER, BYTES, NEW, WITHIN, AGREE)
COUNTS = ("agree", "within", "differ", "missing", "new")
SUMMARY = ["id", "kind", "status", *COUNTS, "pictures", "pictures_differ"]


@dataclass(frozen=True)
class Findings:
    """``summary``: a row a display or model, sorted by severity (``SUMMARY``); ``details``: a row a cell that is not
    the same (``id`` and ``comparison.DETAILS``); ``config`` and ``packages``: what differs in them (name, expected,
    own)."""

    expectation: str
    summary: pd.DataFrame
    details: pd.DataFrame
    config: Sequence[tuple[str, object, object]]
    packages: Sequence[tuple[str, object, object]]

    @property
    def failed(self) -> bool:
        """Whether anything differs; other bytes of a picture count only where the packages are the same."""
        bad = {MISSING, DIFFER, NEW} | (set() if self.packages else {BYTES})
        return bool(self.summary["status"].isin(bad).any())


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
        old = read_text_table(stored[name]) if name in stored else pd.DataFrame()
        new = read_text_table(found[name]) if name in found and found[name].is_file() else pd.DataFrame()
        compared = compare_tables(old, new, tolerance)
        path = PurePosixPath(name)
        pair = drawn.get(path.stem, (0, 0)) if path.parts[0] != "models" else (0, 0)
        status = BYTES if compared.status in (AGREE, WITHIN) and pair[1] else compared.status
        counts = [getattr(compared, count) for count in COUNTS]
        rows.append([path.stem, path.parts[0].removesuffix("s"), status, *counts, *pair])
        details.append(compared.details.assign(id=path.stem))
    whole = sorted(set(drawn) - {row[0] for row in rows})
    rows += [
        [name, "whole file", BYTES if drawn[name][1] else AGREE, *[0] * len(COUNTS), *drawn[name]] for name in whole
    ]
    summary = pd.DataFrame(rows, columns=SUMMARY)
    order = summary["status"].map(SEVERITY.index)
    summary = summary.assign(order=order).sort_values(["order", "kind", "id"], kind="stable", ignore_index=True)
    versions = package_versions()
    return Findings(
        expectation=expected.folder.name,
        summary=summary.drop(columns="order"),
        details=pd.concat([*details, pd.DataFrame(columns=["id", *DETAILS])])[["id", *DETAILS]],
        config=list(config_differences(expected.config, config)),
        packages=[(k, expected.packages.get(k), v) for k, v in versions.items() if expected.packages.get(k) != v],
    )


def _pictures(expected: Mapping[str, str], printed: Mapping[str, Path]) -> dict[str, tuple[int, int]]:
    """Of every display: how many printed files are set beside each other, and how many differ or are missing.

    A language that this run leaves out is not missing: only files that the run should have made are looked at.
    """
    pairs: dict[str, tuple[int, int]] = {}
    for name in sorted(set(printed) & set(expected)):
        display = PurePosixPath(name).stem.removesuffix("_nb").removesuffix("_en")
        other = not printed[name].is_file() or file_hash(printed[name]) != expected[name]
        total, differ = pairs.get(display, (0, 0))
        pairs[display] = (total + 1, differ + other)
    return pairs
