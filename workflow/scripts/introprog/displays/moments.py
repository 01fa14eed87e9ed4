"""Words that the displays comparing moments of measuring share: a moment's name, a reason, how a figure came about."""

from collections.abc import Iterable

import pandas as pd

from introprog.displays.context import Context
from introprog.estimable import PREFIX
from introprog.tables import Column, Row, Table

REASONS = {
    "no variance between municipalities beyond noise": "ingen variasjon mellom kommuner ut over tilfeldighet",
    "fewer than 5 municipalities": "færre enn fem kommuner",
    "fewer than three municipalities": "færre enn tre kommuner",
}
METHODS = {
    "persons resampled within municipality and cohort": {
        "nb": "personer trukket på nytt innen kommune og kohort",
        "en": "persons resampled within municipality and cohort",
    },
    "municipalities resampled": {"nb": "kommuner trukket på nytt", "en": "municipalities resampled"},
    "upper limit: counts only, so luck that persons keep between horizons is not taken off": {
        "nb": "øvre grense uten intervall: bare antall er kjent, så flaks som de samme personene beholder fra ett "
        "tidspunkt til det neste, er ikke trukket fra",
        "en": "upper limit without interval: only counts are known, so luck that the same persons keep from one moment "
        "to the next is not taken off",
    },
}


def moment(horizon: int, context: Context) -> str:
    """``Ved avslutning``, ``1 år`` and so on."""
    years = {"nb": f"{horizon} år", "en": f"{horizon} years"}
    return context.labels.term(f"horizon.{horizon}", default=context.labels.pick(years))


def is_silent(method: object) -> bool:
    """Whether a row's method says that nothing can be estimated."""
    return str(method).startswith(PREFIX)


def reason(method: object, context: Context) -> str:
    """The reason of ``not estimable: <reason>`` in the context's language."""
    text = str(method).removeprefix(PREFIX)
    return REASONS.get(text, text) if context.language == "nb" else text


def not_estimable(context: Context) -> str:
    """What a cell without an estimate says."""
    return context.labels.pick({"nb": "ikke beregnbar", "en": "not estimable"})


def reasons_line(methods: Iterable[object], context: Context) -> list[str]:
    """One line with the reasons of what could not be estimated; none where all could."""
    texts = sorted({reason(m, context) for m in methods if is_silent(m)})
    head = {"nb": "Ikke beregnbar: ", "en": "Not estimable: "}
    return [context.labels.pick(head) + "; ".join(texts) + "."] if texts else []


def method_text(methods: Iterable[object], context: Context) -> str:
    """How estimates and intervals came about, each way once, reasons apart."""
    known = dict.fromkeys(str(m) for m in methods if not is_silent(m))
    return "; ".join(context.labels.pick(METHODS[m]) if m in METHODS else m for m in known)


def years_of(rows: pd.DataFrame, context: Context) -> str:
    """``2012-2018``: the cohorts of rows with ``first_exit_year`` and ``last_exit_year``."""
    return context.labels.years(int(rows["first_exit_year"].min()), int(rows["last_exit_year"].max()))


def one_moment(context: Context) -> str:
    """What a display that compares moments says when the source has only one with municipalities to compare."""
    text = {
        "nb": "Ikke beregnbar: kommunene kan sammenliknes på færre enn to tidspunkter i årene som er valgt.",
        "en": "Not estimable: the municipalities can be compared at fewer than two moments in the years chosen.",
    }
    return context.labels.pick(text)


def empty_table(context: Context, stub: str, head: str) -> Table:
    """A table that says only that there is nothing to compare."""
    row = Row(one_moment(context), [context.labels.number(None)])
    definition = context.definition(context.settings["official_definition"])
    footer = context.footer(pd.DataFrame(), context.labels.number(0), definition)
    return Table(context.language, context.title, stub, [Column(head)], [row], footer, context.stamp)


def exit_note(horizons: Iterable[int], context: Context) -> list[str]:
    """What is measured on leaving, where that moment is among those shown."""
    text = {
        "nb": "«Ved avslutning»: direkte overgang til arbeid eller utdanning etter avslutningsårsaken.",
        "en": "“On leaving”: direct transition to work or education by the end cause.",
    }
    return [context.labels.pick(text)] if 0 in set(horizons) else []
