"""What every contestant of the benchmark is asked, and where its files are.

The question is the official definition: the status of each leaver in the reference week of the tenth November or less
after leaving, where the person is resident. A folder of one size holds ``raw/`` (extracts as researchers get them),
``clean/`` (the pipeline's tables of them) and ``answers/`` (what each contestant wrote).
"""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
HORIZONS = range(1, 11)
OFFICIAL = "ssb_november"
# The columns of the raw rows as typed Parquet.
PARQUET = {
    "ameld": {"lopenr": "string", "periode": "int32", "arbforhold": "string", "arb_arbeidstid": "float64"},
    "atmlto": {
        "lopenr": "string", "arbforhold": "string", "startdato": "date32", "stoppdato": "date32", "timer_uke": "float64"
    },
    "nav": {"lopenr": "string", "periode": "int32", "tilstand": "string"},
    "utdanning_kurs": {"lopenr": "string", "nus2000": "string", "fra_dato": "date32", "til_dato": "date32"},
    "inntekt": {
        "lopenr": "string", "aar": "int16", "wyrkinnt": "float64", "sosialhjelp_mnd": "int8",
        "sosialhjelp_belop": "float64",
    },
}  # fmt: skip


def config() -> dict:
    """The study as shipped."""
    return yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def reference_week(year: int) -> tuple[str, str]:
    """Monday and Sunday of the week that holds 16 November, YYYY-MM-DD."""
    from datetime import date, timedelta

    day = date(year, 11, 16)
    monday = day - timedelta(days=day.weekday())
    return monday.isoformat(), (monday + timedelta(days=6)).isoformat()


def yearly(folder: Path, name: str) -> list[Path]:
    """The raw files of a yearly extract, in order."""
    return sorted((folder / "raw").glob(f"{name}_[0-9]*.csv"))
