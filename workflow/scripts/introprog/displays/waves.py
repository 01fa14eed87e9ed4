"""The survey waves as displays need them: their order, their codebooks, reasons in words, what was published."""

from collections.abc import Mapping, Sequence

import pandas as pd

from introprog.displays.context import Context
from introprog.reasons import reason as reason_in

INSTRUMENTS = ("survey_ks", "survey_imdi")
PUBLISHED = {"survey_nibr2019_ks2015": "NIBR 2019:4", "survey_imdi_2020": "IMDi 2020", "survey_imdi_2021": "IMDi 2021"}


def wave_order(settings: Mapping) -> list[str]:
    """The waves of the config by year."""
    waves = settings["surveys"]["waves"]
    return sorted(waves, key=lambda w: (waves[w]["year"], w))


def by_wave(
    frame: pd.DataFrame,
    settings: Mapping,
    then: Sequence[str] = (),
    orders: Mapping[str, Sequence[object]] | None = None,
) -> pd.DataFrame:
    """``frame`` sorted by wave in the order of years, then by the columns ``then``, each in its order in ``orders``."""
    given = {"wave": wave_order(settings), **(orders or {})}
    position = {name: {value: i for i, value in enumerate(values)} for name, values in given.items()}

    def key(column: pd.Series) -> pd.Series:
        return column.map(position[column.name]) if column.name in position else column

    return frame.sort_values(["wave", *then], key=key, kind="stable", ignore_index=True)


def books(inputs: Mapping) -> dict[str, Mapping]:
    """Instrument name -> codebook."""
    return {inputs[name]["instrument"]: inputs[name] for name in INSTRUMENTS}


def book_of(inputs: Mapping, settings: Mapping, wave: str) -> Mapping:
    """The codebook of a wave's instrument."""
    return books(inputs)[settings["surveys"]["waves"][wave]["instrument"]]


def wave_name(wave: str, context: Context) -> str:
    """A wave's name in print."""
    return context.labels.term(f"wave.{wave}", default=wave)


def construct_name(construct: str, context: Context) -> str:
    """A construct's name in print."""
    return context.labels.term(f"construct.{construct}", default=construct)


def reason(method: object, context: Context) -> str:
    """The reason of ``not estimable: <reason>`` in the context's language."""
    return reason_in(str(method), context.language)


def not_estimable(method: object, context: Context) -> str:
    """``ikke beregnbar (<grunn>)`` or ``not estimable (<reason>)``."""
    head = context.labels.pick({"nb": "ikke beregnbar", "en": "not estimable"})
    return f"{head} ({reason(method, context)})"


def published_rows(published: pd.DataFrame, measure: str, category: str) -> pd.DataFrame:
    """The published figures of one survey measure and category: ``survey, value, source_key``, one row a survey.

    Where several publications give the same figure, the first source by key stands.
    """
    rows = published[published["table_group"].isin(list(PUBLISHED))]
    rows = rows[(rows["measure"] == measure) & (rows["category"] == category)]
    rows = rows.assign(survey=rows["table_group"].map(PUBLISHED)).sort_values(["survey", "source_key"])
    return rows.drop_duplicates("survey")[["survey", "value", "source_key"]].reset_index(drop=True)


def not_estimable_lines(rows: pd.DataFrame, column: str, context: Context) -> list[str]:
    """What could not be estimated, and why, a line a reason.

    ``rows`` has ``wave``, ``horizon``, ``method`` and ``column``, which is missing where there is no estimate.
    """
    labels, lines = context.labels, []
    missing = rows[rows[column].isna()]
    for method, part in missing.groupby("method", sort=True):
        where = []
        for wave, own in part.groupby("wave", sort=False):
            spans = [labels.term(f"horizon.{h}", default=str(h)).lower() for h in sorted(own["horizon"].unique())]
            where.append(f"{wave_name(wave, context)}: {', '.join(spans)}")
        head = labels.pick({"nb": "Ikke beregnbar", "en": "Not estimable"})
        lines.append(f"{head}, {reason(method, context)} ({'; '.join(where)}).")
    return lines
