"""What a review found: a table for the terminal, and one page that needs nothing else, the worst first."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

import pandas as pd

from introprog.review.comparison import AGREE, DIFFER, MISSING, NEW, WITHIN, Tolerance
from introprog.review.expectation import ARITHMETIC
from introprog.review.findings import BYTES, Findings

SHOWN = 40
HEADS = {
    "id": "Id",
    "kind": "Kind",
    "status": "Status",
    "agree": "Agree",
    "within": "Within tolerance",
    "differ": "Differ",
    "missing": "Missing",
    "new": "New",
    "pictures": "Printed files",
    "pictures_differ": "Other bytes",
}
MEANING = {
    MISSING: "expected, and this run has no such file",
    DIFFER: "a number, a text, a row or a column is another than expected",
    BYTES: "all numbers agree, but a printed file has other bytes",
    NEW: "in this run, and not expected",
    WITHIN: "other last digits, as another machine rounds them; this does not fail a review",
}
STYLE = """
body{font:15px/1.45 system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1a1a1a;max-width:75rem;
margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}
th,td{padding:.22rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}
thead th{border-bottom:1px solid #6e6e6e;position:sticky;top:0;background:#fff}
td.n,th.n{text-align:right}.verdict{border-left:5px solid #1b6e3c;padding:.4rem .8rem;background:#eef6f0}
.verdict.bad{border-color:#b3261e;background:#fbeeec}
tr.bad td.status{color:#b3261e;font-weight:700}tr.look td.status{color:#7a5600;font-weight:700}
td.value{font-family:ui-monospace,Consolas,monospace;font-size:.88em;overflow-wrap:anywhere;min-width:7rem;
max-width:24rem}dt{font-weight:700}dd{margin:0 0 .3rem 1.2rem}summary{cursor:pointer;font-weight:700;margin:2rem 0 1rem}
th .title{font-weight:400;display:block;max-width:26rem}
@media(max-width:40rem){th,td{padding:.22rem .35rem}th .title{max-width:9rem}}
"""


def verdict(found: Findings) -> str:
    """One line: how much agrees, and how many displays and models do not."""
    total = int(found.summary[["agree", "within", "differ", "missing"]].to_numpy().sum())
    agree = int(found.summary[["agree", "within"]].to_numpy().sum())
    off = found.summary[found.bad]
    head = f"{agree:,} of {total:,} expected cells agree"
    if off.empty:
        return f"{head}; every display and model is as expected."
    parts = ", ".join(f"{count} {status}" for status, count in off["status"].value_counts(sort=False).items())
    return f"{head}; {len(off)} of {len(found.summary)} displays and models are not as expected ({parts})."


def remarks(found: Findings) -> list[str]:
    """What a reader must know before the differences: other settings, other packages, other bytes only."""
    lines = [f"config {name}: expected {old!r}, this run {new!r}" for name, old, new in found.config]
    lines += [f"{_kind(name)}: expected {old}, this run {new}" for name, old, new in found.packages]
    if found.packages and (found.summary["status"] == BYTES).any():
        lines.append(
            "Printed files may differ in their bytes, since they were made with other packages or on a processor that"
            " rounds otherwise; numbers count."
        )
    return lines


def _kind(name: str) -> str:
    return "processor" if name == ARITHMETIC else f"package {name}"


def as_text(found: Findings) -> str:
    """The review for the terminal: only what is not as expected is listed."""
    off = found.summary[found.summary["status"] != AGREE].rename(columns=HEADS)
    lines = [f"Review against {found.expectation}: {verdict(found)}", *(f"  {line}" for line in remarks(found))]
    if len(off):
        lines += ["", off.to_string(index=False)]
    return "\n".join(lines) + "\n"


def as_html(found: Findings, names: Mapping[str, str], tolerance: Tolerance) -> str:
    """The review as one page: verdict, what is not as expected, the cells that differ, and folded what agrees.

    ``names``: titles of displays by id. Links go to the files of the run, from ``results/review/``.
    """
    title = f"Review against the expectation “{escape(found.expectation)}”"
    notes = "".join(f"<li>{escape(line)}</li>" for line in remarks(found))
    off = found.summary["status"] != AGREE
    body = "".join(
        [
            f"<h1>{title}</h1>",
            f'<p class="verdict{" bad" if found.failed else ""}">{escape(verdict(found))}</p>',
            f"<h2>What this run does differently</h2><ul>{notes}</ul>" if notes else "",
            *_not_as_expected(found, off, names, tolerance),
            *_sections(found, names),
            f"<details><summary>As expected: {int((~off).sum())} displays, models and files</summary>",
            _table(found.summary[~off], set(), names),
            "</details>",
        ]
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _not_as_expected(found: Findings, off: pd.Series, names: Mapping[str, str], tolerance: Tolerance) -> Iterator[str]:
    """The displays and models to look at, the worst first, and what the words say."""
    if not off.any():
        return
    rows = found.summary[off]
    yield "<h2>Not as expected, the worst first</h2>"
    yield _table(rows, set(found.details["id"]), names)
    words = "".join(f"<dt>{kind}</dt><dd>{text}</dd>" for kind, text in MEANING.items() if kind in set(rows["status"]))
    near = f"{tolerance.absolute:g} + {tolerance.relative:g} times the expected number"
    yield f"<dl>{words}</dl><p>Numbers agree within {near} (config.yaml, review: tolerance).</p>"


def _table(summary: pd.DataFrame, linked: set[str], names: Mapping[str, str]) -> str:
    numeric = [False] * 3 + [True] * (len(HEADS) - 3)
    head = "".join(f'<th scope="col"{" class=n" * n}>{text}</th>' for text, n in zip(HEADS.values(), numeric))
    rows = []
    for row in summary.to_dict("records"):
        kind = "" if row["status"] == AGREE else "look" if row["status"] in (WITHIN, BYTES) else "bad"
        name = escape(row["id"])
        link = f'<a href="#{name}">{name}</a>' if row["id"] in linked else name
        link += f'<span class="title">{escape(names[row["id"]])}</span>' if row["id"] in names else ""
        cells = [f'<th scope="row">{link}</th>', f"<td>{row['kind']}</td>", f'<td class="status">{row["status"]}</td>']
        cells += [f'<td class="n">{row[column]:,}</td>' for column in list(HEADS)[3:]]
        rows.append(f'<tr class="{kind}">{"".join(cells)}</tr>')
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _sections(found: Findings, names: Mapping[str, str]) -> Iterator[str]:
    """The cells of each display or model that are not the same, largest first, in the order of the summary."""
    for row in found.summary.to_dict("records"):
        name, rows = row["id"], found.details[found.details["id"] == row["id"]]
        if rows.empty:
            continue
        size = pd.to_numeric(rows["difference"], errors="coerce").abs()
        worst = rows.assign(rank=rows["kind"].map({WITHIN: 1, BYTES: 2}).fillna(0), size=-size)
        worst = worst.sort_values(["rank", "size"], kind="stable", na_position="first").head(SHOWN)
        more = f" The first {SHOWN} of them; all are in differences.csv." if len(rows) > SHOWN else ""
        title = f"{name}: {names[name]}" if name in names else name
        yield f'<h2 id="{escape(name)}">{escape(title)}</h2>'
        yield f"<p>Not the same: {len(rows):,}.{more} {_links(row)}</p>{_cells(worst)}"


def _links(row: Mapping) -> str:
    """Where the numbers of this run are."""
    if row["kind"] == "whole file" or row["status"] == MISSING:
        return ""
    path = f"{row['kind']}s/{escape(row['id'])}.csv"
    return f'This run: <a href="../{path}">{path}</a>.'


def _cells(rows: pd.DataFrame) -> str:
    columns: Sequence[str] = ("row", "column", "expected", "found", "difference", "kind")
    head = "".join(f'<th scope="col">{name.capitalize()}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(f'<td class="value">{_value(row, name)}</td>' for name in columns) + "</tr>"
        for row in rows.to_dict("records")
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _value(row: Mapping, column: str) -> str:
    text = escape(str(row[column])[:200])
    there = row["kind"] == BYTES and column == "column" and row["found"] != "not there"
    return f'<a href="../{text}">{text}</a>' if there else text
