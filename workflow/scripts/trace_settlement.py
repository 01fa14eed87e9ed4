"""Time from settlement to the first work or education, in the fastest and slowest quarter of municipalities."""

from introprog.errors import reported
from introprog.settlement import settlement_table
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    table = settlement_table(
        read_table(inputs.programmes, ["person_id", "start_date", "municipality"]),
        read_table(inputs.persons, ["person_id", "settlement_date", "death_date"]),
        read_table(inputs.residence, ["person_id", "last_date", "end_reason"]),
        inputs.employment,
        inputs.education,
        params.settlement,
        params.study,
        params.disclosure["threshold"],
    )
    write_csv(table, snakemake.output.settlement)
