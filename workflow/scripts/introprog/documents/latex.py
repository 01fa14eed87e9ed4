"""A printed table in LaTeX, to be set with ``\\input``: booktabs rules, spanning heads, notes below.

Needs the packages booktabs, array and, for tables longer than a page, longtable (each file says so in its first lines).
"""

import re

from introprog.labels import Labels
from introprog.tables import Row, Table

ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "[": "{[}",
    "]": "{]}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
    "\N{THIN SPACE}": r"\,",
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "≠": r"\ensuremath{\neq}",
    "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}",
    "±": r"\ensuremath{\pm}",
    "→": r"\ensuremath{\rightarrow}",
    "²": r"\ensuremath{^{2}}",
    "³": r"\ensuremath{^{3}}",
    "½": r"\ensuremath{\frac{1}{2}}",
    "α": r"\ensuremath{\alpha}",
    "β": r"\ensuremath{\beta}",
    "ρ": r"\ensuremath{\rho}",
    "σ": r"\ensuremath{\sigma}",
    "τ": r"\ensuremath{\tau}",
    "χ": r"\ensuremath{\chi}",
    "ω": r"\ensuremath{\omega}",
}
SIGNS = re.compile("|".join(map(re.escape, ESCAPES)))
PAGE_ROWS = 45
TEXT_WIDTH = "0.22\\textwidth"


def escaped(text: str) -> str:
    """``text`` as LaTeX prints it letter for letter; signs outside Latin script become mathematics."""
    return SIGNS.sub(lambda sign: ESCAPES[sign.group()], text)


def latex_of(name: str, table: Table) -> str:
    """The source of the table with display id ``name``: a float, or a ``longtable`` where it is longer than a page.

    Its label is ``tab:<id>``; the font is small where there are many columns.
    """
    long = len(table.rows) > PAGE_ROWS
    packages = ["booktabs", "array", *(["longtable"] if long else [])]
    opening = [
        f"% {name} ({table.language}). {Labels(table.language).term('word.table')}: \\ref{{tab:{name}}}",
        f"% \\usepackage{{{','.join(packages)}}}",
    ]
    body = _long(name, table) if long else _float(name, table)
    return "\n".join([*opening, *body]) + "\n"


def _caption(name: str, table: Table) -> str:
    stamp = f" {escaped(table.stamp)}." if table.stamp else ""
    return f"\\caption{{{escaped(table.title)}.{stamp}}}\\label{{tab:{name}}}"


def _shape(table: Table) -> str:
    """Column types: the stub and text left, figures right, long texts broken over lines."""
    broken = f">{{\\raggedright\\arraybackslash}}p{{{TEXT_WIDTH}}}"
    stub = broken if max((len(row.label) for row in table.rows), default=0) > 40 else "l"
    kinds = [broken if table.is_long(at) else "l" if column.text else "r" for at, column in enumerate(table.columns)]
    return "@{}" + stub + "".join(kinds) + "@{}"


def _size(table: Table) -> str:
    return "\\scriptsize" if len(table.columns) > 7 else "\\small"


def _float(name: str, table: Table) -> list[str]:
    return [
        "\\begin{table}[htbp]",
        "\\centering",
        _size(table),
        _caption(name, table),
        f"\\begin{{tabular}}{{{_shape(table)}}}",
        "\\toprule",
        *_head(table),
        "\\midrule",
        *(_row(row, table) for row in table.rows),
        "\\bottomrule",
        "\\end{tabular}",
        "\\par\\smallskip",
        "\\begin{minipage}{\\linewidth}\\footnotesize",
        *_notes(table),
        "\\end{minipage}",
        "\\end{table}",
    ]


def _long(name: str, table: Table) -> list[str]:
    head = ["\\toprule", *_head(table), "\\midrule"]
    return [
        f"{{{_size(table)}",
        f"\\begin{{longtable}}{{{_shape(table)}}}",
        _caption(name, table) + "\\\\",
        *head,
        "\\endfirsthead",
        *head,
        "\\endhead",
        *(_row(row, table) for row in table.rows),
        "\\bottomrule",
        "\\end{longtable}",
        "\\par\\noindent\\footnotesize",
        *_notes(table),
        "\\par}",
    ]


def _head(table: Table) -> list[str]:
    lines = []
    if table.groups:
        cells, rules, at = [""], [], 2
        for name, span in table.groups:
            cells.append(f"\\multicolumn{{{span}}}{{c}}{{{escaped(name)}}}")
            rules += [f"\\cmidrule(lr){{{at}-{at + span - 1}}}"] if name else []
            at += span
        lines = [" & ".join(cells) + r" \\", "".join(rules)]
    heads = [
        f"\\multicolumn{{1}}{{{'l' if column.text else 'r'}}}{{{escaped(column.label)}}}" for column in table.columns
    ]
    return [*lines, " & ".join([escaped(table.stub), *heads]) + r" \\"]


def _row(row: Row, table: Table) -> str:
    label = "\\hspace*{" + f"{row.indent}em}}" + escaped(row.label) if row.indent else escaped(row.label)
    if row.kind == "head":
        return f"\\multicolumn{{{len(table.columns) + 1}}}{{@{{}}l}}{{\\textbf{{{label}}}}} \\\\"
    cells = [label, *map(escaped, row.cells)]
    return " & ".join(f"\\textbf{{{cell}}}" if row.kind == "total" and cell else cell for cell in cells) + r" \\"


def _notes(table: Table) -> list[str]:
    lines = [*table.lead, *table.footer, *([table.details_head] if table.details else []), *table.details]
    return [f"{escaped(line)}\\par" for line in lines]
