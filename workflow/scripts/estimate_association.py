"""Estimate how satisfaction goes together with the municipality's result, and what that allows one to say."""

from introprog.content import read_yaml
from introprog.errors import reported
from introprog.satisfaction import analyse
from introprog.tabular import read_table, write_csv, write_table

with reported(snakemake.log[0]):
    codebooks = [read_yaml(path) for path in snakemake.input.codebook]
    tables = analyse(
        read_table(snakemake.input.scales),
        read_table(snakemake.input.panel),
        read_table(snakemake.input.standardised_results),
        {book["instrument"]: book for book in codebooks},
        snakemake.params.surveys,
        snakemake.params.association,
        snakemake.params.definitions,
    )
    write_csv(tables.association, snakemake.output.association)
    write_csv(tables.verdict, snakemake.output.verdict)
    write_csv(tables.items, snakemake.output.item_association)
    write_csv(tables.definitions, snakemake.output.definition_association)
    write_table(
        tables.link, snakemake.output.municipal_link, key=["wave", "construct", "definition", "horizon", "municipality"]
    )
