"""F-E2: how the answers to every item are distributed, each wave by itself, sorted by the share of positive answers.

Disagreement to the left of the middle line, agreement to the right; don't know stands apart as a figure. Reversed items
are turned, so that right is good.
"""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from introprog.disclosure import blank, protect
from introprog.displays.context import Context
from introprog.house_style import Page, key, page, wrapped

INSTRUMENTS = ("survey_ks", "survey_imdi")
COLOURS = {
    2: ["#B8731E", "#2B8C83"],
    3: ["#B8731E", "#D9D9D9", "#2B8C83"],
    4: ["#8C510A", "#DDBB77", "#80CDC1", "#01665E"],
    6: ["#8C510A", "#C58A3A", "#EBD5A5", "#BFE3DE", "#5AB4AC", "#01665E"],
}
MISSING = {97: "dont_know", 98: "not_applicable", 99: "unanswered"}
LINE = 0.54
STUBS = 6.6


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a wave, item and answer: ``count``, ``share`` and its base ``n`` (valid answers, or all asked)."""
    responses = inputs["survey_responses"]
    parts = []
    for name in INSTRUMENTS:
        book = inputs[name]
        rows = responses[responses["instrument"] == book["instrument"]]
        for wave in sorted(rows["wave"].unique()):
            for item, block in book["items"].items():
                words = (
                    {**book["answers"], **block.get("answers", {})} if block["scale"] != [1, 2] else block["answers"]
                )
                parts.append(_item(rows.loc[rows["wave"] == wave, item], wave, item, block, words))
    table = pd.concat([p for p in parts if len(p)], ignore_index=True)
    hidden = _hidden(table, settings["disclosure"]["threshold"])
    table = blank(table, hidden, ["count", "share"])
    order = {wave: (block["year"], wave) for wave, block in settings["surveys"]["waves"].items()}
    position = {w: i for i, w in enumerate(sorted(order, key=order.get))}
    return table.sort_values(
        ["wave", "item", "answer"],
        key=lambda s: s.map(position) if s.name == "wave" else s,
        kind="stable",
        ignore_index=True,
    )


def _item(answers: pd.Series, wave: str, item: str, block: Mapping, words: Mapping) -> pd.DataFrame:
    values = answers.dropna().astype(int)
    low, high = block["scale"]
    if block["reversed"]:
        values = values.where(values > high, low + high - values)
    # yes before no in the file, no to the left in the figure
    if block["scale"] == [1, 2]:
        values = values.map({1: 2, 2: 1}).fillna(values).astype(int)
        words = {1: words[2], 2: words[1]}
    codes = [*range(low, high + 1), *MISSING]
    counts = values.value_counts().reindex(codes, fill_value=0)
    valid, asked = int(counts.loc[low:high].sum()), int(counts.sum())
    kind = ["valid" if c <= high else MISSING[c] for c in codes]
    base = pd.Series([valid if k == "valid" else asked for k in kind], dtype="float64")
    frame = pd.DataFrame(
        {
            "wave": wave,
            "item": item,
            "answer": codes,
            "kind": kind,
            "count": counts.to_numpy(),
            "n": base.astype("int64"),
        }
    )
    frame["share"] = frame["count"] / base.mask(base == 0)
    for language in ("nb", "en"):
        frame[f"item_{language}"] = block["text"][language]
        frame[f"answer_{language}"] = [
            words[c][language] if c in words else kind for c, kind in zip(codes, kind, strict=True)
        ]
    return frame.assign(steps=high - low + 1, reversed=bool(block["reversed"])) if asked else frame.iloc[:0]


def _hidden(table: pd.DataFrame, threshold: int) -> pd.Series:
    """Small counts, and others that totals would give away: valid answers sum to n, with the missing to all asked."""
    valid = (
        table[table["kind"] == "valid"].groupby(["wave", "item"], as_index=False)["count"].sum().assign(answer="valid")
    )
    total = table.groupby(["wave", "item"], as_index=False)["count"].sum().assign(answer="asked")
    cells = table[["wave", "item", "count"]].assign(
        answer=table["kind"].where(table["kind"] != "valid", table["answer"].astype(str))
    )
    long = pd.concat([cells, valid, total], ignore_index=True)
    steps = [str(a) for a in range(1, int(table["steps"].max()) + 1)]
    tree = {"valid": steps, "asked": ["valid", *MISSING.values()]}
    return protect(long, "count", ["wave", "item", "answer"], {"answer": tree}, threshold).iloc[: len(table)]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """One block of bars a wave."""
    pick, number = context.labels.pick, context.labels.number
    waves = list(dict.fromkeys(numbers["wave"]))
    sizes = {w: numbers.loc[numbers["wave"] == w, "item"].nunique() for w in waves}
    height = sum(LINE * n + 1.75 for n in sizes.values())
    asked = {w: int(numbers.loc[(numbers["wave"] == w) & (numbers["kind"] != "valid"), "n"].max()) for w in waves}
    n = "; ".join(f"{context.labels.term(f'wave.{w}', default=w)} {number(v)}" for w, v in asked.items())
    definition = {
        "nb": "prosent av gyldige svar; til høyre andelen «vet ikke» av alle spurte, og antall gyldige svar. "
        "Negativt formulerte "
        "spørsmål er snudd (merket «snudd»)",
        "en": "per cent of valid answers; to the right the share of “don't know” among all asked, and the number of "
        "valid answers. Negatively "
        "worded items are turned (marked “turned”)",
    }
    notes = {
        "nb": "Streken i midten skiller uenig fra enig; et svar midt på skalaen deles av den. Hver undersøkelse har "
        "egen skala og egne spørsmål og kan ikke sammenlignes direkte. "
        "Svarene er uvektede. Skravert = skjulte svar samlet.",
        "en": "The line in the middle parts disagreement from agreement and halves an answer in the middle of a "
        "scale. Each survey has a scale and items of its own; they cannot be compared "
        "directly. Answers are unweighted. Hatched = suppressed answers together.",
    }
    answers = {"nb": f"{n} svar", "en": f"{n} answers"}
    sheet = page(context, height, context.footer(numbers, pick(answers), pick(definition), [pick(notes)]))
    top, left = height, _left_end(numbers)
    for wave in waves:
        top -= LINE * sizes[wave] + 1.75
        _wave(sheet, numbers[numbers["wave"] == wave], context, (top + 0.45, LINE * sizes[wave]), left)
    return sheet.figure


def _order(rows: pd.DataFrame) -> list[str]:
    upper = rows[(rows["kind"] == "valid") & (rows["answer"] > (1 + rows["steps"]) / 2)]
    positive = upper.groupby("item")["share"].sum().reindex(rows["item"].unique()).fillna(0)
    two = rows.drop_duplicates("item").set_index("item")["steps"] == 2
    return sorted(positive.index, key=lambda i: (bool(two[i]), -positive[i], i))


def _left_end(numbers: pd.DataFrame) -> int:
    """Where the axis begins: a multiple of 25 left of all that is drawn there, suppressed answers among it."""
    valid = numbers[numbers["kind"] == "valid"]
    upper = valid[valid["answer"] > (1 + valid["steps"]) / 2]
    middle = valid[valid["answer"] * 2 == valid["steps"] + 1]
    keys = ["wave", "item"]
    right = upper.groupby(keys)["share"].sum().add(middle.groupby(keys)["share"].sum() / 2, fill_value=0).astype(float)
    return -25 * max(1, int(-(-100 * (1 - float(right.min())) // 25)))


def _wave(sheet: Page, rows: pd.DataFrame, context: Context, place: tuple[float, float], left: int) -> None:
    """The bars of a wave; ``place`` = (lower edge, height) in cm, ``left`` the end of the axis in per cent."""
    y, height = place
    items = _order(rows)
    axes = sheet.axes(STUBS, y, 7.3, height)
    axes.set_ylim(len(items) - 0.5, -0.5)
    axes.set_xlim(left, 100)
    axes.set_yticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xticks(range(left, 101, 25), [context.labels.number(abs(t)) for t in range(left, 101, 25)], fontsize=7)
    axes.tick_params(axis="x", length=0, pad=1)
    axes.axvline(0, color="#4d4d4d", linewidth=0.8, zorder=3)
    for i, item in enumerate(items):
        part = rows[rows["item"] == item]
        _bar(axes, part[part["kind"] == "valid"], i, context)
        _stub(axes, part, i, context)
    name = context.labels.term(f"wave.{rows['wave'].iloc[0]}", default=str(rows["wave"].iloc[0]))
    sheet.write(0, y + height + 0.9, name, fontsize=9, fontweight="bold", va="center")
    _key(sheet, rows, context, y + height + 0.9)
    for x, words in (
        (14.4, {"nb": "Vet\nikke, %", "en": "Don't\nknow, %"}),
        (15.55, {"nb": "Gyldige\nsvar", "en": "Valid\nanswers"}),
    ):
        sheet.write(
            x, y + height + 0.1, context.labels.pick(words), fontsize=7, ha="center", va="bottom", linespacing=1.05
        )


def _bar(axes: Axes, valid: pd.DataFrame, i: int, context: Context) -> None:
    steps = int(valid["steps"].iloc[0])
    colours = COLOURS[steps]
    shares = [None if pd.isna(s) else 100 * float(s) for s in valid.sort_values("answer")["share"]]
    hidden = 100 - sum(s for s in shares if s is not None)
    lower = [s or 0.0 for s in shares[: steps // 2]]
    left = -sum(lower) - (shares[steps // 2] or 0) / 2 * (steps % 2)
    for share, colour in zip(shares, colours, strict=True):
        if share is None:
            continue
        axes.barh(i, share, left=left, height=0.72, color=colour, linewidth=0)
        if share >= 7:
            dark = colour in ("#8C510A", "#01665E", "#2B8C83", "#B8731E")
            axes.text(
                left + share / 2,
                i,
                context.labels.number(share),
                ha="center",
                va="center",
                fontsize=6.5,
                zorder=4,
                color="white" if dark else "#1a1a1a",
            )
        left += share
    if any(s is None for s in shares) and hidden > 0:
        start = -sum(lower) - (shares[steps // 2] or 0) / 2 * (steps % 2)
        axes.barh(
            i,
            hidden,
            left=start - hidden,
            height=0.72,
            facecolor="white",
            edgecolor="#8c8c8c",
            hatch="////",
            linewidth=0.4,
        )


def _stub(axes: Axes, part: pd.DataFrame, i: int, context: Context) -> None:
    text = part[f"item_{context.language}"].iloc[0]
    turned = {"nb": " (snudd)", "en": " (turned)"}
    text += context.labels.pick(turned) if part["reversed"].iloc[0] else ""
    lines = wrapped(text, 7, STUBS - 0.15)
    axes.annotate(
        "\n".join(lines[:2]),
        (0, i),
        (-4, 0),
        axes.get_yaxis_transform(),
        "offset points",
        ha="right",
        va="center",
        fontsize=7,
        linespacing=1.0,
        annotation_clip=False,
    )
    unsure = part[part["kind"] == "dont_know"].iloc[0]
    valid = part[part["kind"] == "valid"].iloc[0]
    words = ":" if unsure["suppressed"] else context.labels.share(unsure["share"])
    for x, value in ((14.5, words), (47, context.labels.number(valid["n"]))):
        axes.annotate(
            value,
            (1, i),
            (x, 0),
            axes.get_yaxis_transform(),
            "offset points",
            ha="center",
            va="center",
            fontsize=7,
            annotation_clip=False,
        )


def _key(sheet: Page, rows: pd.DataFrame, context: Context, y: float) -> None:
    """The answers of the wave's commonest scale, in colour, in one line."""
    steps = int(rows.drop_duplicates("item")["steps"].mode().max())
    one = rows[(rows["steps"] == steps) & (rows["kind"] == "valid") & ~rows["reversed"]]
    one = one[one["item"] == one["item"].iloc[0]].sort_values("answer")
    answers = zip(one[f"answer_{context.language}"], COLOURS[steps], strict=True)
    key(sheet, [({"marker": "s", "color": colour, "size": 6}, text) for text, colour in answers], y, 6.5, 3.0)
