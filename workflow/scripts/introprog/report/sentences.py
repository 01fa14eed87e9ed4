"""What the tables of a run say, as sentences: every one is filled and worded by the numbers, none is written by hand.

Each statement is made by a function that takes the run's tables by name and gives the pattern's name and its values, or
None where the run lacks the numbers. «Cannot be told» is worded as a result like any other. Names of tables: those of
``introprog.plan`` for models, display ids for CSV twins.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from introprog.report.wording import Say, Statement, one_row
from introprog.target import verdict_of

Tables = Mapping[str, pd.DataFrame]
ALPHA = 0.05
WIDEST = 2.0


def official(tables: Tables, say: Say) -> str | None:
    """The official share at the first and the last moment, for the same cohorts."""
    pair = [one_row(tables["T-C6"], definition=say.official, months=12 * h) for h in (say.early, say.late)]
    if any(row is None for row in pair):
        return None
    early, late = pair
    years = say.labels.years(int(early["first_exit_year"]), int(early["last_exit_year"]))
    shares = {"early": say.labels.percent(early["share"]), "late": say.labels.percent(late["share"])}
    counts = {"n_early": say.labels.number(early["n"]), "n_late": say.labels.number(late["n"])}
    name = say.definition(say.official)
    return say.sentence("official", years=years, definition=name, **shares, **counts, **say.moments)


def target(tables: Tables, say: Say) -> str | None:
    """The country against the target: above, below, or cannot be told."""
    row = one_row(tables["T-C6"], definition=say.official, months=12 * say.early)
    if row is None:
        return None
    word = "above" if row["ci_low"] > say.target else "below" if row["ci_high"] < say.target else "cannot"
    interval = say.between(100 * row["ci_low"], 100 * row["ci_high"], 1)
    values = {"target": say.labels.percent(say.target), "share": say.labels.percent(row["share"], 1)}
    return say.sentence(f"target_{word}", when=say.after(say.early), interval=interval, **values)


def sex(tables: Tables, say: Say) -> str | None:
    """Men and women followed from the first to the last moment."""
    shares, rows = {}, tables["F-C1"].query("panel == 'same_leavers'")
    for name in ("men", "women"):
        for when, horizon in (("early", say.early), ("late", say.late)):
            row = one_row(rows, sex=name, horizon=horizon)
            if row is None:
                return None
            shares[f"{name}_{when}"] = row["share"]
    gaps = {
        f"gap_{when}": say.labels.share(abs(shares[f"men_{when}"] - shares[f"women_{when}"]))
        for when in ("early", "late")
    }
    return say.sentence("sex", **{k: say.labels.percent(v) for k, v in shares.items()}, **gaps, **say.moments)


def exit_measure(tables: Tables, say: Say) -> str | None:
    """The measure taken on leaving beside the official one of the same cohorts."""
    direct = one_row(tables["T-C6"], definition="direct_exit", months=0)
    later = one_row(tables["T-C6"], definition=say.official, months=12 * say.early)
    if direct is None or later is None:
        return None
    difference = say.labels.share(abs(direct["share"] - later["share"]))
    return say.sentence(
        "exit", exit=say.labels.percent(direct["share"]), difference=difference, when=say.after(say.early)
    )


def definitions(tables: Tables, say: Say) -> str | None:
    """The lowest and the highest share among all definitions at the first moment."""
    rows = tables["T-C6"]
    rows = rows[(rows["months"] == 12 * say.early) & rows["share"].notna()]
    if len(rows) < 2:
        return None
    low, high = rows.loc[rows["share"].idxmin()], rows.loc[rows["share"].idxmax()]
    labels = {"low_label": say.definition(low["definition"]), "high_label": say.definition(high["definition"])}
    shares = {"low": say.labels.percent(low["share"]), "high": say.labels.percent(high["share"])}
    return say.sentence("definitions", count=len(rows), when=say.after(say.early), **labels, **shares)


def told(tables: Tables, say: Say) -> str | None:
    """How many municipalities the target can be told for, among all whose figures may be shown."""
    rows = tables["F-D5"].query("kind == 'municipality'")
    at_moment = rows[rows["horizon"] == say.early]
    rows = at_moment[at_moment["rate"].notna() & at_moment["n"].notna()]
    if rows.empty:
        return None
    n = rows["n"].to_numpy(dtype=float)
    verdicts = verdict_of(np.rint(rows["rate"].to_numpy(dtype=float) * n), n, say.target)
    counts = {name: int((verdicts == code).sum()) for name, code in (("above", 1), ("below", -1), ("cannot", 0))}
    counts |= {"count": len(rows), "hidden": len(at_moment) - len(rows)}
    return say.sentence("told", target=say.labels.percent(say.target), when=say.after(say.early), **counts)


def _changes(tables: Tables, say: Say, rule: str) -> pd.Series | None:
    keys = {"horizon": say.early, "horizon_other": say.late, "rule": rule, "definition": say.official}
    return one_row(tables["target_changes"], **keys)


def crossings(tables: Tables, say: Say) -> str | None:
    """Municipalities that change side of the target between the moments, beside what chance would move."""
    row = _changes(tables, say, "point")
    if row is None:
        return None
    names = {"noise": "noise_and_shift", "low": "noise_and_shift_low", "high": "noise_and_shift_high"}
    chance = {key: say.labels.number(row[name]) for key, name in names.items()}
    parts = [say.sentence("crossings", changed=row["changed"], count=row["municipalities"], **chance, **say.moments)]
    ending = "crossings_beyond" if row["p_value"] < ALPHA else "crossings_within"
    parts.append(say.sentence(ending, p=say.labels.p_value(row["p_value"])))
    if str(row["method"]).startswith("counts only"):
        parts.append(say.sentence("crossings_counts"))
    return " ".join(parts)


def verdict_changes(tables: Tables, say: Say) -> str | None:
    """Changes among three verdicts, and full reversals."""
    row = _changes(tables, say, "tested")
    if row is None:
        return None
    return say.sentence(
        "verdict_changes", changed=row["changed"], count=row["municipalities"], reversed=row["reversed"]
    )


def ranks(tables: Tables, say: Say) -> str | None:
    """Rank correlation between the moments, as seen and freed of noise."""
    keys = {"definition": say.official, "horizon": say.early, "horizon_other": say.late}
    rows = {term: one_row(tables["rank_correlation"], term=term, **keys) for term in ("raw", "corrected")}
    if any(row is None for row in rows.values()):
        return None
    values = {term: say.labels.number(row["estimate"], 2) for term, row in rows.items()}
    limits = {f"{term}_interval": say.between(row["ci_low"], row["ci_high"]) for term, row in rows.items()}
    return say.sentence("ranks", **values, **limits, **say.moments)


def rank_sets(tables: Tables, say: Say) -> str | None:
    """How many places the middle municipality's confidence set for its rank holds."""
    rows = tables["F-C4"]
    rows = rows[(rows["horizon"] == say.early) & rows["rank_low"].notna()]
    if rows.empty:
        return None
    width = int((rows["rank_high"] - rows["rank_low"] + 1).median())
    return say.sentence("rank_sets", count=len(rows), width=width, when=say.after(say.early))


