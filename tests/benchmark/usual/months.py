"""A step of the usual way: the state of every leaver in each of sixty months, a month at a time."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from moments import DATA_END, in_week, read_leavers, read_tables, touching

LAST, LONGER = 60, 20
STATES = ["work_longer", "work_shorter", "education", "unemployed", "health_benefit", "social_assistance", "none"]
STATES += ["emigrated", "died"]
UNEMPLOYED, HEALTH = ["21", "22"], ["32", "31", "33"]


def people_in(leavers: pd.DataFrame, month: int) -> pd.DataFrame:
    """The leavers in the month so many months after that of leaving."""
    first = leavers["end_date"].dt.to_period("M") + month
    return in_week(leavers[["lopenr"]], first.dt.to_timestamp() + pd.Timedelta(days=15))


def state_in(people: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.Series:
    """Position in ``STATES`` of everybody's state in the month, -1 after the end of the data."""
    monthly = people[["lopenr", "periode"]].merge(tables["hours"], on=["lopenr", "periode"])
    before = touching(people, tables["atmlto"], "startdato", "stoppdato").rename(columns={"timer_uke": "hours"})
    hours = pd.concat([monthly[["lopenr", "hours"]], before[["lopenr", "hours"]]]).groupby("lopenr")["hours"].sum()
    courses = touching(people, tables["courses"], "fra_dato", "til_dato")
    benefits = people[["lopenr", "periode"]].merge(tables["welfare"], on=["lopenr", "periode"])
    income = people[["lopenr", "aar"]].merge(tables["income"], on=["lopenr", "aar"])
    homes = people[["lopenr", "day"]].merge(tables["homes"], on="lopenr")
    here = homes[(homes["first_date"] <= homes["day"]) & (homes["last_date"] >= homes["day"])]
    dead = homes[(homes["end_reason"] == "died") & (homes["last_date"] < homes["day"])]
    one, worked = people["lopenr"], people["lopenr"].map(hours)
    away = ~one.isin(here["lopenr"])
    conditions = {
        "died": away & one.isin(dead["lopenr"]),
        "emigrated": away,
        "work_longer": worked.round(2) >= LONGER,
        "work_shorter": worked.notna(),
        "education": one.isin(courses["lopenr"]),
        "unemployed": one.isin(benefits.loc[benefits["state"].isin(UNEMPLOYED), "lopenr"]),
        "health_benefit": one.isin(benefits.loc[benefits["state"].isin(HEALTH), "lopenr"]),
        "social_assistance": one.isin(income.loc[income["sosialhjelp_mnd"] > 0, "lopenr"]),
    }
    position = [STATES.index(name) for name in conditions]
    state = np.select(list(conditions.values()), position, STATES.index("none"))
    return pd.Series(np.where(people["day"] > DATA_END, -1, state), index=people.index)


def main(folder: Path) -> None:
    """Write ``usual/states.parquet``."""
    leavers, tables = read_leavers(folder), read_tables(folder)
    tables["hours"] = (
        tables["ameld"].groupby(["lopenr", "periode"])["arb_arbeidstid"].sum().rename("hours").reset_index()
    )
    states = {f"m{month}": state_in(people_in(leavers, month), tables) for month in range(LAST + 1)}
    pd.DataFrame({"person_id": leavers["lopenr"], **states}).to_parquet(folder / "usual" / "states.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
