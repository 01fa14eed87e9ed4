"""Statistics Norway's StatBank table 10824 into the panel's contract: IMDi's wide CSV or a PxWeb JSON-stat2 response.

Suppression is data here: a cell printed «:» has no number and stays so. Printed percentages are never read, because
they stand as 0 beside suppressed counts. A cohort that the table only pads with zeros (the leavers of 2006, five
years after, in 2011) was not published: its rows are left out, not counted as zero.
"""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from introprog.displaced_rows import withdraw
from introprog.errors import Problem, nearest, raise_if
from introprog.panel import COUNTRY, PANEL_KEY, REGION_KEY
from introprog.status import GROUPS, TOTAL

COLUMN = re.compile(
    r"avslutta\.(?P<horizon>\w+?)_kjonn\.(?P<sex>\w+?)_avslutning\.status\.4\.(?P<status>[\w.]+?)"
    r"_aar\.(?P<year>\d{4})_enhet\.(?P<unit>\w+)"
)
HORIZONS = {"ettaar": 1, "toaar": 2, "treaar": 3, "fireaar": 4, "femaar": 5}
WIDE_STATUS = {"alle": TOTAL, "arbutd": "1", "ledig.tiltak": "2", "annet": "3"}
WIDE_SEX = {"alle": "both", "1": "men", "0": "women"}
WIDE_REGION = {"kommune_nr": 4, "fylke_nr": 2}
PX_SEX = {"0": "both", "1": "men", "2": "women"}
PX_CONTENTS = {"DeltakereProg": "programme", "Deltakere": "present"}
PX_IGNORED = {"DeltakereProg1", "Deltakere1"}
PX_DIMENSIONS = ("Region", "Kjonn", "IntroAvbrudd", "Arbeidsmarkedsstatus", "ContentsCode", "Tid")
SUPPRESSED = ":"
WORK_ONLY, EMPLOYED = "work_only", ("11", "15")
NAMES = {"programme": "ssb_november", "present": "present_municipality"}
CELL = ["region", "sex", "horizon", "status", "year", "geography"]