def signal(tables: Tables, say: Say) -> str | None:
    """How much of the municipal differences is more than noise."""
    row = one_row(tables["signal"], definition=say.official, horizon=say.early)
    if row is None:
        return None
    values = {
        "median": say.labels.number(row["median_reliability"], 2),
        "share": say.labels.percent(row["share_over_07"]),
        "leavers": say.labels.number(row["leavers_for_07"]),
    }
    return say.sentence("signal", count=int(row["municipalities"]), when=say.after(say.early), **values)


def forecast(tables: Tables, say: Say) -> str | None:
    """What a lead at the first moment says of the last one: less, more, or cannot be told.

    A slope whose interval is wider than from none of the lead to twice the lead comes from municipalities that are
    hardly told apart at the first moment; its limits decide nothing.
    """
    keys = {"definition": say.official, "horizon": say.early, "horizon_other": say.late}
    row = one_row(tables["forecast"], model="one_moment", term="slope_corrected", **keys)
    if row is None:
        return None
    wide = row["ci_high"] - row["ci_low"] > WIDEST
    ending = "open" if wide else "less" if row["ci_high"] < 1 else "more" if row["ci_low"] > 1 else "open"
    interval = say.between(10 * row["ci_low"], 10 * row["ci_high"], 1)
    points = say.labels.number(10 * row["estimate"], 1)
    first = say.sentence("forecast", points=points, interval=interval, **say.moments)
    return f"{first} {say.sentence(f'forecast_{ending}')}"


