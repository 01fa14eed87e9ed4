"""Person keys and consents in the survey files, as a survey sent through the register's own contact list would have.

Answers keep their simulated content; the key only points at a participant of the same municipality and sex who was in
the programme when the wave opened. So the link can be tried, but carries no association of its own.
"""

import numpy as np
import pandas as pd

from introprog.simulate.months import stream
from introprog.simulate.places import Places

CONSENT = ("1", "0", "9")
CONSENT_SHARES = (0.82, 0.13, 0.05)
KEY_SHARE = 0.94


def participants(parts: pd.DataFrame, persons: pd.DataFrame, ids: np.ndarray) -> pd.DataFrame:
    """Participations with the person's key and sex: ``lopenr, kjonn, atom, start, end``."""
    person = parts["person"].to_numpy()
    kept = parts[["atom", "start", "end"]].reset_index(drop=True)
    return kept.assign(lopenr=ids[person], kjonn=persons["sex"].to_numpy()[person] + 1)


def with_keys(answers: pd.DataFrame, wave: str, opened: str, people: pd.DataFrame, places: Places, seed: int):
    """``answers`` with ``lopenr`` and ``samtykke``; an answer that no participant fits has a key that nobody has."""
    rng = stream(seed, f"keys {wave}")
    day = np.datetime64(opened, "D")
    there = people[(people["start"] <= day) & (people["end"].isna() | (people["end"] >= day))]
    there = there.drop_duplicates("lopenr").sort_values("lopenr").sample(frac=1, random_state=rng)
    there = there.assign(kommune_nr=places.codes(there["atom"].to_numpy(), np.repeat(day, len(there))))
    stratum = ["kommune_nr", "kjonn"]
    pool = there.assign(turn=there.groupby(stratum).cumcount())[[*stratum, "turn", "lopenr"]]
    asked = answers[stratum].assign(turn=answers.groupby(stratum).cumcount())
    key = asked.merge(pool, on=[*stratum, "turn"], how="left")["lopenr"].to_numpy(dtype=object)
    strangers = pd.isna(key)
    unused = np.setdiff1d(np.char.zfill(rng.integers(10**6, 10**10, 4 * len(key)).astype("U10"), 10), people["lopenr"])
    key[strangers] = rng.permutation(unused)[: int(strangers.sum())]
    key[rng.random(len(key)) > KEY_SHARE] = ""
    consent = rng.choice(CONSENT, len(key), p=CONSENT_SHARES)
    return answers.assign(lopenr=key.astype("U10"), samtykke=consent)
