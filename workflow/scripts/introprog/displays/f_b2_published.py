"""F-B2-published: the same figure from published figures only; series that must not be chained are kept apart."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from introprog.displays.context import Context
from introprog.displays.f_b2 import draw_series
from introprog.displays.published import SOURCE, national_shares, sources_text, with_sources
from introprog.displays.shares import in_order


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a leaving year and sex, with the source of each; ``series`` is ``first_published`` or ``official``."""
    rows = national_shares(inputs["published"], settings)
    rows = rows[rows["horizon"] == 1].assign(status_year=rows["exit_year"] + 1)
    names = ["exit_year", "status_year", "sex", "series", "n", "share", "ci_low", "ci_high", *SOURCE]
    return in_order(with_sources(rows, inputs["published_sources"]), ["exit_year", "sex"])[names]


def draw(numbers: pd.DataFrame, context: Context) -> Figure:
    """Lines by sex, intervals where the source gives the number of persons."""
    pick = context.labels.pick
    n = context.labels.number(numbers.loc[numbers["sex"] == "both", "n"].sum())
    text = {
        "nb": f"{n} tidligere deltakere i de årene der kilden oppgir tallet",
        "en": f"{n} former participants in the years for which the source gives the number",
    }
    definition = {
        "nb": "sysselsatt (minst én time) eller under utdanning i november året etter, bosatt i Norge",
        "en": "employed (at least one hour) or in education in November the year after, resident in Norway",
    }
    notes = {
        "nb": f"Loddrette streker: {context.confidence} (Wilson), der antallet er publisert. Åpne merker: "
        f"førstegangspubliserte "
        "tall, som ikke kan kjedes med den reviderte serien.",
        "en": f"Vertical lines: {context.confidence} (Wilson), where the number of persons is published. Hollow marks: "
        "first-published figures, which cannot be chained with the revised series.",
    }
    origin = sources_text(numbers, context)
    return draw_series(numbers, context, context.footer(numbers, pick(text), pick(definition), [pick(notes)], origin))
