"""The question itself, for all waves, scores, definitions and horizons: coefficient table, verdicts and maps."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from introprog import verdict
from introprog.association import Answers, Ask
from introprog.errors import Problem, raise_if
from introprog.judgement import YEARS, Plan, add_influence, correlation_map, item_map, verdict_table
from introprog.link import KEY, LINKED, Thresholds, link_surveys
from introprog.model_blocks import blocks_for, fit_blocks, unavailable
from introprog.scales import members
from introprog.standardisation import add_adjusted, cells_of


def coefficient_table(scores: pd.DataFrame, link: pd.DataFrame, counts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Table T-F2: the model blocks for every combination in ``counts``, with the reason where there is nothing to
    estimate.

    Definitions in ``plan.full`` have every block with all terms and inferences, the others those blocks that are for
    all definitions, with the term of interest.
    """
    tables = []
    waves = {wave: part for wave, part in scores.groupby("wave")}
    groups = {key: part[part["status"] == LINKED] for key, part in link.groupby(KEY)}
    made: dict[tuple, Answers] = {}
    for row in counts.sort_values(KEY).to_dict("records"):
        key = tuple(row[k] for k in KEY)
        wave, construct, definition = key[:3]
        names, full = dict(zip(KEY, key, strict=True)), definition in plan.full
        blocks = blocks_for(plan.models, full)
        if pd.isna(row["first_exit_year"]):
            tables.append(unavailable(blocks, verdict.NOT_OBSERVED).assign(**names, **dict.fromkeys(YEARS, pd.NA)))
            continue
        towns = groups.get(key, link.iloc[:0])
        places = wave, construct, tuple(towns["municipality"])
        if places not in made:
            made[places] = Answers(_answers(waves[wave], construct, towns["municipality"]), plan.covariates)
        ask = Ask(plan.level, plan.seed, plan.replicates, full)
        models = fit_blocks(blocks, made[places], towns, ask)
        tables.append(models.assign(**names, **{k: row[k] for k in YEARS}))
    table = pd.concat(tables, ignore_index=True).astype(dict.fromkeys(YEARS, "Int64"))
    return table[["model", *KEY, *(c for c in table if c not in ("model", *KEY))]]


def _answers(scores: pd.DataFrame, construct: str, towns: pd.Series) -> pd.DataFrame:
    """The answers of a wave to one construct in ``towns``."""
    people = scores[scores[construct].notna() & scores["municipality"].isin(towns)]
    return people.assign(score=people[construct].astype(float), level=people[f"{construct}_level"])


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
    standard: pd.DataFrame,
    instruments: Mapping[str, Mapping],
    surveys: Mapping,
    association: Mapping,
    definitions: Mapping[str, Mapping],
) -> Tables:
    """Everything from ``scales.parquet``, the municipality panel, the standardised results, the codebooks and the
    config blocks so named.

    Verdicts: all constructs for ``association: definition`` and that of the primary contrast. Models: also the
    headline constructs for the definitions of ``association: definitions``, each in its own geography. Raises
    ``InputError`` when a wave of the config has no answers, or an answer's wave is not in the config.
    """
    waves = surveys["waves"]
    scores = scores.sort_values(["wave", "response_id"], ignore_index=True)
    raise_if(list(_unmatched(scores, waves)))
    asked = Asked.of(instruments, surveys, association, definitions)
    plan = asked.plan
    thresholds = Thresholds(surveys["minimum_answers"], surveys["minimum_municipal_leavers"])

    def linked(columns: Mapping[str, list[str]], names: Iterable[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        places = {name: definitions[name]["geography"] for name in names}
        return link_surveys(scores, panel, waves, surveys["alignment"], columns, places, asked.horizons, thresholds)

    first, judged = linked(asked.constructs, asked.chosen)
    second, others = linked(asked.headline, [name for name in definitions if name not in asked.chosen])
    link = add_adjusted(
        pd.concat([first, second], ignore_index=True), scores, standard, surveys["alignment"], plan.covariates
    )
    modelled = pd.concat([judged, others[others["definition"].isin(asked.modelled)]], ignore_index=True)
    return Tables(
        coefficient_table(scores, link, modelled, plan),
        verdict_table(first, judged, plan),
        item_map(linked(asked.items, asked.chosen)[0], plan.level),
        correlation_map(linked(asked.constructs, asked.yearly)[0], plan.level, ["wave"]),
        add_influence(link),
    )


@dataclass(frozen=True)
class Asked:
    """What the config asks for: scores of each wave, definitions by use, horizons by definition, and the plan.

    ``chosen`` definitions are judged, ``modelled`` ones are in the model table, ``yearly`` ones in the map.
    """

    constructs: Mapping[str, list[str]]
    headline: Mapping[str, list[str]]
    items: Mapping[str, list[str]]
    chosen: list[str]
    modelled: list[str]
    yearly: list[str]
    horizons: Mapping[str, list[int]]
    plan: Plan

    @classmethod
    def of(cls, instruments: Mapping, surveys: Mapping, association: Mapping, definitions: Mapping) -> "Asked":
        """From the codebooks and the config blocks so named."""
        books = {wave: instruments[settings["instrument"]] for wave, settings in surveys["waves"].items()}
        constructs = {wave: list(members(book, "construct")) for wave, book in books.items()}
        first = (association["construct"], association["primary"]["construct"])
        chosen = list(dict.fromkeys([association["definition"], association["primary"]["definition"]]))
        every = association["definitions"] == "all"
        horizons: dict[str, list[int]] = {name: [] for name in definitions}
        for name, horizon in cells_of(definitions, association["horizons"]):
            horizons[name].append(horizon)
        asked = (association[name] for name in ("smallest_effect", "alpha", "primary", "covariates"))
        labels = _labels(surveys["waves"], books, definitions)
        return cls(
            constructs,
            {wave: [name for name in names if name in first] for wave, names in constructs.items()},
            {wave: [f"item_{name}" for name in book["items"]] for wave, book in books.items()},
            chosen,
            list(definitions) if every else association["definitions"],
            [name for name, entry in definitions.items() if entry["moment"] == "november"],
            horizons,
            Plan(*asked, labels, models=association["models"], full=tuple(chosen)),
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
