"""Leavers with their inclusion criteria, and the flow from raw rows to observed leavers."""

from introprog.cohort import select_cohort
from introprog.errors import reported
from introprog.tabular import read_csv, read_table, write_csv, write_table

TABLES = ("programmes", "persons", "residence", "municipalities")

with reported(snakemake.log[0]):
    leavers, flow = select_cohort(
        *(read_table(snakemake.input[name]) for name in TABLES),
        read_csv(snakemake.input.read_log),
        read_csv(snakemake.input.quality_log),
        snakemake.params.study,
    )
    write_table(leavers, snakemake.output.leavers, ["person_id"])
    write_csv(flow, snakemake.output.flow)
