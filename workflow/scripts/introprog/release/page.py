"""The record of a page of one municipality or county, which is made when it is asked for, after the audit.

A page holds nothing but numbers of released outputs. Its record names them, says how many persons and answers are
behind the numbers, and repeats what the audit says of those outputs.
"""

import hashlib
from collections.abc import Iterable, Mapping

import pandas as pd

SURVEY = ("F-E5", "F-F1")
# A county's page lists the results of its municipalities.
WITHIN = ("F-C4", "F-D5")
PANEL = "municipality_panel"


def page_record(
    code: str,
    language: str,
    name: str,
    pdf: bytes,
    tables: Mapping[str, pd.DataFrame],
    panel: pd.DataFrame,
    audit: pd.DataFrame,
    data: str,
    disclosure: Mapping,
    minimum_answers: int,
) -> dict:
    """The record of the page ``pdf`` of ``code``, in the order in which it is written.

    ``tables``: the twins and model tables that the page is made of, by output, and ``panel`` the released panel, all
    with codes as text; ``audit``: rows of the audit by output (index); ``data``: whose numbers; ``disclosure``: the
    block of the config. ``persons`` and ``answers`` are the largest counts of the page, ``smallest_shown`` the smallest
    count of persons.
    """
    own = {output: of_place(table, code, output in WITHIN) for output, table in {**tables, PANEL: panel}.items()}
    used = sorted(output for output, rows in own.items() if len(rows))
    persons = _counts(own[output] for output in used if output not in SURVEY)
    answers = _answers({output: own[output] for output in used if output in SURVEY})
    known = audit.reindex(used)
    widths, reasons = known["least_width"].dropna(), known["exception"].dropna()
    output = f"municipality_{code}_{language}"
    return {
        "output": output,
        "kind": "page",
        "title": {"nb": f"{name} ({code})", "en": f"{name} ({code})"},
        "data": data,
        "made_of": used,
        **_if_any("smallest_shown", persons[persons > 0].min()),
        **_if_any("persons", persons.max()),
        **_if_any("answers", answers.max()),
        **_if_any("least_width", widths.min()),
        "controls": _controls(data, disclosure, minimum_answers if len(answers) else 0),
        "exception": "; ".join(sorted(set(reasons) - {""})) or None,
        "files": {f"results/report/municipality/{code}_{language}.pdf": hashlib.sha256(pdf).hexdigest()},
    }


def of_place(table: pd.DataFrame, code: str, within: bool = False) -> pd.DataFrame:
    """The shown rows of one municipality (four digits) or county (two digits) of a released table.

    ``within``: of a county those of its municipalities, whose numbers begin with its own.
    """
    county, column = len(code) == 2, "municipality" if "municipality" in table else "level"
    within = within and county and column == "municipality"
    if column not in table or not (within or county == (column == "level")):
        return table.iloc[:0]
    places = table[column].astype("str")
    rows = table[places.str[:2] == code if within else places.str.zfill(len(code)) == code]
    return rows[~rows["suppressed"].astype(bool)] if "suppressed" in rows else rows


def _counts(tables: Iterable[pd.DataFrame]) -> pd.Series:
    found = [table[name] for table in tables for name in ("n", "successes") if name in table]
    return pd.concat([column.astype("float64") for column in found] or [pd.Series(dtype="float64")]).dropna()


def _answers(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    found = [table[{"F-F1": "s_n"}.get(output, "n")] for output, table in tables.items()]
    return pd.concat([column.astype("float64") for column in found] or [pd.Series(dtype="float64")]).dropna()


def _if_any(name: str, number: float) -> dict[str, int]:
    return {} if pd.isna(number) else {name: int(number)}


def _controls(data: str, disclosure: Mapping, minimum_answers: int) -> list[str]:
    if data not in ("synthetic", "own"):
        return ["figures that their publisher has released"]
    done = ["made of released outputs alone, under their controls"]
    if disclosure["method"] == "suppress":
        done.append(f"audited with all outputs: every hidden count can vary by {disclosure['protection']} or more")
    if minimum_answers:
        done.append(f"a municipality is shown with {minimum_answers} answers or more")
    return done
