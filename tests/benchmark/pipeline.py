"""The pipeline's own stages as processes of their own: ``python pipeline.py <stage> <folder>``.

Each does what the rule of the same name does: all definitions, all horizons, every fault counted.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow" / "scripts"))

from introprog.light_start import ask_one_allocator, load_without_search, start_work
from study import OFFICIAL, ROOT, config

# as the scripts of rules do
ask_one_allocator()
load_without_search()

CODEBOOK = sorted((ROOT / "data" / "codebook").glob("*.yaml"))
CODELISTS = ROOT / "data" / "codelists"
LEAVERS = ["person_id", "included", "exit_year", "end_date", "end_cause", "municipality"]


def clean_registers(folder: Path) -> None:
    """Raw registers but employment to clean tables."""
    from introprog.cleaning.tables import clean_registers
    from introprog.contracts import CONTRACTS
    from introprog.tabular import write_csv, write_table

    for name, table in clean_registers(folder / "raw", CODEBOOK, CODELISTS, config()["study"]).items():
        if name in CONTRACTS:
            write_table(table, folder / "clean" / f"{name}.parquet", CONTRACTS[name].key)
        else:
            write_csv(table, folder / "clean" / f"{name}.csv")


def clean_employment(folder: Path) -> None:
    """Raw employment to job spells."""
    from introprog.cleaning.tables import clean_jobs
    from introprog.tabular import write_arrow

    write_arrow(clean_jobs(folder / "raw", CODEBOOK, config()["study"])[0], folder / "clean" / "employment.parquet")


def select_cohort(folder: Path) -> None:
    """Leavers."""
    from introprog.cohort import select_cohort
    from introprog.tabular import read_csv, read_table, write_table

    clean = folder / "clean"
    tables = (read_table(clean / f"{n}.parquet") for n in ("programmes", "persons", "residence", "municipalities"))
    logs = (read_csv(clean / f"{n}.csv") for n in ("read_log", "quality_log"))
    write_table(select_cohort(*tables, *logs, config()["study"])[0], clean / "leavers.parquet", ["person_id"])


def compute_outcomes(folder: Path) -> None:
    """Status and success at every horizon by every definition."""
    from introprog.outcomes import outcome_pieces
    from introprog.status import read_statuses
    from introprog.tabular import read_csv, read_table, write_pieces

    clean, study = folder / "clean", config()
    outcomes = outcome_pieces(
        read_table(clean / "leavers.parquet"),
        *(clean / f"{n}.parquet" for n in ("employment", "education", "welfare", "income")),
        read_table(clean / "residence.parquet"),
        study["definitions"],
        study["study"],
        read_csv(CODELISTS / "basic_amount.csv"),
        read_statuses(CODELISTS / "status.csv"),
    )
    write_pieces(outcomes, folder / "answers" / "outcomes.parquet")


def trace_months(folder: Path) -> None:
    """State of every leaver in every month."""
    from introprog.months import to_arrow, trace_months
    from introprog.tabular import read_table, write_arrow

    clean, study = folder / "clean", config()
    states = trace_months(
        read_table(clean / "leavers.parquet", ["person_id", "included", "end_date"]),
        *(clean / f"{n}.parquet" for n in ("employment", "education", "welfare", "income")),
        read_table(clean / "residence.parquet", ["person_id", "first_date", "last_date", "end_reason"]),
        study["study"],
        study["months"],
    )
    write_arrow(to_arrow(states), folder / "answers" / "states.parquet")


def _write_answers(folder: Path, registers: Iterable, study: dict, name: str) -> None:
    """Outcomes and months of the leavers by the registers, each asked for in its turn."""
    from introprog.following import Following
    from introprog.status import read_statuses
    from introprog.tabular import read_csv, read_table, write_arrow, write_pieces

    leavers = read_table(folder / "clean" / "leavers.parquet", LEAVERS)
    codes = read_csv(CODELISTS / "basic_amount.csv"), read_statuses(CODELISTS / "status.csv")
    following = Following(leavers, registers, study["definitions"], study["study"], study["months"], *codes)
    write_pieces(following.pieces(), folder / "answers" / f"outcomes_from_{name}.parquet")
    write_arrow(following.states(), folder / "answers" / f"states_from_{name}.parquet")


def _follow(folder: Path, raw: str) -> None:
    from introprog.cleaning.tables import open_reader
    from introprog.errors import raise_if
    from introprog.raw_registers import raw_registers
    from introprog.shortage import give_back
    from introprog.tabular import read_table

    study = config()
    reader = open_reader(folder / raw, CODEBOOK, study["study"])
    persons = read_table(folder / "clean" / "persons.parquet", ["person_id"])["person_id"]

    def registers() -> Iterator:
        yield from raw_registers(reader, persons, lambda: read_table(folder / "clean" / "residence.parquet"))
        raise_if(reader.log.problems)
        give_back()

    _write_answers(folder, registers(), study, raw)


def follow_csv(folder: Path) -> None:
    """Raw employment, Nav, education and income to outcomes and months in one process, nothing written between."""
    _follow(folder, "raw")


def follow_parquet(folder: Path) -> None:
    """The same from the same rows as typed Parquet."""
    _follow(folder, "parquet")


def follow_clean(folder: Path) -> None:
    """The same from the clean tables, which a run keeps as Parquet."""
    from introprog.tabular import read_table

    clean = folder / "clean"
    paths = [clean / f"{name}.parquet" for name in ("employment", "education", "welfare", "income")]
    _write_answers(folder, [*paths, read_table(clean / "residence.parquet")], config(), "clean")


def write_parquet(folder: Path) -> None:
    """The raw rows of employment, Nav, education and income as typed Parquet."""
    import pyarrow as pa
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq
    from study import PARQUET, yearly

    (folder / "parquet").mkdir(exist_ok=True)
    for name, columns in PARQUET.items():
        for path in yearly(folder, name) or [folder / "raw" / f"{name}.csv"]:
            types = {column: getattr(pa, kind)() for column, kind in columns.items()}
            options = pacsv.ConvertOptions(column_types=types, decimal_point=",")
            encoding = pacsv.ReadOptions(encoding="latin-1" if name == "atmlto" else "utf-8")
            parse = pacsv.ParseOptions(delimiter=";")
            table = pacsv.read_csv(path, encoding, parse_options=parse, convert_options=options)
            pq.write_table(table.select(list(columns)), folder / "parquet" / f"{path.stem}.parquet")


def write_inputs(folder: Path) -> None:
    """Leavers, residence, basic amounts and definitions for programs that read neither Parquet nor YAML."""
    import pandas as pd
    from introprog.tabular import read_csv, read_table, write_csv

    leavers = read_table(folder / "clean" / "leavers.parquet", LEAVERS)
    write_csv(leavers[leavers["included"]].drop(columns="included"), folder / "clean" / "leavers.csv")
    columns = ["person_id", "first_date", "last_date", "municipality", "end_reason"]
    write_csv(read_table(folder / "clean" / "residence.parquet", columns), folder / "clean" / "residence.csv")
    write_csv(read_csv(CODELISTS / "basic_amount.csv")[["year", "average"]], folder / "clean" / "amounts.csv")
    study = config()
    rules = pd.DataFrame(study["definitions"]).T.drop(columns="label").rename_axis("definition").reset_index()
    rules["horizons"] = rules["horizons"].map(lambda horizons: " ".join(map(str, horizons)))
    write_csv(rules.assign(**study["months"]), folder / "clean" / "definitions.csv")


def write_answer(folder: Path) -> None:
    """The pipeline's answer to the question of the benchmark, for comparison."""
    from introprog.outcome_rows import read_outcome_rows

    columns = ["person_id", "horizon", "status"]
    rows = read_outcome_rows(folder / "answers" / "outcomes.parquet", columns, [OFFICIAL]).astype(
        {"person_id": str, "status": str}
    )
    rows.to_parquet(folder / "answers" / "pipeline.parquet", index=False)


STAGES = {
    f.__name__: f for f in (clean_registers, clean_employment, select_cohort, compute_outcomes, trace_months)
}  # fmt: skip
EXTRA = {f.__name__: f for f in (follow_csv, follow_parquet, follow_clean, write_parquet, write_inputs, write_answer)}

if __name__ == "__main__":
    start_work()
    {**STAGES, **EXTRA}[sys.argv[1]](Path(sys.argv[2]))
