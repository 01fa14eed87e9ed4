"""The question itself, for all waves, scores, definitions and horizons: coefficient table, verdicts and maps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from introprog import verdict
from introprog.association import all_models, unavailable
from introprog.errors import Problem, raise_if
from introprog.judgement import YEARS, Plan, add_influence, correlation_map, item_map, verdict_table
from introprog.link import KEY, LINKED, Thresholds, link_surveys
from introprog.scales import members


def coefficient_table(scores: pd.DataFrame, link: pd.DataFrame, counts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Table T-F2: all models for every combination in ``counts``, with the reason where there is nothing to
    estimate."""
    tables = []
    waves = {wave: part for wave, part in scores.groupby("wave")}
    groups = {key: part[part["status"] == LINKED] for key, part in link.groupby(KEY)}
    for row in counts.sort_values(KEY).to_dict("records"):
        key = tuple(row[k] for k in KEY)
        wave, construct = key[0], key[1]
        names = dict(zip(KEY, key, strict=True))
        if pd.isna(row["first_exit_year"]):
            tables.append(unavailable(verdict.NOT_OBSERVED).assign(**names, **dict.fromkeys(YEARS, pd.NA)))
            continue
        towns = groups.get(key, link.iloc[:0])
        rates = towns.set_index("municipality")["y_rate"] * 10
        own = waves[wave]
        people = own[own[construct].notna() & own["municipality"].isin(rates.index)]
        people = people.assign(
            score=people[construct].astype(float),
            level=people[f"{construct}_level"],
            result=people["municipality"].map(rates),
        )
        models = all_models(people, towns, plan.covariates, plan.level, plan.seed, plan.replicates)
        tables.append(models.assign(**names, **{k: row[k] for k in YEARS}))
    table = pd.concat(tables, ignore_index=True).astype(dict.fromkeys(YEARS, "Int64"))
    return table[["model", *KEY, *(c for c in table if c not in ("model", *KEY))]]


@dataclass(frozen=True)
class Tables:
    """What the estimation writes: T-F2, T-F4, the maps over items and definitions, and the link behind T-F2 and
    T-F4."""

    association: pd.DataFrame
    verdict: pd.DataFrame
    items: pd.DataFrame
    definitions: pd.DataFrame
    link: pd.DataFrame


def analyse(
    scores: pd.DataFrame,
    panel: pd.DataFrame,
    instruments: Mapping[str, Mapping],
    surveys: Mapping,
    association: Mapping,
    definitions: Mapping[str, Mapping],
) -> Tables:
    """Everything from ``scales.parquet``, the municipality panel, the codebooks and the config blocks so named.

    Definitions: ``association: definition`` and that of the primary contrast, each in its own geography. Raises
    ``InputError`` when a wave of the config has no answers, or an answer's wave is not in the config.
    """
    waves, horizons = surveys["waves"], association["horizons"]
    scores = scores.sort_values(["wave", "response_id"], ignore_index=True)
    raise_if(list(_unmatched(scores, waves)))
    geography = {name: entry["geography"] for name, entry in definitions.items()}
    chosen = [association["definition"], association["primary"]["definition"]]
    yearly = [name for name, entry in definitions.items() if entry["moment"] == "november"]
    books = {wave: instruments[settings["instrument"]] for wave, settings in waves.items()}
    constructs = {wave: list(members(book, "construct")) for wave, book in books.items()}
    items = {wave: [f"item_{name}" for name in book["items"]] for wave, book in books.items()}
    thresholds = Thresholds(surveys["minimum_answers"], surveys["minimum_municipal_leavers"])

    def linked(columns, names):
        places = {name: geography[name] for name in dict.fromkeys(names)}
        return link_surveys(scores, panel, waves, surveys["alignment"], columns, places, horizons, thresholds)

    link, counts = linked(constructs, chosen)
    asked = (association[name] for name in ("smallest_effect", "alpha", "primary", "covariates"))
    plan = Plan(*asked, _labels(waves, books, definitions))
    return Tables(
        coefficient_table(scores, link, counts, plan),
        verdict_table(link, counts, plan),
        item_map(linked(items, chosen)[0], plan.level),
        correlation_map(linked(constructs, yearly)[0], plan.level, ["wave"]),
        add_influence(link),
    )


def _unmatched(scores: pd.DataFrame, waves: Mapping) -> Iterator[Problem]:
    present = set(scores["wave"])
    hint = "the names under surveys: waves are those of the survey files"
    if absent := sorted(set(waves) - present):
        yield Problem("config.yaml, surveys: waves", "S10", "waves without any answers", hint=hint, values=absent)
    if extra := sorted(present - set(waves)):
        yield Problem(
            "survey_responses, wave", "S11", "waves that config.yaml does not place in time", hint=hint, values=extra
        )


def _labels(waves: Mapping, books: Mapping, definitions: Mapping) -> dict:
    """By language: what a survey, a construct and a definition are called within a sentence."""
    return {
        language: {
            "survey": {
                wave: f"{books[wave]['label'][language]} {settings['year']}" for wave, settings in waves.items()
            },
            "construct": {
                wave: {name: lower_first(label[language]) for name, label in book["constructs"].items()}
                for wave, book in books.items()
            },
            "definition": {name: entry["label"][language] for name, entry in definitions.items()},
        }
        for language in ("nb", "en")
    }


def lower_first(text: str) -> str:
    """The text with a small first letter, for use within a sentence."""
    return text[:1].lower() + text[1:]
