"""T-E11: who answered against who was asked: shares, response, weights, and whether response and score go together.

Only municipalities that took part: the weights repair who answered there. The spread of the response between groups is
the unconditional partial R-indicator (Schouten, Shlomo & Skinner 2011, Journal of Official Statistics 27, 231-253).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.disattenuation import pearson
from introprog.disclosure import blank, protect_shares
from introprog.displays.context import Context
from introprog.displays.f_e7 import LEVELS
from introprog.displays.waves import by_wave, construct_name, not_estimable, wave_name, wave_order
from introprog.estimable import NotEstimable
from introprog.link import survey_means
from introprog.measurement import MARGINS
from introprog.tables import Column, Row, Table
from introprog.weights import design_effect

VARIABLES = {
    "sex": {"nb": "Kjønn", "en": "Sex"},
    "age_group": {"nb": "Alder", "en": "Age"},
    "country_group": {"nb": "Landbakgrunn", "en": "Country background"},
}
FACTS = {
    "response": {"nb": "Svarandel, prosent", "en": "Response, per cent"},
    "design_effect": {"nb": "Designeffekt av vektene", "en": "Design effect of the weights"},
    "weight_p95": {"nb": "95-prosentilen av vektene", "en": "95th percentile of the weights"},
    "effective_n": {"nb": "Effektivt antall svar etter vekting", "en": "Effective answers after weighting"},
    "response_score_r": {"nb": "Kommunens svarandel og skår, r", "en": "The municipality's response and score, r"},
}
HEADS = (
    {"nb": "Spurt, prosent", "en": "Asked, per cent"},
    {"nb": "Svart, prosent", "en": "Answered, per cent"},
    {"nb": "Svarandel, prosent", "en": "Response, per cent"},
    {"nb": "Vekt", "en": "Weight"},
)
COUNTS = ["eligible", "answers", "asked_share", "answered_share", "response", "mean_weight"]
TOTAL = "total"


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``group`` (wave, variable, group: eligible, answers, shares, response, mean weight), ``spread`` (the
    partial R-indicator of a variable) and ``whole`` (a fact of the wave with limits); shares 0-1."""
    construct, level = settings["association"]["construct"], 1 - settings["association"]["alpha"]
    parts = []
    for wave in wave_order(settings):
        own = inputs["scales"][inputs["scales"]["wave"] == wave]
        frame = inputs["survey_frame"][inputs["survey_frame"]["wave"] == wave]
        frame = frame[frame["municipality"].isin(own["municipality"])]
        groups = pd.concat([group_rows(own, frame, v) for v in MARGINS], ignore_index=True)
        spread = [
            {"kind": "spread", "variable": v, "value": partial_r(groups[groups["variable"] == v])} for v in MARGINS
        ]
        whole = _whole(own, frame, construct, level)
        parts.append(pd.concat([groups, pd.DataFrame(spread + whole)], ignore_index=True).assign(wave=wave))
    table = pd.concat(parts, ignore_index=True)
    table = _hide(table, settings["disclosure"]["threshold"])
    groups = [TOTAL, *(g for v in MARGINS for g in LEVELS[v])]
    order = {"kind": ("group", "spread", "whole"), "variable": MARGINS, "fact": tuple(FACTS), "group": groups}
    names = [
        "wave",
        "kind",
        "variable",
        "group",
        *COUNTS,
        "fact",
        "value",
        "ci_low",
        "ci_high",
        "units",
        "method",
        "suppressed",
    ]
    return by_wave(table, settings, ["kind", "variable", "fact", "group"], order).reindex(columns=names)


