"""A step of the usual way: former participants and successes by municipality, year, horizon, definition and sex."""

import sys
from pathlib import Path

import pandas as pd

CELL = ["municipality", "exit_year", "horizon", "definition", "sex"]


def main(folder: Path) -> None:
    """Write ``usual/panel.csv``."""
    outcomes = pd.read_parquet(folder / "usual" / "outcomes.parquet")
    counted = outcomes[outcomes["in_denominator"]].astype({"success": int})
    both = pd.concat([counted, counted.assign(sex="both")])
    panel = both.groupby(CELL)["success"].agg(n="size", successes="sum").reset_index()
    panel.to_csv(folder / "usual" / "panel.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
