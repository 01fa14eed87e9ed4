"""Write the municipality panel after disclosure control."""

from introprog.errors import reported
from introprog.release.panel import KEY, release_panel
from introprog.tabular import read_table, write_table

with reported(snakemake.log[0]):
    params = snakemake.params
    panel = release_panel(
        read_table(snakemake.input.panel), params.definitions, params.disclosure["threshold"], params.windows
    )
    write_table(panel, snakemake.output.panel, KEY)
