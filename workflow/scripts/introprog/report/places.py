"""What the search shows around one municipality: its dot in the funnel, its county, and municipalities that are alike.

Like ``municipality``, only from what displays and models already show; texts are formatted here.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.intervals import clopper_pearson
from introprog.labels import Labels
from introprog.similarity import nearest_municipalities
from introprog.target import VERDICTS, verdict_of

KEYS = {"below": "below", "cannot be told": "cannot", "above": "above"}
PERIOD = ["first_exit_year", "last_exit_year"]
NEIGHBOURS = 5
TICKS = (10, 30, 100, 300, 1000, 3000, 10000)


def with_verdicts(rows: pd.DataFrame, target: float, confidence: float) -> pd.DataFrame:
    """``rows`` (``n``, ``rate`` 0-1) with exact binomial ``ci_low, ci_high`` and the ``verdict`` against ``target``."""
    n = rows["n"].to_numpy(dtype=float)
    successes = np.rint(rows["rate"].to_numpy(dtype=float) * n)
    low, high = clopper_pearson(successes, n, confidence)
    words = np.array(VERDICTS, dtype=object)[verdict_of(successes, n, target, confidence) + 1]
    return rows.assign(ci_low=low, ci_high=high, verdict=words)


def result_line(row, labels: Labels, say: Mapping) -> dict:
    """One moment: ``at`` (share and limits, 0-1) for the chart, ``cells`` as printed: moment, n, share, interval,
    verdict."""
    return {
        "at": [round(float(v), 4) for v in (row.rate, row.ci_low, row.ci_high)],
        "cells": [
            labels.term(f"horizon.{int(row.horizon)}"),
            labels.number(row.n),
            labels.share(row.rate, 1),
            labels.interval(100 * row.ci_low, 100 * row.ci_high, 1),
            say[KEYS[row.verdict]],
        ],
    }


def funnel_picture(funnel: pd.DataFrame, labels: Labels) -> dict:
    """The funnel at its first moment: ``dots`` (n, share) of all municipalities shown, ``limits`` (level as printed,
    with n, low and high on a line each), ``mean`` and ``ticks`` of the axis of persons."""
    rows = funnel[funnel["horizon"] == funnel["horizon"].min()]
    towns = rows[(rows["kind"] == "municipality") & rows["rate"].notna()].sort_values(["n", "rate"], kind="stable")
    limits = rows[rows["kind"] == "limit"].sort_values(["level", "n"], kind="stable")
    lines = [
        {
            "level": labels.percent_sign(level, 0 if round(100 * level, 6) % 1 == 0 else 1),
            "points": [[int(r.n), round(r.drawn_low, 3), round(r.drawn_high, 3)] for r in own.itertuples()],
        }
        for level, own in limits.groupby("level")
    ]
    largest = max((line["points"][-1][0] for line in lines), default=int(towns["n"].max()))
    mean = rows["mean"].dropna() if "mean" in rows else pd.Series(dtype=float)
    return {
        "horizon": labels.term(f"horizon.{int(rows['horizon'].iloc[0])}"),
        "mean": round(float(mean.iloc[0]), 4) if len(mean) else None,
        "dots": [[int(r.n), round(float(r.rate), 4)] for r in towns.itertuples()],
        "limits": lines,
        "ticks": [[tick, labels.number(tick)] for tick in TICKS if tick <= largest],
        "span": [8, largest],
    }


def own_dots(funnel: pd.DataFrame) -> dict[str, list]:
    """Place of every municipality shown in ``funnel_picture``: number of persons and share."""
    rows = funnel[(funnel["horizon"] == funnel["horizon"].min()) & (funnel["kind"] == "municipality")]
    rows = rows[rows["rate"].notna()]
    return {r.municipality: [int(r.n), round(float(r.rate), 4)] for r in rows.itertuples()}


def hidden_places(funnel: pd.DataFrame, shown: pd.Index) -> list[list[str]]:
    """Number and name of the municipalities of the funnel that no figure may be shown for, by number."""
    rows = funnel[(funnel["kind"] == "municipality") & ~funnel["municipality"].isin(shown)]
    rows = rows.drop_duplicates("municipality").sort_values("municipality")
    return [[str(r.municipality), str(r.name)] for r in rows[["municipality", "name"]].itertuples(index=False)]


def county_places(
    shares: pd.DataFrame | None, results: pd.DataFrame, settings: Mapping, labels: Labels, say: Mapping
) -> list[dict]:
    """Every county of F-C1-county as the search shows it, by name: its latest set of cohorts with most moments, and the
    results of its municipalities (numbers that begin with the county's) at the first moment after leaving."""
    if shares is None:
        return []
    study = settings["study"]
    rows = shares.rename(columns={"share": "rate"}).assign(level=shares["level"].astype(str).str.zfill(2))
    rows = rows[rows["level"].str.fullmatch(r"\d\d") & rows["rate"].notna()]
    # a hidden share leaves a set with a moment less
    rows = rows.assign(moments=rows.groupby(["level", *PERIOD])["horizon"].transform("size"))
    best = rows.sort_values(["moments", *PERIOD]).drop_duplicates("level", keep="last")[["level", *PERIOD]]
    rows = with_verdicts(rows.merge(best, on=["level", *PERIOD]), study["target_share"], study["confidence"])
    first = _year_after(results).sort_values(["name", "municipality"])
    found = []
    for code, own in rows.sort_values("horizon").groupby("level"):
        years = labels.years(*(int(own[name].iloc[0]) for name in PERIOD))
        towns = first[first["municipality"].str[:2] == code]
        place = {"code": code, "name": str(own["name"].iloc[0]).zfill(2), "county": True}
        place["pooled"] = say["pooled"].format(years=years)
        place["results"] = [result_line(row, labels, say) for row in own.itertuples(index=False)]
        place["towns"] = [_within(row, labels, say) for row in towns.itertuples(index=False)]
        found.append(place)
    return sorted(found, key=lambda place: (place["name"], place["code"]))


def _year_after(results: pd.DataFrame) -> pd.DataFrame:
    """The first moment after leaving, the one at which most municipalities are shown."""
    after = results[results["horizon"] > 0]
    return after[after["horizon"] == after["horizon"].min()]


def _named(code: str, name: str) -> str:
    return code if name == code else f"{name} ({code})"


def _within(row, labels: Labels, say: Mapping) -> dict:
    shown = result_line(row, labels, say)["cells"][1:]
    return {"code": row.municipality, "cells": [_named(row.municipality, row.name), *shown]}


def similar_places(
    profile: pd.DataFrame | None, results: pd.DataFrame, labels: Labels, count: int = NEIGHBOURS
) -> dict[str, list]:
    """For every municipality shown, itself and its ``count`` nearest (``introprog.similarity``) with size, centrality,
    unemployment, and the result at the first moment after leaving. Nothing without a profile (source StatBank)."""
    if profile is None:
        return {}
    first = _year_after(results).set_index("municipality")
    known = profile[profile["municipality"].isin(first.index)]
    lines = {}
    for row in known.itertuples(index=False):
        own = first.loc[row.municipality]
        lines[row.municipality] = {
            "code": row.municipality,
            "cells": [
                _named(row.municipality, own["name"]),
                labels.number(row.population),
                labels.number(row.centrality),
                labels.number(row.unemployment, 1),
                labels.number(own["n"]),
                labels.share(own["rate"], 1),
                labels.interval(100 * own["ci_low"], 100 * own["ci_high"], 1),
            ],
        }
    pairs = nearest_municipalities(known, count).sort_values(["municipality", "place"])
    others = pairs.groupby("municipality", sort=True)["other"].agg(list)
    return {code: [lines[code], *(lines[other] for other in near)] for code, near in others.items()}
