"""Satisfaction on result under every specification: definition, horizon, score, time order, adjustment, weighting."""

from pathlib import Path

import yaml
from introprog.association_specifications import association_specifications
from introprog.errors import reported
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    codebooks = [yaml.safe_load(Path(path).read_text(encoding="utf-8")) for path in snakemake.input.codebook]
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
