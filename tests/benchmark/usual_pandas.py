"""The usual way: one script with pandas, merges and ``groupby.apply``, from the raw extracts to the shares by horizon.

Written as a careful researcher writes it who does not think of speed: each register is read whole and merged with the
leavers horizon by horizon, and a function is called for each person. Only the official definition; the pipeline does
all definitions and the months in the same comparison.
"""

import sys
from pathlib import Path

import pandas as pd
from study import HORIZONS, reference_week, yearly

STATES = {
    "HELT_LEDIG": "21",
    "TILTAK": "22",
    "NEDSATT_TILTAK": "32",
    "AAP": "31",
    "HELSE": "33",
    "KONTANT_OVERGANG": "34",
}
PRECEDENCE = ["21", "22", "32", "31", "33", "34"]
SUCCESS = ["11", "15", "05"]


def read(paths: list[Path], encoding: str = "utf-8-sig") -> pd.DataFrame:
    """Files of one extract below each other."""
    text = {"lopenr": str, "nus2000": str, "kommnr": str}
    parts = [pd.read_csv(path, sep=";", decimal=",", dtype=text, encoding=encoding) for path in paths]
    return pd.concat(parts, ignore_index=True)


def read_all(folder: Path) -> dict[str, pd.DataFrame]:
    """Every register, dates as dates."""
    raw = folder / "raw"
    tables = {
        "ameld": read(yearly(folder, "ameld")),
        "atmlto": read(yearly(folder, "atmlto"), "latin-1"),
        "nav": read(yearly(folder, "nav")),
        "kurs": read([raw / "utdanning_kurs.csv"]),
        "inntekt": read([raw / "inntekt.csv"]),
    }
    for name, first, last in (("atmlto", "startdato", "stoppdato"), ("kurs", "fra_dato", "til_dato")):
        table = tables[name]
        table[[first, last]] = table[[first, last]].apply(pd.to_datetime)
        tables[name] = table[~(table[last] < table[first])]
    tables["atmlto"]["stoppdato"] = tables["atmlto"]["stoppdato"].fillna(pd.Timestamp("2014-12-31"))
    tables["kurs"]["til_dato"] = tables["kurs"]["til_dato"].fillna(pd.Timestamp("2200-01-01"))
    return tables


def touching(spells: pd.DataFrame, people: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Spells of the people that touch their reference week."""
    merged = people.merge(spells, on="lopenr")
    return merged[(merged[first] <= merged["sunday"]) & (merged[last] >= merged["monday"])]


def one_horizon(people: pd.DataFrame, horizon: int, tables: dict[str, pd.DataFrame], residence: pd.DataFrame):
    """Status of each leaver who is resident at the horizon."""
    people = people.assign(horizon=horizon, year=people["exit_year"] + horizon)
    people["periode"] = people["year"] * 100 + 11
    weeks = {year: reference_week(year) for year in people["year"].unique()}
    people["monday"] = pd.to_datetime(people["year"].map(lambda y: weeks[y][0]))
    people["sunday"] = pd.to_datetime(people["year"].map(lambda y: weeks[y][1]))
    people["day"] = pd.to_datetime(people["year"].astype(str) + "-11-16")
    monthly = people.merge(tables["ameld"], on=["lopenr", "periode"])[["lopenr", "arb_arbeidstid"]]
    spells = touching(tables["atmlto"], people, "startdato", "stoppdato").rename(
        columns={"timer_uke": "arb_arbeidstid"}
    )
    jobs = pd.concat([monthly, spells[["lopenr", "arb_arbeidstid"]]])
    hours = jobs.groupby("lopenr")["arb_arbeidstid"].apply(lambda person: person.sum())
    courses = touching(tables["kurs"], people, "fra_dato", "til_dato").groupby("lopenr")["nus2000"].apply(len)
    welfare = people.merge(tables["nav"], on=["lopenr", "periode"])
    states = welfare.groupby("lopenr")["tilstand"].apply(
        lambda person: min((STATES[s] for s in person), key=PRECEDENCE.index)
    )
    income = people.merge(tables["inntekt"], left_on=["lopenr", "year"], right_on=["lopenr", "aar"])
    assisted = income.groupby("lopenr")["sosialhjelp_mnd"].apply(lambda person: person.max() > 0)
    here = people.merge(residence, on="lopenr")
    here = here[(here["first_date"] <= here["day"]) & (here["last_date"].isna() | (here["last_date"] >= here["day"]))]
    people = people[people["lopenr"].isin(here["lopenr"]) & (people["year"] <= tables["last_year"])].copy()
    for name, column in (("hours", hours), ("courses", courses), ("state", states), ("assisted", assisted)):
        people[name] = people["lopenr"].map(column)
    people["status"] = people.apply(status, axis=1)
    return people


def status(person: pd.Series) -> str:
    """StatBank's status of one person: work, education, Nav's state, social assistance, the rest."""
    if not pd.isna(person["hours"]):
        return "15" if person["courses"] > 0 else "11"
    if person["courses"] > 0:
        return "05"
    if isinstance(person["state"], str):
        return person["state"]
    if person["assisted"] is True:
        return "35"
    return "80" if person["assisted"] is False else "08"


def main(folder: Path, last_year: int = 2023) -> None:
    """Write the answer, and the numbers that the figures of the national share show."""
    leavers = pd.read_csv(folder / "clean" / "leavers.csv", dtype={"person_id": str})
    people = leavers.rename(columns={"person_id": "lopenr"})
    dates = ["first_date", "last_date"]
    residence = pd.read_csv(folder / "clean" / "residence.csv", dtype={"person_id": str}, parse_dates=dates)
    residence = residence.rename(columns={"person_id": "lopenr"})
    tables = {**read_all(folder), "last_year": last_year}
    outcomes = pd.concat([one_horizon(people, horizon, tables, residence) for horizon in HORIZONS])
    answer = outcomes.rename(columns={"lopenr": "person_id"})[["person_id", "horizon", "status"]]
    answer.to_csv(folder / "answers" / "usual_pandas.csv", index=False)
    shares = outcomes.groupby(["exit_year", "horizon", "sex"]).apply(
        lambda cell: pd.Series({"n": len(cell), "successes": cell["status"].isin(SUCCESS).sum()})
    )
    shares.reset_index().to_csv(folder / "answers" / "usual_pandas_shares.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
