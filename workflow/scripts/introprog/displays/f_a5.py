"""F-A5: the flow of T-A5 as a diagram: what is left at each stage in boxes, who was left out and why beside them."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from introprog.displays import t_a5
from introprog.displays.context import Context
from introprog.house_style import GREY, INK, PALE, page, wrapped
from introprog.labels import HIDDEN

LEFT_OUT = {
    "one_row_a_programme": {"nb": "samlet til én rad per program", "en": "joined to one row a programme"},
    "has_end_date": {"nb": "ennå i programmet (uten sluttdato)", "en": "still in the programme (no end date)"},
    "exit_year_in_study": {"nb": "avsluttet utenfor studieperioden", "en": "ended outside the study period"},
    "known_person": {"nb": "ikke i demografifilen", "en": "not in the demography file"},
    "age_in_range": {"nb": "alder ved start utenfor grensene", "en": "age at the start outside the limits"},
    "not_transferred": {"nb": "overført til en annen kommune", "en": "transferred to another municipality"},
    "first_leaving": {"nb": "senere avslutning av samme person", "en": "later leaving of the same person"},
    "h1_within_data": {"nb": "november året etter er etter dataene", "en": "November the year after is past the data"},
    "h1_alive": {"nb": "død før november året etter", "en": "dead before November the year after"},
    "h1_not_emigrated": {"nb": "utvandret", "en": "emigrated"},
    "h1_observed": {"nb": "ikke bosatt i november året etter", "en": "not resident in November the year after"},
}
STAGES = {
    "rows": {"nb": "rader i deltakerregistrene", "en": "rows in the participant registers"},
    "spells": {"nb": "programmer", "en": "programmes"},
    "persons": {"nb": "tidligere deltakere", "en": "former participants"},
}
LAST = {"nb": "bosatt i november året etter, med status", "en": "resident the year after, with a status"}
BOX, SIDE, LINE = 6.2, 7.6, 0.42


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The numbers of T-A5: one row a step with n_in, excluded, n_out and reasons."""
    return t_a5.numbers(inputs, settings)


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A box a stage from above, joined by arrows, with what was left out between two stages to the right."""
    pick, number = context.labels.pick, context.labels.number
    stages = [(unit, own) for unit, own in numbers.groupby("unit", sort=False)]
    lists = [_left_out(own, context) for _, own in stages]
    gaps = [max(1.2, LINE * len(lines) + 0.75) for lines in lists]
    tall = sum(gaps) + 1.1 * (len(stages) + 1) + 0.15
    sheet = page(context, tall + 0.5, t_a5.footer(numbers, context))
    axes = sheet.axes(0.2, 0.2, sheet.width - 0.4, tall)
    axes.set_axis_off()
    axes.set_xlim(0, sheet.width - 0.4)
    axes.set_ylim(0, tall)
    top = tall
    for (unit, own), lines, gap in zip(stages, lists, gaps, strict=True):
        _box(
            axes, 0.1, top, BOX, [_count(own["n_in"].iloc[0], number), pick(STAGES.get(unit, {"nb": unit, "en": unit}))]
        )
        axes.annotate("", (BOX / 2, top - 1.1 - gap), (BOX / 2, top - 1.1),
                      arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.9})  # fmt: skip
        middle = top - 1.1 - gap / 2
        if lines:
            high = LINE * len(lines) + 0.3
            axes.plot([BOX / 2, BOX + 0.9], [middle, middle], color=GREY, linewidth=0.8)
            axes.add_patch(Rectangle((BOX + 0.9, middle - high / 2), SIDE, high, facecolor="#f6f6f6", edgecolor=PALE))
            for i, line in enumerate(lines):
                y = middle + high / 2 - 0.15 - LINE * (i + 0.5)
                axes.text(BOX + 2.3, y, line[0], fontsize=7.5, va="center", ha="right")
                axes.text(BOX + 2.5, y, line[1], fontsize=7.5, va="center")
        top -= 1.1 + gap
    last = numbers["n_out"].iloc[-1]
    _box(axes, 0.1, top, BOX, [_count(last, number), "\n".join(wrapped(pick(LAST), 8, BOX - 0.3))])
    return sheet.figure


def _box(axes: Axes, x: float, top: float, width: float, texts: list[str]) -> None:
    axes.add_patch(Rectangle((x, top - 1.1), width, 1.08, facecolor="white", edgecolor=INK, linewidth=0.9))
    head, words = texts
    axes.text(x + width / 2, top - 0.3, head, fontsize=9.5, fontweight="bold", ha="center", va="center")
    axes.text(x + width / 2, top - 0.74, words, fontsize=8, ha="center", va="center", linespacing=1.0)


def _count(value: object, number) -> str:
    return HIDDEN if pd.isna(value) else number(value)


def _left_out(steps: pd.DataFrame, context: Context) -> list[tuple[str, str]]:
    """Number and reason of every step that took anything out, or may have."""
    lines = []
    for _, step in steps[steps["excluded"].isna() | (steps["excluded"] != 0)].iterrows():
        criterion = step["criterion"]
        if criterion.startswith(t_a5.DROPPED):
            rule = criterion.removeprefix(t_a5.DROPPED)
            why = step[f"reason_{context.language}"]
            words = f"{why} ({rule})" if isinstance(why, str) and why else rule
        else:
            words = context.labels.pick(LEFT_OUT[criterion]) if criterion in LEFT_OUT else criterion.replace("_", " ")
        lines.append((_count(step["excluded"], context.labels.number), words))
    return lines
