"""Which mix of status at 6, 12 and 24 months says most about year five, judged on municipalities left out."""

from pathlib import Path

from introprog.errors import reported
from introprog.outcome_rows import read_outcome_rows
from introprog.standing import stands, vouch
from introprog.surrogate import surrogate_table
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    comparison = params.comparison
    outcomes = read_outcome_rows(inputs.outcomes, ["person_id", "success"], [params.official_definition], [1])
    files = {name: Path(inputs[name]) for name in ("states", "leavers")}
    basis = {**files, "outcomes": outcomes, "params": dict(params.items())}
    if not stands(params.stamp, basis, output):
        table = surrogate_table(
            read_table(inputs.states),
            read_table(inputs.leavers, ["person_id", "municipality", "exit_year"]),
            outcomes,
            comparison["exit_years"],
            comparison["minimum_leavers"],
            params.study["confidence"],
        )
        write_csv(table, output.surrogate)
        vouch(params.stamp, basis, output)
