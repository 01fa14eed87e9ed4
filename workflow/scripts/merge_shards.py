"""The outcomes of all shards as one table."""

from introprog.errors import reported
from introprog.outcomes import CODED
from introprog.shards import merge
from introprog.tabular import write_arrow

with reported(snakemake.log[0]):
    write_arrow(merge(snakemake.input.pieces, CODED), snakemake.output.outcomes)
