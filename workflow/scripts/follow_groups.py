"""The same leavers followed by group: shares by leaving cohorts and horizon, after disclosure control."""

from introprog.employed_places import employed_by_place
from introprog.errors import reported
from introprog.followup import TRAITS, employed_by_trait, status_by_group
from introprog.outcome_rows import read_outcome_rows
from introprog.panel import read_regions
from introprog.tabular import read_table, write_csv

COLUMNS = ["person_id", "exit_year", "horizon", "success", "in_denominator"]

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    chosen = params.followup, params.study["confidence"], params.disclosure["threshold"]
    regions, persons = read_regions(inputs.region_status, ("country", "county")), {}
    if "outcomes" in inputs.keys():  # noqa: SIM118
        leavers = read_table(inputs.leavers, ["person_id", *TRAITS])
        outcomes = read_outcome_rows(inputs.outcomes, COLUMNS, [params.definition], params.followup["horizons"])
        persons = {"outcomes": outcomes, "leavers": leavers}
        outcomes = read_outcome_rows(inputs.outcomes, COLUMNS, [params.employed], params.employed_horizons)
        table = employed_by_trait(
            regions, params.employed, params.employed_horizons, *chosen, outcomes=outcomes, leavers=leavers
        )
        write_csv(table, output.employed_by_trait)
    panel, public = read_table(inputs.panel), read_table(inputs.public_panel)
    room = {"compared": params.compared, "protection": params.disclosure["protection"]}
    told = {"windows": params.windows, "panel": panel, **room}
    table = status_by_group(regions, public, params.definition, *chosen, **told, **persons)
    write_csv(table, output.status_by_group)
    if persons:
        places = employed_by_place(
            regions, public, panel, table, params.employed, params.employed_horizons, *chosen, **room
        )
        write_csv(places, output.employed_by_place)