def group_rows(people: pd.DataFrame, frame: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Asked, answers, shares, response and mean weight by the groups of ``variable``; ``total`` is all of them."""
    asked = frame.groupby(variable)["eligible"].sum()
    told = people[people[variable].notna()].groupby(variable)
    table = pd.DataFrame({"eligible": asked, "answers": told.size(), "mean_weight": told["weight"].mean()})
    table[["eligible", "answers"]] = table[["eligible", "answers"]].fillna(0)
    table = table.rename_axis("group").reset_index()
    total = {"group": TOTAL, "eligible": table["eligible"].sum(), "answers": table["answers"].sum()}
    total["mean_weight"] = people.loc[people[variable].notna(), "weight"].mean()
    table = pd.concat([table, pd.DataFrame([total])], ignore_index=True).astype(
        {"eligible": "int64", "answers": "int64"}
    )
    table["asked_share"] = table["eligible"] / max(total["eligible"], 1)
    table["answered_share"] = table["answers"] / max(total["answers"], 1)
    table["response"] = table["answers"] / table["eligible"].mask(table["eligible"] == 0)
    return table.assign(kind="group", variable=variable)


def partial_r(groups: pd.DataFrame) -> float:
    """Standard deviation of the response between the groups of one variable, weighted by those asked (0 = none)."""
    parts = groups[(groups["group"] != TOTAL) & (groups["eligible"] > 0)]
    if parts.empty:
        return float("nan")
    asked = parts["eligible"].to_numpy(float)
    response = parts["answers"].to_numpy(float) / asked
    centre = np.average(response, weights=asked)
    return float(np.sqrt(np.average((response - centre) ** 2, weights=asked)))


def _whole(people: pd.DataFrame, frame: pd.DataFrame, construct: str, level: float) -> list[dict]:
    weight = people["weight"].to_numpy(float)
    effect = design_effect(weight)
    facts = {"response": len(people) / max(frame["eligible"].sum(), 1), "design_effect": effect,
             "weight_p95": np.quantile(weight, 0.95), "effective_n": len(people) / effect}  # fmt: skip
    rows = [{"kind": "whole", "fact": fact, "value": value, "units": len(people)} for fact, value in facts.items()]
    means = survey_means(people, construct).set_index("municipality")
    asked = frame.groupby("municipality")["eligible"].sum().reindex(means.index)
    known = asked > 0
    row = {"kind": "whole", "fact": "response_score_r", "units": int(known.sum())}
    try:
        response = people.groupby("municipality").size().reindex(means.index) / asked
        found = pearson(means.loc[known, "s_mean"], response[known], level)
        row |= {"value": found.r, "ci_low": found.ci95[0], "ci_high": found.ci95[1], "method": "Pearson"}
    except NotEstimable as fault:
        row |= {"method": fault.method}
    return [*rows, row]


def _hide(table: pd.DataFrame, threshold: int) -> pd.DataFrame:
    groups = table["kind"] == "group"
    counts = table[groups].rename(columns={"eligible": "n", "answers": "successes"})
    tree = {TOTAL: [g for g in counts["group"].unique() if g != TOTAL]}
    hidden = protect_shares(counts, ["wave", "variable", "group"], {"group": tree}, threshold)
    hidden = hidden.reindex(table.index, fill_value=False).astype(bool)
    # the spread, beside the open groups, would narrow the hidden ones down
    closed = table[hidden].set_index(["wave", "variable"]).index
    hidden |= (table["kind"] == "spread") & pd.MultiIndex.from_frame(table[["wave", "variable"]]).isin(closed)
    return blank(table, hidden, [*COUNTS, "value"])


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Groups down, four columns a wave; facts of the whole wave below."""
    pick, labels = context.labels.pick, context.labels
    waves = list(dict.fromkeys(numbers["wave"]))
    columns = [Column(pick(h), wave_name(w, context)) for w in waves for h in HEADS]
    groups = numbers[numbers["kind"] == "group"].set_index(["variable", "group", "wave"])
    spread = numbers[numbers["kind"] == "spread"].set_index(["variable", "wave"])
    rows = []
    for variable, words in VARIABLES.items():
        rows.append(Row(pick(words), kind="head"))
        present = set(groups.loc[variable].index.get_level_values("group"))
        for group in [g for g in LEVELS[variable] if g in present]:
            cells = [text for w in waves for text in _cells(groups, (variable, group, w), context)]
            rows.append(Row(labels.term(f"{variable}.{group}", default=group.replace("-", "–")), cells, 1))
        told = [text for w in waves for text in ("", "", _points(spread.loc[variable, w], context), "")]
        rows.append(
            Row(
                pick({"nb": "Spredning i svarandel, prosentpoeng", "en": "Spread of response, percentage points"}),
                told,
                1,
            )
        )
    rows.append(Row(pick({"nb": "Hele undersøkelsen", "en": "The whole survey"}), kind="head"))
    facts = numbers[numbers["kind"] == "whole"].set_index(["fact", "wave"])
    for fact, words in FACTS.items():
        cells = [text for w in waves for text in ("", "", _fact(facts.loc[fact, w], fact, context), "")]
        rows.append(Row(pick(words), cells, 1))
    stub = pick({"nb": "Gruppe", "en": "Group"})
    return Table(context.language, context.title, stub, columns, rows, _footer(numbers, waves, context), context.stamp)


def _cells(groups: pd.DataFrame, key: tuple[str, str, str], context: Context) -> list[str]:
    if key not in groups.index:
        return ["-"] * 4
    row, labels = groups.loc[key], context.labels
    if row["suppressed"]:
        return [":"] * 4
    shares = [labels.share(row[c], 1) for c in ("asked_share", "answered_share", "response")]
    return [*shares, labels.number(row["mean_weight"], 2)]


def _points(row: pd.Series, context: Context) -> str:
    return ":" if row["suppressed"] else context.labels.number(100 * row["value"], 1)


def _fact(row: pd.Series, fact: str, context: Context) -> str:
    labels = context.labels
    if pd.isna(row["value"]):
        return not_estimable(row["method"], context)
    if fact == "response_score_r":
        return f"{labels.number(row['value'], 2)} {labels.interval(row['ci_low'], row['ci_high'], 2)}"
    return (
        labels.share(row["value"], 1)
        if fact == "response"
        else labels.number(row["value"], 0 if fact == "effective_n" else 2)
    )


def _footer(numbers: pd.DataFrame, waves: list[str], context: Context) -> list[str]:
    pick, labels = context.labels.pick, context.labels
    name = construct_name(context.settings["association"]["construct"], context).lower()
    level = labels.percent_sign(1 - context.settings["association"]["alpha"])
    notes = {
        "nb": "Bare kommuner med svar. Vekt: gjennomsnittet av vektene, som bringer kjønn, alder og landbakgrunn til "
        "utvalgsrammen. "
        "Spredning: standardavviket av svarandelen mellom gruppene (partiell R-indikator). Nederst: korrelasjonen "
        "mellom kommunens "
        f"svarandel og skår på {name}, med {level} intervall. Lav svarandel er ikke i seg selv skjevhet, og høy er "
        "ingen garanti mot den.",
        "en": "Only municipalities with answers. Weight: the mean of the weights, which bring sex, age and country "
        "background to the frame. "
        "Spread: the standard deviation of the response between the groups (partial R-indicator). Bottom: the "
        "correlation between the "
        f"municipality's response and its score on {name}, with {level} interval. A low response is not bias by "
        "itself, nor a high one a "
        "guarantee against it.",
    }
    whole = numbers[(numbers["kind"] == "whole") & (numbers["fact"] == "response")].set_index("wave")["units"]
    n = ", ".join(f"{labels.number(whole[w])} ({wave_name(w, context)})" for w in waves)
    counted = {"nb": f"svar {n}", "en": f"answers {n}"}
    definition = {
        "nb": "spurt = deltakere i utvalgsrammen i kommuner med svar",
        "en": "asked = participants in the frame in municipalities with answers",
    }
    return context.footer(numbers, pick(counted), pick(definition), [pick(notes)])
