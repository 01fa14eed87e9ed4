"""The same leavers followed by group: shares by leaving cohorts and horizon, after disclosure control."""

from pathlib import Path

from introprog.employed_places import employed_by_place
from introprog.errors import reported
from introprog.followup import TRAITS, employed_by_trait, status_by_group
from introprog.outcome_rows import read_outcome_rows
from introprog.panel import of_definitions, read_regions
from introprog.standing import stands, vouch
from introprog.tabular import read_table, write_csv

COLUMNS = ["person_id", "exit_year", "horizon", "success", "in_denominator"]

with reported(snakemake.log[0]):
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    chosen = params.followup, params.study["confidence"], params.disclosure["threshold"]
    asked = params.definition, params.employed
    regions = of_definitions(read_regions(inputs.region_status, ("country", "county")), asked)
    panel, public = (of_definitions(read_table(inputs[name]), asked) for name in ("panel", "public_panel"))
    basis = {"regions": regions, "panel": panel, "public": public, "params": dict(params.items())}
    own = "outcomes" in inputs.keys()  # noqa: SIM118
    if own:
        outcomes = read_outcome_rows(inputs.outcomes, COLUMNS, [params.definition], params.followup["horizons"])
        employed = read_outcome_rows(inputs.outcomes, COLUMNS, [params.employed], params.employed_horizons)
        basis |= {"outcomes": outcomes, "employed": employed, "leavers": Path(inputs.leavers)}
    if not stands(params.stamp, basis, output):
        persons, work = {}, (params.employed, params.employed_horizons)
        if own:
            leavers = read_table(inputs.leavers, ["person_id", *TRAITS])
            persons = {"outcomes": outcomes, "leavers": leavers}
            table = employed_by_trait(regions, *work, *chosen, outcomes=employed, leavers=leavers)
            write_csv(table, output.employed_by_trait)
        room = {"compared": params.compared, "protection": params.disclosure["protection"]}
        told = {"windows": params.windows, "panel": panel, **room}
        table = status_by_group(regions, public, params.definition, *chosen, **told, **persons)
        write_csv(table, output.status_by_group)
        if own:
            write_csv(
                employed_by_place(regions, public, panel, table, *work, *chosen, **room), output.employed_by_place
            )
        vouch(params.stamp, basis, output)
