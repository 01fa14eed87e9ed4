"""Status and success of every leaver, or of those of one shard, at every horizon, by every definition."""

from introprog.errors import reported
from introprog.outcomes import outcome_pieces
from introprog.shards import of_shard
from introprog.status import STATUS_FILE, read_statuses
from introprog.tabular import read_csv, read_table, write_pieces

with reported(snakemake.log[0]):
    leavers, wildcards = read_table(snakemake.input.leavers), snakemake.wildcards
    if wildcards.get("shard"):
        leavers = of_shard(leavers, int(wildcards.shard), int(wildcards.shards))
    outcomes = outcome_pieces(
        leavers,
        snakemake.input.employment,
        snakemake.input.education,
        snakemake.input.welfare,
        snakemake.input.income,
        read_table(snakemake.input.residence),
        snakemake.params.definitions,
        snakemake.params.study,
        read_csv(snakemake.input.basic_amount),
        read_statuses(snakemake.input.get("statuses", STATUS_FILE)),
    )
    write_pieces(outcomes, snakemake.output.outcomes)
