"""What the registers say of every leaver at one moment, the usual way: merge, filter, and group by person."""

from pathlib import Path

import pandas as pd

REGISTERS = ("ameld", "atmlto", "courses", "welfare", "income", "homes")
PRECEDENCE = ["21", "22", "32", "31", "33", "34"]
DATA_END = pd.Timestamp("2023-11-30")


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The registers that step one kept."""
    return {name: pd.read_parquet(folder / "usual" / f"{name}.parquet") for name in REGISTERS}


def read_leavers(folder: Path) -> pd.DataFrame:
    """Those included, with the key called as in the registers."""
    leavers = pd.read_parquet(folder / "clean" / "leavers.parquet")
    leavers = leavers[leavers["included"]].rename(columns={"person_id": "lopenr"})
    leavers["end_date"] = pd.to_datetime(leavers["end_date"])
    leavers["exit_year"] = leavers["exit_year"].astype(int)
    return leavers.reset_index(drop=True)


def in_week(people: pd.DataFrame, day: pd.Series) -> pd.DataFrame:
    """The people with a reference day and the week, Monday to Sunday, that holds it."""
    monday = day - pd.to_timedelta(day.dt.dayofweek, unit="D")
    return at_day(people, day).assign(monday=monday, sunday=monday + pd.Timedelta(days=6))


def at_day(people: pd.DataFrame, day: pd.Series) -> pd.DataFrame:
    """The people with a reference day that is its own window."""
    period = day.dt.year * 100 + day.dt.month
    return people.assign(day=day, monday=day, sunday=day, periode=period, aar=day.dt.year)


def touching(people: pd.DataFrame, spells: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Spells of the people that touch their window."""
    merged = people[["lopenr", "monday", "sunday"]].merge(spells, on="lopenr")
    return merged[(merged[first] <= merged["sunday"]) & (merged[last] >= merged["monday"])]


def facts_at(people: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The people with hours, courses, benefit, income and residence at their moment; what nobody has is missing."""
    monthly = people[["lopenr", "periode"]].merge(tables["ameld"], on=["lopenr", "periode"])
    before = touching(people, tables["atmlto"], "startdato", "stoppdato")
    before = before.rename(columns={"timer_uke": "arb_arbeidstid"})
    jobs = pd.concat([monthly[["lopenr", "arb_arbeidstid"]], before[["lopenr", "arb_arbeidstid"]]])
    courses = touching(people, tables["courses"], "fra_dato", "til_dato").groupby("lopenr")["level"]
    benefits = people[["lopenr", "periode"]].merge(tables["welfare"], on=["lopenr", "periode"]).groupby("lopenr")
    income = people[["lopenr", "aar"]].merge(tables["income"], on=["lopenr", "aar"]).set_index("lopenr")
    homes = people[["lopenr", "day"]].merge(tables["homes"], on="lopenr")
    homes = homes[(homes["first_date"] <= homes["day"]) & (homes["last_date"] >= homes["day"])]
    here = homes.sort_values("first_date").groupby("lopenr")["municipality"].last()
    facts = {
        "hours": jobs.groupby("lopenr")["arb_arbeidstid"].sum(),
        "courses": courses.size(),
        "beyond": courses.apply(lambda levels: levels.between(3, 8).any()),
        "state": benefits["state"].apply(lambda states: min(states, key=PRECEDENCE.index)),
        "earnings": income["wyrkinnt"],
        "assistance": income["sosialhjelp_mnd"].fillna(0),
    }
    people = people.assign(**{name: people["lopenr"].map(fact) for name, fact in facts.items()})
    people["resident"] = people["lopenr"].isin(homes["lopenr"]) & (people["day"] <= DATA_END)
    return people.assign(place=people["lopenr"].map(here).where(people["resident"]))
