"""The whole follow-up at once: what became of every leaver by every definition, and month by month.

The two questions are also asked by two rules, each with what it needs; here the careers are gathered once for both, as
a study does that goes from raw registers to both answers in one process.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from introprog.careers import blocks, gather, included
from introprog.months import Trace, to_arrow, wide
from introprog.outcomes import Questions, welfare_states
from introprog.readers.streamed import in_turn
from introprog.registers import Source
from introprog.status import compile_rule


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
