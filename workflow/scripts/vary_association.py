"""Satisfaction on result under every specification: definition, horizon, score, time order, adjustment, weighting."""

from introprog.association_specifications import association_specifications
from introprog.content import read_yaml
from introprog.errors import reported
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    codebooks = [read_yaml(path) for path in snakemake.input.codebook]
    table = association_specifications(
        read_table(snakemake.input.scales),
        read_table(snakemake.input.panel),
        read_table(snakemake.input.standardised_results),
        {book["instrument"]: book for book in codebooks},
        snakemake.params.surveys,
        snakemake.params.association,
        snakemake.params.definitions,
    )
    write_csv(table, snakemake.output.association_specifications)
