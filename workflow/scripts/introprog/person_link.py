"""Survey answers and persons: linked where the survey carries a person key and the person has consented, never else.

The key of a response without consent is dropped on reading and is in no table of the run.
"""

import pandas as pd

STATUSES = ("linked", "not_stated", "refused", "no_key", "key_twice", "not_found", "no_programme")
LINK = ["wave", "response_id", "municipality", "status", "person_id", "exit_year", "sex_agrees", "municipality_agrees"]


def survey_keys(raw: pd.DataFrame, wave: str) -> pd.DataFrame:
    """Consent and, where it is given, the person key of each response of one wave.

    ``raw`` is the typed extract of a wave whose codebook has the roles ``person_id`` and ``consent``. Result:
    ``wave, response_id, consent (yes/no/not_stated), has_key, person_id``.
    """
    consent = raw["consent"].fillna("not_stated").astype("str")
    return pd.DataFrame(
        {
            "wave": wave,
            "response_id": raw["response_id"],
            "consent": consent,
            "has_key": raw["person_id"].notna(),
            "person_id": raw["person_id"].where(consent == "yes").astype("str"),
        }
    )


def no_keys() -> pd.DataFrame:
    """The table of keys when no link is asked for: without rows."""
    columns = {"wave": "str", "response_id": "str", "consent": "str", "has_key": "bool", "person_id": "str"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


def link_persons(
    keys: pd.DataFrame, responses: pd.DataFrame, persons: pd.DataFrame, programmes: pd.DataFrame, leavers: pd.DataFrame
) -> pd.DataFrame:
    """Each response with its ``status`` (one of ``STATUSES``, tried in the order below) and, when linked, the person.

    Tried: no key in the file, consent refused, consent not stated, the key at two responses of the wave (whose answer
    it is cannot be told), not in the demography, not in the programme registers, linked. ``exit_year`` is that of the
    person's leaving if counted; ``sex_agrees`` and ``municipality_agrees`` compare the answer with the registers (null
    where one of them is not known; any of the person's programme municipalities agrees). Key: wave, response_id.
    """
    rows = keys.merge(responses[["wave", "response_id", "municipality", "sex"]], on=["wave", "response_id"])
    person = rows["person_id"]
    twice = person.notna() & rows.duplicated(["wave", "person_id"], keep=False)
    tests = [
        ("no_key", ~rows["has_key"].astype(bool)),
        ("refused", rows["consent"].eq("no")),
        ("not_stated", rows["consent"].eq("not_stated")),
        ("key_twice", twice),
        ("not_found", ~person.isin(persons["person_id"])),
        ("no_programme", ~person.isin(programmes["person_id"])),
    ]
    status = pd.Series("linked", index=rows.index, dtype="str")
    for name, holds in reversed(tests):
        status = status.mask(holds, name)
    linked = status.eq("linked")
    rows["status"], rows["person_id"] = status, person.where(linked)
    counted = leavers.loc[leavers["included"]].set_index("person_id")["exit_year"]
    rows["exit_year"] = rows["person_id"].map(counted).astype("Int16")
    register = rows["person_id"].map(persons.set_index("person_id")["sex"])
    rows["sex_agrees"] = register.eq(rows["sex"]).astype("boolean").mask(register.isna() | rows["sex"].isna())
    places = pd.MultiIndex.from_frame(programmes[["person_id", "municipality"]].dropna().astype("str"))
    same = pd.MultiIndex.from_frame(rows[["person_id", "municipality"]].astype("str")).isin(places)
    known = linked & rows["municipality"].notna()
    rows["municipality_agrees"] = pd.Series(same, index=rows.index).astype("boolean").mask(~known)
    return rows[LINK].sort_values(["wave", "response_id"], ignore_index=True)
