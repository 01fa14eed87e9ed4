"""Job spells: months joined, years cut, doubles dropped, and the same answers as a slow count of every month."""

import numpy as np
import pandas as pd
import pytest
from introprog.cleaning.employment import clean_employment
from introprog.cleaning.quality import QualityLog
from introprog.readers.extracts import Reader
from raw_extracts import CODEBOOK, A, B, C, write_extracts

HEADER = "lopenr;periode;arbforhold;arb_arbeidstid;arb_hovedarbeid\n"
YEARLY = "lopenr;arbforhold;startdato;stoppdato;timer_uke\n"


@pytest.fixture
def clean(tmp_path):
    folder = write_extracts(tmp_path / "raw")

    def run(monthly=None, yearly=None, last_year=2015, persons=(A, B, C)):
        if monthly is not None:
            (folder / "ameld_2015.csv").write_text(HEADER + monthly, encoding="utf-8-sig")
        if yearly is not None:
            (folder / "atmlto_2014.csv").write_text(YEARLY + yearly, encoding="latin-1")
        reader = Reader(folder, CODEBOOK, QualityLog(CODEBOOK.rules), last_year)
        table = clean_employment(reader, pd.Series(persons)).to_pandas()
        return table, reader

    return run


def counts(reader):
    return reader.log.frame().groupby("rule")["n"].sum().to_dict()


def rows(table):
    return (
        table[["person_id", "job", "first_date", "last_date", "weekly_hours"]].astype(str).fillna("nan").values.tolist()
    )


def test_consecutive_months_with_the_same_hours_are_one_spell(clean):
    table, reader = clean(
        "".join(
            f"{A};2015{m:02d};J1;{h};1\n" for m, h in ((3, "37,5"), (1, "20,0"), (2, "20,0"), (5, "37,5"), (4, "37,5"))
        )
        + f"{A};201502;J2;;2\n{A};201503;J2;;2\n",
        yearly="",
    )
    assert not reader.log.problems
    assert rows(table) == [
        [A, "", "2015-01-01", "2015-02-28", "20.0"],
        [A, "", "2015-03-01", "2015-05-31", "37.5"],
    ]


def test_hours_of_all_jobs_of_a_month_are_added_and_other_hours_are_another_spell(clean):
    table, _ = clean(
        f"{A};201501;J1;12,1;1\n{A};201501;J2;7,9;2\n{A};201502;J3;20;1\n{A};201503;J3;20;1\n{A};201503;J4;0,5;2\n"
        f"{A};201505;J3;;1\n{A};201506;J3;0;1\n",
        yearly="",
    )
    assert rows(table) == [
        [A, "", "2015-01-01", "2015-02-28", "20.0"],
        [A, "", "2015-03-01", "2015-03-31", "20.5"],
        [A, "", "2015-05-01", "2015-06-30", "nan"],
    ]


def test_yearly_spells_are_cut_at_the_years_ends(clean):
    table, reader = clean(
        "",
        f"{A};J1;2013-05-01;2014-02-28;30,0\n{A};J1;2014-06-01;;15\n{B};J2;2014-03-01;2014-02-01;1\n"
        f"{C};J3;2012-01-01;2013-12-31;4\n" + "".join(f"{B};K{n};2014-01-01;2014-01-31;\n" for n in range(60)),
    )
    assert not reader.log.problems
    assert rows(table)[:2] == [
        [A, "J1", "2014-01-01", "2014-02-28", "30.0"],
        [A, "J1", "2014-06-01", "2014-12-31", "15.0"],
    ]
    assert len(table) == 62 and counts(reader) == {"S1": 1, "E2": 1, "S3": 1}


