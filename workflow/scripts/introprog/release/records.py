"""One record an output: what it is, how many persons are behind it, how they are protected, checksums."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import yaml

from introprog.release.cells import NAME

AUDIT_COLUMNS = [
    "output",
    "described",
    "cells",
    "hidden",
    "hidden_primary",
    "hidden_secondary",
    "smallest_shown",
    "persons",
    "least_width",
    "leaks",
    "exception",
]


def summary(
    cells: pd.DataFrame,
    widths: pd.DataFrame,
    leaks: pd.DataFrame,
    outputs: Sequence[str],
    registry: Mapping,
    primary: pd.Series,
) -> pd.DataFrame:
    """One row an output (``AUDIT_COLUMNS``), sorted.

    ``leaks`` has a column ``reason`` (of the exception that lets it through). ``hidden_primary`` and
    ``hidden_secondary`` count the hidden cells of which ``primary`` (by cell) knows; ``least_width`` is the smallest
    span within which a hidden cell can be told, at most the protection interval; ``persons`` the largest cell.
    """
    width = widths.drop_duplicates(NAME).set_index(NAME)["width"]
    rows = []
    groups = cells.groupby("output", sort=False).indices
    for output in sorted(outputs):
        own = cells.iloc[groups.get(output, [])]
        hidden = own.loc[own["hidden"], NAME]
        first = hidden.map(primary)
        shown = own.loc[own["value"] > 0, "value"]
        about = leaks[leaks["outputs"].map(lambda o, output=output: output in o.split(", ")).astype(bool)]
        rows.append(
            {
                "output": output,
                "described": output in registry["outputs"],
                "cells": len(own),
                "hidden": len(hidden),
                "hidden_primary": int(first.eq(True).sum()),
                "hidden_secondary": int(first.eq(False).sum()),
                "smallest_shown": shown.min(),
                "persons": shown.max(),
                "least_width": hidden.map(width).min(),
                "leaks": len(about),
                "exception": "; ".join(sorted(set(about["reason"]) - {""})),
            }
        )
    return pd.DataFrame(rows, columns=AUDIT_COLUMNS)


def primary_cells(cells: pd.DataFrame, panel: pd.DataFrame, threshold: int) -> pd.Series:
    """Of hidden municipal cells of leavers: whether they are hidden for their own count's sake (by cell).

    ``panel``: the private municipality panel. A cell is so when those with success, without or all are fewer than
    ``threshold``; the others cover them.
    """
    keys = ["definition", "horizon", "geography", "years", "region", "sex"]
    wanted = cells[(cells["universe"] == "leavers") & cells["hidden"] & (cells["region"].str.len() == 4)]
    wanted = wanted.drop_duplicates(NAME)
    true = panel[panel["definition"].isin(wanted["definition"].unique())].rename(columns={"municipality": "region"})
    true = true.assign(horizon=true["horizon"].astype(str), years=true["exit_year"].astype(str))
    spans = [years for years in wanted["years"].unique() if "-" in years]
    years = true["exit_year"].astype("int64")
    pooled = [true[years.between(*map(int, span.split("-")))].assign(years=span) for span in spans]
    every = pd.concat([true, *pooled], ignore_index=True)
    sums = every.groupby(keys, observed=True)[["n", "successes"]].sum().astype("int64")
    least = pd.concat([sums["n"], sums["successes"], sums["n"] - sums["successes"]], axis=1).min(axis=1)
    found = wanted.join(least.rename("least"), on=keys).set_index(NAME)["least"].dropna()
    return found < threshold


def record(output: str, about: Mapping, row: Mapping, files: Mapping[str, str], controls: Sequence[str]) -> dict:
    """The record of one output, in the order in which it is written.

    ``about``: ``kind``, ``title``, ``universes`` and ``note`` (why it has no cells); ``row``: its row of the audit.
    """
    counts = ("cells", "hidden", "hidden_primary", "hidden_secondary", "smallest_shown", "persons", "least_width")
    numbers = {name: int(row[name]) for name in counts if name in row and pd.notna(row[name])}
    exception = row.get("exception")
    return {
        "output": output,
        "kind": about["kind"],
        "title": about["title"],
        "data": about["data"],
        "population": list(about["universes"]),
        **({"without_counts": about["note"]} if about.get("note") else {}),
        **numbers,
        "controls": list(controls),
        "exception": exception if isinstance(exception, str) and exception else None,
        "files": dict(sorted(files.items())),
    }


def checksums(files: Iterable[str], manifest: Mapping) -> dict[str, str]:
    """SHA-256 of ``files`` by path, from the run's manifest; raises ``KeyError`` for a file that is not in it."""
    known = {entry["file"]: entry["sha256"] for entry in manifest["run"]["outputs"]}
    return {path: known[path] for path in files}


def write_record(content: Mapping, path: str | Path) -> None:
    """Write a record as YAML, keys in the order given."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=120)
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def controls(row: Mapping, block: Mapping, answers: int, audited: bool, rounds: bool = False) -> list[str]:
    """What was done to an output, in words. ``block``: config's ``disclosure``; ``rounds``: it has a rule to round."""
    if not audited:
        return ["figures that their publisher has released"]
    if not row:
        return ["made of the displays and tables of this run, under their controls"]
    if not row.get("cells"):
        return ["no count of a group of persons besides whole samples"]
    rounding = block["method"] == "round" and rounds
    done = [f"counts rounded to base {block['base']}"] if rounding else [f"counts under {block['threshold']} hidden"]
    if row.get("hidden"):
        done.append("further counts hidden, so that none follows from sums")
    if block["method"] == "suppress":
        done.append(f"audited against all outputs: every hidden count can vary by {block['protection']} or more")
    if answers:
        done.append(f"a municipality is shown with {answers} answers or more")
    return done
