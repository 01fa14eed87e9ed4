"""F-F8: specification curve of satisfaction and result: every combination of choices, sorted, with what was chosen.

A panel a survey. With hundreds of specifications a mark each would be a black field, so the choices are shaded: dark
where a choice is more common than over the whole curve.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays import forest
from introprog.displays.context import Context
from introprog.displays.waves import by_wave, construct_name, reason, wave_name
from introprog.house_style import BLUE, INK, RED, Page, page, wrapped

CHOICES = ["construct", "definition", "years_after", "alignment", "adjustment", "weighting"]
COLUMNS = ["wave", "position", "construct", "definition", "horizon", "years_after", "alignment", "adjustment",
           "weighting", "r", "ci_low", "ci_high", "answers", "municipalities", "verdict", "verdict_raw", "primary",
           "smallest_effect", "method"]  # fmt: skip
WORDS = {
    "alignment": {
        "concurrent": {"nb": "de som var i programmet", "en": "those in the programme"},
        "published": {"nb": "de som hadde sluttet", "en": "those who had left"},
    },
    "adjustment": {
        "none": {"nb": "ingen", "en": "none"},
        "survey": {"nb": "for hvem som svarte", "en": "for who answered"},
        "both": {"nb": "også for hvem som sluttet", "en": "for who left as well"},
    },
    "weighting": {
        "raked": {"nb": "svar etter utvalgsramme", "en": "answers to the frame"},
        "plain": {"nb": "alle svar likt", "en": "every answer alike"},
        "precise": {"nb": "kommuner etter presisjon", "en": "municipalities by precision"},
    },
}
HEADS = {
    "construct": {"nb": "Mål", "en": "Measure"},
    "definition": {"nb": "Definisjon av resultatet", "en": "Definition of the result"},
    "years_after": {"nb": "År etter", "en": "Years after"},
    "alignment": {"nb": "Hvem sine resultater", "en": "Whose results"},
    "adjustment": {"nb": "Justering", "en": "Adjustment"},
    "weighting": {"nb": "Vekting", "en": "Weighting"},
}
VERDICTS = {"associated": BLUE, "undecided": "#B8B8B8", "equivalent": "#9A6FB0"}
LEFT, ROW, CURVE, SIDE = 5.0, 0.37, 4.2, 0.98
# points between the curve and the median, room for a marker at the very end
BESIDE = 6
BINS = 60


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a specification: its choices, ``r`` with limits, verdict (and ``verdict_raw``, by r alone), and
    ``position`` in the curve of its survey (empty where it cannot be estimated); ``primary`` marks the primary
    contrast."""
    table = inputs["association_specifications"].rename(
        columns={"estimate": "r", "n": "answers", "clusters": "municipalities"}
    )
    table["smallest_effect"] = settings["association"]["smallest_effect"]
    orders = {"construct": ["satisfaction", "motivation", "usefulness"], "definition": list(settings["definitions"])}
    table = by_wave(table.assign(missing=table["r"].isna()), settings, ["missing", "r", *CHOICES], orders)
    place = table.groupby("wave", sort=False).cumcount() + 1
    rounded = table.round({"r": 4, "ci_low": 4, "ci_high": 4})
    return rounded.assign(position=place.where(~table["missing"]).astype("Int64"))[COLUMNS]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """A panel a survey: the curve, the shares of verdicts, and the shaded choices with the median of each."""
    waves = list(dict.fromkeys(numbers["wave"]))
    groups = _groups(numbers, context)
    rows = sum(len(choices) for _, choices in groups) + len(groups)
    height = 0.9 + CURVE + 0.95 + rows * ROW + 0.75
    sheet = page(context, height, _footer(numbers, context))
    told = numbers[numbers["r"].notna()]
    ticks = forest.round_ticks(max(told["ci_low"].min(), -1), min(told["ci_high"].max(), 1)) if len(told) else [-1, 1]
    width = (sheet.width - LEFT) / len(waves)
    for i, wave in enumerate(waves):
        part, x = told[told["wave"] == wave], LEFT + i * width
        top = sheet.axes(x, height - 1.3 - CURVE, width - SIDE, CURVE)
        _curve(top, part, ticks, context, i == 0)
        top.set_title(wave_name(wave, context), fontsize=8.5, pad=6)
        _shares(sheet.axes(x, height - 1.75 - CURVE, width - SIDE, 0.3), part, context)
        grid = sheet.axes(x, 0.35, width - SIDE, rows * ROW)
        _grid(grid, part, groups, rows, context, i == 0)
    _key(sheet, numbers, height, context)
    return sheet.figure


