"""Status and success of every leaver, at every horizon, by every definition of the config.

The registers are asked once per moment (a November or an anniversary); each definition is then a combination of flags.
Status is decided by the precedence of StatBank 10824 with the definition's own rule of what counts as employed
(weekly hours) and as education; success is a status in the group «employed and/or in education», unless the definition
asks for earnings, for several Novembers in a row or for no social assistance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.errors import Problem, raise_if
from introprog.horizons import Moments, build_moments, data_end, earlier, needed_moments, to_days
from introprog.registers import (
    DIED,
    EMIGRATED,
    NO_RESIDENCE,
    NOT_APPLICABLE,
    NOT_YET,
    REASONS,
    RESIDENT,
    Source,
    observe_education,
    observe_employment,
    observe_income,
    observe_residence,
    observe_welfare,
)
from introprog.shards import sorted_dictionary
from introprog.status import StatusRule, compile_rule, decide

EXIT_STATUS = {"work": "11", "education": "05", "compulsory_school": "80", "missing": "08", "auto_closed": "08"}
CODED = ("person_id", "municipality", "definition", "status", "reason")
GONE = (EMIGRATED, DIED, NO_RESIDENCE)


@dataclass(frozen=True)
class Observed:
    """Flags and amounts of N persons at M moments, arrays of shape (M, N); see the functions of ``registers``."""

    moments: Moments
    job: np.ndarray
    hours: np.ndarray
    course: np.ndarray
    beyond: np.ndarray
    welfare: dict[str, np.ndarray]
    earnings: np.ndarray
    assisted: np.ndarray
    income_known: np.ndarray
    reason: np.ndarray
    place: np.ndarray


@dataclass(frozen=True)
class Result:
    """One definition at one horizon for N persons: arrays of length N; status -1 and place -1 are missing."""

    day: np.ndarray
    status: np.ndarray
    success: np.ndarray
    counted: np.ndarray
    reason: np.ndarray
    place: np.ndarray


def compute_outcomes(
    leavers: pd.DataFrame,
    employment: Source,
    education: Source,
    welfare: Source,
    income: pd.DataFrame,
    residence: pd.DataFrame,
    definitions: Mapping[str, Mapping],
    study: Mapping,
    basic_amount: pd.DataFrame,
    statuses: pd.DataFrame,
) -> pd.DataFrame:
    """The outcomes table (contract, section 4): one row a person, definition and horizon, sorted so.

    ``leavers`` and the registers are the pipeline's tables; employment, education and welfare may be data frames,
    Parquet paths or iterables of Arrow batches. ``basic_amount`` has ``year`` and ``average`` (NOK), ``statuses`` is
    the code list. Raises ``InputError`` when the basic amount of a year is missing that a definition needs.
    """
    cohort = leavers[leavers["included"].astype(bool)].sort_values("person_id", ignore_index=True)
    people = pd.Index(cohort["person_id"].astype(object))
    end = data_end(study["last_observed_year"])
    exit_days = to_days(cohort["end_date"])
    moments = build_moments(
        cohort["exit_year"].to_numpy(), exit_days, needed_moments(definitions), study.get("reference_day", 16)
    )
    rule = compile_rule(statuses)
    states = [flag.removeprefix("state_") for flag in rule.flags if flag.startswith("state_")]
    reason, place, municipalities = observe_residence(residence, people, moments, end)
    observed = Observed(
        moments,
        *observe_employment(employment, people, moments),
        *observe_education(education, people, moments),
        observe_welfare(welfare, people, moments, states),
        *observe_income(income, people, moments),
        reason,
        place,
    )
    amount = basic_amounts(basic_amount, definitions, study, moments.year)
    names = sorted((name, horizon) for name, block in definitions.items() for horizon in sorted(block["horizons"]))
    results = [evaluate(definitions[n], h, observed, rule, amount, cohort["end_cause"]) for n, h in names]
    return assemble(cohort, names, definitions, results, rule, municipalities)


def basic_amounts(
    table: pd.DataFrame, definitions: Mapping[str, Mapping], study: Mapping, year: np.ndarray
) -> np.ndarray:
    """The basic amount (yearly average, NOK) of each calendar year in ``year``; NaN beyond the last observed year.

    Raises ``InputError`` when a definition uses earnings and an observed year has no basic amount.
    """
    average = pd.Series(table["average"].to_numpy(dtype=float), index=table["year"].to_numpy(dtype=int))
    if any(block["earnings_g"] is not None for block in definitions.values()):
        seen = np.unique(year[year <= study["last_observed_year"]])
        lacking = [int(y) for y in seen if y not in average.index]
        hint = "add the year's average basic amount (NAV, grunnbeløpet i folketrygden)"
        fault = Problem(
            "basic_amount.csv, year", "G1", "the basic amount of an observed year is missing", hint=hint, values=lacking
        )
        raise_if([fault] if lacking else [])
    return average.reindex(year.ravel()).to_numpy().reshape(year.shape)


def evaluate(
    block: Mapping, horizon: int, observed: Observed, rule: StatusRule, amount: np.ndarray, end_cause: pd.Series
) -> Result:
    """One definition at one horizon."""
    row = observed.moments.at((block["moment"], horizon))
    if block["moment"] == "exit":
        status, success = direct_exit(block, end_cause, rule)
        reason = np.full(len(status), RESIDENT, dtype=np.int8)
        return Result(observed.moments.day[row], status, success, success | True, reason, observed.place[row])
    keys = earlier(block["moment"], horizon, block["novembers"])
    reason, status = observed.reason[row].copy(), status_at(block, row, observed, rule)
    success = np.ones(len(status), dtype=bool)
    for key in keys:
        success &= success_at(block, observed.moments.at(key), observed, rule, amount)
    if not keys:
        reason[reason != NOT_YET] = NOT_APPLICABLE
    resident = reason == RESIDENT
    gone = np.isin(reason, GONE) if block["denominator"] == "all_leavers" else np.zeros(len(status), dtype=bool)
    place = np.where(resident, observed.place[row], -1)
    return Result(
        observed.moments.day[row], np.where(resident, status, -1), success & resident, resident | gone, reason, place
    )


def status_at(block: Mapping, row: int, observed: Observed, rule: StatusRule) -> np.ndarray:
    """Position of the status at one moment, by the block's rule of employment and education, for everyone (int8)."""
    o = observed
    hours = block["min_hours"]
    flags = {f"state_{state}": spell[row] for state, spell in o.welfare.items()}
    flags["employed"] = o.job[row] & (o.hours[row] >= hours) if hours else o.job[row]
    flags["in_education"] = {"any": o.course[row], "beyond_compulsory": o.beyond[row]}.get(
        block["education"], np.zeros(o.course.shape[1], dtype=bool)
    )
    flags["social_assistance"] = o.assisted[row]
    flags["known"] = o.income_known[row] | o.job[row] | o.course[row]
    return decide(rule, flags)


