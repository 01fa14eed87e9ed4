"""Municipality codes of all years brought to the list of one year, with splits explicit.

Changes are followed date by date from each code to the list valid on 1 January of the target year; codes younger than
the target are followed backwards. A merged or renumbered municipality has one target. A split one has several, each
with its share of the old population: a person's own residence decides between them where it can, else the largest
successor, and every such row is counted (M2). A code that was out of use at the date of its row is still mapped and
counted (M4); a code without a place in the target list becomes missing (M3).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.cleaning.quality import QualityLog
from introprog.readers.origin import Origin

LEAST_SHARE = 0.001
UNKNOWN_ORIGIN = Origin()


def code_map(changes: pd.DataFrame, municipalities: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Targets of every code that ever was: ``code, target, share, retired``.

    ``changes`` has ``date, old_code, new_code, share``; ``municipalities`` has ``municipality, year, population``.
    Shares of a code sum to 1; ``retired`` is the date from which the code is no longer in use (NaT = in use). Codes
    that do not end in the target list have no row.
    """
    target_day = pd.Timestamp(vintage, 1, 1)
    changes = _with_remainders(changes, municipalities)
    forward = changes[changes["date"] <= target_day].sort_values(["date", "old_code", "new_code"])
    backward = _reversed(changes[changes["date"] > target_day], municipalities)
    codes = sorted(set(municipalities["municipality"]) | set(changes["old_code"]) | set(changes["new_code"]))
    steps = [_edges(g, "new_code", "old_code") for _, g in sorted(backward.groupby("date"), reverse=True)]
    steps += [_edges(g, "old_code", "new_code") for _, g in forward.groupby("date")]
    listed = set(municipalities.loc[municipalities["year"] == vintage, "municipality"])
    rows = []
    for code in codes:
        shares = {code: 1.0}
        for step in steps:
            shares = _follow(shares, step)
        total = sum(shares.values())
        rows += [(code, target, share / total) for target, share in sorted(shares.items())]
    mapping = pd.DataFrame(rows, columns=["code", "target", "share"])
    mapping = mapping[mapping["target"].isin(listed)] if listed else mapping
    mapping = mapping.assign(share=mapping["share"] / mapping.groupby("code")["share"].transform("sum"))
    retired = _retired(changes).reindex(mapping["code"]).to_numpy()
    return mapping.assign(retired=retired.astype("datetime64[s]")).reset_index(drop=True)


def _follow(shares: Mapping[str, float], step: Mapping[str, list[tuple[str, float]]]) -> dict[str, float]:
    moved: dict[str, float] = {}
    for code, share in shares.items():
        for target, part in step.get(code, [(code, 1.0)]):
            moved[target] = moved.get(target, 0.0) + share * part
    return {code: share for code, share in moved.items() if share >= LEAST_SHARE}


def _edges(group: pd.DataFrame, start: str, end: str) -> dict[str, list[tuple[str, float]]]:
    parts = group.assign(share=group["share"] / group.groupby(start)["share"].transform("sum"))
    return {code: list(zip(g[end], g["share"])) for code, g in parts.groupby(start)}


