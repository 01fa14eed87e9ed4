"""The whole follow-up at once: what became of every leaver by every definition, and month by month.

The two questions are also asked by two rules, each with what it needs; here the careers are gathered once for both, as
a study does that goes from raw registers to both answers in one process.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.careers import blocks, gather, included
from introprog.cleaning.employment import job_spells
from introprog.cleaning.income import income_table
from introprog.cleaning.registers import clean_education, welfare_spells
from introprog.cleaning.tables import read_register
from introprog.months import Trace, to_arrow, wide
from introprog.outcomes import Questions, welfare_states
from introprog.readers.extracts import Reader
from introprog.readers.streamed import in_turn
from introprog.registers import Source
from introprog.shortage import give_back
from introprog.status import compile_rule

# Bytes of files that are read beside others: larger ones would hold too much memory together.
SMALL = 100_000_000
CLEANERS = {"utdanning_kurs": clean_education, "nav": welfare_spells, "inntekt": income_table}


def raw_registers(
    reader: Reader, person_ids: pd.Series, residence: Callable[[], pd.DataFrame]
) -> Iterator[pa.Table | pd.DataFrame]:
    """The clean tables that ``Following`` asks for, each read and cleaned when it is asked for, and then let go; those
    of small files are made beside employment.

    ``person_ids`` are those of all persons and ``residence`` gives the clean table. Faults go to ``reader.log``; the
    caller raises them when all registers have been read.
    """
    give_back()
    with ThreadPoolExecutor(1) as pool:
        apart = {name: reader.apart() for name in CLEANERS}
        beside = {name: pool.submit(_cleaned, apart[name], name) for name in CLEANERS if _size(reader, name) <= SMALL}
        yield job_spells(reader, person_ids)
        for name, own in apart.items():
            table = beside.pop(name).result() if name in beside else _cleaned(own, name)
            reader.enter(own)
            yield table
            del table
    yield residence()


def _size(reader: Reader, name: str) -> int:
    """Bytes of the files of an extract and its further parts."""
    reader = reader.apart()
    extracts = [reader.codebook.extracts[part] for part in reader.codebook.parts(name)]
    return sum(file.path.stat().st_size for extract in extracts for file in reader.files(extract))


def _cleaned(reader: Reader, name: str) -> pa.Table | pd.DataFrame:
    rows = [read_register(reader, name)]
    give_back()
    table = CLEANERS[name](rows.pop(), reader.log, reader.origins[name])
    give_back()
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
