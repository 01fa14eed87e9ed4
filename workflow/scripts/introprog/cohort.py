"""Who counts as a leaver: inclusion criteria as named booleans, and a flow that adds up from raw rows to observed
leavers.

The unit of the cohort is the person, with the first leaving in the study window that meets every criterion. A programme
whose last end is a move with no continuation is no leaving (``not_transferred``): the person went on elsewhere, out of
sight of the register. A person with no such leaving is kept with the programme that came furthest and ``included``
false.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from introprog.cleaning.programmes import age_at

CRITERIA = (
    "has_end_date",
    "exit_year_in_study",
    "known_person",
    "age_in_range",
    "not_transferred",
    "first_leaving",
)
AGE_EDGES = (26, 36, 46, 56)
AGE_GROUPS = ("18-25", "26-35", "36-45", "46-55", "56+")
DAYS_A_MONTH = 365.25 / 12
REGISTER_TABLES = ("kostra_11b", "nir_deltakere")
FLOW = ["step", "criterion", "n_in", "n_out", "excluded", "unit"]
LEAVERS = [
    "person_id", "exit_year", "start_date", "end_date", "municipality", "county", "centrality", "end_cause", "source",
    "sex", "age_at_exit", "age_group", "country_group", "schooling", "immigration_ground", "programme_months",
    "benefit_months", "measures", *CRITERIA, "included",
]  # fmt: skip


def select_cohort(
    programmes: pd.DataFrame,
    persons: pd.DataFrame,
    residence: pd.DataFrame,
    municipalities: pd.DataFrame,
    read_log: pd.DataFrame,
    quality_log: pd.DataFrame,
    study: Mapping,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leavers, one row a person, and the flow table (docs/contracts.md section 3).

    ``study`` is the block of config.yaml: first_exit_year, last_exit_year, last_observed_year, age_at_start,
    reference_day.
    """
    spells = judge_programmes(programmes, persons, study)
    person = furthest_programme(spells)
    leavers = _describe(person, persons, municipalities)
    steps = _row_steps(read_log, quality_log, len(spells))
    steps += _spell_steps(spells)
    steps += _person_steps(leavers[leavers["included"]], persons, residence, study)
    flow = pd.DataFrame(steps, columns=["criterion", "n_in", "n_out", "unit"])
    flow = flow.assign(step=np.arange(1, len(flow) + 1), excluded=flow["n_in"] - flow["n_out"])
    return leavers, flow[FLOW]


def judge_programmes(programmes: pd.DataFrame, persons: pd.DataFrame, study: Mapping) -> pd.DataFrame:
    """Add each criterion as a boolean to the programmes, sorted by person and end; ``included`` is all of them.

    ``first_leaving`` is true for the first programme of a person that meets all the other criteria.
    """
    spells = programmes.sort_values(["person_id", "end_date", "start_date"], kind="stable", ignore_index=True)
    known = persons.loc[persons["sex"].notna() & persons["birth_year"].notna(), "person_id"]
    age = age_at(spells["start_date"], spells["person_id"], persons)
    low, high = study["age_at_start"]
    spells = spells.assign(
        exit_year=spells["end_date"].dt.year.astype("Int16"),
        has_end_date=spells["end_date"].notna(),
        exit_year_in_study=spells["end_date"].dt.year.between(study["first_exit_year"], study["last_exit_year"]),
        known_person=spells["person_id"].isin(known),
        age_in_range=age.between(low, high),
        not_transferred=spells["end_cause"].fillna("").ne("moved"),
    )
    others = spells[list(CRITERIA[:-1])].all(axis=1)
    earlier = others.astype("int64").groupby(spells["person_id"]).cumsum() - others
    spells["first_leaving"] = others & (earlier == 0)
    return spells.assign(included=spells["first_leaving"])


def furthest_programme(spells: pd.DataFrame) -> pd.DataFrame:
    """One programme a person: the one that meets most criteria in their order, of equals the first."""
    passed = spells[list(CRITERIA)].to_numpy(dtype=bool).cumprod(axis=1).sum(axis=1)
    ranked = spells.assign(passed=passed).sort_values(
        ["person_id", "passed", "end_date", "start_date"], ascending=[True, False, True, True], kind="stable"
    )
    return ranked.drop_duplicates("person_id").drop(columns="passed").reset_index(drop=True)


def age_group(age: pd.Series) -> pd.Series:
    """Age in the groups of the published tables; under 18 counts in the first group, unknown is missing."""
    group = np.array(AGE_GROUPS, dtype=object)[np.digitize(age.fillna(0), AGE_EDGES)]
    return pd.Series(group, index=age.index, dtype="str").where(age.notna())


