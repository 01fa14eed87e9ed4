"""F-E11: the response as a funnel: who was asked, where anybody answered, who answered, and whose answers have a score.

The table beside it (T-E11) tells who they are; this one tells how many are left at each step.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.t_a5 import hidden_steps
from introprog.displays.waves import construct_name, wave_name, wave_order
from introprog.house_style import BLUE, INK, PALE, page
from introprog.labels import HIDDEN

STEPS = {
    "asked": {"nb": "I undersøkelsens\nutvalgsramme", "en": "In the survey's\nframe"},
    "reached": {"nb": "I kommuner der\nnoen svarte", "en": "In municipalities\nwhere anybody answered"},
    "answered": {"nb": "Svarte", "en": "Answered"},
    "scored": {"nb": "Har skår for\n{construct}", "en": "Have a score for\n{construct}"},
}
COLUMNS = ["wave", "step", "n_in", "excluded", "n_out", "share", "municipalities", "suppressed"]
COUNTS = ["n_in", "excluded", "n_out"]
BAR, ROW, HEAD = 0.62, 0.78, 1.0


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave and step: persons before it, left out by it and left after it, the latter's ``share`` of those
    asked (0-1), and municipalities with any of them. Small exclusions are hidden with a neighbour."""
    construct, threshold = settings["association"]["construct"], settings["disclosure"]["threshold"]
    parts = [_of_wave(inputs, wave, construct, threshold) for wave in wave_order(settings)]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _of_wave(inputs: Mapping, wave: str, construct: str, threshold: int) -> pd.DataFrame:
    answers = inputs["scales"][inputs["scales"]["wave"] == wave]
    frame = inputs["survey_frame"][inputs["survey_frame"]["wave"] == wave]
    reached = frame[frame["municipality"].isin(answers["municipality"])]
    scored = answers[answers[construct].notna()]
    sizes = [int(frame["eligible"].sum()), int(reached["eligible"].sum()), len(answers), len(scored)]
    towns = [one["municipality"].nunique() for one in (frame, reached, answers, scored)]
    table = pd.DataFrame({"step": list(STEPS), "n_out": sizes, "municipalities": towns, "unit": "persons"})
    table["n_in"] = table["n_out"].shift(fill_value=sizes[0])
    table["excluded"] = table["n_in"] - table["n_out"]
    hidden = hidden_steps(table, threshold)
    share = table["n_out"] / sizes[0] if sizes[0] else pd.Series(float("nan"), table.index)
    table["share"] = share.astype("Float64").mask(hidden["n_out"])
    for column in COUNTS:
        table[column] = table[column].astype("Int64").mask(hidden[column])
    return table.assign(wave=wave, suppressed=hidden.any(axis=1))


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A group of bars a wave, the steps from above, as long as the share of those asked; persons beside."""
    labels, pick = context.labels, context.labels.pick
    waves = list(dict.fromkeys(numbers["wave"]))
    tall = len(waves) * (HEAD + ROW * len(STEPS))
    asked = numbers[numbers["step"] == "asked"]["n_out"].sum()
    told = numbers[numbers["step"] == "answered"]["n_out"].sum()
    n = {
        "nb": f"{labels.number(asked)} i utvalgsrammene, {labels.number(told)} svar",
        "en": f"{labels.number(asked)} in the frames, {labels.number(told)} answers",
    }
    note = {
        "nb": "Prosent av dem som er i undersøkelsens utvalgsramme. Ansattes prøvesvar og dobbeltsvar er ikke med.",
        "en": "Per cent of those in the survey's frame. Test answers of staff and double answers are not counted.",
    }
    definition = construct_name(context.settings["association"]["construct"], context)
    sheet = page(context, tall + 0.3, context.footer(numbers, pick(n), definition, [pick(note)]))
    axes = sheet.axes(4.4, 0.2, 7.2, tall)
    axes.set_axis_off()
    axes.set_xlim(0, 100)
    axes.set_ylim(0, tall)
    for i, wave in enumerate(waves):
        _wave(axes, numbers[numbers["wave"] == wave], tall - i * (HEAD + ROW * len(STEPS)), context)
    return sheet.figure


def _wave(axes: Axes, rows: pd.DataFrame, top: float, context: Context) -> None:
    labels, pick = context.labels, context.labels.pick
    name = construct_name(context.settings["association"]["construct"], context).lower()
    axes.text(-60, top - 0.55, wave_name(rows["wave"].iloc[0], context), fontsize=9, fontweight="bold", va="center")
    for i, row in enumerate(rows.itertuples()):
        y = top - HEAD - ROW * (i + 0.5) + 0.1
        words = pick(STEPS[row.step]).format(construct=name)
        axes.text(-3, y, words, fontsize=7.5, ha="right", va="center", linespacing=1.05, color=INK)
        axes.barh([y], [100], BAR, color=PALE, alpha=0.35)
        known = pd.notna(row.share)
        axes.barh([y], [100 * float(row.share) if known else 0], BAR, color=BLUE)
        towns = {"nb": f"{row.municipalities} kommuner", "en": f"{row.municipalities} municipalities"}
        share = labels.percent(row.share) if known else HIDDEN
        count = labels.number(row.n_out) if pd.notna(row.n_out) else HIDDEN
        axes.text(103, y, f"{count} ({share})\n{pick(towns)}", fontsize=7.5, va="center", linespacing=1.1, color=INK)
