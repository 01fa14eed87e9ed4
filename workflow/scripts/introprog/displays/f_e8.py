"""F-E8: municipal integration index: ranked bars with intervals, and a cell for each component beside them."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.f_c4 import names_of
from introprog.displays.waves import INSTRUMENTS, reason, wave_name
from introprog.estimable import PREFIX
from introprog.house_style import BLUE, GREY, INK, Page, page, wrapped
from introprog.integration_index import ALIKE, CENTRE, FEW_ANSWERS, NOT_ASKED, OUTCOME, STILL, Rules, index_table
from introprog.link import FEW, NO_RESULT, SUPPRESSED

ROW, CELL, HEAD = 0.40, 1.05, 2.9
OUTCOME_NAME = {"nb": "Arbeid eller utdanning", "en": "Work or education"}
WHY = {
    FEW_ANSWERS: {"nb": "færre enn {least} svar", "en": "fewer than {least} answers"},
    ALIKE: {"nb": "alle svarte likt", "en": "all answered alike"},
    NO_RESULT: {"nb": "ingen resultater", "en": "no results"},
    FEW: {"nb": "for få tidligere deltakere", "en": "too few former participants"},
    SUPPRESSED: {"nb": "skjult, små tall", "en": "hidden, small counts"},
    NOT_ASKED: {"nb": "ikke spurt om", "en": "not asked"},
    STILL: {"nb": "varierer ikke", "en": "does not vary"},
}
# low, below, middle, above, high: shades that print apart in grey as well
SHADES = ((-1.5, "#E08214"), (-0.5, "#FDD9A8"), (0.5, "#F2F2F2"), (1.5, "#B5CFE8"), (float("inf"), "#4A90C4"))


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The rows of ``integration_index.index_table`` with names; the index by rank. ``answers`` is the number behind
    a component that was asked for, ``share`` (0-1) the result behind the other."""
    block, asked = settings["integration_index"], settings["association"]
    link, wave = inputs["municipal_link"], block["wave"]
    own = link[
        (link["wave"] == wave) & (link["definition"] == asked["definition"]) & (link["horizon"] == block["horizon"])
    ]
    # the results are the same for every construct; the answers are counted anew for every component
    own = own.sort_values(["municipality", "construct"]).drop_duplicates("municipality")
    rules = Rules(
        settings["surveys"]["minimum_answers"], settings["disclosure"]["threshold"], settings["study"]["confidence"]
    )
    people = inputs["scales"][inputs["scales"]["wave"] == wave]
    table = index_table(people, own, block["weights"], rules)
    table["municipality"] = table["municipality"].astype("str").fillna("")
    table["component"] = table["component"].astype("str").fillna("")
    known = names_of(inputs.get("municipalities"))
    table["name"] = table["municipality"].map(known).astype("str").fillna(table["municipality"])
    books = {inputs[name]["instrument"]: inputs[name] for name in INSTRUMENTS}
    dimensions = books[settings["surveys"]["waves"][wave]["instrument"]]["dimensions"] | {OUTCOME: OUTCOME_NAME}
    for language in ("nb", "en"):
        words = {name: label[language] for name, label in dimensions.items()}
        table[f"component_{language}"] = table["component"].map(words).astype("str").fillna(table["component"])
    order = {"index": 0, "component": 1, "summary": 2, "left_out": 3}
    place = {name: i for i, name in enumerate(["", *block["weights"]])}
    keys = {"kind": order, "component": place}
    table = table.assign(wave=wave, horizon=block["horizon"], suppressed=table["method"].eq(f"{PREFIX}{SUPPRESSED}"))
    own = table["kind"].eq("component")
    result = table["component"].eq(OUTCOME)
    table["answers"] = table["n"].where(own & ~result).astype("Int64")
    table["share"] = (table["value"] / 100).where(own & result)
    table = table.sort_values(
        ["kind", "component", "rank", "municipality"],
        key=lambda s: s.map(keys[s.name]) if s.name in keys else s,
        ignore_index=True,
    )
    counts = ["rank", "n", "municipalities"]
    first = ["wave", "horizon", "kind", "municipality", "name", "component", "component_nb", "component_en"]
    return table.astype(dict.fromkeys(counts, "Int64"))[[*first, *(c for c in table if c not in first)]]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Bars from the mean to the left, component cells to the right, a row a municipality."""
    index = numbers[numbers["kind"] == "index"]
    cells = numbers[numbers["kind"] == "component"]
    footer = _footer(numbers, context)
    if index.empty:
        sheet = page(context, 2.2, footer)
        told = numbers.loc[numbers["kind"] == "summary", "method"].iloc[0]
        head = context.labels.pick({"nb": "Ikke beregnbar", "en": "Not estimable"})
        sheet.write(0.3, 1.0, f"{head}: {reason(told, context)}", fontsize=9, style="italic")
        return sheet.figure
    components = list(dict.fromkeys(cells["component"]))
    height = ROW * len(index)
    sheet = page(context, height + HEAD + 1.1, footer)
    wide = CELL * len(components)
    left = 3.1
    bars = sheet.axes(left, 0.9, sheet.width - left - wide - 0.5, height)
    _bars(bars, index, context)
    _cells(sheet, cells, components, (sheet.width - wide - 0.1, 0.9), height, context)
    return sheet.figure


def _bars(axes: Axes, index: pd.DataFrame, context: Context) -> None:
    labels = context.labels
    y = range(len(index))
    apart = (index["ci_low"] > CENTRE) | (index["ci_high"] < CENTRE)
    axes.set_ylim(len(index) - 0.5, -0.5)
    axes.barh(y, index["value"] - CENTRE, left=CENTRE, height=0.62, color=[BLUE if a else "#a8bfd0" for a in apart])
    axes.hlines(y, index["ci_low"], index["ci_high"], color=INK, linewidth=0.8, zorder=3)
    axes.axvline(CENTRE, color=GREY, linewidth=0.9, zorder=2)
    names = [f"{name}  {rank}" for name, rank in zip(index["name"], index["rank"], strict=True)]
    axes.set_yticks(list(y), names, fontsize=7)
    axes.tick_params(axis="y", length=0, pad=2)
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x")
    axes.tick_params(axis="x", length=0, labelsize=7.5)
    axes.xaxis.set_major_formatter(lambda value, _: labels.number(value))
    axes.set_xlabel(labels.pick({"nb": "Indeks (snitt 50)", "en": "Index (mean 50)"}), fontsize=8)


def _cells(
    sheet: Page,
    cells: pd.DataFrame,
    components: list[str],
    corner: tuple[float, float],
    height: float,
    context: Context,
) -> None:
    """A grid of the components' own values, shaded by how far they lie from the mean of the municipalities."""
    axes = sheet.axes(*corner, CELL * len(components), height)
    axes.set_axis_off()
    rows = {town: i for i, town in enumerate(dict.fromkeys(cells["municipality"]))}
    axes.set_xlim(0, len(components))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    for x, component in enumerate(components):
        own = cells[cells["component"] == component]
        for town, value, score in zip(own["municipality"], own["value"], own["score"], strict=True):
            shade = next(colour for bound, colour in SHADES if score < bound)
            axes.fill_between([x + 0.03, x + 0.97], rows[town] - 0.46, rows[town] + 0.46, color=shade, linewidth=0)
            axes.text(x + 0.5, rows[town], context.labels.number(value), fontsize=7, ha="center", va="center")
        at, top = corner[0] + CELL * (x + 0.5), corner[1] + height
        style = {"ha": "center", "va": "bottom"}
        sheet.write(at, top + 0.12, context.labels.percent_sign(own["weight"].iloc[0]), fontsize=7, color=GREY, **style)
        name = "\n".join(wrapped(own[f"component_{context.language}"].iloc[0], 7.5, HEAD - 0.5))
        sheet.write(at, top + 0.55, name, fontsize=7.5, rotation=90, linespacing=1.1, **style)


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    pick, labels = context.labels.pick, context.labels
    index, summary = numbers[numbers["kind"] == "index"], numbers[numbers["kind"] == "summary"].iloc[0]
    wave = wave_name(numbers["wave"].iloc[0], context)
    apart = int(((index["ci_low"] > CENTRE) | (index["ci_high"] < CENTRE)).sum())
    told = labels.number(summary["reliability"], 2)
    notes = {
        "nb": "Formelen bak indeksen i NIBR 2019:4 er ikke offentlig; komponenter og vekter er våre og står i "
        "config.yaml. Hver komponent er standardisert over kommunene; indeksen er det vektede snittet, der 10 poeng er "
        "ett standardavvik på hver komponent. Ruter: komponentens egen verdi 0–100, blå over og oransje under snittet "
        f"(½ og 1½ standardavvik); over dem vekten. Strek: {context.confidence}, som bærer utvalgsfeilen i alle "
        "komponentene, og at de samme personene svarer på alt; snitt og standardavvik er tatt som kjent.",
        "en": "The formula of the index in NIBR 2019:4 is not public; components and weights are ours and stand in "
        "config.yaml. Each component is standardised over the municipalities; the index is the weighted mean, 10 "
        "points being one standard deviation of every component. Cells: the component’s own value 0–100, blue above "
        f"and orange below the mean (½ and 1½ standard deviations); above them the weight. Line: {context.confidence}, "
        "which carries the sampling error of all components, and that the same persons answer everything; means and "
        "standard deviations are taken as known.",
    }
    found = {
        "nb": f"{apart} av {len(index)} kommuner skiller seg fra snittet (mørke søyler); reliabilitet {told}: så stor "
        "del av forskjellene er ikke utvalgsfeil.",
        "en": f"{apart} of {len(index)} municipalities stand apart from the mean (dark bars); reliability {told}: "
        "that share of the differences is not sampling error.",
    }
    n = {"nb": f"{len(index)} kommuner ({wave})", "en": f"{len(index)} municipalities ({wave})"}
    if len(index):
        answers = f"{labels.number(index['n'].min())}–{labels.number(index['n'].max())}"
        n = {
            "nb": f"{n['nb']}, {answers} svar eller tidligere deltakere i den minste komponenten",
            "en": f"{n['en']}, {answers} answers or former participants in the smallest component",
        }
    horizon = labels.term(f"horizon.{numbers['horizon'].iloc[0]}", default=str(numbers["horizon"].iloc[0])).lower()
    definition = f"{context.definition(context.settings['association']['definition'])}, {horizon}"
    lines = [pick(notes), *([pick(found)] if len(index) else []), *_left_out(numbers, context)]
    return context.footer(numbers, pick(n), definition, lines)


def _left_out(numbers: pd.DataFrame, context: Context) -> list[str]:
    """Municipalities and components that are not in the index, by reason."""
    rows = numbers[numbers["kind"] == "left_out"]
    least, told = context.settings["surveys"]["minimum_answers"], []
    for method, part in rows.groupby("method", sort=True):
        why = method.partition(": ")[2]
        word = context.labels.pick(WHY[why]).format(least=least) if why in WHY else reason(method, context)
        towns = part["name"].where(part["municipality"].ne(""), part[f"component_{context.language}"])
        told.append(f"{word}: {', '.join(towns)}")
    head = context.labels.pick({"nb": "Ikke med", "en": "Left out"})
    return [f"{head} – {'; '.join(told)}."] if told else []
