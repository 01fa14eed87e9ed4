"""The same leavers followed by group: shares by leaving cohorts and horizon, after disclosure control."""

from introprog.errors import reported
from introprog.followup import TRAITS, status_by_group
from introprog.outcome_rows import read_outcome_rows
from introprog.panel import read_regions
from introprog.tabular import read_table, write_csv

COLUMNS = ["person_id", "exit_year", "horizon", "success", "in_denominator"]

with reported(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    persons = {}
    if "outcomes" in inputs.keys():  # noqa: SIM118
        horizons = params.followup["horizons"]
        persons = {
            "outcomes": read_outcome_rows(inputs.outcomes, COLUMNS, [params.definition], horizons),
            "leavers": read_table(inputs.leavers, ["person_id", *TRAITS]),
        }
    table = status_by_group(
        read_regions(inputs.region_status, ("country", "county")),
        read_table(inputs.public_panel),
        params.definition,
        params.followup,
        params.study["confidence"],
        params.disclosure["threshold"],
        windows=params.windows,
        panel=read_table(inputs.panel),
        **persons,
    )
    write_csv(table, snakemake.output.status_by_group)
