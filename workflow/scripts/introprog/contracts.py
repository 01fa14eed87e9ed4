"""Contracts of the clean tables: columns, types, key and known codes (docs/contracts.md section 2), and their check.

A table that breaks its contract is a fault of the pipeline, not of the input, and raises ``ContractError``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from introprog.tabular import increases

SEX = ("men", "women")
AGE_GROUP = ("18-25", "26-35", "36-45", "46-55", "56+")
COUNTRY_GROUP = ("africa_horn", "africa_other", "syria", "asia_other", "europe_other", "america_oceania")
SCHOOLING = ("compulsory", "upper_secondary", "higher", "unknown")
END_CAUSE = (
    "work", "education", "compulsory_school", "qualification", "moved", "social_assistance", "other_benefit", "other",
    "auto_closed", "missing",
)  # fmt: skip
KINDS = {"text": "OU", "date": "M", "integer": "iu", "number": "f", "boolean": "b"}


class ContractError(ValueError):
    """A table of the pipeline that is not what it promises to be; names every fault, never a person id."""


@dataclass(frozen=True)
class Field:
    """One column: ``kind`` is text, date, integer, number or boolean; ``values`` the known codes."""

    kind: str
    nullable: bool = True
    values: tuple[str, ...] | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class Contract:
    """A table: its unique key and its columns; ``more`` allows further integer columns (survey items)."""

    key: tuple[str, ...]
    fields: Mapping[str, Field]
    more: bool = False
    spells: bool = field(default=False)


ID, TEXT, DATE = Field("text", False), Field("text"), Field("date")
START, YEAR, PLACE = Field("date", False), Field("integer", False), Field("text", pattern="[0-9]{4}")

CONTRACTS = {
    "persons": Contract(
        ("person_id",),
        {
            "person_id": ID,
            "sex": Field("text", values=SEX),
            "birth_year": Field("integer"),
            "birth_month": Field("integer"),
            "birth_country": Field("text", pattern="[0-9]{3}"),
            "country_group": Field("text", values=COUNTRY_GROUP),
            "immigration_ground": Field("text", values=("refuge", "family", "other")),
            "settlement_date": DATE,
            "death_date": DATE,
            "schooling": Field("text", False, SCHOOLING),
        },
    ),
    "programmes": Contract(
        ("person_id", "start_date"),
        {
            "person_id": ID,
            "start_date": START,
            "end_date": DATE,
            "municipality": PLACE,
            "municipality_source": PLACE,
            "end_cause": Field("text", values=END_CAUSE),
            "source": Field("text", False, ("kostra11b", "nir")),
            "benefit_months": Field("integer"),
            "measures": Field("text", False, pattern=r"([0-9]{2}(\+[0-9]{2})*)?"),
            "measure_hours": Field("number"),
        },
    ),
    "employment": Contract(
        ("person_id", "first_date", "job"),
        {
            "person_id": ID,
            "job": ID,
            "first_date": START,
            "last_date": START,
            "weekly_hours": Field("number"),
            "source": Field("text", False, ("atmlto", "ameld")),
        },
        spells=True,
    ),
    "education": Contract(
        ("person_id", "first_date", "nus2000"),
        {
            "person_id": ID,
            "first_date": START,
            "last_date": DATE,
            "nus2000": Field("text", False, pattern="[0-9]{6}"),
            "level": Field("integer", False),
        },
        spells=True,
    ),
    "welfare": Contract(
        ("person_id", "first_date", "state"),
        {
            "person_id": ID,
            "first_date": START,
            "last_date": START,
            "state": Field("text", False, ("21", "22", "32", "31", "33", "34")),
        },
        spells=True,
    ),
    "income": Contract(
        ("person_id", "year"),
        {
            "person_id": ID,
            "year": YEAR,
            "earnings": Field("number", False),
            "social_assistance_months": Field("integer", False),
            "social_assistance": Field("number", False),
        },
    ),
    "residence": Contract(
        ("person_id", "first_date"),
        {
            "person_id": ID,
            "first_date": START,
            "last_date": DATE,
            "municipality": PLACE,
            "municipality_source": PLACE,
            "end_reason": Field("text", False, ("moved", "emigrated", "died", "")),
        },
        spells=True,
    ),
    "municipalities": Contract(
        ("municipality", "year"),
        {
            "municipality": Field("text", False, pattern="[0-9]{4}"),
            "name": ID,
            "county": Field("text", False, pattern="[0-9]{2}"),
            "county_name": ID,
            "year": YEAR,
            "population": Field("integer"),
            "unemployment": Field("number"),
            "centrality": Field("integer"),
            "labour_market_region": TEXT,
            "kostra_group": TEXT,
            "in_nav": Field("boolean"),
        },
    ),
    "survey_responses": Contract(
        ("wave", "response_id"),
        {
            "wave": ID,
            "instrument": Field("text", False, ("ks", "imdi")),
            "response_id": ID,
            "municipality": PLACE,
            "sex": Field("text", values=SEX),
            "age_group": Field("text", values=AGE_GROUP),
            "country_group": Field("text", values=COUNTRY_GROUP),
            "schooling": Field("text", values=SCHOOLING),
            "residence_years": Field("number"),
            "language": TEXT,
            "assisted": Field("boolean", False),
        },
        more=True,
    ),
    "survey_keys": Contract(
        ("wave", "response_id"),
        {
            "wave": ID,
            "response_id": ID,
            "consent": Field("text", False, ("yes", "no", "not_stated")),
            "has_key": Field("boolean", False),
            "person_id": TEXT,
        },
    ),
    "survey_frame": Contract(
        ("wave", "municipality", "sex", "age_group", "country_group"),
        {
            "wave": ID,
            "municipality": Field("text", False, pattern="[0-9]{4}"),
            "sex": Field("text", False, SEX),
            "age_group": Field("text", False, AGE_GROUP),
            "country_group": Field("text", False, COUNTRY_GROUP),
            "eligible": Field("integer", False),
        },
    ),
}


def check_table(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return ``frame`` with its columns in the order of the contract; raise ``ContractError`` with every breach."""
    contract = CONTRACTS[name]
    breaches = [*_columns(frame, contract)]
    if not breaches:
        breaches = [*_values(frame, contract), *_key(frame, contract), *_spells(frame, contract)]
    if breaches:
        raise ContractError(f"{name}: " + "; ".join(breaches))
    more = [c for c in frame.columns if c not in contract.fields]
    return frame[[*contract.fields, *more]]