def _groups(numbers: pd.DataFrame, context: Context) -> list[tuple[str, dict]]:
    """Each choice with its options in order and their words."""
    labels = context.labels
    seen = {name: set(numbers[name]) for name in CHOICES}
    options = {name: {k: labels.pick(w) for k, w in words.items()} for name, words in WORDS.items()}
    order = [*context.settings["definitions"], *sorted(seen["definition"] - set(context.settings["definitions"]))]
    options["definition"] = {d: context.definition(d) for d in order}
    years = sorted(seen["years_after"])
    options["years_after"] = {int(h): labels.term(f"horizon.{int(h)}", default=str(int(h))) for h in years}
    constructs = ("satisfaction", "motivation", "usefulness")
    options["construct"] = {c: construct_name(c, context) for c in constructs}
    return [(name, {k: w for k, w in options[name].items() if k in seen[name]}) for name in CHOICES]


def _curve(axes: Axes, part: pd.DataFrame, ticks: Sequence[float], context: Context, first: bool) -> None:
    count = max(len(part), 1)
    axes.set_xlim(0.5, count + 0.5)
    axes.set_ylim(ticks[0], ticks[-1])
    texts = [context.labels.number(t, 1) if first else "" for t in ticks]
    axes.set_yticks(list(ticks), texts, fontsize=7.5)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    axes.grid(True, axis="y")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    if first:
        words = {"nb": "Korrelasjon\nmellom\nkommuner", "en": "Correlation\nbetween\nmunicipalities"}
        style = {"fontsize": 7.5, "ha": "right", "va": "top", "color": "#404040"}
        axes.text(-0.3, 1, context.labels.pick(words), transform=axes.transAxes, **style)
    if part.empty:
        forest.blank_row(axes, (ticks[0] + ticks[-1]) / 2, 1, context)
        return
    smallest = part["smallest_effect"].iloc[0]
    axes.axhspan(-smallest, smallest, color=forest.BAND, linewidth=0, zorder=0)
    axes.axhline(0, color="#4d4d4d", linewidth=0.8, zorder=1)
    x, r, low, high = (part[c].to_numpy(float) for c in ("position", "r", "ci_low", "ci_high"))
    if len(part) > 2 * BINS:
        axes.fill_between(x, low, high, color=BLUE, alpha=0.28, linewidth=0)
    else:
        axes.vlines(x, low, high, color=BLUE, linewidth=1.4, alpha=0.4)
    axes.plot(x, r, ".", color=BLUE, markersize=1.6, markeredgewidth=0, rasterized=len(part) > 500)
    for at, value in part.loc[part["primary"].astype(bool), ["position", "r"]].itertuples(index=False):
        axes.plot([at], [value], "D", color=RED, markersize=5.5, zorder=5, clip_on=False)


