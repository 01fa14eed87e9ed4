"""F-C3: month by month after the programme: shares in eight states, stacked, for both sexes, men and women."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.house_style import BLUE, GREEN, GREY, INK, ORANGE, RED, SKY, page, percent_axis, spread

STATES = {
    "work_longer": ({"nb": "Arbeid, minst {hours} timer i uka", "en": "Work, at least {hours} hours a week"}, BLUE),
    "work_shorter": ({"nb": "Arbeid, kortere eller ukjent tid", "en": "Work, shorter or unknown hours"}, SKY),
    "education": ({"nb": "Utdanning", "en": "Education"}, GREEN),
    "unemployed": ({"nb": "Arbeidsledig eller på tiltak", "en": "Unemployed or on measures"}, ORANGE),
    "health_benefit": ({"nb": "Helserelatert ytelse", "en": "Health-related benefit"}, "#F0D264"),
    "social_assistance": ({"nb": "Sosialhjelp", "en": "Social assistance"}, RED),
    "none": ({"nb": "Ingen av disse", "en": "None of these"}, "#D0D0D0"),
    "gone": ({"nb": "Utvandret eller død", "en": "Emigrated or dead"}, "#5A5A5A"),
}
HATCH = "//////"
HIDDEN = {"nb": "Skjult", "en": "Suppressed"}
PANELS = (("all", "all", "both"), ("sex", "men", "men"), ("sex", "women", "women"))


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """``sex, month, state, n, count, share, suppressed``: one row a sex, month and state; already
    disclosure-controlled."""
    table = inputs["chronogram"]
    parts = []
    for group, level, sex in PANELS:
        rows = table[(table["group"] == group) & (table["level"] == level)]
        parts.append(rows.assign(sex=sex))
    frame = pd.concat(parts, ignore_index=True)
    frame["longer_hours"] = settings["months"]["longer_hours"]
    frame["suppressed"] = frame["suppressed"].astype(bool)
    return frame[["sex", "month", "state", "n", "count", "share", "suppressed", "longer_hours"]]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A large panel for both sexes with the states named beside it, and a small one for each sex."""
    pick, number = context.labels.pick, context.labels.number
    n = numbers.groupby("sex")["n"].first()
    words = {sex: number(n.get(sex, 0)) for sex in ("both", "men", "women")}
    texts = {
        "nb": f"{words['both']} tidligere deltakere ({words['men']} menn, {words['women']} kvinner), de samme i alle "
        "måneder",
        "en": f"{words['both']} former participants ({words['men']} males, {words['women']} females), the same in "
        "every month",
    }
    definition = {"nb": "hovedtilstand i uka rundt den 16. i måneden, arbeid foran utdanning foran ytelser",
                  "en": "main state in the week around the 16th of the month, work before education before "
                        "benefits"}  # fmt: skip
    note = {
        "nb": "Sosialhjelp er bare kjent per kalenderår: måneder uten annen tilstand regnes som sosialhjelp når det "
        "er mottatt "
        "i året. «Ingen av disse» omfatter kontantstøtte og overgangsstønad, og i måned 0 dem som ennå er i "
        "programmet.",
        "en": "Social assistance is known by calendar year only: months with no other state count as social "
        "assistance when any "
        "was received that year. “None of these” includes cash-for-care and transitional benefit, and in month 0 "
        "those still in the "
        "programme.",
    }
    sheet = page(context, 15.6, context.footer(numbers, pick(texts), pick(definition), [pick(note)]))
    large = sheet.axes(0.9, 7.9, 8.7, 6.9)
    middles = _panel(large, numbers, "both", context)
    _names(large, middles, numbers, context)
    for sex, left in (("men", 0.9), ("women", 8.9)):
        _panel(sheet.axes(left, 1.1, 6.6, 4.6), numbers, sex, context)
    return sheet.figure