def _with_remainders(changes: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Add the part that stays where a municipality gives away less than all of itself and lives on."""
    given = changes.groupby(["date", "old_code"], as_index=False)["share"].sum()
    last = municipalities.groupby("municipality")["year"].max()
    lives = given["old_code"].map(last).astype("float64").fillna(0) >= given["date"].dt.year
    rest = given[(given["share"] < 1 - LEAST_SHARE) & lives]
    rest = rest.assign(new_code=rest["old_code"], share=1 - rest["share"])
    columns = ["date", "old_code", "new_code", "share"]
    return pd.concat([changes[columns], rest[columns]], ignore_index=True)


def _reversed(changes: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    latest = municipalities.sort_values("year").drop_duplicates("municipality", keep="last")
    population = latest.set_index("municipality")["population"].astype("float64").fillna(1)
    return changes.assign(share=changes["share"] * changes["old_code"].map(population).astype("float64").fillna(1.0))


def _retired(changes: pd.DataFrame) -> pd.Series:
    kept = changes[changes["old_code"] == changes["new_code"]][["date", "old_code"]].assign(kept=True)
    gone = changes.merge(kept, on=["date", "old_code"], how="left")
    gone = gone[gone["kept"].isna()]
    came = changes.groupby("new_code")["date"].max()
    retired = gone.groupby("old_code")["date"].max()
    return retired[~(retired < came.reindex(retired.index))]


def to_vintage(
    frame: pd.DataFrame,
    mapping: pd.DataFrame,
    log: QualityLog,
    table: str,
    date: str,
    residence: pd.DataFrame | None = None,
    origin: Origin = UNKNOWN_ORIGIN,
) -> pd.Series:
    """Target code of each row of ``frame`` (its ``municipality_source`` at the day in column ``date``).

    ``residence`` (``person_id, first_date, last_date, municipality``) settles splits for rows with a ``person_id``.
    Corrections are noted in ``log`` under ``table`` and the year of ``date``, with the row numbers that ``origin`` has
    for the index of ``frame``.
    """
    codes, dates = frame["municipality_source"], frame[date]
    years = dates.dt.year.astype("float64").to_numpy()
    largest = mapping.sort_values(["code", "share", "target"], ascending=[True, False, True]).drop_duplicates("code")
    largest = largest.set_index("code")
    target = codes.map(largest["target"]).astype("str")
    split = codes.isin(mapping.loc[mapping.duplicated("code"), "code"]).to_numpy()
    if split.any() and residence is not None and "person_id" in frame:
        chosen = _by_residence(frame.loc[split, ["person_id", "municipality_source"]], dates[split], mapping, residence)
        target.loc[chosen.index] = chosen
    unknown = (codes.notna() & target.isna()).to_numpy()
    log.judge(
        f"{origin.name(table)}, municipality code",
        "M3",
        unknown,
        codes,
        "a code in kommuner.csv or kommune_endringer.csv",
        "add the missing codes or changes to kommune_endringer.csv; borough and county codes do not belong here",
        origin.rows(frame.index[unknown]),
    )
    retired = largest["retired"].reindex(codes).set_axis(codes.index)
    late = (retired.notna() & (dates >= retired)).to_numpy()
    renamed = (target.notna() & (target != codes)).to_numpy() & ~split
    for rule, rows in (("M1", renamed), ("M2", split), ("M3", unknown), ("M4", late)):
        log.note(table, rule, years[rows], rows=() if rule == "M1" else origin.examples(frame.index[rows]))
    return target.rename("municipality")


def _by_residence(rows: pd.DataFrame, dates: pd.Series, mapping: pd.DataFrame, residence: pd.DataFrame) -> pd.Series:
    """Of a split's successors, the one where the person lived nearest in time to the row's date."""
    asked = rows.assign(date=dates, row=rows.index)
    spells = residence[residence["person_id"].isin(asked["person_id"])]
    near = asked.merge(spells[["person_id", "first_date", "last_date", "municipality"]], on="person_id")
    near = near.merge(
        mapping[["code", "target"]],
        left_on=["municipality_source", "municipality"],
        right_on=["code", "target"],
    )
    before = (near["first_date"] - near["date"]).dt.days
    after = (near["date"] - near["last_date"]).dt.days.fillna(0)
    near = near.assign(distance=np.maximum(np.maximum(before, after), 0))
    near = near.sort_values(["row", "distance", "first_date"], ascending=[True, True, False]).drop_duplicates("row")
    return near.set_index("row")["target"]


def clean_municipalities(
    kommuner: pd.DataFrame, mapping: pd.DataFrame, changes: pd.DataFrame, vintage: int
) -> pd.DataFrame:
    """Municipality context at the target vintage: one row a target municipality and year.

    Population is summed by share, unemployment averaged by population; centrality, labour-market region,
    KOSTRA group and organisation in NAV are those of the part with the largest population. Names and counties are
    those of the target list.
    """
    parts = kommuner.merge(mapping[["code", "target", "share"]], left_on="municipality", right_on="code")
    parts = parts.assign(weight=parts["population"].astype("float64").fillna(1) * parts["share"])
    parts = parts.sort_values(["target", "year", "weight", "code"], ascending=[True, True, False, True], kind="stable")
    keys = ["target", "year"]
    counted = parts.assign(
        known=parts["population"].astype("float64") * parts["share"],
        jobless=parts["unemployment"] * parts["weight"],
        base=parts["weight"].where(parts["unemployment"].notna()),
    )
    sums = counted.groupby(keys)[["known", "jobless", "base"]].sum(min_count=1)
    first = parts.groupby(keys)[["centrality", "labour_market_region", "kostra_group", "in_nav"]].first()
    table = first.join(sums).reset_index().rename(columns={"target": "municipality"})
    table = table.join(_names(kommuner, changes, vintage), on="municipality")
    return pd.DataFrame(
        {
            "municipality": table["municipality"].astype("str"),
            "name": table["name"].fillna(table["municipality"]).astype("str"),
            "county": table["county"].fillna(table["municipality"].str[:2]).astype("str"),
            "county_name": table["county_name"].fillna("").astype("str"),
            "year": table["year"].astype("int16"),
            "population": table["known"].round().astype("Int64"),
            "unemployment": (table["jobless"] / table["base"]).astype("float64"),
            "centrality": table["centrality"].astype("Int8"),
            "labour_market_region": table["labour_market_region"].astype("str"),
            "kostra_group": table["kostra_group"].astype("str"),
            "in_nav": table["in_nav"].map({"true": True, "false": False}).astype("boolean"),
        }
    )


def _names(kommuner: pd.DataFrame, changes: pd.DataFrame, vintage: int) -> pd.DataFrame:
    nearest_first = kommuner.assign(away=(kommuner["year"].astype("int64") - vintage).abs()).sort_values(
        ["away", "year"]
    )
    names = nearest_first.drop_duplicates("municipality").set_index("municipality")[["name", "county", "county_name"]]
    named = changes.sort_values("date").drop_duplicates("new_code", keep="last").set_index("new_code")["new_name"]
    new = named[~named.index.isin(names.index)].rename("name").to_frame()
    new["county"] = new.index.str[:2]
    counties = nearest_first.drop_duplicates("county").set_index("county")["county_name"]
    return pd.concat([names, new.assign(county_name=new["county"].map(counties))])
