"""Write the municipality panel after disclosure control."""

from introprog.errors import reported
from introprog.release.panel import KEY, release_panel
from introprog.release.rounding import round_panel
from introprog.tabular import read_table, write_table

with reported(snakemake.log[0]):
    params = snakemake.params
    panel, block = read_table(snakemake.input.panel), params.disclosure
    if block["method"] == "round":
        panel = round_panel(panel, params.definitions, block["base"])
    else:
        panel = release_panel(panel, params.definitions, block["threshold"], params.windows)
    write_table(panel, snakemake.output.panel, KEY)
