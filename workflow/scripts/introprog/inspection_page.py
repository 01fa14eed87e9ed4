"""The report of a check of extracts, as text for the terminal and as one HTML page; no person key is ever in it."""

from collections.abc import Iterator, Sequence
from html import escape

import pandas as pd

from introprog.errors import Problem
from introprog.inspection import Inspection

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem } th, td { padding: 0.2rem 0.7rem; text-align: left;
vertical-align: top; border-bottom: 1px solid #ddd } td.n { text-align: right; font-variant-numeric: tabular-nums }
.stop, .pass { border-left: 4px solid #b3261e; padding-left: 0.8rem } .pass { border-color: #8a6d00 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.3rem 0 1rem; font-size: 13px }
h1 { overflow-wrap: anywhere } .wide { overflow-x: auto } nav li { margin: 0.2rem 0 }
"""
NOT_CLEANED = "The rules of cleaning were not tried: first the problems of reading must be solved."


def verdict(found: Inspection) -> str:
    """One line: whether a run would stop."""
    if found.problems:
        return f"{len(found.problems)} problem{'s' if len(found.problems) != 1 else ''} would stop a run."
    return "Nothing would stop a run."


def sections(found: Inspection) -> Iterator[tuple[str, Sequence[Problem | str] | pd.DataFrame, str]]:
    """Heading, content and remark of each part of the report."""
    remark = "" if found.cleaned or not found.problems else NOT_CLEANED
    yield "Problems that stop a run", found.problems, remark
    yield "Faults that are tolerated: dealt with as the rule says, and counted", found.tolerated, ""
    if found.left_out:
        yield "What a run leaves out", found.left_out, ""
    yield "Files read", found.files, ""
    counts = found.counts
    if len(counts):
        keys = ["table", "rule", "action", "reason"]
        counts = counts.groupby(keys, as_index=False)["n"].sum()
        names = zip(counts["table"], counts["rule"], counts["reason"])
        counts["rows"] = [first_rows(found.examples.get(name, ())) for name in names]
    yield "Rules and how many rows they touch", counts, ""
    yield "Overlap between files", found.overlap.assign(share=_percent(found.overlap)), ""
    yield (
        "Rows by year",
        found.coverage.rename_axis("year").reset_index() if len(found.coverage) else found.coverage,
        "",
    )


def first_rows(examples: Sequence[str]) -> str:
    """Examples of rows, each as file and number, with the name of a file once: ``a.csv 3, 8; b.csv 5``."""
    files: dict[str, list[str]] = {}
    for file, _, line in (text.rpartition(" ") for text in examples):
        files.setdefault(file, []).append(line)
    return "; ".join(f"{file} {', '.join(lines)}" for file, lines in files.items())


def _percent(overlap: pd.DataFrame) -> list[str]:
    return ["" if pd.isna(share) else f"{share:.1%}" for share in overlap.get("share", [])]


def as_text(found: Inspection, directory: str) -> str:
    """The report for the terminal."""
    lines = [f"Check of {directory}: {verdict(found)}"]
    for heading, content, remark in sections(found):
        if not len(content) and not remark:
            continue
        lines += ["", heading.upper()]
        if isinstance(content, pd.DataFrame):
            lines.append(content.to_string(index=False, na_rep="", max_colwidth=90))
        else:
            lines += [str(problem) for problem in content]
        lines += [remark] if remark else []
    return "\n".join(lines) + "\n"


def as_html(found: Inspection, directory: str) -> str:
    """The report as a page of its own: no script, nothing fetched; first what it holds and how much of it."""
    parts, links = [], []
    for number, (heading, content, remark) in enumerate(sections(found), 1):
        parts.append(f'<h2 id="part{number}">{escape(heading)}</h2>')
        links.append(f'<li><a href="#part{number}">{escape(heading)}</a>: {len(content)}</li>')
        if remark:
            parts.append(f"<p>{escape(remark)}</p>")
        if not len(content):
            parts.append("<p>None.</p>")
        elif isinstance(content, pd.DataFrame):
            parts.append(_table(content))
        else:
            kind = "stop" if content is found.problems else "pass"
            parts += [f'<div class="{kind}"><pre>{escape(str(problem))}</pre></div>' for problem in content]
    title = f"Check of {escape(directory)}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1><p><strong>{escape(verdict(found))}</strong></p>"
        f"<nav><ul>{''.join(links)}</ul></nav>{''.join(parts)}</main></body></html>\n"
    )


def _table(frame: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(name).replace('_', ' '))}</th>" for name in frame.columns)
    rows = []
    for row in frame.itertuples(index=False):
        cells = "".join(_cell(name, value) for name, value in zip(frame.columns, row))
        rows.append(f"<tr>{cells}</tr>")
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="wide" tabindex="0">{table}</div>'


def _cell(name: str, value: object) -> str:
    if pd.isna(value):
        return "<td></td>"
    number = isinstance(value, int | float) and name != "year"
    return f'<td class="n">{value:,}</td>' if number else f"<td>{escape(str(value))}</td>"
