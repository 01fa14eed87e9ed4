"""Counts by region, sex, horizon and definition, from the outcomes."""

from introprog.errors import reported
from introprog.panel import PANEL_KEY, REGION_KEY, build_panel, read_outcomes
from introprog.status import STATUS_FILE, read_statuses
from introprog.tabular import read_table, write_table

with reported(snakemake.log[0]):
    region_status, panel = build_panel(
        read_outcomes(snakemake.input.outcomes),
        read_table(snakemake.input.leavers, ["person_id", "sex"]),
        snakemake.params.definitions,
        read_statuses(snakemake.input.get("statuses", STATUS_FILE)),
    )
    write_table(region_status, snakemake.output.region_status, REGION_KEY)
    write_table(panel, snakemake.output.panel, PANEL_KEY)
