"""A named group of municipalities against the others, before and after, and year by year."""

from introprog.errors import reported
from introprog.network import compare_network, group_codes
from introprog.outcome_rows import read_outcome_rows
from introprog.tabular import read_table, write_csv

SEED = 201904
COLUMNS = ["person_id", "definition", "horizon", "success", "in_denominator"]

with reported(snakemake.log[0]):
    params = snakemake.params
    network = params.network
    traits = ["person_id", "municipality", "exit_year", *network["covariates"]]
    leavers = read_table(snakemake.input.leavers, traits)
    frame = read_table(snakemake.input.survey_frame, ["wave", "municipality"])
    table = compare_network(
        read_outcome_rows(snakemake.input.outcomes, COLUMNS, [params.official_definition], [network["horizon"]]),
        leavers,
        group_codes(network["municipalities"], frame, leavers["municipality"].dropna().unique().tolist()),
        network,
        params.study["confidence"],
        params.disclosure["threshold"],
        SEED,
    )
    write_csv(table, snakemake.output.network)
