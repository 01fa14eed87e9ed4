"""The outcomes of all shards as one table."""

from introprog.errors import reported
from introprog.outcome_table import CODED, in_pieces
from introprog.shards import merge
from introprog.tabular import write_pieces

with reported(snakemake.log[0]):
    write_pieces(in_pieces(merge(snakemake.input.pieces, CODED)), snakemake.output.outcomes)
