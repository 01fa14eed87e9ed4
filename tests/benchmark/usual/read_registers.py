"""A step of the usual way: every register read with pandas, faults put right, kept as Parquet for the steps after."""

import sys
from pathlib import Path

import pandas as pd

OPEN = pd.Timestamp("2200-01-01")
STATES = {"HELT_LEDIG": "21", "TILTAK": "22", "NEDSATT_TILTAK": "32", "AAP": "31", "HELSE": "33"}
STATES["KONTANT_OVERGANG"] = "34"


def read(paths: list[Path], encoding: str = "utf-8-sig") -> pd.DataFrame:
    """Files of one extract below each other, without rows that are there twice."""
    text = {"lopenr": str, "nus2000": str, "kommnr": str}
    parts = [pd.read_csv(path, sep=";", decimal=",", dtype=text, encoding=encoding) for path in paths]
    return pd.concat(parts, ignore_index=True)


def spells(table: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Dates as dates, without spells that end before they begin; an open one is open for long."""
    table[[first, last]] = table[[first, last]].apply(pd.to_datetime)
    return table[~(table[last] < table[first])]


def main(folder: Path) -> None:
    """Write ``usual/<register>.parquet``."""
    raw, target = folder / "raw", folder / "usual"
    jobs = read(sorted(raw.glob("ameld_*.csv"))).drop_duplicates(["lopenr", "periode", "arbforhold"])
    jobs[["lopenr", "periode", "arb_arbeidstid"]].to_parquet(target / "ameld.parquet")
    before = spells(read(sorted(raw.glob("atmlto_*.csv")), "latin-1"), "startdato", "stoppdato")
    before = before.drop_duplicates(["lopenr", "startdato", "arbforhold"])
    before["stoppdato"] = before["stoppdato"].fillna(pd.Timestamp("2014-12-31"))
    before.to_parquet(target / "atmlto.parquet")
    courses = spells(read([raw / "utdanning_kurs.csv"]), "fra_dato", "til_dato").drop_duplicates()
    courses["til_dato"] = courses["til_dato"].fillna(OPEN)
    courses["level"] = courses["nus2000"].str[0].astype(int)
    courses.to_parquet(target / "courses.parquet")
    welfare = read(sorted(raw.glob("nav_*.csv"))).drop_duplicates()
    welfare["state"] = welfare["tilstand"].map(STATES)
    welfare.to_parquet(target / "welfare.parquet")
    income = read([raw / "inntekt.csv"]).drop_duplicates(["lopenr", "aar"])
    income.to_parquet(target / "income.parquet")
    homes = pd.read_parquet(folder / "clean" / "residence.parquet").rename(columns={"person_id": "lopenr"})
    homes[["first_date", "last_date"]] = homes[["first_date", "last_date"]].apply(pd.to_datetime)
    homes["last_date"] = homes["last_date"].fillna(OPEN)
    homes.to_parquet(target / "homes.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
