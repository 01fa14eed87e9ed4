"""Codebooks: what every extract, survey instrument and cleaning rule looks like, as data in data/codebook/*.yaml.

A codebook of an extract names its file, encoding and columns, each with type, known codes and their clean values,
missing codes, possible range and the share of bad rows that is tolerated. Everything that reads raw data takes these
objects; no code, label or limit of an extract is written anywhere else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from introprog.codebook_files import KINDS, read_content, read_contents
from introprog.errors import InputError, Problem, nearest, raise_if

if TYPE_CHECKING:
    import pandas as pd

OPTIONS = (
    "separator",
    "decimal",
    "line_width",
    "year_of",
    "tolerated",
    "sheet",
    "temporality",
    "like",
    "optional",
    "extracted",
)
READING_RULES = {"code": "R1", "id": "R1", "date": "R2", "month": "R2", "integer": "R3", "number": "R3", "text": "R1"}


@dataclass(frozen=True)
class Column:
    """One column of an extract: its name in the file (``source``), its clean name, and what a good value is.

    ``range`` holds ISO texts for dates. ``valid`` gives the first and last year of codes that are not used in every
    year (null = open). A ``source`` with {year} or {month} is a family of wide columns; ``fill`` and ``join`` say how a
    value that is in no column of the file is made.
    """

    source: str
    name: str
    type: str
    label: Mapping[str, str]
    needed: bool = False
    values: Mapping[str, str] | None = None
    pattern: str | None = None
    missing: tuple[str, ...] = ()
    range: tuple[float | str | None, float | str | None] = (None, None)
    valid: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    rule: str = "R1"
    tolerated: float | None = None
    position: tuple[int, int] | None = None
    format: str = "iso"
    optional: bool = False
    fill: str | None = None
    join: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extract:
    """One kind of raw file; ``years`` is set for yearly files, ``line_width`` for fixed-width ones.

    ``temporality`` says what a row is: fixed traits, a status at a date, a spell, an event, a month, a year, a record.
    No date of an extract can be after the day it was drawn (``extracted``, ISO), where that is told.
    """

    name: str
    label: Mapping[str, str]
    file: str
    encoding: str
    columns: Mapping[str, Column]
    separator: str = ";"
    decimal: str = ","
    years: tuple[int, int | None] | None = None
    line_width: int | None = None
    year_of: str | None = None
    tolerated: float | None = None
    sheet: str | None = None
    temporality: str = "records"
    like: str | None = None
    optional: bool = False
    extracted: str | None = None

    def clean(self, name: str) -> Column:
        """The column with the clean name ``name``."""
        return next(c for c in self.columns.values() if c.name == name)


@dataclass(frozen=True)
class Item:
    """One survey item; ``scale`` is its lowest and highest answer, ``reversed`` marks items where high is bad."""

    name: str
    text: Mapping[str, str]
    scale: tuple[int, int]
    reversed: bool
    dimension: str | None
    construct: str | None
    answers: Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class Instrument:
    """One survey form: its items, the codes that are no answer, and the names of dimensions and constructs."""

    name: str
    label: Mapping[str, str]
    waves: tuple[str, ...]
    missing: Mapping[int, str]
    dimensions: Mapping[str, Mapping[str, str]]
    constructs: Mapping[str, Mapping[str, str]]
    items: Mapping[str, Item]


@dataclass(frozen=True)
class Rule:
    """One rule of reading or cleaning: what is done, why, and the share of rows it may touch before the run stops."""

    name: str
    action: str
    tolerated: float
    reason: Mapping[str, str]


@dataclass(frozen=True)
class Codebook:
    """All codebooks of the project by name."""

    extracts: Mapping[str, Extract] = field(default_factory=dict)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def parts(self, name: str) -> list[str]:
        """The extract ``name`` and those that are like it: further files with columns of the same rows."""
        return [name, *sorted(e.name for e in self.extracts.values() if e.like == name)]


def load_codebook(
    source: str | Path | Iterable[str | Path], overlays: Sequence[str] = (), own: str | Path | None = None
) -> Codebook:
    """Read every ``*.yaml`` of a folder, or the files of a list, and lay the overlays over them.

    ``overlays`` names shipped overlays (folders of ``data/codebook/overlays``) in the order they are laid; ``own`` is
    the researcher's folder of codebooks, laid last, and may be absent. Raises ``InputError`` with all faults of all
    files: not YAML, unknown kind or key, impossible value, unknown rule, an overlay of nothing.
    """
    paths = sorted(Path(source).rglob("*.yaml")) if isinstance(source, str | Path) else source
    contents = read_contents(paths, overlays, own)
    by_kind = {kind: [c for c in contents if c["kind"] == kind] for kind in KINDS}
    codebook = Codebook(
        {c["extract"]: _extract(c) for c in by_kind["extract"]},
        {c["instrument"]: _instrument(c) for c in by_kind["instrument"]},
        {name: Rule(name, **rule) for c in by_kind["rules"] for name, rule in c["rules"].items()},
    )
    raise_if([*_unknown_rules(codebook), *_impossible_limits(codebook)])
    return codebook


def load_instrument(path: str | Path) -> Instrument:
    """Read one survey instrument (``kind: instrument``); raises ``InputError`` as ``load_codebook``."""
    content = read_content(Path(path))
    if content["kind"] != "instrument":
        raise InputError([Problem(Path(path).name, "B1", f"kind is {content['kind']!r}", expected="kind: instrument")])
    return _instrument(content)


def load_country_groups(path: str | Path) -> "pd.Series":
    """Country group by three-digit country code (000-999), from ranges of which the narrowest counts.

    Columns of the file: ``code_from, code_to, country_group``. Codes without a group are absent.
    """
    import pandas as pd

    ranges = pd.read_csv(path)
    wide_first = ranges.assign(width=ranges["code_to"] - ranges["code_from"]).sort_values("width", ascending=False)
    groups: dict[str, str] = {}
    for low, high, group in wide_first[["code_from", "code_to", "country_group"]].itertuples(index=False):
        groups.update({f"{code:03d}": group for code in range(low, high + 1)})
    return pd.Series(groups, name="country_group").sort_index()


def load_schooling_levels(path: str | Path) -> "pd.Series":
    """Schooling (``compulsory``, ``upper_secondary``, ``higher``, ``unknown``) by NUS2000 level 0-9."""
    import pandas as pd

    return pd.read_csv(path).set_index("level")["schooling"]


def _extract(content: Mapping) -> Extract:
    columns = {c.source: c for source, spec in content["columns"].items() for c in _columns(source, spec)}
    options = {key: content[key] for key in OPTIONS if key in content}
    years = tuple(content["years"]) if "years" in content else None
    return Extract(
        content["extract"], content["label"], content["file"], content["encoding"], columns, years=years, **options
    )


def _columns(source: str, spec: Mapping) -> Iterator[Column]:
    values = spec.get("values")
    common = {
        "type": spec["type"],
        "label": spec["label"],
        "needed": spec.get("needed", False),
        "values": dict(zip(values, values)) if isinstance(values, list) else values,
        "pattern": spec.get("pattern"),
        "missing": tuple(spec.get("missing", ())),
        "range": tuple(spec.get("range", (None, None))),
        "valid": {code: tuple(years) for code, years in spec.get("valid", {}).items()},
        "rule": spec.get("rule", READING_RULES[spec["type"]]),
        "tolerated": spec.get("tolerated"),
        "format": spec.get("format", "iso"),
        "optional": spec.get("optional", False),
        "fill": spec.get("fill"),
        "join": tuple(spec.get("join", ())),
    }
    first, last = spec.get("position", (None, None))
    slots = spec.get("repeat")
    if not slots:
        yield Column(source, spec["name"], position=(first, last) if first else None, **common)
        return
    width = (last - first + 1) // slots
    for slot in range(slots):
        start = first + slot * width
        yield Column(
            f"{source}_{slot + 1}", f"{spec['name']}_{slot + 1}", position=(start, start + width - 1), **common
        )


def _instrument(content: Mapping) -> Instrument:
    shared = content["answers"]
    items = {
        name: Item(
            name,
            spec["text"],
            tuple(spec["scale"]),
            spec["reversed"],
            spec["dimension"],
            spec["construct"],
            {int(k): v for k, v in spec.get("answers", shared).items()},
        )
        for name, spec in content["items"].items()
    }
    missing = {int(code): meaning for code, meaning in content["missing"].items()}
    names = (content["waves"], missing, content["dimensions"], content["constructs"])
    return Instrument(content["instrument"], content["label"], tuple(names[0]), *names[1:], items)


def _unknown_rules(codebook: Codebook) -> Iterator[Problem]:
    for extract in codebook.extracts.values():
        for column in extract.columns.values():
            if column.rule not in codebook.rules:
                hint = nearest(column.rule, list(codebook.rules))
                yield Problem(
                    f"codebook of {extract.name}, {column.source}", "B4", f"unknown rule {column.rule!r}", hint=hint
                )


def _impossible_limits(codebook: Codebook) -> Iterator[Problem]:
    """Limits of another type than their column, and years of validity for codes that the column does not have."""
    for extract in codebook.extracts.values():
        for column in extract.columns.values():
            where = f"codebook of {extract.name}, {column.source}"
            texts = {isinstance(limit, str) for limit in column.range if limit is not None}
            if texts - {column.type == "date"}:
                wanted = "dates like 1900-01-01" if column.type == "date" else "numbers"
                yield Problem(where, "B3", "the limits of `range` are of another type than the column", wanted)
            for code in sorted(set(column.valid) - set(column.values or column.valid)):
                hint = nearest(code, list(column.values))
                yield Problem(where, "B3", f"`valid` has a code {code!r} that `values` has not", hint=hint)
