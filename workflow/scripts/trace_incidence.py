"""Cumulative incidence of the first stable job, with emigration and death as competing events."""

from introprog.errors import reported
from introprog.incidence import incidence_table
from introprog.tabular import read_table, write_csv

with reported(snakemake.log[0]):
    params = snakemake.params
    table = incidence_table(
        read_table(snakemake.input.states),
        read_table(snakemake.input.leavers, ["person_id", "sex", "schooling"]),
        params.stable_job,
        confidence=params.study["confidence"],
        threshold=params.disclosure["threshold"],
    )
    write_csv(table, snakemake.output.incidence)
