"""State of every leaver month by month, or of those of one shard; the shares in each state, the first stable job."""

from introprog.chronogram import chronogram
from introprog.errors import reported
from introprog.incidence import incidence_table
from introprog.months import to_arrow, trace_months
from introprog.shards import merge, of_shard
from introprog.tabular import read_table, write_arrow, write_csv

with reported(snakemake.log[0]):
    inputs, params, output, wildcards = snakemake.input, snakemake.params, snakemake.output, snakemake.wildcards
    leavers = read_table(inputs.leavers, ["person_id", "included", "end_date", "sex", "schooling"])
    if wildcards.get("shard"):
        leavers = of_shard(leavers, int(wildcards.shard), int(wildcards.shards))
    if inputs.get("pieces"):
        write_arrow(merge(inputs.pieces), output.states)
        states = read_table(output.states)
    else:
        states = trace_months(
            leavers,
            inputs.employment,
            inputs.education,
            inputs.welfare,
            inputs.income,
            read_table(inputs.residence, ["person_id", "first_date", "last_date", "end_reason"]),
            params.study,
            params.months,
        )
        write_arrow(to_arrow(states), output.states)
    if output.get("incidence"):
        confidence, threshold = params.study["confidence"], params.disclosure["threshold"]
        if output.get("chronogram"):
            write_csv(chronogram(states, leavers, threshold=threshold), output.chronogram)
        write_csv(
            incidence_table(states, leavers, params.stable_job, confidence=confidence, threshold=threshold),
            output.incidence,
        )
