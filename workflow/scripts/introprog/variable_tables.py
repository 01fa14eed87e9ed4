"""The variable tables of docs/variables.md, written from the codebooks and the contracts so that they cannot differ.

``PYTHONPATH=workflow/scripts python -m introprog.variable_tables data/codebook docs/variables.md`` writes the page.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from introprog.codebook import Codebook, Column, Extract, Instrument, load_codebook
from introprog.readers.hints import expected, span

TEMPORALITY = {
    "fixed": "a person with fixed traits",
    "status": "a status at a date, joined to spells",
    "spells": "a spell with a first and a last day (empty = open)",
    "events": "an event, valid until the next",
    "months": "a person and month",
    "years": "a person or unit and year",
    "records": "a record of a form",
}
HEAD = """# Variables

This page is written by `introprog.variable_tables` from `data/codebook/`; a test keeps it in step. The names on the
left are those of the shipped codebooks; a codebook of your own gives your names in their place
([own-files.md](own-files.md)).
"""


def variable_page(codebook: Codebook) -> str:
    """The whole page as Markdown: extracts, then survey instruments, then the rules of reading and cleaning."""
    parts = [HEAD, "## Extracts\n"]
    parts += [_extract(extract) for _, extract in sorted(codebook.extracts.items())]
    parts.append("## Survey instruments\n")
    parts += [_instrument(form) for _, form in sorted(codebook.instruments.items())]
    parts.append("## Rules\n")
    rules = [
        (
            f"`{r.name}`",
            r.action,
            "counted only" if r.tolerated == 1 else f"{r.tolerated:.0%}",
            r.reason["en"],
            r.reason["nb"],
        )
        for r in codebook.rules.values()
    ]
    parts.append("\n".join(_table(("rule", "rows are", "tolerated", "reason", "grunn"), rules)) + "\n")
    return "\n".join(parts)


def _extract(extract: Extract) -> str:
    years = ""
    if extract.years:
        years = f"; files of {extract.years[0]}-{extract.years[1] or 'the last year observed'}"
    form = (
        f"fixed width, {extract.line_width} characters"
        if extract.line_width
        else f"`{extract.separator}` between fields"
    )
    lines = [
        f"### `{extract.name}`: {extract.label['en']} ({extract.label['nb']})\n",
        f"File `{extract.file}`{years}; {extract.encoding}; {form}. A row is {TEMPORALITY[extract.temporality]}.\n",
    ]
    rows = [
        (
            f"`{c.source}`",
            f"`{c.name}`",
            _good(c, extract),
            _missing(c),
            "yes" if c.needed else "",
            c.label["en"],
            c.label["nb"],
        )
        for c in _without_slots(extract)
    ]
    head = ("variable", "clean name", "good values", "missing", "needed", "meaning", "betydning")
    return "\n".join([*lines, *_table(head, rows)]) + "\n"


def _without_slots(extract: Extract) -> Iterator[Column]:
    """Columns, of repeated slots the first only."""
    seen = set()
    for column in extract.columns.values():
        stem = column.name.rstrip("0123456789")
        if stem.endswith("_") and column.position and stem in seen:
            continue
        seen.add(stem)
        yield column


def _good(column: Column, extract: Extract) -> str:
    place = f"characters {column.position[0]}-{column.position[1]}: " if column.position else ""
    if column.values is not None:
        years = {k: f" ({span(*column.valid[k])})" if k in column.valid else "" for k in column.values}
        pairs = [(f"`{k}`" if k == v else f"`{k}` {v}") + years[k] for k, v in column.values.items()]
        return place + ", ".join(pairs)
    low, high = column.range
    words = expected(column, extract)
    if (low is None) != (high is None):
        words += f" from {low}" if high is None else f" to {high}"
    return place + words


def _missing(column: Column) -> str:
    return ", ".join(["empty", *(f"`{code}`" for code in column.missing)])


def _instrument(form: Instrument) -> str:
    missing = ", ".join(f"`{code}` {meaning.replace('_', ' ')}" for code, meaning in form.missing.items())
    lines = [
        f"### `{form.name}`: {form.label['en']} ({form.label['nb']})\n",
        f"Waves {', '.join(f'`{w}`' for w in form.waves)}. No answer: {missing}; never merged.\n",
    ]
    rows = [
        (
            f"`{item.name}`",
            f"{item.scale[0]}-{item.scale[1]}" + (", reversed" if item.reversed else ""),
            form.dimensions[item.dimension]["en"] if item.dimension else "",
            form.constructs[item.construct]["en"] if item.construct else "",
            item.text["en"],
            item.text["nb"],
        )
        for item in form.items.values()
    ]
    return "\n".join([*lines, *_table(("item", "scale", "dimension", "construct", "text", "tekst"), rows)]) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(variable_page(load_codebook(sys.argv[1])), encoding="utf-8")
