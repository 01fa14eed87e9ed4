"""The follow-up as one job gives what its two questions give by themselves, a register at a time."""

from datetime import date

import pandas as pd
import pytest
from introprog import outcome_table
from introprog.following import Following
from introprog.months import to_arrow, trace_months
from introprog.outcomes import outcome_pieces
from introprog.raw_registers import raw_registers
from introprog.readers.extracts import Reader
from introprog.status import read_statuses
from test_outcomes import AMOUNTS, DEFINITIONS, STUDY, as_tables, frame, leaver, random_registers

MONTHS = {"last": 60, "longer_hours": 20}
NAMES = ("employment", "education", "welfare", "income", "residence")


def world(seed, persons):
    people = random_registers(seed, persons)
    return frame([p for p, _ in people.values()], list(leaver(date(2016, 1, 1)))), as_tables(people)


@pytest.mark.parametrize(("persons", "piece"), [(60, 1 << 19), (60, 1), (0, 1 << 19)])
def test_both_answers_are_those_of_the_two_questions(persons, piece, monkeypatch):
    cohort, tables = world(11, 60)
    cohort = cohort.iloc[:persons]
    monkeypatch.setattr(outcome_table, "PIECE", piece)
    registers = [tables[name] for name in NAMES]
    asked = []
    taken = (asked.append(name) or tables[name] for name in NAMES)
    following = Following(cohort, taken, DEFINITIONS, STUDY, MONTHS, AMOUNTS, read_statuses())
    assert asked == list(NAMES)
    pieces = list(following.pieces())
    alone = list(outcome_pieces(cohort, *registers, DEFINITIONS, STUDY, AMOUNTS, read_statuses()))
    assert len(pieces) == len(alone) == (max(int(cohort["included"].sum()), 1) if piece == 1 else 1)
    assert all(one.equals(other) for one, other in zip(pieces, alone))
    assert following.states().equals(to_arrow(trace_months(cohort, *registers, STUDY, MONTHS)))


def test_raw_registers_are_read_when_they_are_asked_for(tmp_path):
    from introprog.cleaning.quality import QualityLog
    from raw_extracts import CODEBOOK, A, write_extracts

    reader = Reader(write_extracts(tmp_path / "raw"), CODEBOOK, QualityLog(CODEBOOK.rules), 2015)
    residence = pd.DataFrame({"person_id": [A]})
    registers = raw_registers(reader, pd.Series([A]), lambda: residence)
    assert not reader.rows
    employment = next(registers)
    assert {name for name, _, _ in reader.rows} == {"atmlto", "ameld"}
    assert set(employment.column("person_id").to_pylist()) <= {A}
    education, welfare, income = (next(registers) for _ in range(3))
    assert {name for name, _, _ in reader.rows} == {"atmlto", "ameld", "utdanning_kurs", "nav", "inntekt"}
    assert next(registers) is residence and next(registers, None) is None
    assert {"level", "nus2000"} <= set(education) and {"year", "earnings"} <= set(income.column_names)
    assert welfare.column_names == ["person_id", "first_date", "last_date", "state"]
