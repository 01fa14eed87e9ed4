"""Published figures on the introduction programme, each with its source, as they ship in data/published/.

``figures.csv`` has one printed number a row, ``sources.csv`` one publication a row. Suppressed cells are not in the
file; an empty municipality code is Norway; ``horizon_years`` 0 is the destination on leaving.
"""

from pathlib import Path

import pandas as pd

from introprog.errors import Problem, nearest, raise_if
from introprog.tabular import read_csv

FIGURE_COLUMNS = (
    "id", "table_group", "measure", "unit", "population", "sex", "age", "country_background", "municipality_code",
    "municipality_name", "exit_year", "horizon_years", "measured_at", "category", "value", "n", "source_key", "note",
)  # fmt: skip
SOURCE_COLUMNS = ("source_key", "title", "authors", "publisher", "year", "url")
NATIONAL = {"municipality_code": "", "age": "all", "country_background": "all"}


def read_published(figures: str | Path, sources: str | Path) -> pd.DataFrame:
    """The figures with ``value`` as float, ``n`` as Int64 (also where the source says «about») and ``source``
    (citation).

    Other columns are text. Raises ``InputError`` for missing columns, ids that occur twice, values that are no
    numbers and source keys that ``sources`` does not have.
    """
    table, references = read_csv(figures, FIGURE_COLUMNS), read_csv(sources, SOURCE_COLUMNS)
    problems = []
    for path, frame, columns in ((figures, table, FIGURE_COLUMNS), (sources, references, SOURCE_COLUMNS)):
        lacking = [c for c in columns if c not in frame]
        if lacking:
            what = f"lacks the columns {', '.join(lacking)}"
            problems.append(Problem(Path(path).name, "P1", what, expected=", ".join(columns)))
    raise_if(problems)
    value = pd.to_numeric(table["value"], errors="coerce")
    twice = table["id"].duplicated(keep=False)
    keys = references["source_key"]
    unknown = ~table["source_key"].isin(keys)
    for column, rule, rows, what in (
        ("id", "P2", twice, "occurs more than once"),
        ("value", "P3", value.isna(), "is no number"),
        ("source_key", "P4", unknown, "is not in sources.csv"),
    ):
        if rows.any():
            lines, values = (table.index[rows] + 2).tolist(), table.loc[rows, column].tolist()
            hint = nearest(values[0], keys.tolist()) if column == "source_key" else ""
            problems.append(
                Problem(f"{Path(figures).name}, {column}", rule, what, "", hint, int(rows.sum()), lines, values)
            )
    raise_if(problems)
    n = pd.to_numeric(table["n"].str.removeprefix("ca "), errors="coerce").astype("Int64")
    return table.assign(value=value, n=n, source=table["source_key"].map(citations(references)))


def citations(sources: pd.DataFrame) -> pd.Series:
    """One line a source key: publisher (year): title."""
    year = " (" + sources["year"].where(sources["year"] != "", "n.d.") + "): "
    return (sources["publisher"] + year + sources["title"]).set_axis(sources["source_key"])


def national(published: pd.DataFrame, *groups: str) -> pd.DataFrame:
    """Figures of the table groups that are about the whole of Norway, all ages and countries."""
    rows = published["table_group"].isin(groups)
    for column, whole in NATIONAL.items():
        rows &= published[column] == whole
    return published[rows]


def year_span(text: str) -> tuple[int, int] | None:
    """First and last year of ``2010`` or ``2007-2011``; None for anything else."""
    parts = text.split("-")
    if len(parts) > 2 or not all(p.isdigit() and len(p) == 4 for p in parts):
        return None
    return int(parts[0]), int(parts[-1])