def answers(tables: Tables, say: Say) -> str | None:
    """Positive answers, wave by wave: the least and the most positive item.

    The twin's answers run from negative to positive. Items that are worded negatively are left out, as their text and
    their positive end do not read together; so are items with a hidden answer.
    """
    rows = tables["F-E2"]
    rows = rows[(rows["kind"] == "valid") & ~rows["reversed"].astype(bool)]
    hidden = rows["share"].isna().groupby([rows["wave"], rows["item"]]).transform("any")
    positive = rows[~hidden & (rows["answer"].astype(float) > (rows["steps"].astype(float) + 1) / 2)]
    item = f"item_{say.labels.language}"
    shares = positive.groupby(["wave", item], sort=True)["share"].sum()
    parts = []
    for wave, own in shares.groupby(level="wave"):
        ends = {"low_item": own.idxmin()[1], "high_item": own.idxmax()[1]}
        values = {"low": say.labels.percent(own.min()), "high": say.labels.percent(own.max())}
        name = say.labels.term(f"wave.{wave}", default=wave)
        parts.append(say.sentence("answers", wave=name, count=len(own), **ends, **values))
    return " ".join(parts) or None


def association(tables: Tables, say: Say) -> str | None:
    """The verdict on the primary contrast, in the words of the model that gave it."""
    rows = tables["verdict"]
    rows = rows[rows["primary"].astype(bool)]
    return None if rows.empty else str(rows.iloc[0][f"sentence_{say.labels.language}"])


def association_counts(tables: Tables, say: Say) -> str | None:
    """How the other contrasts fall."""
    verdicts = tables["verdict"]["verdict"].astype(str)
    missing = int(verdicts.str.startswith("not estimable").sum())
    counts = {name: int((verdicts == name).sum()) for name in ("associated", "equivalent", "undecided")}
    return say.sentence("association_counts", count=len(verdicts) - missing, missing=missing, **counts)


def time_order(tables: Tables, say: Say) -> str | None:
    """The correlation by either time order, wave by wave: those in the programme when surveyed, and earlier leavers.

    Everything else is as in the primary contrast. The two share the survey's answers, so their intervals are told
    beside each other and no test of the difference is made of them.
    """
    rows = tables["association_specifications"]
    primary = rows[rows["primary"].astype(bool)]
    if primary.empty:
        return None
    for name in ("construct", "definition", "horizon", "adjustment", "weighting"):
        rows = rows[rows[name] == primary[name].iloc[0]]
    parts = []
    for wave, own in rows.groupby("wave", sort=True):
        pair = {name: one_row(own, alignment=name) for name in ("concurrent", "published")}
        if all(row is not None and pd.notna(row["ci_low"]) for row in pair.values()):
            shown = {name: say.labels.number(row["estimate"], 2) for name, row in pair.items()}
            limits = {f"{name}_interval": say.between(row["ci_low"], row["ci_high"]) for name, row in pair.items()}
            change = say.labels.number(abs(pair["published"]["estimate"] - pair["concurrent"]["estimate"]), 2)
            name = say.labels.term(f"wave.{wave}", default=wave)
            parts.append(say.sentence("time_order", wave=name, change=change, **shown, **limits))
            apart = max(r["ci_low"] for r in pair.values()) > min(r["ci_high"] for r in pair.values())
            parts.append(say.sentence("time_order_apart" if apart else "time_order_overlap"))
    return " ".join(parts) or None


