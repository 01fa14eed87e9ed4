"""The numbers of one municipality at a time, for the search of the page and a page of its own: only what is released.

Everything comes from CSV twins of displays (F-C4 ranks, F-D1 adjusted shares, F-D5 funnel, F-C1-county, F-E5 and F-F1
survey), the released profile of municipalities and the panel after disclosure control; of a municipality without shown
numbers only the name is there, so that the search can say so. Texts are formatted
here, so that the page and the displays print the same.
"""

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter

import numpy as np
import pandas as pd

from introprog.data_kind import DATA_OF_SOURCE
from introprog.labels import Labels
from introprog.report.places import (
    county_places,
    funnel_picture,
    hidden_places,
    own_dots,
    result_line,
    similar_places,
    with_verdicts,
)

Tables = Mapping[str, pd.DataFrame]
NEEDED = ("F-D5",)


def results(tables: Tables, target: float, confidence: float = 0.95) -> pd.DataFrame:
    """All shown municipal results: ``municipality, name, horizon, n, rate, ci_low, ci_high, verdict`` and, where the
    municipality is ranked, ``rank_low, rank_high, ranked`` (how many are, those that are not shown among them).

    F-C4 has every moment for municipalities large enough to be ranked, F-D5 some moments for all; where both have
    one they rest on the same persons. Limits and verdict are exact binomial ones (``introprog.target``).
    """
    columns = ["municipality", "name", "horizon", "n", "rate"]
    ranks = tables.get("F-C4")
    funnel = tables["F-D5"].query("kind == 'municipality'")[columns]
    parts = [funnel] if ranks is None else [ranks[[*columns, "rank_low", "rank_high"]], funnel]
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["n", "rate"])
    rows = rows.drop_duplicates(["municipality", "horizon"], keep="first")
    rows = with_verdicts(rows, target, confidence)
    for name in ("rank_low", "rank_high"):
        rows[name] = rows.get(name, np.nan)
    ranked = {} if ranks is None else ranks.groupby("horizon").size().to_dict()
    rows["ranked"] = rows["horizon"].map(ranked).astype("Int64")
    return rows.sort_values(["municipality", "horizon"], ignore_index=True)


def town_data(tables: Tables, panel: pd.DataFrame, settings: Mapping, labels: Labels, words: Mapping) -> dict | None:
    """The search's data: ``target`` (0-1), ``words`` in one language, ``towns`` and ``counties``, each with its printed
    rows, ``funnel`` (``places.funnel_picture``) and ``hidden`` (number and name of those that are not shown).

    None where the run lacks the funnel. ``panel`` is the panel after disclosure control.
    """
    if any(name not in tables for name in NEEDED):
        return None
    say = {key: labels.pick(text) for key, text in words["town"].items()}
    rows = results(tables, settings["study"]["target_share"], settings["study"]["confidence"])
    say["target"] = labels.percent(settings["study"]["target_share"])
    parts = {
        "results": _results(rows, labels, say),
        "funnel": _funnel(tables["F-D5"], labels, say),
        "adjusted": _adjusted(tables.get("F-D1"), labels, say),
        "dot": own_dots(tables["F-D5"]),
        "series": _series(panel, settings["official_definition"], labels),
        "similar": similar_places(tables.get("municipality_profile"), rows, labels),
        "survey": _survey(tables, labels, say),
    }
    counties = county_places(tables.get("F-C1-county"), rows, settings, labels, say)
    say["pooled"] = say["pooled"].format(years=_years(tables, settings, labels))
    say["none_adjusted"] = say["none_adjusted"].format(count=settings["comparison"]["minimum_leavers"])
    official, kind = settings["official_definition"], DATA_OF_SOURCE[settings["source"]]
    say["note"] = " ".join(
        [
            labels.term("footer.definition", definition=labels.pick(settings["definitions"][official]["label"])),
            labels.term("footer.source", source=labels.term(f"origin.{kind}.register")),
        ]
    )
    names = rows.drop_duplicates("municipality").sort_values(["name", "municipality"])[["municipality", "name"]]
    towns = [
        {"code": code, "name": name, **{part: found.get(code, []) for part, found in parts.items()}}
        for code, name in names.itertuples(index=False)
    ]
    return {
        "target": settings["study"]["target_share"],
        "words": say,
        "towns": towns,
        "counties": counties,
        "hidden": hidden_places(tables["F-D5"], rows["municipality"]),
        "funnel": funnel_picture(tables["F-D5"], labels),
    }


