"""Which mix of status at 6, 12 and 24 months says most about year five, judged on municipalities left out."""

from introprog.errors import reported
from introprog.outcome_rows import read_outcome_rows
from introprog.surrogate import surrogate_table
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    params = snakemake.params
    comparison = params.comparison
    table = surrogate_table(
        read_table(snakemake.input.states),
        read_table(snakemake.input.leavers, ["person_id", "municipality", "exit_year"]),
        read_outcome_rows(snakemake.input.outcomes, ["person_id", "success"], [params.official_definition], [1]),
        comparison["exit_years"],
        comparison["minimum_leavers"],
        params.study["confidence"],
    )
    write_csv(table, snakemake.output.surrogate)
