"""F-C10: cumulative incidence of the first stable job, with emigration and death as competing events, and risk
tables."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.curves import curves, risk_table
from introprog.house_style import SEX_COLOUR, SEX_MARKER, SEX_TEXT, page, percent_axis

SCHOOLING = {
    "higher": ("#003F6B", "D"),
    "upper_secondary": ("#3E9BC8", "s"),
    "compulsory": ("#B15A00", "^"),
    "unknown": ("#8F8F8F", "o"),
}
PANEL = 4.4
LEVELS = (("all", "all"), ("sex", "men"), ("sex", "women"), *(("schooling", s) for s in SCHOOLING))
CAUSE = "stable_job"


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``incidence`` with the rule: group, level, cause, month, estimate, limits, events, at_risk, n,
    suppressed."""
    table = inputs["incidence"]
    known = pd.MultiIndex.from_frame(table[["group", "level"]]).isin(LEVELS)
    rule = settings["stable_job"]
    rows = table[known].assign(rule_months=rule["months"], rule_window=rule["window"], longer_only=rule["longer_only"])
    rows = rows.assign(suppressed=rows["suppressed"].astype(bool))
    # between the steps that may be shown only the whole years are named
    return rows[~rows["suppressed"] | (rows["month"] % 12 == 0)].reset_index(drop=True)


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """By sex to the left, by schooling to the right; curves of the stable job with bands, competing events as broken
    lines."""
    by_sex = [("all", "all", context.labels.term("sex.both"), SEX_COLOUR["both"], SEX_MARKER["both"], SEX_TEXT["both"])]
    by_sex += [
        ("sex", s, context.labels.term(f"sex.{s}"), SEX_COLOUR[s], SEX_MARKER[s], SEX_TEXT[s]) for s in ("men", "women")
    ]
    by_schooling = [("schooling", s, context.labels.term(f"schooling.{s}"), c, m, c) for s, (c, m) in SCHOOLING.items()]
    sheet = page(context, 11.6, _footer(numbers, context))
    heads = (
        {"nb": "Etter kjønn", "en": "By sex"},
        {"nb": "Etter utdanning ved programstart", "en": "By schooling at the start"},
    )
    for series, left, head in ((by_sex, 1.0, heads[0]), (by_schooling, 8.4, heads[1])):
        axes = sheet.axes(left, 4.0, PANEL, 6.6)
        axes.set_title(context.labels.pick(head), fontsize=8.5, pad=18)
        percent_axis(axes, context)
        axes.set_xlim(0, 60)
        axes.set_xticks(range(0, 61, 12))
        word = {"nb": "Måneder etter avsluttet program", "en": "Months since leaving the programme"}
        axes.set_xlabel(context.labels.pick(word), loc="right", fontsize=8)
        curves(axes, numbers, series, context, CAUSE)
        risk_table(sheet, (left, PANEL), numbers, series, context, CAUSE, 60)
    return sheet.figure


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    rule = context.settings["stable_job"]
    n = labels.number(numbers.loc[numbers["group"] == "all", "n"].max())
    persons = {"nb": f"{n} tidligere deltakere", "en": f"{n} former participants"}
    kind = {"nb": "i arbeid", "en": "in work"}
    if rule["longer_only"]:
        kind = {"nb": "i arbeid med lengre arbeidstid", "en": "in work with longer hours"}
    months, window = rule["months"], rule["window"]
    definition = {
        "nb": f"stabil jobb = {kind['nb']} minst {months} av de siste {window} månedene etter avsluttet program, "
        "regnet fra måneden kravet er nådd",
        "en": f"stable job = {kind['en']} at least {months} of the latest {window} months after leaving, counted "
        "from the month the rule is met",
    }
    note = {
        "nb": f"Aalen–Johansen; bånd: {context.confidence}. Brutte linjer: utvandring og død som konkurrerende "
        "hendelser. Den som ennå "
        f"venter når registrene slutter, er sensurert. Før måned {months} kan ingen ha nådd kravet.",
        "en": f"Aalen–Johansen; bands: {context.confidence}. Broken lines: emigration and death as competing events. "
        "Who is still waiting "
        f"when the registers end is censored. Nobody can meet the rule before month {months}.",
    }
    return context.footer(numbers, pick(persons), pick(definition), [pick(note)])