def _describe(spells: pd.DataFrame, persons: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    traits = ["person_id", "sex", "country_group", "schooling", "immigration_ground"]
    leavers = spells.merge(persons[traits], on="person_id", how="left", validate="one_to_one")
    age = age_at(leavers["end_date"], leavers["person_id"], persons)
    days = (leavers["end_date"] - leavers["start_date"]).dt.days
    leavers = leavers.assign(
        age_at_exit=age.astype("Int16"),
        age_group=age_group(age),
        programme_months=(days / DAYS_A_MONTH).round().astype("Int16"),
    )
    county = municipalities.drop_duplicates("municipality").set_index("municipality")["county"]
    leavers["county"] = leavers["municipality"].map(county).astype("str")
    leavers["centrality"] = _centrality(leavers, municipalities)
    return leavers[LEAVERS].sort_values("person_id", ignore_index=True)


def _centrality(leavers: pd.DataFrame, municipalities: pd.DataFrame) -> pd.Series:
    """Centrality in the year of leaving, or in the nearest year that has it."""
    known = municipalities.dropna(subset=["centrality"])[["municipality", "year", "centrality"]]
    pairs = leavers[["municipality", "exit_year"]].dropna().drop_duplicates().merge(known, on="municipality")
    away = (pairs["exit_year"].astype("int64") - pairs["year"].astype("int64")).abs()
    pairs = pairs.assign(away=away).sort_values(["municipality", "exit_year", "away", "year"])
    nearest = pairs.drop_duplicates(["municipality", "exit_year"])[["municipality", "exit_year", "centrality"]]
    joined = leavers[["municipality", "exit_year"]].merge(nearest, on=["municipality", "exit_year"], how="left")
    return joined["centrality"].astype("Int8")


def _row_steps(read_log: pd.DataFrame, quality_log: pd.DataFrame, programmes: int) -> list[tuple]:
    """From raw rows of the two programme registers to programmes: what was dropped by which rule, and what was
    joined.
    """
    raw = int(read_log.loc[read_log["extract"].isin(REGISTER_TABLES), "rows"].sum())
    tables = [*REGISTER_TABLES, "programmes"]
    dropped = quality_log[quality_log["table"].isin(tables) & quality_log["action"].eq("dropped")]
    steps, left = [("raw_rows", raw, raw, "rows")], raw
    for rule, count in dropped.groupby("rule")["n"].sum().sort_index().items():
        steps.append((f"dropped_{rule}", left, left - int(count), "rows"))
        left -= int(count)
    steps.append(("one_row_a_programme", left, programmes, "rows"))
    return steps


def _spell_steps(spells: pd.DataFrame) -> list[tuple]:
    steps, left = [("programmes", len(spells), len(spells), "spells")], np.ones(len(spells), dtype=bool)
    for criterion in CRITERIA:
        kept = left & spells[criterion].to_numpy(dtype=bool)
        steps.append((criterion, int(left.sum()), int(kept.sum()), "spells"))
        left = kept
    return steps


def _person_steps(
    included: pd.DataFrame, persons: pd.DataFrame, residence: pd.DataFrame, study: Mapping
) -> list[tuple]:
    """From included leavers to those observed the November after: alive, in the country, known residence, within the
    data.
    """
    year = included["exit_year"].astype("int64") + 1
    day = pd.to_datetime(pd.DataFrame({"year": year, "month": 11, "day": study["reference_day"]})).astype(
        "datetime64[s]"
    )
    state = residence_state(included["person_id"], day, residence, persons)
    within = (year <= study["last_observed_year"]).to_numpy()
    steps, left = [("leavers", len(included), len(included), "persons")], np.ones(len(included), dtype=bool)
    for criterion, kept in (
        ("h1_within_data", within),
        ("h1_alive", (state != "died").to_numpy()),
        ("h1_not_emigrated", (state != "emigrated").to_numpy()),
        ("h1_observed", (state == "resident").to_numpy()),
    ):
        steps.append((criterion, int(left.sum()), int((left & kept).sum()), "persons"))
        left = left & kept
    return steps


def residence_state(
    person_ids: pd.Series, days: pd.Series, residence: pd.DataFrame, persons: pd.DataFrame
) -> pd.Series:
    """``resident``, ``died``, ``emigrated`` or ``no_residence`` of each person on the day given for that person.

    A person whose last spell before the day ended for another reason than emigration or death is ``no_residence``.
    """
    asked = pd.DataFrame(
        {"person_id": person_ids.to_numpy(), "day": days.to_numpy(), "row": np.arange(len(person_ids))}
    )
    spells = residence[["person_id", "first_date", "last_date", "end_reason"]].sort_values("first_date", kind="stable")
    asked["person_id"] = asked["person_id"].astype("str")
    asked = pd.merge_asof(
        asked.sort_values("day", kind="stable"), spells, left_on="day", right_on="first_date", by="person_id"
    ).sort_values("row")
    death = persons.set_index("person_id")["death_date"].reindex(asked["person_id"]).to_numpy()
    died = death <= asked["day"].to_numpy()
    covered = asked["first_date"].notna() & (asked["last_date"].isna() | (asked["last_date"] >= asked["day"]))
    state = np.select(
        [died, covered, asked["end_reason"].eq("died"), asked["end_reason"].eq("emigrated")],
        ["died", "resident", "died", "emigrated"],
        "no_residence",
    )
    return pd.Series(state, index=person_ids.index, dtype="str")
