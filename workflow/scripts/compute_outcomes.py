"""Status and success of every leaver, or of those of one shard, at every horizon, by every definition."""

from introprog.errors import reported
from introprog.outcomes import compute_outcomes, to_arrow
from introprog.shards import of_shard
from introprog.status import STATUS_FILE, read_statuses
from introprog.tabular import read_csv, read_table, write_arrow

with reported(snakemake.log[0]):
    leavers, wildcards = read_table(snakemake.input.leavers), snakemake.wildcards
    if wildcards.get("shard"):
        leavers = of_shard(leavers, int(wildcards.shard), int(wildcards.shards))
    outcomes = compute_outcomes(
        leavers,
        snakemake.input.employment,
        snakemake.input.education,
        snakemake.input.welfare,
        read_table(snakemake.input.income),
        read_table(snakemake.input.residence),
        snakemake.params.definitions,
        snakemake.params.study,
        read_csv(snakemake.input.basic_amount),
        read_statuses(snakemake.input.get("statuses", STATUS_FILE)),
    )
    write_arrow(to_arrow(outcomes), snakemake.output.outcomes)
