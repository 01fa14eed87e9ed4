"""F-D4: time from settlement to the first work or education: all, and the fastest and slowest quarter of
municipalities."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.curves import curves, risk_table
from introprog.displays.waves import not_estimable
from introprog.house_style import INK, page, percent_axis
from introprog.settlement import CAUSES, CURVE, SHARE

CAUSE = CAUSES[0]
PANEL = 11.2
SERIES = (
    ("all", "all", {"nb": "Alle", "en": "All"}, INK, "o", INK),
    ("speed", "fastest", {"nb": "Raskeste fjerdedel", "en": "Fastest quarter"}, "#0072B2", "s", "#005A8C"),
    ("speed", "slowest", {"nb": "Langsomste fjerdedel", "en": "Slowest quarter"}, "#D55E00", "^", "#9A3D00"),
)


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``settlement``: model (``curve``/``share``), ranking, group, level, cause, month, estimate, limits,
    events, at_risk, n, municipalities, suppressed, method, with the years of settlement."""
    first, last = settings["settlement"]["years"]
    table = inputs["settlement"].assign(first_year=first, last_year=last)
    table["suppressed"] = table["suppressed"].astype(bool)
    # between the steps that may be shown only the whole years are named
    return table[~table["suppressed"] | (table["month"] % 12 == 0)].reset_index(drop=True)


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """One panel of curves over the risk table."""
    last = context.settings["settlement"]["last"]
    lines = numbers[numbers["model"] == CURVE]
    series = [(g, lv, context.labels.pick(w), *rest) for g, lv, w, *rest in SERIES if (lines["level"] == lv).any()]
    sheet = page(context, 12.0, _footer(numbers, context))
    axes = sheet.axes(1.2, 4.1, PANEL, 7.2)
    percent_axis(axes, context)
    axes.set_xlim(0, last)
    axes.set_xticks(range(0, last + 1, 12))
    word = {"nb": "Måneder siden bosetting", "en": "Months since settlement"}
    axes.set_xlabel(context.labels.pick(word), loc="right", fontsize=8)
    at = context.settings["settlement"]["rank_at"]
    axes.axvline(at, color="#9a9a9a", linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
    curves(axes, lines, series, context, CAUSE)
    risk_table(sheet, (1.2, PANEL), lines, series, context, CAUSE, last)
    return sheet.figure


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    rule = context.settings["settlement"]
    whole = numbers[(numbers["model"] == CURVE) & (numbers["level"] == "all")]
    years = labels.years(*rule["years"])
    persons = labels.number(whole["n"].max() if len(whole) else 0)
    towns = labels.number(whole["municipalities"].max() if len(whole) else 0)
    n = {
        "nb": f"{persons} bosatt {years} som begynte i programmet, i {towns} kommuner{_groups(numbers, context)}",
        "en": f"{persons} settled in {years} who began the programme, in {towns} municipalities"
        f"{_groups(numbers, context)}",
    }
    definition = {
        "nb": "første måned etter bosetting med minst én times arbeid eller et kurs i utdanningsregisteret, også under "
        "programmet",
        "en": "first month after settlement with at least one hour of work or a course of the education register, also "
        "during the programme",
    }
    note = {
        "nb": f"Aalen–Johansen; bånd: {context.confidence} med personer som uavhengige. Brutte linjer: utvandring og "
        "død som konkurrerende hendelser. Den som fant arbeid før programmet begynte og aldri deltok, er ikke med.",
        "en": f"Aalen–Johansen; bands: {context.confidence} with persons as independent. Broken lines: emigration and "
        "death as competing events. Who found work before the programme began and never took part is not in the data.",
    }
    return context.footer(numbers, pick(n), pick(definition), [_ranking(numbers, context), pick(note)])


def _groups(numbers: pd.DataFrame, context: Context) -> str:
    """Persons in both ends, in brackets."""
    rows = numbers[(numbers["model"] == CURVE) & (numbers["month"] == 0)].drop_duplicates("level").set_index("level")
    told = [
        f"{context.labels.pick(words).lower()} {context.labels.number(rows.loc[level, 'n'])}"
        for _, level, words, *_ in SERIES[1:]
        if level in rows.index
    ]
    return f" ({', '.join(told)})" if told else ""


def _ranking(numbers: pd.DataFrame, context: Context) -> str:
    """How municipalities were ranked, the gap, and what ranking the same persons would have made of it."""
    labels, pick = context.labels, context.labels.pick
    rule = context.settings["settlement"]
    gaps = numbers[(numbers["model"] == SHARE) & (numbers["level"] == "gap")].set_index("ranking")
    honest, same = gaps.loc["other_half"], gaps.loc["same_persons"]
    if pd.isna(honest["estimate"]):
        reason = ":" if honest["suppressed"] else not_estimable(honest["method"], context)
        text = {"nb": f"Raske og langsomme kommuner: {reason}.", "en": f"Fast and slow municipalities: {reason}."}
        return pick(text)
    points = labels.number(100 * honest["estimate"], 1)
    limits = labels.interval(100 * honest["ci_low"], 100 * honest["ci_high"], 1)
    blown = labels.number(100 * same["estimate"], 1) if pd.notna(same["estimate"]) else ":"
    month, least = rule["rank_at"], rule["minimum"]
    text = {
        "nb": f"Kommuner med minst {least} bosatte i både like og ulike år er rangert etter andelen ved måned {month}. "
        "De som ble bosatt i like år, er gruppert etter hvordan kommunen gjorde det i ulike år, og omvendt. Forskjell "
        f"ved måned {month}: {points} prosentpoeng {limits}, intervall etter spredningen mellom kommuner. Med de samme "
        f"personene til rangering og visning ville den blitt {blown}.",
        "en": f"Municipalities with at least {least} settled in both even and odd years are ranked by the share at "
        f"month {month}. Those settled in even years are grouped by how their municipality did in odd years, and the "
        f"other way round. Gap at month {month}: {points} percentage points {limits}, interval from the spread between "
        f"municipalities. Ranking and showing the same persons would have made it {blown}.",
    }
    return pick(text)