def read_statbank(
    paths: str | Path | Sequence[str | Path],
    definitions: Mapping[str, str] = NAMES,
    notes: list[Problem] | None = None,
    displaced_rows: str = "keep",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``region_status`` and ``municipality_panel`` (contract, section 5) from one file or several.

    ``definitions`` names the definition that each geography of the table stands for. Region codes keep the vintage of
    the file. Rows for economic regions and city districts are left out. Raises ``InputError`` with every fault of all
    files: unknown columns, dimensions, codes or values, and cells that two sources give differently. Rows that are
    displaced in the file (``introprog.displaced_rows``) are told in ``notes``, and kept as they stand or, with
    ``displaced_rows="withdraw"``, treated as suppressed. Where the files have the statuses within the groups,
    ``region_status`` also has the definition ``work_only``, the employed among all (status ``success``).
    """
    files = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    problems: list[Problem] = []
    cells = [read_cells(path, problems) for path in files]
    if not files:
        problems.append(Problem("config.yaml, statbank: path", "T0", "no file is named"))
    lacking = [
        c for c in (TOTAL, GROUPS["success"]) if not problems and not any((f["status"] == c).any() for f in cells)
    ]
    if lacking:
        what = f"status {' and '.join(lacking)} is not in the table"
        problems.append(
            Problem("StatBank 10824, Arbeidsmarkedsstatus", "T8", what, "00 (all) and 1 (work or education)")
        )
    raise_if(problems)
    table = pd.concat(cells, ignore_index=True).drop_duplicates([*CELL, "n", "suppressed"])
    twice = table[table.duplicated(CELL, keep=False)]
    if len(twice):
        where = ", ".join(p.name for p in files)
        values = (twice["region"] + " " + twice["year"].astype(str) + " " + twice["status"]).drop_duplicates().tolist()
        raise_if([Problem(where, "T7", "the same cell occurs with different values", count=len(twice), values=values)])
    names = ", ".join(p.name for p in files)
    cells = published(table)
    sound = withdraw(cells, names, [] if notes is None else notes)
    return to_panel(sound if displaced_rows == "withdraw" else cells, definitions)


def read_cells(path: Path, problems: list[Problem]) -> pd.DataFrame:
    """Cells of one file: region, sex, horizon, status, year (of measurement), geography, n (Int64), suppressed
    (bool)."""
    empty = pd.DataFrame({name: [] for name in [*CELL, "n", "suppressed"]})
    if not path.is_file():
        problems.append(Problem(path.name, "T1", "the file does not exist", hint="check statbank: path in config.yaml"))
        return empty
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    found: list[Problem] = []
    read = _json_cells if text.lstrip().startswith("{") else _wide_cells
    frame = read(text, path.name, found)
    problems.extend(found)
    return empty if found else frame


def _wide_cells(text: str, name: str, problems: list[Problem]) -> pd.DataFrame:
    lines = [line.split(";") for line in text.splitlines() if line.strip()]
    header, rows = [cell.strip('"') for cell in lines[0]] if lines else [""], lines[1:]
    if header[0] not in WIDE_REGION:
        hint = "the first column names the region of IMDi's file; a PxWeb response must be saved as JSON-stat2"
        problems.append(Problem(name, "T2", f"first column is {header[0]!r:.40}", ", ".join(WIDE_REGION), hint))
        return pd.DataFrame()
    parts = [COLUMN.fullmatch(column) for column in header[1:]]
    known = {"horizon": HORIZONS, "sex": WIDE_SEX, "status": WIDE_STATUS, "unit": {"personer": 0, "prosent": 0}}
    strange = [c for c, m in zip(header[1:], parts) if not m or any(m[k] not in v for k, v in known.items())]
    if strange:
        expected = "avslutta.<horizon>_kjonn.<sex>_avslutning.status.4.<status>_aar.<year>_enhet.<personer|prosent>"
        problems.append(Problem(name, "T3", "unknown columns", expected, count=None, values=strange))
    ragged = [i + 2 for i, row in enumerate(rows) if len(row) != len(header)]
    if ragged:
        problems.append(Problem(name, "T4", f"rows without {len(header)} fields", count=len(ragged), rows=ragged))
    if problems or not rows:
        return pd.DataFrame()
    grid = np.array([[cell.strip('"') for cell in row] for row in rows])
    counts = [i for i, m in enumerate(parts) if m["unit"] == "personer"]
    label = pd.DataFrame([parts[i].groupdict() for i in counts]).replace(
        {"horizon": HORIZONS, "sex": WIDE_SEX, "status": WIDE_STATUS}
    )
    region = [COUNTRY if code.strip("0") == "" else code.zfill(WIDE_REGION[header[0]]) for code in grid[:, 0]]
    cells = label.loc[np.tile(np.arange(len(label)), len(rows)), ["sex", "horizon", "status", "year"]].reset_index(
        drop=True
    )
    cells.insert(0, "region", np.repeat(region, len(label)))
    cells["year"] = cells["year"].astype(int)
    cells["geography"] = "programme"
    return cells.astype({"horizon": int}).assign(**_values(grid[:, 1:][:, counts].ravel(), name, problems))


def _values(values: np.ndarray, name: str, problems: list[Problem]) -> dict[str, pd.Series]:
    text = pd.Series(values, dtype="str").str.strip()
    hidden = text == SUPPRESSED
    bad = ~hidden & ~text.str.fullmatch(r"\d+")
    if bad.any():
        expected = "a whole number, or : where the cell is suppressed"
        problems.append(Problem(name, "T5", "not a count", expected, count=int(bad.sum()), values=text[bad].tolist()))
    return {"n": pd.to_numeric(text.where(~hidden & ~bad), errors="coerce").astype("Int64"), "suppressed": hidden}


def _json_cells(text: str, name: str, problems: list[Problem]) -> pd.DataFrame:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(name, "T2", f"not readable as JSON: {error.msg}, line {error.lineno}"))
        return pd.DataFrame()
    ids, dimension = data.get("id", []), data.get("dimension", {})
    lacking = [d for d in PX_DIMENSIONS if d not in ids or d not in dimension]
    if lacking or "value" not in data:
        hint = "ask PxWeb for format json-stat2 of table 10824 and select all its variables"
        problems.append(Problem(name, "T3", f"lacks {', '.join(lacking) or 'value'}", ", ".join(PX_DIMENSIONS), hint))
        return pd.DataFrame()
    codes = {d: _codes(dimension[d]["category"]["index"]) for d in ids}
    size = int(np.prod([len(codes[d]) for d in ids]))
    value, status = _by_position(data["value"], size), _by_position(data.get("status") or {}, size)
    if value is None or status is None:
        problems.append(Problem(name, "T4", f"value or status does not fit {size} cells"))
        return pd.DataFrame()
    grid = pd.DataFrame(list(product(*(codes[d] for d in ids))), columns=ids)
    _check_codes(codes, name, problems)
    grid["n"] = pd.to_numeric(pd.Series(value, dtype=object), errors="coerce").astype("Float64")
    grid["mark"] = pd.Series(status, dtype=object)
    grid = grid[grid["ContentsCode"].isin(PX_CONTENTS) & grid["Region"].str.fullmatch(r"0|\d{2}|\d{4}")]
    absent = grid["n"].isna() & grid["mark"].isin([".", ".."])
    hidden = (grid["mark"] == SUPPRESSED) | (grid["n"].isna() & ~absent)
    return pd.DataFrame(
        {
            "region": grid["Region"],
            "sex": grid["Kjonn"].map(PX_SEX),
            "horizon": pd.to_numeric(grid["IntroAvbrudd"], errors="coerce").astype("Int64"),
            "status": grid["Arbeidsmarkedsstatus"],
            "year": pd.to_numeric(grid["Tid"], errors="coerce").astype("Int64"),
            "geography": grid["ContentsCode"].map(PX_CONTENTS),
            "n": grid["n"].where(~hidden).astype("Int64"),
            "suppressed": hidden,
        }
    )[~absent]


def _codes(index: Mapping[str, int] | Sequence[str]) -> list[str]:
    return sorted(index, key=index.__getitem__) if isinstance(index, Mapping) else list(index)


def _by_position(values: Mapping[str, object] | Sequence[object], size: int) -> list[object] | None:
    """A JSON-stat list or sparse dictionary of cells as a full list; None when it does not fit."""
    if isinstance(values, Mapping):
        places = {int(k): v for k, v in values.items()}
        return [places.get(i) for i in range(size)] if all(0 <= i < size for i in places) else None
    return list(values) if len(values) == size else None


def _check_codes(codes: Mapping[str, list[str]], name: str, problems: list[Problem]) -> None:
    details = ("11", "15", "05", "21", "22", "32", "31", "33", "34", "35", "80", "08")
    known = {
        "Kjonn": tuple(PX_SEX),
        "IntroAvbrudd": tuple(f"{h:02d}" for h in range(1, 11)),
        "Arbeidsmarkedsstatus": (TOTAL, *GROUPS.values(), *details),
        "ContentsCode": (*PX_CONTENTS, *sorted(PX_IGNORED)),
    }
    for dimension, allowed in known.items():
        strange = [code for code in codes[dimension] if code not in allowed]
        if strange:
            hint = nearest(strange[0], allowed)
            problems.append(
                Problem(f"{name}, {dimension}", "T6", "unknown codes", ", ".join(allowed), hint, values=strange)
            )
    strange = [year for year in codes["Tid"] if not re.fullmatch(r"\d{4}", year)]
    if strange:
        problems.append(Problem(f"{name}, Tid", "T6", "not a year", "four digits", values=strange))
    if not any(code in PX_CONTENTS for code in codes["ContentsCode"]):
        hint = "select DeltakereProg (programme municipality) or Deltakere (present municipality)"
        problems.append(Problem(f"{name}, ContentsCode", "T6", "only percentages are selected", hint=hint))


def published(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells of cohorts that were published: those where some total is a number above zero, or is suppressed."""
    totals = cells[cells["status"] == TOTAL]
    alive = (totals["n"].fillna(0) > 0) | totals["suppressed"]
    cohort = ["year", "horizon", "geography"]
    return cells.merge(totals.loc[alive, cohort].drop_duplicates(), on=cohort)


def to_panel(cells: pd.DataFrame, definitions: Mapping[str, str] = NAMES) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``region_status`` and ``municipality_panel`` from cells; a printed zero stays zero (nobody left there)."""
    level = cells["region"].str.len().map({1: "country", 2: "county", 4: "municipality"})
    cells = cells.assign(
        region_level=level,
        exit_year=(cells["year"] - cells["horizon"]).astype("int16"),
        horizon=cells["horizon"].astype("int16"),
        definition=cells["geography"].map(dict(definitions)),
        n=cells["n"].astype("Int32"),
        suppressed=cells["suppressed"].astype(bool),
    )
    columns = [*REGION_KEY, "n", "suppressed"]
    region_status = pd.concat([cells[columns], employed(cells)[columns]], ignore_index=True)
    region_status = region_status.sort_values(REGION_KEY, ignore_index=True)
    municipal = cells[cells["region_level"] == "municipality"].rename(columns={"region": "municipality"})
    total, success = (
        municipal.loc[municipal["status"] == code, [*PANEL_KEY, "n"]] for code in (TOTAL, GROUPS["success"])
    )
    panel = total.merge(success.rename(columns={"n": "successes"}), on=PANEL_KEY, how="outer")
    panel["suppressed"] = panel["n"].isna() | panel["successes"].isna()
    return region_status, panel.sort_values(PANEL_KEY, ignore_index=True)


def employed(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of definition ``work_only`` by programme municipality: all (``00``), and the employed as ``success``.

    The employed are those with status 11 or 15 (employed, and employed in education); suppressed where one of them is.
    Only country and counties, and cohorts and horizons that have both.
    """
    above = cells["region_level"] != "municipality"
    rows = cells[(cells["geography"] == "programme") & above].assign(definition=WORK_ONLY)
    keys = [name for name in REGION_KEY if name != "status"]
    parts = rows[rows["status"].isin(EMPLOYED)].groupby(keys, observed=True)["n"].agg(["sum", "count", "size"])
    parts = parts[parts["size"] == len(EMPLOYED)]
    hits = parts["sum"].astype("Int32").where(parts["count"] == len(EMPLOYED)).rename("n").reset_index()
    hits = hits.assign(status="success", suppressed=hits["n"].isna())
    everyone = rows[rows["status"] == TOTAL].merge(hits[keys], on=keys)
    return pd.concat([everyone, hits], ignore_index=True)
