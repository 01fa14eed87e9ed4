"""T-G1: the claims, each with its decision rule, judged by this run and by published figures."""

from collections.abc import Mapping

import pandas as pd

from introprog.claims.rules import REASONS
from introprog.claims.wording import (
    counts_words,
    criterion_words,
    estimate_words,
    evidence_words,
    interval_words,
    untestable_alike,
    verdict_words,
)
from introprog.displays.context import Context
from introprog.tables import Column, Row, Table

TEXTS = ("who", "claim", "estimand", "population")
NUMBERS = (
    "rule", "estimate", "ci_low", "ci_high", "n", "region_low", "region_high", "criterion", "unit", "verdict",
    "reason_nb", "reason_en",
)  # fmt: skip


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """Two rows a claim, ``kind`` ``run`` and ``published``: texts of the ledger, the rule's numbers and the verdict."""
    ledger, sources = inputs["ledger"]["claims"], inputs["published_sources"].set_index("source_key")
    rows = inputs["claims"].rename(columns={"evidence": "kind"})
    for text in TEXTS:
        for language in ("nb", "en"):
            rows[f"{text}_{language}"] = [ledger[name][text][language] for name in rows["claim"]]
    cited = {name: "; ".join(_cited(sources.loc[key]) for key in claim["source"]) for name, claim in ledger.items()}
    rows["sources"] = rows["claim"].map(cited)
    rows["displays"] = [" ".join(ledger[name]["displays"]) for name in rows["claim"]]
    rows["suppressed"] = rows["reason_en"].eq(REASONS["hidden"]["en"])
    texts = [f"{text}_{language}" for text in TEXTS for language in ("nb", "en")]
    return rows.rename(columns={"claim": "id"})[["id", "kind", *texts, *NUMBERS, "sources", "displays", "suppressed"]]


def _cited(source: pd.Series) -> str:
    return f"{source['publisher']} ({source['year'] or 'n.d.'}): {source['title']}"


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """A group of two lines a claim, the run and the published figures; one line where neither can test it."""
    pick, labels, language = context.labels.pick, context.labels, context.language
    rows = []
    for name, pair in numbers.groupby("id", sort=False):
        both = pair.to_dict("records")
        first = both[0]
        rows.append(Row(f"{name} {first[f'who_{language}']}: {first[f'claim_{language}']}", kind="head"))
        if untestable_alike(both):
            rows.append(Row(pick(NEITHER), [".", ".", ".", ".", verdict_words(first, labels)], 1))
            continue
        rows += [Row(evidence_words(row, labels), _cells(row, labels), 1) for row in both]
    count = numbers["id"].nunique()
    footer = context.footer(
        numbers,
        pick({"nb": f"{count} påstander", "en": f"{count} claims"}),
        pick(DEFINITION),
        [pick(note) for note in _notes(context)],
        pick(ORIGIN) if context.data != "synthetic" else pick(ORIGIN_SIMULATED),
    )
    details = [_detail(pair.iloc[0], language) for _, pair in numbers.groupby("id", sort=False)]
    return Table(
        language,
        context.title,
        pick({"nb": "Påstand og tallgrunnlag", "en": "Claim and evidence"}),
        _columns(context),
        rows,
        footer,
        context.stamp,
        lead=[counts_words(part, labels) for _, part in numbers.groupby("kind", sort=True)],
        details=details,
        details_head=pick(
            {"nb": "Hva som prøves, for hvem, og hvem som sier det", "en": "What is tested, of whom, and who says it"}
        ),
    )


def _columns(context: Context) -> list[Column]:
    pick = context.labels.pick
    return [
        Column(pick({"nb": "Anslag", "en": "Estimate"})),
        Column(context.confidence),
        Column("n"),
        Column(pick({"nb": "Holder hvis", "en": "Holds if"}), text=True),
        Column(pick({"nb": "Konklusjon", "en": "Verdict"}), text=True),
    ]


def _cells(row: Mapping, labels: object) -> list[str]:
    return [
        estimate_words(row, labels),
        interval_words(row, labels),
        labels.number(row["n"]),
        criterion_words(row, labels),
        verdict_words(row, labels),
    ]


def _detail(row: Mapping, language: str) -> str:
    see = f" {row['displays'].replace(' ', ', ')}." if row["displays"] else ""
    return f"{row['id']}: {row[f'estimand_{language}']} {row[f'population_{language}']}{see} {row['sources']}"


def _notes(context: Context) -> list[Mapping[str, str]]:
    return [RULE, WHOLE, SIMULATED] if context.data == "synthetic" else [RULE, WHOLE]


NEITHER = {"nb": "Ingen tall", "en": "No numbers"}
DEFINITION = {
    "nb": "påstandene er gjengitt med våre ord; regelen for hver er skrevet ned på forhånd i data/claims.yaml",
    "en": "the claims are in our own words; the rule of each is written down in advance in data/claims.yaml",
}
RULE = {
    "nb": "En påstand holder når hele intervallet oppfyller kravet, holder ikke når ingen del av det gjør det, og kan "
    "ellers ikke sies. Konklusjonen gjelder tallet påstanden er prøvd med (under tabellen), ikke hvert ord i den. "
    "n: den minste gruppen i en sammenligning; pp = prosentpoeng; tall uten enhet er korrelasjoner.",
    "en": "A claim holds where the whole interval meets the demand, does not hold where no part of it does, and "
    "otherwise cannot be told. The verdict is about the number that the claim is tried by (below the table), not about "
    "every word of it. n: the smallest group of a comparison; pp = percentage points; numbers without a unit are "
    "correlations.",
}
WHOLE = {
    "nb": "Publiserte tall fra registre gjelder alle; intervallet sier da hvor mye et slikt tall ville variert "
    "tilfeldig, og avrundingen er regnet med. Andeler av svar regnes med undersøkelsens designeffekt.",
    "en": "Published register figures cover everybody; the interval then says how much such a figure would vary by "
    "chance, and rounding is reckoned in. Shares of answers allow for the design effect of the survey.",
}
SIMULATED = {
    "nb": "Simulerte data bekrefter ingenting om Norge: en konklusjon fra dem sier hva metoden finner i slike data.",
    "en": "Simulated data confirm nothing about Norway: a verdict from them says what the method finds in such data.",
}
ORIGIN = {
    "nb": "kjøringens egne modeller; publiserte tall i data/published/figures.csv",
    "en": "the run's own models; published figures in data/published/figures.csv",
}
ORIGIN_SIMULATED = {
    "nb": "simulerte data laget av denne arbeidsflyten; publiserte tall i data/published/figures.csv",
    "en": "simulated data made by this workflow; published figures in data/published/figures.csv",
}
