"""The figures the simulator is tuned to, read from one table that names a source for every row.

``basis`` of a row is ``published`` (the figure itself), ``derived`` (arithmetic on published figures), ``interpolated``
(between published figures) or ``assumed``. Columns: table, sex, year, horizon, category, value, basis, source.
Shares are per cent in the file and 0-1 here.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from introprog.tabular import read_csv

TARGETS = Path(__file__).resolve().parents[4] / "data" / "codelists" / "simulation_targets.csv"
SEXES = ("men", "women")
PARTS = ("employed_only", "employed_and_education", "education_only", "unemployed")
LAST_HORIZON = 18
AGE_GROUPS = ("18-25", "26-35", "36-45", "46-55", "56+")
CAUSES = ("work", "education", "compulsory_school", "qualification", "social_assistance", "other_benefit", "other")


@dataclass(frozen=True)
class Targets:
    """``status``: exit year x sex x horizon (0-18) x ``PARTS``; ``flows``: year x sex starts and leavers (persons);
    ``ages``: (year, sex) shares of ``AGE_GROUPS`` among those who start; ``countries``: year x country series;
    ``causes``: (year, sex) shares of ``CAUSES`` among leavers; ``rates``: single numbers."""

    first_exit_year: int
    status: np.ndarray
    flows: pd.DataFrame
    ages: pd.DataFrame
    countries: pd.DataFrame
    causes: pd.DataFrame
    rates: pd.Series


def read_targets(path: Path = TARGETS) -> Targets:
    """Read the target table; see the module's docstring for its columns."""
    table = read_csv(path, text=("table", "sex", "category", "basis", "source"))
    part = {name: rows.astype({"year": "Int64"}) for name, rows in table.groupby("table")}
    wide = {
        name: part[name].pivot_table(index=["year", "sex"], columns="category", values="value", sort=False)
        for name in ("flow", "start_age", "direct_exit")
    }
    return Targets(
        first_exit_year=int(part["status"]["year"].min()),
        status=_status(part["status"]),
        flows=wide["flow"][["starts", "leavers"]],
        ages=wide["start_age"][list(AGE_GROUPS)] / 100,
        countries=part["start_country"].pivot_table(index="year", columns="category", values="value") / 100,
        causes=wide["direct_exit"][list(CAUSES)] / 100,
        rates=part["rate"].set_index("category")["value"] / 100,
    )


def _status(rows: pd.DataFrame) -> np.ndarray:
    """Fill the horizons between and after the given ones by straight lines; the last is held."""
    years = np.arange(int(rows["year"].min()), int(rows["year"].max()) + 1)
    filled = np.zeros((len(years), 2, LAST_HORIZON + 1, len(PARTS)))
    for (year, sex, category), cell in rows.groupby(["year", "sex", "category"]):
        cell = cell.sort_values("horizon")
        line = np.interp(np.arange(LAST_HORIZON + 1), cell["horizon"], cell["value"] / 100)
        filled[int(year) - years[0], SEXES.index(sex), :, PARTS.index(category)] = line
    return filled