def success_at(block: Mapping, row: int, observed: Observed, rule: StatusRule, amount: np.ndarray) -> np.ndarray:
    """Whether one moment is a success by the block (bool); who is not resident then has none."""
    if block["earnings_g"] is None:
        success = rule.in_group("success")[status_at(block, row, observed, rule)]
    else:
        success = observed.earnings[row] >= block["earnings_g"] * amount[row]
    if block["no_social_assistance"]:
        success = success & ~observed.assisted[row]
    return success & (observed.reason[row] == RESIDENT)


def direct_exit(block: Mapping, end_cause: pd.Series, rule: StatusRule) -> tuple[np.ndarray, np.ndarray]:
    """Status and success by the registered end cause, grouped as IMDi's ``avslutningArsak3`` groups it.

    Success is work, or education beyond compulsory school (``education: any`` lets compulsory school count too,
    ``none`` leaves work alone). A missing cause and a programme closed by the system are unknown and not a success.
    """
    counted = {"any": {"education", "compulsory_school"}, "beyond_compulsory": {"education"}, "none": set()}[
        block["education"]
    ]
    codes = EXIT_STATUS | {cause: "05" if cause in counted else "80" for cause in ("education", "compulsory_school")}
    status = end_cause.astype(object).map(codes).where(end_cause.notna(), "08").fillna("80")
    position = pd.Index(rule.codes).get_indexer(status).astype(np.int8)
    return position, rule.in_group("success")[position]


def assemble(
    cohort: pd.DataFrame,
    names: list[tuple[str, int]],
    definitions: Mapping[str, Mapping],
    results: list[Result],
    rule: StatusRule,
    municipalities: pd.Index,
) -> pd.DataFrame:
    """Stack the results of all definitions and horizons into one table, persons outermost."""
    n, r = len(cohort), len(names)
    known = pd.Index(sorted({*municipalities, *cohort["municipality"].dropna()}), dtype=object)
    programme = known.get_indexer(cohort["municipality"].astype(object)).astype(np.int32)
    own = np.append(known.get_indexer(municipalities), -1).astype(np.int32)
    present = [definitions[name]["geography"] == "present" for name, _ in names]
    places = [own[x.place] if there else programme for there, x in zip(present, results)]
    labels = pd.Index(sorted(definitions), dtype=object)
    definition = labels.get_indexer(pd.Index([name for name, _ in names], dtype=object))
    counted = _by_person([x.counted for x in results])
    columns = {
        "person_id": _coded(np.repeat(np.arange(n, dtype=np.int32), r), cohort["person_id"]),
        "exit_year": np.repeat(cohort["exit_year"].to_numpy(dtype=np.int16), r),
        "municipality": _coded(_by_person(places), known),
        "horizon": np.tile(np.array([h for _, h in names], dtype=np.int16), n),
        "definition": _coded(np.tile(definition.astype(np.int8), n), labels),
        "reference_date": _by_person([x.day for x in results]).astype("datetime64[D]").astype("datetime64[s]"),
        "status": _coded(_by_person([x.status for x in results]), rule.codes),
        "success": pd.arrays.BooleanArray(_by_person([x.success for x in results]), ~counted),
        "in_denominator": counted,
        "reason": _coded(_by_person([x.reason for x in results]), REASONS),
    }
    return pd.DataFrame(columns, copy=False)


def _by_person(parts: list[np.ndarray]) -> np.ndarray:
    """One array of all persons' values, a person's results after each other."""
    return np.stack(parts, axis=1).ravel()


def _coded(codes: np.ndarray, categories: object) -> pd.Categorical:
    dtype = pd.CategoricalDtype(pd.Index(categories, dtype="str"))
    return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)


def to_arrow(outcomes: pd.DataFrame) -> pa.Table:
    """The outcomes as an Arrow table without pandas metadata, the date as ``date32``, texts as sorted dictionaries."""
    table = pa.Table.from_pandas(outcomes, preserve_index=False).replace_schema_metadata(None)
    for name in CODED:
        column = sorted_dictionary(table.column(name))
        table = table.set_column(table.schema.get_field_index(name), name, column)
    place = table.schema.get_field_index("reference_date")
    return table.set_column(place, "reference_date", table.column(place).cast(pa.date32()))