def reconciliation(tables: Tables, say: Say) -> str | None:
    """Own figures held against the published ones."""
    rows = tables["reconciliation"]
    rows = rows[rows["within_tolerance"].notna()]
    if rows.empty:
        return None
    inside = rows["within_tolerance"].astype(str).eq("True")
    chance = rows["within_noise"].astype(str).eq("True") & ~inside
    values = {"within": int(inside.sum()), "outside": int((~inside).sum()), "noise": int(chance.sum())}
    text = say.sentence("reconciliation", count=len(rows), **values)
    return f"{text} {say.sentence('reconciliation_reading')}" if say.source == "statbank" else text


def flow(tables: Tables, say: Say) -> str | None:
    """From raw rows to persons observed the year after."""
    rows = tables["T-A5"].set_index("criterion")["n_out"]
    lacking = {"leavers", "h1_observed"} - set(rows.dropna().index)
    first = tables["T-A5"].sort_values("step")["n_in"].iloc[0]
    if lacking or pd.isna(first):
        return None
    number = say.labels.number
    return say.sentence(
        "flow", first=number(first), leavers=number(rows["leavers"]), observed=number(rows["h1_observed"])
    )


def quality(tables: Tables, say: Say) -> str | None:
    """What reading and cleaning did to rows, hidden small counts left out."""
    rows = tables["T-A6"]
    sums = rows.groupby("action")["n"].sum()
    counts = {name: say.labels.number(sums.get(name, 0)) for name in ("corrected", "dropped", "flagged")}
    return say.sentence("quality", rules=rows["rule"].nunique(), **counts)


Maker = Callable[[Tables, Say], str | None]
MAKERS: dict[str, tuple[Maker, str, tuple[str, ...]]] = {
    "official": (official, "T-C6", ("T-C6", "F-C1")),
    "target": (target, "T-C6", ("F-B2", "T-C6")),
    "sex": (sex, "F-C1", ("F-C1",)),
    "exit": (exit_measure, "T-C6", ("F-B3", "T-C6")),
    "definitions": (definitions, "T-C6", ("T-C6", "F-C7")),
    "told": (told, "F-D5", ("F-D5",)),
    "crossings": (crossings, "target_changes", ("F-C4",)),
    "verdict_changes": (verdict_changes, "target_changes", ("F-C4",)),
    "ranks": (ranks, "rank_correlation", ("T-C5", "F-C4")),
    "rank_sets": (rank_sets, "F-C4", ("F-C4",)),
    "signal": (signal, "signal", ("F-D6", "F-D5")),
    "forecast": (forecast, "forecast", ("F-C9",)),
    "answers": (answers, "F-E2", ("F-E2",)),
    "association": (association, "verdict", ("F-F1", "T-F4")),
    "association_counts": (association_counts, "verdict", ("T-F4", "F-F3")),
    "time_order": (time_order, "association_specifications", ("F-F8",)),
    "reconciliation": (reconciliation, "reconciliation", ("T-B7",)),
    "flow": (flow, "T-A5", ("T-A5",)),
    "quality": (quality, "T-A6", ("T-A6",)),
}


def statements(tables: Tables, say: Say) -> dict[str, Statement]:
    """Every sentence that ``tables`` can feed, by key, in the order of ``MAKERS``."""
    found = {}
    for key, (make, table, displays) in MAKERS.items():
        text = make(tables, say) if table in tables else None
        if text:
            found[key] = Statement(key, text, table, displays)
    return found