def _panel(axes: Axes, numbers: pd.DataFrame, sex: str, context: Context) -> dict[str, float]:
    """Stacked steps; what is hidden fills the place of the first hidden state. Returns the middles at the last
    month."""
    rows = numbers[numbers["sex"] == sex]
    shares = rows.pivot(index="month", columns="state", values="share").reindex(columns=list(STATES))
    hidden = rows.pivot(index="month", columns="state", values="suppressed").reindex(columns=list(STATES)).fillna(False)
    values = 100 * shares.fillna(0).to_numpy(dtype=float)
    closed = hidden.to_numpy(dtype=bool)
    left_over = np.where(closed.any(axis=1), 100 - values.sum(axis=1), 0).clip(0)
    bottom, middles = np.zeros(len(shares)), {}
    months = shares.index.to_numpy()
    edges = np.repeat(months, 2) + np.tile([-0.5, 0.5], len(months))
    first_hidden = np.where(closed.any(axis=1), closed.argmax(axis=1), -1)
    for place, (state, (_, colour)) in enumerate(STATES.items()):
        here = np.where(first_hidden == place, left_over, 0)
        if here.any():
            axes.bar(
                months[here > 0],
                here[here > 0],
                1.0,
                bottom[here > 0],
                color="white",
                hatch=HATCH,
                edgecolor=GREY,
                linewidth=0,
            )
            bottom = bottom + here
        top = bottom + values[:, place]
        axes.fill_between(edges, np.repeat(bottom, 2), np.repeat(top, 2), color=colour, linewidth=0)
        axes.plot(edges, np.repeat(top, 2), color="white", linewidth=0.6)
        middles[state] = float((bottom[-1] + top[-1]) / 2) if len(months) else 0.0
        bottom = top
    percent_axis(axes, context)
    axes.grid(False)
    last = int(months.max()) if len(months) else 60
    axes.set_xlim(-0.5, last + 0.5)
    axes.set_xticks(range(0, last + 1, 12))
    word = {"nb": "Måneder etter avsluttet program", "en": "Months since leaving the programme"}
    axes.set_xlabel(context.labels.pick(word), loc="right", fontsize=8.5)
    axes.set_title(context.labels.term(f"sex.{sex}"), fontsize=8.5, pad=18)
    return middles


def _names(axes: Axes, middles: Mapping[str, float], numbers: pd.DataFrame, context: Context) -> None:
    """The states beside the panel, at the height they end at, each with a swatch and its share."""
    hours = context.labels.number(numbers["longer_hours"].iloc[0]) if len(numbers) else "20"
    last = numbers[(numbers["sex"] == "both") & (numbers["month"] == numbers["month"].max())].set_index("state")[
        "share"
    ]
    names = list(STATES)
    places = spread([middles[s] for s in names], 7.2, 2, 98)
    for state, y in zip(names, places, strict=True):
        text, colour = STATES[state]
        share = last.get(state)
        figure = ":" if pd.isna(share) else context.labels.percent_sign(share)
        box = {"xy": (1, middles[state]), "xytext": (1.05, y), "xycoords": axes.get_yaxis_transform()}
        axes.annotate(
            "", **box, textcoords=axes.get_yaxis_transform(), arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.5}
        )
        axes.plot(
            [1.065], [y], marker="s", markersize=6, color=colour, transform=axes.get_yaxis_transform(), clip_on=False
        )
        words = f"{context.labels.pick(text).format(hours=hours)}  {figure}"
        axes.text(1.09, y, words, transform=axes.get_yaxis_transform(), fontsize=7.5, va="center", color=INK)
    if numbers["suppressed"].any():
        swatch = {"transform": axes.transAxes, "clip_on": False}
        from matplotlib.patches import Rectangle

        axes.add_patch(
            Rectangle((1.05, 1.035), 0.03, 0.035, facecolor="white", hatch=HATCH, edgecolor=GREY, linewidth=0, **swatch)
        )
        axes.text(
            1.09, 1.05, context.labels.pick(HIDDEN), transform=axes.transAxes, fontsize=7.5, va="center", color=INK
        )
