"""F-C10: cumulative incidence of the first stable job, with emigration and death as competing events, and risk
tables."""

import textwrap
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.house_style import GREY, INK, SEX_COLOUR, SEX_MARKER, SEX_TEXT, Page, end_labels, page, percent_axis

SCHOOLING = {
    "higher": ("#003F6B", "D"),
    "upper_secondary": ("#3E9BC8", "s"),
    "compulsory": ("#B15A00", "^"),
    "unknown": ("#8F8F8F", "o"),
}
PANEL = 4.4
LEVELS = (("all", "all"), ("sex", "men"), ("sex", "women"), *(("schooling", s) for s in SCHOOLING))
COMPETING = ("emigrated", "died")


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
        _curves(axes, numbers, series, context)
        _risk_table(sheet, left, numbers, series, context)
    return sheet.figure


def _curve(numbers: pd.DataFrame, group: str, level: str, cause: str) -> pd.DataFrame:
    rows = numbers[(numbers["group"] == group) & (numbers["level"] == level) & (numbers["cause"] == cause)]
    return rows[rows["estimate"].notna()]


def _curves(axes: Axes, numbers: pd.DataFrame, series: list, context: Context) -> None:
    labels = []
    for group, level, words, colour, marker, text in series:
        rows = _curve(numbers, group, level, "stable_job")
        if rows.empty:
            continue
        y, low, high = (100 * rows[c].to_numpy(dtype=float) for c in ("estimate", "ci_low", "ci_high"))
        axes.fill_between(rows["month"], low, high, step="post", color=colour, alpha=0.2, linewidth=0)
        axes.step(rows["month"], y, where="post", color=colour, linewidth=1.4)
        yearly = rows[(rows["month"] % 12 == 0) & (rows["month"] > 0)]
        axes.plot(yearly["month"], 100 * yearly["estimate"], marker, color=colour, markersize=3.5)
        labels.append((float(y[-1]), textwrap.fill(f"{words} {context.labels.number(y[-1])}", 18), text))
    ends = [
        _competing(axes, numbers, series, cause, style)
        for cause, style in zip(COMPETING, ((0, (4, 2)), (0, (1, 1.5))), strict=True)
    ]
    words = ({"nb": "utvandret", "en": "emigrated"}, {"nb": "død", "en": "dead"})
    for end, text in zip(ends, words, strict=True):
        if end is not None:
            labels.append((end, context.labels.pick(text), GREY))
    end_labels(axes, labels, gap=7.5, size=7)


def _competing(axes: Axes, numbers: pd.DataFrame, series: list, cause: str, style: tuple) -> float | None:
    ends = []
    for group, level, _, colour, *_ in series:
        rows = _curve(numbers, group, level, cause)
        if len(rows) > 1:
            axes.step(rows["month"], 100 * rows["estimate"], where="post", color=colour, linewidth=1, linestyle=style)
            ends.append(100 * float(rows["estimate"].iloc[-1]))
    return max(ends) if ends else None


def _risk_table(sheet: Page, left: float, numbers: pd.DataFrame, series: list, context: Context) -> None:
    """Persons still waiting at each year, in lines below the panel under the ticks."""
    head = {"nb": "Antall som ennå venter", "en": "Number still waiting"}
    sheet.write(left - 0.9, 2.75, context.labels.pick(head), fontsize=7.5, fontweight="bold", va="center")
    for i, (group, level, words, _, _, colour) in enumerate(series):
        y = 2.3 - 0.62 * i
        sheet.write(left - 0.9, y, words, fontsize=7, va="center", color=colour)
        rows = numbers[
            (numbers["group"] == group) & (numbers["level"] == level) & (numbers["cause"] == "stable_job")
        ].set_index("month")
        for month in range(0, 61, 12):
            value = rows["at_risk"].get(month)
            text = context.labels.number(value) if value is not None and value == value else ":"
            sheet.write(left + PANEL * month / 60, y - 0.29, text, fontsize=6.5, ha="center", va="center", color=INK)


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
