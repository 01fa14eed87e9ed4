"""Match report: who and what of one file is found in the others, by year and by municipality.

The report itself is private; ``shown`` gives what may leave: no municipality by itself, no small count, and no count
that follows from another one.
"""

from collections.abc import Mapping

import pandas as pd

from introprog.disclosure import protect

KEYS = ["part", "of", "found_in", "level", "year", "municipality"]
STRATUM = ["wave", "municipality", "sex", "age_group", "country_group"]
LEVELS = {"all": [], "year": ["year"], "municipality": ["municipality"]}


def match_report(
    registers: Mapping[str, pd.Series],
    programmes: pd.DataFrame,
    responses: pd.DataFrame,
    frame: pd.DataFrame,
    results: pd.DataFrame,
    link: pd.DataFrame,
) -> pd.DataFrame:
    """Rows ``part, of, found_in, level (all/year/municipality), year, municipality, n, found, share``.

    Parts: ``register`` (persons of the programme, by year of their first start and by programme municipality, found in
    each of ``registers``: name -> person keys); ``frame`` (answers of a wave whose stratum is in the frame);
    ``results`` (answers whose municipality has leavers in ``results``, a table with ``municipality``, and the
    municipalities themselves, as ``municipalities of <wave>``); ``person_link`` (answers by status of ``link``). Shares
    are 0-1.
    """
    parts = [
        *_registers(registers, programmes),
        _answers("frame", "survey_frame", responses, in_frame(responses, frame)),
        _answers("results", "leavers", responses, responses["municipality"].isin(results["municipality"])),
        _places(responses, results),
        *(_answers("person_link", status, link, link["status"].eq(status)) for status in sorted(set(link["status"]))),
    ]
    report = pd.concat([part for part in parts if len(part)], ignore_index=True)
    report["share"] = report["found"] / report["n"]
    return report.sort_values(KEYS, ignore_index=True, na_position="first")[[*KEYS, "n", "found", "share"]]


def _registers(registers: Mapping[str, pd.Series], programmes: pd.DataFrame):
    first = programmes.sort_values(["person_id", "start_date"]).drop_duplicates("person_id")
    people = pd.DataFrame(
        {"person_id": first["person_id"], "year": first["start_date"].dt.year, "municipality": first["municipality"]}
    )
    for name, ids in sorted(registers.items()):
        yield _counted("register", "programmes", name, people, people["person_id"].isin(ids), LEVELS)


def in_frame(responses: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Whether the stratum of each answer (municipality, sex, age, country group) is in the frame of its wave."""
    known = pd.MultiIndex.from_frame(frame[STRATUM].astype("str"))
    return pd.Series(pd.MultiIndex.from_frame(responses[STRATUM].astype("str")).isin(known), index=responses.index)


def _answers(part: str, where: str, responses: pd.DataFrame, found: pd.Series) -> pd.DataFrame:
    levels = {name: columns for name, columns in LEVELS.items() if name != "year"}
    waves = [
        _counted(part, f"answers of {wave}", where, rows, found.loc[rows.index], levels)
        for wave, rows in responses.groupby("wave", sort=True)
    ]
    return pd.concat(waves, ignore_index=True) if waves else pd.DataFrame()


def _places(responses: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    pairs = responses[["wave", "municipality"]].dropna().drop_duplicates()
    found = pairs["municipality"].isin(results["municipality"])
    waves = [
        _counted("results", f"municipalities of {wave}", "leavers", rows, found.loc[rows.index], {"all": []})
        for wave, rows in pairs.groupby("wave", sort=True)
    ]
    return pd.concat(waves, ignore_index=True) if waves else pd.DataFrame()


def _counted(part: str, of: str, where: str, rows: pd.DataFrame, found: pd.Series, levels: Mapping) -> pd.DataFrame:
    rows, tables = rows.assign(found=found.astype(bool)), []
    for level, columns in levels.items():
        groups = rows.dropna(subset=columns).groupby(columns or (lambda _: 0), sort=True)["found"]
        table = groups.agg(n="size", found="sum").reset_index(drop=not columns)
        tables.append(
            table.assign(part=part, of=of, found_in=where, level=level).reindex(columns=[*KEYS, "n", "found"])
        )
    return pd.concat(tables, ignore_index=True).astype({"year": "Int64", "municipality": "str"})


def shown(report: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """What may leave ``results/private``: totals and years; municipalities only as their number.

    ``found`` is hidden when 1 to ``threshold`` - 1 persons are found, or not found, or when that follows from other
    rows; ``n`` when it is small itself or must hide for another, and then in all registers, since they count the same
    persons. Adds ``suppressed``.
    """
    public = report[report["level"].isin(["all", "year"])].drop(columns="municipality").reset_index(drop=True)
    hidden = pd.DataFrame(False, index=public.index, columns=["n", "found"])
    persons = ~public["of"].str.startswith("municipalities of")
    for (part, _), rows in public[persons].groupby(["part", "of"], sort=True):
        rule = _hidden_statuses if part == "person_link" else _hidden_years
        hidden.loc[rows.index] = rule(rows, threshold)
    public = public.astype({"n": "Int64", "found": "Int64"})
    public["n"], public["found"] = public["n"].mask(hidden["n"]), public["found"].mask(hidden["found"])
    public["share"] = public["share"].mask(hidden.any(axis=1))
    return public.assign(suppressed=hidden.any(axis=1))


def _hidden_years(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Registers by year with their total, each cell in those found and those not."""
    cell = rows["year"].astype("str").where(rows["level"] == "year", "all")
    years = sorted(set(cell) - {"all"})
    counts = {"all": rows["n"], "found": rows["found"], "missing": rows["n"] - rows["found"]}
    long = pd.concat([rows[["found_in"]].assign(cell=cell, part=part, count=n) for part, n in counts.items()])
    long = long.reset_index(names="row")
    trees = {"part": {"all": ("found", "missing")}} | ({"cell": {"all": years}} if years else {})
    also = pd.Series(False, index=long.index)
    while True:
        hidden = protect(long, "count", ["found_in", "cell", "part"], trees, threshold, also)
        sizes = long["part"].eq("all")
        settled = sizes & long["cell"].map(hidden[sizes].groupby(long["cell"]).any())
        if (settled <= also).all():
            parts = hidden.groupby([long["row"], long["part"]]).any().unstack()
            return pd.DataFrame({"n": parts["all"], "found": parts["found"] | parts["missing"]}).reindex(rows.index)
        also = settled


def _hidden_statuses(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Statuses are the parts of all answers of a wave."""
    total = pd.DataFrame({"found_in": ["all"], "found": [rows["n"].iloc[0]]})
    table = pd.concat([rows[["found_in", "found"]], total], ignore_index=True)
    tree = {"found_in": {"all": sorted(rows["found_in"])}}
    hidden = protect(table, "found", ["found_in"], tree, threshold)
    return pd.DataFrame({"n": bool(hidden.iloc[-1]), "found": hidden.to_numpy()[:-1]}, index=rows.index)
