"""Simulated person keys point at participants of the answer's municipality and sex, or at nobody."""

import numpy as np
import pandas as pd
from introprog.simulate.survey_keys import CONSENT, participants, with_keys


class Places:
    """Atoms whose municipality code does not change."""

    def codes(self, atom, day):
        return np.array(["6101", "6102"])[np.asarray(atom)]


def people(count=400):
    rng = np.random.default_rng(3)
    parts = pd.DataFrame(
        {
            "person": np.arange(count),
            "atom": rng.integers(0, 2, count),
            "start": pd.Timestamp("2014-05-01"),
            "end": pd.to_datetime(np.where(rng.random(count) < 0.5, "2015-01-01", None)),
        }
    )
    persons = pd.DataFrame({"sex": rng.integers(0, 2, count)})
    ids = np.char.zfill(np.arange(1, count + 1).astype("U10"), 10)
    return participants(parts, persons, ids)


def answered(members, seed=7, count=300):
    rng = np.random.default_rng(5)
    answers = pd.DataFrame(
        {"kommune_nr": rng.choice(["6101", "6102", "9999"], count), "kjonn": rng.integers(1, 3, count)}
    )
    return with_keys(answers, "ks_2015", "2015-09-14", members, Places(), seed)


def test_keys_are_those_of_participants_of_the_same_place_and_sex_who_were_there():
    members = people()
    answers = answered(members)
    known = answers.merge(members, on="lopenr", suffixes=("", "_register"))
    assert len(known) > 80 and (known["kjonn"] == known["kjonn_register"]).all()
    assert (known["kommune_nr"] == Places().codes(known["atom"], None)).all() and known["end"].isna().all()
    given = answers.loc[answers["lopenr"] != "", "lopenr"]
    assert given.is_unique and given.str.fullmatch(r"\d{10}").all()
    assert set(known["kommune_nr"]) == {"6101", "6102"}, "nobody lives in 9999"
    assert 0 < (answers["lopenr"] == "").mean() < 0.15


def test_consent_is_answered_in_all_ways_and_the_seed_decides():
    members = people()
    first, again, other = answered(members), answered(members), answered(members, seed=8)
    assert set(first["samtykke"]) == set(CONSENT) and first["samtykke"].eq("1").mean() > 0.7
    pd.testing.assert_frame_equal(first, again)
    assert not first["lopenr"].equals(other["lopenr"])
