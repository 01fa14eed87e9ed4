"""F-E4: say over the content of one's programme: the items on participation, split at the middle of their scale."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.answer_parts import OTHER, UNSURE, draw_parts, part_table, parts_of
from introprog.displays.context import Context
from introprog.displays.f_e3 import published_line, published_table
from introprog.displays.waves import book_of, wave_order
from introprog.scales import members

DIMENSION = "participation"
PUBLISHED = (("influence on own programme", "limited possibility to influence"),)
WORDS = {
    "limited": {"nb": "begrenset", "en": "limited"},
    "has_say": {"nb": "er med på å bestemme", "en": "has a say"},
    UNSURE: {"nb": "vet ikke", "en": "don't know"},
    OTHER: {"nb": "ikke aktuelt eller ubesvart", "en": "not applicable or unanswered"},
}
COLOURS = {"limited": "#B8731E", "has_say": "#2B8C83", UNSURE: "#D9D9D9", OTHER: "#EFEFEF"}


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Rows of kind ``survey`` (a wave, item and part: ``count``, ``n`` asked, ``share``, limits) and ``published``.

    ``limited``: an answer in the lower half of the scale, reversed items turned.
    """
    counts, texts = {}, {}
    for wave in wave_order(settings):
        book = book_of(inputs, settings, wave)
        own = inputs["survey_responses"][inputs["survey_responses"]["wave"] == wave]
        for item in members(book, "dimension").get(DIMENSION, []):
            counts[wave, item] = parts_of(own[item], book["items"][item], "has_say", "limited")
            texts[wave, item] = (book["items"][item]["text"], bool(book["items"][item]["reversed"]))
    table = part_table(counts, settings).assign(kind="survey")
    turned = {"nb": " (snudd)", "en": " (turned)"}
    for language in ("nb", "en"):
        words = {key: text[language] + (turned[language] if flip else "") for key, (text, flip) in texts.items()}
        table[f"item_{language}"] = [words[key] for key in zip(table["wave"], table["item"], strict=True)]
    return pd.concat([table, published_table(inputs["published"], PUBLISHED)], ignore_index=True).astype(
        {"suppressed": bool}
    )


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """One bar an item of every wave that asks about it."""
    pick, labels = context.labels.pick, context.labels
    rows = numbers[numbers["kind"] == "survey"]
    asked = rows.groupby("wave")["n"].max().sum()
    n = {"nb": f"{labels.number(asked)} spurte", "en": f"{labels.number(asked)} asked"}
    definition = {
        "nb": "begrenset = svar i den nedre halvdelen av skalaen; negativt formulerte spørsmål er snudd (merket "
        "«snudd»)",
        "en": "limited = an answer in the lower half of the scale; negatively worded items are turned (marked "
        "“turned”)",
    }
    notes = {
        "nb": "Prosent av alle spurte, uvektet. Bare undersøkelser som spør om medvirkning. Skravert = skjulte svar "
        "samlet.",
        "en": "Per cent of all asked, unweighted. Only surveys that ask about participation. Hatched = suppressed "
        "answers together.",
    }
    words = {
        "limited possibility to influence": {
            "nb": "begrenset mulighet til å påvirke {}",
            "en": "limited possibility to influence {}",
        }
    }
    footer = context.footer(rows, pick(n), pick(definition), [pick(notes), published_line(numbers, words, context)])
    return draw_parts(rows, context, footer, WORDS, COLOURS, ("limited", "has_say"))
