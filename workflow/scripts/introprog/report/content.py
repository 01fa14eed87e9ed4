"""Gathers a run into one report in one language: summary, claims, chapters, definitions, quality and references."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from introprog.claims.ledger import read_ledger
from introprog.claims.wording import line_words, untestable_alike, verdict_words
from introprog.content import read_yaml
from introprog.data_kind import DATA_OF_SOURCE
from introprog.displays.making import CODES
from introprog.labels import Labels
from introprog.report.chapters import LEDGER, LETTERS, Shown, by_letter, read_display
from introprog.report.definitions import definition_rows, precedence_rows
from introprog.report.municipality import town_data
from introprog.report.sentences import statements
from introprog.report.wording import Say, Statement
from introprog.tabular import read_csv, read_table

SUMMARY = {
    "result": ("official", "target", "sex", "exit", "definitions"),
    "moment": ("crossings", "verdict_changes", "ranks", "forecast"),
    "chance": ("told", "rank_sets", "signal"),
    "satisfaction": ("association", "association_counts", "answers"),
}

# what a chapter itself says in computed sentences, above its displays
CHAPTER_SAID = {"F": ("time_order",)}
STATUS_TEXT = ("code", "parent", "group", "precedence", "requires")


@dataclass(frozen=True)
class Chapter:
    """A chapter A-F: its own words (title, intro, method boxes), computed sentences and its displays."""

    letter: str
    words: Mapping
    shown: Sequence[Shown]
    said: Sequence[Statement] = ()


@dataclass(frozen=True)
class Claim:
    """One claim of the ledger in one language: who, what, the sentences that say the same, and its verdicts."""

    id: str
    who: str
    text: str
    said: Sequence[Statement]
    verdicts: Sequence[str]


@dataclass(frozen=True)
class Report:
    """All that a page shows, in one language."""

    labels: Labels
    words: Mapping
    settings: Mapping
    said: Mapping[str, Statement]
    claims: Sequence[Claim]
    ledger: Sequence[Shown]
    chapters: Sequence[Chapter]
    references: Mapping[str, Mapping]
    definitions: Sequence[Mapping]
    precedence: Sequence[Sequence[str]]
    paths: Mapping[str, str]
    town: Mapping | None

    def word(self, key: str, **values: object) -> object:
        """The text ``section.name`` of words.yaml in the report's language, its braces filled."""
        section, name = key.split(".")
        text = self.labels.pick(self.words[section][name])
        return text.format(**values) if values else text

    @property
    def language(self) -> str:
        return self.labels.language

    @property
    def stamp(self) -> str:
        return self.labels.term(f"stamp.{DATA_OF_SOURCE[self.settings['source']]}")

    @property
    def summary(self) -> dict[str, list[Statement]]:
        """Question of words.yaml to the sentences that answer it; questions without an answer are left out."""
        groups = {name: [self.said[key] for key in keys if key in self.said] for name, keys in SUMMARY.items()}
        return {name: said for name, said in groups.items() if said}

    @property
    def ids(self) -> set[str]:
        """Displays that the page shows, for links."""
        return {one.id for shown in (self.ledger, *(c.shown for c in self.chapters)) for one in shown}

    def pick(self, texts: Mapping[str, str]) -> str:
        return self.labels.pick(texts)


def read_tables(paths: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """CSV files of a run by name (codes and names as text), those that are empty left out."""
    tables = {name: read_csv(path, text=(*CODES, "name")) for name, path in paths.items()}
    return {name: frame for name, frame in tables.items() if len(frame)}


def cited(methods: Mapping[str, Mapping], references: Mapping[str, Mapping]) -> dict[str, Mapping]:
    """The references that method boxes name, in the order of their keys.

    Raises ``KeyError`` for a key that ``references`` lacks: a fault of the report's own texts.
    """
    keys = {key for chapter in methods.values() for box in chapter["boxes"] for key in box["references"]}
    return {key: references[key] for key in sorted(keys)}


def judged_claims(
    claims: Mapping[str, Mapping], verdicts: pd.DataFrame | None, said: Mapping[str, Statement], labels: Labels
) -> list[Claim]:
    """Every claim of the ledger with the run's sentences and, from ``results/models/claims.csv``, its verdicts."""
    shown = []
    for name, claim in claims.items():
        rows = [] if verdicts is None else verdicts[verdicts["claim"] == name].to_dict("records")
        one = untestable_alike(rows)
        lines = [f"{verdict_words(rows[0], labels)}."] if one else [line_words(row, labels) for row in rows]
        answers = [said[key] for key in claim["answer"] if key in said]
        shown.append(Claim(name, labels.pick(claim["who"]), labels.pick(claim["claim"]), answers, lines))
    return shown


def gather(
    entries: Mapping[str, Mapping],
    files: Sequence[str],
    models: Mapping[str, str],
    panel: str | None,
    status: str,
    texts: str | Path,
    ledger: str | Path,
    settings: Mapping,
    language: str,
) -> Report:
    """The report of a run in ``language``.

    ``entries``: registry entries of the displays of the run, each with its ``rule``; ``files``: all their files;
    ``models``: paths of model tables by name; ``panel``: the panel after disclosure control, None where no municipality
    will be searched for; ``status``: the code list; ``texts``: folder of words, methods and references; ``ledger``: the
    claims; ``settings``: the config.
    """
    labels, folder = Labels(language), Path(texts)
    words, methods, references = (
        read_yaml(folder / name) for name in ("words.yaml", f"methods_{language}.yaml", "references.yaml")
    )
    twins = {Path(path).stem: path for path in files if path.endswith(".csv")}
    paths = {**models, **{display: twins[display] for display in entries}}
    tables = read_tables(paths)
    groups = by_letter([read_display(name, entry, files, labels, settings) for name, entry in entries.items()])
    said = statements(tables, Say.of(labels, words, settings))
    return Report(
        labels=labels,
        words=words,
        settings=settings,
        said=said,
        claims=judged_claims(read_ledger(ledger), tables.get("claims"), said, labels),
        ledger=groups[LEDGER],
        chapters=[
            Chapter(
                letter,
                methods[letter],
                groups[letter],
                [said[key] for key in CHAPTER_SAID.get(letter, ()) if key in said],
            )
            for letter in LETTERS
        ],
        references=cited(methods, references),
        definitions=definition_rows(settings["definitions"], settings["official_definition"], labels, words),
        precedence=precedence_rows(read_csv(status, text=STATUS_TEXT), labels, words),
        paths=paths,
        town=town_data(tables, read_table(panel), settings, labels, words) if panel else None,
    )
