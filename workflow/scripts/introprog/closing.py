"""The last words of a run: what was made in it, where to look first, and the answer it gives."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


def written(paths: Iterable[str]) -> dict[str, int]:
    """When each of the files that exist was last written, in nanoseconds."""
    found = ((path, Path(path)) for path in paths)
    return {name: path.stat().st_mtime_ns for name, path in found if path.is_file()}


def closing_lines(
    before: Mapping[str, int],
    after: Mapping[str, int],
    displays: Mapping[str, Sequence[str]],
    verdict: str,
    language: str,
) -> list[str]:
    """What was made between two looks at the files; empty when none of them was.

    ``before`` and ``after`` are from ``written``; ``displays`` says which files belong to an id; ``verdict`` is the
    table of verdicts, whose primary sentence is quoted in ``language`` where the table was made anew.
    """
    made = {path for path, time in after.items() if before.get(path) != time}
    drawn = [name for name, files in displays.items() if made & set(files)]
    figures = sum(name.startswith("F-") for name in drawn)
    counts = [_count(figures, "figure"), _count(len(drawn) - figures, "table")]
    lines = [f"Made: {' and '.join(c for c in counts if c)}."] if drawn else []
    documents = sorted(path for path in made if path.startswith("results/report/"))
    pages = [path for path in documents if path.endswith(".html")]
    lines += [f"Look first at: {', '.join(pages)}"] if pages else []
    others = [path for path in documents if path not in pages]
    lines += [f"To take further: {', '.join(others)}"] if others else []
    sentence = _sentence(verdict, language) if verdict in made else ""
    return [*lines, *([f"Satisfaction and results: {sentence}"] if sentence else [])]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _sentence(path: str, language: str) -> str:
    with open(path, encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["primary"] == "True"]
    return rows[0].get(f"sentence_{language}", "") if rows else ""
