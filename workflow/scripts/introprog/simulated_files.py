"""Names of the files that the simulator writes, and the list of them that stands for all in the plan.

A run that misses one of the files, or finds one of another size, simulates anew: the list is taken away, and with it
what every reader rests on. One name instead of seventy keeps the plan quick. Apart from ``introprog.simulate``, since
the plan is made by every call of Snakemake and loads no data frames.
"""

from pathlib import Path

WAVES = ("ks_2015", "imdi_2020", "imdi_2021")
YEARLY = {
    "kostra_11b_{}.txt": range(2004, 2017),
    "atmlto_{}.csv": range(2004, 2015),
    "ameld_{}.csv": range(2015, 2024),
    "nav_{}.csv": range(2004, 2024),
}
SINGLE = (
    "bosted",
    "demografi",
    "inntekt",
    "kommune_endringer",
    "kommuner",
    "nir_deltakere",
    "nir_tiltak",
    "utdanning_kurs",
    "utdanning_niva",
)
TRUTH = ("truth/municipality.csv", "truth/settings.json")

FILES = sorted(
    [
        *(pattern.format(year) for pattern, years in YEARLY.items() for year in years),
        *(f"{name}.csv" for name in SINGLE),
        *(f"survey_{wave}{ending}" for wave in WAVES for ending in (".csv", ".sav", "_frame.csv")),
        *TRUTH,
    ]
)


def list_files(folder: Path, listed: Path) -> None:
    """Write the names and sizes (bytes) of the simulated files in ``folder``, a line each."""
    lines = [f"{name} {(folder / name).stat().st_size}\n" for name in FILES]
    listed.write_text("".join(lines), encoding="utf-8", newline="\n")


def forget_if_changed(folder: Path, listed: Path) -> bool:
    """Take the list away when a file that it names is missing or has another size; whether it was."""
    if not listed.is_file():
        return False
    rows = [line.rpartition(" ") for line in listed.read_text(encoding="utf-8").splitlines()]
    whole = [name for name, _, _ in rows] == FILES and all(_size(folder / name) == size for name, _, size in rows)
    if not whole:
        listed.unlink(missing_ok=True)
    return not whole


def unlisted(folder: Path, listed: Path) -> list[str]:
    """The list where simulated files lie without it: a target of the run, since results may rest on a lost file."""
    return [str(listed)] if folder.is_dir() and not listed.is_file() else []


def _size(path: Path) -> str:
    try:
        return str(path.stat().st_size)
    except OSError:
        return "missing"