def _years(tables: Tables, settings: Mapping, labels: Labels) -> str:
    """The years of leaving that are pooled: those in the data where the signal table says so, else the config's."""
    years = settings["comparison"]["exit_years"]
    if "signal" in tables:
        own = tables["signal"].query("definition == @settings['official_definition'] and horizon > 0")
        own = own[["first_exit_year", "last_exit_year"]].dropna().head(1)
        years = own.iloc[0] if len(own) else years
    first, last = years
    return labels.years(int(first), int(last))


def _grouped(rows: pd.DataFrame, make) -> dict[str, list]:
    ordered = rows.dropna(subset="municipality").sort_values("municipality", kind="stable")
    groups = groupby(ordered.itertuples(index=False), attrgetter("municipality"))
    return {code: [make(row) for row in own] for code, own in groups}


def _results(rows: pd.DataFrame, labels: Labels, say: Mapping) -> dict[str, list]:
    def line(row) -> dict:
        ranked = pd.notna(row.rank_low)
        places = say["of"].format(low=int(row.rank_low), high=int(row.rank_high), total=row.ranked) if ranked else ""
        shown = result_line(row, labels, say)
        return {**shown, "cells": [*shown["cells"], places or say["unranked"]]}

    return _grouped(rows, line)


def _funnel(funnel: pd.DataFrame, labels: Labels, say: Mapping) -> dict[str, list]:
    rows = funnel[(funnel["kind"] == "municipality") & funnel["rate"].notna()].sort_values("horizon", kind="stable")

    def line(row) -> str:
        level = float(row.outside_overdispersed)
        when = labels.term(f"horizon.{int(row.horizon)}")
        if not level > 0:
            return say["inside"].format(when=when)
        return say["outside"].format(when=when, level=labels.number(level, 0 if level % 1 == 0 else 1))

    return _grouped(rows, line)


def _adjusted(adjusted: pd.DataFrame | None, labels: Labels, say: Mapping) -> dict[str, list]:
    if adjusted is None:
        return {}
    order = {tier: i for i, tier in enumerate(("observed", "person", "programme", "local"))}
    rows = adjusted[adjusted["rate"].notna()].sort_values("tier", key=lambda s: s.map(order), kind="stable")
    return _grouped(
        rows,
        lambda r: [say[r.tier], labels.share(r.rate, 1), labels.interval(100 * r.ci_low, 100 * r.ci_high, 1)],
    )


def _series(panel: pd.DataFrame, official: str, labels: Labels) -> dict[str, list]:
    first = panel[
        (panel["definition"] == official) & (panel["horizon"] == 1) & (panel["sex"] == "both")
        & (panel["geography"] == "programme")
    ].sort_values("exit_year", kind="stable")  # fmt: skip
    first = first[first.groupby("municipality")["n"].transform("count") > 0]

    def line(row) -> list[str]:
        shown = [row.n, row.successes]
        if row.suppressed or any(pd.isna(v) for v in shown):
            return [str(row.exit_year), ":", ":", ":"]
        # a count that is rounded to nobody has no share
        share = labels.share(row.successes / row.n if row.n else None)
        return [str(row.exit_year), *(labels.number(int(v)) for v in shown), share]

    return _grouped(first, line)


def _survey(tables: Tables, labels: Labels, say: Mapping) -> dict[str, list]:
    """Wave, subject, score, interval, answers and the mean of all; satisfaction first, then the dimensions."""
    parts = []
    if "F-F1" in tables:
        linked = tables["F-F1"]
        linked = linked[(linked["kind"] == "municipality") & linked["s_mean"].notna()]
        linked = linked.drop_duplicates(["wave", "construct", "municipality"]).rename(
            columns={"s_mean": "mean", "s_low": "ci_low", "s_high": "ci_high", "s_n": "n"}
        )
        parts.append(linked.assign(subject=say["satisfaction"], everyone=np.nan, position=-1))
    if "F-E5" in tables:
        profile = tables["F-E5"]
        subjects = profile.assign(subject=profile[f"name_{labels.language}"])
        everyone = subjects[subjects["kind"] == "all"].set_index(["wave", "dimension"])["mean"].rename("everyone")
        towns = subjects[(subjects["kind"] == "municipality") & subjects["mean"].notna()]
        parts.append(towns.join(everyone, on=["wave", "dimension"]))
    if not parts:
        return {}
    columns = ["municipality", "wave", "position", "subject", "mean", "ci_low", "ci_high", "n", "everyone"]
    rows = pd.concat([p[columns] for p in parts], ignore_index=True)

    def line(row) -> list[str]:
        limits = labels.interval(max(row.ci_low, 0), min(row.ci_high, 100))
        shown = [labels.number(row.mean), limits, labels.number(row.n), labels.number(row.everyone)]
        return [labels.term(f"wave.{row.wave}", default=row.wave), row.subject, *shown]

    return _grouped(rows.sort_values(["municipality", "wave", "position"], kind="stable"), line)
