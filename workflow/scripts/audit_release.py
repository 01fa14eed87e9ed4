"""Try to work out what the run has hidden from all that it shows; stop when that can be done."""

from introprog.errors import raise_if, reported
from introprog.release.check import check_release
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    found, problems = check_release(
        list(inputs.tables), inputs.panel, read_table(inputs.private_panel), inputs.registry, params.settings
    )
    raise_if(problems)
    write_csv(found, snakemake.output.audit)
