"""The whole follow-up at once: what became of every leaver by every definition, and month by month.

The two questions are also asked by two rules, each with what it needs; here the careers are gathered once for both, as
a study does that goes from raw registers to both answers in one process.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.careers import blocks, gather, included
from introprog.cleaning.employment import clean_employment
from introprog.cleaning.quality import QualityLog
from introprog.cleaning.registers import clean_education, clean_income, welfare_spells
from introprog.cleaning.tables import read_register
from introprog.months import Trace, to_arrow, wide
from introprog.outcomes import Questions, welfare_states
from introprog.readers.extracts import Reader
from introprog.readers.streamed import in_turn
from introprog.registers import Source
from introprog.shortage import give_back
from introprog.status import compile_rule

BESIDE = {"utdanning_kurs": clean_education, "inntekt": clean_income}


def raw_registers(reader: Reader, person_ids: pd.Series, residence: pd.DataFrame) -> Iterator[pa.Table | pd.DataFrame]:
    """The clean tables that ``Following`` asks for, each read and cleaned when it is asked for, and then let go; the
    small ones, education and income, are made beside employment.

    ``person_ids`` are those of all persons and ``residence`` is clean. Faults go to ``reader.log``; the caller raises
    them when all registers have been read.
    """
    apart = {name: replace(reader, log=QualityLog(reader.log.rules), rows=[]) for name in BESIDE}
    with ThreadPoolExecutor(1) as pool:
        beside = {name: pool.submit(_cleaned, apart[name], name, clean) for name, clean in BESIDE.items()}
        yield clean_employment(reader, person_ids)
        yield _entered(reader, apart["utdanning_kurs"], beside.pop("utdanning_kurs"))
        yield _cleaned(reader, "nav", welfare_spells)
        yield _entered(reader, apart["inntekt"], beside.pop("inntekt"))
    yield residence


def _cleaned(reader: Reader, name: str, clean: Callable) -> pa.Table | pd.DataFrame:
    table = clean(read_register(reader, name), reader.log, reader.origins[name])
    give_back()
    return table


def _entered(reader: Reader, apart: Reader, coming: Future) -> pd.DataFrame:
    """What was read with a reader of its own, its faults and files entered after those of ``reader``."""
    table = coming.result()
    reader.log.join(apart.log)
    reader.rows += apart.rows
    return table


class Following:
    """The leavers that are included, followed through the registers.

    ``pieces`` gives the outcomes as ``outcomes.outcome_pieces`` does; when all of them have been taken, ``states`` is
    the table of ``months.trace_months``. The arguments are those of these two.
    """

    def __init__(
        self,
        leavers: pd.DataFrame,
        registers: Iterable[Source | pd.DataFrame],
        definitions: Mapping[str, Mapping],
        study: Mapping,
        months: Mapping,
        basic_amount: pd.DataFrame,
        statuses: pd.DataFrame,
    ):
        """``registers`` are employment, education, welfare, income and residence, each asked for in its turn."""
        cohort, self.people = included(leavers)
        rule = compile_rule(statuses)
        states = welfare_states(rule)
        self.careers = gather(self.people, registers, states)
        municipalities = self.careers.municipalities
        self.questions = Questions(cohort, self.people, municipalities, definitions, study, basic_amount, rule)
        self.trace = Trace(cohort, study, months)
        self.grid = np.empty((len(cohort), months["last"] + 1), dtype=np.int8)

    def pieces(self) -> Iterator[pa.Table]:
        """The outcomes, some persons at a time, made by two threads in their order."""
        return in_turn(self._piece, blocks(len(self.people), self.questions.persons))

    def _piece(self, block: tuple[int, int]) -> pa.Table:
        low, high = block
        careers = self.careers.of(low, high)
        self.grid[low:high] = self.trace.states(careers, low, high)
        return self.questions.answers(careers, low, high)

    def states(self) -> pa.Table:
        """The state of every person in every month."""
        return to_arrow(wide(self.people, self.grid))