def _columns(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    missing = [c for c in contract.fields if c not in frame]
    if missing:
        yield "columns missing: " + ", ".join(missing)
    extra = [c for c in frame.columns if c not in contract.fields]
    if extra and not contract.more:
        yield "columns too many: " + ", ".join(map(str, extra))


def _values(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    for name, spec in contract.fields.items():
        values = frame[name]
        if len(frame) and values.dtype.kind not in KINDS[spec.kind] and not values.isna().all():
            yield f"{name} is {values.dtype}, not {spec.kind}"
            continue
        if not spec.nullable and values.isna().any():
            yield f"{name} is missing in {int(values.isna().sum())} rows"
        known = values.dropna()
        if spec.values is not None and not known.isin(spec.values).all():
            yield f"{name} has unknown codes {sorted(set(known) - set(spec.values))[:5]}"
        if spec.pattern and len(known) and not pd.Series(known.unique(), dtype="str").str.fullmatch(spec.pattern).all():
            yield f"{name} has values that are not like {spec.pattern}"


def _key(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    twice = 0 if increases(frame, contract.key) else int(frame.duplicated(list(contract.key)).sum())
    if twice:
        yield f"key {', '.join(contract.key)} is not unique in {twice} rows"


def _spells(frame: pd.DataFrame, contract: Contract) -> Iterator[str]:
    if contract.spells and (frame["last_date"] < frame["first_date"]).any():
        yield "spells end before they begin"
