"""Clean tables of the registers, with every correction counted."""

from pathlib import Path

from introprog.cleaning.tables import clean_registers
from introprog.contracts import CONTRACTS
from introprog.errors import reported
from introprog.tabular import write_csv, write_table

with reported(snakemake.log[0]):
    tables = clean_registers(
        snakemake.params.directory,
        snakemake.input.codebook,
        Path(snakemake.input.codebook[0]).parents[1] / "codelists",
        snakemake.params.study,
        snakemake.params.overlays,
        snakemake.params.corrections,
    )
    for name, table in tables.items():
        if name in CONTRACTS:
            write_table(table, snakemake.output[name], CONTRACTS[name].key)
        else:
            write_csv(table, snakemake.output[name])