def test_doubles_strangers_and_impossible_hours(clean):
    fill = "".join(f"{B};2015{m:02d};K{n};10,0;1\n" for m in range(1, 13) for n in range(20))
    table, reader = clean(
        f"{A};201501;J1;37,5;1\n{A};201501;J1;37,5;1\n{A};201502;J1;370,5;1\n9999999999;201501;J1;10,0;1\n"
        f"{C};201501;J1;10,0;1\n{C};201501;J1;20,0;1\n" + fill,
        yearly="",
    )
    assert not reader.log.problems
    assert counts(reader) == {"D1": 1, "D2": 1, "E1": 1, "R4": 1}
    assert rows(table)[:2] == [
        [A, "", "2015-01-01", "2015-01-31", "37.5"],
        [A, "", "2015-02-01", "2015-02-28", "nan"],
    ]


def test_foreign_keys_stop(clean):
    _, reader = clean("".join(f"99999{n:05d};201501;J1;10,0;1\n" for n in range(50)), yearly="")
    assert "person keys of the same project" in str(reader.log.problems[0])
    assert "99999" not in str(reader.log.problems[0]), "keys are never shown"


def test_every_month_of_random_rows_is_found_again(clean):
    rng = np.random.default_rng(11)
    grid = pd.MultiIndex.from_product([[A, B, C], range(201501, 201513), ["J1", "J2", "K9"]]).to_frame(index=False)
    grid = grid.set_axis(["person", "period", "job"], axis=1).sample(frac=0.7, random_state=3)
    grid["hours"] = rng.choice(["37,5", "20,0", ""], len(grid))
    text = "".join(f"{r.person};{r.period};{r.job};{r.hours};1\n" for r in grid.itertuples())
    table, reader = clean(text, yearly="")
    assert not reader.log.problems
    found = {
        (row.person_id, month.year * 100 + month.month): row.weekly_hours
        for row in table.itertuples()
        for month in pd.date_range(row.first_date, row.last_date, freq="MS")
    }
    hours = pd.to_numeric(grid["hours"].str.replace(",", "."))
    wanted = hours.groupby([grid["person"], grid["period"]]).sum(min_count=1).to_dict()
    assert set(found) == set(wanted)
    assert pd.Series(found).sort_index().astype("float64").equals(pd.Series(wanted).sort_index())
    assert not table.duplicated(["person_id", "first_date", "job"]).any()
    assert table.sort_values(["person_id", "first_date", "job"]).index.tolist() == list(range(len(table)))


def test_nothing_in_gives_an_empty_table(clean):
    table, reader = clean("", yearly="")
    assert table.empty and not reader.log.problems


def test_a_person_with_100000_rows_changes_nobody_elses(clean):
    few = "".join(f"{p};2015{m:02d};J{p[-1]};{h};1\n" for p, h in ((A, "37,5"), (C, "")) for m in range(2, 9))
    table, _ = clean(few, yearly="")
    many = "".join(f"{B};2015{n % 12 + 1:02d};K{n // 12};{n % 7 + 1},5;1\n" for n in range(100_000))
    crowded, reader = clean(few + many, yearly="")
    assert not reader.log.problems and len(crowded) == len(table) + 12
    others = crowded[crowded["person_id"] != B].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, table)


def test_of_three_rows_of_a_month_the_first_counts_and_the_others_are_compared_with_the_one_before(clean):
    fill = "".join(f"{B};2015{m:02d};K{n};10,0;1\n" for m in range(1, 13) for n in range(20))
    hours = ("20,0", "30,0", "30,0", "20,0")
    table, reader = clean("".join(f"{A};201503;J1;{h};1\n" for h in hours) + fill, yearly="")
    assert counts(reader) == {"D1": 1, "D2": 2}
    assert rows(table)[0] == [A, "", "2015-03-01", "2015-03-31", "20.0"]


def test_the_same_hours_in_other_words_are_one_spell_and_one_job_number_may_be_of_two_persons(clean):
    same = ("7,5", "7,50", "07,5")
    text = "".join(f"{A};2015{m:02d};J1;{h};1\n{B};2015{m:02d};J1;8,0;1\n" for m, h in enumerate(same, 4))
    table, reader = clean(text, yearly="")
    assert not reader.log.problems
    assert rows(table) == [
        [A, "", "2015-04-01", "2015-06-30", "7.5"],
        [B, "", "2015-04-01", "2015-06-30", "8.0"],
    ]
