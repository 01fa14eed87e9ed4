"""The precedence table: complete, as the code list says, and the same for every combination of flags."""

from itertools import product

import numpy as np
import pytest
from introprog.errors import InputError
from introprog.status import STATUS_FILE, compile_rule, decide, read_statuses

ORDER = ("21", "22", "32", "31", "33", "34")
CODES = {"00", "1", "11", "15", "05", "2", "21", "22", "3", "32", "31", "33", "34", "35", "80", "08"}


def expected(flags):
    if flags["employed"]:
        return "15" if flags["in_education"] else "11"
    if flags["in_education"]:
        return "05"
    for code in ORDER:
        if flags[f"state_{code}"]:
            return code
    return "35" if flags["social_assistance"] else ("80" if flags["known"] else "08")


def test_every_combination_of_flags_gets_the_first_status_that_applies():
    rule = compile_rule(read_statuses())
    names = ["employed", "in_education", *(f"state_{c}" for c in ORDER), "social_assistance", "known"]
    assert sorted(rule.flags) == sorted(names)
    grid = np.array(list(product([False, True], repeat=len(names))))
    got = decide(rule, {name: grid[:, i] for i, name in enumerate(names)})
    assert [rule.codes[g] for g in got] == [expected(dict(zip(names, row))) for row in grid]


def test_the_code_list_is_statbank_10824_with_zeros_kept():
    table = read_statuses()
    assert set(table["code"]) == CODES
    groups = table.dropna(subset="precedence").groupby("group")["code"].agg(set).to_dict()
    assert groups == {
        "success": {"11", "15", "05"},
        "unemployed": {"21", "22"},
        "other": {"32", "31", "33", "34", "35", "80", "08"},
    }
    assert (table["label_nb"] != "").all() and (table["label_en"] != "").all()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("05,1,success,3", "5,1,success,", "S3"),
        ("05,1,success,3", "05,1,success,2", "S2"),
        ("08,3,other,12,,", "08,3,other,12,known,", "S4"),
        ("21,2,unemployed", "21,2,jobless", "S5"),
        ("label_en", "english", "S1"),
    ],
)
def test_a_broken_table_is_reported(tmp_path, old, new, rule):
    text = STATUS_FILE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "status.csv").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=rule):
        read_statuses(tmp_path / "status.csv")
