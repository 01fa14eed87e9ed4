"""Status and success of every leaver, at every horizon, by every definition of the config.

The registers are asked once per moment (a November or an anniversary); each definition is then a combination of flags.
Status is decided by the precedence of StatBank 10824 with the definition's own rule of what counts as employed
(weekly hours) and as education; success is a status in the group «employed and/or in education», unless the definition
asks for earnings, for several Novembers in a row or for no social assistance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.careers import Careers, blocks, gather, included
from introprog.errors import Problem, raise_if
from introprog.horizons import Moments, build_moments, data_end, earlier, needed_moments, to_days
from introprog.outcome_table import OutcomeTable, Result, persons_a_piece
from introprog.readers.streamed import in_turn
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
from introprog.status import StatusRule, compile_rule, flag_bits

EXIT_STATUS = {"work": "11", "education": "05", "compulsory_school": "80", "missing": "08", "auto_closed": "08"}
GONE = np.isin(np.arange(len(REASONS)), (EMIGRATED, DIED, NO_RESIDENCE))


@dataclass(frozen=True)
class Observed:
    """Flags and amounts of N persons at M moments, arrays of shape (M, N), hours in hundredths; see ``registers``.

    ``bits`` are the flags of the status that all definitions share (``status.flag_bits``); ``statuses`` keeps the
    status at a moment by the definitions' rules of work and education, once it is asked for.
    """

    moments: Moments
    job: np.ndarray
    hours: np.ndarray
    course: np.ndarray
    beyond: np.ndarray
    bits: np.ndarray
    earnings: np.ndarray
    assisted: np.ndarray
    reason: np.ndarray
    place: np.ndarray
    statuses: dict[tuple, np.ndarray] = field(default_factory=dict)


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

    A piece holds all rows of some persons, at most ``PIECE``; texts are dictionaries of those in the piece, sorted. Two
    threads make the pieces, a few ahead.
    ``leavers`` and the registers are the pipeline's tables; employment, education and welfare may be data frames,
    Parquet paths or iterables of Arrow batches. ``basic_amount`` has ``year`` and ``average`` (NOK), ``statuses`` is
    the code list. Raises ``InputError`` when the basic amount of a year is missing that a definition needs.
    """
    cohort, people = included(leavers)
    rule = compile_rule(statuses)
    careers = gather(people, (employment, education, welfare, income, residence), welfare_states(rule))
    questions = Questions(cohort, people, careers.municipalities, definitions, study, basic_amount, rule)
    persons = blocks(len(cohort), questions.persons)
    yield from in_turn(lambda block: questions.answers(careers.of(*block), *block), persons)


def welfare_states(rule: StatusRule) -> list[str]:
    """The status codes of Nav that decide."""
    return [flag.removeprefix("state_") for flag in rule.flags if flag.startswith("state_")]


def compute_outcomes(*arguments, **named) -> pa.Table:
    """The whole outcomes table; the arguments are those of ``outcome_pieces``."""
    return pa.concat_tables(outcome_pieces(*arguments, **named)).unify_dictionaries()


class Questions:
    """All definitions at all their horizons, to be asked of some persons of a cohort at a time."""

    def __init__(
        self,
        cohort: pd.DataFrame,
        people: pa.Array,
        municipalities: Sequence[str],
        definitions: Mapping[str, Mapping],
        study: Mapping,
        basic_amount: pd.DataFrame,
        rule: StatusRule,
    ):
        """``cohort`` and its ids ``people`` are sorted; ``municipalities`` are those of ``Careers``."""
        self.people, self.definitions, self.study, self.rule = people, definitions, study, rule
        self.basic_amount, self.municipalities = basic_amount, municipalities
        self.end = data_end(study["last_observed_year"])
        self.exit_days, self.exit_year = to_days(cohort["end_date"]), cohort["exit_year"].to_numpy()
        self.end_cause, self.municipality = cohort["end_cause"], cohort["municipality"]
        names = sorted((name, horizon) for name, block in definitions.items() for horizon in sorted(block["horizons"]))
        self.table = OutcomeTable(names, cohort["municipality"], municipalities, rule.codes)
        self.persons = persons_a_piece(len(names))

    def answers(self, careers: Careers, low: int, high: int) -> pa.Table:
        """The rows of the persons ``low`` to ``high`` - 1 of the cohort, whose ``careers`` are given."""
        observed = self.observe(careers, low, high)
        amount = basic_amounts(self.basic_amount, self.definitions, self.study, observed.moments.year)
        cause = self.end_cause.iloc[low:high]
        results = [
            evaluate(self.definitions[n], h, observed, self.rule, amount, cause) for n, h in self.table.names
        ]  # fmt: skip
        return self.table.piece(self.people.slice(low, high - low), self.exit_year[low:high], results, low)

    def observe(self, careers: Careers, low: int, high: int) -> Observed:
        """What the registers say of these persons at all moments."""
        keys = needed_moments(self.definitions)
        day = self.study.get("reference_day", 16)
        moments = build_moments(self.exit_year[low:high], self.exit_days[low:high], keys, day)
        reason, place = observe_residence(careers.residence, moments, self.end)
        job, hours = observe_employment(careers.employment, moments)
        course, beyond = observe_education(careers.education, moments)
        states = observe_welfare(careers.welfare, moments, careers.states)
        earnings, assisted, income_known = observe_income(careers.income, moments)
        shared = {f"state_{state}": spell for state, spell in states.items()}
        shared |= {"social_assistance": assisted, "known": income_known | job | course}
        bits = flag_bits(self.rule, shared)
        return Observed(moments, job, hours, course, beyond, bits, earnings, assisted, reason, place)


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
    gone = GONE[reason] if block["denominator"] == "all_leavers" else False
    place = np.where(resident, observed.place[row], -1) if block["geography"] == "present" else None
    return Result(
        observed.moments.day[row], np.where(resident, status, -1), success & resident, resident | gone, reason, place
    )


def status_at(block: Mapping, row: int, observed: Observed, rule: StatusRule) -> np.ndarray:
    """Position of the status at one moment, by the block's rule of employment and education, for everyone (int8)."""
    o, hours = observed, block["min_hours"]
    key = (row, hours, block["education"])
    if key not in o.statuses:
        employed = o.job[row] & (o.hours[row] >= HUNDREDTHS * hours) if hours else o.job[row]
        own = {"employed": employed}
        if block["education"] != "none":
            own["in_education"] = (o.course if block["education"] == "any" else o.beyond)[row]
        o.statuses[key] = rule.lookup.take(o.bits[row] | flag_bits(rule, own))
    return o.statuses[key]


def success_at(block: Mapping, row: int, observed: Observed, rule: StatusRule, amount: np.ndarray) -> np.ndarray:
    """Whether one moment is a success by the block (bool); who is not resident then has none."""
    if block["earnings_g"] is None:
        success = rule.in_group("success").take(status_at(block, row, observed, rule))
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
