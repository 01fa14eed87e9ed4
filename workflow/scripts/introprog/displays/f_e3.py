"""F-E3: who has an individual plan, by survey; what was published about it stands in words below."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.answer_parts import OTHER, UNSURE, draw_parts, part_table, parts_of
from introprog.displays.context import Context
from introprog.displays.waves import book_of, published_rows, wave_order

ITEM = {"ks": "q18", "imdi": "plan"}
PUBLISHED = (("individual plan", "no individual plan made"), ("individual plan", "has an individual plan"))
WORDS = {
    "has_plan": {"nb": "har plan", "en": "has a plan"},
    "no_plan": {"nb": "har ikke plan", "en": "has no plan"},
    UNSURE: {"nb": "vet ikke", "en": "don't know"},
    OTHER: {"nb": "ikke besvart", "en": "not answered"},
}
COLOURS = {"has_plan": "#2B8C83", "no_plan": "#B8731E", UNSURE: "#D9D9D9", OTHER: "#EFEFEF"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``survey`` (a wave and part: ``count``, ``n`` asked, ``share``, limits) and ``published``."""
    counts, texts = {}, {}
    for wave in wave_order(settings):
        book = book_of(inputs, settings, wave)
        item = ITEM[book["instrument"]]
        own = inputs["survey_responses"][inputs["survey_responses"]["wave"] == wave]
        counts[wave, item] = parts_of(own[item], book["items"][item], "has_plan", "no_plan")
        texts[wave] = book["items"][item]["text"]
    table = part_table(counts, settings).assign(kind="survey")
    for language in ("nb", "en"):
        table[f"item_{language}"] = [texts[w][language] for w in table["wave"]]
    return pd.concat([table, published_table(inputs["published"], PUBLISHED)], ignore_index=True).astype(
        {"suppressed": bool}
    )


def published_table(published: pd.DataFrame, wanted: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Published shares (0-1) as rows of kind ``published``: ``survey, part, share, source_key``."""
    parts = [published_rows(published, measure, category).assign(part=category) for measure, category in wanted]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(kind="published", share=table["value"] / 100, suppressed=False).drop(columns="value")


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """One bar a wave."""
    pick, labels = context.labels.pick, context.labels
    rows = numbers[numbers["kind"] == "survey"]
    asked = rows.drop_duplicates(["wave", "item"])["n"].sum()
    n = {"nb": f"{labels.number(asked)} spurte", "en": f"{labels.number(asked)} asked"}
    definition = {
        "nb": "deltakerens eget svar på om hun eller han har en individuell plan",
        "en": "the participant's own answer to having an individual plan",
    }
    notes = {
        "nb": "Prosent av alle spurte, uvektet. Skravert = skjulte svar samlet.",
        "en": "Per cent of all asked, unweighted. Hatched = suppressed answers together.",
    }
    words = {
        "no individual plan made": {"nb": "uten plan {}", "en": "without a plan {}"},
        "has an individual plan": {"nb": "har plan {}", "en": "has a plan {}"},
    }
    footer = context.footer(rows, pick(n), pick(definition), [pick(notes), published_line(numbers, words, context)])
    return draw_parts(rows, context, footer, WORDS, COLOURS, ("has_plan", "no_plan"))


def published_line(numbers: pd.DataFrame, words: Mapping[str, Mapping[str, str]], context: Context) -> str:
    """The published shares in words with their sources; never a mark in the figure."""
    told = numbers[numbers["kind"] == "published"]
    parts = [
        f"{row['survey']}: {context.labels.pick(words[row['part']]).format(context.labels.percent(row['share']))} "
        f"({row['source_key']})"
        for _, row in told.iterrows()
    ]
    head = {"nb": "Publisert om de virkelige undersøkelsene", "en": "Published about the real surveys"}
    return f"{context.labels.pick(head)}: {'; '.join(parts)}."
