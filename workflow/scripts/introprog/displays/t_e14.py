"""T-E14: what of one file is found in the others: persons in the registers, answers in the frame and among persons."""

from collections.abc import Mapping

import pandas as pd

from introprog.displays.context import Context
from introprog.displays.waves import wave_name
from introprog.labels import HIDDEN
from introprog.person_link import STATUSES
from introprog.tables import Column, Row, Table

PARTS = {
    "register": {"nb": "Deltakere funnet i registrene", "en": "Participants found in the registers"},
    "frame": {"nb": "Svar i utvalgsrammen", "en": "Answers in the frame"},
    "results": {"nb": "Svar og kommuner med resultat", "en": "Answers and municipalities with a result"},
    "person_link": {"nb": "Svar koblet til personer", "en": "Answers linked to persons"},
}
FOUND_IN = {
    "linked": {"nb": "koblet", "en": "linked"},
    "not_stated": {"nb": "samtykke ikke oppgitt", "en": "consent not stated"},
    "refused": {"nb": "samtykket ikke", "en": "consent refused"},
    "no_key": {"nb": "uten nøkkel", "en": "no key"},
    "key_twice": {"nb": "samme nøkkel to ganger", "en": "the key is there twice"},
    "not_found": {"nb": "nøkkel ikke i demografien", "en": "key not in the demography"},
    "no_programme": {"nb": "aldri i programmet", "en": "never in the programme"},
}
HEADS = (
    {"nb": "I alt", "en": "Total"},
    {"nb": "Funnet", "en": "Found"},
    {"nb": "Prosent", "en": "Per cent"},
    {"nb": "Laveste år, prosent", "en": "Lowest year, per cent"},
)
PLACES = "municipalities of "
ANSWERS = "answers of "
COLUMNS = ["part", "of", "unit", "found_in", "level", "year", "n", "found", "share", "suppressed"]


def numbers(inputs: Mapping, settings: Mapping) -> pd.DataFrame:
    """The match report as it may be shown: one row a part, file, place and level (``all``, ``year`` of first start);
    ``unit`` says what is counted (``persons``, ``answers``, ``municipalities``)."""
    table = inputs["matches"]
    beginning = table["of"].str.split(" ").str[0]
    table = table.assign(unit=beginning.where(beginning.isin(["answers", "municipalities"]), "persons"))
    orders = {"part": list(PARTS), "found_in": list(STATUSES), "level": ["all", "year"]}
    places = {name: {value: at for at, value in enumerate(values)} for name, values in orders.items()}

    def key(column: pd.Series) -> pd.Series:
        return column.map(lambda v: (places[column.name].get(v, -1), str(v))) if column.name in places else column

    keys = ["part", "of", "found_in", "level", "year"]
    table = table.assign(**{name: pd.to_numeric(table[name]).astype("Int64") for name in ("year", "n", "found")})
    return table.sort_values(keys, key=key, ignore_index=True)[COLUMNS]


def table(numbers: pd.DataFrame, context: Context) -> Table:
    """The parts below one another; of the years of first start only the one where the least is found."""
    pick = context.labels.pick
    whole, years = (numbers[numbers["level"] == level] for level in ("all", "year"))
    rows = []
    for part, words in PARTS.items():
        own = whole[whole["part"] == part]
        rows += [Row(pick(words), kind="head")] if len(own) else []
        rows += [_row(line, years[(years["part"] == part) & (years["found_in"] == line.found_in)], context)
                 for line in own.itertuples()]  # fmt: skip
    stub = pick({"nb": "Hva, og hvor det er funnet", "en": "What, and where it is found"})
    columns = [Column(pick(head)) for head in HEADS]
    footer = _footer(numbers, whole, context)
    return Table(context.language, context.title, stub, columns, rows, footer, context.stamp)


def _row(line: tuple, years: pd.DataFrame, context: Context) -> Row:
    labels = context.labels
    cells = [HIDDEN if pd.isna(value) else labels.number(value) for value in (line.n, line.found)]
    cells.append(HIDDEN if pd.isna(line.share) else labels.share(line.share, 1))
    return Row(_name(line, context), [*cells, _lowest(years, context)], 1)


def _name(line: tuple, context: Context) -> str:
    pick = context.labels.pick
    if line.part == "register":
        return context.labels.term(f"table.{line.found_in}", default=line.found_in)
    wave = wave_name(line.of.removeprefix(PLACES).removeprefix(ANSWERS), context)
    if line.of.startswith(PLACES):
        return f"{wave}, {pick({'nb': 'kommuner', 'en': 'municipalities'})}"
    return f"{wave}, {pick(FOUND_IN[line.found_in])}" if line.found_in in FOUND_IN else wave


def _lowest(years: pd.DataFrame, context: Context) -> str:
    """The least share of the years that may be shown, and its year if they differ; nothing where there are no years."""
    if years.empty:
        return ""
    known = years.dropna(subset=["share"])
    if known.empty:
        return HIDDEN
    least = known.loc[known["share"].astype(float).idxmin()]
    share = context.labels.share(least["share"], 1)
    alike = len(known) > 1 and (known["share"] == least["share"]).all()
    return share if alike else f"{share} ({int(least['year'])})"


def _footer(numbers: pd.DataFrame, whole: pd.DataFrame, context: Context) -> list[str]:
    labels, pick = context.labels, context.labels.pick
    people = whole.loc[whole["part"] == "register", "n"].max()
    linked = whole[(whole["part"] == "person_link") & (whole["found_in"] == "linked")]
    told = HIDDEN if pd.isna(people) else labels.number(people)
    n = {"nb": f"{told} personer i programmet", "en": f"{told} persons of the programme"}
    definition = {
        "nb": "registrene etter personens første start i programmet; et svar er koblet når det har personnøkkel og "
        "samtykke, og nøkkelen er i demografien og i programmet",
        "en": "registers by the year in which the person first started; an answer is linked where it has a person key "
        "and consent, and the key is in the demography and in the programme",
    }
    notes = {
        "nb": "Laveste år: blant årene som kan vises. Ikke alle skal finnes i alle registre: den som aldri har hatt "
        "jobb, har ingen rad om arbeid.",
        "en": "Lowest year: among the years that may be shown. Not everybody should be in every register: who never "
        "had a job has no row on employment.",
    }
    nobody = {"nb": "Ingen svar er koblet.", "en": "No answer is linked."}
    return context.footer(numbers, pick(n), pick(definition), [pick(notes), *([] if len(linked) else [pick(nobody)])])
