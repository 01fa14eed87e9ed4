"""T-C5: rank correlation of municipal results between moments of measuring, as observed and freed of noise."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.moments import (
    empty_table,
    exit_note,
    is_silent,
    method_text,
    moment,
    not_estimable,
    reasons_line,
    years_of,
)
from introprog.pooling import large_everywhere
from introprog.tables import Column, Row, Table

TERMS = {
    "raw": {"nb": "Observert", "en": "Observed"},
    "corrected": {
        "nb": "Korrigert for målefeil (sanne andeler)",
        "en": "Corrected for reliability (true shares)",
    },
}
YEARS = ["first_exit_year", "last_exit_year"]
COLUMNS = ["term", "definition", "horizon", "horizon_other", *YEARS, "estimate", "ci_low", "ci_high", "n", "leavers",
           "method"]  # fmt: skip


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """One row a pair of moments and term (``raw``, ``corrected``): correlation, limits, municipalities ``n``, method.

    ``leavers``: former participants of these municipalities at the first of all moments.
    """
    ranks = large_everywhere(inputs["ranks"], settings["comparison"]["minimum_leavers"])
    first = ranks[ranks["horizon"] == ranks["horizon"].min()]
    rows = inputs["rank_correlation"].assign(leavers=int(first["n"].sum()))
    for name in YEARS:
        rows[name] = int(first[name].iloc[0]) if len(first) else pd.NA
    order = {term: i for i, term in enumerate(TERMS)}
    return rows.sort_values(
        ["term", "horizon", "horizon_other"], key=lambda s: s.map(order) if s.name == "term" else s, ignore_index=True
    )[COLUMNS]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """Two triangles, one above the other: the later moment down, the earlier across."""
    labels, pick = context.labels, context.labels.pick
    stub = {"nb": "Måletidspunkt", "en": "Moment of measuring"}
    if numbers.empty:
        return empty_table(context, pick(stub), pick(TERMS["raw"]))
    across = sorted(numbers["horizon"].unique())
    down = sorted(numbers["horizon_other"].unique())
    rows = []
    for term, head in TERMS.items():
        own = numbers[numbers["term"] == term].set_index(["horizon_other", "horizon"])
        rows.append(Row(pick(head), kind="head"))
        rows += [Row(moment(late, context), [_cell(own, late, early, context) for early in across], 1) for late in down]
    group = {"nb": "Rangkorrelasjon med [{c}] mot", "en": "Rank correlation with [{c}] against"}
    columns = [Column(moment(h, context), pick(group).format(c=context.confidence)) for h in across]
    footer = _footer(numbers, context)
    return Table(context.language, context.title, labels.pick(stub), columns, rows, footer, context.stamp)


def _cell(rows: pd.DataFrame, late: int, early: int, context: Context) -> str:
    """Empty above the diagonal, where the same pair would stand a second time."""
    if (late, early) not in rows.index:
        return ""
    row, labels = rows.loc[(late, early)], context.labels
    if is_silent(row["method"]):
        return not_estimable(context)
    value = labels.number(row["estimate"], 2)
    return f"{value} {labels.interval(row['ci_low'], row['ci_high'], 2)}" if pd.notna(row["ci_low"]) else value


def _footer(numbers: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    minimum = labels.number(context.settings["comparison"]["minimum_leavers"])
    count, people = labels.number(numbers["n"].max()), labels.number(numbers["leavers"].max())
    when = years_of(numbers, context) if numbers["first_exit_year"].notna().any() else ""
    n = {
        "nb": f"{count} kommuner med minst {minimum} tidligere deltakere på alle tidspunkter, {people} personer ved "
        "det "
        f"første, sluttet {when}",
        "en": f"{count} municipalities with at least {minimum} former participants at all moments, {people} persons at "
        f"the first, left in {when}",
    }
    ways = {
        pick(head): method_text(numbers.loc[numbers["term"] == term, "method"], context) for term, head in TERMS.items()
    }
    told = "; ".join(f"{head.lower()}: {way}" for head, way in ways.items() if way)
    notes = [
        pick(
            {
                "nb": "Spearmans rangkorrelasjon; 1 = samme rekkefølge. De samme kommunene og kohortene i alle ruter. "
                "Den korrigerte er korrelasjonen mellom kommunenes sanne andeler, når tilfeldighet blant få personer "
                "er "
                "trukket fra.",
                "en": "Spearman's rank correlation; 1 = the same order. The same municipalities and cohorts in every "
                "cell. The corrected one is the correlation between the municipalities' true shares, with the chance "
                "of "
                "few persons taken off.",
            }
        ),
        pick({"nb": f"Slik regnet: {told}.", "en": f"How computed: {told}."}) if told else "",
        *reasons_line(numbers["method"], context),
        *exit_note(numbers["horizon"], context),
    ]
    definition = context.definition(context.settings["official_definition"])
    return context.footer(numbers, pick(n), definition, [note for note in notes if note])
