"""Status and success of every leaver, at every horizon, by every definition of the config.

The registers are asked once per moment (a November or an anniversary); each definition is then a combination of flags.
Status is decided by the precedence of StatBank 10824 with the definition's own rule of what counts as employed
(weekly hours) and as education; success is a status in the group «employed and/or in education», unless the definition
asks for earnings, for several Novembers in a row or for no social assistance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.errors import Problem, raise_if
from introprog.horizons import Moments, build_moments, data_end, earlier, needed_moments, to_days
from introprog.registers import (
    DIED,
    EMIGRATED,
    HUNDREDTHS,
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
from introprog.status import StatusRule, compile_rule, decide

EXIT_STATUS = {"work": "11", "education": "05", "compulsory_school": "80", "missing": "08", "auto_closed": "08"}
CODED = ("person_id", "municipality", "definition", "status", "reason")
GONE = (EMIGRATED, DIED, NO_RESIDENCE)
PIECE = 1 << 20


@dataclass(frozen=True)
class Observed:
    """Flags and amounts of N persons at M moments, arrays of shape (M, N), hours in hundredths; see ``registers``."""

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
    """One definition at one horizon for N persons: arrays of length N; status -1 and place -1 are missing.

    ``place`` is where the person lives; None where the definition counts by the municipality of the programme.
    """

    day: np.ndarray
    status: np.ndarray
    success: np.ndarray
    counted: np.ndarray
    reason: np.ndarray
    place: np.ndarray | None


def outcome_pieces(
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
) -> Iterator[pa.Table]:
    """The outcomes table (contract, section 4), one row a person, definition and horizon, sorted so, in pieces.

    Each has ``PIECE`` rows, the last one fewer; texts are dictionaries, the same ones in all pieces.
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
    del observed
    yield from assemble(cohort, names, definitions, results, rule, municipalities)


def compute_outcomes(*arguments, **named) -> pa.Table:
    """The whole outcomes table; the arguments are those of ``outcome_pieces``."""
    return pa.concat_tables(outcome_pieces(*arguments, **named))


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
        place = observed.place[row] if block["geography"] == "present" else None
        return Result(observed.moments.day[row], status, success, success | True, reason, place)
    keys = earlier(block["moment"], horizon, block["novembers"])
    reason, status = observed.reason[row].copy(), status_at(block, row, observed, rule)
    success = np.ones(len(status), dtype=bool)
    for key in keys:
        success &= success_at(block, observed.moments.at(key), observed, rule, amount)
    if not keys:
        reason[reason != NOT_YET] = NOT_APPLICABLE
    resident = reason == RESIDENT
    gone = np.isin(reason, GONE) if block["denominator"] == "all_leavers" else np.zeros(len(status), dtype=bool)
    place = np.where(resident, observed.place[row], -1) if block["geography"] == "present" else None
    return Result(
        observed.moments.day[row], np.where(resident, status, -1), success & resident, resident | gone, reason, place
    )


def status_at(block: Mapping, row: int, observed: Observed, rule: StatusRule) -> np.ndarray:
    """Position of the status at one moment, by the block's rule of employment and education, for everyone (int8)."""
    o = observed
    hours = block["min_hours"]
    flags = {f"state_{state}": spell[row] for state, spell in o.welfare.items()}
    flags["employed"] = o.job[row] & (o.hours[row] >= HUNDREDTHS * hours) if hours else o.job[row]
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
    names: Sequence[tuple[str, int]],
    definitions: Mapping[str, Mapping],
    results: Sequence[Result],
    rule: StatusRule,
    municipalities: pd.Index,
) -> Iterator[pa.Table]:
    """The results of all definitions and horizons as one table, persons outermost, in pieces."""
    n, r = len(cohort), len(names)
    known = sorted({*municipalities, *cohort["municipality"].dropna()})
    places = pd.Index(known, dtype=object)
    programme = places.get_indexer(cohort["municipality"].astype(object)).astype(np.int32)
    own = np.append(places.get_indexer(municipalities), -1).astype(np.int32)
    living = [programme if x.place is None else own[x.place] for x in results]
    texts = {
        "person_id": Texts(cohort["person_id"].tolist(), [np.arange(n)]),
        "municipality": Texts(known, living),
        "definition": Texts([name for name, _ in names], [np.arange(r)]),
        "status": Texts(rule.codes, [x.status for x in results]),
        "reason": Texts(REASONS, [x.reason for x in results]),
    }
    year, horizon = (np.array(values, dtype=np.int16) for values in (cohort["exit_year"], [h for _, h in names]))
    for first in range(0, max(n * r, 1), PIECE):
        rows = np.arange(first, min(first + PIECE, n * r))
        person, kind = np.divmod(rows, max(r, 1))
        counted = _by_person([x.counted for x in results], rows)
        yield pa.table(
            {
                "person_id": texts["person_id"].coded(person),
                "exit_year": pa.array(year[person]),
                "municipality": texts["municipality"].coded(_by_person(living, rows)),
                "horizon": pa.array(horizon[kind]),
                "definition": texts["definition"].coded(kind),
                "reference_date": pa.array(_by_person([x.day for x in results], rows)).view(pa.date32()),
                "status": texts["status"].coded(_by_person([x.status for x in results], rows)),
                "success": pa.array(_by_person([x.success for x in results], rows), mask=~counted),
                "in_denominator": pa.array(counted),
                "reason": texts["reason"].coded(_by_person([x.reason for x in results], rows)),
            }
        )


def _by_person(parts: Sequence[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """The values at ``rows``, which follow each other, of the table with all parts of a person after each other."""
    first, last = (0, 0) if not len(rows) else (rows[0] // len(parts), rows[-1] // len(parts) + 1)
    values = np.stack([part[first:last] for part in parts], axis=1).ravel()
    return values[rows[0] - first * len(parts) :][: len(rows)] if len(rows) else values


class Texts:
    """Texts for codes, as an Arrow dictionary of those that occur, sorted: one form for the same content."""

    def __init__(self, texts: Sequence[str], codes: Sequence[np.ndarray]):
        used = np.zeros(len(texts) + 1, dtype=bool)
        for part in codes:
            used[part] = True
        found = sorted({texts[k] for k in np.flatnonzero(used[:-1])})
        place = {text: k for k, text in enumerate(found)}
        self.place = np.array([*(place.get(text, -1) for text in texts), -1], dtype=np.int32)
        self.dictionary = pa.array(found, pa.string())

    def coded(self, codes: np.ndarray) -> pa.DictionaryArray:
        """The texts of ``codes``, -1 = none."""
        found = self.place[codes]
        return pa.DictionaryArray.from_arrays(pa.array(found, mask=found < 0), self.dictionary)
