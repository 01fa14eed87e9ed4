"""A step of the usual way: status and success of every leaver, definition by definition and horizon by horizon.

The facts of a moment are found once and kept for the definitions that share it; a function is then called for each
person, as one does who thinks of one person at a time.
"""

import sys
from pathlib import Path

import pandas as pd
import yaml
from moments import DATA_END, at_day, facts_at, in_week, read_leavers, read_tables

ROOT = Path(__file__).parents[3]
SUCCESS = ["11", "15", "05"]
EXIT = {"work": "11", "education": "05", "missing": "08", "auto_closed": "08"}


def people_at(leavers: pd.DataFrame, moment: str, horizon: int) -> pd.DataFrame:
    """The leavers at a November so many years, or an anniversary so many months, after leaving."""
    if moment == "november":
        return in_week(leavers, pd.to_datetime((leavers["exit_year"] + horizon).astype(str) + "-11-16"))
    return at_day(leavers, leavers["end_date"] + pd.DateOffset(months=horizon))


def status_of(person: pd.Series, block: dict) -> str:
    """StatBank's status of one person: work, education, Nav's state, social assistance, the rest."""
    job = not pd.isna(person["hours"])
    employed = job and person["hours"] >= block["min_hours"]
    course = not pd.isna(person["courses"])
    student = {"any": course, "beyond_compulsory": person["beyond"] is True, "none": False}[block["education"]]
    if employed:
        return "15" if student else "11"
    if student:
        return "05"
    if isinstance(person["state"], str):
        return person["state"]
    if person["assistance"] > 0:
        return "35"
    return "80" if job or course or not pd.isna(person["assistance"]) else "08"


def judge(people: pd.DataFrame, block: dict, amounts: pd.Series) -> pd.DataFrame:
    """Status and success by one definition of everybody at one moment."""
    people = people.assign(status=people.apply(status_of, axis=1, block=block))
    people["success"] = people["status"].isin(SUCCESS)
    if block["earnings_g"] is not None:
        people["success"] = people["earnings"].fillna(0) >= block["earnings_g"] * people["aar"].map(amounts)
    if block["no_social_assistance"]:
        people["success"] &= ~(people["assistance"] > 0)
    people["success"] &= people["resident"]
    return people


def outcome(name: str, block: dict, horizon: int, facts: dict, amounts: pd.Series) -> pd.DataFrame:
    """The rows of one definition and horizon."""
    people = judge(facts[block["moment"], horizon], block, amounts)
    people["status"] = people["status"].where(people["resident"])
    counted = people["resident"]
    if block["denominator"] == "all_leavers":
        counted = people["day"] <= DATA_END
    step = 1 if block["moment"] == "november" else 12
    for back in range(1, block["novembers"]):
        earlier = horizon - back * step
        if earlier <= 0:
            people["status"], counted = None, people["resident"] & False
            break
        people["success"] &= judge(facts[block["moment"], earlier], block, amounts)["success"]
    if block["geography"] == "present":
        people["municipality"] = people["place"]
    return kept(people.assign(in_denominator=counted), name, horizon)


def direct_exit(name: str, block: dict, leavers: pd.DataFrame) -> pd.DataFrame:
    """The rows of a definition that looks at the end cause."""
    codes = EXIT | {"education": "80" if block["education"] == "none" else "05"}
    codes["compulsory_school"] = "05" if block["education"] == "any" else "80"
    status = leavers["end_cause"].map(lambda cause: codes.get(cause, "80") if isinstance(cause, str) else "08")
    rows = leavers.assign(status=status, success=status.isin(SUCCESS), in_denominator=True)
    return kept(rows, name, 0)


def kept(people: pd.DataFrame, name: str, horizon: int) -> pd.DataFrame:
    """The columns that later steps use."""
    people = people.assign(definition=name, horizon=horizon, success=people["success"].where(people["in_denominator"]))
    columns = ["lopenr", "sex", "exit_year", "municipality", "definition", "horizon", "status", "success"]
    return people[[*columns, "in_denominator"]].rename(columns={"lopenr": "person_id"})


def main(folder: Path) -> None:
    """Write ``usual/outcomes.parquet``."""
    definitions = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["definitions"]
    amounts = pd.read_csv(ROOT / "data" / "codelists" / "basic_amount.csv").set_index("year")["average"]
    leavers, tables = read_leavers(folder), read_tables(folder)
    moments = {(b["moment"], h) for b in definitions.values() for h in b["horizons"] if b["moment"] != "exit"}
    facts = {(m, h): facts_at(people_at(leavers, m, h), tables) for m, h in sorted(moments)}
    results = []
    for name, block in definitions.items():
        for horizon in block["horizons"]:
            exit_only = block["moment"] == "exit"
            results.append(
                direct_exit(name, block, leavers) if exit_only else outcome(name, block, horizon, facts, amounts)
            )
    outcomes = pd.concat(results, ignore_index=True)
    outcomes["success"] = outcomes["success"].astype("boolean")
    outcomes.to_parquet(folder / "usual" / "outcomes.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