def _shares(axes: Axes, part: pd.DataFrame, context: Context) -> None:
    """A bar of the verdicts' shares of the specifications that can be estimated."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    left = 0.0
    for name, colour in VERDICTS.items():
        share = float((part["verdict"] == name).mean()) if len(part) else 0.0
        axes.barh(0.5, share, left=left, height=1, color=colour, linewidth=0)
        if share >= 0.13:
            ink = INK if name == "undecided" else "white"
            axes.text(left + share / 2, 0.46, context.labels.percent_sign(share), fontsize=6.8, ha="center",
                      va="center", color=ink)  # fmt: skip
        left += share


def _grid(axes: Axes, part: pd.DataFrame, groups: list, rows: int, context: Context, first: bool) -> None:
    """Shaded choices along the curve, the median correlation of each at the right, the primary contrast's marked."""
    count = max(len(part), 1)
    axes.set_xlim(0.5, count + 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    shade = np.zeros((rows, min(count, BINS)))
    at, median = 0, {"nb": "median", "en": "median"}
    forest.beside(axes, 0, context.labels.pick(median), 1, fontsize=6.2)
    for column, choices in groups:
        if first:
            head = context.labels.pick(HEADS[column])
            forest.stub(axes, at, head, -6, fontsize=7.5, fontweight="bold")
        for code, words in choices.items():
            at += 1
            mine = part[part[column] == code]
            if first:
                lines = wrapped(words, 7, LEFT - 0.3)
                forest.stub(axes, at, "\n".join(lines), -6, fontsize=7 if len(lines) == 1 else 5.7, linespacing=0.9)
            if len(mine):
                shade[at] = _density(mine["position"].to_numpy(float), count, shade.shape[1])
                forest.beside(axes, at, context.labels.number(mine["r"].median(), 2), BESIDE, fontsize=6.5)
            else:
                axes.axhline(at, color="#d8d8d8", linewidth=0.5, linestyle=":")
            chosen = mine.loc[mine["primary"].astype(bool), "position"].astype(float)
            axes.plot(chosen, np.full(len(chosen), at), "D", color=RED, markersize=3.6, zorder=4, clip_on=False)
        at += 1
    extent = (0.5, count + 0.5, rows - 0.5, -0.5)
    axes.imshow(shade, cmap="Greys", vmin=0, vmax=2.2, extent=extent, aspect="auto", interpolation="nearest", zorder=1)
    for line in range(rows + 1):
        axes.axhline(line - 0.5, color="white", linewidth=1.3, zorder=2)


def _density(positions: np.ndarray, count: int, bins: int) -> np.ndarray:
    """How much more common than over the whole curve these positions are in each stretch of it (1 = as common)."""
    edges = np.linspace(0.5, count + 0.5, bins + 1)
    here = np.histogram(positions, edges)[0] / len(positions)
    return here / (np.histogram(np.arange(1, count + 1), edges)[0] / count)


def _key(sheet: Page, numbers: pd.DataFrame, height: float, context: Context) -> None:
    labels = context.labels
    entries = [({"color": c, "patch": True}, labels.term(f"verdict.{v}")) for v, c in VERDICTS.items()]
    band = {"nb": "for liten til å telle", "en": "too small to matter"}
    entries.append(({"color": forest.BAND, "patch": True}, labels.pick(band)))
    if numbers["primary"].astype(bool).any():
        primary = {"nb": "hovedkontrasten", "en": "primary contrast"}
        entries.append(({"color": RED, "marker": "D", "size": 4.5}, labels.pick(primary)))
    forest.key(sheet, entries, height - 0.25, size=6.5)


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    told, possible = numbers[numbers["r"].notna()], labels.number(len(numbers))
    count = {
        "nb": f"{labels.number(len(told))} spesifikasjoner av {possible} mulige",
        "en": f"{labels.number(len(told))} specifications of {possible} possible",
    }
    towns, shares = [], []
    for wave, part in told.groupby("wave", sort=False):
        name = wave_name(wave, context)
        towns.append(f"{name}: {labels.span(part['municipalities'].min(), part['municipalities'].max())}")
        each = (labels.percent_sign((part["verdict"] == verdict).mean()) for verdict in VERDICTS)
        shares.append(f"{name}: {' / '.join(each)}")
    verdicts = ", ".join(labels.term(f"verdict.{name}").lower() for name in VERDICTS)
    bar = {"nb": "Andeler i stolpen", "en": "Shares in the bar"}
    n = {"nb": "kommuner per spesifikasjon", "en": "municipalities a specification"}
    notes = [_note(numbers, context), *([f"{pick(bar)} ({verdicts}): {'; '.join(shares)}."] if shares else [])]
    counted = "; ".join(towns) or "0"
    return context.footer(numbers, f"{pick(n)}, {counted}", pick(count), [*notes, *_missing(numbers, context)])


def _note(numbers: pd.DataFrame, context: Context) -> str:
    smallest = context.labels.number(numbers["smallest_effect"].iloc[0], 2)
    level = context.labels.percent_sign(1 - context.settings["association"]["alpha"])
    spared = _spared(numbers, context)
    notes = {
        "nb": "Hvert sted langs kurven er én spesifikasjon, sortert etter korrelasjonen; blått felt: "
        f"{level} intervall (jackknife over kommuner); fiolett bånd: mindre enn {smallest}, fastsatt på forhånd. "
        f"Stolpen: andelen av spesifikasjonene med hver konklusjon. {spared}Nederst: mørkt der et valg er vanligere "
        "enn ellers langs kurven; til høyre medianen av korrelasjonene med det valget. Spesifikasjonene bygger på de "
        "samme svarene og er ikke uavhengige: andelene er ikke sannsynligheter. Sammenhenger, ikke virkninger.",
        "en": "Each place along the curve is one specification, sorted by the correlation; blue area: "
        f"{level} interval (jackknife over municipalities); violet band: smaller than {smallest}, declared in "
        f"advance. The bar: share of specifications with each verdict. {spared}Below: dark where a choice is more "
        "common than along the rest of the curve; right: the median correlation with that choice. The specifications "
        "share the same answers and are not independent: the shares are no probabilities. Associations only.",
    }
    return context.labels.pick(notes)


def _spared(numbers: pd.DataFrame, context: Context) -> str:
    """How many would be equivalent to nil by the measured correlation alone, which error makes smaller."""
    raw = numbers[numbers["verdict_raw"] == "equivalent"]
    if raw.empty:
        return ""
    moved = context.labels.number((raw["verdict"] != "equivalent").sum())
    of = context.labels.number(len(raw))
    texts = {
        "nb": f"Etter den målte korrelasjonen alene ville {of} vært så godt som uten sammenheng; målefeil gjør den "
        f"mindre, og for {moved} av dem er en sann korrelasjon som betyr noe, ikke utelukket. ",
        "en": f"By the measured correlation alone {of} would be equivalent to nil; error makes it smaller, and for "
        f"{moved} of them a true correlation that matters is not ruled out. ",
    }
    return context.labels.pick(texts)


def _missing(numbers: pd.DataFrame, context: Context) -> list[str]:
    """How many specifications cannot be estimated, a line a reason."""
    labels, lines = context.labels, []
    for method, part in numbers[numbers["r"].isna()].groupby("method", sort=True):
        where = ", ".join(
            f"{wave_name(w, context)}: {labels.number(c)}" for w, c in part.groupby("wave", sort=False).size().items()
        )
        head = labels.pick({"nb": "Ikke beregnbar", "en": "Not estimable"})
        lines.append(f"{head}, {reason(method, context)}: {labels.number(len(part))} ({where}).")
    return lines
